"""A running server hears of changes: new files and folders, renames, removals, files that still grow, polling, a helper
that hangs."""
import json, os, pathlib, signal, subprocess, time, unittest, urllib.request

from harness import Case, MATINEE


class Watch(Case):
    def serve(self, **settings):
        settings = {"settle": "0.5", "scan_every": "1h", "poll_every": "1", **settings}
        env = {**self.env, **{f"MATINEE_LIBRARY_{name.upper()}": value for name, value in settings.items()}}
        log = open(self.home / "log", "w")
        self.addCleanup(log.close)
        server = subprocess.Popen([MATINEE, "serve", "--port", "0"], cwd=self.home, env=env, stdout=subprocess.PIPE,
                                  stderr=log, text=True)
        self.addCleanup(self.end, server)
        self.url = server.stdout.readline().split()[-1].rstrip("/")
        return server

    def end(self, server):
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
        self.assertIn(server.wait(60), (0, -9), (self.home / "log").read_text()[-3000:])
        server.stdout.close()

    def ask(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.loads(answer.read())

    def titles(self):
        return sorted(one["title"] for one in self.ask("/api/items?limit=1000")["items"])

    def until(self, what, wanted, seconds=40):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if what() == wanted:
                return
            time.sleep(0.05)
        self.assertEqual(what(), wanted, (self.home / "log").read_text()[-3000:])

    def root(self):
        return self.ask("/api/roots")["items"][0]

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
        gamma = next(one["id"] for one in self.ask("/api/items")["items"] if one["title"] == "Gamma")
        self.assertIn("old/deep/Gamma", json.dumps(self.ask(f"/api/items/{gamma}")))
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
