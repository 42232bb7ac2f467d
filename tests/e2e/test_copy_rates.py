"""A channel whose films are copied at all rates there are, with some between them that must be encoded, and one whose disk does not
answer for a while: players go over every join."""
import concurrent.futures, json, os, pathlib, shutil, signal, tempfile, time, unittest

import harness, players, test_copy

BESIDE = 70  # seconds; see tools/check.py

SECONDS = 30
COPIED = "-c:v libx264 -preset ultrafast -bf 3 -x264-params b-pyramid=normal:scenecut=0 -g 60 -pix_fmt yuv420p -c:a "
FILMS = [  # 4 s: over ten joins in the time
    ("Cinema (2001).mkv", "testsrc2=s=480x270:r=24000/1001", "sine=f=300:r=48000", 4.5, COPIED + "ac3"),
    ("Encoded (2002).mkv", "smptebars=s=320x180:r=25", "sine=f=500:r=48000", 4, "-c:v mpeg4 -q:v 4 -c:a ac3"),
    ("Ntsc (2003).mp4", "testsrc=s=320x180:r=30000/1001", "sine=f=700:r=44100", 4.5, COPIED + "aac"),
    ("Pal (2004).mkv", "testsrc2=s=320x240:r=25", "sine=f=400:r=48000", 4, COPIED + "ac3"),
    ("Old (2005).mkv", "smptebars=s=352x288:r=25", "sine=f=600:r=48000", 4, "-c:v mpeg4 -q:v 4 -c:a aac"),
    ("Sport (2006).mkv", "testsrc2=s=320x180:r=50", "sine=f=800:r=48000", 4, COPIED + "ac3"),
    ("Game (2007).mp4", "testsrc=s=480x270:r=60000/1001", "sine=f=900:r=48000", 4.5, COPIED + "aac"),
]


def wait_for_plans(server):
    end = time.monotonic() + 60
    ids = [i["id"] for i in server.json("/api/items?limit=50")["items"]]
    while True:
        plans = [server.json(f"/api/items/{i}")["files"][0]["copy"] for i in ids]
        if all(plans):
            return plans
        if time.monotonic() > end:
            raise AssertionError(f"no copy plans after 60 s: {plans}")
        time.sleep(0.5)


def watch(calls, meanwhile=lambda: None):
    """What clients saw, by name. Who complains only of a machine with too much to do is asked again alone, under the same."""
    def go(calls):
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            seen = {name: pool.submit(call) for name, call in calls.items()}
            meanwhile()
            return {name: test_copy.judged(future.result()) for name, future in seen.items()}

    seen = go(calls)
    for name in [name for name, watched in seen.items() if watched.only_slow()]:
        seen |= go({name: calls[name]})
    return seen


class CopyRates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-copy."))
        for name, *rest in FILMS:
            harness.ffmpeg(cls.folder / name, *rest)
        cls.server = harness.Server().start()
        cls.server.furnish_one(cls.folder)
        cls.server.add_channel(1, "Rates", "--kind", "movie", "--order", "loop", "--profile", "source")
        plans = wait_for_plans(cls.server)
        assert sum(plan["possible"] for plan in plans) == 5, plans
        for profile in ("480p", "source"):  # another generation, with all plans
            cls.server.cli("channel", "edit", 1, "--profile", profile)
        time.sleep(2)
        cls.server.wait_for(1, 6)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.folder, True)

    def test_all_rates(self):
        url = f"{self.server.url}/channel/1.m3u8"
        calls = {"ffmpeg": lambda: players.ffmpeg(url, SECONDS, slowest=23.976),
                 "ffmpeg ts": lambda: players.ffmpeg(url.replace(".m3u8", ".ts"), SECONDS, slowest=23.976)}
        if players.have("mpv"):
            calls["mpv"] = lambda: players.mpv(url, SECONDS)
        for name, watched in watch(calls).items():
            with self.subTest(name):
                self.assertFalse(watched.problems, watched)


class LateCopies(unittest.TestCase):
    """Slate in the place of single segments in a row of copied ones: of other size, other rate, and without a discontinuity, which
    nobody can announce any more."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-copy."))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        harness.ffmpeg(cls.folder / "Late (2001).mkv", "testsrc2=s=480x270:r=24000/1001", "sine=f=300:r=48000", 120,
                       COPIED.replace("-g 60", "-g 50") + "ac3")
        cls.server = harness.Server().start()
        cls.addClassCleanup(cls.server.close)
        cls.server.furnish_one(cls.folder)
        cls.server.add_channel(1, "Late", "--kind", "movie", "--order", "loop", "--profile", "source")
        wait_for_plans(cls.server)
        for profile in ("480p", "source"):
            cls.server.cli("channel", "edit", 1, "--profile", profile)
        time.sleep(2)
        cls.server.wait_for(1, 6)

    def hold_readers(self, seconds, held):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for worker in self.server.json("/api/status")["workers"]:
                if "Late" in worker["detail"] and worker["pid"] not in held:
                    os.kill(worker["pid"], signal.SIGSTOP)
                    held.append(worker["pid"])
            time.sleep(0.02)
        for pid in held:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass

    def test_slate_between_copied_segments(self):
        url, held = f"{self.server.url}/channel/1.m3u8", []
        calls = {"ffmpeg": lambda: players.ffmpeg(url, SECONDS, slowest=23.976), "mpv": lambda: players.mpv(url, SECONDS),
                 "ffmpeg ts": lambda: players.ffmpeg(url.replace(".m3u8", ".ts"), SECONDS, slowest=23.976),
                 "vlc": lambda: players.vlc(url, SECONDS), "hls.js": lambda: players.hls_js(url, SECONDS)}
        for name in ("mpv", "vlc", "hls.js"):
            if not (players.hls_js_at() and players.have("chromium") if name == "hls.js" else players.have(name.replace("vlc", "cvlc"))):
                del calls[name]
        seen = watch(calls, lambda: self.hold_readers(8, held))
        self.assertTrue(held, "no worker was at the film")
        note = json.loads(self.server.cli("as-run", "--json"))["items"][0]["note"]
        self.assertIn("not ready in time", note)
        for name, watched in seen.items():
            with self.subTest(name):
                self.assertFalse(watched.problems, (watched, note))


if __name__ == "__main__":
    unittest.main()
