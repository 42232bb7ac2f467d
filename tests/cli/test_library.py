"""Roots, scan, items, show: from a folder to a list, with the real workers."""
import json, os, pathlib, platform, re, subprocess, unittest
from harness import Case, MATINEE


class Library(Case):
    def clip(self, name, seconds=1):
        path = self.home / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc=d={seconds}:s=160x120:r=25",
                        "-f", "lavfi", "-i", f"sine=d={seconds}", "-c:v", "mpeg4", "-c:a", "aac", "-shortest",
                        "-f", "matroska", str(path)], check=True)
        return path

    def library(self):
        self.clip("Show/Season 1/Show S01E01 Pilot.mkv", 2)
        self.clip("Heat (1995).mkv")
        self.clip("Commercials/-rf.mkv")
        self.write("media/broken.mkv", "this is no film")
        self.run_matinee("root", "add", "media")
        return self.json("scan")

    def test_from_folder_to_list(self):
        totals = self.library()
        self.assertEqual([totals[k] for k in ("seen", "added", "probed", "failed")], [4, 4, 4, 1])
        items = self.json("items")
        self.assertEqual(items["total"], 5)
        self.assertEqual([(i["kind"], i["title"], i["state"]) for i in items["items"]],
                         [("commercial", "-rf", "ok"), ("movie", "Broken", "failed"), ("movie", "Heat", "ok"),
                          ("show", "Show", "ok"), ("episode", "Show", "ok")])
        self.assertEqual(self.json("items", "--search", "pilot")["total"], 1)
        self.assertEqual(len(self.out("items", "--kind", "movie", "--limit", "1").splitlines()), 1)
        film = next(i for i in items["items"] if i["title"] == "Heat")
        shown = self.json("show", str(film["id"]))
        self.assertEqual(shown["files"][0]["path"], str((self.home / "media/Heat (1995).mkv").resolve()))
        self.assertAlmostEqual(shown["duration_ms"], 1000, delta=100)
        self.assertIn("Heat", self.out("show", str(film["id"])))
        self.assertEqual(self.json("scan")["added"], 0)

    def test_a_root_that_is_away(self):
        self.library()
        os.rename(self.home / "media", self.home / "elsewhere")
        done = self.run_matinee("scan")
        self.assertIn(b"is not there", done.stderr)
        self.assertEqual(self.json("root", "list")["items"][0]["state"], "missing")
        self.assertEqual(self.json("items")["total"], 5)
        os.rename(self.home / "elsewhere", self.home / "media")
        self.assertEqual(self.json("scan")["changed"], 0)
        self.assertEqual(self.json("root", "list")["items"][0]["state"], "ok")

    def test_dry_run_names_what_would_change(self):
        self.library()
        self.clip("New (2001).mkv")
        text = self.out("scan", "--dry-run")
        self.assertEqual(text, f"new\t{(self.home / 'media/New (2001).mkv').resolve()}\n")
        self.assertEqual(self.json("items")["total"], 5)

    def test_roots_are_checked_and_forgotten(self):
        self.library()
        self.assertIn("known already", self.complaint("root", "add", "media/"))
        self.assertIn("not a folder", self.complaint("root", "add", "media/broken.mkv", code=2))
        self.assertIn("No such file", self.complaint("root", "add", "nowhere"))
        self.run_matinee("root", "add", "media", "--kind", "nonsense", code=2)
        done = self.run_matinee("root", "remove", "media", code=2, text=b"n\n")
        self.assertIn(b"4 files", done.stderr)
        self.assertEqual(self.json("items")["total"], 5)
        self.run_matinee("root", "remove", "1", "--yes")
        self.assertEqual(self.json("items")["total"], 0)
        self.assertTrue((self.home / "media/Heat (1995).mkv").exists())

    def test_wrong_words(self):
        self.library()
        self.assertIn("no item 4711", self.complaint("show", "4711"))
        self.complaint("show", "x", code=2)
        self.complaint("items", "--sort", "colour", code=2)
        self.assertIn("in no root", self.complaint("scan", "/"+"x"*200).split("\n")[0])
        self.complaint("worker", code=2)

    @unittest.skipUnless(platform.machine() in ("x86_64", "aarch64"), "libav is linked on this machine")
    def test_libav_that_is_broken_is_no_files_fault(self):
        wanted = re.search(rb"libavformat\.so\.\d+", pathlib.Path(MATINEE).read_bytes())[0].decode()
        self.write("libraries/" + wanted, "no library")
        self.write("media/Heat (1995).mkv", "this is no film")
        self.run_matinee("root", "add", "media")
        said = self.run_matinee("scan", code=1, env={"LD_LIBRARY_PATH": str(self.home / "libraries")}).stderr.decode()
        self.assertIn(f"\nmatinee: workers cannot run: load the library {wanted}: ", said)
        self.assertEqual(self.json("items")["items"][0]["state"], "new")
        self.assertEqual(self.json("scan")["failed"], 1)


if __name__ == "__main__":
    unittest.main()
