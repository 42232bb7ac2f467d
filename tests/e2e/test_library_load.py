"""Many files through every path of the library, with the watch running, while a channel plays: no segment is late.

    MATINEE_BIG_FILES=100000 python3 -m unittest discover -s tests/e2e -t tests/e2e -p test_library_load.py
for the big run; 3,000 files otherwise."""
import json, os, pathlib, re, shutil, sqlite3, tempfile, threading, time, unittest, urllib.parse

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
        self.server.env["MATINEE_LIBRARY_SETTLE"] = self.server.env["MATINEE_ORGANIZE_SETTLE"] = "1"
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
        self.all_paths()
        viewer.stop = True
        viewer.join(60)
        print(f"\n{FILES} files: {', '.join(self.steps)}; {viewer.segments} segments, the slowest {viewer.slowest:.2f} s")
        self.assertEqual(viewer.problems, [])
        self.assertEqual(self.missed(), before)
        self.assertGreater(viewer.segments, 5)

    # ---- the other paths

    def did(self, what):
        self.steps.append(f"{what} {time.monotonic() - self.begun:.1f} s")
        self.begun = time.monotonic()

    def ask(self, path, **body):
        status, _, answer = self.server.request(path, method="POST", body=json.dumps(body).encode(), timeout=PATIENCE)
        self.assertIn(status // 100, (2,), f"{path}: {answer.decode()[:500]}")
        return json.loads(answer or b"null")

    def job(self, what, answer):
        """Waits for a job and says how long it took."""
        end = time.monotonic() + PATIENCE * 4
        while (job := self.server.json(f"/api/jobs/{answer['job']}"))["state"] in ("queued", "running"):
            self.assertLess(time.monotonic(), end, f"{what}: {job}")
            time.sleep(0.2)
        self.assertEqual(job["state"], "done", f"{what}: {job}")
        self.did(what)

    def there(self):
        return sum(len(files) for folder, _, files in os.walk(self.big) if ".matinee-trash" not in folder)

    def back(self, what, batch, count):
        self.job(f"{what} undone", self.ask(f"/api/batches/{batch}/undo"))
        self.assertEqual(self.there(), count)

    def all_paths(self):
        """Search, a change of all items, essence, validation, collections, copies, junk, order on the disk, each taken back; the trash."""
        root, count = self.root()["id"], self.there()
        for words in ("show 001", "shwo 1", "kind:episode season:2 episode:>90", "path:Renamed"):
            self.server.json(f"/api/items?limit=50&q={urllib.parse.quote(words)}")
        self.did("searched")
        done = self.ask("/api/items/bulk", q=f"root:{root} kind:episode", add_tags=["heap"])
        self.assertGreater(done["changed"], count - 100)
        self.did("tagged")
        self.ask("/api/collections", name="Heap", filter="tag:heap season:1")
        self.assertGreater(self.server.json("/api/items?limit=1&q=collection:heap")["total"], count / 20)
        self.ask(f"/api/items/bulk/{done['undo']}/undo")
        self.assertEqual(self.server.json("/api/items?limit=1&q=tag:heap")["total"], 0)
        self.did("untagged")
        self.job("essence", {"job": self.ask("/api/jobs", kind="hash", what="essence")["id"]})
        self.job("validated", {"job": self.ask("/api/jobs", kind="validate", q='path:"Renamed/Season 01"')["id"]})
        self.copies_and_junk(root, count)
        plan = self.ask("/api/organize/preview", preset="plex", action="move", root=root)
        self.did("planned")
        done = self.ask("/api/organize/apply", plan=plan["plan"])
        self.assertGreater(plan["counts"]["ok"], count * 0.9, plan["counts"])
        self.job("organised", done)
        self.assertEqual(self.there(), count)
        self.back("organise", done["batch"], count)
        self.assertEqual(self.root()["present"], count)

    def copies_and_junk(self, root, count):
        some, extra = sorted(self.big.rglob("*S01E*.mkv"))[:300], self.big / "Extra"
        extra.mkdir()
        for i, path in enumerate(some):
            (extra / f"Copy {i} (1990).mkv").write_bytes(path.read_bytes())
            (extra / f"left {i}.part").write_bytes(b"half")
            os.utime(extra / f"left {i}.part", (1_600_000_000, 1_600_000_000))
        self.begun = time.monotonic()
        self.until("copies found", lambda one: one["present"] >= count + len(some) and one["waiting"]["samples"] == 0)
        groups = [g for g in self.server.json("/api/duplicates?limit=1000")["items"] if any(f"{extra}/" in f["path"] for f in g["files"])]
        self.assertEqual(len(groups), len(some), (self.server.get("/api/duplicates?limit=3")[:600], self.root(), count, len(some), str(some[:2]), self.rows("path >= x'45787472612f' AND path < x'457874726130'"), self.rows("path >= x'45787472612f' AND path < x'457874726130' AND sample_hash IS NOT NULL")))
        keep = [{"id": g["id"], "keep": [f["id"] for f in g["files"] if f"{extra}/" not in f["path"]]} for g in groups]
        done = self.ask("/api/duplicates/apply", groups=keep)
        self.job("copies put aside", done)
        self.assertEqual(self.there(), count + len(some))
        self.back("copies", done["batch"], count + 2 * len(some))
        junk = [j["id"] for j in self.server.json("/api/junk?again=1&limit=1000")["items"] if j["path"].endswith(".part")]
        self.assertEqual(len(junk), len(some))
        done = self.ask("/api/junk/apply", ids=junk)
        self.job("junk put aside", done)
        self.back("junk", done["batch"], count + 2 * len(some))
        junk = [j["id"] for j in self.server.json("/api/junk?again=1&limit=1000")["items"] if j["path"].endswith(".part")]
        self.job("junk put aside again", self.ask("/api/junk/apply", ids=junk))
        self.job("copies put aside again", self.ask("/api/duplicates/apply", groups=keep))
        self.job("trash emptied", self.ask("/api/trash/empty", older_than_ms=0))
        self.assertEqual(self.there(), count)

    def rows(self, where):
        store = sqlite3.connect(f"file:{self.server.data}/matinee.db?mode=ro", uri=True)
        try:
            return store.execute(f"SELECT count(*) FROM files WHERE state = 'present' AND {where}").fetchone()[0]
        finally:
            store.close()


if __name__ == "__main__":
    unittest.main()
