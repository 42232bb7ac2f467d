"""The machine sleeps for a minute with all that runs on it, server and players: then they play on. A shim makes the minute: while all
are stopped for a moment, the clocks that run on in a sleep are put ahead, and CLOCK_MONOTONIC is not."""
import concurrent.futures, json, os, pathlib, re, shutil, signal, subprocess, tempfile, time, unittest

import harness, players, test_faults

ASLEEP = 60
WATCHED = 18  # seconds awake

SHIM = test_faults.SHIM.replace("id == CLOCK_REALTIME", "(id == CLOCK_REALTIME || id == CLOCK_BOOTTIME)")


def descendants(pid):
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found[1:]


class Sleep(unittest.TestCase):
    def sleep(self):
        """Server, workers and players, and the clock."""
        stopped = descendants(os.getpid())
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(0.5)
        (self.folder / "next").write_text(str(ASLEEP))
        (self.folder / "next").rename(self.folder / "add")
        for pid in reversed(stopped):
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-sleep."))
        self.addCleanup(shutil.rmtree, self.folder, True)
        (self.folder / "shim.c").write_text(SHIM)
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(self.folder / "shim.so"), str(self.folder / "shim.c"), "-ldl"], check=True)
        (self.folder / "add").write_text("0")
        test_faults.films(self.folder, (("film", "mkv"),))
        self.server = harness.Server(env={"LD_PRELOAD": str(self.folder / "shim.so"), "SHIM_FILE": str(self.folder / "add")}).start()
        self.addCleanup(self.server.close)
        self.server.cli("root", "add", self.folder / "film", "--kind", "movies")
        self.server.cli("scan", timeout=180)
        self.server.add_channel(1, "Film", "--kind", "movie", "--order", "loop", "--profile", "480p")

    def test_a_minute(self):
        server, url = self.server, self.server.url + "/channel/1"
        before = server.wait_for(1)
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            watch = pool.submit(test_faults.Watch(server, 1).until, time.monotonic() + WATCHED + 2)
            jobs = {"m3u8": pool.submit(players.ffmpeg, url + ".m3u8", WATCHED), "ts": pool.submit(players.ffmpeg, url + ".ts", WATCHED)}
            if players.have("chromium") and players.have("node") and players.hls_js_at():
                jobs["hls.js"] = pool.submit(players.hls_js, url + ".m3u8", WATCHED)
            time.sleep(7)
            self.sleep()
            concurrent.futures.wait(jobs.values())
        seen = {name: job.result() for name, job in jobs.items()}
        # The list has run on: what it has no more is passed over, by all who play from it. The endless stream goes on where it was.
        self.assertEqual([p for p in seen["m3u8"].problems if "expired from playlists" not in p], [], seen)
        self.assertEqual(seen["m3u8"].facts["video_frames"], WATCHED * 25)
        self.assertEqual(seen["ts"].problems, [])
        self.assertEqual(seen["ts"].facts["video_frames"], WATCHED * 25)
        if "hls.js" in seen:
            self.assertGreater(seen["hls.js"].facts["played_s"], WATCHED - 9, seen["hls.js"])
        after = server.playlist(1)
        self.assertGreater(after.last, before.last + ASLEEP // 2)
        found = [p for p in watch.result().problems() if "go back" in p or "meaning" in p]
        self.assertEqual(found, [])
        said = re.search(r"the machine slept for 6\d s, from .* to ", server.said())
        self.assertTrue(said, server.said())
        self.assertTrue(any(said[0] in f["reason"] for f in server.json("/api/status")["faults"]))
        rows = json.loads(server.cli("as-run", 1, "--json"))["items"]
        self.assertEqual([r["status"] for r in rows if said[0] in r["note"]], ["interrupted"], rows)
        self.assertNotIn("does not answer", server.said())


if __name__ == "__main__":
    unittest.main()
