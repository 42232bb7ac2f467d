"""Break points by hand and generated, and validation, on a film that was made for it."""
import os, subprocess
from harness import Case


class Markers(Case):
    def film(self):
        path = self.home / "media" / "Film (2001).mkv"
        path.parent.mkdir()
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc=d=30:s=160x90:r=25", "-f", "lavfi", "-i", "sine=d=30",
                        "-vf", "drawbox=enable='between(t,10,11)':color=black:t=fill", "-af", "volume=enable='between(t,10,11)':volume=0",
                        "-c:v", "mpeg4", "-c:a", "aac", str(path)], check=True)
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        return path

    def test_by_hand_and_generated(self):
        self.film()
        self.assertEqual(self.out("markers", "add", "1", "00:00:20.50", "--title", "here"), "marker 1: break at 00:00:20.50\n")
        self.assertIn("00:00:21.00", self.out("markers", "set", "1", "1", "--at", "21"))
        self.assertIn("ends before it starts", self.complaint("markers", "set", "1", "1", "--end", "00:00:10", code=2))
        self.complaint("markers", "add", "1", "soon", code=2)
        self.complaint("markers", "add", "4711", "10")
        found = self.json("markers", "generate", "1")
        self.assertEqual((found["applied"], [p["chosen"] for p in found["items"]]), (False, [True]))
        self.assertEqual(self.json("markers", "list", "1")["total"], 1)
        self.run_matinee("markers", "generate", "1", "--apply")
        self.assertEqual([(m["source"], m["title"]) for m in self.json("markers", "list", "1")["items"]], [("black", ""), ("manual", "here")])
        self.run_matinee("markers", "remove", "1", "1")
        self.assertEqual(self.out("markers", "list", "1").split("\t")[1], "break")

    def test_all_that_was_not_looked_at(self):
        film, home = self.film(), self.home / "media"
        for name in ("Break (2002).mkv", "Mine (2003).mkv"):
            (home / name).write_bytes(film.read_bytes())
        (home / "Short (2004).mkv").write_bytes(film.read_bytes())
        self.run_matinee("scan")
        mine = str(next(i["id"] for i in self.json("items")["items"] if i["title"] == "Mine"))
        self.run_matinee("markers", "add", mine, "5")
        self.assertIn("either an item or --all", self.complaint("markers", "generate", "1", "--all", code=2))
        self.assertIn("which item", self.complaint("markers", "generate", code=2))
        self.assertEqual(self.json("markers", "generate", "--all"), {"items": 0, "breaks": 0, "failed": 0})  # all too short
        self.assertEqual(self.json("markers", "generate", "--all", "--longer", "20"), {"items": 3, "breaks": 3, "failed": 0})
        self.assertEqual(self.json("markers", "generate", "--all", "--longer", "20")["items"], 0)  # they are known
        self.assertEqual([m["source"] for m in self.json("markers", "list", mine)["items"]], ["manual"])
        self.run_matinee("markers", "remove", "1", str(self.json("markers", "list", "1")["items"][0]["id"]))
        self.assertEqual(self.json("markers", "generate", "--all", "--longer", "20")["items"], 0)  # what was taken away stays away

    def test_what_cannot_be_played_is_said(self):
        path = self.film()
        self.assertEqual(self.json("validate")["failed"], 0)
        self.assertEqual(self.json("validate")["checked"], 0)  # it is known
        os.truncate(path, path.stat().st_size // 2)
        self.run_matinee("scan")
        done = self.json("validate", "film")
        self.assertEqual(done["failed"], 1)
        self.assertTrue(done["items"][0]["problems"])
        self.assertEqual(self.json("items", "is:invalid")["total"], 1)
