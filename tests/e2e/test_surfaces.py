"""What programs read of the server: figures for Prometheus, events, lineups, by the rules of those who read them
(docs/station.md, The guide for players). The description of the API: tests/cli/test_tuner.py."""
import json, os, pathlib, re, socket, tempfile, time, unittest, urllib.request, xml.etree.ElementTree as tree

import harness, players, ts

BESIDE = 60  # seconds; see tools/check.py

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"^({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?[0-9.e+-]+|NaN|[+-]Inf)$")


def metrics(text):
    """The text format 0.0.4, strictly: {name: (type, {labels: value})}; raises where a scraper could stumble."""
    families, samples, current = {}, {}, None
    assert text.endswith("\n"), "no newline at the end"
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name, _ = line[7:].split(" ", 1)
            assert name not in families, f"{name} twice"
            families[name], current = None, name
        elif line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert name == current and families[name] is None, f"TYPE of {name} is not below its HELP"
            assert kind in ("counter", "gauge"), kind
            families[name] = kind
        else:
            found = SAMPLE.match(line)
            assert found, f"no sample: {line}"
            assert found[1] == current, f"{found[1]} is outside its group"
            assert families[current], f"{current} has no type"
            key = (found[1], found[2] or "")
            assert key not in samples, f"{key} twice"
            samples[key] = float(found[3])
    for name, kind in families.items():
        assert kind == "counter" or not name.endswith("_total"), f"{name} is no counter"
        assert kind == "gauge" or name.endswith("_total"), f"{name} is a counter"
    return families, samples


class Metrics(unittest.TestCase):
    def test_a_strict_reader(self):
        server = harness.house()
        server.wait_for(1)
        status, headers, body = server.request("/metrics")
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        families, before = metrics(body.decode())
        self.assertGreater(len(families), 20)
        server.playlist(1)
        _, after = metrics(server.get("/metrics").decode())
        for (name, labels), value in before.items():
            if families[name] == "counter":
                self.assertGreaterEqual(after[name, labels], value, name)
        self.assertGreater(after["matinee_playlists_total", ""], before["matinee_playlists_total", ""])


class Events(unittest.TestCase):
    def listen(self, server, last=None, seconds=4):
        """[(id, name, data)] that come within so many seconds."""
        request = f"GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n" + (f"Last-Event-ID: {last}\r\n" if last else "") + "\r\n"
        text, end = b"", time.monotonic() + seconds
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as s:
            s.sendall(request.encode())
            s.settimeout(0.2)
            while time.monotonic() < end:
                try:
                    part = s.recv(65536)
                except TimeoutError:
                    continue
                if not part:
                    break
                text += part
        body = re.sub(rb"\r\n[0-9a-fA-F]+\r\n", b"", text.split(b"\r\n\r\n", 1)[1])
        return [(int(i), n, json.loads(d)) for i, n, d in re.findall(r"id: (\d+)\nevent: (\w+)\ndata: (.*)\n", body.decode())]

    def test_resumed_over_kill_9(self):
        server = harness.Server().start()
        self.addCleanup(server.close)
        server.cli("scan")
        before = self.listen(server, last=1, seconds=2)
        self.assertTrue(before, "the scan was no event")
        last = before[-1][0]
        server.add_channel(1, "One")
        missed = self.listen(server, last=last, seconds=4)
        self.assertTrue([e for e in missed if e[1] == "channel"], missed)
        self.assertGreater(missed[0][0], last)
        last = missed[-1][0]
        server.stop(hard=True)
        server.start()
        server.add_channel(2, "Two")
        server.cli("scan")
        after = self.listen(server, last=last, seconds=4)
        self.assertTrue([e for e in after if e[1] == "channel"], after)
        ids = [e[0] for e in before + missed + after]
        self.assertEqual(ids, sorted(set(ids)), "ids do not grow")

    def test_a_wall_clock_that_went_back(self):
        """Nobody who comes back after it is told nothing."""
        server = harness.Server(env={"MATINEE_NOW": "2030-03-01T12:00:00Z"}).start()
        self.addCleanup(server.close)
        server.cli("scan")
        last = self.listen(server, last=1, seconds=2)[-1][0]
        server.stop(hard=True)
        server.start(env={"MATINEE_NOW": "2030-03-01T11:00:00Z"})
        server.cli("scan")
        after = self.listen(server, last=last, seconds=3)
        self.assertTrue(after, "nothing came")
        self.assertGreater(after[0][0], last)


