"""A film that is decoded too slowly to be shown live comes to the lock, ten minutes ahead: the next in turn begins in its place, for
guide, viewers and the log of what was aired. The clock is set by restarts: what airs is ten minutes away."""
import json, pathlib, shutil, sqlite3, tempfile, time, unittest

import harness, players, test_faults

BESIDE = 5  # seconds; see tools/check.py

NAMES = ("alpha", "bravo", "charlie")  # of 240 s each, in this order, from a minute before 20:00


class SlowFile(unittest.TestCase):
    def at(self, time_of_day):
        self.server.env["MATINEE_NOW"] = f"2026-11-20T{time_of_day}Z"

    def guide(self):
        return {a["start"][11:19]: a["title"] for a in self.server.json("/api/guide")["channels"][0]["programmes"]}

    def test_the_next_in_turn_begins_in_its_place(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-slow-file."))
        self.addCleanup(shutil.rmtree, folder, True)
        test_faults.films(folder, [(name, "mkv") for name in NAMES])
        self.server = server = harness.Server()
        self.addCleanup(server.close)
        self.at("20:00:00")
        server.start().furnish_one(folder)
        server.add_channel(1, "Films", "--kind", "movie", "--order", "order", "--grid", "0", "--profile", "480p", "--prepare", "never")
        server.wait_for(1, 3)
        before = self.guide()
        start = next(s for s, title in before.items() if title == "Bravo" and s > "20:14")
        self.assertLess(start, "20:16", before)
        server.stop()
        db = sqlite3.connect(next(server.data.glob("*.db")))
        changed = db.execute("UPDATE probes SET decode_speed = 0.7 WHERE file_id = (SELECT id FROM files WHERE CAST(path AS TEXT) LIKE '%Bravo%')").rowcount
        db.commit()
        db.close()
        self.assertEqual(changed, 1)
        self.at("20:04:15")  # it comes to the lock within two minutes
        server.start()
        end = time.monotonic() + 60
        said = f"channel 1: at 2026-11-20T{start}"
        while not any(said in l and "'Charlie' airs in the place of 'Bravo'" in l for l in server.said().split("\n")):
            self.assertLess(time.monotonic(), end, server.said())
            time.sleep(0.25)
        after = self.guide()
        self.assertEqual(after[start], "Charlie", after)
        self.assertEqual(*[[(s, t) for s, t in guide.items() if "20:04:15" < s < start] for guide in (before, after)])
        server.stop()
        self.at("20:16:00")
        server.start()
        self.assertEqual(json.loads(server.cli("now", "1", "--json"))[0]["now"]["title"], "Charlie")
        seen = players.ffmpeg(server.url + "/channel/1.ts", 5)
        self.assertEqual(seen.problems, [])
        self.at("20:16:10")
        rows = [r for r in json.loads(server.cli("as-run", 1, "--json"))["items"] if r["title"] == "Charlie" and r["start"][11:19] == start]
        self.assertEqual(len(rows), 1)
        self.assertIn("in the place of 'Bravo': decoded too slowly to be shown live", rows[0]["note"])
        self.assertTrue(rows[0]["watched"])


if __name__ == "__main__":
    unittest.main()
