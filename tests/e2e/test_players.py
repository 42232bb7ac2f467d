"""Every client at once on one server, across more than 30 joins and the wrap of the stamps at 33 bits: no complaint, no stall, no hole."""
import concurrent.futures, time, unittest

import harness, players, ts

SECONDS = 85
WRAPS = 75  # after the server started; it is watched from then on, as soon as all that follows has begun


class Players(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.old_house(WRAPS)
        cls.addClassCleanup(cls.server.close)
        for number in (1, 2):  # the start of an encoder is timed elsewhere; here the joins are watched
            playlist = cls.server.wait_for(number)
            for sequence in sorted(playlist.segments)[-5:]:
                cls.server.segment(playlist, sequence)
        loop, shuffle = (f"{cls.server.url}/channel/{n}" for n in (1, 2))
        cls.pool = concurrent.futures.ThreadPoolExecutor(12)

        def go(*args):  # one after another, so that nine programs that start do not starve each other
            time.sleep(1)
            return cls.pool.submit(*args)

        cls.calls = {"ffmpeg hls": (players.ffmpeg, loop + ".m3u8"), "ffmpeg ts": (players.ffmpeg, loop + ".ts"),
                     "ffmpeg live": (players.ffmpeg, shuffle + ".m3u8")}
        if players.have("mpv"):
            cls.calls |= {"mpv hls": (players.mpv, shuffle + ".m3u8"), "mpv ts": (players.mpv, loop + ".ts")}
        if players.have("cvlc"):
            cls.calls |= {"vlc hls": (players.vlc, loop + ".m3u8"), "vlc ts": (players.vlc, shuffle + ".ts")}
        if players.have("chromium") and players.have("node") and players.hls_js_at():
            cls.calls["hls.js"] = (players.hls_js, loop + ".m3u8")
        cls.seen = {name: go(*call, SECONDS) for name, call in cls.calls.items()}
        cls.captured = go(cls.capture_ts, loop + ".ts", SECONDS)
        cls.listed = go(cls.capture_hls, 2, SECONDS)

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown()

    @classmethod
    def capture_ts(cls, url, seconds):
        import urllib.request
        parts, end = [], time.monotonic() + seconds
        with urllib.request.urlopen(url, timeout=20) as answer:
            while time.monotonic() < end:
                parts.append(answer.read(188 * 512))
        return b"".join(parts)

    @classmethod
    def capture_hls(cls, number, seconds):
        """Every segment of the playlists in order, and the playlists."""
        lists, data, names, end = [], {}, {}, time.monotonic() + seconds
        while time.monotonic() < end:
            playlist = cls.server.playlist(number)
            lists.append(playlist)
            for sequence, row in playlist.segments.items():
                names.setdefault(sequence, set()).add((row[0], row[1], row[2]))
                if sequence not in data:
                    data[sequence] = cls.server.segment(playlist, sequence)
            time.sleep(1)
        return lists, data, names

    def well(self, name):
        if name not in self.seen:
            self.skipTest(f"the client of '{name}' is not installed")
        seen = self.seen[name].result()
        if seen.only_slow():  # so many players at once may be too much for the machine: the stream is at fault if one alone says so too
            concurrent.futures.wait([*self.seen.values(), self.captured, self.listed])
            play, url = self.calls[name]
            seen = play(url, SECONDS // 2)
        self.assertEqual(seen.problems, [], f"{seen.client}: {seen.facts}")
        return seen

    def test_ffmpeg_playlist(self):
        self.assertGreater(self.well("ffmpeg hls").facts["video_frames"], SECONDS * 20)

    def test_ffmpeg_continuous(self):
        self.assertGreater(self.well("ffmpeg ts").facts["video_frames"], SECONDS * 20)

    def test_ffmpeg_shuffled(self):
        self.assertGreater(self.well("ffmpeg live").facts["video_frames"], SECONDS * 20)

    def test_mpv_playlist(self):
        self.well("mpv hls")

    def test_mpv_continuous(self):
        self.well("mpv ts")

    def test_vlc_playlist(self):
        self.well("vlc hls")

    def test_vlc_continuous(self):
        self.well("vlc ts")

    def test_hls_js(self):
        seen = self.well("hls.js")
        self.assertGreater(seen.facts["played_s"], SECONDS // 2 - 6)

    def test_continuous_stream_is_sound(self):
        data = self.captured.result()
        report = ts.check(data[:len(data) // ts.PACKET * ts.PACKET])
        self.assertEqual(report.problems[:10], [])
        self.assertGreater(len(report.of("video").pts), SECONDS * 20)

    def test_segments_follow_on(self):
        """All segments of the playlists, one after another, are one sound stream; a number never changes what it means."""
        lists, data, names = self.listed.result()
        self.assertEqual([s for s, rows in names.items() if len(rows) > 1], [], "a segment's line changed between two playlists")
        self.assertEqual(sorted(data), list(range(min(data), max(data) + 1)), "a number is missing")
        report = ts.check(b"".join(data[s] for s in sorted(data)))
        self.assertEqual(report.problems[:10], [])
        for before, after in zip(lists, lists[1:]):
            self.assertGreaterEqual(after.sequence, before.sequence)
            self.assertEqual(after.target, before.target)
        for playlist in lists:
            self.assertNotIn("#EXT-X-DISCONTINUITY\n", playlist.text)
            for _, seconds, _ in playlist.segments.values():
                self.assertLessEqual(round(seconds), playlist.target)

    def test_stamps_are_what_the_playlist_says(self):
        """The distance of two segments' first pictures is the sum of EXTINF between them, to a tick."""
        lists, data, names = self.listed.result()
        first, position, wanted = None, 0.0, []
        for sequence in sorted(data):
            video = ts.check(data[sequence], pcr_limit=9, table_limit=9).of("video")
            (_, seconds, _), = names[sequence]
            first = first if first is not None else min(video.pts)
            wanted.append(abs((min(video.pts) - first) % ts.WRAP / 90000 - position))
            position += seconds
        self.assertLess(max(wanted), 0.001 + 0.00002 * len(wanted))

    def test_the_stamps_wrapped(self):
        """Within what was watched, else the tests above do not say that nobody minds."""
        data = self.captured.result()
        starts = [data[at + 4 + (data[at + 3] >> 5 & 1) * (1 + data[at + 4]):][:14] for at in range(0, len(data) - 188 + 1, 188)
                  if data[at + 1] & 0x40 and (data[at + 1] & 0x1F, data[at + 2]) == (1, 0) and data[at + 3] & 0x10]
        stamps = [ts.stamp(start, 9) for start in starts]
        wraps = [n for n, (a, b) in enumerate(zip(stamps, stamps[1:])) if a - b > ts.WRAP // 2]
        self.assertTrue(wraps, f"from {stamps[0]} to {stamps[-1]} of {ts.WRAP}")
        self.assertGreater(min(wraps[0], len(stamps) - wraps[0]), 100, "pictures on both sides")

    def test_enough_joins(self):
        """The guide over the time watched has more than 30 rows, else the tests above say little."""
        lists, _, _ = self.listed.result()
        walls = [row[2] for playlist in lists for row in playlist.segments.values()]
        iso = lambda ms: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))
        rows = self.server.json(f"/api/channels/{self.server.channel_id(2)}/timeline?from={iso(min(walls))}&to={iso(max(walls) + 2000)}")
        rows = rows["items"] if isinstance(rows, dict) and "items" in rows else rows
        self.assertGreater(len(rows), 30)
