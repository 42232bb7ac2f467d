"""A running server hears of changes: new files and folders, renames, removals, files that still grow, polling, a helper
that hangs."""
import json, os, time, unittest, urllib.request

from harness import Served


class Watch(Served):
    def serve(self, **settings):
        settings = {"settle": "0.5", "scan_every": "1h", "poll_every": "1", **settings}
        return super().serve(**{f"MATINEE_LIBRARY_{name.upper()}": value for name, value in settings.items()})

    def get(self, path):
        code, said = self.ask("GET", path)
        self.assertEqual(code, 200, said)
        return said

    def titles(self):
        return sorted(one["title"] for one in self.get("/api/items?limit=1000")["items"])

    def root(self):
        return self.get("/api/roots")["items"][0]

    def begin(self, **settings):
        self.write("media/Alpha (1990).mkv", "one")
        self.run_matinee("root", "add", "media", "--kind", "movies")
        self.run_matinee("scan")
        self.serve(**settings)
        self.media = self.home / "media"

    def test_inotify(self):
        self.begin()
        self.until(lambda: self.root()["watch"], "watching 1 folder")
        self.write("media/Beta (1991).mkv", "two")
        self.until(self.titles, ["Alpha", "Beta"])
        self.write("media/new/deep/Gamma (1992).mkv", "three")  # gerbera#3479: a file in a folder made just now
        self.until(self.titles, ["Alpha", "Beta", "Gamma"])
        self.until(lambda: self.root()["watch"], "watching 3 folders")
        os.rename(self.media / "new", self.media / "old")  # its watches are of other paths now
        self.write("media/old/deep/Delta (1993).mkv", "four")
        self.until(self.titles, ["Alpha", "Beta", "Delta", "Gamma"])
        gamma = next(one["id"] for one in self.get("/api/items")["items"] if one["title"] == "Gamma")
        self.assertIn("old/deep/Gamma", json.dumps(self.get(f"/api/items/{gamma}")))
        outside = self.home / "outside"
        os.rename(self.media / "old", outside)  # out of the tree: no event of its own below
        self.until(lambda: self.root()["present"], 2)
        self.write("outside/deep/Epsilon (1994).mkv", "five")
        os.link(outside / "deep/Epsilon (1994).mkv", self.media / "Zeta (1995).mkv")  # CREATE only
        self.until(self.titles, ["Alpha", "Beta", "Delta", "Gamma", "Zeta"])
        os.rename(self.media / "Zeta (1995).mkv", self.media / "Eta (1996).mkv")
        self.until(self.titles, ["Alpha", "Beta", "Delta", "Eta", "Gamma"])
        self.until(lambda: self.root()["watch"], "watching 1 folder")
        self.assertIn("ok, watching 1 folder\t", self.out("root", "list"))

    def test_a_file_that_grows_is_left(self):
        self.begin(settle="2")
        self.until(lambda: self.root()["watch"], "watching 1 folder")
        with open(self.media / "Beta (1991).mkv", "wb") as file:
            for _ in range(25):  # written for longer than the settle time
                file.write(b"x" * 1000)
                file.flush()
                time.sleep(0.15)
                if time.time() - os.stat(self.media / "Beta (1991).mkv").st_mtime < 1.5:
                    self.assertEqual(self.titles(), ["Alpha"])
        self.until(self.titles, ["Alpha", "Beta"])

    def test_polling(self):
        self.begin(watch="poll")
        self.until(lambda: self.root()["watch"], "polling")
        time.sleep(1.5)  # it has looked once
        self.write("media/new/deep/Beta (1991).mkv", "two")
        self.until(self.titles, ["Alpha", "Beta"])
        os.rename(self.media / "new/deep/Beta (1991).mkv", self.media / "new/deep/Gamma (1992).mkv")
        self.until(self.titles, ["Alpha", "Gamma"])

    def test_a_root_that_goes_and_comes_back(self):
        self.begin()
        self.until(lambda: self.root()["watch"], "watching 1 folder")
        os.rename(self.media, self.home / "away")
        self.until(lambda: self.root()["state"], "missing")
        os.rename(self.home / "away", self.media)
        self.run_matinee("scan")
        urllib.request.urlopen(urllib.request.Request(self.url + "/api/scan", method="POST"), timeout=30).close()
        self.until(lambda: self.root()["watch"], "watching 1 folder")
        self.write("media/Beta (1991).mkv", "two")
        self.until(self.titles, ["Alpha", "Beta"])

    def test_full_hashes_in_their_window(self):
        self.begin(full_hash="always")
        self.until(lambda: self.root()["waiting"]["full_hashes"], 0, 60)
        self.assertEqual(self.json("jobs")["items"][0]["kind"], "hash")

    def test_nonsense_in_the_settings(self):
        self.assertIn("no part of a day", self.complaint("serve", "--port", "0", code=2,
                                                         env={"MATINEE_LIBRARY_FULL_HASH": "25-26"}))


if __name__ == "__main__":
    unittest.main()