class Clients(unittest.TestCase):
    """Clients that are worth a look where they are installed; those that everybody must please are in test_players.py."""

    def test_streamlink(self):
        if not players.have("streamlink"):
            self.skipTest("streamlink is not installed")
        server = harness.house()
        server.wait_for(1)
        with tempfile.TemporaryDirectory(prefix="matinee-streamlink.") as tmp:
            file = pathlib.Path(tmp) / "got.ts"
            ended, text = players.run_for(["streamlink", "--hls-duration", "10", "-o", str(file), server.url + "/channel/1.m3u8", "best"], 60,
                                          env={"HOME": tmp, "PATH": "/usr/bin:/bin:" + os.environ["PATH"]})
            self.assertTrue(ended, text)
            self.assertNotIn("error", text.lower())
            self.assertEqual(ts.check(file.read_bytes()).problems[:5], [])

    def test_gstreamer(self):
        if not players.have("gst-launch-1.0"):
            self.skipTest("gst-launch-1.0 is not installed")
        server = harness.house()
        server.wait_for(1)
        for what in (".m3u8", ".ts"):
            with tempfile.TemporaryDirectory(prefix="matinee-gst.") as tmp:
                ended, text = players.run_for(["gst-launch-1.0", "playbin", f"uri={server.url}/channel/1{what}", "video-sink=fakesink sync=true",
                                               "audio-sink=fakesink sync=true"], 12, env={"HOME": tmp, "GST_DEBUG": "2", "GST_DEBUG_NO_COLOR": "1"})
            if "no element" in text or "plug-in" in text:
                self.skipTest("GStreamer lacks a plug-in: " + text[-200:])
            self.assertFalse(ended, what + text[-1500:])
            self.assertIn("PLAYING", text)
            self.assertEqual([l for l in text.split("\n") if re.search(r"ERROR|discont|timestamp", l)][:5], [], what)


