"""Requests as strangers send them: the right status, nothing leaks, nobody else waits."""
import os, pathlib, socket, time, unittest

import harness


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.house()
        cls.playlist = cls.server.wait_for(1)

    def raw(self, data, wait=5, half_close=False):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=wait) as s:
            s.sendall(data)
            if half_close:
                s.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while part := s.recv(65536):
                    answer += part
                    if b"\r\n\r\n" in answer and b"onnection: close" not in answer.split(b"\r\n\r\n")[0]:
                        break
            except (TimeoutError, ConnectionResetError):
                pass
            return answer

    def status(self, path, method="GET", headers=""):
        answer = self.raw(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nConnection: close\r\n{headers}\r\n".encode("latin-1"))
        self.assertTrue(answer.startswith(b"HTTP/1.1 "), (path, answer[:100]))
        return int(answer[9:12]), answer

    def quick(self):
        start = time.monotonic()
        self.server.get("/channel/1.m3u8")
        self.assertLess(time.monotonic() - start, 1.0, "others wait")

    def test_paths_out_of_the_house(self):
        for path in ("/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2f..%2fetc%2fpasswd",
                     "/media/..%2f1/file", "/channel/../../etc/passwd", "//etc/passwd", "/%00", "/index.html%00.ts"):
            code, answer = self.status(path)
            self.assertNotIn(b"root:", answer, path)
            self.assertIn(code, (200, 301, 302, 400, 403, 404), path)

    def test_numbers_that_are_none(self):
        for path in ("/channel/-1.m3u8", "/channel/99999.m3u8", "/channel/1e3.m3u8", "/channel/0x1.m3u8", "/channel/18446744073709551617.m3u8",
                     "/channel/9" + "9" * 400 + ".m3u8", "/channel/1/s/0/0.ts", "/channel/1/s/-5/1.ts", "/channel/1/s/999999999999/1.ts", "/channel/.ts",
                     "/channel/99999.ts", "/media/0/file", "/media/-1/file", "/media/9223372036854775807/file", "/media/9223372036854775808/file"):
            self.assertIn(self.status(path)[0], (400, 404, 410, 414), path)
        generation = self.playlist.segments[self.playlist.sequence][0].split("/s/")[1].split("/")[0]
        for sequence in ("0", "9223372036854775807", "99999999999999999999", "-1", "1.5"):
            self.assertIn(self.status(f"/channel/1/s/{generation}/{sequence}.ts")[0], (400, 404, 410), sequence)

    def test_future_segments_are_not_handed_out_endlessly(self):
        generation = self.playlist.segments[self.playlist.sequence][0].split("/s/")[1].split("/")[0]
        self.assertIn(self.status(f"/channel/1/s/{generation}/{self.playlist.last + 100000}.ts")[0], (400, 404, 425))

    def test_overlong(self):
        self.assertIn(self.status("/" + "a" * 30000)[0], (400, 404, 414, 431))
        self.assertIn(self.status("/api/items?q=" + "a" * 20000)[0], (400, 404, 414, 431))
        self.assertIn(self.status("/api/status", headers="X: " + "b" * 200000 + "\r\n")[0], (200, 400, 413, 431))
        self.quick()

    def test_methods(self):
        for method, path in (("POST", "/channel/1.m3u8"), ("DELETE", "/channels.m3u"), ("PUT", "/api/status"), ("PATCH", "/xmltv.xml")):
            self.assertEqual(self.status(path, method)[0], 405, (method, path))
        code, answer = self.status("/channel/1.m3u8", "HEAD")
        self.assertEqual(code, 200)
        self.assertEqual(answer.split(b"\r\n\r\n", 1)[1], b"", "HEAD has a body")

    def test_queries_that_are_nonsense(self):
        for query in ("from=yesterday&to=", "from=9999999999999999999&to=1", "from=%ff%fe&to=%00", "from=2026-13-45T99:99:99Z"):
            code, answer = self.status("/api/guide?" + query)
            self.assertEqual(code, 400, query)
            self.assertIn(b'"error"', answer)
        for query in ("limit=-1", "limit=999999999999999999999", "sort=';drop%20table%20items--", "kind=nonsense", "offset=-9"):
            self.assertIn(self.status("/api/items?" + query)[0], (200, 400), query)
        self.assertEqual(self.status("/api/items?q=%27%22%25%5f*()")[0], 200)

    def test_ranges(self):
        item = next(i for i in self.server.json("/api/items?kind=movie")["items"])
        path = f"/media/{item['id']}/file"
        whole = self.server.get(path)
        size = len(whole)
        for ask, code, body in (("bytes=0-99", 206, whole[:100]), ("bytes=100-", 206, whole[100:]), ("bytes=-50", 206, whole[-50:]),
                                (f"bytes={size - 1}-{size + 500}", 206, whole[-1:]), (f"bytes={size}-", 416, None), ("bytes=5-2", 200, None),
                                ("bytes=-0", 416, None), ("bytes=abc", 200, None), ("cows=0-9", 200, None)):
            status, headers, got = self.server.request(path, headers={"Range": ask})
            self.assertIn(status, (code, 416) if body is None and code == 200 else (code,), ask)
            if body is not None:
                self.assertEqual(got, body, ask)
        status, headers, got = self.server.request(path, method="HEAD")
        self.assertEqual((status, int(headers["Content-Length"]), got), (200, size, b""))

    def test_segments_have_an_etag_that_holds(self):
        line = self.playlist.segments[self.playlist.last][0]
        status, headers, body = self.server.request(line)
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "video/mp2t")
        self.assertEqual(int(headers["Content-Length"]), len(body))
        status, _, got = self.server.request(line, headers={"If-None-Match": headers["ETag"]})
        self.assertEqual((status, got), (304, b""))

    def test_half_closed_and_broken_off(self):
        answer = self.raw(b"GET /channel/1.m3u8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", half_close=True)
        self.assertIn(answer[9:12], (b"200", b"400", b"403", b"421", b""))
        for data in (b"", b"\r\n\r\n\r\n", b"GET", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\0" * 4000, b"GET /channel/1.ts HTTP/1.1\r\nHost: a\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=5) as s:
                s.sendall(data)
        self.quick()

    def test_thousands_of_idle_connections(self):
        before = len(os.listdir(f"/proc/{self.server.process.pid}/fd"))
        idle = []
        try:
            for _ in range(900):
                idle.append(socket.create_connection(("127.0.0.1", self.server.port), timeout=5))
            self.quick()
        finally:
            for s in idle:
                s.close()
        end = time.monotonic() + 15
        while len(os.listdir(f"/proc/{self.server.process.pid}/fd")) > before + 20 and time.monotonic() < end:
            time.sleep(0.2)
        self.assertLessEqual(len(os.listdir(f"/proc/{self.server.process.pid}/fd")), before + 20, "descriptors leak")

    def cores(self, seconds):
        """How many cores the server itself uses now; right after its start it also builds three days of short clips."""
        cpu = lambda: sum(map(int, pathlib.Path(f"/proc/{self.server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
        start = cpu()
        time.sleep(seconds)
        return (cpu() - start) / os.sysconf("SC_CLK_TCK") / seconds

    def test_slow_readers_hold_nobody_up(self):
        slow = []
        try:
            for _ in range(30):
                s = socket.socket()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                s.settimeout(5)
                s.connect(("127.0.0.1", self.server.port))
                s.sendall(b"GET /channel/1.ts HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                slow.append(s)
            for _ in range(10):
                self.quick()
                time.sleep(0.2)
            self.assertLess(next((c for c in (self.cores(2) for _ in range(20)) if c < 0.5), 1), 0.5, "slow readers cost a core")
        finally:
            for s in slow:
                s.close()

    def test_another_site_may_not_change_anything(self):
        for headers in ("Origin: http://evil.example\r\n", "Host: evil.example\r\n"):
            answer = self.raw(f"POST /api/scan HTTP/1.1\r\n{'' if 'Host' in headers else 'Host: 127.0.0.1:%d' % self.server.port + chr(13) + chr(10)}"
                              f"{headers}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            self.assertIn(answer[9:12], (b"400", b"401", b"403", b"421"), (headers, answer[:200]))
