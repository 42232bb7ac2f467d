"""An alert breaks into a film: with --resume it goes on where it was broken into, to the frame, and else as if it had run. Each picture
of the film is its own number, in black and white columns, so that what a player shows can be counted."""
import concurrent.futures, json, pathlib, shutil, subprocess, tempfile, time, unittest

import harness, players, test_faults

FILM = 900      # seconds: it must end beyond the lock
ALERT = 6
WATCHED = 28
BITS = 15       # and one column that is always white


def numbered_film(path):
    lum = f"if(eq(X,{BITS}),235,16+219*mod(floor(N/pow(2,X)),2))"
    harness.ffmpeg(path, f"color=s=16x2:r=25,format=gray,geq=lum='{lum}',scale=160:90:flags=neighbor,setsar=1", "sine=440:r=48000", FILM,
                   harness.V + " -crf 18 -c:a aac -b:a 48k")


def numbers(url):
    """What ffmpeg shows: the numbers of the film's pictures, None for all others."""
    said = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", url, "-t", str(WATCHED), "-map", "0:v:0", "-fps_mode", "passthrough",
                                  "-vf", "scale=16:1:flags=area,format=gray", "-f", "rawvideo", "-"], capture_output=True, timeout=WATCHED + 60).stdout
    rows = [said[i:i + 16] for i in range(0, len(said), 16)]
    return [sum(1 << b for b in range(BITS) if row[b] > 128) if row[BITS] > 160 and all(v < 80 or v > 160 for v in row) else None for row in rows]


def stretches(shown):
    """[(first, count)]; first None for what is not the film."""
    found = []
    for n in shown:
        first, count = found[-1] if found else (None, 0)
        if count and (n is None and first is None or n is not None and first is not None and n == first + count):
            found[-1] = (first, count + 1)
        else:
            found.append((n, 1))
    return found


class Resume(unittest.TestCase):
    def test_after_an_alert(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-resume."))
        self.addCleanup(shutil.rmtree, folder, True)
        numbered_film(folder / "Numbers (2001).mkv")
        server = harness.Server().start()
        self.addCleanup(server.close)
        server.furnish_one(folder)
        for number, name in ((1, "Resumes"), (2, "Joins")):
            server.add_channel(number, name, "--kind", "movie", "--order", "loop", "--profile", "480p")
        for number in (1, 2):
            server.wait_for(number, 3)
        ends = {c["number"]: harness.parse_time(c["programmes"][0]["end"]) for c in server.json("/api/guide")["channels"]}
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            url = lambda number: f"{server.url}/channel/{number}.m3u8"
            shown = {n: pool.submit(numbers, url(n)) for n in (1, 2)}
            watch = pool.submit(test_faults.Watch(server, 1).until, time.monotonic() + WATCHED)
            seen = [pool.submit(players.ffmpeg, f"{server.url}/channel/1.ts", WATCHED - 3)]
            if players.have("chromium") and players.have("node") and players.hls_js_at():
                seen.append(pool.submit(players.hls_js, url(1), WATCHED))
            time.sleep(2)
            server.cli("alert", "Supper", "--channels", "1", "--for", ALERT, "--resume")
            server.cli("alert", "Supper", "--channels", "2", "--for", ALERT)
        moved = {c["number"]: harness.parse_time(c["programmes"][0]["end"]) - ends[c["number"]] for c in server.json("/api/guide")["channels"]}
        self.assertEqual(moved[2], 0)
        self.assertGreaterEqual(moved[1], ALERT * 1000 - 1000)
        for number, job in shown.items():  # what is no film is the card; on a slow machine also slate, in the place of the film's next pictures
            pictures = job.result()
            self.assertEqual(len(pictures), WATCHED * 25)
            before, card, after = stretches(pictures)
            self.assertIsNone(card[0])
            self.assertGreaterEqual(card[1], ALERT * 25 - 25)
            self.assertEqual(after[0], before[0] + before[1] + card[1] - round(moved[number] / 40))
        self.assertEqual(watch.result().problems()[:10], [])
        for player in seen:
            self.assertTrue(not player.result().problems or player.result().only_slow(), player.result())
        rows = json.loads(server.cli("as-run", 1, "--json"))["items"]
        self.assertEqual((rows[0]["status"], "alert: Supper" in rows[0]["note"]), ("alert", True), rows)


if __name__ == "__main__":
    unittest.main()
