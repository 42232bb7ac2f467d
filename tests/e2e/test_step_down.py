"""Too much to do: workers that get less and less of the processor make segments with less effort, then in a smaller picture of
the same coded size, and in full again when they may; a player does not notice. Real workers, slowed by stopping them for a part
of each tenth of a second, measured against their own speed. By `make soak`: a machine with something else to do would decide
otherwise; the decisions themselves are tested in tests/stream/test_producer_order.c."""
import concurrent.futures, json, os, pathlib, re, shutil, signal, subprocess, tempfile, threading, time, unittest

import harness, players

PERIOD = 0.1
SECONDS = 55   # that the player watches
CAPACITY = 0.45  # of what is needed, with all effort


class Slow(threading.Thread):
    """Lets the server's workers run for a part of the time."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.part, self.ended = server, 1.0, threading.Event()
        self.start()

    def send(self, pids, sign):
        for pid in pids:
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                pass

    def run(self):
        while not self.ended.is_set():
            part, pids = self.part, self.server.children()
            if part < 1:
                self.send(pids, signal.SIGSTOP)
                time.sleep(PERIOD * (1 - part))
                self.send(pids, signal.SIGCONT)
            time.sleep(PERIOD * part)

    def close(self):
        self.ended.set()
        self.join()


@unittest.skipUnless(os.environ.get("MATINEE_SOAK"), "MATINEE_SOAK is not set")
class StepDown(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-slow."))
        films, piece = cls.folder / "films", cls.folder / "piece.mkv"
        films.mkdir()
        harness.ffmpeg(piece, "testsrc2=s=1280x720:r=25,noise=alls=10:allf=t", "sine=440:r=48000", 12,
                       "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -c:a aac")
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", "24", "-i", str(piece), "-c", "copy",
                        str(films / "Long (2001).mkv")], check=True)
        cls.server = harness.Server(env={"MATINEE_STATION_LOUDNESS": "off"}).start()
        cls.server.furnish_one(films)
        cls.server.add_channel(1, "Heavy", "--kind", "movie", "--order", "loop", "--prepare", "never")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()
        shutil.rmtree(cls.folder, True)

    def encode(self):
        return self.server.json("/api/status")["encode"]

    def speed(self):
        """Of what is encoded in full while its next half minute is filled."""
        began, before, made = time.monotonic(), self.server.json("/api/status")["cache"]["segments"], 0
        while made < 12 and time.monotonic() < began + 25:
            time.sleep(0.5)
            made = self.server.json("/api/status")["cache"]["segments"] - before
        return max(2 * made / (time.monotonic() - began), CAPACITY)

    def wait_for_effort(self, wanted, seconds, every=None):
        end = time.monotonic() + seconds
        while (encode := self.encode())["effort_off"] not in wanted:
            self.assertLess(time.monotonic(), end, f"effort {wanted} was not reached: {encode}\n{self.server.said()[-1500:]}")
            if every:
                every()
            time.sleep(0.25)

    def steps(self):
        words = {"full effort again": 0, "less effort": 1, "less effort, in a smaller picture": 2}
        return [words[w] for w in re.findall(r"are needed within 30 s: made with (.*)$", self.server.said(), re.M)]

    def made(self, seconds):
        """What is listed until some of it is in a smaller picture, by number: the effort that was left off, and the bytes. What is
        made is up to half a minute ahead of what is listed."""
        found, end = {}, time.monotonic() + seconds
        while time.monotonic() < end and not any(effort == 2 for effort, _ in found.values()):
            playlist = self.server.playlist(1)
            for sequence in [s for s in playlist.segments if s not in found]:
                _, headers, body = self.server.request(playlist.segments[sequence][0])
                tag = re.search(r"-e([12])\"", headers.get("ETag") or "")
                found[sequence] = (int(tag[1]) if tag else 0, body)
            time.sleep(0.5)
        return found

    def test_less_then_smaller_then_full_again(self):
        slow = Slow(self.server)

        def slower():
            if time.monotonic() > self.next:
                slow.part, self.next = max(0.03, slow.part * 0.8), time.monotonic() + 12

        try:
            with concurrent.futures.ThreadPoolExecutor(1) as pool:
                watched = pool.submit(players.ffmpeg, f"{self.server.url}/channel/1.m3u8", SECONDS)
                self.server.wait_for(1, 3)
                slow.part, self.next = CAPACITY / self.speed(), time.monotonic() + 25
                self.wait_for_effort((1, 2), 60, slower)
                self.wait_for_effort((2,), 60, slower)
                slow.part = min(1.0, slow.part * 1.6)  # it has done what it can
                made = self.made(45)
                slow.part = 1.0
                self.wait_for_effort((0,), 120)
                seen = watched.result()
        finally:
            slow.close()
        steps = self.steps()
        self.assertIn((1, 2), list(zip(steps, steps[1:])), steps)  # before that the start, which needs half a minute at once, may have been hurried
        self.assertEqual(steps[-1], 0, steps)
        self.assertTrue(all(abs(b - a) == 1 for a, b in zip(steps, steps[1:])), steps)
        efforts = {effort for effort, _ in made.values()}
        self.assertIn(2, efforts, {s: e for s, (e, _) in made.items()})
        self.assertEqual({self.size(body) for _, body in made.values()}, {(1280, 720)})
        self.assertFalse(seen.problems, seen)

    def size(self, body):
        with tempfile.NamedTemporaryFile(suffix=".ts") as file:
            file.write(body)
            file.flush()
            out = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "json", file.name],
                                 capture_output=True, text=True, check=True).stdout
        stream = json.loads(out)["streams"][0]
        return stream["width"], stream["height"]


if __name__ == "__main__":
    unittest.main()
