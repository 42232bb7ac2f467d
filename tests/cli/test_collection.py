"""Collections by hand and smart, from the command line; lists, edits and channels ask for them by name."""
import subprocess
from harness import MATINEE, Case


class Collections(Case):
    def setUp(self):
        super().setUp()
        for name in ("Gunsmoke/Gunsmoke S01E01 Matt Gets It.mkv", "Gunsmoke/Gunsmoke S01E02 Hot Spell.mkv", "Heat (1995).mkv", "Alien (1979).mkv", "Zardoz (1974).mkv"):
            self.write(f"media/{name}", name * 300)
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        self.ids = {i["episode_title"] or i["title"]: str(i["id"]) for i in self.json("items")["items"]}

    def titles(self, *args):
        return [i["episode_title"] or i["title"] for i in self.json(*args)["items"]]

    def test_by_hand(self):
        self.assertEqual(self.out("collection", "add", "Late Night", self.ids["Zardoz"], self.ids["Heat"]), "collection 'Late Night': made, 2 items\n")
        self.assertIn("1 added, now 3", self.out("collection", "put", "late night", self.ids["Alien"], self.ids["Heat"]))
        self.assertEqual(self.titles("collection", "show", "Late Night"), ["Zardoz", "Heat", "Alien"])
        self.run_matinee("collection", "move", "Late Night", self.ids["Alien"], "1")
        self.assertEqual(self.titles("collection", "show", "1"), ["Alien", "Zardoz", "Heat"])
        self.assertEqual(self.titles("items", 'collection:"Late Night"'), ["Alien", "Heat", "Zardoz"])
        self.run_matinee("items", "edit", "--where", 'collection:"late night"', "--set", "daypart=late_night")
        self.assertEqual(len(self.titles("items", "daypart:late_night")), 3)
        self.assertIn("1 taken out, now 2", self.out("collection", "take", "Late Night", self.ids["Zardoz"]))
        self.run_matinee("collection", "edit", "Late Night", "--name", "Night", "--notes", "after ten")
        (one,) = self.json("collection", "list")["items"]
        self.assertEqual((one["name"], one["notes"], one["items"], one["smart"]), ("Night", "after ten", 2, False))
        self.assertIn("its items stay", self.out("collection", "remove", "Night"))
        self.assertEqual(self.json("collection", "list")["total"], 0)
        self.assertEqual(len(self.titles("items", "kind:movie")), 3)

    def test_smart_ones_follow_the_library(self):
        self.run_matinee("collection", "add", "Seventies", "--filter", "year:1970..1979")
        self.assertEqual(self.titles("collection", "show", "seventies"), ["Alien", "Zardoz"])
        self.write("media/Jaws (1975).mkv", "jaws" * 500)
        self.run_matinee("scan")
        self.assertEqual(self.titles("collection", "show", "seventies"), ["Alien", "Jaws", "Zardoz"])
        self.assertEqual(self.titles("items", "kind:movie -collection:seventies"), ["Heat"])
        self.assertIn("Seventies\t3\tyear:1970..1979", self.out("collection", "list"))
        self.run_matinee("channel", "add", "Old", "--search", "collection:seventies")
        self.assertIn("collection:seventies", self.out("channel", "show", "1", "--json"))

    def test_a_file_that_is_renamed_stays_in_its_collection(self):
        self.run_matinee("collection", "add", "Night", self.ids["Zardoz"])
        (self.home / "media/Zardoz (1974).mkv").rename(self.home / "media/Vortex (1974).mkv")
        self.run_matinee("scan")
        self.assertEqual(self.titles("collection", "show", "Night"), ["Vortex"])

    def test_complaints(self):
        self.run_matinee("collection", "add", "Night", self.ids["Zardoz"])
        self.assertIn("already", self.complaint("collection", "add", "NIGHT", code=self.code("collection", "add", "NIGHT")))
        for args, words in ((("add", ""), "1 to 200"), (("add", "Any"), "another name"), (("add", "X", "--filter", "yeer:5"), "did you mean"),
                            (("add", "X", "--filter", "collection:x"), "asks for itself"), (("add", "X", "--filter", "heat", "1"), "not both"),
                            (("add", "X", "4711"), "no item 4711"), (("put", "Night"), "which items"), (("put", "Night", "--where", " "), "every item"),
                            (("put", "Nobody", "1"), "no collection"), (("take", "Night", "soon"), "no item's number"),
                            (("move", "Night", self.ids["Zardoz"], "first"), "no place in a collection"), (("move", "Night", self.ids["Heat"], "1"), "not in this"),
                            (("edit", "Night", "--filter", "heat"), "by hand"), (("show", "-1"), ""), (("remove", "Nobody"), "no collection")):
            code = self.code("collection", *args)
            self.assertNotEqual(code, 0, args)
            self.assertIn(words, self.complaint("collection", *args, code=code))
        self.assertEqual([c["name"] for c in self.json("collection", "list")["items"]], ["Night"])

    def code(self, *args):
        return subprocess.run([MATINEE, *args], capture_output=True, cwd=self.home, env=self.env).returncode
