"""organize and undo: layouts, sidecars, conflicts, what other libraries lost, and kill -9 in the middle."""
import json, os, pathlib, random, shutil, signal, subprocess, tempfile, time, unittest

from harness import Case, MATINEE

OLD = 1_600_000_000


class Organize(Case):
    def setUp(self):
        super().setUp()
        self.media = self.home / "media"
        self.media.mkdir()

    def put(self, name, text=None, at=OLD, root=None):
        path = (root or self.media) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((text if text is not None else f"content of {name}").encode() if not isinstance(text, bytes) else text)
        os.utime(path, (at, at))
        return path

    def tree(self, root=None):
        root = root or self.media
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*"))
                if p.is_file() and ".matinee-trash" not in p.parts}

    def known(self, *roots, kind="auto"):
        for root in roots or (self.media,):
            self.run_matinee("root", "add", str(root), "--kind", kind)
        self.run_matinee("scan")

    def organize(self, *args, code=0):
        return self.run_matinee("organize", "--yes", *args, code=code)

    def nothing_is_new(self):
        """The store knows every file where it is now."""
        said = self.json("scan")
        self.assertEqual((said["added"], said["moved"], said["missing"], said["changed"]), (0, 0, 0, 0), said)


class Layouts(Organize):
    def test_perpetual_is_flat_and_clean(self):
        self.put("in/some.show.s01e02.the.thing.PROPER.x264-GRP.mkv", at=OLD + 50)
        self.put("in/some.show.s01e01.first.one.mkv", at=OLD + 90)
        self.put("in/A Film (1999).mkv")
        words = self.write("words.txt", "# remarks\nThe Thing\n")
        self.known()
        self.organize("--preset", "perpetual", "--no-titles")
        self.assertEqual(set(self.tree()), {"Some.Show/Some.Show.S01E01.First.One.mkv",
                                            "Some.Show/Some.Show.S01E02.The.Thing.mkv", "in/A Film (1999).mkv"})
        first, second = (os.stat(self.media / "Some.Show" / n).st_mtime_ns
                         for n in ("Some.Show.S01E01.First.One.mkv", "Some.Show.S01E02.The.Thing.mkv"))
        self.assertLess(first, second, "sorting by time is the order of episodes")
        self.nothing_is_new()
        self.run_matinee("undo")
        self.assertEqual(os.stat(self.media / "in/some.show.s01e01.first.one.mkv").st_mtime, OLD + 90)
        self.assertEqual(os.stat(self.media / "in/some.show.s01e02.the.thing.PROPER.x264-GRP.mkv").st_mtime, OLD + 50)
        self.nothing_is_new()
        plan = self.json("organize", "--preset", "perpetual", "--dry-run", "--garbage-words", words)
        self.assertIn(str(self.media / "Some.Show/Some.Show.S01E02.The.Thing.mkv"), [m["to"] for m in plan["moves"]],
                      "a title is never cleaned to nothing")

    def test_garbage_words_go(self):
        self.put("show.s01e02.A.Day.Sponsored.By.Nobody.mkv")
        words = self.write("words.txt", "sponsored by nobody\r\n")
        self.known()
        self.organize("--preset", "perpetual", "--no-titles", "--garbage-words", words)
        self.assertEqual(list(self.tree()), ["Show/Show.S01E02.A.Day.mkv"])

    def test_sidecars_and_folders_follow_and_undo_is_exact(self):
        self.put("dl/The.Wire.S02E05.720p/the.wire.s02e05.720p.mkv")
        self.put("dl/The.Wire.S02E05.720p/the.wire.s02e05.720p.en.forced.srt", "sub")
        self.put("dl/The.Wire.S02E05.720p/the.wire.s02e05.720p.nfo", "nfo")
        self.put("dl/The.Wire.S02E05.720p/the.wire.s02e05.720p-thumb.jpg", "jpg")
        self.put("Movies/dl/Alien.1979.mkv")
        self.put("Movies/dl/Alien.1979.2.mkv")
        self.put("Movies/dl/Alien.1979.2.srt", "of the other")
        self.put("Movies/solo/Heat.1995.mkv")
        self.put("Movies/solo/poster.jpg", "p")
        self.put("Movies/solo/movie.nfo", "n")
        self.put("Movies/solo/Subs/2_English.srt", "s")
        self.put("Movies/solo/Thumbs.db", "junk")
        before = self.tree()
        self.known()
        ids = {i["title"]: i["id"] for i in self.json("items")["items"]}
        self.organize("--preset", "jellyfin", "Wire")
        self.organize("--preset", "jellyfin", "Heat")
        now = self.tree()
        self.assertEqual(now["The Wire/Season 02/The Wire S02E05.en.forced.srt"], b"sub")
        self.assertEqual(now["The Wire/Season 02/The Wire S02E05.nfo"], b"nfo")
        self.assertEqual(now["The Wire/Season 02/The Wire S02E05-thumb.jpg"], b"jpg")
        self.assertIn("Movies/Heat (1995)/Heat (1995).mkv", now)
        self.assertEqual(now["Movies/Heat (1995)/poster.jpg"], b"p")
        self.assertEqual(now["Movies/Heat (1995)/Subs/2_English.srt"], b"s")
        self.assertIn("Movies/solo/Thumbs.db", now, "a folder that is not empty stays")
        self.assertFalse((self.media / "dl").exists(), "folders that were left empty go")
        self.assertEqual(len(now), len(before))
        self.nothing_is_new()
        self.assertEqual({i["title"]: i["id"] for i in self.json("items")["items"]}, ids)
        self.run_matinee("undo")
        self.run_matinee("undo")
        self.assertEqual(self.tree(), before)
        self.assertFalse((self.media / "The Wire").exists())
        self.nothing_is_new()
        self.assertEqual(self.complaint("undo"), "there is nothing to undo")

    def test_a_longer_name_keeps_its_own_sidecar(self):
        self.put("x/Film One (2001).mkv")
        self.put("x/Film One (2001).2.mkv")
        self.put("x/Film One (2001).2.srt", "two")
        self.put("x/Film One (2001).srt", "one")
        self.known(kind="movies")
        plan = self.json("organize", "--dry-run", "--template", "{title} {name!u}{ext}")
        with_two = [m for m in plan["moves"] if m["from"].endswith("(2001).mkv")][0]
        self.assertEqual([os.path.basename(s["from"]) for s in with_two["sidecars"]], ["Film One (2001).srt"])

    def test_copy_hardlink_and_their_undo(self):
        other = self.home / "other"
        other.mkdir()
        self.put("Film (1999).mkv")
        self.known(self.media, other)
        for action in ("copy", "hardlink"):
            self.organize("--preset", "plex", "--action", action, "--to", str(other))
            self.assertIn("Film (1999).mkv", self.tree())
            self.assertEqual(list(self.tree(other)), ["Film (1999)/Film (1999).mkv"])
            self.nothing_is_new()
            self.run_matinee("undo")
            self.assertEqual(self.tree(other), {})
            self.assertFalse((other / "Film (1999)").exists())
            self.assertIn("Film (1999).mkv", self.tree())
            self.nothing_is_new()

    def test_matroska_titles(self):
        if not shutil.which("mkvpropedit") or not shutil.which("ffmpeg"):
            self.skipTest("mkvpropedit or ffmpeg is not installed")
        path = self.media / "@in/a.show.s01e01.one.mkv"
        path.parent.mkdir()
        linked = self.media / "a.show.s01e02.two.mkv"
        for p in (path, linked):
            subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=s=64x48:d=1", "-metadata", "title=Old",
                            f"file:{p}"], check=True)
            os.utime(p, (OLD, OLD))
        os.link(linked, self.home / "seeding.mkv")
        self.known()

        def title(p):
            done = subprocess.run(["mkvmerge", "-J", str(p)], capture_output=True, check=True)
            return json.loads(done.stdout)["container"]["properties"].get("title")

        self.organize("--preset", "perpetual")
        new = self.media / "A.Show/A.Show.S01E01.One.mkv"
        self.assertEqual(title(new), "A Show - S01E01 - One")
        self.assertEqual(title(self.media / "A.Show/A.Show.S01E02.Two.mkv"), "Old", "hard links are left")
        self.nothing_is_new()
        self.run_matinee("undo")
        self.assertEqual(title(path), "Old")
        self.nothing_is_new()


