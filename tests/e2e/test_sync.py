"""Picture and sound: a flash and a beep at the same instant leave the station at the same instant, within 40 ms."""
import array, pathlib, re, subprocess, tempfile, time, unittest

import harness

BESIDE = 7  # seconds; see tools/check.py


def flashes(path):
    """Seconds at which the picture turns bright."""
    done = subprocess.run(["ffmpeg", "-v", "info", "-nostdin", "-copyts", "-i", path, "-map", "0:v:0", "-vf", "scale=16:16,showinfo", "-f", "null", "-"],
                          capture_output=True, text=True, errors="replace")
    rows = [(float(t), int(m)) for t, m in re.findall(r"pts_time:([\d.]+) .*? mean:\[(\d+)", done.stderr)]
    return [b[0] for a, b in zip(rows, rows[1:]) if a[1] < 80 <= b[1]]


def beeps(path):
    """Seconds at which the sound starts, from samples and the time of the first."""
    first = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "frame=best_effort_timestamp_time", "-read_intervals",
                            "%+#1", "-of", "csv=p=0", path], capture_output=True, text=True).stdout.split()[0].strip(",")
    raw = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "s16le", "-"],
                         capture_output=True).stdout
    samples = array.array("h", raw[:len(raw) // 2 * 2])
    found, quiet = [], 0
    for i, s in enumerate(samples):
        if abs(s) > 1500:
            if quiet > 9600:
                found.append(float(first) + i / 48000)
            quiet = 0
        else:
            quiet += 1
    return found


class Sync(unittest.TestCase):
    def test_flash_and_beep(self):
        server = harness.house()
        playlist = server.wait_for(3, 8)
        with tempfile.TemporaryDirectory(prefix="matinee-sync.") as tmp:
            path = pathlib.Path(tmp) / "captured.ts"
            path.write_bytes(b"".join(server.segment(playlist, s) for s in sorted(playlist.segments)))
            seen, heard = flashes(path), beeps(path)
        self.assertGreaterEqual(len(seen), 8)
        offsets = []
        for flash in seen:
            nearest = min(heard, key=lambda beep: abs(beep - flash), default=None)
            self.assertIsNotNone(nearest, "not a single beep")
            if flash < max(heard):
                offsets.append(nearest - flash)
        self.assertLess(max(map(abs, offsets)), 0.040, [round(o * 1000) for o in offsets])
