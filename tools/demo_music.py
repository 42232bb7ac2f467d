"""A small synthesiser: tunes for the demo library as stereo WAV loops, from chords, a tempo and a seed.

Notes are computed once per pitch, from a few periods that are repeated, and added into the loop by slices; standard
library only, so it stays at half a second per tune. Not here: speech (espeak-ng) and encoding (ffmpeg), see demo.py."""
import array, math, operator, random, sys, wave

RATE = 24000
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10), "dorian": (0, 2, 3, 5, 7, 9, 10),
          "lydian": (0, 2, 4, 6, 7, 9, 11), "pentatonic": (0, 2, 4, 7, 9, 12, 14)}

# partials (multiple of the pitch, strength), decay in seconds, attack in seconds
VOICES = {"pluck": (((1, 1.0), (2, .45), (3, .2), (4, .08)), .45, .004),
          "bell": (((1, 1.0), (2.76, .3), (5.4, .12)), .9, .003),
          "organ": (((1, 1.0), (2, .5), (4, .3), (6, .1)), 3.0, .08),
          "pad": (((1, 1.0), (1.005, .9), (2, .3), (3.01, .1)), 4.0, .5),
          "bass": (((1, 1.0), (2, .35)), .7, .008),
          "saw": (tuple((n, 1 / n) for n in range(1, 8)), .3, .004)}


def tone(pitch, strength, count):
    """`count` samples of a sine: the few periods that fit whole samples best (some 0.01 %), over and over."""
    period = RATE / pitch
    periods = min(range(1, max(2, int(2000 / period))), key=lambda n: abs(n * period - round(n * period)) / n)
    length = round(periods * period)
    step = 2 * math.pi * periods / length
    return ([strength * math.sin(step * i) for i in range(length)] * (count // length + 1))[:count]


class Loop:
    """One stereo loop that notes are added into; what runs over the end comes in again at the start."""

    def __init__(self, seconds):
        self.length = int(seconds * RATE)
        self.sides = [[0.0] * self.length, [0.0] * self.length]
        self.notes, self.envelopes = {}, {}

    def envelope(self, voice, count):
        """Attack, decay and a short fade of a voice, `count` samples long."""
        if (voice, count) not in self.envelopes:
            _, decay, attack = VOICES[voice]
            rise, fall = max(1, int(attack * RATE)), min(count, int(.05 * RATE))
            fade, level, envelope = math.exp(-1 / (decay * RATE)), 1.0, []
            for i in range(count):
                envelope.append(level * min(1, i / rise, (count - i) / fall))
                level *= fade
            self.envelopes[voice, count] = envelope
        return self.envelopes[voice, count]

    def note(self, voice, midi, seconds):
        key = voice, midi, seconds
        if key not in self.notes:
            pitch, count = 440 * 2 ** ((midi - 69) / 12), int(seconds * RATE)
            wave_of = [0.0] * count
            for multiple, strength in VOICES[voice][0]:
                if pitch * multiple * 2 < RATE:
                    wave_of = list(map(operator.add, wave_of, tone(pitch * multiple, strength, count)))
            self.notes[key] = list(map(operator.mul, wave_of, self.envelope(voice, count)))
        return self.notes[key]

    def play(self, at, voice, midi, seconds, gain, pan=0.0):
        note, start, scaled = self.note(voice, midi, seconds), int(at * RATE) % self.length, {}
        for side, share in enumerate((1 - pan, 1 + pan)):
            if share not in scaled:
                scaled[share] = [gain * share * s for s in note]
            track, left, where = self.sides[side], scaled[share], start
            while left:
                part, left = left[:self.length - where], left[self.length - where:]
                track[where:where + len(part)] = map(operator.add, track[where:where + len(part)], part)
                where = 0

    def save(self, path):
        peak = max(max(map(abs, side)) for side in self.sides) or 1
        out = array.array("h", [0]) * (2 * self.length)
        for side in (0, 1):
            out[side::2] = array.array("h", [int(s / peak * 20000) for s in self.sides[side]])
        if sys.byteorder == "big":
            out.byteswap()
        with wave.open(path, "wb") as f:
            f.setnchannels(2)
            f.setsampwidth(2)
            f.setframerate(RATE)
            f.writeframes(out.tobytes())


def tune(path, seed, root, scale, tempo, chords, lead="bell", arpeggio="pluck", pad="pad", pattern=8):
    """Four beats a chord: a pad under it, a bass, an arpeggio of `pattern` notes and a lead that wanders."""
    rng, steps, beat = random.Random(seed), SCALES[scale], 60 / tempo
    loop = Loop(len(chords) * 4 * beat)

    def pitch(degree, octave=0):
        return root + 12 * (octave + degree // len(steps)) + steps[degree % len(steps)]

    order = rng.sample(range(4), 4) + [2, 1, 3, 0]
    at = rng.randrange(3, 8)
    for bar, chord in enumerate(chords):
        start = bar * 4 * beat
        tones = [chord, chord + 2, chord + 4, chord + 7]
        if pad:
            for i, tone in enumerate(tones[:3]):
                loop.play(start, pad, pitch(tone), 4.4 * beat, .16, (i - 1) * .5)
        loop.play(start, "bass", pitch(chord, -2), 1.9 * beat, .5)
        loop.play(start + 2.5 * beat, "bass", pitch(chord + 4 * (bar % 2), -2), 1.4 * beat, .35)
        for i in range(pattern if arpeggio else 0):
            tone = tones[order[i % len(order)] % 4]
            loop.play(start + i * 4 * beat / pattern, arpeggio, pitch(tone, 1), .9, .22, .6 * math.sin(i + bar))
        for i in range(4 if lead else 0):
            if rng.random() < .55:
                at = min(13, max(2, at + rng.choice((-2, -1, -1, 1, 1, 2))))
                near = min((t + 7 * o for t in tones for o in (0, 1, 2)), key=lambda t: abs(t - at))
                loop.play(start + i * beat, lead, pitch(near if i == 0 else at, 1), 2.0, .2, -.2)
    loop.save(path)