class Rules(unittest.TestCase):
    """What Plex, Jellyfin and Kodi make of lineup and guide (a rule each; the tuner's own are in tests/cli/test_tuner.py)."""

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server().start()
        cls.addClassCleanup(cls.server.close)
        cls.server.furnish(harness.library())
        for number, name in ((1, "One"), (10, "5 USA & <Söhne>"), (2, "Two, \"the second\""), (20, "Zwanzig")):
            cls.server.add_channel(number, name, "--profile", "480p", "--order", "order")
            cls.server.wait_for(number, 1)
        cls.m3u = cls.server.get("/channels.m3u").decode()
        cls.xml = tree.fromstring(cls.server.get("/xmltv.xml"))
        cls.rows = re.findall(r"^#EXTINF:-1 (.*),([^\n]*)\n(\S+)$", cls.m3u, re.M)

    def attribute(self, row, name):
        return re.search(rf'{name}="([^"]*)"', row[0])[1]

    def test_numbers_are_told_apart(self):
        """Plex merged 1.x with 10.x; Jellyfin takes tvg-chno before a number in the name ("5 USA")."""
        ids = [c.get("id") for c in self.xml.findall("channel")]
        self.assertEqual(len(ids), len(set(ids)))
        for channel in self.xml.findall("channel"):
            self.assertRegex(channel.get("id"), r"^C\d+\.\d+\.[a-z]+$")
            number = re.match(r"C(\d+)\.(\d+)", channel.get("id"))
            self.assertEqual(int(number[2]), sum(map(int, number[1])))
        self.assertEqual(sorted(int(self.attribute(r, "tvg-chno")) for r in self.rows), [1, 2, 10, 20])

    def test_three_names_and_one_that_kodi_joins_by(self):
        for channel in self.xml.findall("channel"):
            names = [n.text for n in channel.findall("display-name")]
            number = re.match(r"C(\d+)", channel.get("id"))[1]
            self.assertEqual(len(names), 3)
            self.assertEqual(names[0], f"{number} {names[2]}")
            self.assertEqual(names[1], number)
            row = next(r for r in self.rows if self.attribute(r, "tvg-id") == channel.get("id"))
            self.assertEqual(self.attribute(row, "tvg-name"), names[2])
            self.assertEqual(self.attribute(row, "channel-id"), channel.get("id"))

    def test_addresses_carry_no_query(self):
        for row in self.rows:
            self.assertNotIn("?", row[2])
            self.assertNotIn("?", self.attribute(row, "tvg-logo"))
        for station in self.server.json("/lineup.json"):
            self.assertNotIn("?", station["URL"])
            self.assertTrue(station["URL"].endswith(".ts"))  # Jellyfin shares a stream of that name

    def test_every_programme(self):
        """Jellyfin: start, stop, title; dd_progid of its own for each episode; movie by its category. All: UTC, season from 1."""
        progids = {}
        for programme in self.xml.findall("programme"):
            for key in ("start", "stop"):
                self.assertRegex(programme.get(key), r"^\d{14} \+0000$")
            self.assertLess(programme.get("start"), programme.get("stop"))
            self.assertTrue(programme.findtext("title"))
            numbers = {n.get("system"): n.text for n in programme.findall("episode-num")}
            if "xmltv_ns" in numbers:
                self.assertRegex(numbers["xmltv_ns"], r"^\d+\.\d+\.0/1$")
                self.assertIn("dd_progid", numbers)
                self.assertEqual([c.text for c in programme.findall("category")], ["series"])
                progids.setdefault(numbers["dd_progid"], set()).add((programme.findtext("title"), programme.findtext("sub-title")))
            elif programme.find("category") is not None:
                self.assertEqual(programme.findtext("category"), "movie")
        self.assertGreaterEqual(len(progids), 6)
        self.assertEqual([p for p, what in progids.items() if len(what) > 1], [])

    def test_the_guide_begins_in_the_past(self):
        """Else players show an unknown airing until the next programme."""
        now = time.strftime("%Y%m%d%H%M%S +0000", time.gmtime())
        for channel in self.xml.findall("channel"):
            self.assertLess(min(p.get("start") for p in self.xml.findall("programme") if p.get("channel") == channel.get("id")), now)

    def test_a_tuner_that_plex_and_jellyfin_take(self):
        discover = self.server.json("/discover.json")
        self.assertRegex(discover["DeviceID"], r"^[0-9A-F]{8}$")
        table, digits = [0xA, 0x5, 0xF, 0x6, 0x7, 0xC, 0x1, 0xB, 0x9, 0x2, 0x8, 0xD, 0x4, 0x3, 0xE, 0x0], [int(c, 16) for c in discover["DeviceID"]]
        rest = 0
        for i, digit in enumerate(digits):
            rest ^= table[digit] if i % 2 == 0 else digit
        self.assertEqual(rest, 0, "libhdhomerun refuses this DeviceID")
        self.assertNotIn("hdtc", discover["ModelNumber"].lower())  # Jellyfin would append ?transcode=
        self.assertGreater(discover["TunerCount"], 0)
        lineup = self.server.json("/lineup.json")
        self.assertEqual([s["GuideNumber"] for s in lineup], ["1", "2", "10", "20"])
        for station in lineup:
            self.assertEqual((station["HD"], station["VideoCodec"], station["AudioCodec"]), (1, "H264", "AAC"))
            self.assertNotIn("DRM", station)
        status, _, body = self.server.request("/lineup.post?scan=start", method="POST", body=b"")
        self.assertEqual((status, bool(body.strip())), (200, True))  # some ignore ScanPossible and want an answer
        self.assertEqual(self.server.json("/lineup_status.json")["ScanInProgress"], 0)
        xml = self.server.get("/device.xml").decode()
        self.assertIn(discover["DeviceID"], xml)


