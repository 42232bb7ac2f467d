"""The demo library in every client at once, item by item in all its ordered pairs; and each of its segments encoded alone and in a
run of its whole clip: `make soak`.

For the clients the items are made as tools/demo.py makes them, only shorter, and follow each other along a circuit in which every ordered pair
comes once (pairs.py). While the clients play, random halves of the cache are deleted: what they get was prepared or is encoded
at once, as it falls. MATINEE_SOAK says for how many seconds; 550 s see every pair once. Not here: the items cut by a schedule
(test_pairs.py), measuring the encoder (bench)."""
import concurrent.futures, os, pathlib, random, shutil, sys, tempfile, time, unittest

import harness, pairs, players

SOAK = int(os.environ.get("MATINEE_SOAK", "0"))
SECONDS = 3  # of each item


def items(folder, seconds=None):
    """The demo's items, cut to `seconds` or whole, and how long they last together."""
    sys.path.insert(0, str(harness.TOP / "tools"))
    import demo
    made, total = [], 0
    for item in demo.items():
        if seconds:
            item.seconds, item.chapters, item.speech = min(item.seconds, seconds), (), item.speech[:1]
        demo.make(item, folder)
        made.append(pathlib.Path(folder) / item.path)
        total += item.seconds
    return made, total


@unittest.skipUnless(SOAK, "MATINEE_SOAK is not set")
class Demo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-demo."))
        cls.addClassCleanup(shutil.rmtree, cls.home, True)
        sources, _ = items(cls.home / "items", SECONDS)
        pairs.shelve(sources, cls.home / "Shows" / "Pairs" / "Season 01")
        cls.server = harness.Server().start()
        cls.addClassCleanup(cls.server.close)
        cls.server.cli("root", "add", cls.home / "Shows", "--kind", "shows")
        cls.server.cli("scan", timeout=300)
        cls.server.add_channel(1, "Pairs", "--kind", "show", "--order", "loop", "--profile", "480p", "--prepare", "always")
        cls.server.wait_for(1, seconds=120)

    def forget(self, rng):
        """Deletes a random half of what is prepared; somebody who reads a file already keeps it."""
        files = sorted((self.server.data / "cache").rglob("*.ts"))
        for path in rng.sample(files, len(files) // 2):
            path.unlink(missing_ok=True)

    def test_every_client(self):
        url, begun = f"{self.server.url}/channel/1", time.time()
        calls = {"ffmpeg hls": (players.ffmpeg, url + ".m3u8"), "ffmpeg ts": (players.ffmpeg, url + ".ts")}
        if players.have("mpv"):
            calls |= {"mpv hls": (players.mpv, url + ".m3u8"), "mpv ts": (players.mpv, url + ".ts")}
        if players.have("cvlc"):
            calls |= {"vlc hls": (players.vlc, url + ".m3u8"), "vlc ts": (players.vlc, url + ".ts")}
        if players.have("chromium") and players.have("node") and players.hls_js_at():
            calls["hls.js"] = (players.hls_js, url + ".m3u8")
        rng, end = random.Random(7), time.monotonic() + SOAK
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            seen = {}
            for name, call in calls.items():
                seen[name] = pool.submit(*call, SOAK)
                time.sleep(1)
            while time.monotonic() < end:
                time.sleep(15)
                self.forget(rng)
            concurrent.futures.wait(seen.values())
        seen = {name: job.result() for name, job in seen.items()}
        rows = self.server.json(f"/api/channels/{self.server.channel_id(1)}/timeline?limit=10000&from={pairs.stamp(begun)}&to={pairs.stamp(begun + SOAK)}")["items"]
        clips = [row["clip"] for row in rows]
        print(f"\n{len(rows) - 1} joins, {len(set(zip(clips, clips[1:])))} pairs", *seen.values(), sep="\n")
        self.assertEqual({name: watched.problems for name, watched in seen.items() if watched.problems}, {})
        self.assertGreater(len(rows), SOAK // (SECONDS + 1))


@unittest.skipUnless(SOAK, "MATINEE_SOAK is not set")
class Interchange(unittest.TestCase):
    def test_alone_and_in_a_run(self):
        home = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-demo."))
        self.addCleanup(shutil.rmtree, home, True)
        sources, total = items(home / "items")
        house = pairs.House(sources, home / "tree", total, "720p", range(len(sources)))
        self.addCleanup(house.server.close)
        playlist = house.playlist()
        numbers = house.wanted(playlist)
        run = {n: house.fetch(playlist, n) for n in numbers}
        shutil.rmtree(house.server.data / "cache")
        house.server.stop()
        house.server.start()
        alone = {n: house.fetch(playlist, n) for n in reversed(numbers)}
        print(f"\n{len(numbers)} segments of {len(sources)} items")
        self.assertGreater(len(numbers), total // 2 - len(sources) * 2)
        self.assertEqual([n for n in numbers if run[n] != alone[n] and n not in house.less], [])
        self.assertLess(len(house.less), len(numbers) // 10, "with less effort there is less to compare")
