"""What users of other libraries lost, line by line of their complaints; the number of each stands beside it. Others of them have their test
where the thing is tested: grep for the number. Real file systems are in test_file_systems.py."""
import os, pathlib, shutil, tempfile, unittest

from harness import Case

OLD = 1_600_000_000


class Complaints(Case):
    def setUp(self):
        super().setUp()
        self.media = self.home / "media"
        self.media.mkdir()

    def put(self, name, data=None, at=OLD):
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if data is not None else f"content of {name}".encode())
        os.utime(path, (at, at))
        return path

    def tree(self):
        return {str(p.relative_to(self.media)): p.read_bytes() for p in self.media.rglob("*") if p.is_file() and ".matinee-trash" not in p.parts}

    def known(self, kind="movies"):
        self.run_matinee("root", "add", str(self.media), "--kind", kind)
        self.run_matinee("scan")

    def item(self, title):
        return next(i["id"] for i in self.json("items", "title:" + title, "--limit", "0")["items"])

    def cherish(self, title):
        """By hand: another title, a rating, a tag, a break. What must be there ever after."""
        item = str(self.item(title))
        self.run_matinee("items", "edit", item, "--set", "title=Mine own", "--set", "rating=TV-PG", "--tag", "loved")
        self.run_matinee("markers", "add", item, "00:00:20", "--title", "here")
        return item

    def cherished(self, item, state=None):
        shown = self.json("show", item)
        self.assertEqual((shown["title"], shown["rating"], shown["tags"], [m["title"] for m in shown["markers"]]), ("Mine own", "TV-PG", ["loved"], ["here"]))
        return shown


