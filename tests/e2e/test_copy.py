"""A channel that copies: the files' own pictures, with AC-3 become AAC, in every client across joins of different sizes."""
import concurrent.futures, json, pathlib, shutil, tempfile, time, unittest

import harness, players

SECONDS = 45
# What clients say of a discontinuity that is announced; in other channels it would be wrong.
EXPECTED = ("#EXT-X-DISCONTINUITY", "[discontinuity]", "Draining on discontinuity", "ES_OUT_RESET_PCR")
H264 = "-c:v libx264 -preset ultrafast -bf 2 -g 75 -pix_fmt yuv420p -c:a "
FILMS = [  # 8 to 11 s, so that there are joins enough
    ("One (2001).mkv", "testsrc2=s=640x360:r=25", "sine=f=300:r=48000", 11, H264 + "ac3"),
    ("Two (2002).mkv", "smptebars=s=480x270:r=25", "sine=f=500:r=48000", 9, H264 + "ac3 -ac 6"),
    ("Three (2003).mp4", "testsrc=s=320x180:r=25", "sine=f=700:r=44100", 8, H264 + "aac"),
]


class Copy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-copy."))
        for name, *rest in FILMS:
            harness.ffmpeg(cls.folder / name, *rest)
        cls.server = harness.Server().start()
        cls.server.furnish_one(cls.folder)
        cls.server.add_channel(1, "Copied", "--kind", "movie", "--order", "loop", "--profile", "source")
        cls.wait_for_plans()
        for profile in ("480p", "source"):  # a new generation begins now, with the plans
            cls.server.cli("channel", "edit", 1, "--profile", profile)
        time.sleep(2)
        cls.server.wait_for(1, 6)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.folder, True)

    @classmethod
    def wait_for_plans(cls):
        end = time.monotonic() + 60
        ids = [i["id"] for i in cls.server.json("/api/items?limit=50")["items"]]
        while True:
            plans = [cls.server.json(f"/api/items/{i}")["files"][0]["copy"] for i in ids]
            if all(plans):
                assert all(plan["possible"] for plan in plans), plans
                return
            if time.monotonic() > end:
                raise AssertionError(f"no copy plans after 60 s: {plans}")
            time.sleep(0.5)

    def test_playlist(self):
        seen = {}
        for _ in range(12):
            playlist = self.server.playlist(1)
            self.assertEqual(playlist.target, 12)
            self.assertIn("#EXT-X-DISCONTINUITY\n", playlist.text)
            first = int(playlist.text.split("DISCONTINUITY-SEQUENCE:")[1].split("\n")[0])
            number = first
            for line in playlist.text.split("\n"):
                number += line == "#EXT-X-DISCONTINUITY"
                if line.endswith(".ts"):
                    self.assertEqual(seen.setdefault(line, number), number)
            time.sleep(1)

    def test_segments_have_the_files_pictures(self):
        import subprocess
        playlist = self.server.playlist(1)
        sizes = set()
        with tempfile.TemporaryDirectory() as tmp:
            for sequence in sorted(playlist.segments)[-14:]:
                path = pathlib.Path(tmp) / "s.ts"
                path.write_bytes(self.server.segment(playlist, sequence))
                out = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "json", str(path)],
                                     capture_output=True, text=True, check=True).stdout
                streams = json.loads(out)["streams"]
                self.assertEqual([s["codec_name"] for s in streams], ["h264", "aac"])
                sizes.add((streams[0]["width"], streams[0]["height"]))
        self.assertEqual(sizes, {(640, 360), (480, 270), (320, 180)})

    def test_clients(self):
        url = f"{self.server.url}/channel/1.m3u8"
        calls = {"ffmpeg": players.ffmpeg, "ffmpeg ts": lambda u, s: players.ffmpeg(u.replace(".m3u8", ".ts"), s)}
        if players.have("mpv"):
            calls["mpv"] = players.mpv
        if players.have("cvlc"):
            calls["vlc"] = players.vlc
        if players.have("chromium") and players.have("node") and players.hls_js_at():
            calls["hls.js"] = players.hls_js
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            seen = {name: pool.submit(play, url, SECONDS) for name, play in calls.items()}
            for name, future in seen.items():
                with self.subTest(name):
                    watched = future.result()
                    if watched.only_slow():
                        watched = calls[name](url, SECONDS // 2)
                    problems = [p for p in watched.problems if not any(e in p for e in EXPECTED)]
                    self.assertFalse(problems, watched)


if __name__ == "__main__":
    unittest.main()
