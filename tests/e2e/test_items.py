"""The library's API: filters, edits of one and of many with undo, items made by hand, markers, break points, validation."""
import json, os, pathlib, unittest
from urllib.parse import quote

import harness

BESIDE = 4  # seconds; see tools/check.py

FILM = ("testsrc=s=160x90:r=25,drawbox=enable='between(t,10,11)':color=black:t=fill", "sine=f=300,volume=enable='between(t,10,11)':volume=0:eval=frame")


class Items(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server()
        root = pathlib.Path(cls.server.home) / "media"
        root.mkdir()
        harness.ffmpeg(root / "Heat (1995).mkv", *FILM, 30, "-c:v mpeg4 -c:a aac")
        for name in ("Alien (1979)", "White Heat (1949)"):
            (root / f"{name}.mkv").write_text("no film")
        cls.server.cli("root", "add", root)
        cls.server.cli("scan")
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def ask(self, path, method="GET", body=None, status=200):
        code, _, answer = self.server.request(path, method, {"Content-Type": "application/json"}, None if body is None else json.dumps(body).encode())
        self.assertEqual(code, status, (method, path, answer[:300]))
        return json.loads(answer) if answer else None

    def titles(self, q):
        return [i["title"] for i in self.ask("/api/items?q=" + quote(q))["items"]]

    def heat(self):
        return next(i["id"] for i in self.ask("/api/items?q=" + quote('title:"Heat"'))["items"])

    def job(self, answer):
        ask = lambda: self.ask(f"/api/jobs/{answer['job']}")
        harness.until("the job ended", lambda: ask()["state"] not in ("queued", "running"))
        self.assertEqual(ask()["state"], "done", ask())
        return ask()["result"]

    def test_search_and_filters(self):
        self.assertEqual(self.titles("heat"), ["Heat", "White Heat"])
        self.assertEqual(self.titles("heat year:<1990"), ["White Heat"])
        self.assertEqual(self.titles("is:failed -heat"), ["Alien"])
        self.assertTrue(self.ask("/api/items?q=alein")["fuzzy"])
        error = self.ask("/api/items?q=" + quote("yaer:1"), status=400)["error"]
        self.assertIn("at character 1", error["message"])

    def test_rows_have_metadata_when_asked(self):
        heat = self.heat()
        self.ask(f"/api/items/{heat}", "PATCH", {"rating": "R"})
        self.assertNotIn("rating", self.ask("/api/items?q=heat+kind:movie")["items"][0])
        for q in ("heat", quote("year:1995")):  # by words, and without
            rows = self.ask(f"/api/items?fields=metadata&q={q}")["items"]
            self.assertEqual([(r["rating"], isinstance(r["tags"], list)) for r in rows if r["id"] == heat], [("R", True)])
        self.assertIn("metadata", self.ask("/api/items?fields=all", status=400)["error"]["message"])

    def test_one_and_many_are_changed(self):
        heat = f"/api/items/{self.heat()}"
        item = self.ask(heat, "PATCH", {"daypart": "Evening", "tags": ["crime"], "expires": "2031-01-01T00:00:00Z"})
        self.assertEqual((item["daypart"], item["tags"], item["expires"]), ("evening", ["crime"], "2031-01-01T00:00:00.000Z"))
        self.assertEqual(self.titles("tag:crime"), ["Heat"])
        self.assertIn("daypart", self.ask(heat + "/history")["items"][0]["after"])
        self.ask(heat, "PATCH", {"year": "x"}, 422)
        self.ask("/api/items/4711", "PATCH", {"year": 1}, 404)
        change = {"q": "kind:movie", "set": {"rating": "PG"}, "add_tags": ["old"]}
        self.assertEqual(self.ask("/api/items/bulk", "POST", {**change, "dry_run": True}), {"matched": 3, "changed": 3, "undo": None})
        done = self.ask("/api/items/bulk", "POST", change)
        self.assertEqual((done["matched"], done["changed"], len(self.titles("rating:PG tag:old"))), (3, 3, 3))
        self.ask(f"/api/items/bulk/{done['undo']}/undo", "POST", {})
        self.assertEqual((self.titles("rating:PG"), self.titles("tag:crime")), ([], ["Heat"]))
        self.ask(f"/api/items/bulk/{done['undo']}/undo", "POST", {}, 409)
        self.ask("/api/items/bulk", "POST", {"q": " ", "set": {"rating": "PG"}}, 422)
        made = self.ask("/api/items", "POST", {"title": "The Lost Reel", "kind": "movie", "year": 1921}, 201)
        self.assertEqual((made["source"], self.titles("lost reel")), ("manual", ["The Lost Reel"]))
        self.server.cli("items", "edit", made["id"], "--set", "kind=filler")  # through the running server
        self.assertEqual(self.titles("kind:filler"), ["The Lost Reel"])
        values = self.ask("/api/metadata/values")
        self.assertIn("late_night", values["daypart"])
        self.ask("/api/metadata/values", "POST", {"field": "daypart", "value": "brunch"}, 204)
        self.assertIn("brunch", self.ask("/api/metadata/values")["daypart"])

    def test_markers(self):
        markers = f"/api/items/{self.heat()}/markers"
        one = self.ask(markers, "POST", {"start_ms": 21000}, 201)
        self.assertEqual((one["kind"], one["source"], one["end_ms"]), ("break", "manual", None))
        self.ask(markers, "POST", {"start_ms": 21000}, 409)
        self.ask(markers, "POST", {"start_ms": 5000, "end_ms": 4000}, 422)
        self.assertEqual(self.ask(f"{markers}/{one['id']}", "PATCH", {"start_ms": 20500, "title": "here"})["start_ms"], 20500)
        found = self.job(self.ask(markers + "/generate", "POST", {}, 202))
        self.assertEqual([p["chosen"] for p in found["items"]], [True])
        self.assertAlmostEqual(found["items"][0]["at_ms"], 10500, delta=150)
        self.assertEqual(self.ask(markers)["total"], 1)  # nothing was set
        self.job(self.ask(markers + "/generate", "POST", {"apply": True}, 202))
        self.assertEqual([m["source"] for m in self.ask(markers)["items"]], ["black", "manual"])
        for marker in self.ask(markers)["items"]:
            self.ask(f"{markers}/{marker['id']}", "DELETE", status=204)
        self.ask(f"{markers}/{one['id']}", "DELETE", status=404)

    def test_validation(self):
        heat = self.heat()
        self.assertEqual(self.job(self.ask(f"/api/items/{heat}/validate", "POST", {}, 202))["failed"], 0)
        self.assertEqual(self.ask(f"/api/items/{heat}")["files"][0]["validation"]["result"], "ok")
        self.assertIn("cannot be played", self.server.cli("validate", both=True))
        self.assertEqual(sorted(self.titles("is:invalid")), ["Alien", "White Heat"])


class Unasked(unittest.TestCase):
    """Files are checked before they air, by an idle worker, unless `library.validate` is "ask"."""

    def setUp(self):
        self.server = harness.Server()
        self.addCleanup(self.server.close)
        root = pathlib.Path(self.server.home) / "media"
        root.mkdir()
        for name in ("Good (1995)", "Cut (1996)"):
            harness.ffmpeg(root / f"{name}.mkv", *FILM, 30, "-c:v mpeg4 -c:a aac")
        cut = root / "Cut (1996).mkv"
        os.truncate(cut, cut.stat().st_size // 2)
        self.server.cli("root", "add", root)
        self.server.cli("scan")

    def titles(self, q):
        return [i["title"] for i in self.server.json("/api/items?q=" + quote(q))["items"]]

    def test_a_file_that_was_cut_is_found_and_not_scheduled(self):
        self.server.start()
        harness.until("all files were checked", lambda: not self.titles("is:unchecked"))
        self.assertEqual((self.titles("is:unchecked"), self.titles("is:invalid")), ([], ["Cut"]))
        self.assertIn("Cut (1996).mkv' is not scheduled", self.server.said())

    def test_none_is_checked_unless_asked(self):
        self.server.start({"MATINEE_LIBRARY_VALIDATE": "ask"})
        self.server.cli("validate", "good")
        self.assertEqual(self.titles("is:unchecked"), ["Cut"])


if __name__ == "__main__":
    unittest.main()
