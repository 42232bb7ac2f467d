"""Breaking in: an alert on the air of a real server, through the command and the API, over kill -9, to its end."""
import contextlib, json, os, signal, sqlite3, subprocess, time, urllib.error, urllib.request
from harness import Served


class Alert(Served):
    def fetch(self, path, method="GET", body=None, status=200):
        """Body and headers, once the answer has that status; 503 and 404 are asked again, for a while."""
        data = None if body is None else json.dumps(body).encode()
        for _ in range(200):
            try:
                request = urllib.request.Request(self.url + path, data=data, method=method,
                                                 headers={"Content-Type": "application/json"} if data else {})
                with urllib.request.urlopen(request, timeout=30) as answer:
                    code, text, headers = answer.status, answer.read(), answer.headers
            except urllib.error.HTTPError as e:
                code, text, headers = e.code, e.read(), e.headers
            if code == status or method != "GET" or code not in (404, 503):
                break
            time.sleep(0.1)
        self.assertEqual(code, status, text[:300])
        return text, headers

    def newest(self):
        lines = self.fetch("/channel/1.m3u8")[0].decode().split()
        return [l for l in lines if l.endswith(".ts")][-1]

    def wait_for(self, condition, what):
        end = time.monotonic() + 180  # a loaded machine may take minutes for what takes a second
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.1)
        self.fail(what)

    def tag(self, path):
        text, headers = self.fetch(path)
        self.assertEqual(len(text) % 188, 0)
        return headers["ETag"] or ""

    def on_card(self):
        """A path of the playlist whose segment shows a card, once there is one: its entity tag has one part more."""
        def look():
            path = self.newest()
            return path if self.tag(path).count("-") == 4 else None
        return self.wait_for(look, "no card came on the air")

    def off_card(self):
        self.wait_for(lambda: self.tag(self.newest()).count("-") == 3, "the card stays on the air")

    def channel(self):
        self.run_matinee("channel", "add", "One", "--number", "1", "--profile", "480p")
        self.assertEqual(self.tag(self.newest()).count("-"), 3)

    def test_comes_and_ends_by_itself(self):
        self.serve()
        self.channel()
        slate = self.newest()
        before = self.fetch(slate)
        self.run_matinee("alert", "Mind the %{gap}: it's 'here', [x]=1;\nreally", "--for", "4")
        card = self.on_card()
        text, headers = self.fetch(card)
        self.assertIn("max-age=60", headers["Cache-Control"])
        self.assertNotEqual(text, before[0])
        self.off_card()
        # What was published stays what it was, to the byte.
        self.assertEqual(self.fetch(card)[0], text)
        self.assertEqual(self.fetch(slate)[0], before[0])
        self.assertEqual(self.fetch(slate)[1]["ETag"], before[1]["ETag"])

    def test_survives_kill_9_and_is_cancelled(self):
        server = self.serve()
        self.channel()
        self.run_matinee("alert", "Kept", "--for", "3600", "--channels", "One")
        card = self.on_card()
        text, headers = self.fetch(card)
        self.end(server, signal.SIGKILL)
        self.serve()
        again = self.fetch(card)
        self.assertEqual((again[0], again[1]["ETag"]), (text, headers["ETag"]))
        listed = self.json("alert", "list")
        self.assertEqual([(a["text"], a["state"], a["for_ms"]) for a in listed["items"]], [("Kept", "running", 3600000)])
        self.fetch(f"/api/alerts/{listed['items'][0]['id']}", "DELETE", status=204)
        self.off_card()
        self.assertEqual(self.fetch(card)[0], text)
        self.assertIn("cancelled already", self.complaint("alert", "cancel", str(listed["items"][0]["id"])))

    def test_api(self):
        self.serve()
        self.channel()
        for body in ({}, {"text": ""}, {"text": 5}, {"text": "x", "for_ms": "9"}, {"text": "x", "x": 1},
                     {"text": "x", "channels": []}, {"text": "x", "channels": ["1"]}, {"text": "x" * 401},
                     {"text": "x", "priority": 101}, {"text": "x", "resume": 1}):
            self.fetch("/api/alerts", "POST", body, status=422)
        self.fetch("/api/alerts", "POST", {"text": "x", "channels": [99]}, status=404)
        self.fetch("/api/alerts", "POST", [], status=400)
        self.fetch("/api/alerts", "POST", {"text": "a\0b"}, status=400)
        self.fetch("/api/alerts/5", "DELETE", status=404)
        text, headers = self.fetch("/api/alerts", "POST", {"text": "Tea", "priority": 7, "for_ms": 60000, "channels": [1]},
                                   status=201)
        made = json.loads(text)
        self.assertEqual((made["text"], made["priority"], made["channels"], made["state"]), ("Tea", 7, [1], "running"))
        self.assertEqual(headers["Location"], f"/api/alerts/{made['id']}")
        listed = json.loads(self.fetch("/api/alerts")[0])
        self.assertEqual((listed["total"], listed["items"]), (1, [made]))
        events = urllib.request.Request(self.url + "/api/events", headers={"Last-Event-ID": "1"})
        with urllib.request.urlopen(events, timeout=30) as stream:
            while stream.readline() != b"event: alert\n":
                pass
            self.assertEqual(json.loads(stream.readline()[len("data: "):])["text"], "Tea")

    def test_a_source_that_fails_becomes_rows(self):
        film = self.home / "films" / "Alpha (2001).mkv"
        film.parent.mkdir()
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=300", "-c:v", "libx264",
                        "-preset", "ultrafast", "-g", "50", str(film)], check=True)
        self.run_matinee("root", "add", "films", "--kind", "movies")
        self.run_matinee("scan")
        self.run_matinee("channel", "add", "One", "--number", "1", "--profile", "480p")
        self.serve()
        self.fetch(self.newest())
        film.write_bytes(os.urandom(film.stat().st_size))

        def rows():
            self.fetch(self.newest())
            path = self.home / ".local/share/matinee/matinee.db"
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
                return db.execute("SELECT o.seq_from, o.seq_to, o.reason, f.media_state FROM overrides o, files f "
                                  "WHERE o.kind = 'failed' AND f.media_state = 'failed'").fetchall()
        first, end, reason, _ = self.wait_for(rows, "no row of slate")[0]
        self.assertLess(first, end)
        self.assertIn("Alpha (2001).mkv", reason)
        log = self.json("as-run", "1")
        self.assertEqual(log["items"][-1]["title"], "Alpha")
        self.assertIn(log["items"][-1]["status"], ("ok", "failed", "slate"))  # slate: its first segment was late, on a machine that has much to do

    def test_usage(self):
        self.run_matinee("channel", "add", "One")
        self.run_matinee("alert", "Without a server", "--for", "5")
        self.assertEqual(self.json("alert", "list")["total"], 1)
        self.assertIs(self.json("alert", "Then back to it", "--resume")["resume"], True)
        self.assertEqual([a["resume"] for a in self.json("alert", "list")["items"]], [True, False])
        self.assertIn("text", self.complaint("alert", " ", code=2))
        self.assertIn("UTF-8", self.complaint("alert", b"\xff", code=2))
        self.assertIn("no channel", self.complaint("alert", "x", "--channels", "1,Nine"))
        self.complaint("alert", "x", "--for", "0", code=2)
        self.complaint("alert", "x", "--priority", "101", code=2)
        self.assertIn("no alert's number", self.complaint("alert", "cancel", "x", code=2))
        self.assertIn("no alert 9", self.complaint("alert", "cancel", "9"))
        self.run_matinee("alert", "cancel", "1")
