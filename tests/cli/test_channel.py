"""Channels by command: add, list, show, edit, remove; schedules in and out; what is on."""
import datetime, json, unittest

import harness

NOW = {"MATINEE_NOW": "2026-11-21T20:00:00Z"}


class Channel(harness.Case):
    def add(self, name, *args):
        return self.run_matinee("channel", "add", name, *args, env=NOW)

    def test_numbers_are_the_lowest_free(self):
        self.add("One")
        self.add("Three", "--number", "3")
        self.add("Two")
        listed = self.json("channel", "list")
        self.assertEqual(listed["total"], 3)
        self.assertEqual([(c["number"], c["name"]) for c in listed["items"]], [(1, "One"), (2, "Two"), (3, "Three")])
        self.assertIn("number 3 is taken", self.complaint("channel", "add", "x", "--number", "3"))

    def test_hostile_names(self):
        for name in ("-rf", "..", 'a "b" <c>', "a: b", "\u202eabc", "名前"):
            self.run_matinee("channel", "add", "--", name)
        self.complaint("channel", "add", "--", "", code=2)
        self.complaint("channel", "add", "--", "a\nb", code=2)
        self.complaint("channel", "add", "--", b"\xff\xfe", code=2)
        self.complaint("channel", "add", "--", "x" * 1000, code=2)
        self.assertEqual(self.json("channel", "list")["total"], 6)
        self.assertEqual(json.loads(self.out("channel", "show", "--json", "--", "-rf"))["number"], 1)

    def test_edit_keeps_what_is_not_named(self):
        self.add("One", "--order", "shuffle", "--grid", "30", "--kind", "movies", "--no-spots", "--profile", "480p")
        self.run_matinee("channel", "edit", "one", "--name", "Uno", "--grid", "15", env=NOW)
        shown = self.json("channel", "show", "1")
        self.assertEqual(shown["name"], "Uno")
        self.assertEqual(shown["profile"], "480p")
        rules = shown["schedule"]
        self.assertEqual((rules["order"], rules["grid"], rules["spots"], rules["bumpers"]), ("shuffle", 15, False, True))
        self.assertEqual(rules["query"]["kind"], "movie")
        self.complaint("channel", "edit", "7", "--grid", "5")
        self.complaint("channel", "edit", "1", "--grid", "1441", code=2)
        self.complaint("channel", "edit", "1", "--order", "random", code=2)
        self.complaint("channel", "edit", "1", "--root", "/nowhere")
        self.assertEqual(self.json("channel", "show", "1"), shown)

    def test_a_profile_begins_a_generation(self):
        self.add("One")
        before = self.json("channel", "show", "1")["generation"]
        self.run_matinee("channel", "edit", "1", "--profile", "1080p", env=NOW)
        self.assertGreater(self.json("channel", "show", "1")["generation"], before)

    def test_schedules_go_out_and_in(self):
        self.add("One", "--order", "loop", "--loops", "3")
        self.add("Two")
        exported = lambda n: self.json("schedule", "export", n)
        text = self.out("schedule", "export", "1")
        self.assertIn("\norder: loop\n", text)
        self.assertIn("\nloops: 3\n", text)
        path = self.write("s.yaml", text)
        self.run_matinee("schedule", "import", "Two", path)
        self.assertEqual(exported("2"), exported("1"))
        self.run_matinee("schedule", "export", "2", "t.yaml")
        self.assertEqual((self.home / "t.yaml").read_text(), text)
        self.run_matinee("schedule", "import", "2", text=b'{"grid": 60}')
        self.assertEqual(exported("2")["grid"], 60)
        self.run_matinee("schedule", "import", "2", text=b"# evenings\nquery: {kind: movies, search: 'yes'}\ngrid: 15\nspots: false\n")
        self.assertEqual((exported("2")["grid"], exported("2")["spots"], exported("2")["query"]["search"]), (15, False, "yes"))
        self.assertIn('  search: "yes"\n', self.out("schedule", "export", "2"))
        for bad in (b"", b"\xff", b"a: &x [1]\nb: *x\n", b"grid: 1\ngrid: 2", b"[]", b'{"gird": 1}', b'{"grid": "x"}', b'{"query": {"kind": 7}}',
                    b"grid: '5'"):
            self.run_matinee("schedule", "import", "2", text=bad, code=2)
        self.assertIn("line 2", self.complaint("schedule", "import", "2", text=b"grid: 1\ngrid: 2", code=2))
        self.assertEqual(exported("2")["grid"], 15)

    def test_an_empty_channel_airs_slate(self):
        self.add("One")
        built = self.json("schedule", "build", "--hours", "5", env=NOW)
        self.assertEqual(built, {"total": 1, "items": [{"id": 1, "number": 1, "name": "One", "unheard": 0}]})
        rows = self.json("schedule", "show", "1", "--hours", "4", env=NOW)["items"]
        self.assertTrue(rows)
        self.assertEqual({r["kind"] for r in rows}, {"slate"})
        for a, b in zip(rows, rows[1:]):
            self.assertGreater(b["sequence"], a["sequence"])
            self.assertEqual(a["end"], b["start"])
        for row in rows:  # in JSON times are RFC 3339, durations ms
            start, end = (datetime.datetime.fromisoformat(row[key].replace("Z", "+00:00")) for key in ("start", "end"))
            self.assertAlmostEqual((end - start).total_seconds() * 1000, row["duration_ms"], delta=2)
        on = self.json("now", env=NOW)[0]
        self.assertEqual(on["on"]["kind"], "slate")
        self.assertEqual(on["now"]["end"], on["next"]["start"])
        self.assertEqual(self.json("guide", "1", env=NOW)["channels"][0]["name"], "One")

    def test_remove(self):
        self.add("One")
        self.add("Two")
        self.run_matinee("channel", "remove", "one")
        self.assertEqual([c["name"] for c in self.json("channel", "list")["items"]], ["Two"])
        self.complaint("channel", "remove", "1")
        self.run_matinee("channel", "edit", "2", "--disable", env=NOW)
        self.assertEqual(self.json("guide", env=NOW)["channels"], [])


if __name__ == "__main__":
    unittest.main()
