"""Many files through every path of the library, with the watch running, while a channel plays: no segment is late.

    MATINEE_BIG_FILES=100000 python3 -m unittest discover -s tests/e2e -t tests/e2e -p test_library_load.py
for the big run; 3,000 files otherwise."""
import os, pathlib, re, shutil, sqlite3, tempfile, threading, time, unittest

import harness

FILES = int(os.environ.get("MATINEE_BIG_FILES", "3000"))
PATIENCE = 60 + FILES / 50  # seconds for a step


class Viewer(threading.Thread):
    """Plays channel 1 as a client does: the playlist every second, each segment once."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.problems, self.segments, self.stop, self.slowest = server, [], 0, False, 0.0

    def run(self):
        last = None
        while not self.stop:
            try:
                playlist = self.server.playlist(1)
                for sequence in sorted(playlist.segments):
                    if last is not None and sequence <= last:
                        continue
                    if last is not None and sequence != last + 1:
                        self.problems.append(f"from {last} to {sequence}")
                    begin = time.monotonic()
                    if self.server.segment(playlist, sequence)[:1] != b"\x47":
                        self.problems.append(f"{sequence} is no TS")
                    self.slowest = max(self.slowest, time.monotonic() - begin)
                    last, self.segments = sequence, self.segments + 1
            except Exception as error:  # noqa: whatever it is, a viewer would have seen it
                self.problems.append(repr(error))
            time.sleep(1)


class LibraryLoad(unittest.TestCase):
    def setUp(self):
        self.big = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-big."))
        self.addCleanup(shutil.rmtree, self.big, True)
        self.server = harness.Server()
        self.server.env["MATINEE_LIBRARY_SETTLE"] = "1"
        self.server.start()
        self.addCleanup(self.server.close)
        self.server.furnish(harness.library())
        self.server.add_channel(1, "Loop", "--kind", "show", "--order", "loop", "--profile", "480p", "--prepare", "always")
        self.server.wait_for(1, 6, seconds=120)

    def figure(self, name):
        return float(re.search(rf"^{re.escape(name)} (\S+)$", self.server.get("/metrics").decode(), re.M).group(1))

    def missed(self):
        return self.figure("matinee_segments_late_total"), self.figure('matinee_segments_total{kind="stand_in"}')

    def root(self):
        return next(one for one in self.server.json("/api/roots")["items"] if one["path"] == str(self.big))

    def until(self, what, test):
        end = time.monotonic() + PATIENCE
        while not test(self.root()):
            self.assertLess(time.monotonic(), end, f"{what}: {self.root()}")
            time.sleep(0.5)
        self.steps.append(f"{what} {time.monotonic() - self.begun:.1f} s")
        self.begun = time.monotonic()

    def test_no_segment_is_late(self):
        names = [f"Show {i // 1000:03}/Season {i // 100 % 10 + 1:02}/Show {i // 1000:03} - S{i // 100 % 10 + 1:02}E{i % 100 + 1:02}.mkv"
                 for i in range(FILES)]
        self.server.cli("root", "add", self.big, "--kind", "shows")
        self.steps, self.begun = [], time.monotonic()
        self.until("watched", lambda root: root["watch"].startswith("watching"))
        before, viewer = self.missed(), Viewer(self.server)
        viewer.start()
        for i, name in enumerate(names):
            path = self.big / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"no media, but bytes of its own: {i}")
        self.until("found", lambda root: root["present"] == FILES)
        self.until("sampled", lambda root: root["waiting"]["samples"] == 0)
        self.until("probed", lambda root: root["waiting"]["probes"] == 0)
        os.rename(self.big / "Show 000", self.big / "Renamed")  # a thousand files move
        self.until("moved", lambda root: self.rows("path >= x'52656e616d65642f' AND path < x'52656e616d656430'") == min(FILES, 1000))
        for name in names[-9:]:
            (self.big / name).unlink()
        self.until("missing", lambda root: root["present"] == FILES - 9)
        self.server.request("/api/jobs", method="POST", body=b'{"kind": "hash", "what": "full"}')
        self.until("hashed", lambda root: root["waiting"]["full_hashes"] == 0)
        self.server.cli("scan", timeout=PATIENCE)
        viewer.stop = True
        viewer.join(60)
        print(f"\n{FILES} files: {', '.join(self.steps)}; {viewer.segments} segments, the slowest {viewer.slowest:.2f} s")
        self.assertEqual(viewer.problems, [])
        self.assertEqual(self.missed(), before)
        self.assertGreater(viewer.segments, 5)

    def rows(self, where):
        store = sqlite3.connect(f"file:{self.server.data}/matinee.db?mode=ro", uri=True)
        try:
            return store.execute(f"SELECT count(*) FROM files WHERE state = 'present' AND {where}").fetchone()[0]
        finally:
            store.close()


if __name__ == "__main__":
    unittest.main()
