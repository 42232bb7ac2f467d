"""`matinee jobs` and the jobs of a server: asked for by HTTP, listed, cancelled, and what a killed server leaves."""
import json, os, signal, subprocess, unittest

from harness import MATINEE, Served


class Jobs(Served):
    def test_hash_by_a_job(self):
        self.write("media/a.mkv", "not media, but bytes")
        self.write("media/b.mkv", b"x" * 300000)
        os.link(self.home / "media/b.mkv", self.home / "media/c.mkv")
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        self.serve("--mode", "server")
        code, job = self.ask("POST", "/api/jobs", {"kind": "hash", "what": "full"})
        self.assertEqual(code, 202)
        self.until(lambda: self.ask("GET", f"/api/jobs/{job['id']}")[1]["state"], "done")
        done = self.ask("GET", f"/api/jobs/{job['id']}")[1]
        self.assertEqual(done["result"], {"files": 2, "failed": 0, "bytes": 300020})
        self.assertEqual(done["progress"], 1.0)
        listed = self.json("jobs", "--state", "done")
        self.assertEqual([one["id"] for one in listed["items"]], [job["id"]])
        self.assertIn("\thash\tdone\t100 %\t", self.out("jobs"))
        code, error = self.ask("DELETE", f"/api/jobs/{job['id']}")
        self.assertEqual((code, error["error"]["code"]), (409, "conflict"))
        self.write("media/d.mkv", "not media, but bytes")  # a short one: its sample is all, the other has a full hash besides
        self.run_matinee("scan")
        self.assertEqual(sorted(os.path.basename(f["path"]) for g in self.ask("GET", "/api/duplicates")[1]["items"] for f in g["files"]), ["a.mkv", "d.mkv"])

    def test_breaks_are_found_in_their_part_of_the_day(self):
        film = self.home / "media" / "Film (2001).mkv"
        film.parent.mkdir()
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=d=601:s=64x48:r=5", "-f", "lavfi", "-i", "sine=d=601:r=8000",
                        "-vf", "drawbox=enable='between(t,300,302)':color=black:t=fill", "-af", "volume=enable='between(t,300,302)':volume=0",
                        "-c:v", "mpeg4", "-c:a", "aac", "-ar", "8000", str(film)], check=True)
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        self.env["MATINEE_LIBRARY_FULL_HASH"] = self.env["MATINEE_LIBRARY_FIND_BREAKS"] = "off"
        self.end(self.serve("--mode", "full"))
        self.assertEqual(self.json("jobs", "--state", "done")["total"], 0)
        self.env["MATINEE_LIBRARY_FIND_BREAKS"] = "always"
        server = self.serve("--mode", "full")
        self.until(lambda: [m["source"] for m in self.json("markers", "list", "1")["items"]], ["black"])
        self.until(lambda: [(j["kind"], j["state"]) for j in self.json("jobs")["items"]], [("breaks", "done")])
        self.end(server)
        self.env["MATINEE_LIBRARY_FIND_BREAKS"] = "at night"
        self.assertIn("library.find_breaks", self.complaint("serve", "--port", "0", code=self.code("serve", "--port", "0")))

    def code(self, *args):
        return subprocess.run([MATINEE, *args], capture_output=True, cwd=self.home, env=self.env, timeout=60).returncode

    def test_nonsense(self):
        self.serve("--mode", "server")
        for body in ({}, {"kind": "rm"}, {"kind": 5}, {"kind": "hash", "what": "none"}, {"kind": "hash", "root": "x"}, []):
            self.assertIn(self.ask("POST", "/api/jobs", body)[0], (400, 422), body)
        self.assertEqual(self.ask("GET", "/api/jobs/77")[0], 404)
        self.assertEqual(self.ask("GET", "/api/jobs?state=odd")[0], 400)
        self.assertEqual(self.complaint("jobs", "cancel", "77"), "there is no job 77")
        self.complaint("jobs", "cancel", "x", code=2)

    def test_a_killed_server(self):
        self.write("media/big.mkv", b"")
        with open(self.home / "media/big.mkv", "r+b") as big:
            big.truncate(200 << 30)  # a hole that takes minutes to hash
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        server = self.serve("--mode", "server")
        job = self.ask("POST", "/api/jobs", {"kind": "hash"})[1]["id"]
        state = lambda: [(one["state"], one["attempts"]) for one in self.json("jobs")["items"]]
        self.until(state, [("running", 1)])
        self.end(server, signal.SIGKILL)
        self.assertEqual(state(), [("running", 1)])
        server = self.serve("--mode", "server")
        self.until(state, [("running", 2)])  # begun again
        self.run_matinee("jobs", "cancel", str(job))  # through the server
        self.until(state, [("cancelled", 2)])
        self.end(server)
        self.assertEqual(self.out("jobs", "--state", "open"), "")


if __name__ == "__main__":
    unittest.main()
