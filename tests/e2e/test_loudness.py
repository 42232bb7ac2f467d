"""What airs is at -23 LUFS, with peaks at or below -1 dBTP, from a new channel's first minute on, whatever the files are."""
import pathlib, shutil, tempfile, unittest

import harness, loudness

BESIDE = 8  # seconds; see tools/check.py

TONE = "0.4*sin(2*PI*220*t)+0.2*sin(2*PI*1500*t)"
SOUNDS = {  # by how it is wrong
    "Soft": f"aevalsrc='0.04*({TONE})*(0.3+abs(sin(2*PI*0.9*t)))':s=48000:c=stereo",
    "Loud": f"aevalsrc='1.6*({TONE})':s=44100",
    "Shouts": "aevalsrc='(0.08+0.5*lt(mod(t,3),0.5))*(sin(2*PI*200*t)*0.5+sin(2*PI*1200*t)*0.3)*(0.5+0.5*sin(2*PI*4*t))':s=48000:c=stereo",
    "Around": f"aevalsrc='0.1*({TONE})|0.1*({TONE})|0.2*sin(2*PI*400*t)|0.1*sin(2*PI*60*t)|0.1*({TONE})|0.1*({TONE})':s=48000:c=5.1",
}


class Loudness(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-loudness."))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        films, spots = cls.folder / "Films", cls.folder / "Commercials"
        films.mkdir()
        spots.mkdir()
        for number, (name, sound) in enumerate(SOUNDS.items()):
            harness.ffmpeg(films / f"{name} ({2001 + number}).mkv", "testsrc2=s=160x90:r=25", sound, 9, harness.V + " -c:a " + ("ac3" if name == "Around" else "aac"))
        harness.ffmpeg(spots / "Brief.mkv", "testsrc2=s=160x90:r=25", SOUNDS["Loud"], 4, harness.V + " -c:a flac")
        harness.ffmpeg(films / "Mute (2009).mkv", "testsrc2=s=160x90:r=25", "anullsrc=r=48000", 4, harness.V + " -c:a aac")

    def test_first_airings(self):
        house = loudness.House([(self.folder / "Films", "movies"), (self.folder / "Commercials", "commercials")], 720)
        self.addCleanup(house.server.close)
        house.measured()
        house.later()
        heard = 0
        for item, values in house.airings(self.folder).items():
            title = house.items[item]["title"]
            for value in values:
                if title == "Mute":
                    self.assertIsNone(value)
                    continue
                self.assertLessEqual(abs(value[0] + 23), 1, f"{title}: {values}")
                self.assertLessEqual(value[1], -1, f"{title}: {values}")  # as sent: what encoding adds is in it
                heard += 1
        self.assertEqual(heard, 2 * (len(SOUNDS) + 1))


if __name__ == "__main__":
    unittest.main()
