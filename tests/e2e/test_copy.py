"""A channel that copies: the files' own pictures, with AC-3 become AAC, in every client across joins of different sizes."""
import concurrent.futures, json, pathlib, re, shutil, tempfile, time, unittest, urllib.request

import harness, players, ts

BESIDE = 100  # seconds; see tools/check.py

SECONDS = 45
# What clients say of a discontinuity that is announced; in other channels it would be wrong.
EXPECTED = ("#EXT-X-DISCONTINUITY", "[discontinuity]", "Draining on discontinuity", "ES_OUT_RESET_PCR")
H264 = "-c:v libx264 -preset ultrafast -bf 2 -g 75 -pix_fmt yuv420p -c:a "
FILMS = [  # 8 to 11 s, so that there are joins enough
    ("One (2001).mkv", "testsrc2=s=640x360:r=25", "sine=f=300:r=48000", 11, H264 + "ac3"),
    ("Two (2002).mkv", "smptebars=s=480x270:r=25", "sine=f=500:r=48000", 9, H264 + "ac3 -ac 6"),
    ("Three (2003).mp4", "testsrc=s=320x180:r=25", "sine=f=700:r=44100", 8, H264 + "aac"),
]


def judged(watched):
    """What a client saw, without what is expected."""
    watched.problems = [p for p in watched.problems if not any(e in p for e in EXPECTED)]
    return watched


class Copy(unittest.TestCase):
    films, profile, copied = FILMS, "source", len(FILMS)

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-copy."))
        for name, *rest in cls.films:
            harness.ffmpeg(cls.folder / name, *rest)
        cls.server = harness.Server().start()
        cls.server.furnish_one(cls.folder)
        cls.server.add_channel(1, "Copied", "--kind", "movie", "--order", "loop", "--profile", cls.profile)
        cls.wait_for_plans()
        cls.wait_for_generation()
        cls.server.wait_for(1, 6)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.folder, True)

    @classmethod
    def wait_for_plans(cls):
        ids = [i["id"] for i in cls.server.json("/api/items?limit=50")["items"]]
        plans = lambda: [cls.server.json(f"/api/items/{i}")["files"][0]["copy"] for i in ids]
        harness.until(lambda: f"copy plans of all: {plans()}", lambda: all(plans()))
        assert sum(plan["possible"] for plan in plans()) == cls.copied, plans()

    @classmethod
    def wait_for_generation(cls):
        """Nobody has watched it yet: with the first plan it begins anew, copied. With the last, what is beyond the lock follows; so
        that all rows are copied, another generation is begun by hand."""
        harness.until(lambda: f"it began anew\n{cls.server.said()[-1500:]}", lambda: "begins anew with its copy plans" in cls.server.said(), 30)
        for profile in ("480p", cls.profile):
            cls.server.cli("channel", "edit", 1, "--profile", profile)
        time.sleep(2)

    def test_alert(self):
        """What stands over copied segments has discontinuities at its borders, with their numbers; players go over them, and the
        endless stream breaks nowhere."""
        url = f"{self.server.url}/channel/1.m3u8"
        calls = {"ffmpeg": lambda: players.ffmpeg(url, 32), "ffmpeg ts": lambda: players.ffmpeg(url.replace(".m3u8", ".ts"), 32)}
        if players.have("mpv"):
            calls["mpv"] = lambda: players.mpv(url, 34)
        with concurrent.futures.ThreadPoolExecutor(len(calls) + 1) as pool:
            seen = {name: pool.submit(call) for name, call in calls.items()}
            stream = pool.submit(self.capture, 34)
            time.sleep(6)
            self.server.cli("alert", "Stay inside", "--channels", "1", "--for", "9")
            numbers, cards = {}, set()
            for _ in range(34):
                playlist = self.server.playlist(1)
                number = int((re.findall("DISCONTINUITY-SEQUENCE:(.*)", playlist.text) or [0])[0])
                for line in playlist.text.split("\n"):
                    number += line == "#EXT-X-DISCONTINUITY"
                    if line.endswith(".ts"):
                        sequence = int(line.rsplit("/", 1)[1][:-3])
                        if sequence not in numbers and self.is_card(line):
                            cards.add(sequence)
                        self.assertEqual(numbers.setdefault(sequence, number), number)
                time.sleep(1)
            self.assertTrue(cards)
            for first, last in ((min(cards), min(cards) - 1), (max(cards) + 1, max(cards))):
                self.assertEqual(numbers[first] - numbers[last], 1, (cards, numbers))
            report = ts.check(stream.result())
            self.assertFalse([p for p in report.problems if "steps of" not in p], report.problems[:9])
            for name, future in seen.items():
                with self.subTest(name):
                    self.assertFalse(judged(future.result()).problems, future.result())

    def is_card(self, line):
        headers = self.server.request(line)[1]
        return (headers.get("ETag") or "").count("-") == 4

    def capture(self, seconds):
        data, end = b"", time.monotonic() + seconds
        with urllib.request.urlopen(f"{self.server.url}/channel/1.ts", timeout=20) as answer:
            while time.monotonic() < end:
                data += answer.read(188 * 512)
        return data[:len(data) // 188 * 188]

    def playlists(self):
        """What they say while clients play."""
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
            with self.subTest("playlists"):
                self.playlists()
            for name, future in seen.items():
                with self.subTest(name):
                    watched = judged(future.result())
                    if watched.only_slow():
                        watched = judged(calls[name](url, SECONDS // 2))
                    self.assertFalse(watched.problems, watched)


if __name__ == "__main__":
    unittest.main()
