"""The continuous stream of a channel that is encoded slower than it airs: slate comes in time, the player never waits."""
import os, pathlib, re, shutil, signal, socket, tempfile, threading, time, unittest

import harness, ts

PCR_HZ = 90000


def clock_of(packet):
    """PCR in seconds, of packets that have one."""
    if packet[3] & 0x20 and packet[4] >= 7 and packet[5] & 0x10:
        return (int.from_bytes(packet[6:10], "big") * 2 + (packet[10] >> 7)) / PCR_HZ
    return None


def lateness(server, path, seconds):
    """(how late the latest PCR came for a player that began with the first byte, seconds of stream)."""
    worst, first, last, rest, end = 0.0, None, 0.0, b"", time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        data = b""
        while b"\r\n\r\n" not in data:
            data += s.recv(65536)
        assert b" 200 " in data.split(b"\r\n")[0], data[:300]
        chunked = b"chunked" in data.split(b"\r\n\r\n")[0].lower()
        data = data.split(b"\r\n\r\n", 1)[1]
        while time.monotonic() < end:
            rest += data
            packets, rest = (dechunk(rest) if chunked else (rest[:len(rest) // 188 * 188], rest[len(rest) // 188 * 188:]))
            for at in range(0, len(packets) - 187, 188):
                pcr = clock_of(packets[at:at + 188])
                if pcr is not None:
                    first = first or (time.monotonic(), pcr)
                    worst, last = max(worst, time.monotonic() - first[0] - (pcr - first[1])), pcr - first[1]
            s.settimeout(max(0.1, end - time.monotonic()))
            try:
                data = s.recv(1 << 20)
            except TimeoutError:
                break
            if not data:
                break
    return worst, last


def dechunk(data):
    """Whole chunks' bytes (the server's blocks are whole packets), and what is left."""
    out = b""
    while True:
        line = data.find(b"\r\n")
        if line < 0:
            return out, data
        size = int(data[:line], 16)
        if len(data) < line + 2 + size + 2:
            return out, data
        out, data = out + data[line + 2:line + 2 + size], data[line + 2 + size + 2:]


class Throttle(threading.Thread):
    """Lets the workers of a server run for a small part of the time."""

    def __init__(self, server, run=0.02, stand=0.48):
        super().__init__(daemon=True)
        self.server, self.times, self.over = server, (run, stand), threading.Event()

    def run(self):
        while not self.over.is_set():
            for name, seconds in ((signal.SIGCONT, self.times[0]), (signal.SIGSTOP, self.times[1])):
                for pid in self.server.children():
                    try:
                        os.kill(pid, name)
                    except ProcessLookupError:
                        pass
                self.over.wait(seconds)
        for pid in self.server.children():
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass


class Pace(unittest.TestCase):
    def test_slower_than_it_airs(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-pace."))
        self.addCleanup(shutil.rmtree, folder, True)
        harness.ffmpeg(folder / "Film (2000).mkv", "testsrc2=s=640x360:r=25", "sine=440:r=48000", 75, harness.V + " -c:a aac")
        server = harness.Server().start()
        self.addCleanup(server.close)
        server.furnish_one(folder)
        server.add_channel(1, "Film", "--kind", "movie", "--order", "loop", "--profile", "480p", "--prepare", "never")
        server.wait_for(1, 3)
        server.get(server.playlist(1).segments[server.playlist(1).last][0])  # it runs, and the slate is made
        throttle = Throttle(server)
        throttle.start()
        try:
            worst, seconds = lateness(server, "/channel/1.ts", 32)
        finally:
            throttle.over.set()
            throttle.join()
        self.assertGreater(seconds, 20, "the stream stopped")
        late = re.search(r"^matinee_segments_late_total (\d+)$", server.get("/metrics").decode(), re.M)[1]
        self.assertGreater(int(late), 0, "nothing was late: the workers were not slow enough to ask anything")
        self.assertLess(worst, 2, f"a player would have waited {worst:.1f} s")


class SlowReader(unittest.TestCase):
    """Who stops reading falls behind, and is served from the past; past a minute of it he is let go."""

    def connect(self, server):
        s = socket.socket()
        self.addCleanup(s.close)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        s.settimeout(30)
        s.connect(("127.0.0.1", server.port))
        s.sendall(f"GET /channel/1.ts HTTP/1.0\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
        return s

    def read(self, s, seconds):
        """(bytes that came within so many seconds, whether it ended)"""
        data, end = b"", time.monotonic() + seconds
        while time.monotonic() < end:
            s.settimeout(max(0.1, end - time.monotonic()))
            try:
                part = s.recv(1 << 20)
            except TimeoutError:
                break
            except ConnectionResetError:
                return data, True
            if not part:
                return data, True
            data += part
        return data, False

    def test_served_from_the_past(self):
        server = harness.house()
        server.wait_for(1)
        s = self.connect(server)
        data, _ = self.read(s, 1)
        time.sleep(20)
        more, ended = self.read(s, 6)
        self.assertFalse(ended)
        data = (data + more).split(b"\r\n\r\n", 1)[1]
        report = ts.check(data[:len(data) // ts.PACKET * ts.PACKET])
        self.assertEqual(report.problems[:5], [])
        pts = report.of("video").pts
        self.assertGreater((max(pts) - min(pts)) / PCR_HZ, 24, "what was not read is missing")

    @unittest.skipUnless(os.environ.get("MATINEE_SOAK"), "MATINEE_SOAK is not set: it takes two minutes")
    def test_let_go_at_last(self):
        server = harness.house()
        server.wait_for(1)
        s = self.connect(server)
        time.sleep(150)  # a minute behind, and what lies in buffers on the way
        data, ended = self.read(s, 20)
        self.assertTrue(ended, f"{len(data)} bytes, and it goes on")


if __name__ == "__main__":
    unittest.main()
