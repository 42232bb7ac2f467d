"""duplicates, trash and undo: evidence, hard links, a last look at both copies, nothing deleted."""
import os, random, shutil, signal, subprocess, time, unittest

from harness import Case, MATINEE

OLD = 1_600_000_000


class Duplicates(Case):
    def setUp(self):
        super().setUp()
        self.media = self.home / "media"
        self.media.mkdir()

    def put(self, name, data, at=OLD):
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (at, at))
        return path

    def tree(self):
        return {str(p.relative_to(self.media)) for p in self.media.rglob("*") if p.is_file() and ".matinee-trash" not in p.parts}

    def known(self):
        self.run_matinee("root", "add", str(self.media))
        self.run_matinee("scan")

    def groups(self, *args):
        found = self.json("duplicates", *args)
        return [(g["kind"], sorted(os.path.basename(f["path"]) for f in g["files"])) for g in found["items"]]

    def test_by_bytes(self):
        big = os.urandom(400_000)
        other = bytearray(big)
        other[100_000] ^= 1  # between head and middle: the samples are equal
        self.put("a/Film One (1999).mkv", big)
        self.put("b/Other Name (1998).mkv", big)
        self.put("c/Not That (1997).mkv", bytes(other))
        self.put("d/Small (1996).mkv", b"small")
        self.put("d/Small Too (1995).mkv", b"small")
        self.put("d/Empty (1994).mkv", b"")
        self.put("d/Empty Too (1993).mkv", b"")
        self.known()
        self.assertEqual(self.groups(), [("full", ["Film One (1999).mkv", "Other Name (1998).mkv"]),
                                         ("full", ["Small (1996).mkv", "Small Too (1995).mkv"])])
        for sort, first in (("reclaim_bytes", 5), ("-reclaim_bytes", 400_000)):
            self.assertEqual(self.json("duplicates", "--sort=" + sort)["items"][0]["reclaim_bytes"], first)
        self.assertEqual(self.json("duplicates")["read_bytes"], 0, "what was hashed is not read again")

    def remuxed(self):
        """A film, the same in another container, and another of the same length and size of picture."""
        for name, seed in (("a/Film One (1999).mkv", "1"), ("c/Not That (1997).mkv", "2")):
            path = self.put(name, b"")
            subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"mandelbrot=s=64x48:r=10:start_scale=0.{seed}", "-t", "3", "-c:v", "libx264", "-preset", "ultrafast",
                            str(path)], check=True)
        (self.media / "b").mkdir()
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(self.media / "a/Film One (1999).mkv"), "-c", "copy",
                        str(self.media / "b/Other Name (1998).mp4")], check=True)
        self.known()

    REMUX = [("essence", ["Film One (1999).mkv", "Other Name (1998).mp4"])]

    def test_by_pictures_and_sound(self):
        """Nothing was made ready for it: what could be the same is read when it is asked for."""
        self.remuxed()
        self.assertEqual(self.groups("--by", "essence", "--no-read"), [])
        self.assertEqual(self.groups("--by", "essence"), self.REMUX)
        self.assertEqual(self.groups("--by", "essence", "--no-read"), self.REMUX, "it is known now")

    def test_pictures_and_sound_are_hashed_by_the_server(self):
        self.remuxed()
        server = subprocess.Popen([MATINEE, "serve", "--port", "0"], cwd=self.home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  env={**self.env, "MATINEE_LIBRARY_FULL_HASH": "always"})
        try:
            server.stdout.readline()  # it takes commands
            end = time.monotonic() + 90
            while self.groups("--by", "essence", "--no-read") != self.REMUX and time.monotonic() < end:
                time.sleep(0.5)
        finally:
            server.terminate()
            self.assertEqual(server.wait(60), 0)
            server.stdout.close()
        self.assertEqual(self.groups("--by", "essence", "--no-read"), self.REMUX)

    def test_hard_links_are_one_file(self):
        path = self.put("a/Film (1999).mkv", b"x" * 1000)
        os.link(path, self.media / "a/Film again (1999).mkv")
        self.known()
        self.assertEqual(self.groups(), [])
        self.put("b/Copy (1998).mkv", b"x" * 1000)
        self.run_matinee("scan")
        found = self.json("duplicates")["items"]
        self.assertEqual([len(g["files"]) for g in found], [2])
        kept = [f for f in found[0]["files"] if f["keep"]]
        self.assertEqual([(f["hard_links"], len(f["other_names"])) for f in kept], [(2, 1)], "the one with more names stays")

    def test_to_the_trash_and_back(self):
        self.put("a/Film (1999).mkv", b"x" * 1000, at=OLD + 9)
        self.put("b/Film copy (1998).mkv", b"x" * 1000, at=OLD)
        self.known()
        before = self.tree()
        self.run_matinee("duplicates", "--apply", "--dry-run", "--keep", "oldest")
        self.assertEqual(self.tree(), before)
        self.assertIn(b"--yes", self.run_matinee("duplicates", "--apply", "--json", code=2).stderr)
        self.assertEqual(self.tree(), before)
        self.run_matinee("duplicates", "--apply", "--yes", "--keep", "oldest")
        self.assertEqual(self.tree(), {"b/Film copy (1998).mkv"})
        self.assertEqual(len(list((self.media / ".matinee-trash/1").rglob("*.mkv"))), 1, "trash, not delete")
        trash = self.json("trash", "list")
        self.assertEqual(self.json("trash", "list", "--sort=-size"), trash)
        self.complaint("trash", "list", "--sort", "colour", code=2)
        batches = [b["id"] for b in self.json("undo", "--list", "--sort", "id")["items"]]
        self.assertEqual(batches, sorted(batches))
        self.complaint("duplicates", "--sort", "at", code=2)
        self.assertEqual((trash["total"], trash["bytes"]), (1, 1000))
        self.run_matinee("scan")
        self.run_matinee("undo")
        self.assertEqual(self.tree(), before)
        self.assertEqual(os.stat(self.media / "a/Film (1999).mkv").st_mtime, OLD + 9)
        said = self.json("scan")
        self.assertEqual((said["added"], said["moved"], said["missing"], said["changed"]), (0, 0, 0, 0))
        self.assertEqual(len(self.groups()), 1)

    def test_a_last_look_at_both(self):
        """What changed between finding and acting stays, and so does everything whose keeper is gone."""
        data = os.urandom(300_000)
        keeper = self.put("a/Film (1999).mkv", data, at=OLD)
        loser = self.put("b/Copy (1998).mkv", data, at=OLD + 5)
        self.known()
        self.json("duplicates")
        keeper.unlink()
        said = self.run_matinee("duplicates", "--apply", "--yes", "--keep", "oldest", "--no-read", code=1)
        self.assertIn(b"not there any more", said.stderr)
        self.assertTrue(loser.exists())
        self.put("a/Film (1999).mkv", data, at=OLD)
        self.run_matinee("scan")
        self.json("duplicates")
        self.put("b/Copy (1998).mkv", os.urandom(300_000), at=OLD + 6)
        self.run_matinee("duplicates", "--apply", "--yes", "--keep", "oldest", "--no-read", code=1)
        self.assertEqual(len(self.tree()), 2)

    def test_equal_samples_are_compared_before_acting(self):
        big = os.urandom(400_000)
        other = bytearray(big)
        other[100_000] ^= 1
        for name, data, at in (("Film (1999).mkv", big, 0), ("Same (1998).mkv", big, 1), ("Unlike (1997).mkv", bytes(other), 2)):
            self.put(f"{name[0]}/{name}", data, at=OLD + at)
        self.known()
        self.json("duplicates", "--by", "sample")
        said = self.run_matinee("duplicates", "--by", "sample", "--keep", "oldest", "--apply", "--yes", code=1)
        self.assertIn(b"is not the same as the copy that is kept", said.stderr)
        self.assertEqual(self.tree(), {"F/Film (1999).mkv", "U/Unlike (1997).mkv"})

    def test_a_symlink_is_no_keeper(self):  # czkawka#1188
        data = b"y" * 5000
        self.put("a/Film (1999).mkv", data, at=OLD)
        self.put("b/Copy (1998).mkv", data, at=OLD + 5)
        self.known()
        self.json("duplicates")
        (self.media / "a/Film (1999).mkv").unlink()
        (self.media / "a/Film (1999).mkv").symlink_to(self.media / "b/Copy (1998).mkv")
        self.run_matinee("duplicates", "--apply", "--yes", "--keep", "oldest", "--no-read", code=1)
        self.assertTrue((self.media / "b/Copy (1998).mkv").exists())

    def test_trash_is_emptied_by_a_person(self):
        self.put("a/Film (1999).mkv", b"x" * 1000, at=OLD)
        self.put("b/Copy (1998).mkv", b"x" * 1000, at=OLD + 5)
        self.known()
        self.run_matinee("duplicates", "--apply", "--yes", "--keep", "oldest")
        mine = self.media / ".matinee-trash/mine.txt"
        mine.write_text("not of Matinee")
        self.run_matinee("trash", "empty", "--json", code=2)
        self.assertEqual(self.json("trash", "empty", "--yes", "--older-than", "1d")["files"], 0)
        self.assertEqual(self.json("trash", "empty", "--yes")["files"], 1)
        self.assertEqual([p for p in (self.media / ".matinee-trash").rglob("*")], [mine])
        self.assertEqual(self.json("trash", "list")["total"], 0)
        self.assertEqual(self.json("items")["total"], 1)
        self.assertIn("nothing to undo", self.complaint("undo"))

    def test_kill_in_a_loop(self):
        for n in range(30):
            self.put(f"a/Film {n} ({1950 + n}).mkv", f"film {n}".encode() * 50, at=OLD)
            self.put(f"b/Copy {n} ({1950 + n}).mkv", f"film {n}".encode() * 50, at=OLD + 5)
        self.known()
        self.json("duplicates")
        want = sorted(p.read_bytes() for p in self.media.rglob("*.mkv"))
        rng = random.Random(3)
        interrupted, longest, rounds = 0, 0.4, 0
        while rounds < 8 or (interrupted < 1 and rounds < 40):
            rounds += 1
            argv = ["duplicates", "--apply", "--yes", "--keep", "oldest"] if rng.random() < 0.6 else ["undo"]
            child = subprocess.Popen([MATINEE, *argv], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.002, longest))
            child.send_signal(signal.SIGKILL)
            if child.wait() == -signal.SIGKILL:
                interrupted += 1
            else:  # a quick machine: it was done before
                longest = max(0.02, longest * 0.7)
            self.run_matinee("undo", "--list")
            self.assertEqual(sorted(p.read_bytes() for p in self.media.rglob("*.mkv")), want, "nothing is lost or doubled")
            here = len(self.tree())
            self.assertEqual(self.json("trash", "list")["total"], 60 - here, "the trash knows what it holds")
            self.assertEqual(len([n for n in self.tree() if n.startswith("a/")]), 30, "what is kept stays")
            said = self.json("scan")
            self.assertEqual((said["added"], said["moved"], said["missing"], said["changed"]), (0, 0, 0, 0))
        self.assertGreater(interrupted, 0)

    def test_near_and_essence(self):
        if not shutil.which("ffmpeg"):
            self.skipTest("ffmpeg is not installed")
        film = self.media / "Movies/Film (1999)"
        film.mkdir(parents=True)
        for size, name in (("128x72", "Film (1999) - 720p.mkv"), ("64x36", "Film (1999) - 360p.mkv")):
            subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc=s={size}:d=2", str(film / name)], check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(film / "Film (1999) - 720p.mkv"), "-c", "copy",
                        str(film / "Film (1999) - 720p.mp4")], check=True)
        self.known()
        near = self.json("duplicates", "--by", "near")["items"]
        self.assertEqual(len(near), 1)
        self.assertEqual({os.path.basename(f["path"]): f["resolution"] for f in near[0]["files"]}["Film (1999) - 360p.mkv"], "64x36")
        worst = [f for f in near[0]["files"] if "360p" in f["path"]][0]
        self.assertEqual((worst["keep"], worst["why"]), (False, "the other: higher resolution"))
        self.assertEqual(self.json("duplicates", "--apply", "--yes")["files"], 0, "other encodes are never dropped unasked")
        acted = self.json("duplicates", "--by", "all", "--apply", "--dry-run")["items"]
        self.assertNotIn("near", {g["kind"] for g in acted}, "nor with all")
        self.assertIn("near", {g["kind"] for g in self.json("duplicates", "--by", "all")["items"]})


if __name__ == "__main__":
    unittest.main()
