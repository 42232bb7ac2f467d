"""Nobody served for a while: the next start says so, in the log, in status and in what was aired. A restart is nothing to tell of."""
import json, unittest

import harness

BESIDE = 5  # seconds; see tools/check.py


class Downtime(unittest.TestCase):
    def rows(self, server):
        return json.loads(server.cli("as-run", "1", "--hours", "8", "--json"))["items"]

    def told(self, server):
        return [f["reason"] for f in server.json("/api/status")["faults"] if f["channel"] is None]

    def test_an_evening_off(self):
        at = lambda time: {"MATINEE_NOW": f"2026-11-20T{time}Z"}
        server = harness.Server(env=at("20:00:00"))
        self.addCleanup(server.close)
        server.start().furnish(harness.library())
        server.add_channel(1, "Flash", "--kind", "movie", "--order", "loop", "--profile", "480p")
        server.wait_for(1, 3)
        self.assertEqual((self.told(server), {r["status"] for r in self.rows(server)}), ([], {"ok"}))
        server.stop()
        server.start(env=at("21:00:00"))
        self.assertEqual(self.told(server), [], "stopped on purpose is no fault")
        told = [n["reason"] for n in server.json("/api/status")["notes"]]
        self.assertEqual(len(told), 1, told)
        self.assertIn(told[0], server.cli("status"))
        self.assertRegex(told[0], r"^the house was stopped on purpose for 00:59:\d\d\.\d\d, from 2026-11-20T20:00:\S+ to 2026-11-20T21:00:00")
        self.assertIn(told[0], server.said())
        server.stop(hard=True)  # before it has left a mark: the next start tells of all of the time, and once
        server.start(env=at("22:30:00"))
        longer = self.told(server)
        self.assertEqual((len(longer), server.json("/api/status")["notes"]), (1, []), longer)
        self.assertRegex(longer[0], r"^the house was down for 02:29:\d\d\.\d\d, from 2026-11-20T20:00:\S+ to 2026-11-20T22:30:00")
        server.env.update(at("22:30:30"))  # the commands' clock
        rows = self.rows(server)
        self.assertEqual(rows[0]["status"], "ok")
        for row in rows:
            if row["end"] > "2026-11-20T20:01" and row["start"] < "2026-11-20T22:29":
                self.assertEqual((row["status"], row["note"]), ("missed", longer[0]), row)
        self.assertGreater(sum(row["status"] == "missed" for row in rows), 500)
        self.assertEqual(sum(row["status"] == "interrupted" for row in rows if row["start"] < "2026-11-20T21:00"), 1)
        self.assertIn("missed", server.cli("as-run", "1", "--hours", "3"))

    def test_a_restart(self):
        server = harness.Server().start()
        self.addCleanup(server.close)
        for hard in (False, True, True):
            server.stop(hard)
            server.start()
        self.assertEqual(self.told(server), [])
        self.assertNotIn("was down", server.said())


if __name__ == "__main__":
    unittest.main()
