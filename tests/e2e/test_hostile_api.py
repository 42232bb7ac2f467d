"""Every route of the API with what nobody should say, in every parameter and every field of every body: an answer that fits, in JSON,
with one sentence; nothing is done twice, nothing is let through by accident, and the house goes on."""
import http.client, json, re, unittest, urllib.parse

import harness

NUMBERS = ["0", "1", "7", "999999999999999999", "9223372036854775808", "99999999999999999999999", "-1", "1.5", "0x1", "%00", "%ff", "..", "a%2Fb"]
TEXTS = ["", " ", "-1", "-rf", "..", "0", "9223372036854775807", "99999999999999999999999", "1e308", "NaN", "\n", "\x1b[31m", "%s%n", "';DROP TABLE items;--", "(" * 500,
         "year:9999999999999999999999", "x" * 20000, "\U0001F4A9\u202e"]
RAW = ["%00", "%ff%fe", "%zz", "%", "a%00b", "&&&===", "=" * 2000]
VALUES = [None, True, False, 0, -1, 1.5, 1e308, 2 ** 63 - 1, -2 ** 63, "", " ", "-rf", "..", "\n\x1b[31m", "x" * 100000, "\ufffe\U0001F4A9", [], {}, [[]], [None], [-1], [2 ** 62], ["x" * 300],
          [{}], {"": ""}, {"x": [1]}, list(range(3000)), [{"id": -1, "keep": "x"}], [{"id": 1, "keep": [None]}], {"title": 5}, {"title": None}, {"year": "x"}]
BODIES = [b"", b"{", b"[]", b"null", b"1", b'"x"', b"{}", b'{"a":1,"a":2}', b'{"nonsense":1}', b"\xff\xfe", b'{"text":"\xff"}', b'{"title":"\\u0000"}', b'{"title":"\\ud800"}',
          b"[" * 100000, b'{"a":' * 100000, b"a=b&c=d", b"--x\r\nContent-Disposition: form-data\r\n\r\n", b"{} trailing", b"{" + b'"x":1,' * 50000 + b'"y":1}', b"[" + b"1," * 100000 + b"1]", b"\0" * 5000]


class HostileApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server()
        cls.server.add_channel(1, "One")
        cls.server.cli("items", "add", "A Film")
        cls.server.start()
        cls.routes = [(method.upper(), path, row) for path, methods in cls.server.json("/api/openapi.json")["paths"].items() for method, row in methods.items()]

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        said = cls.server.said()
        cls.server.close()
        assert code == 0, f"serve ended with {code}: {said[-2000:]}"
        assert not re.search("AddressSanitizer|runtime error|Assertion|LeakSanitizer", said), said[-4000:]

    def setUp(self):
        self.connection, self.faults = None, []

    def tearDown(self):
        if self.connection:
            self.connection.close()
        self.assertEqual(len(self.faults), 0, "\n".join(self.faults[:60]))

    def ask(self, method, path, body=None, headers=None, ok=range(200, 500)):
        """An answer of ours: no 500, an error in JSON with one sentence; and the next request on the same connection works."""
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        shown = f"{method} {path[:120]} {body[:120] if body else ''} {headers or ''}"
        try:
            self.connection.request(method, path, body=body, headers=headers or {})
            answer = self.connection.getresponse()
            if any(path.split("?")[0].endswith(end) for end in ("/events", ".ts")) and answer.status == 200:
                self.connection.close()
                self.connection = None
                return answer.status, b""
            text = answer.read()
        except (OSError, http.client.HTTPException) as problem:
            self.connection.close()
            self.connection = None
            self.faults.append(f"{shown}: {problem!r}")
            return 0, b""
        fault = None
        if answer.status not in ok and answer.status not in (501, 503):
            fault = "status"
        elif answer.status >= 400 and path.startswith("/api/"):
            try:
                error = json.loads(text)["error"]
                if not error["code"] or len(error["message"]) < 8 or "\n" in error["message"] or "\x1b" in error["message"]:
                    fault = "sentence"
            except (ValueError, KeyError, TypeError):
                fault = "no JSON"
        if fault:
            self.faults.append(f"{fault}: {shown}: {answer.status} {text[:200]}")
        if answer.headers.get("Connection", "").lower() == "close":
            self.connection.close()
            self.connection = None
        return answer.status, text

    def filled(self, path, value="1"):
        return re.sub(r"\{\w+\}", value, path)

    def test_paths(self):
        for method, path, _ in self.routes:
            for value in NUMBERS if "{" in path else []:
                self.ask(method, self.filled(path, value), body=b"{}" if method in ("POST", "PATCH") else None)
            for tail in ("/", "//", "/..", "%00", "/nonsense", ";a=b", "?" + "a" * 7000):
                if method == "GET":
                    self.ask(method, self.filled(path) + tail)

    def test_parameters(self):
        for method, path, row in self.routes:
            for parameter in [p for p in row.get("parameters", []) if p["in"] == "query"]:
                for value in [urllib.parse.quote(t[:6000]) for t in TEXTS] + RAW:
                    status, text = self.ask(method, f"{self.filled(path)}?{parameter['name']}={value}")
                    if status == 200 and parameter["schema"]["type"] == "integer" and value not in ("", "0", "9223372036854775807", "&&&==="):
                        self.faults.append(f"taken: {path}?{parameter['name']}={value[:60]}")

    def fields(self, row):
        return sorted(set(re.findall(r"\b([a-z_]{2,})\b", " ".join(re.findall(r"\{.*\}", row.get("summary", ""))))) - {"or", "and", "as", "for", "null", "all", "ids", "has"} | {"ids"})

    def test_bodies(self):
        for method, path, row in self.routes:
            if method in ("POST", "PATCH", "DELETE"):
                for body in BODIES:
                    self.ask(method, self.filled(path, "77"), body=body)
                for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "\x80"):
                    self.ask(method, self.filled(path, "77"), body=b'{"x":1}', headers={"Content-Type": kind})

    def test_fields(self):
        for method, path, row in self.routes:
            if method not in ("POST", "PATCH"):
                continue
            for field in self.fields(row):
                for value in VALUES:
                    self.ask(method, self.filled(path), body=json.dumps({field: value}).encode())
        self.assertIsInstance(self.server.json("/api/items/1")["title"], str)

    def test_too_large(self):
        for body in (b"x" * (2 << 20), b'{"text":"' + b"x" * (1 << 20) + b'"}'):
            self.assertIn(self.ask("POST", "/api/alerts", body=body)[0], (413, 0))
            self.faults.clear()  # it may hang up before all of it is sent

    def test_others_are_refused(self):
        for method, path, _ in self.routes:
            if method != "GET" and path.startswith("/api/"):
                for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
                    status, _ = self.ask(method, self.filled(path, "77"), body=b"{}", headers=headers)
                    self.assertEqual(status, 403, (method, path, headers))