class Conflicts(Organize):
    def why(self, *args):
        plan = self.json("organize", "--dry-run", *args)
        return {os.path.basename(m["from"]): m["why"] for m in plan["moves"] if m["state"] == "conflict"}

    def test_nothing_is_overwritten(self):
        self.put("a/Film (1999).mkv", "new")
        self.put("Film (1999)/Film (1999).mkv", "old")
        self.known(kind="movies")
        before = self.tree()
        self.assertIn("Film (1999).mkv", self.why("--preset", "plex"))
        self.organize("--preset", "plex")
        self.assertEqual(self.tree(), before)

    def test_two_files_one_name(self):
        self.put("a/Film.1999.mkv")
        self.put("b/Film (1999).mkv")
        self.known(kind="movies")
        self.assertEqual(len(self.why("--preset", "plex")), 2)
        self.organize("--preset", "plex")
        self.assertEqual(set(self.tree()), {"a/Film.1999.mkv", "b/Film (1999).mkv"})

    def test_sidecar_in_the_way_keeps_the_film(self):
        self.put("a/Film (1999).mkv")
        self.put("a/Film (1999).srt", "mine")
        self.put("Film (1999)/Film (1999).srt", "theirs")
        self.known(kind="movies")
        self.organize("--preset", "plex")
        self.assertIn("a/Film (1999).mkv", self.tree())
        self.assertEqual(self.tree()["Film (1999)/Film (1999).srt"], b"theirs")

    def test_files_in_motion_stay(self):
        self.put("a/Fresh (1999).mkv", at=time.time())
        self.put("a/Open (1999).mkv")
        self.put("a/Changed (1999).mkv")
        self.known(kind="movies")
        self.put("a/Changed (1999).mkv", "another text")
        with open(self.media / "a/Open (1999).mkv", "rb"):
            why = self.why("--preset", "plex")
        self.assertIn("still be written", why["Fresh (1999).mkv"])
        self.assertIn("has it open", why["Open (1999).mkv"])
        self.assertIn("scan it again", why["Changed (1999).mkv"])

    def test_missing_field_is_named(self):
        self.put("Film (1999).mkv")
        self.known(kind="movies")
        self.assertEqual(self.why("--template", "{show}/{title}{ext}")["Film (1999).mkv"], "it has no 'show'")
        self.assertIn("no such field", self.complaint("organize", "--template", "{shoe}", "--yes", code=2))
        self.assertIn("lies in no root", self.complaint("organize", "--to", str(self.home), "--yes", code=2))

    def test_episodes_that_take_each_others_places(self):
        for n in (1, 2, 3):
            self.put(f"Show/Show S01E0{n}.mkv", f"was {n}")
        self.known(kind="shows")
        for n, item in enumerate(sorted((i for i in self.json("items", "--kind", "episode")["items"]),
                                        key=lambda i: i["episode"])):
            self.renumber(item["id"], item["episode"] + 1)
        self.organize("--template", "{show}/{show} S{season:02d}E{episode:02d}{ext}")
        self.assertEqual(self.tree(), {f"Show/Show S01E0{n + 1}.mkv": f"was {n}".encode() for n in (1, 2, 3)})
        self.nothing_is_new()
        self.run_matinee("undo")
        self.assertEqual(self.tree(), {f"Show/Show S01E0{n}.mkv": f"was {n}".encode() for n in (1, 2, 3)})

    def renumber(self, item, episode):
        import sqlite3
        with sqlite3.connect(self.home / ".local/share/matinee/matinee.db") as db:
            db.execute("UPDATE items SET episode = ? WHERE id = ?", (episode, item))

    def test_case_only(self):
        self.put("film (1999)/FILM (1999).mkv", "it")
        self.known(kind="movies")
        self.organize("--template", "Film (1999)/Film (1999){ext}")
        self.assertEqual(self.tree(), {"Film (1999)/Film (1999).mkv": b"it"})
        self.run_matinee("undo")
        self.assertEqual(self.tree(), {"film (1999)/FILM (1999).mkv": b"it"})

    def test_hostile_names(self):
        self.put("-rf (1999).mkv", "1")
        self.put("new\nline (1998).mkv", "2")
        (self.media / os.fsdecode(b"caf\xe9 (1997).mkv")).write_bytes(b"3")
        self.put("CON (1996).mkv", "4")
        for p in self.media.iterdir():
            os.utime(p, (OLD, OLD))
        self.known(kind="movies")
        self.organize("--preset", "plex")
        self.assertEqual(sorted(self.tree().values()), [b"1", b"2", b"3", b"4"])
        self.assertFalse([n for n in self.tree() if "\n" in n or n.startswith("-")])
        self.run_matinee("undo")
        self.assertIn("-rf (1999).mkv", self.tree())
        self.assertIn("new\nline (1998).mkv", self.tree())


