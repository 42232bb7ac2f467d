"""The disk of the cache is full, or takes nothing any more, while somebody watches: he sees what is on, from memory, and nothing else."""
import json, os, re, subprocess, unittest

import harness, players

BESIDE = 33  # seconds; see tools/check.py

WRAPPER = """#!/bin/sh
# The server in a mount namespace of its own, with a tiny disk for the cache.
for word in "$@"; do [ "$last" = --data ] && data=$word; last=$word; done
mkdir -p "$data/cache"
exec unshare -m sh -c 'mount -t tmpfs -o size=%s none "$0" && exec "$@"' "$data/cache" "%s" "$@"
"""


def may_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode == 0


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.begin("1536k")

    def begin(self, size):
        if not may_mount():
            self.skipTest("this user may not mount a small disk")
        self.server = harness.Server()
        self.addCleanup(self.server.close)
        wrapper, real = self.server.home / "matinee-tiny", harness.MATINEE
        wrapper.write_text(WRAPPER % (size, os.path.abspath(real)))
        wrapper.chmod(0o755)
        harness.MATINEE = str(wrapper)
        try:
            self.server.start()
        finally:
            harness.MATINEE = real

    def counted(self, name):
        return sum(float(v) for v in re.findall("^" + re.escape(name) + r" (\S+)$", self.server.get("/metrics").decode(), re.M))

    def is_told(self, word):
        """The log, the status and as-run say what happened, and blame no film."""
        said = lambda text: "could not be written" in text and word in text and "held in memory" in text
        faults = harness.until(lambda: f"the status says so: {self.server.json('/api/status')}",
                               lambda: [f for f in self.server.json("/api/status")["faults"] if said(f["reason"])], 20)
        self.assertEqual([f["channel"] for f in faults], [None])
        self.assertEqual([f for f in self.server.json("/api/status")["faults"] if f["channel"]], [])
        rows = json.loads(self.server.cli("as-run", 1, "--json"))["items"]
        self.assertTrue([r for r in rows if said(r["note"])], rows)
        self.assertEqual({r["status"] for r in rows} - {"ok", "slate"}, set(), rows)
        self.assertIn("held in memory", self.server.said())

    def test_what_is_on_is_seen(self):
        server = self.server
        server.furnish(harness.library())
        server.add_channel(1, "One", "--kind", "show", "--order", "loop", "--profile", "480p", "--prepare", "always")
        server.wait_for(1)
        players.ffmpeg(server.url + "/channel/1.ts", 10)  # by then the disk is full
        harness.until("the disk got full", lambda: server.json("/api/status")["cache"]["write_errors"] or players.ffmpeg(server.url + "/channel/1.ts", 5) and None)
        before = self.counted('matinee_segments_total{kind="clip"}'), self.counted('matinee_segments_total{kind="stand_in"}')
        seen = players.ffmpeg(server.url + "/channel/1.ts", 16)
        self.assertEqual(seen.problems, [])
        self.assertGreater(seen.facts["video_frames"], 14 * 20)
        status = server.json("/api/status")
        self.assertGreater(status["cache"]["write_errors"], 0)
        self.assertLessEqual(status["cache"]["bytes"], 1536 << 10)
        self.assertGreater(status["cache"]["memory_bytes"], 0)
        self.assertGreater(self.counted('matinee_segments_total{kind="clip"}') - before[0], 6)
        self.assertLessEqual(self.counted('matinee_segments_total{kind="stand_in"}') - before[1], 1)
        self.is_told("No space left")


class BrokenDisk(FullDisk):
    def setUp(self):
        self.begin("200m")

    def remount(self, how):
        """In the server's namespace; refused while a worker has a file open there."""
        command = ["nsenter", "-t", str(self.server.process.pid), "-m", "mount", "-o", "remount," + how, str(self.server.data / "cache")]
        harness.until("the disk was mounted again", lambda: subprocess.run(command, capture_output=True).returncode == 0, pause=0.02)

    def test_what_is_on_is_seen(self):
        server = self.server
        server.furnish(harness.library())
        server.add_channel(1, "One", "--kind", "show", "--order", "loop", "--profile", "480p", "--prepare", "never")
        server.wait_for(1)
        self.assertEqual(server.json("/api/status")["cache"]["state"], "ok")
        self.remount("ro")
        seen = players.ffmpeg(server.url + "/channel/1.ts", 16)
        self.assertEqual(seen.problems, [])
        self.assertGreater(seen.facts["video_frames"], 14 * 20)
        status = server.json("/api/status")
        self.assertEqual(status["cache"]["state"], "unwritable")
        self.is_told("Read-only")
        self.assertIn("Read-only", status["cache"]["why"])
        self.assertIn("unwritable", server.cli("status"))
        self.assertGreater(self.counted('matinee_segments_total{kind="clip"}'), 6)
        self.assertLessEqual(self.counted('matinee_segments_total{kind="stand_in"}'), 1)
        # And when it can be written again, it is: what was not made yet, on another channel.
        self.remount("rw")
        server.add_channel(2, "Two", "--kind", "show", "--order", "loop", "--profile", "720p", "--prepare", "never")
        server.wait_for(2)
        players.ffmpeg(server.url + "/channel/2.ts", 6)
        self.assertEqual(server.json("/api/status")["cache"]["state"], "ok")


if __name__ == "__main__":
    unittest.main()
