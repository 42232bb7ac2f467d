"""Every source beside every other: all 56 ordered pairs of the small library joined, prepared and encoded at once mixed."""
import shutil, tempfile, unittest

import harness, pairs, ts


class Pairs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="matinee-pairs.")
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        sources = sorted(path for path in (harness.library() / "Shows").rglob("*") if path.is_file())
        cls.house = pairs.House(sources, cls.folder, sum(clip[3] for clip in harness.CLIPS) * (len(harness.CLIPS) - 1))
        cls.addClassCleanup(cls.house.server.close)
        cls.first, cls.second, cls.playlist, cls.stream = pairs.watch(cls.house, 7)

    def test_every_pair_is_joined(self):
        self.assertEqual(len({(a, b) for a, b in self.house.pairs() if a != b}), 56)

    def test_encoded_again_is_the_same(self):
        """A segment that a worker began with equals the one of a longer run."""
        self.assertEqual([n for n in self.first if self.first[n] != self.second[n] and n not in self.house.less], [])

    def test_stream_is_sound(self):
        self.assertEqual(ts.check(b"".join(self.second[n] for n in sorted(self.second))).problems[:10], [])

    def test_ffmpeg_playlist(self):
        self.assertEqual(self.playlist.problems, [], self.playlist.facts)
        self.assertGreater(self.playlist.facts["video_frames"], 140 * 24)

    def test_ffmpeg_continuous(self):
        self.assertEqual(self.stream.problems, [], self.stream.facts)
        frames = sum(row["frames"] for row in self.house.rows())
        self.assertAlmostEqual(self.stream.facts["video_frames"], frames, delta=80)


if __name__ == "__main__":
    unittest.main()
