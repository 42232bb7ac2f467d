"""Items as people see and change them: filters, edits of one and of many, undo, items made by hand."""
import shutil
import subprocess

from harness import Case


class Items(Case):
    def films(self):
        for name in ("Heat (1995)", "Alien (1979)", "The Wire/The Wire S01E01 Target"):
            self.write(f"media/{name}.mkv", "this is no film")
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")

    def titles(self, *words):
        return [i["title"] for i in self.json("items", *words)["items"]]

    def item(self, title):
        return str(next(i["id"] for i in self.json("items", "title:" + title)["items"]))

    def test_filters_find(self):
        self.films()
        self.assertEqual(self.titles("kind:movie", "year:<1990"), ["Alien"])
        self.assertEqual(self.titles("kind:movie -alien"), ["Heat"])
        self.assertEqual(self.titles("haet"), ["Heat"])
        self.assertEqual(self.titles("is:failed", "--sort", "title"), ["Alien", "Heat", "The Wire"])
        self.assertEqual(self.titles("show:The Wire", "kind:episode"), ["The Wire"])
        self.assertIn("at character 1: there is no field 'yaer'; did you mean 'year:'?", self.complaint("items", "yaer:1", code=2))

    def test_one_is_edited(self):
        self.films()
        heat = self.item("heat")
        self.assertIn("1 items, 1 changed", self.out("items", "edit", heat, "--set", "daypart=evening", "--tag", "western", "--set", "expires=2031-05-31"))
        shown = self.json("show", heat)
        self.assertEqual((shown["daypart"], shown["tags"], shown["expires"][:10]), ("evening", ["western"], "2031-05-31"))
        self.assertEqual(self.titles("tag:western"), ["Heat"])
        self.run_matinee("items", "edit", heat, "--set", "daypart=", "--untag", "WESTERN")
        self.assertEqual(self.json("show", heat)["daypart"], None)
        self.assertEqual([h["what"] for h in self.json("items", "history", heat)["items"]], ["bulk", "bulk"])
        self.assertIn("daypart", self.out("items", "history", heat))
        self.assertIn("no item 4711", self.complaint("items", "edit", "4711", "--set", "year=1"))
        self.assertIn("no field 'colour'", self.complaint("items", "edit", heat, "--set", "colour=red", code=2))
        self.complaint("items", "edit", heat, code=2)
        self.complaint("items", "edit", "--set", "year=1", code=2)
        self.complaint("items", "edit", "--where", "", "--set", "year=1", code=2)

    def test_many_are_edited_and_it_is_undone(self):
        self.films()
        rehearsed = self.json("items", "edit", "--where", "kind:movie", "--set", "rating=PG", "--dry-run")
        self.assertEqual(rehearsed, {"matched": 2, "changed": 2, "undo": None})
        self.assertEqual(self.titles("rating:PG"), [])
        done = self.json("items", "edit", "--where", "kind:movie", "--set", "rating=PG")
        self.assertEqual(sorted(self.titles("rating:PG")), ["Alien", "Heat"])
        self.assertEqual(self.json("items", "edits")["items"][0]["changed"], 2)
        self.run_matinee("items", "undo", str(done["undo"]))
        self.assertEqual(self.titles("rating:PG"), [])
        self.assertIn("undone already", self.complaint("items", "undo", str(done["undo"])))

    def test_people_of_tags_are_found(self):
        if not shutil.which("ffmpeg"):
            self.skipTest("ffmpeg is not installed")
        film = self.home / "media" / "Copper Valley (1998).mkv"
        film.parent.mkdir()
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=1:s=160x90:r=25", "-c:v", "mpeg4",
                        "-metadata", "DIRECTOR=Mary Baker", "-metadata", "ACTOR=Tom Poole, Ann Lee", str(film)], check=True)
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        self.assertEqual(self.titles("person:baker"), ["Copper Valley"])
        self.assertEqual(self.titles("ann lee"), ["Copper Valley"])
        self.assertEqual(self.titles("person:nobody"), [])
        self.assertEqual(self.json("show", self.item("copper"))["people"], ["Ann Lee", "Mary Baker", "Tom Poole"])

    def test_made_by_hand(self):
        made = self.json("items", "add", "The Lost Reel", "--kind", "movie", "--set", "year=1921", "--tag", "silent")
        self.assertEqual(self.json("show", str(made["id"]))["year"], 1921)
        self.assertEqual(self.titles("source:manual tag:silent"), ["The Lost Reel"])
        self.assertIn("late_night", self.json("items", "values")["daypart"])
        self.complaint("items", "add", "X", "--kind", "opera", code=2)