class DataLoss(Complaints):
    def test_a_share_that_is_offline(self):
        """jellyfin#13204, #1714, #4123, navidrome#3406, MediaBrowser/Emby#3286: a mount that is away removes nothing, forgets nothing that was set
        by hand or found out about the files, and a watcher beside us hears of no removal (arabcoders/watchstate#749)."""
        for n in range(30):
            self.put(f"Film {n} (1999).mkv")
        self.known()
        item = self.cherish("Film 3")
        before = self.json("items", "--limit", "100")
        for how in ("not there", "empty"):
            os.rename(self.media, self.home / "away")
            if how == "empty":
                self.media.mkdir()
            for _ in range(2):
                self.run_matinee("scan")
                self.assertEqual(self.json("root", "list")["items"][0]["state"], "missing")
                self.assertEqual(self.json("items", "--limit", "100"), before, how)
                self.cherished(item)
            if how == "empty":
                self.media.rmdir()
            os.rename(self.home / "away", self.media)
            said = self.json("scan")
            self.assertEqual([said[k] for k in ("added", "changed", "moved", "missing", "probed")], [0] * 5, "nothing is found out again")
            self.assertEqual(self.json("items", "--limit", "100"), before)

    def test_a_folder_that_cannot_be_read(self):
        """xbmc#25724: errors while reading are no deletions. A folder in place of which a file or a broken link stands is gone, but no item is."""
        for n in range(9):
            self.put(f"some/Film {n} (1999).mkv")
        for n in range(60):
            self.put(f"rest/Other {n} (2001).mkv")
        self.known()
        item = self.cherish("Film 3")
        os.rename(self.media / "some", self.home / "some")
        (self.media / "some").symlink_to("nowhere")
        self.run_matinee("scan")
        self.cherished(item)
        self.assertEqual(self.json("items", "--limit", "1")["total"], 69)
        (self.media / "some").unlink()
        os.rename(self.home / "some", self.media / "some")
        self.run_matinee("scan")
        self.assertEqual(self.cherished(item)["files"][0]["path"], str(self.media / "some/Film 3 (1999).mkv"))

    def test_a_root_whose_path_is_another(self):
        """Radarr#2916: the reference to the path changed, 600 films were deleted. The root is told, or found, and keeps all."""
        for n in range(30):
            self.put(f"Film {n} (1999).mkv")
        self.known()
        item = self.cherish("Film 3")
        root = str(self.json("root", "list")["items"][0]["id"])
        os.rename(self.media, self.home / "elsewhere")
        self.run_matinee("scan")
        self.assertEqual(self.json("items", "--limit", "1")["total"], 30)
        self.run_matinee("root", "move", root, str(self.home / "elsewhere"))
        said = self.json("scan")
        self.assertEqual([said[k] for k in ("added", "changed", "moved", "missing")], [0] * 4)
        self.cherished(item)

    def test_one_film_of_a_folder_goes(self):
        """jellyfin#12097, jellyfin-web#8386, jellyfin#13250: one copy goes, and nothing else in its folder: no other film, no extras, no NFO."""
        self.put("Films/Heat (1995).mkv", b"heat" * 1000)
        self.put("Films/Alien (1979).mkv", b"alien" * 1000)
        self.put("Films/Extras/Making of.mkv", b"extra" * 1000)
        self.put("Films/Heat (1995).nfo", b"nfo")
        self.put("Films/movie.nfo", b"folder's")
        self.put("Kept/Heat again (1996).mkv", b"heat" * 1000, at=OLD - 100)
        self.known()
        before = self.tree()
        self.json("duplicates")
        self.run_matinee("duplicates", "--apply", "--yes", "--keep", "shortest")
        now = self.tree()
        self.assertEqual(set(before) - set(now), {"Kept/Heat again (1996).mkv"})
        self.assertFalse((self.media / "Kept").exists())
        self.run_matinee("undo")
        self.run_matinee("duplicates", "--apply", "--yes", "--keep", "oldest", "--by", "full")
        self.assertEqual(len(self.tree()), len(before) - 1)
        self.assertTrue({n for n in before if "Heat" not in n} <= set(self.tree()))
        self.run_matinee("trash", "empty", "--yes")
        self.assertEqual(len(self.tree()), len(before) - 1)
        self.assertTrue((self.media / "Films").is_dir())

    def test_a_better_copy_never_bins_the_old_one(self):
        """Sonarr PR#8903, Sonarr#1900: a file whose new name is taken stays, and so does the one that has it."""
        self.put("in/Heat.1995.2160p.mkv", b"new")
        self.put("Heat (1995)/Heat (1995).mkv", b"old")
        self.known()
        before = self.tree()
        self.run_matinee("organize", "--yes", "--preset", "plex")
        self.assertEqual(self.tree(), before)
        self.assertEqual(self.json("trash", "list")["total"], 0)

    def test_characters_that_a_file_system_does_not_take(self):
        """Komet/MediaElch#240: a title with such characters made a file of 0 bytes. The name is made safe, the film is whole."""
        titles = ("AC/DC: Who? <1979> |*\"live\"", "..", "CON", "trailing dots...", "x" * 400, "tab\there\nand\x01there", "~/.ssh/../..")
        for n in range(len(titles)):
            self.put(f"in/Film {n} (19{50 + n}).mkv", b"film %d" % n * 1000)
        self.known()
        for n, title in enumerate(titles):
            self.run_matinee("items", "edit", str(self.item(f"Film {n}")), "--set", f"title={title}", code=None)
        whole = sorted(self.tree().values())
        self.run_matinee("organize", "--yes", "--preset", "plex", code=None)
        self.assertEqual(sorted(self.tree().values()), whole)
        for name in self.tree():
            self.assertLessEqual(max(len(part.encode()) for part in name.split("/")), 255)
            self.assertFalse([c for c in name if ord(c) < 32], name)
        self.assertEqual({p.name for p in self.home.iterdir()} - {"media", ".local"}, set(), "nothing went outside")
        self.run_matinee("undo")
        self.assertEqual(sorted(self.tree()), sorted(f"in/Film {n} (19{50 + n}).mkv" for n in range(len(titles))))

    def run_matinee(self, *args, code=0, **kw):
        if code is not None:
            return super().run_matinee(*args, code=code, **kw)
        try:
            return super().run_matinee(*args, **kw)
        except AssertionError:  # refused in so many words is as good
            return super().run_matinee(*args, code=2, **kw)