class Lost(Organize):
    """What users of other libraries lost (facts/complaints-library.md)."""

    def test_the_folder_of_many_stays(self):  # jellyfin#12097, #11945
        self.put("Films/Heat (1995).mkv")
        self.put("Films/notes.odt", "mine")
        self.put("Films/More/deep.txt", "mine too")
        (self.media / "Films/Empty").mkdir()
        self.known(kind="movies")
        self.organize("--preset", "plex")
        self.assertIn("Films/notes.odt", self.tree())
        self.assertIn("Films/More/deep.txt", self.tree())
        self.assertTrue((self.media / "Films/Empty").is_dir())

    def test_the_root_itself_stays(self):
        other = self.home / "other"
        other.mkdir()
        self.put("Heat (1995).mkv")
        self.known(self.media, other)
        self.organize("--preset", "plex", "--to", str(other))
        self.assertTrue(self.media.is_dir())
        self.assertEqual(list(self.tree(other)), ["Heat (1995)/Heat (1995).mkv"])

    def test_a_folder_that_became_a_symlink_is_refused(self):
        outside = self.home / "outside"
        outside.mkdir()
        self.put("a/Heat (1995).mkv")
        (self.media / "Heat (1995)").symlink_to(outside)
        self.known(kind="movies")
        self.organize("--preset", "plex", code=1)
        self.assertEqual(list(outside.iterdir()), [])
        self.assertIn("a/Heat (1995).mkv", self.tree())

    def test_undo_leaves_what_others_changed(self):
        self.put("a/Heat (1995).mkv")
        self.put("a/Alien (1979).mkv")
        self.known(kind="movies")
        self.organize("--preset", "plex")
        self.put("a/Heat (1995).mkv", "somebody's new one")
        self.run_matinee("undo", code=1)
        self.assertEqual(self.tree()["a/Heat (1995).mkv"], b"somebody's new one")
        self.assertEqual(self.tree()["Heat (1995)/Heat (1995).mkv"], b"content of a/Heat (1995).mkv")
        self.assertIn("a/Alien (1979).mkv", self.tree())
        (self.media / "a/Heat (1995).mkv").unlink()
        self.run_matinee("undo")
        self.assertEqual(self.tree()["a/Heat (1995).mkv"], b"content of a/Heat (1995).mkv")