HOSTILE = {  # a file's name, without what follows it: what a guide must not stumble over
    "control": b"Control \x01\x02\x1b[31m\x7f red", "bytes": b"Bad \xff\xfe\xc0\xaf bytes", "cdata": b"End ]]> of it", "amp": b"You & Me &amp; <!DOCTYPE x>",
    "script": b"<script>alert(1)<!-- '\"", "emoji": "Emoji \U0001f3ac\U0001f468\u200d\U0001f469\u200d\U0001f467 e\u0301".encode(),
    "long": b"L" * 243, "right": "Right \u202e\u2066fdp.exe\u200f \u05e9\u05dc\u05d5\u05dd".encode(), "lone": b"Lone \xed\xa0\x80\xed\xbf\xbf half",
    "none": "No \ufffe\uffff\ufffd character".encode(), "lines": b"Two\nlines\r\nSet-Cookie: a=b\r\n\r\n<b>", "breaks": "Breaks \u0085\u2028\u2029 all".encode(),
    "format": b"%s%n%p {utc} ${A} `id` $(id)", "comma": b"Comma, \"quoted\", tvg-id=\"x\"", "spaces": b"   ", "dash": b"-rf",
}
NAMES = ["Films, \"the best\", #1", "a\" tvg-id=\"b", "<Kids> & ]]> Co", "http://evil/?a=b#c", "\U0001f3ac \u202e live", "C1 \x80\x85\x9f end", "No \ufffe\uffff\ufffd character", "%s%n {utc}",
         "N" * 200]


