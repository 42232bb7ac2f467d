"""Encoders by name: one that is asked for and does not work is said aloud, clips that it was to make go on with libx264 frame
for frame; HEVC plays where it is asked for. A chip that works is not needed, and spoils nothing: then the fallback is skipped."""
import json, pathlib, re, shutil, sqlite3, subprocess, tempfile, time, unittest

import harness, players
from test_faults import Watch

BESIDE = 33  # seconds; see tools/check.py

FILM_SECONDS = 240
WATCHED = 20


class Encoders(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-encoders."))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        film = cls.folder / "Film (2001)"
        film.mkdir()
        harness.ffmpeg(film / "Film (2001).mkv", "testsrc=s=160x90:r=25", "sine=440:r=48000", FILM_SECONDS, harness.V + " -c:a aac -b:a 64k")
        cls.server = harness.Server(env={"MATINEE_STREAM_ENCODER": "h264_vaapi"}).start()
        cls.addClassCleanup(cls.server.close)
        cls.server.cli("root", "add", cls.folder, "--kind", "movies")
        harness.until("the film came into the library", lambda: cls.server.json("/api/items?kind=movie")["total"] or cls.server.cli("scan", timeout=180) and False)
        cls.server.add_channel(1, "Chip", "--kind", "movie", "--order", "loop", "--profile", "480p")
        cls.server.add_channel(2, "Hevc", "--kind", "movie", "--order", "loop", "--profile", "720p-hevc")
        cls.server.wait_for(1, 3)
        cls.server.wait_for(2, 3)
        cls.status = cls.tried()

    @classmethod
    def tried(cls):
        """The status once all candidates were tried."""
        status = lambda: cls.server.json("/api/status")
        harness.until(lambda: status()["encoders"], lambda: all(e["state"] != "unknown" for e in status()["encoders"]))
        return status()

    def states(self):
        return {e["name"]: e for e in self.status["encoders"]}

    def needs_failure(self):
        if self.states()["h264_vaapi"]["state"] == "works":
            self.skipTest("VA-API works on this machine")

    def test_1_the_fallback_is_loud(self):
        self.needs_failure()
        states = self.states()
        self.assertEqual(states["h264_vaapi"]["state"], "failed")
        self.assertIn("needs", states["h264_vaapi"]["why"])
        self.assertEqual(states["libx264"]["state"], "works")
        self.assertNotIn("h264_nvenc", states)  # nobody asked for it
        self.assertEqual(self.status["encoder"], "libx264")
        self.assertTrue([f for f in self.status["faults"] if "h264_vaapi does not work" in f["reason"]], self.status["faults"])
        self.assertIn("WARNING encode: h264_vaapi does not work, libx264 encodes instead", self.server.said())
        told = self.server.cli("status")
        self.assertIn("h264_vaapi", told)
        self.assertIn("failed: h264_vaapi does not open", told)

    def test_2_a_chip_that_is_gone(self):
        """What lies in the log for the chip is on the air when the machine has none: as if it was taken out over night."""
        self.needs_failure()
        self.server.stop()
        with sqlite3.connect(self.server.data / "matinee.db") as db:
            changed = db.execute("UPDATE clips SET profile = '480p+vaapi', key = lower(hex(randomblob(16))) WHERE profile = '480p' AND file_id").rowcount
        db.close()
        self.assertGreater(changed, 0)
        self.server.start()
        watch = Watch(self.server, 1).until(time.monotonic() + WATCHED)
        self.assertEqual(watch.problems()[:10], [])
        self.assertIn("goes on with libx264", self.server.said())
        rows = json.loads(self.server.cli("as-run", 1, "--json"))["items"]
        told = [r for r in rows if r["status"] in ("fallback", "slate") and "h264_vaapi does not open" in (r["note"] or "")]
        self.assertTrue(told and told[0]["replaced"], rows)
        shown = [self.saturation(watch.data[n]) > 20 for n in sorted(watch.data)]
        self.assertTrue(all(shown[-3:]), shown)  # the film, no slate
        first = shown.index(True)
        self.assertLess(first, 10)  # what was in the playlist already
        self.assertTrue(all(shown[first:]), shown)

    def saturation(self, segment):
        path = self.folder / "last.ts"
        path.write_bytes(segment)
        done = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1", "-vf", "signalstats,metadata=print:file=-", "-f", "null", "-"],
                              capture_output=True, text=True, check=True)
        return float(re.search(r"SATAVG=([0-9.]+)", done.stdout)[1])

    def test_3_hevc_plays(self):
        playlist = self.server.wait_for(2, 3)
        master = self.server.get("/channel/2/master.m3u8").decode()
        self.assertIn('CODECS="hvc1.1.6.L93.B0,mp4a.40.2"', master)
        segment = self.server.segment(playlist, max(playlist.segments))
        path = self.folder / "hevc.ts"
        path.write_bytes(segment)
        seen = json.loads(subprocess.run(["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)], capture_output=True, check=True).stdout)
        self.assertEqual([s["codec_name"] for s in seen["streams"]], ["hevc", "aac"])
        self.assertEqual((seen["streams"][0]["profile"], seen["streams"][0]["width"], seen["streams"][0]["has_b_frames"]), ("Main", 1280, 1))
        played = players.ffmpeg(f"{self.server.url}/channel/2.ts", 12)
        self.assertEqual(played.problems, [], played.facts)
        self.assertGreater(played.facts["video_frames"], 8 * 25)
