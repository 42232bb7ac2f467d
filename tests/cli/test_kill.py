"""kill -9 in a loop through scan, hash, junk and the emptying of the trash: every file is known, once, whole, and with its own hash; what is
put into the trash can be had back, and what is deleted is what was in it."""
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

    def kill_until(self, kills, *args):
        """Kills the command in its middle that many times; the pause grows shorter when it was done before."""
        dice, longest = random.Random(11), 0.15
        for _ in range(40):
            process = subprocess.Popen([MATINEE, *args], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.005, longest))
            process.send_signal(signal.SIGKILL)
            if process.wait() == -signal.SIGKILL:
                kills -= 1
                yield True
            else:
                longest = max(0.01, longest * 0.7)
                yield False
            if not kills:
                return

    def on_disk(self, trash):
        return {str(p): p.read_bytes() for p in sorted((self.home / "media").rglob("*")) if p.is_file() and (".matinee-trash" in p.parts) == trash}

    def old(self, name, text):
        os.utime(self.write(name, text), (1_600_000_000,) * 2)

    def test_emptying_the_trash(self):
        for i in range(FILES // 2):
            self.old(f"media/a/Film {i} (2001).mkv", f"no media, but bytes of its own {i}")
            self.old(f"media/b/Copy {i} (2001).mkv", f"no media, but bytes of its own {i}")
        self.run_matinee("root", "add", "media", "--kind", "movies")
        self.run_matinee("scan")
        self.run_matinee("duplicates", "--apply", "--yes")
        kept = self.on_disk(False)
        self.assertEqual((len(kept), len(self.on_disk(True))), (FILES // 2, FILES // 2))
        for killed in self.kill_until(max(2, KILLS // 3), "trash", "empty", "--yes"):
            left = set(self.on_disk(True))
            self.check()
            self.assertEqual(self.on_disk(False), kept, "nothing but what is in the trash goes")
            self.assertLessEqual(left, {i["trash"] for i in self.json("trash", "list")["items"]}, "what is there is known")
            if not left and not killed:
                break
        self.assertEqual(self.json("trash", "empty", "--yes")["failed"], 0)
        self.assertEqual((self.on_disk(True), self.json("trash", "list")["total"], self.on_disk(False)), ({}, 0, kept))
        self.assertEqual(self.rows("SELECT count(*) FROM files"), [(FILES // 2,)])

    def test_junk(self):
        for i in range(FILES // 2):
            self.old(f"media/{i}/Film {i} (2001).mkv", f"no media, but bytes of its own {i}")
            self.old(f"media/{i}/film.part", f"half a film {i}")
        self.run_matinee("root", "add", "media", "--kind", "movies")
        self.run_matinee("scan")
        before = self.on_disk(False)
        for args in (("junk", "--apply", "--yes"), ("undo",)):
            for _ in self.kill_until(max(2, KILLS // 4), *args):
                self.run_matinee("undo", "--list")  # settles what was cut
                self.check()
                here, trash = self.on_disk(False), self.on_disk(True)
                self.assertEqual(sorted([*here.values(), *trash.values()]), sorted(before.values()), "nothing is lost or doubled")
                self.assertEqual(set(trash), {i["trash"] for i in self.json("trash", "list")["items"]})
                self.assertEqual({n: t for n, t in before.items() if n.endswith(".mkv")}, {n: t for n, t in here.items() if n.endswith(".mkv")})
        while self.json("trash", "list")["total"]:
            self.run_matinee("undo")
        self.assertEqual(self.on_disk(False), before)


if __name__ == "__main__":
    unittest.main()
