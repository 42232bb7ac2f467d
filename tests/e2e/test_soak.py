"""The long forms, by `make soak`: the server is killed -9 ten times, workers at random all the time, while ffmpeg, mpv and
hls.js watch. The port is held as by packaging/matinee.socket: ffmpeg and mpv give up at a refused connection, whoever refuses. MATINEE_SOAK says for how many seconds each; without it nothing here runs."""
import concurrent.futures, os, pathlib, random, re, shutil, signal, tempfile, time, unittest, urllib.error

import harness, players, test_faults

SOAK = int(os.environ.get("MATINEE_SOAK", "0"))


class Numbers:
    """Asks for the playlist all the time, whoever answers: numbers never go back, and mean what they meant."""

    def __init__(self, server, number):
        self.server, self.number = server, number
        self.known, self.last, self.problems, self.silent, self.longest = {}, 0, [], time.monotonic(), 0.0

    def until(self, end):
        while time.monotonic() < end:
            try:
                playlist = self.server.playlist(self.number)
            except (OSError, AssertionError):
                time.sleep(0.05)
                continue
            now = time.monotonic()
            self.longest, self.silent = max(self.longest, now - self.silent), now
            if playlist.last < self.last:
                self.problems.append(f"{playlist.last} after {self.last}")
            for sequence, row in playlist.segments.items():
                if self.known.setdefault(sequence, row) != row:
                    self.problems.append(f"{sequence} was {self.known[sequence]}, is {row}")
            self.last = max(self.last, playlist.last)
            time.sleep(0.2)
        return self


def resuming_ffmpeg(url, seconds):
    """Pictures that it showed, of how many; it resumes by itself where a connection breaks off."""
    ended, text = players.run_for(["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-reconnect", "1", "-reconnect_on_network_error", "1",
                                   "-reconnect_delay_max", "2", "-max_reload", "100000", "-m3u8_hold_counters", "100000", "-re", "-i", url,
                                   "-t", str(seconds), "-map", "0:v:0", "-f", "framecrc", "-"], seconds + 30)
    stamps = [int(m[1]) for m in re.finditer(r"^0, +-?\d+, +(-?\d+), ", text, re.M)]
    return stamps, [l for l in text.split("\n") if l and not re.match(r"#|\d+, ", l)]


def soak(test, server, number, seconds, harm):
    """Three clients and a reader of playlists, for so long, while harm(end) does its worst."""
    server.wait_for(number)
    url = f"{server.url}/channel/{number}.m3u8"
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        jobs = {"numbers": pool.submit(Numbers(server, number).until, time.monotonic() + seconds), "ffmpeg": pool.submit(resuming_ffmpeg, url, seconds)}
        if players.have("mpv"):
            jobs["mpv"] = pool.submit(players.mpv, url, seconds)
        if players.have("chromium") and players.have("node") and players.hls_js_at():
            jobs["hls.js"] = pool.submit(players.hls_js, url, seconds)
        time.sleep(5)
        said = harm(time.monotonic() + seconds - 8)
        concurrent.futures.wait(jobs.values())
    numbers, (stamps, complaints) = jobs["numbers"].result(), jobs["ffmpeg"].result()
    hls = jobs["hls.js"].result() if "hls.js" in jobs else None
    mpv = jobs["mpv"].result() if "mpv" in jobs else None
    print(f"\n{said}; longest silence {numbers.longest:.1f} s; ffmpeg {len(stamps)} pictures of {seconds * 25}, {complaints[:4]}; {hls}; {mpv}")
    test.assertEqual(numbers.problems[:5], [])
    test.assertEqual([b - a for a, b in zip(stamps, stamps[1:]) if b <= a], [], "ffmpeg: a picture's time goes back")
    return numbers, stamps, hls, mpv


@unittest.skipUnless(SOAK, "MATINEE_SOAK is not set")
class Soak(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-soak."))
        self.addCleanup(shutil.rmtree, folder, True)
        test_faults.films(folder, (("long", "mkv"), ("other", "mkv")))
        self.server = harness.Server(held=True).start()
        self.addCleanup(self.server.close)
        self.server.furnish(harness.library())
        self.server.cli("root", "add", folder, "--kind", "movies")
        self.server.cli("scan", timeout=180)
        self.server.add_channel(1, "All", "--kind", "any", "--order", "shuffle", "--profile", "480p")

    def test_workers_are_killed(self):
        rng = random.Random(11)

        def harm(end):
            killed = 0
            while time.monotonic() < end:
                time.sleep(rng.uniform(0.3, 1.5))
                for pid in self.server.children():
                    if rng.random() < 0.5:
                        try:
                            os.kill(pid, signal.SIGKILL)
                            killed += 1
                        except ProcessLookupError:
                            pass
            return f"{killed} workers killed"

        _, stamps, hls, mpv = soak(self, self.server, 1, SOAK, harm)
        self.assertGreater(len(stamps), (SOAK - 10) * 23)
        self.assertEqual({b - a for a, b in zip(stamps, stamps[1:])}, {stamps[1] - stamps[0]}, "ffmpeg: a hole")
        if hls:
            self.assertGreater(hls.facts["played_s"], SOAK - 9, "a stall of more than a segment")
        if mpv:
            self.assertNotIn("stopped by itself", mpv.problems)

    def test_the_server_is_killed_ten_times(self):
        def harm(end):
            killed, step = 0, (end - time.monotonic()) / 10
            while time.monotonic() + step / 2 < end:
                time.sleep(step * 0.9)
                self.server.stop(hard=True)
                self.server.start()
                killed += 1
            return f"the server killed {killed} times"

        numbers, stamps, hls, mpv = soak(self, self.server, 1, SOAK, harm)
        self.assertLess(numbers.longest, 5, "nobody answered for too long")
        self.assertGreater(len(stamps), (SOAK - 12 - 10 * 4) * 23, "ffmpeg lost more than a moment each time")
        if hls:
            self.assertGreater(hls.facts["played_s"], SOAK - 12 - 10 * 2)
        if mpv:
            self.assertNotIn("stopped by itself", mpv.problems)
