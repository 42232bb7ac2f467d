"""`matinee prepare`: what airs next is encoded ahead, by itself or by the server; what is done when it is stopped stays."""
import contextlib, json, signal, sqlite3, subprocess, time, unittest, unittest.mock

from harness import MATINEE, Served


class Prepare(Served):
    def film(self, name, seconds, sound="sine=440:r=48000"):
        path = self.home / "films" / name
        path.parent.mkdir(exist_ok=True)
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-i",
                        sound, "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(path)], check=True)

    def station(self, *films):
        for i, seconds in enumerate(films):
            self.film(f"Film {i} (200{i}).mkv", seconds)
        self.run_matinee("root", "add", "films", "--kind", "movies")
        self.run_matinee("scan")
        self.run_matinee("channel", "add", "One", "--number", "1", "--order", "loop", "--profile", "480p")

    def segments(self):
        return sorted(p.name for p in (self.home / ".local/share/matinee/cache").glob("??/*/*.ts"))

    def test_by_itself_and_only_once(self):
        self.station(4, 6)
        self.assertEqual(self.json("prepare", "1", "--hours", "1"), {"segments": 5, "done": 5, "failed": 0, "speed": unittest.mock.ANY})
        first = self.segments()
        self.assertEqual(len(first), 5)
        self.assertIn("5 of 5 segments are prepared", self.out("prepare", "One"))
        self.assertEqual(self.segments(), first)
        status = self.json("status")
        self.assertEqual((status["started"], status["cache"]["segments"], status["channels"]["total"]), (None, 5, 1))
        self.assertIn("there is no channel", self.complaint("prepare", "9"))
        self.assertIn("hours", self.complaint("prepare", "--hours", "0", code=2))

    def gains(self):
        with contextlib.closing(sqlite3.connect(f"file:{self.home}/.local/share/matinee/matinee.db?mode=ro", uri=True)) as db:
            return {row[0] for row in db.execute("SELECT DISTINCT c.gain_mb FROM timeline t JOIN clips c ON c.id = t.clip_id WHERE c.file_id")}

    def test_heard_before_it_is_encoded(self):
        self.film("Loud (2001).mkv", 4, "aevalsrc='0.9*sin(2*PI*440*t)':s=48000")
        self.station()
        self.assertEqual(self.gains(), {0})
        self.assertIn("1 of its files have not been heard yet", self.out("schedule", "build", "1", "--hours", "1"))
        done = self.json("prepare", "1", "--hours", "1")
        self.assertEqual(done["done"], done["segments"])
        self.assertLess(max(self.gains()), -1000)  # nobody has watched it: all of its log
        self.assertEqual(len(self.segments()), done["done"])  # none was made for nothing
        self.assertEqual(self.out("schedule", "build", "1", "--hours", "1").strip(), "channel 1 'One' is built")

    def test_by_the_server(self):
        self.station(4, 6)
        self.serve("--mode", "server")
        done = self.json("prepare")
        self.assertGreaterEqual(done["done"], 5)  # more when loudness is known by then: those are other clips
        self.assertEqual(done["done"], done["segments"])
        self.assertGreaterEqual(len(self.segments()), done["done"])
        status = self.json("status")
        self.assertEqual(status, {**self.ask("GET", "/api/status")[1], **{k: status[k] for k in ("now", "uptime_ms", "workers", "scan", "cache")}})
        self.assertGreater(status["encode"]["speed"], 0)
        self.assertRegex(self.out("status"), r"(?m)^server\trunning$[\s\S]*^cache write errors\t0, 0 MB held in memory$")
        code, answer = self.ask("POST", "/api/prepare", {"channel": None, "hours": 2})
        self.assertEqual(code, 202)
        for _ in range(300):
            job = self.ask("GET", f"/api/jobs/{answer['job']}")[1]
            if job["state"] == "done":
                break
            time.sleep(0.1)
        self.assertEqual((job["state"], job["kind"]), ("done", "prepare"))
        self.assertEqual(job["result"]["done"], job["result"]["segments"])
        self.assertEqual(self.ask("POST", "/api/prepare", {"hours": 999})[0], 422)
        self.assertEqual(self.ask("POST", "/api/prepare", {"channel": 999})[0], 404)

    def test_what_is_done_stays(self):
        self.station(40)
        running = subprocess.Popen([MATINEE, "prepare"], cwd=self.home, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while len(self.segments()) < 2 and running.poll() is None:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        self.assertIn("stopped", running.communicate(timeout=60)[1])
        some = self.segments()
        self.assertGreater(running.returncode, 0)
        self.assertTrue(2 <= len(some) < 20, len(some))
        self.assertEqual(self.json("prepare")["done"], 20)
        self.assertLessEqual(set(some), set(self.segments()))


if __name__ == "__main__":
    unittest.main()
