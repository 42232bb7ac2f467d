"""A channel that copies HEVC: open and closed groups of pictures, 8 and 10 bit, and between them a film of H.264, which is encoded into
HEVC. Clients go over all joins, and over an alert that begins and ends amid open groups."""
import concurrent.futures, json, pathlib, subprocess, tempfile, time, unittest

import players, test_copy, test_page

BESIDE = 52  # seconds; see tools/check.py

SECONDS = 45
H265 = "-c:v libx265 -preset ultrafast -pix_fmt {} -x265-params log-level=none:{} -c:a "
OPEN = "keyint=50:min-keyint=50:scenecut=0:bframes=4:b-adapt=0"
FILMS = [
    ("One (2001).mkv", "testsrc2=s=640x360:r=25", "sine=f=300:r=48000", 11, H265.format("yuv420p", OPEN) + "ac3"),
    ("Two (2002).mkv", "smptebars=s=480x270:r=25", "sine=f=500:r=48000", 9, H265.format("yuv420p10le", "keyint=75:open-gop=0") + "ac3 -ac 6"),
    ("Three (2003).mp4", "testsrc=s=320x180:r=25", "sine=f=700:r=44100", 8, H265.format("yuv420p", OPEN) + "aac"),
    ("Four (2004).mkv", "testsrc=s=320x180:r=25", "sine=f=900:r=48000", 5, "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac"),
]
# An alert ends with a decoder's start: up to two of its pictures and the four before the first copied key picture are not shown.
LARGEST = 0.4


class CopyHevc(test_copy.Copy):
    films, profile, copied = FILMS, "source-hevc", 3
    test_alert = test_segments_have_the_files_pictures = None

    def test_segments(self):
        playlist = self.server.playlist(1)
        self.assertNotIn("INDEPENDENT-SEGMENTS", playlist.text)  # of an open group the first pictures need the segment before
        self.assertIn("#EXT-X-DISCONTINUITY\n", playlist.text)
        seen = set()
        with tempfile.TemporaryDirectory() as tmp:
            for sequence in sorted(playlist.segments)[-14:]:
                path = pathlib.Path(tmp) / "s.ts"
                path.write_bytes(self.server.segment(playlist, sequence))
                out = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height,pix_fmt", "-of", "json",
                                      str(path)], capture_output=True, text=True, check=True).stdout
                streams = json.loads(out)["streams"]
                self.assertEqual([s["codec_name"] for s in streams], ["hevc", "aac"])
                seen.add((streams[0]["width"], streams[0]["height"], streams[0]["pix_fmt"]))
        self.assertEqual(seen, {(640, 360, "yuv420p"), (480, 270, "yuv420p10le"), (320, 180, "yuv420p"), (1280, 720, "yuv420p")})

    @unittest.skipUnless(players.have("chromium") and players.have("node") and players.hls_js_at(), "no browser to watch with")
    def test_the_page_says_that_it_cannot(self):
        if b"<script" not in self.server.get("/"):
            self.skipTest("the page is not built in")
        viewer = test_page.Viewer(f"{self.server.url}/watch/1")
        self.addCleanup(viewer.close)
        viewer.do("reads which the page cannot play")

    def test_clients(self):
        url = f"{self.server.url}/channel/1.m3u8"
        calls = {"ffmpeg": players.ffmpeg, "ffmpeg ts": lambda u, s: players.ffmpeg(u.replace(".m3u8", ".ts"), s)}
        if players.have("mpv"):
            calls["mpv"] = players.mpv
            calls["mpv ts"] = lambda u, s: players.mpv(u.replace(".m3u8", ".ts"), s)
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            seen = {name: pool.submit(play, url, SECONDS) for name, play in calls.items()}
            time.sleep(8)
            self.server.cli("alert", "Stay inside", "--channels", "1", "--for", "9")
            for name, future in seen.items():
                with self.subTest(name):
                    watched = test_copy.judged(future.result())
                    if watched.only_slow():
                        watched = test_copy.judged(calls[name](url, SECONDS // 2))
                    self.assertLess(watched.facts.get("video_largest_step", 0), LARGEST, watched)
                    problems = [p for p in watched.problems if "a hole of" not in p]
                    self.assertFalse(problems, watched)
