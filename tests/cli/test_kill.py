"""kill -9 in a loop through scan and hash: every file is known, once, whole, and with its own hash."""
import os, random, signal, sqlite3, subprocess, time, unittest

from harness import Case, MATINEE

FILES = int(os.environ.get("MATINEE_KILL_FILES", "400"))
KILLS = int(os.environ.get("MATINEE_KILLS", "12"))


class Kill(Case):
    def rows(self, sql):
        store = sqlite3.connect(f"file:{self.home}/.local/share/matinee/matinee.db?mode=ro", uri=True)
        try:
            return store.execute(sql).fetchall()
        finally:
            store.close()

    def kill_in(self, seconds, *args):
        process = subprocess.Popen([MATINEE, *args], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def check(self):
        self.assertEqual(self.rows("PRAGMA integrity_check"), [("ok",)])
        self.assertEqual(self.rows("PRAGMA foreign_key_check"), [])
        self.assertEqual(self.rows("SELECT count(*) FROM files f WHERE NOT EXISTS (SELECT 1 FROM item_files x WHERE x.file_id = f.id)"), [(0,)])

    def test_scan_and_hash(self):
        dice = random.Random(7)
        for i in range(FILES):
            self.write(f"media/{i // 50}/Film {i} (2001).mkv", f"no media, but bytes of its own {i}")
        self.run_matinee("root", "add", "media", "--kind", "movies")
        for i in range(KILLS):
            self.kill_in(dice.uniform(0.02, 0.35), "scan")
            self.check()
            if i % 3 == 2:  # and what there is changes meanwhile
                os.rename(self.home / f"media/{i // 3}", self.home / f"media/moved {i // 3}")
        self.run_matinee("scan")
        self.check()
        self.assertEqual(self.rows("SELECT count(*), sum(state = 'present') FROM files"), [(FILES, FILES)])
        self.assertEqual(self.rows("SELECT count(*) FROM items WHERE kind = 'movie'"), [(FILES,)])
        self.assertEqual(self.rows("SELECT count(*) FROM files WHERE sample_hash IS NULL"), [(0,)])
        known = dict(self.rows("SELECT id, CAST(path AS TEXT) FROM files"))
        for _ in range(KILLS // 3):  # a server that hashes
            self.kill_in(dice.uniform(0.3, 0.8), "serve", "--port", "0", "--mode", "full")
            self.check()
        self.env["MATINEE_LIBRARY_FULL_HASH"] = "always"
        for _ in range(KILLS // 3):
            self.kill_in(dice.uniform(0.3, 0.8), "serve", "--port", "0")
            self.check()
        server = subprocess.Popen([MATINEE, "serve", "--port", "0"], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            for _ in range(600):
                if self.rows("SELECT count(*) FROM files WHERE full_hash IS NULL") == [(0,)]:
                    break
                time.sleep(0.1)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
        self.check()
        self.assertEqual(self.rows("SELECT count(DISTINCT full_hash) FROM files"), [(FILES,)])
        self.assertEqual(dict(self.rows("SELECT id, CAST(path AS TEXT) FROM files")), known)


if __name__ == "__main__":
    unittest.main()
