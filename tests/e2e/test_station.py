"""The channel as a function of rows and time: guide, copies, kill -9, clocks that jump."""
import concurrent.futures, datetime, os, pathlib, shutil, tempfile, time, unittest

import harness

BESIDE = 45  # seconds; see tools/check.py


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def small_house(**more):
    """A server of its own over the small library, with one channel, on the air."""
    server = harness.Server(**more).start()
    server.furnish(harness.library())
    server.add_channel(1, "One", "--kind", "show", "--order", "loop", "--profile", "480p")
    return server


class Guide(unittest.TestCase):
    def test_programmes_start_within_a_frame_of_their_time(self):
        server = harness.house()
        server.wait_for(1)
        seen, end = {}, time.monotonic() + 14
        while time.monotonic() < end:
            seen.update(server.playlist(1).segments)
            time.sleep(1)
        walls = sorted(row[2] for row in seen.values())
        guide = server.json(f"/api/guide?from={iso(walls[0])}&to={iso(walls[-1])}")
        channel = next(c for c in guide["channels"] if c["number"] == 1)
        starts = [harness.parse_time(p["start"]) if isinstance(p["start"], str) else p["start"] for p in channel["programmes"]]
        starts = [s for s in starts if walls[0] <= s <= walls[-1]]
        self.assertGreater(len(starts), 3)
        for start in starts:
            nearest = min(walls, key=lambda wall: abs(wall - start))
            self.assertLessEqual(abs(nearest - start), 1001 / 24 + 1, f"programme at {iso(start)}, nearest segment {iso(nearest)}")

    def test_lineup_and_guide_name_the_same_channels(self):
        server = harness.house()
        import re, xml.etree.ElementTree as tree
        m3u = server.get("/channels.m3u").decode()
        ids = re.findall(r'tvg-id="([^"]+)"', m3u)
        xml = tree.fromstring(server.get("/xmltv.xml"))
        self.assertEqual(sorted(ids), sorted(c.get("id") for c in xml.findall("channel")))
        self.assertTrue(ids)
        self.assertNotIn("?", "".join(l for l in m3u.split("\n") if l.startswith("http")))
        rows = {i: sorted((p.get("start"), p.get("stop")) for p in xml.findall("programme") if p.get("channel") == i) for i in ids}
        for channel, programmes in rows.items():
            self.assertTrue(programmes, channel)
            for (_, stop), (start, _) in zip(programmes, programmes[1:]):
                self.assertLessEqual(stop, start, f"{channel}: programmes overlap")

    def test_xmltv_is_valid(self):
        import subprocess
        if not shutil.which("tv_validate_file"):
            self.skipTest("tv_validate_file (xmltv-util) is not installed")
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            file.write(harness.house().get("/xmltv.xml"))
            file.flush()
            done = subprocess.run(["tv_validate_file", file.name], capture_output=True, text=True,
                                  env={**os.environ, "XMLTV_SUPPLEMENT": "/usr/share/xmltv"})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class Pure(unittest.TestCase):
    def test_two_servers_on_copies_of_one_store_say_the_same(self):
        first = small_house()
        self.addCleanup(first.close)
        first.wait_for(1, 3)
        first.stop()
        copy = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-copy."))
        self.addCleanup(shutil.rmtree, copy, True)
        shutil.copytree(first.data, copy / "data", ignore=shutil.ignore_patterns("*.sock", "lock"))
        second = harness.Server(data=copy / "data")
        self.addCleanup(second.close)
        first.start()
        second.start()
        compared = 0
        for _ in range(60):
            a = first.get("/channel/1.m3u8")
            b = second.get("/channel/1.m3u8")
            if first.get("/channel/1.m3u8") == a:
                self.assertEqual(a, b)
                compared += 1
            time.sleep(0.1)
        self.assertGreater(compared, 40)

    def test_playlists_follow_on_after_kill_9(self):
        server = small_house()
        self.addCleanup(server.close)
        before = server.wait_for(1, 4)
        server.stop(hard=True)
        server.start()
        after = server.wait_for(1, 4)
        self.assertGreaterEqual(after.sequence, before.sequence)
        same = set(before.segments) & set(after.segments)
        self.assertTrue(same, "nothing of the old window is in the new one")
        for sequence in same:
            self.assertEqual(before.segments[sequence], after.segments[sequence])
        server.segment(before, before.last)  # what was listed before is still to be had

    def test_a_port_that_is_held_refuses_nobody(self):
        """The service manager's socket: who asks while no server runs is answered by the next one."""
        server = small_house(held=True)
        self.addCleanup(server.close)
        before = server.wait_for(1, 3)
        server.stop(hard=True)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(server.request, "/channel/1.m3u8")
            time.sleep(1)
            self.assertFalse(asked.done())
            server.start()
            status, _, body = asked.result()
        self.assertEqual(status, 200)
        self.assertGreaterEqual(harness.Playlist(body.decode()).last, before.last)

    def test_a_second_server_is_refused_in_one_sentence(self):
        import subprocess
        server = small_house()
        self.addCleanup(server.close)
        done = subprocess.run([harness.MATINEE, "--data", str(server.data), "serve", "--listen", f"127.0.0.1:{harness.free_port()}"],
                              env=server.env, capture_output=True, text=True, timeout=20)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(done.stderr.strip().split("\n")), 1, done.stderr)


class Clock(unittest.TestCase):
    def run_at(self, server, when):
        server.start(env={"MATINEE_NOW": iso(when)})
        try:
            playlist = server.wait_for(1, 3)
            time.sleep(2.5)
            return playlist, server.playlist(1)
        finally:
            server.stop()

    def test_numbers_never_go_down(self):
        noon = harness.parse_time("2030-03-01T12:00:00Z")
        server = small_house(env={"MATINEE_NOW": iso(noon)})
        self.addCleanup(server.close)
        server.stop()
        last = -1
        for hours in (0, -1, 0, 24, 23):
            for playlist in self.run_at(server, noon + hours * 3600000):
                self.assertGreaterEqual(playlist.last, last, f"at {hours:+} h")
                last = playlist.last
