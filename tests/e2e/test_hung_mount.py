"""A share whose server stops answering, under a film on the air: a FUSE file system of this test's own, mounted in a namespace of its
own, that takes requests and answers none while it hangs. Its viewers get slate, then the film again; nobody else notices, and no
handler waits for it. Needs root; skips with a word where mounts are refused."""
import concurrent.futures, ctypes, json, os, pathlib, select, shutil, stat, struct, subprocess, tempfile, threading, time, unittest

import harness, players, test_faults

BESIDE = 30  # seconds; see tools/check.py

LOOKUP, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR = 1, 3, 14, 15, 17, 18, 25, 26, 27, 28, 29
NO_ANSWER = {2, 36, 42}  # FORGET, INTERRUPT, BATCH_FORGET
ENOENT, ENOSYS = 2, 38
CLONE_NEWNS = 0x20000
HANGS = 11  # seconds


def setUpModule():
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        raise unittest.SkipTest("a FUSE mount needs root and /dev/fuse")
    if libc.unshare(CLONE_NEWNS) != 0 or subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True).returncode:
        raise unittest.SkipTest("a mount namespace is refused")


class Share:
    """The files of a folder, read only, at another place, until it hangs."""

    def __init__(self, folder, at):
        self.at, self.files = at, sorted(folder.iterdir())
        self.hangs, self.asked, self.held = False, 0, []
        self.left = None  # bytes that are read before it hangs by itself
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.fd = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK)
        options = f"fd={self.fd},rootmode=40000,user_id=0,group_id=0".encode()
        if ctypes.CDLL(None, use_errno=True).mount(b"share", os.fsencode(at), b"fuse", 1, options) != 0:  # 1: read only
            why = os.strerror(ctypes.get_errno())
            os.close(self.fd)
            raise unittest.SkipTest(f"a FUSE mount is refused: {why}")
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def attr(self, node):
        if node == 1:
            return struct.pack("<QQQQQQIIIIIIIIII", 1, 0, 0, 0, 0, 0, 0, 0, 0, stat.S_IFDIR | 0o755, 2, 0, 0, 0, 4096, 0)
        s = self.files[node - 2].stat()
        at = int(s.st_mtime)
        return struct.pack("<QQQQQQIIIIIIIIII", node, s.st_size, s.st_size // 512 + 1, at, at, at, 0, 0, 0, stat.S_IFREG | 0o644, 1, 0, 0, 0, 4096, 0)

    def answer(self, op, node, body):
        if op == INIT:
            return 0, struct.pack("<IIIIHHIIHHI28x", 7, 31, 131072, 0, 0, 0, 4096, 1, 0, 0, 0)
        if op == LOOKUP:
            found = [i + 2 for i, file in enumerate(self.files) if file.name == body.rstrip(b"\0").decode()]
            return (0, struct.pack("<QQQQII", found[0], 0, 0, 0, 0, 0) + self.attr(found[0])) if found else (-ENOENT, b"")
        if op == GETATTR:
            return 0, struct.pack("<QII", 0, 0, 0) + self.attr(node)
        if op in (OPEN, OPENDIR):
            return 0, struct.pack("<QII", 0, 1, 0)  # no page cache: each read is asked for
        if op == READ:
            _, offset, size = struct.unpack_from("<QQI", body)
            with open(self.files[node - 2], "rb") as file:
                file.seek(offset)
                return 0, file.read(size)
        if op == READDIR:
            _, offset, _ = struct.unpack_from("<QQI", body)
            rows = b""
            for i, file in enumerate(self.files[offset:], offset):
                name = file.name.encode()
                rows += struct.pack("<QQII", i + 2, i + 1, len(name), 8) + name + bytes(-len(name) % 8)
            return 0, rows
        return (0, bytes(80)) if op == STATFS else (0, b"") if op in (RELEASE, RELEASEDIR, FLUSH) else (-ENOSYS, b"")

    def send(self, op, unique, node, body):
        error, data = self.answer(op, node, body)
        try:
            os.write(self.fd, struct.pack("<IiQ", 16 + len(data), error, unique) + data)
        except OSError:  # who asked has gone
            pass

    def serve(self):
        while not self.stop.is_set():
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                request = os.read(self.fd, 1 << 20)
            except BlockingIOError:  # whoever asked has gone
                continue
            except OSError:  # it is unmounted
                return
            op, unique, node = struct.unpack_from("<IQQ", request, 4)
            with self.lock:
                if op == READ and self.left is not None:
                    self.left -= struct.unpack_from("<QQI", request, 40)[2]
                    self.hangs = self.hangs or self.left < 0
                if self.hangs:
                    self.asked += 1
                    self.held.append((op, unique, node, request[40:]))
                elif op not in NO_ANSWER:
                    self.send(op, unique, node, request[40:])

    def hang(self, hangs):
        with self.lock:
            self.hangs, self.left = hangs, None
            held, self.held = ([], self.held) if hangs else (self.held, [])
            for op, *rest in held:
                if op not in NO_ANSWER:
                    self.send(op, *rest)

    def end(self):
        """Whoever waits gets an error. Only once nobody reads from it any more is it closed: the next file that is opened gets its number."""
        subprocess.run(["umount", "-l", str(self.at)], capture_output=True)
        self.stop.set()
        self.thread.join()
        os.close(self.fd)


class HungMount(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-hung."))
        self.addCleanup(shutil.rmtree, folder, True)
        test_faults.films(folder, (("shared", "mkv"), ("neighbour", "mkv")))
        at = folder / "share"
        at.mkdir()
        self.share = Share(folder / "shared", at)
        self.addCleanup(self.share.end)
        self.server = harness.Server().start()
        self.addCleanup(self.server.close)
        self.server.cli("root", "add", at, "--kind", "movies")
        self.server.cli("root", "add", folder / "neighbour", "--kind", "movies")
        self.server.cli("scan", timeout=180)
        # However quick a machine is, less of the film than the share will hang for is made ahead.
        self.share.left = self.share.files[0].stat().st_size * 14 // test_faults.FILM_SECONDS
        for number, name, root in ((2, "Neighbour", folder / "neighbour"), (1, "Shared", at)):
            self.server.add_channel(number, name, "--kind", "movie", "--root", root, "--order", "loop", "--profile", "480p", "--prepare", "never")
            self.server.wait_for(number, 3)
        self.items = {i["title"]: i["id"] for i in self.server.json("/api/items?kind=movie")["items"]}
        self.assertEqual(set(self.items), {"Shared", "Neighbour"})

    def quickly(self, path, limit=5, **more):
        begun = time.monotonic()
        status, _, body = self.server.request(path, timeout=30, **more)
        self.assertLess(time.monotonic() - begun, limit, path)
        return status, body

    def no_handler_waits(self, end):
        """Everything that does not read the film itself answers; a scan of the share holds up nobody."""
        self.quickly("/api/jobs", method="POST", body=json.dumps({"kind": "scan"}).encode(), headers={"Content-Type": "application/json"})
        while time.monotonic() < end:
            for path in ("/", "/api/status", "/api/items", f"/api/items/{self.items['Shared']}", "/api/guide", "/api/channels", "/api/roots", "/api/jobs",
                         "/channels.m3u", "/xmltv.xml", "/api/as-run", "/metrics", "/channel/1.m3u8", "/lineup.json"):
                status, body = self.quickly(path)
                self.assertEqual(status, 200, (path, body[:200]))
            status, body = self.quickly(f"/media/{self.items['Neighbour']}/file", headers={"Range": "bytes=0-99"})
            self.assertEqual((status, len(body)), (206, 100))
            time.sleep(0.3)

    def test_while_it_hangs(self):
        server, share = self.server, self.share
        seconds = HANGS + 9
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            seen = {n: pool.submit(players.ffmpeg, f"{server.url}/channel/{n}.{kind}", seconds) for n, kind in ((1, "ts"), (2, "m3u8"))}
            watches = {n: pool.submit(test_faults.Watch(server, n).until, time.monotonic() + seconds) for n in (1, 2)}
            time.sleep(4)
            share.hang(True)
            end = time.monotonic() + HANGS
            # Six of a browser's connections, each with the file or its picture.
            asks = [pool.submit(server.request, f"/media/{self.items['Shared']}/{what}", timeout=60) for what in ("file", "thumbnail.jpg") * 3]
            time.sleep(0.5)
            self.no_handler_waits(end)
            said = server.cli("now", "--json"), server.cli("guide", "--json"), server.cli("items")
            self.assertTrue(all("Shared" in text for text in said), said)
            self.assertGreater(share.asked, 0)
            share.hang(False)
            back = time.time()
            concurrent.futures.wait([*seen.values(), *watches.values(), *asks])
        for number in (1, 2):
            self.assertEqual(seen[number].result().problems, [], seen[number].result().facts)
            self.assertGreater(seen[number].result().facts["video_frames"], seconds * 25 - 3)
            self.assertEqual(watches[number].result().problems()[:10], [])
        self.assertLess(sum(w for w in watches[1].result().waits if w > 2), 10, "the viewer of the film waits again and again")
        self.assertIn("does not answer", server.said())
        rows = json.loads(server.cli("as-run", "--json"))["items"]
        self.assertIn("not ready in time", " ".join(row["note"] for row in rows if row["channel"] == 1), rows)
        self.assertEqual({(row["status"], row["note"]) for row in rows if row["channel"] == 2}, {("ok", "")})
        self.comes_back(back)

    def comes_back(self, since):
        """The film, and no slate: what can be kept by whoever asks."""
        end = time.monotonic() + 60
        while True:
            playlist = self.server.playlist(1)
            line, _, wall = playlist.segments[playlist.last]
            status, headers, _ = self.server.request(line)
            if status == 200 and wall / 1000 > since and "no-store" not in headers.get("Cache-Control", ""):
                return
            self.assertLess(time.monotonic(), end, self.server.said()[-2000:])
            time.sleep(0.5)


if __name__ == "__main__":
    unittest.main()
