"""The long form of tests/station/test_month.c, by `make soak`: the real server through a month in which summer time ends, started again
every day and a half later than it was ended, every second time killed. Playlists, numbers, stamps and the guide of 20 channels."""
import datetime, os, pathlib, re, shutil, tempfile, unittest, zoneinfo

import harness, ts

SOAK = int(os.environ.get("MATINEE_SOAK", "0"))
CHANNELS, ZONE = 20, "Europe/Berlin"
BEGIN = harness.parse_time("2026-10-10T09:00:00Z")
STEP, STEPS = (33 * 60 + 17) * 60000, 23  # 32 days
GRIDS = (0, 5, 15, 30, 60, 10, 20, 7, 90, 120)  # minutes
WATCHED = (1, 4, 7)  # of them stamps are read too


@unittest.skipUnless(SOAK, "MATINEE_SOAK is not set")
class Month(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-month."))
        self.addCleanup(shutil.rmtree, folder, True)
        for number in range(6):  # of unlike lengths and rates
            harness.ffmpeg(folder / f"Film {number} (200{number}).mkv", f"testsrc2=s=160x90:r={('25', '24000/1001', '30000/1001')[number % 3]}",
                           f"sine={220 + 110 * number}:r=48000", 40 + 13.7 * number, harness.V + " -c:a aac")
        self.server = harness.Server(env={"MATINEE_NOW": harness.iso(BEGIN), "TZ": ZONE}).start()
        self.addCleanup(self.server.close)
        self.server.furnish_one(folder)
        for number in range(1, CHANNELS + 1):
            grid = GRIDS[number % len(GRIDS)]
            self.server.add_channel(number, f"Channel {number}", "--grid", grid, "--order", ("shuffle", "order")[number % 2] if grid else "loop",
                                    "--profile", "480p", "--prepare", "never")
        self.known, self.problems, self.programmes = {}, [], 0

    def look(self, number):
        """What a player sees follows on what it saw a day and a half ago."""
        playlist = self.server.playlist(number)
        rows = [playlist.segments[s] for s in sorted(playlist.segments)]
        seen = {"generation": re.search(r"/s/(\d+)/", rows[-1][0])[1], "last": playlist.last, "wall": rows[-1][2]}
        if number in WATCHED:
            seen["pts"] = min(ts.check(self.server.segment(playlist, playlist.last), pcr_limit=9, table_limit=9).of("video").pts)
        before = self.known.setdefault(number, seen)
        self.known[number] = seen
        wrong = {"generation": seen["generation"] != before["generation"], "number": seen["last"] < before["last"], "target": playlist.target != 3,
                 "wall": seen["wall"] < before["wall"], "window": len(rows) < 6 or sum(r[1] for r in rows) < 30, "length": max(r[1] for r in rows) > 3,
                 "stamps": self.distance(before, seen) > 90}
        self.problems += [(number, what, before, seen) for what, yes in wrong.items() if yes]

    @staticmethod
    def distance(before, seen):
        """By how many ticks stamps went on otherwise than time did, modulo 2^33."""
        if "pts" not in seen:
            return 0
        off = (seen["pts"] - before["pts"] - (seen["wall"] - before["wall"]) * 90) % ts.WRAP
        return min(off, ts.WRAP - off)

    def look_at_guide(self, now):
        """Each programme of a grid begins within a frame of its minute; rows follow on one another."""
        zone = zoneinfo.ZoneInfo(ZONE)
        guide = self.server.json(f"/api/guide?from={harness.iso(now - STEP)}&to={harness.iso(now + 6 * 3600000)}")
        for channel in guide["channels"]:
            grid = GRIDS[channel["number"] % len(GRIDS)]
            for before, after in zip(channel["programmes"], channel["programmes"][1:]):
                if before["end"] != after["start"]:
                    self.problems.append((channel["number"], "a hole", before["end"], after["start"]))
            for programme in channel["programmes"] if grid else ():
                start = harness.parse_time(programme["start"]) + 1  # ms are cut off
                if programme["kind"] != "programme" or start < BEGIN + 3 * 3600000:  # it began at once, not on its grid
                    continue
                local = datetime.datetime.fromtimestamp(start / 1000, zone)
                self.programmes += 1
                if (local.hour * 60 + local.minute) % grid or start % 60000 > 45:
                    self.problems.append((channel["number"], grid, programme["start"], str(local)))

    def test_a_month(self):
        for step in range(STEPS):
            now = BEGIN + step * STEP
            harness.until("all is built", lambda: self.server.json("/api/status")["channels"]["building"] == 0, 120)
            for number in range(1, CHANNELS + 1):
                self.look(number)
            self.look_at_guide(now)
            self.server.stop(hard=step % 2 == 0)
            self.server.env["MATINEE_NOW"] = harness.iso(now + STEP)
            self.server.start()
        self.assertEqual(self.problems[:5], [], f"{len(self.problems)} of them")
        self.assertGreater(self.programmes, 10000)
        print(f"\n{self.programmes} programmes on their minute")


if __name__ == "__main__":
    unittest.main()
