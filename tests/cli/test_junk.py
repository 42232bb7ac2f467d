"""junk: by globs and the never-junk list, samples, empty folders, what no rule knows; to the trash and back."""
import os, time, unittest

from harness import Case

OLD = 1_600_000_000


class Junk(Case):
    def setUp(self):
        super().setUp()
        self.media = self.home / "media"
        self.media.mkdir()
        for name in ("Film (1999)/Film (1999).mkv", "Film (1999)/film.part", "Film (1999)/film.R00", "Film (1999)/a.par2",
                     "Film (1999)/Thumbs.db", "Film (1999)/Film (1999).srt", "Film (1999)/movie.nfo", "Film (1999)/._Film.mkv",
                     "Film (1999)/film.1999.sample.mkv", "Film (1999)/notes.odt", "Film (1999)/disc.iso"):
            self.put(name)
        self.put("Film (1999)/new.part", at=time.time())
        (self.media / "empty/inner").mkdir(parents=True)
        for folder in ("empty/inner", "empty"):
            os.utime(self.media / folder, (OLD, OLD))
        self.run_matinee("root", "add", str(self.media))
        self.run_matinee("scan")

    def put(self, name, at=OLD):
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
        os.utime(path, (at, at))

    def tree(self):
        return {str(p.relative_to(self.media)) for p in self.media.rglob("*") if ".matinee-trash" not in p.parts}

    def names(self, *args, **kw):
        return {os.path.relpath(i["path"], self.media): i["reason"] for i in self.json("junk", *args, **kw)["items"]}

    def test_what_is_junk(self):
        junk = self.names()
        self.assertEqual(set(junk), {"Film (1999)/film.part", "Film (1999)/film.R00", "Film (1999)/a.par2",
                                     "Film (1999)/Thumbs.db", "Film (1999)/._Film.mkv", "Film (1999)/film.1999.sample.mkv",
                                     "empty", "empty/inner"})
        self.assertEqual(junk["Film (1999)/film.part"], "name like *.part")
        self.assertEqual((junk["empty"], junk["Film (1999)/film.1999.sample.mkv"]), ("empty folder", "sample"))
        for sort in ("size", "path", "reason"):
            rows = self.json("junk", "--sort", sort)["items"]
            self.assertEqual([r[sort] for r in rows], sorted((r[sort] for r in rows), key=lambda v: v.lower() if isinstance(v, str) else v))
            self.assertEqual(sorted(r[sort] for r in rows), sorted(r[sort] for r in self.json("junk", "--sort=-" + sort)["items"]))
        self.assertIn("--sort: 'colour' is none of", self.complaint("junk", "--sort", "colour", code=2))
        self.assertEqual(set(self.names("--unknown")), {"Film (1999)/notes.odt", "Film (1999)/disc.iso"})
        more = {"MATINEE_ORGANIZE_JUNK": "*.odt *.iso *.mkv", "MATINEE_ORGANIZE_NEVER_JUNK": "iso"}
        junk = self.names(env=more)
        self.assertIn("Film (1999)/notes.odt", junk)
        self.assertNotIn("Film (1999)/disc.iso", junk)
        self.assertNotIn("Film (1999)/Film (1999).mkv", junk, "media is never junk, whatever a glob says")

    def test_to_the_trash_and_back(self):
        before = self.tree()
        self.run_matinee("junk", "--apply", "--dry-run", "--yes")
        self.run_matinee("junk", "--apply", "--json", code=2)
        self.assertEqual(self.tree(), before, "review first")
        self.run_matinee("junk", "--apply", "--yes")
        self.assertEqual(self.tree(), {"Film (1999)", "Film (1999)/Film (1999).mkv", "Film (1999)/Film (1999).srt",
                                       "Film (1999)/movie.nfo", "Film (1999)/notes.odt", "Film (1999)/disc.iso",
                                       "Film (1999)/new.part"})
        self.run_matinee("undo")
        self.assertEqual(self.tree(), before)
        said = self.json("scan")
        self.assertEqual((said["added"], said["moved"], said["missing"]), (0, 0, 0))

    def test_a_folder_that_was_filled_meanwhile_stays(self):
        """jellyfin#11945: an empty folder that is a disk which is not mounted, or that got a file, is no junk."""
        self.put("disk/Other (1998).mkv")
        self.run_matinee("scan")
        (self.media / "disk/Other (1998).mkv").unlink()
        os.utime(self.media / "disk", (OLD, OLD))
        self.assertNotIn("disk", self.names())


if __name__ == "__main__":
    unittest.main()
