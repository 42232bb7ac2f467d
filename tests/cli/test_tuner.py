"""What programs that know the HDHomeRun, UPnP, Prometheus and OpenAPI get from a running server."""
import fcntl, http.client, json, os, re, shutil, socket, struct, subprocess, tempfile, time, unittest, urllib.request, zlib
import xml.etree.ElementTree as ElementTree
from harness import Case, MATINEE

TABLE = [0xA, 0x5, 0xF, 0x6, 0x7, 0xC, 0x1, 0xB, 0x9, 0x2, 0x8, 0xD, 0x4, 0x3, 0xE, 0x0]
QUESTION = bytes.fromhex("0002000c0104ffffffff0204ffffffff73cc7d8f")


def valid(device_id):
    """The checksum of hdhomerun_discover_validate_device_id()."""
    rest = 0
    for i, digit in enumerate(device_id):
        rest ^= int(digit, 16) if i % 2 else TABLE[int(digit, 16)]
    return len(device_id) == 8 and rest == 0


def port_is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Served(Case):
    def serve(self, **options):
        """A server on a free port; self.ask() talks to it."""
        env = {**self.env, **{"MATINEE_SERVER_" + k.upper(): v for k, v in options.items()}}
        self.server = subprocess.Popen([MATINEE, "serve", "--port", "0"], cwd=self.home, env=env,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(self.end)
        self.port = int(re.search(rb"http://127\.0\.0\.1:(\d+)/", self.server.stdout.readline())[1])
        self.base = f"http://127.0.0.1:{self.port}"

    def end(self):
        if self.server.poll() is None:
            self.server.terminate()
        self.server.wait(timeout=60)
        self.server.stdout.close()

    def ask(self, path, method="GET", host=None, body=None, **headers):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body=body, headers={**({"Host": host} if host else {}), **{name.replace("_", "-"): value for name, value in headers.items()}})
        answer = connection.getresponse()
        result = answer.status, answer.headers, answer.read()
        connection.close()
        return result

    def ask_json(self, path, **kw):
        status, headers, body = self.ask(path, **kw)
        self.assertEqual((status, headers["Content-Type"]), (200, "application/json"), path)
        return json.loads(body)


