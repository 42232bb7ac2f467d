"""A file that is deleted after it was shown: catch-up leaves it out, and guide and lineup say so."""
import pathlib, shutil, tempfile, time, unittest

import harness, players

BESIDE = 18  # seconds; see tools/check.py


class Gone(unittest.TestCase):
    def test_what_has_gone_is_not_offered(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-gone."))
        self.addCleanup(shutil.rmtree, folder, True)
        for i in range(3):
            harness.ffmpeg(folder / f"Film {'ABC'[i]} (200{i}).mkv", f"testsrc2=s=160x90:r=25,hue=h={90 * i}", f"sine={330 + 110 * i}:r=48000", 8, harness.V + " -c:a aac")
        server = harness.Server().start()
        self.addCleanup(server.close)
        server.furnish_one(folder)
        harness.until("the films came into the library", lambda: server.json("/api/items?kind=movie")["total"] == 3 or server.cli("scan", timeout=60) and False)
        server.add_channel(1, "One", "--kind", "movie", "--order", "loop", "--profile", "480p")
        begun = time.time()
        while True:  # three films have been on, and none of the middle one was ever asked for
            guide = server.json(f"/api/guide?from={time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(begun - 5))}")
            shown = [p for p in guide["channels"][0]["programmes"] if harness.parse_time(p["end"]) < time.time() * 1000 - 3000]
            if len(shown) >= 3:
                break
            self.assertLess(time.time() - begun, 120)
            time.sleep(1)
        self.assertTrue(all(p["catchup"] for p in shown))
        self.assertIn('catchup="default" catchup-days="1"', server.get("/channels.m3u").decode())
        title = shown[1]["title"]
        for path in folder.glob(f"{title}*"):
            path.unlink()
        server.cli("scan", timeout=60)

        guide = server.json(f"/api/guide?from={time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(begun - 5))}")
        for p in guide["channels"][0]["programmes"][:3]:
            self.assertEqual(p["catchup"], p["title"] != title, p)
        start = [int(harness.parse_time(p["start"]) // 1000) for p in shown]
        whole = server.get(f"/channel/1/from/{start[0] + 1}.m3u8").decode()
        self.assertIn("#EXT-X-DISCONTINUITY\n", whole)
        status, _, body = server.request(f"/channel/1/from/{start[1] + 1}.m3u8")
        self.assertEqual(status, 410)
        self.assertIn("its file has gone", body.decode())
        seen = players.ffmpeg(f"{server.url}/channel/1/from/{start[0] + 1}.m3u8", 12, ["-live_start_index", "0"])
        self.assertEqual([p for p in seen.problems if "a hole of" not in p], [], seen)  # the clock jumps over what is left out
        self.assertGreaterEqual(seen.facts["video_frames"], 8 * 25, seen)


if __name__ == "__main__":
    unittest.main()
