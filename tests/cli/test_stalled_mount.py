"""A disk that stops answering: a FUSE file system of this test's own, mounted in a namespace of its own, that takes requests and never
answers. What reads names there is a worker; the server and the other folders go on. Needs root; skips with a word where mounts are refused."""
import ctypes, json, os, select, socket, struct, subprocess, threading, time, unittest, urllib.request

import test_file_systems
from harness import Case, MATINEE

LOOKUP, GETATTR, STATFS, INIT, OPENDIR, READDIR = 1, 3, 17, 26, 27, 28
NO_ANSWER = {2, 36, 42}  # FORGET, INTERRUPT, BATCH_FORGET
ENOENT, ENOSYS = 2, 38


def setUpModule():
    why = "there is no /dev/fuse" if not os.path.exists("/dev/fuse") else test_file_systems.may_mount()
    if why:
        raise unittest.SkipTest(why)


class Fuse:
    """An empty folder, until it is stopped."""

    def __init__(self, at):
        self.stalled, self.asked, self.stop = False, 0, threading.Event()
        self.fd = os.open("/dev/fuse", os.O_RDWR | os.O_NONBLOCK)
        options = f"fd={self.fd},rootmode=40000,user_id=0,group_id=0".encode()
        if ctypes.CDLL(None, use_errno=True).mount(b"test", os.fsencode(at), b"fuse", 0, options) != 0:
            why = os.strerror(ctypes.get_errno())
            os.close(self.fd)
            raise unittest.SkipTest(f"a FUSE mount is refused: {why}")
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def answer(self, op):
        attr = struct.pack("<QQQQQQIIIIIIIIII", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 2, 0, 0, 0, 4096, 0)
        if op == INIT:
            return 0, struct.pack("<IIIIHHIIHHI28x", 7, 31, 0, 0, 0, 0, 4096, 1, 0, 0, 0)
        return {GETATTR: (0, struct.pack("<QII", 0, 0, 0) + attr), OPENDIR: (0, bytes(16)), READDIR: (0, b""), STATFS: (0, bytes(80)),
                LOOKUP: (-ENOENT, b"")}.get(op, (-ENOSYS, b""))

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
            op, unique = struct.unpack_from("<IQ", request, 4)
            if self.stalled:
                self.asked += 1
            elif op not in NO_ANSWER:
                error, data = self.answer(op)
                try:
                    os.write(self.fd, struct.pack("<IiQ", 16 + len(data), error, unique) + data)
                except OSError:  # whoever asked has gone
                    pass

    def end(self, at):
        """Only once nobody reads from it any more is it closed: the next file that is opened gets its number."""
        subprocess.run(["umount", "-l", str(at)], capture_output=True)
        self.stop.set()
        self.thread.join()
        os.close(self.fd)


class Stalled(Case):
    def ask(self, path, timeout):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=timeout) as answer:
            return json.load(answer)

    def serve(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        log = open(self.home / "log", "wb")
        self.addCleanup(log.close)
        server = subprocess.Popen([MATINEE, "serve", "--port", str(self.port)], cwd=self.home, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(server.wait, 30)
        self.addCleanup(server.kill)
        end = time.monotonic() + 30
        while True:
            try:
                return self.ask("/api/status", 5)
            except OSError:
                self.assertLess(time.monotonic(), end, (self.home / "log").read_text(errors="replace"))
                time.sleep(0.1)

    def test_junk_of_the_other_folders(self):
        slow, fine = self.home / "slow", self.home / "fine"
        slow.mkdir()
        fuse = Fuse(slow)
        self.addCleanup(fuse.end, slow)
        part = self.write("fine/film.part", "half of it")
        os.utime(part, (1_600_000_000, 1_600_000_000))
        for root in (slow, fine):
            self.run_matinee("root", "add", str(root))
        self.serve()
        self.assertEqual(self.ask("/api/junk?again=1", 30)["unread"], [])
        fuse.stalled, junk = True, {}
        looking = threading.Thread(target=lambda: junk.update(self.ask("/api/junk?again=1", 60)))
        looking.start()
        while looking.is_alive():
            self.ask("/api/status", 8)
            self.ask("/api/roots", 8)
            time.sleep(0.2)
        self.assertGreater(fuse.asked, 0)
        self.assertEqual([item["path"] for item in junk["items"]], [str(fine / "film.part")])
        self.assertEqual([(one["path"], one["why"]) for one in junk["unread"]], [(str(slow), "its disk does not answer")])
        self.assertEqual(self.ask("/api/junk", 8)["total"], 1)  # the same look, for a while


if __name__ == "__main__":
    unittest.main()