class Hostile(unittest.TestCase):
    """Files, titles and channels of any name: every surface stays what it is."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="matinee-hostile.")
        cls.addClassCleanup(cls.folder.cleanup)
        films = pathlib.Path(cls.folder.name) / "Films"
        films.mkdir()
        harness.ffmpeg(films / "plain.mkv", "testsrc2=s=160x90:r=25", "sine=440:r=48000", 2, harness.V + " -c:a aac")
        media = (films / "plain.mkv").read_bytes()
        for name in HOSTILE.values():  # another file each: a Void element at the end
            extra = b"\xec" + bytes([0x40 | len(name) >> 8, len(name) & 0xff]) + name
            with open(os.fsencode(films) + b"/" + name + b" (2001).mkv", "wb") as f:
                f.write(media + extra)
        cls.server = harness.Server().start()
        cls.addClassCleanup(cls.server.close)
        cls.server.furnish_one(films)
        for number, name in enumerate(NAMES, 1):
            status, _, body = cls.ask("/api/channels", "POST", {"name": name, "number": number, "profile": "480p", "schedule": {"order": "loop"}})
            assert status in (200, 201), (name, status, body)
        for number in range(1, len(NAMES) + 1):
            cls.server.wait_for(number, 1)
        cls.items = json.loads(cls.server.get("/api/items?limit=100"))["items"]

    @classmethod
    def ask(cls, path, method="GET", value=None):
        body = None if value is None else json.dumps(value).encode()
        return cls.server.request(path, method, {"Content-Type": "application/json"}, body)

    def test_all_are_there(self):
        self.assertEqual(len(self.items), len(HOSTILE) + 1)
        for item in self.items:
            self.assertTrue(item["title"].strip(), item)
            self.assertNotRegex(item["title"], r"[\x00-\x1f\x7f]")

    def test_xmltv(self):
        text = self.server.get("/xmltv.xml")
        guide = tree.fromstring(text)  # expat: a document, or an exception
        titles = {p.findtext("title") for p in guide.findall("programme")}
        self.assertGreaterEqual(len(titles), len(HOSTILE))
        for part in ("You & Me &amp;", "Right \u202e\u2066", "\U0001f3ac\U0001f468\u200d", 'Comma, "quoted"', "Set-Cookie: a=b"):  # the rest is how names are read
            self.assertTrue([t for t in titles if part in t], (part, titles))
        self.assertEqual({c.findall("display-name")[2].text for c in guide.findall("channel")},
                         {re.sub("[\ufffd-\uffff]", "?", re.sub("[\x80-\x9f]", "  ", n.replace('"', "'"))) for n in NAMES})
        if players.have("tv_validate_file"):
            file = pathlib.Path(self.folder.name) / "guide.xml"
            file.write_bytes(text)
            ended, said = players.run_for(["tv_validate_file", str(file)], 60, env={"PATH": os.environ["PATH"], "XMLTV_SUPPLEMENT": "/usr/share/xmltv", "LC_ALL": "C.UTF-8"})
            self.assertTrue(ended, said)
            self.assertIn("Validated ok", said)

    def test_m3u(self):
        text = self.server.get("/channels.m3u").decode()
        lines = text.rstrip("\n").split("\n")
        self.assertEqual(len(text.splitlines()), 1 + 2 * len(NAMES), "some reader sees more lines")
        self.assertTrue(lines[0].startswith("#EXTM3U"))
        for n, (info, address) in enumerate(zip(lines[1::2], lines[2::2]), 1):
            found = re.match(r'#EXTINF:-1((?: [a-z-]+="[^"]*")+),(.*)$', info)
            self.assertTrue(found, info)
            attributes = dict(re.findall(r' ([a-z-]+)="([^"]*)"', found[1]))
            self.assertEqual(len(attributes), len(re.findall(r'="', found[1])), info)
            self.assertEqual((attributes["tvg-chno"], attributes["tvg-name"]), (str(n), found[2]))
            self.assertEqual(address, f"{self.server.url}/channel/{n}.m3u8")

    def test_json(self):
        self.assertEqual([s["GuideName"] for s in self.server.json("/lineup.json")], NAMES)
        for path in ("/api/channels", "/api/guide", "/api/items?limit=100", "/api/status", "/api/log", "/discover.json", "/lineup_status.json"):
            json.loads(self.server.get(path))
        tree.fromstring(self.server.get("/device.xml"))
        metrics(self.server.get("/metrics").decode())
        for n in range(1, len(NAMES) + 1):
            self.assertTrue(self.server.get(f"/channel/{n}/logo.png").startswith(b"\x89PNG"))

    def test_no_name_reaches_a_header(self):
        """Read from the wire: one header each, none of it a name."""
        paths = ["/xmltv.xml", "/channels.m3u", "/lineup.json", "/channel/1.m3u8", "/channel/1/logo.png", "/api/channels/1", "/nothing%0d%0aSet-Cookie:%20a=b"]
        paths += [f"/api/items/{i['id']}" for i in self.items] + [f"/media/{i['id']}/file" for i in self.items] + [f"/media/{i['id']}/thumbnail.jpg" for i in self.items[:3]]
        for path in paths:
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=20) as s:
                s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.server.port}\r\nConnection: close\r\n\r\n".encode())
                got = b""
                while b"\r\n\r\n" not in got:
                    part = s.recv(65536)
                    self.assertTrue(part, path)
                    got += part
            head = got.split(b"\r\n\r\n")[0].split(b"\r\n")
            names = [line.split(b":")[0].lower() for line in head[1:]]
            self.assertEqual(len(names), len(set(names)), head)
            self.assertFalse({b"set-cookie", b"content-disposition"} & set(names), head)
            for line in head:
                self.assertRegex(line, rb"^[\x20-\x7e]*$")
                self.assertNotIn(b"alert(1)", line)

    def test_titles_by_people(self):
        """What cannot be a title is refused with a sentence; what can be is in the guide as it is, at once."""
        item = self.items[0]["id"]
        for title in ("T" * 10000, "a\x00b", "a\nb", "", "   ", 7, ["a"]):
            status, _, body = self.ask(f"/api/items/{item}", "PATCH", {"title": title})
            self.assertEqual(status // 100, 4, (title, body))
            self.assertTrue(json.loads(body)["error"]["message"])
        status, _, body = self.server.request(f"/api/items/{item}", "PATCH", {"Content-Type": "application/json"}, b'{"title": "half \\ud800"}')
        self.assertEqual(status, 400, body)
        status, _, body = self.server.request(f"/api/items/{item}", "PATCH", {"Content-Type": "application/json"}, b'{"title": "half \xed\xa0\x80"}')
        self.assertEqual(status, 400, body)
        for name in ("N" * 201, "a\nb", "a\x7fb", "   ", ""):
            status, _, body = self.ask("/api/channels", "POST", {"name": name, "number": 99})
            self.assertEqual(status // 100, 4, (name, body))
        for title in ("]]> & <b>", "\u202e\U0001f3ac", "\ufffe\uffff"):
            status, _, body = self.ask(f"/api/items/{item}", "PATCH", {"title": title})
            self.assertEqual(status, 200, body)
            self.assertEqual(json.loads(self.server.get(f"/api/items/{item}"))["title"], title)
            tree.fromstring(self.server.get("/xmltv.xml"))