class Tuner(Served):
    def test_discover(self):
        self.serve()
        device = self.ask_json("/discover.json")
        self.assertEqual(device["FriendlyName"], "Matinee")
        self.assertTrue(valid(device["DeviceID"]), device["DeviceID"])
        self.assertTrue(valid("10439EFD") and not valid("10439EFE"))
        self.assertEqual(device["TunerCount"], 4)
        self.assertEqual((device["BaseURL"], device["LineupURL"]), (self.base, self.base + "/lineup.json"))
        self.assertNotIn("hdtc", device["ModelNumber"].lower())
        self.assertRegex(device["DeviceAuth"], "^[0-9a-f]{24}$")  # of one length everywhere
        # As the client sees us; and what is no host is not repeated.
        named = self.ask_json("/discover.json", host="tv.lan:5004")
        self.assertEqual((named["BaseURL"], named["LineupURL"]), ("http://tv.lan:5004", "http://tv.lan:5004/lineup.json"))
        self.assertEqual(self.ask_json("/discover.json", host="a/b\"<c>")["BaseURL"], self.base)
        # It stays the same after a restart.
        self.end()
        self.serve(tuners="9")
        again = self.ask_json("/discover.json")
        self.assertEqual((again["DeviceID"], again["DeviceAuth"]), (device["DeviceID"], device["DeviceAuth"]))
        self.assertEqual(again["TunerCount"], 9)
        # Another house is another device.
        self.end()
        shutil.rmtree(self.home / ".local")
        self.serve()
        self.assertNotEqual(self.ask_json("/discover.json")["DeviceAuth"], device["DeviceAuth"])

    def test_behind_a_proxy(self):
        """One on this machine says how it is called; the owner can say it, and then the page's changes come from there too."""
        self.serve()
        self.run_matinee("channel", "add", "One")
        ask = {"host": "127.0.0.1:1", "X_Forwarded_Proto": "https", "X_Forwarded_Host": "tv.example.org, inner"}
        for path in ("/channels.m3u", "/xmltv.xml", "/lineup.json", "/device.xml", "/discover.json"):
            body = self.ask(path, **ask)[2].decode()
            self.assertIn("https://tv.example.org/" if path != "/device.xml" else "https://tv.example.org<", body, path)
            self.assertNotIn("http://127", body, path)
        self.assertEqual(self.ask_json("/discover.json", host="tv.lan", X_Forwarded_Proto="https")["BaseURL"], "https://tv.lan")
        self.assertEqual(self.ask_json("/discover.json", host="tv.lan", X_Forwarded_Proto="gopher", X_Forwarded_Host="<x>")["BaseURL"], "http://tv.lan")
        change = {"method": "POST", "body": '{"name": "Two"}', "Origin": "https://tv.example.org"}
        self.assertEqual(self.ask("/api/channels", **change)[0], 403)
        self.assertEqual(self.ask("/api/channels", **change, host="tv.example.org", X_Forwarded_Host="tv.example.org")[0], 403, "a header is not the owner")
        self.end()
        self.serve(base_url="https://tv.example.org/")
        self.assertEqual(self.ask_json("/discover.json", host="tv.lan")["BaseURL"], "https://tv.example.org")
        self.assertEqual(self.ask("/api/channels", **change)[0], 201)
        change["body"] = '{"name": "Three"}'
        self.assertEqual(self.ask("/api/channels", **change, host="tv.example.org")[0], 201)
        for origin in ("https://evil.example", "https://tv.example.org.evil", "null"):
            self.assertEqual(self.ask("/api/channels", **{**change, "Origin": origin})[0], 403, origin)
        self.end()
        for value in ("tv.example.org", "https://tv.example.org/path", "ftp://x", "https://", "https://a b", "https://:80"):
            self.assertIn("server.base_url", self.complaint("serve", "--port", "0", code=2, env={"MATINEE_SERVER_BASE_URL": value}))

    def test_tuners_have_bounds(self):
        for value in ("0", "256", "many"):
            self.assertIn("server.tuners", self.complaint("serve", "--port", "0", code=2, env={"MATINEE_SERVER_TUNERS": value}))

    def test_lineup(self):
        self.serve()
        empty = self.ask_json("/lineup.json")
        self.assertEqual([(c["GuideNumber"], c["URL"]) for c in empty], [("9999", self.base + "/tuner/empty.ts")])
        self.run_matinee("channel", "add", 'Films "<&>" \U0001f3ac', "--number", "7")
        self.run_matinee("channel", "add", "Off", "--number", "3")
        self.run_matinee("channel", "add", "News", "--number", "1")
        ids = {c["number"]: c["id"] for c in self.ask_json("/api/channels")["items"]}
        some = self.ask_json(f"/api/channels?ids={ids[7]},4711,{ids[1]}")
        self.assertEqual((some["total"], [c["number"] for c in some["items"]]), (2, [1, 7]))
        self.assertEqual([self.ask("/api/channels?ids=" + bad)[0] for bad in ("x", "1,", "1;2", ",".join(["1"] * 501))], [400] * 4)
        status, _, body = self.ask(f"/api/channels/{ids[3]}", "PATCH", body='{"enabled": false}')
        self.assertEqual(status, 200, body)
        lineup = self.ask_json("/lineup.json?show=all", host="tv.lan:5004")
        self.assertEqual([(c["GuideNumber"], c["GuideName"], c["URL"]) for c in lineup],
                         [("1", "News", "http://tv.lan:5004/channel/1.ts"),
                          ("7", 'Films "<&>" \U0001f3ac', "http://tv.lan:5004/channel/7.ts")])
        for channel in lineup:
            self.assertEqual((channel["HD"], channel["VideoCodec"], channel["AudioCodec"]), (1, "H264", "AAC"))
            self.assertFalse({"Favorite", "DRM"} & set(channel))
        status, _, body = self.ask("/lineup.json", "HEAD")
        self.assertEqual((status, body), (200, b""))

    def test_a_tuner_without_channels_plays_a_card(self):
        """Six seconds at once, in whole packets, and then in the time that they last."""
        self.serve()
        with urllib.request.urlopen(self.ask_json("/lineup.json")[0]["URL"], timeout=120) as stream:
            self.assertEqual(stream.headers["Content-Type"], "video/mp2t")
            data = stream.read(188 * 1000)
        self.assertEqual(set(data[::188]), {0x47})
        with urllib.request.urlopen(self.base + "/tuner/empty.ts?duration=1", timeout=120) as stream:
            self.assertEqual(len(stream.read()) % 188, 0, "it ends by itself, in whole packets")
        self.assertEqual(self.ask("/tuner/empty.ts?duration=x")[0], 400)
        self.run_matinee("channel", "add", "Slate alone")
        self.assertEqual(self.ask("/channel/1.ts?duration=-1")[0], 400)
        for _ in range(120):  # until something is on, and slate is made
            status, _, body = self.ask("/channel/1.ts?duration=1")
            if status == 200 and body:
                break
            time.sleep(0.5)
        self.assertEqual((status, len(body) % 188, body[:1]), (200, 0, b"G"))
        if shutil.which("ffprobe"):
            told = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", "-"],
                                  input=data, capture_output=True, timeout=60)
            self.assertIn(b"h264", told.stdout)
            self.assertIn(b"aac", told.stdout)
            self.assertEqual(told.stderr, b"")

    def test_a_scan_is_over_at_once(self):
        self.serve()
        for _ in range(2):
            status = self.ask_json("/lineup_status.json")
            self.assertEqual((status["ScanInProgress"], status["ScanPossible"], status["Source"], status["SourceList"]),
                             (0, 1, "Cable", ["Cable"]))
            # By any name: a container's neighbours know it by one that this machine does not.
            for method, host in (("POST", None), ("POST", "matinee:8080"), ("GET", None)):
                code, _, body = self.ask("/lineup.post?scan=start&source=Cable", method, host=host)
                self.assertEqual((code, json.loads(body)), (200, {}))

    def test_device_xml(self):
        self.serve()
        status, headers, body = self.ask("/device.xml", host="tv.lan:80")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/xml; charset=utf-8"))
        space = "{urn:schemas-upnp-org:device-1-0}"
        root = ElementTree.fromstring(body)
        self.assertEqual(root.tag, space + "root")
        self.assertEqual(root.findtext(f"{space}URLBase"), "http://tv.lan:80")
        device = root.find(f"{space}device")
        self.assertEqual(device.findtext(f"{space}deviceType"), "urn:schemas-upnp-org:device:MediaServer:1")
        self.assertEqual(device.findtext(f"{space}friendlyName"), "Matinee")
        self.assertEqual(device.findtext(f"{space}serialNumber"), self.ask_json("/discover.json")["DeviceID"])
        self.assertRegex(device.findtext(f"{space}UDN"), r"^uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        for name in ("manufacturer", "modelName", "modelNumber"):
            self.assertTrue(device.findtext(space + name), name)

    def need(self, port):
        """The UDP port to ourselves: other runs of these tests wait; when another program has it, the test is skipped."""
        lock = open(os.path.join(tempfile.gettempdir(), f"matinee-test-udp.{os.getuid()}.lock"), "w")
        self.addCleanup(lock.close)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not port_is_free(port):
            self.skipTest(f"UDP port {port} is taken")

    def udp(self, port):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(s.close)
        s.settimeout(20)
        s.connect(("127.0.0.1", port))
        return s

    def test_found_by_discovery(self):
        self.need(65001)
        self.serve(announce="yes")
        s = self.udp(65001)
        for garbage in (b"", b"\0", b"\xff" * 1500, QUESTION[:-1], QUESTION[:-1] + b"\0"):
            s.send(garbage)
        s.send(QUESTION)
        packet = s.recv(2048)
        self.assertEqual(struct.unpack(">HH", packet[:4]), (3, len(packet) - 8))
        self.assertEqual(struct.unpack("<I", packet[-4:])[0], zlib.crc32(packet[:-4]))
        tags, at = {}, 4
        while at < len(packet) - 4:
            tag, length = packet[at], packet[at + 1]
            tags[tag] = packet[at + 2:at + 2 + length]
            at += 2 + length
        device = self.ask_json("/discover.json")
        self.assertEqual(tags, {0x01: b"\0\0\0\1", 0x02: bytes.fromhex(device["DeviceID"]), 0x10: b"\4",
                                0x2A: device["BaseURL"].encode(), 0x27: device["LineupURL"].encode(),
                                0x2B: device["DeviceAuth"].encode()})
        if shutil.which("hdhomerun_config"):
            found = subprocess.run(["hdhomerun_config", "discover", "127.0.0.1"], capture_output=True, text=True, timeout=60)
            self.assertIn(f"hdhomerun device {device['DeviceID']} found at 127.0.0.1", found.stdout)

    def test_found_by_ssdp(self):
        self.need(1900)
        self.serve(announce="yes")
        s = self.udp(1900)
        s.send(b"NOTIFY * HTTP/1.1\r\n\r\n")
        s.send(b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n')
        answers = [s.recv(2048).decode() for _ in range(3)]
        udn = re.search(rb"<UDN>(uuid:[^<]+)</UDN>", self.ask("/device.xml")[2])[1].decode()
        found = {re.search(r"\r\nST: (.*)\r\n", a)[1]: re.search(r"\r\nUSN: (.*)\r\n", a)[1] for a in answers}
        kind = "urn:schemas-upnp-org:device:MediaServer:1"
        self.assertEqual(found, {"upnp:rootdevice": f"{udn}::upnp:rootdevice", udn: udn, kind: f"{udn}::{kind}"})
        for answer in answers:
            self.assertIn(f"\r\nLOCATION: {self.base}/device.xml\r\n", answer)

    def test_silent_unless_wide(self):
        self.need(65001)
        self.serve()
        self.assertTrue(port_is_free(65001))

    def test_taken_ports_are_no_error(self):
        self.need(65001)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
            holder.bind(("127.0.0.1", 65001))
            self.serve(announce="yes")
            self.assertEqual(self.ask("/discover.json")[0], 200)


class Metrics(Served):
    def metrics(self):
        """{name with labels: value}; fails on what Prometheus would not read."""
        status, headers, body = self.ask("/metrics")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        values, types, text = {}, {}, body.decode()
        self.assertTrue(text.endswith("\n"))
        for line in text.splitlines():
            if line.startswith("# "):
                _, what, name, rest = line.split(" ", 3)
                self.assertTrue(rest)
                if what == "TYPE":
                    self.assertNotIn(name, types)
                    types[name] = rest
                continue
            m = re.fullmatch(r'([a-z_]+)(\{[a-z]+="(?:[^"\\]|\\[\\"n])*"\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)', line)
            self.assertTrue(m, line)
            self.assertIn(m[1], types, "a value before its type")
            self.assertEqual(types[m[1]] == "counter", m[1].endswith("_total"), line)
            self.assertNotIn(m[1] + (m[2] or ""), values)
            values[m[1] + (m[2] or "")] = float(m[3])
        return values

    def test_what_is_counted(self):
        self.serve()
        before = self.metrics()
        version = self.ask_json("/api/status")["version"]
        self.assertEqual(before[f'matinee_build_info{{version="{version}"}}'], 1)
        self.assertEqual(before['matinee_channels{state="enabled"}'], 0)
        self.assertAlmostEqual(before["matinee_station_time_offset_seconds"], 0, delta=60)
        self.run_matinee("channel", "add", "One")
        self.ask("/nothing/here", "DELETE")
        for _ in range(3):
            self.ask("/discover.json")
        after = self.metrics()
        self.assertEqual(after['matinee_channels{state="enabled"}'], 1)
        requests = 'matinee_http_requests_total{code="%dxx"}'
        self.assertEqual(after[requests % 4] - before[requests % 4], 1)
        self.assertEqual(after[requests % 2] - before[requests % 2], 5)  # with the first of /metrics itself
        self.assertGreater(after["matinee_http_body_bytes_total"], before["matinee_http_body_bytes_total"] + 1000)
        self.assertGreaterEqual(after["matinee_uptime_seconds"], before["matinee_uptime_seconds"])
        for name in ("viewers", "channels_watched", 'workers{job="encode"}', "encode_speed_ratio", "cache_bytes",
                     "cache_limit_bytes", "cache_segments", "cache_hits_total", "cache_misses_total", "playlists_total",
                     "playlist_seconds_total", 'segments_total{kind="clip"}', 'segments_total{kind="slate"}',
                     'segments_total{kind="stand_in"}', "segments_waited_total", "segments_late_total", "library_files",
                     "library_files_missing", "library_roots", "scan_running"):
            self.assertIn("matinee_" + name, after)


class Description(Served):
    """/api/openapi.json: OpenAPI 3.0.3, whole, and true."""
    METHODS = {"get", "post", "put", "patch", "delete"}

    def check_operation(self, path, operation, ids):
        self.assertRegex(operation["operationId"], r"^[a-z]+[A-Za-z0-9]*$")
        self.assertNotIn(operation["operationId"], ids)
        ids.add(operation["operationId"])
        self.assertTrue(operation["summary"].endswith("."))
        names = [(p["in"], p["name"]) for p in operation["parameters"]]
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual([n for where, n in names if where == "path"], re.findall(r"\{(\w+)\}", path))
        for parameter in operation["parameters"]:
            self.assertEqual(parameter["required"], parameter["in"] == "path")
            self.assertIn(parameter["schema"]["type"], ("integer", "string"))
        self.assertTrue(operation["responses"])
        for status, response in operation["responses"].items():
            self.assertRegex(status, r"^([1-5](\d\d|XX)|default)$")
            self.assertTrue(response["description"])

    def check_references(self, node, document):
        if isinstance(node, dict):
            if "$ref" in node:
                at = document
                for part in node["$ref"].removeprefix("#/").split("/"):
                    at = at[part]
            for value in node.values():
                self.check_references(value, document)
        elif isinstance(node, list):
            for value in node:
                self.check_references(value, document)

    def test_it_is_valid_and_true(self):
        self.serve()
        document = self.ask_json("/api/openapi.json")
        self.assertRegex(document["openapi"], r"^3\.0\.\d+$")
        self.assertEqual(document["info"]["version"], self.ask_json("/api/status")["version"])
        self.check_references(document, document)
        ids = set()
        for path, operations in document["paths"].items():
            self.assertTrue(operations and set(operations) <= self.METHODS, path)
            for operation in operations.values():
                self.check_operation(path, operation, ids)
            real = re.sub(r"\{\w+\}", "999999", path)
            if "get" in operations and path not in ("/api/events", "/tuner/empty.ts"):  # which never end
                status, headers, body = self.ask(real)
                self.assertIn(status, (200, 404), path)
                if status == 404:
                    error = json.loads(body)["error"]
                    self.assertEqual(error["code"], "not_found")
                    self.assertNotIn("there is nothing at", error["message"], path)
            for method in self.METHODS - set(operations):
                status, headers, _ = self.ask(real, method.upper())
                self.assertEqual(status, 405, f"{method} {path}")
                self.assertEqual(set(re.findall(r"\w+", headers["Allow"].lower())) - {"head"}, set(operations))
        for path in ("/discover.json", "/lineup.post", "/metrics", "/channel/{number}.ts", "/api/channels/{id}"):
            self.assertIn(path, document["paths"])


if __name__ == "__main__":
    unittest.main()
