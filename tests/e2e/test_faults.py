"""What a house does to a station while somebody watches: files that go, shrink, rot or hang, a disk that is unplugged, a
machine that sleeps. The channel plays on, slate at worst, and log, as-run and status say what happened.

MATINEE_SOAK=seconds makes the watching that much longer, and breaks more."""
import concurrent.futures, json, os, pathlib, random, re, shutil, signal, sqlite3, subprocess, tempfile, time, unittest

import harness, players, ts
from test_copy import EXPECTED

SOAK = int(os.environ.get("MATINEE_SOAK", "0"))
WATCHED = SOAK or 16
WATCHED_BROKEN, JOINED, AWAY = SOAK or 26, 6, 8  # seconds
FILM_SECONDS = max(240, 180 + 2 * SOAK)
SPARED = 10  # seconds from the break on that a file's beginning still gives


def films(folder, names):
    """One film each in a folder of its own, all from one encoding."""
    first = folder / "first.mkv"
    harness.ffmpeg(first, "testsrc=s=160x90:r=25", "sine=440:r=48000", FILM_SECONDS, harness.V + " -c:a aac -b:a 64k")
    for name, kind in names:
        at = folder / name
        at.mkdir()
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", str(first), "-c", "copy", "-metadata", f"title={name}"]
                       + (["-movflags", "faststart"] if kind == "mp4" else []) + [str(at / f"{name.capitalize()} (2001).{kind}")], check=True)
    first.unlink()


class Watch:
    """A viewer who fetches each segment that a playlist names, once."""

    def __init__(self, server, number):
        self.server, self.number, self.data, self.lists, self.waits = server, number, {}, [], []

    def until(self, end):
        while time.monotonic() < end:
            playlist = self.server.playlist(self.number)
            if not self.lists or playlist.last != self.lists[-1].last:
                self.lists.append(playlist)
            for sequence in sorted(playlist.segments)[-3 if not self.data else 0:]:
                if sequence not in self.data and (not self.data or sequence > min(self.data)):
                    begun = time.monotonic()
                    self.data[sequence] = self.server.segment(playlist, sequence)
                    self.waits.append(time.monotonic() - begun)
            time.sleep(0.5)
        return self

    def problems(self):
        found = ts.check(b"".join(self.data[s] for s in sorted(self.data))).problems
        if sorted(self.data) != list(range(min(self.data), max(self.data) + 1)):
            found.append("a number is missing")
        for before, after in zip(self.lists, self.lists[1:]):
            if after.sequence < before.sequence or after.last < before.last:
                found.append(f"numbers go back from {before.sequence}..{before.last} to {after.sequence}..{after.last}")
            for sequence in set(before.segments) & set(after.segments):
                if before.segments[sequence] != after.segments[sequence]:
                    found.append(f"number {sequence} changed its meaning")
        return found


