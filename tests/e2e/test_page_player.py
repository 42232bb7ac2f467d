"""The page's player in a real browser: the server dies under it and comes back; a programme is watched over again. It watches the clock."""
import time, unittest

import test_page


class Player(test_page.Watched):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.wait_for(1)
        cls.open("/watch/1")
        if "failed" in cls.viewer.ask("playing"):
            raise AssertionError("the page shows no picture")

    def test_a_restart_is_not_seen(self):
        self.assertLess(self.viewer.ask("still 6")["longest_ms"], 1500, "before anything has happened")
        self.viewer.send("still 12")
        time.sleep(1)
        self.server.stop(hard=True)
        time.sleep(0.5)
        self.server.start()
        seen = self.viewer.hear()
        self.assertLess(seen["longest_ms"], 2000, seen)
        self.assertLess(seen["largest_jump_s"], 2, seen)
        self.assertEqual(seen["errors"], [])

    def test_a_device_without_network_says_so_and_plays_on(self):
        self.addCleanup(self.viewer.ask, "offline no")
        self.viewer.do("offline", "still 10", "reads Trying again, for as long as you stay.", "offline no", "playing")
        self.assertLess(self.viewer.ask("still 4")["longest_ms"], 2500)

    def test_the_lock_screen_says_what_is_on(self):
        titles = lambda: [p["title"] for p in (self.server.json("/api/channels")["items"][0][which] for which in ("now", "next")) if p]
        end = time.monotonic() + 20
        while (said := self.viewer.ask("plays")).get("title") not in titles():
            self.assertLess(time.monotonic(), end, said)
            time.sleep(0.2)
        self.assertEqual(said["album"], "1 One")

    def test_start_over_and_back(self):
        self.viewer.ask("key Shift+ArrowLeft")
        self.assertNotIn("failed", self.viewer.ask("playing"))
        self.viewer.ask("still 2")
        said = self.viewer.ask("says")
        self.assertIn("?at=", said["path"])
        self.assertIn("behind live", said["text"])
        self.viewer.ask("key s")
        self.assertNotIn("failed", self.viewer.ask("playing"))
        self.viewer.ask("key l")
        self.assertNotIn("failed", self.viewer.ask("playing"))
        self.viewer.ask("still 2")
        said = self.viewer.ask("says")
        self.assertEqual(said["path"], "/watch/1")
        self.assertNotIn("behind live", said["text"])


if __name__ == "__main__":
    unittest.main()