class Killed(Organize):
    def test_kill_in_a_loop_of_groups(self):
        """Renames and times of many files on one disk: each kill leaves a group half done, which the next command finds out."""
        for n in range(300):
            self.put(f"in/Film {n} (1999).mkv", f"film {n}", at=OLD + n)
        want = sorted(self.tree().values())
        self.known(kind="movies")
        there = self.media / "films"
        rng, interrupted, half, rounds = random.Random(11), 0, 0, 0
        count = lambda: sum(1 for _ in there.iterdir()) if there.is_dir() else 0
        while rounds < 5 or (half < 2 and rounds < 30):
            rounds += 1
            forth = count() < 300
            argv = ["organize", "--yes", "--times", "--template", "films/{title} ({year}){ext}"] if forth else ["undo"]
            child = subprocess.Popen([MATINEE, *argv], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            target, begun = rng.randrange(1, 299), count()
            while child.poll() is None and not (count() > max(begun, target) if forth else 0 < count() < target):
                time.sleep(0.0005)
            child.send_signal(signal.SIGKILL)
            interrupted += child.wait() == -signal.SIGKILL
            half += 0 < count() < 300
            self.run_matinee("undo", "--list")  # settles
            self.assertEqual(sorted(self.tree().values()), want, "every file is in one place, and whole")
            self.nothing_is_new()
            if not forth and count():
                self.run_matinee("undo", code=None)
        self.assertGreater(half, 0)
        self.assertEqual(self.json("items", "--limit", "0")["total"], 300)

    def run_matinee(self, *args, code=0, **kw):
        if code is not None:
            return super().run_matinee(*args, code=code, **kw)
        return subprocess.run([MATINEE, *args], cwd=self.home, env=self.env, capture_output=True)


def second_disk():
    """A folder on another file system than the temporary one, or None."""
    shm = pathlib.Path("/dev/shm")
    if shm.is_dir() and os.access(shm, os.W_OK) and os.stat(shm).st_dev != os.stat(tempfile.gettempdir()).st_dev:
        return pathlib.Path(tempfile.mkdtemp(prefix="matinee-cli.", dir=shm))
    return None


SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>
/* write() fails with FAIL_ERRNO from the third block on, in files whose name has ".partial-" in it */
ssize_t write(int fd, const void *data, size_t len)
{
	static ssize_t (*real)(int, const void *, size_t);
	static int blocks;
	char link[64], name[4096] = "";
	ssize_t n;

	if (!real)
		real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	if (n > 0 && strstr(name, ".partial-") && ++blocks > 2) {
		errno = atoi(getenv("FAIL_ERRNO"));
		return -1;
	}
	return real(fd, data, len);
}
"""


class Disks(Organize):
    def setUp(self):
        super().setUp()
        self.disk = second_disk()
        if not self.disk:
            self.skipTest("there is no second file system to write to")
        self.addCleanup(shutil.rmtree, self.disk, ignore_errors=True)

    def test_across_file_systems_and_back(self):
        self.put("a/Heat (1995).mkv", os.urandom(3_000_000))
        self.put("a/Heat (1995).srt", "s")
        before = self.tree()
        self.known(self.media, self.disk, kind="movies")
        self.organize("--preset", "plex", "--to", str(self.disk))
        self.assertEqual(self.tree(), {})
        self.assertEqual(self.tree(self.disk)["Heat (1995)/Heat (1995).mkv"], before["a/Heat (1995).mkv"])
        self.assertEqual(os.stat(self.disk / "Heat (1995)/Heat (1995).mkv").st_mtime, OLD)
        self.nothing_is_new()
        self.run_matinee("undo")
        self.assertEqual((self.tree(), self.tree(self.disk)), (before, {}))
        self.nothing_is_new()

    def test_full_or_failing_disk_in_the_middle_of_a_copy(self):  # Sonarr#3400, #8903
        shim = self.home / "shim.so"
        source = self.write("shim.c", SHIM)
        if "ASAN_OPTIONS" in self.env or subprocess.run(["cc", "-shared", "-fPIC", "-o", str(shim), source, "-ldl"]).returncode:
            self.skipTest("no shim can be put before this binary")
        self.put("a/Heat (1995).mkv", os.urandom(5_000_000))
        self.put("b/Alien (1979).mkv", os.urandom(100_000))
        before = self.tree()
        self.known(self.media, self.disk, kind="movies")
        for number in (28, 5):
            said = self.run_matinee("organize", "--yes", "--preset", "plex", "--to", str(self.disk), code=1,
                                    env={"LD_PRELOAD": str(shim), "FAIL_ERRNO": str(number)})
            self.assertIn(os.strerror(number).encode(), said.stderr)
            now = {**self.tree(), **{"to/" + n: b for n, b in self.tree(self.disk).items()}}
            self.assertEqual(sorted(now.values()), sorted(before.values()), "every file in one place, whole")
            self.assertIn("a/Heat (1995).mkv", now)
            self.nothing_is_new()

    def test_a_disk_that_vanished_gets_nothing(self):
        """What was planned for a mounted disk never goes to the empty folder below it."""
        self.put("a/Heat (1995).mkv")
        self.known(self.media, self.disk, kind="movies")
        shutil.rmtree(self.disk)
        self.assertIn("--to", self.complaint("organize", "--yes", "--preset", "plex", "--to", str(self.disk)))
        self.disk.mkdir()
        self.assertIn("a/Heat (1995).mkv", self.tree())

    def test_kill_in_a_loop(self):
        for n in range(40):
            self.put(f"in/s{n}/Film {n} ({1950 + n}).mkv", f"film {n} ".encode() * 20_000)
            self.put(f"in/s{n}/Film {n} ({1950 + n}).srt", f"sub {n}")
        want = sorted(self.tree().values())
        self.known(self.media, self.disk, kind="movies")
        rng = random.Random(7)
        there = True
        interrupted, longest, rounds = 0, 0.5, 0
        while rounds < 9 or (interrupted < 2 and rounds < 40):
            rounds += 1
            to = ["--to", str(self.disk if there else self.media), "--template",
                  "{title} ({year})/{title} ({year}){ext}" if there else "in/{title} ({year})/{title}{ext}"]
            argv = ["undo"] if rng.random() < 0.4 else ["organize", "--yes", *to]
            child = subprocess.Popen([MATINEE, *argv], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.01, longest))
            child.send_signal(signal.SIGKILL)
            if child.wait() == -signal.SIGKILL:
                interrupted += 1
            else:  # a quick machine: it was done before
                longest = max(0.06, longest * 0.7)
            # the next command settles what was in flight
            self.run_matinee("undo", "--list")
            have = {**self.tree(), **{"disk/" + n: b for n, b in self.tree(self.disk).items()}}
            self.assertEqual(sorted(have.values()), want, "every file is in one place, and whole")
            self.assertFalse([n for n in have if ".partial-" in n])
            self.nothing_is_new()
            there = rng.random() < 0.6
        self.assertGreater(interrupted, 1)
        self.assertEqual(self.json("items", "--limit", "0")["total"], 40)


if __name__ == "__main__":
    unittest.main()