class Faults(unittest.TestCase):
    """Each film has a channel and viewers. Some are broken just before anybody tunes in, the others under viewers who joined some
    seconds ago; what was made ahead of those is taken out of the cache at the same moment, so that the file is needed at once."""
    BREAKS = (("truncated", "mkv"), ("holed", "mp4"), ("noise", "mkv"), ("fifo", "mkv"), ("removed", "mkv"), ("unplugged", "mkv"),
              ("scrambled", "mkv"), ("exchanged", "mkv"), ("neighbour", "mkv"))
    EARLY = ("truncated", "holed", "noise", "fifo")
    COPIED = (("washed", "ts"), ("swapped", "mkv"))  # on channels that copy: noise in the middle, and another film in its place
    NAMES = [name for name, _ in BREAKS + COPIED]
    MORE = {"removed": (".ts", players.mpv), "noise": (".m3u8", players.ffmpeg), "unplugged": (".m3u8", players.hls_js),
            "washed": (".m3u8", players.mpv), "swapped": (".m3u8", players.ffmpeg)}

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-faults."))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        films(cls.folder, cls.BREAKS + cls.COPIED)
        (cls.folder / "aside").mkdir()
        harness.ffmpeg(cls.folder / "aside" / "other.mkv", "testsrc2=s=320x180:r=25", "sine=880:r=48000", FILM_SECONDS - 40, harness.V + " -c:a aac")
        cls.server = server = harness.Server().start()
        cls.addClassCleanup(server.close)
        for name in cls.NAMES:
            server.cli("root", "add", cls.folder / name, "--kind", "movies")
        harness.until("the films came into the library", lambda: server.json("/api/items?kind=movie")["total"] == len(cls.NAMES) or server.cli("scan", timeout=180) and False)
        for number, name in reversed(list(enumerate(cls.NAMES, 1))):
            server.add_channel(number, name.capitalize(), "--kind", "movie", "--root", cls.folder / name, "--order", "loop", "--profile",
                               "480p" if number <= len(cls.BREAKS) else "source")
        for number, _ in enumerate(cls.NAMES, 1):
            if number > len(cls.BREAKS):
                harness.until(lambda: "it began anew, copied\n" + server.said()[-1500:], lambda: f"channel {number} begins anew with its copy plans" in server.said())
            server.wait_for(number, 3)
        for name in cls.NAMES:
            if name in cls.EARLY:
                cls.harm(name)
            else:  # whose beginning is there when its viewers come
                playlist = server.playlist(cls.number(name))
                server.segment(playlist, playlist.last)
        pool = concurrent.futures.ThreadPoolExecutor(3 * len(cls.NAMES))
        cls.addClassCleanup(pool.shutdown)
        end = time.monotonic() + WATCHED_BROKEN + 4
        cls.watches = {name: pool.submit(Watch(server, n).until, end) for n, name in enumerate(cls.NAMES, 1)}
        watch = lambda name, what, player, seconds: pool.submit(player, f"{server.url}/channel/{cls.number(name)}{what}", seconds)
        cls.players = {name: [watch(name, ".ts", players.ffmpeg, WATCHED_BROKEN)] for name in cls.NAMES}
        for name, (what, player) in cls.MORE.items():
            if player is players.ffmpeg or (player is players.mpv and players.have("mpv")) or (players.have("chromium") and players.have("node") and players.hls_js_at()):
                cls.players[name].append(watch(name, what, player, WATCHED_BROKEN))
        time.sleep(JOINED)
        for name in cls.NAMES:
            if name not in cls.EARLY and name != "neighbour":
                cls.harm(name)
                cls.forget(name)
        time.sleep(AWAY)
        if (cls.folder / "elsewhere").exists():
            (cls.folder / "elsewhere").rename(cls.folder / "unplugged")
        concurrent.futures.wait([*cls.watches.values(), *sum(cls.players.values(), [])])

    @classmethod
    def forget(cls, name):
        """What is made ahead of a channel's film."""
        db = sqlite3.connect(f"file:{next(cls.server.data.glob('*.db'))}?mode=ro", uri=True)
        keys = [key for key, in db.execute("SELECT c.key FROM clips c JOIN files f ON f.id = c.file_id WHERE CAST(f.path AS TEXT) LIKE ?", (f"{name}%",))]
        db.close()
        at = cls.into(name) / 2 + 1
        for path in [path for key in keys for path in (cls.server.data / "cache").rglob(f"{key}/*.ts")]:
            if int(re.match(r"\d+", path.name)[0]) > at:
                path.unlink(missing_ok=True)

    @classmethod
    def into(cls, name):
        """Seconds of the film that have been on."""
        now = json.loads(cls.server.cli("now", cls.number(name), "--json"))[0]["now"]
        return time.time() - harness.parse_time(now["start"]) / 1000

    @classmethod
    def harm(cls, name):
        path = next((cls.folder / name).iterdir())
        size = path.stat().st_size
        at = int(size * (cls.into(name) + SPARED) / FILM_SECONDS)
        if name == "removed":
            path.unlink()
        elif name == "truncated":
            os.truncate(path, at)
        elif name in ("holed", "washed"):
            with open(path, "r+b") as file:
                file.seek(at)
                file.write(random.Random(1).randbytes(min(size - at, size * 12 // FILM_SECONDS)))
        elif name == "noise":
            with open(path, "r+b") as file:
                file.write(random.Random(2).randbytes(size))
        elif name == "fifo":
            path.unlink()
            os.mkfifo(path)
        elif name == "unplugged":
            path.parent.rename(cls.folder / "elsewhere")
        elif name == "scrambled":
            path.chmod(0o400)
            (cls.folder / "aside" / "noise").write_bytes(random.Random(3).randbytes(size))
            (cls.folder / "aside" / "noise").rename(path)
        elif name in ("exchanged", "swapped"):
            shutil.copy(cls.folder / "aside" / "other.mkv", cls.folder / "aside" / name)
            (cls.folder / "aside" / name).rename(path)

    @classmethod
    def number(cls, name):
        return 1 + cls.NAMES.index(name)

    def plays_on(self, name):
        copied = self.number(name) > len(self.BREAKS)
        for job in self.players[name]:
            seen = job.result()
            said = [p for p in seen.problems if not copied or not any(e in p for e in EXPECTED)]
            if os.getloadavg()[0] > 3 * os.cpu_count():  # others are at work here: that a player had no time says nothing
                said = [p for p in said if not players.SLOW.search(p) and "bufferStalledError" not in p and "bufferNudge" not in p]
            self.assertEqual(said, [], seen)
            if seen.client == "ffmpeg":
                self.assertGreater(seen.facts["video_frames"], WATCHED_BROKEN * 23)
        watch = self.watches[name].result()
        self.assertEqual([p for p in watch.problems() if not copied or "steps of" not in p][:10], [])
        self.assertLess(max(watch.waits), 9)

    def is_told(self, name, *words):
        """as-run, the status and the log each name what happened. A worker that has the film open reads on; the next one tells."""
        number, rows = self.number(name), []

        def told():
            playlist = self.server.playlist(number)
            self.server.request(playlist.segments[playlist.last][0])
            rows[:] = json.loads(self.server.cli("as-run", number, "--json"))["items"]
            return any(w in r["note"] for r in rows if r["status"] in ("failed", "slate", "fallback") for w in words)

        harness.until(lambda: rows, told)
        faults = [f for f in self.server.json("/api/status")["faults"] if f["channel"] == number]
        self.assertTrue(faults, self.server.json("/api/status")["faults"])
        self.assertTrue(any(w in f["reason"] for f in faults for w in words), faults)
        lines = [l for l in self.server.said().split("\n") if f"{name.capitalize()} (2001)" in l]
        self.assertTrue(any(w in l for l in lines for w in words), lines)

    def sizes(self, name):
        """Of the pictures in each segment that was sent."""
        watch, found = self.watches[name].result(), []
        for sequence in sorted(watch.data):
            out = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=width", "-select_streams", "v", "-of", "csv=p=0", "-"],
                                 input=watch.data[sequence], capture_output=True, check=True).stdout
            found.append(int(out.split()[0].strip(b",")))
        return found

    def test_removed(self):
        self.plays_on("removed")
        self.is_told("removed", "No such file")

    def test_truncated(self):
        self.plays_on("truncated")
        # It is another file than the one that was to be shown, whichever is noticed first.
        self.is_told("truncated", "another file", "sooner than it said")

    def test_a_hole_of_noise(self):
        self.plays_on("holed")

    def test_all_noise(self):
        self.plays_on("noise")
        self.is_told("noise", "not a media format", "cannot be")

    def test_noise_in_its_place(self):
        self.plays_on("scrambled")
        self.is_told("scrambled", "not a media format", "cannot be")

    def test_another_film_in_its_place(self):
        self.plays_on("exchanged")
        self.is_told("exchanged", "another file")

    def test_a_fifo(self):
        self.plays_on("fifo")
        self.is_told("fifo", "not a regular file")

    def test_an_unplugged_disk(self):
        self.plays_on("unplugged")
        number = self.number("unplugged")
        if any(r["status"] == "failed" for r in json.loads(self.server.cli("as-run", number, "--json"))["items"]):
            self.is_told("unplugged", "No such file")  # else who had it open read on until it was back

        def shows_the_film():
            playlist = self.server.playlist(number)
            return "slate" not in (self.server.request(playlist.segments[playlist.last][0])[1]["ETag"] or "slate")

        harness.until("the film is on again", shows_the_film, 90)

    def test_noise_under_what_is_copied(self):
        self.plays_on("washed")
        self.is_told("washed", "changed")

    def test_another_film_under_what_is_copied(self):
        self.plays_on("swapped")
        self.is_told("swapped", "another file")
        sizes = self.sizes("swapped")
        self.assertNotIn(320, sizes, "pictures of the other film went out by the plan of the first")
        self.assertIn(160, sizes)

    def test_the_neighbour_sees_nothing(self):
        self.plays_on("neighbour")
        rows = json.loads(self.server.cli("as-run", self.number("neighbour"), "--json"))["items"]
        self.assertEqual([r for r in rows if r["status"] != "ok" and not re.fullmatch(r"\d+ segments? (was|were) not ready in time", r["note"])], [])

    def test_nothing_counts_as_deleted(self):
        self.server.cli("scan", timeout=60)
        items = self.server.json("/api/items?kind=movie&limit=50")["items"]
        self.assertEqual(len(items), len(self.NAMES))
        states = {i["title"]: [f["state"] for f in self.server.json(f"/api/items/{i['id']}")["files"]] for i in items}
        self.assertEqual(states["Removed"], ["missing"])
        self.assertEqual(states["Unplugged"], ["ok"])


class Hanging(unittest.TestCase):
    """Whatever reads one film hangs, as on a disk that does not answer; and the machine sleeps."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-hanging."))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        films(cls.folder, (("stalled", "mkv"), ("neighbour", "mkv")))
        cls.server = harness.Server().start()
        cls.addClassCleanup(cls.server.close)
        cls.server.cli("root", "add", cls.folder / "stalled", "--kind", "movies")
        cls.server.cli("root", "add", cls.folder / "neighbour", "--kind", "movies")
        cls.server.cli("scan", timeout=180)
        for number, name in ((1, "stalled"), (2, "neighbour")):
            cls.server.add_channel(number, name.capitalize(), "--kind", "movie", "--root", cls.folder / name, "--order", "loop", "--profile", "480p")
            cls.server.wait_for(number, 3)

    def stop_readers(self, word, end, stopped):
        while time.monotonic() < end:
            for worker in self.server.json("/api/status")["workers"]:
                if word in worker["detail"] and worker["pid"] not in stopped:
                    os.kill(worker["pid"], signal.SIGSTOP)
                    stopped.append(worker["pid"])
            time.sleep(0.05)

    def test_a_disk_that_is_slow_starves_nobody(self):
        """Far below real time: slate goes out in time, and no player waits for each segment in turn."""
        end = time.monotonic() + 60
        done = []

        def brake():
            while not done and time.monotonic() < end:
                slow = [w["pid"] for w in self.server.json("/api/status")["workers"] if "Stalled" in w["detail"]]
                for sign, rest in ((signal.SIGSTOP, 0.9), (signal.SIGCONT, 0.05)):
                    for pid in slow:
                        try:
                            os.kill(pid, sign)
                        except ProcessLookupError:
                            pass
                    time.sleep(rest if slow else 0.05)

        begun = time.monotonic()
        timed = lambda what: (players.ffmpeg(self.server.url + "/channel/1" + what, 12), time.monotonic() - begun)
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            braking = pool.submit(brake)
            seen = {what: pool.submit(timed, what) for what in (".ts", ".m3u8")}
            concurrent.futures.wait(seen.values())
            done.append(True)
            braking.result()
        for what, job in seen.items():
            player, took = job.result()
            self.assertEqual(player.problems, [], (what, player.facts))
            self.assertLess(took, 12 + 12, f"the player of {what} was starved")

    def test_a_stalled_disk_holds_up_nobody_else(self):
        """The neighbour's viewer never sees that film's trouble; its own viewers get slate in place of it, without a stall."""
        end, stopped = time.monotonic() + WATCHED, []
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            stopping = pool.submit(self.stop_readers, "Stalled", end, stopped)
            watches = [pool.submit(Watch(self.server, n).until, end) for n in (1, 2)]
            seen = [pool.submit(players.ffmpeg, f"{self.server.url}/channel/{n}.ts", WATCHED) for n in (1, 2)]
            concurrent.futures.wait([stopping, *watches, *seen])
        self.assertTrue(stopped, "no worker was at the film")
        for player, watch in zip(seen, watches):
            self.assertEqual(player.result().problems, [], player.result().facts)
            self.assertEqual(watch.result().problems()[:10], [])
        stalls = [w for w in watches[0].result().waits if w > 2]
        self.assertLess(sum(stalls), 10, "the viewer of the film waits again and again")
        rows = {row["channel"]: row for row in json.loads(self.server.cli("as-run", "--json"))["items"]}
        self.assertIn("not ready in time", rows[1]["note"])
        self.assertEqual(rows[2]["status"], "ok", rows[2])
        self.assertIn("does not answer", self.server.said())
        for pid in stopped:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass

    def test_the_machine_sleeps(self):
        """Server and workers stand still together; the players then play on, and what was being made is made."""
        seconds = 60 if SOAK else 13
        number = 2
        self.server.wait_for(number)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            seen = pool.submit(players.ffmpeg, f"{self.server.url}/channel/{number}.m3u8", 20)
            time.sleep(4)
            before = self.server.playlist(number)
            asleep = [self.server.process.pid, *self.server.children()]
            for pid in asleep:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(seconds)
            for pid in reversed(asleep):
                os.kill(pid, signal.SIGCONT)
            after = self.server.wait_for(number)
            self.assertGreater(after.last, before.last)
            self.assertEqual({s: after.segments[s] for s in set(before.segments) & set(after.segments)},
                             {s: before.segments[s] for s in set(before.segments) & set(after.segments)})
            if not SOAK:  # after a minute the player's next segments have left the playlist: it jumps to the present, as it should
                self.assertEqual(seen.result().problems, [], seen.result().facts)
            seen.result()
        rows = [r for r in json.loads(self.server.cli("as-run", number, "--json"))["items"] if r["status"] == "failed"]
        self.assertEqual(rows, [], "a film was blamed for the sleep")
        said = f"for {seconds} s, from "
        self.assertIn(said, self.server.said().replace(f"for {seconds + 1} s", f"for {seconds} s"))
        reasons = [f["reason"] for f in self.server.json("/api/status")["faults"] if f["channel"] is None]
        self.assertTrue(any("stood still" in reason or "slept" in reason for reason in reasons), reasons)
        rows = json.loads(self.server.cli("as-run", number, "--json"))["items"]
        self.assertTrue(any(r["status"] == "interrupted" and "from" in r["note"] for r in rows), rows)


SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* The wall clock as the file says: seconds to add. All other clocks are left alone. */
int clock_gettime(clockid_t id, struct timespec *to)
{
	static int (*real)(clockid_t, struct timespec *);
	long add = 0;
	FILE *file;
	int rc;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
	rc = real(id, to);
	if (id == CLOCK_REALTIME && (file = fopen(getenv("SHIM_FILE"), "re"))) {
		if (fscanf(file, "%ld", &add) == 1)
			to->tv_sec += add;
		fclose(file);
	}
	return rc;
}
"""


@unittest.skipUnless(SOAK, "MATINEE_SOAK is not set: it takes a minute until a clock that was set is believed")
class WallClock(unittest.TestCase):
    """Somebody sets the machine's clock under a running server."""

    def jump(self, seconds):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-clock."))
        self.addCleanup(shutil.rmtree, folder, True)
        (folder / "shim.c").write_text(SHIM)
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(folder / "shim.so"), str(folder / "shim.c"), "-ldl"], check=True)
        (folder / "add").write_text("0")
        films(folder, (("film", "mkv"),))
        server = harness.Server(env={"LD_PRELOAD": str(folder / "shim.so"), "SHIM_FILE": str(folder / "add")}).start()
        self.addCleanup(server.close)
        server.cli("root", "add", folder / "film", "--kind", "movies")
        server.cli("scan", timeout=180)
        server.add_channel(1, "Film", "--kind", "movie", "--order", "loop", "--profile", "480p", "--grid", "5")
        before = server.wait_for(1)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            seen = pool.submit(players.ffmpeg, server.url + "/channel/1.m3u8", 95)
            watch = pool.submit(Watch(server, 1).until, time.monotonic() + 95)
            time.sleep(5)
            (folder / "add").write_text(str(seconds))
            self.assertEqual(seen.result().problems, [], seen.result().facts)
        found = [p for p in watch.result().problems() if "changed its meaning" not in p]
        self.assertEqual(found[:5], [])
        after = server.playlist(1)
        self.assertGreater(after.last, before.last + 40)
        walls = [after.segments[s][2] for s in sorted(after.segments)]
        self.assertLess(abs(walls[-1] / 1000 - (time.time() + seconds)), 10, "the guide does not follow the clock")
        self.assertIn("has jumped", server.said())
        self.assertTrue(any("has jumped" in f["reason"] for f in server.json("/api/status")["faults"]))
        rows = [r for r in json.loads(server.cli("as-run", 1, "--hours", 48, "--json"))["items"] if "has jumped" in r["note"]]
        self.assertEqual([r["status"] for r in rows], ["ok"], rows)

    def test_back_an_hour(self):
        self.jump(-3600)

    def test_ahead_a_day(self):
        self.jump(86400)