class Identity(Complaints):
    def test_versions_that_coexist(self):
        """jellyfin#15389, #15824, #16149, #15001: a second version comes, the first goes, the second is renamed: one item, with all that it has."""
        first = self.put("Heat (1995)/Heat (1995) - 720p.mkv", b"small" * 100)
        self.known()
        item = self.cherish("Heat")
        second = self.put("Heat (1995)/Heat (1995) - 2160p.mkv", b"large" * 1000)
        self.run_matinee("scan")
        self.assertEqual(len(self.cherished(item)["files"]), 2)
        first.unlink()
        self.run_matinee("scan")
        self.cherished(item)
        os.rename(second, self.media / "Heat (1995)/Heat.1995.UHD.mkv")
        self.run_matinee("scan")
        self.assertIn(str(self.media / "Heat (1995)/Heat.1995.UHD.mkv"), [f["path"] for f in self.cherished(item)["files"]])
        self.assertEqual(self.json("items")["total"], 1)

    def test_moved_between_libraries(self):
        """navidrome#2068, #2149, #5514, #6166: to another root, by rename and by copy to another disk."""
        other = pathlib.Path(tempfile.mkdtemp(prefix="matinee-cli.", dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
        self.addCleanup(shutil.rmtree, other, ignore_errors=True)
        self.put("Heat (1995).mkv")
        self.put("Alien (1979).mkv")
        self.known()
        self.run_matinee("root", "add", str(other), "--kind", "movies")
        item = self.cherish("Heat")
        shutil.move(self.media / "Heat (1995).mkv", other / "heat-remastered.mkv")
        self.run_matinee("scan")
        self.assertEqual(self.cherished(item)["files"][0]["path"], str(other / "heat-remastered.mkv"))
        self.assertEqual(self.json("items")["total"], 2)

    def test_a_file_that_cannot_be_opened(self):
        """mpv#3427, #1281, #7613: what is known of a film is not kept by its path, and does not go when the path cannot be opened."""
        path = self.put("Heat (1995).mkv")
        self.known()
        item = self.cherish("Heat")
        os.rename(path, self.home / "hidden")
        path.symlink_to("/nowhere/at/all")
        self.run_matinee("scan")
        self.run_matinee("validate", item, code=0)
        self.cherished(item)
        path.unlink()
        os.rename(self.home / "hidden", self.media / "back under another name.mkv")
        self.run_matinee("scan")
        self.assertEqual(self.cherished(item)["files"][0]["path"], str(self.media / "back under another name.mkv"))


class FileSystem(Complaints):
    def test_hard_links_are_counted_once(self):
        """czkawka#1267, #352, fclones#139, #177: names of one file are one file; nothing is gained by dropping one, and none is offered."""
        film = self.put("Heat (1995).mkv", b"heat" * 10000)
        (self.media / "seed").mkdir()
        os.link(film, self.media / "seed/heat.1995.mkv")
        self.known()
        groups = self.json("duplicates")["items"]
        self.assertEqual([g["reclaim_bytes"] for g in groups if g["kind"] in ("full", "sample")], [])
        self.run_matinee("duplicates", "--apply", "--yes")
        self.assertEqual(len(self.tree()), 2)

    def test_a_hard_link_is_a_hard_link(self):
        """Sonarr#6260, #606, #3975, fclones#196: to another file system it is refused in words; no copy, no symlink instead."""
        other = pathlib.Path("/dev/shm")
        if not os.access(other, os.W_OK) or os.stat(other).st_dev == os.stat(self.media).st_dev:
            self.skipTest("there is no second file system to write to")
        other = pathlib.Path(tempfile.mkdtemp(prefix="matinee-cli.", dir=other))
        self.addCleanup(shutil.rmtree, other, ignore_errors=True)
        film = self.put("in/Heat (1995).mkv")
        self.known()
        self.run_matinee("root", "add", str(other), "--kind", "movies")
        done = self.run_matinee("organize", "--yes", "--preset", "plex", "--action", "hardlink", "--to", str(other), code=1)
        self.assertIn(b"a hard link cannot lead to another file system", done.stderr)
        self.assertEqual([p for p in other.rglob("*") if not p.is_dir()], [])
        self.run_matinee("organize", "--yes", "--preset", "plex", "--action", "hardlink")
        self.assertTrue(os.path.samefile(film, self.media / "Heat (1995)/Heat (1995).mkv"))
        self.assertFalse((self.media / "Heat (1995)/Heat (1995).mkv").is_symlink())


if __name__ == "__main__":
    unittest.main()
