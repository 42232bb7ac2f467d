"""How loud things air: every item of a library whole, by its segments, as a first and as a later airing.

The store is made under a shifted clock and the server started again when all of it lies in the past (as in pairs.py), so that
what would air in a quarter of an hour can be fetched at once. Loudness is measured by ffmpeg's ebur128, no part of ours.
Used by test_loudness.py and by bench/run.py. Not here: the sources (harness.py, tools/demo.py)."""
import datetime, json, re, subprocess, time

import harness
from pairs import iso

BEGIN = datetime.datetime(2031, 5, 1, 10, tzinfo=datetime.timezone.utc)
LOCK_S = 600  # what begins within it keeps the gain that it was built with
KINDS = ("movie", "episode", "commercial", "bumper")


def lufs(path):
    """(integrated loudness, true peak); None for silence."""
    done = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-i", str(path), "-map", "0:a:0", "-af", "ebur128=peak=true", "-f", "null", "-"],
                          capture_output=True, text=True, errors="replace", timeout=120)
    found = re.findall(r"\bI: +(-?[0-9.]+|-inf) LUFS", done.stdout + done.stderr)
    peaks = re.findall(r"\bPeak: +(-?[0-9.]+|-inf) dBFS", done.stdout + done.stderr)
    if not found:
        raise AssertionError(f"{path}: ffmpeg found no sound: {done.stderr[-300:]}")
    value = float(found[-1])
    return None if value < -69.5 else (value, float(peaks[-1]))


def ask(server, path, method, value):
    status, _, body = server.request(path, method, {"Content-Type": "application/json"}, json.dumps(value).encode(), timeout=60)
    if status not in (200, 201):
        raise AssertionError(f"{method} {path}: {status} {body[:200]}")
    return json.loads(body)


class House:
    """A server over `roots` [(folder, kind)]: a channel for each kind of item, in a loop, of what airs in `seconds` from now."""

    def __init__(self, roots, seconds, profile="480p", env=None):
        self.server, self.seconds = harness.Server(env={"MATINEE_NOW": iso(BEGIN), **(env or {})}).start(), seconds
        for folder, kind in roots:
            self.server.cli("root", "add", folder, "--kind", kind)
        self.server.cli("scan", timeout=180)
        self.items = {i["id"]: i for i in self.server.json("/api/items?limit=1000")["items"]}
        self.channels = []
        for number, kind in enumerate(KINDS, 1):
            if any(i["kind"] == kind for i in self.items.values()):
                schedule = {"query": {"kind": kind}, "order": "loop", "spots": False, "bumpers": False}
                made = ask(self.server, "/api/channels", "POST", {"name": kind, "number": number, "profile": profile, "prepare": "never", "schedule": schedule})
                self.channels.append((number, made["id"]))
        harness.until("the timeline", lambda: all(self.rows(c) and self.rows(c)[-1]["end"] >= self.at(seconds) for c in self.channels))

    @staticmethod
    def at(seconds):
        return iso(BEGIN + datetime.timedelta(seconds=seconds))

    def rows(self, channel):
        """What airs on it, from a minute before it was made."""
        return self.server.json(f"/api/channels/{channel[1]}/timeline?from={self.at(-60)}&to={self.at(self.seconds)}")["items"]

    def measured(self):
        """Waits until all that can be heard was heard to its end."""
        def known():
            files = [f for i in self.items for f in self.server.json(f"/api/items/{i}")["files"] if f["audio_codec"]]
            return all(f["loudness"] and (f["loudness"]["complete"] or f["loudness"]["error"]) for f in files)
        harness.until("the loudness of all", known, 120)

    def later(self):
        """The same house when all of it has aired."""
        self.server.stop()
        self.server.env["MATINEE_NOW"] = self.at(self.seconds + 90)
        self.server.start()

    def aired(self, channel, row, folder):
        """The file of one row's segments."""
        path = folder / f"{channel[0]}-{row['first_seq']}.ts"
        generation = re.search(r"/s/(\d+)/", self.server.get(f"/channel/{channel[0]}.m3u8").decode())[1]
        with open(path, "wb") as to:
            for n in range(row["first_seq"], row["first_seq"] + row["segments"]):
                to.write(self.segment(f"/channel/{channel[0]}/s/{generation}/{n}.ts"))
        return path

    def segment(self, path):
        end = time.monotonic() + 60
        while True:
            status, headers, body = self.server.request(path, timeout=60)
            if status == 200 and "no-store" not in (headers.get("Cache-Control") or ""):
                return body
            if time.monotonic() > end:
                raise AssertionError(f"{path}: {status}")
            time.sleep(0.2)

    def airings(self, folder):
        """{item id: [(lufs, peak) or None of its first airing, of its last]}; the last began beyond the lock."""
        found = {}
        for channel in self.channels:
            rows = [r for r in self.rows(channel) if r["item_id"] in self.items and r["k0"] == 0 and r["start"] >= self.at(-60)]
            for item in {r["item_id"] for r in rows}:
                mine = [r for r in rows if r["item_id"] == item and r["end"] < self.at(self.seconds)]
                if mine[-1]["start"] < self.at(LOCK_S):
                    raise AssertionError(f"{self.items[item]['title']} does not air beyond the lock")
                known = {}
                for row in (mine[0], mine[-1]):
                    if row["clip"] not in known:
                        known[row["clip"]] = lufs(self.aired(channel, row, folder))
                    found.setdefault(item, []).append(known[row["clip"]])
        return found
