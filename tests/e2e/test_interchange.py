"""A segment of a whole-clip run and the same one encoded alone, from the middle: same frames, stamps and parameter sets."""
import json, os, pathlib, random, shutil, signal, subprocess, tempfile, time, unittest

import harness, players, ts

BESIDE = 70  # seconds; see tools/check.py


def described(data):
    """What a decoder meets: packets with their stamps, frames with their kind, and the parameter sets."""
    with tempfile.NamedTemporaryFile(suffix=".ts") as file:
        file.write(data)
        file.flush()
        done = subprocess.run(["ffprobe", "-v", "warning", "-show_entries", "packet=codec_type,pts,dts,flags:frame=media_type,pts,pict_type", "-of", "json",
                               file.name], capture_output=True, text=True)
    facts = json.loads(done.stdout)
    both = facts.get("packets_and_frames") or facts["packets"] + facts["frames"]
    packets = [(p["codec_type"], p.get("pts"), p.get("dts")) for p in both if "codec_type" in p]
    frames = sorted((f.get("media_type"), f.get("pts")) for f in both if "media_type" in f)
    return {"packets": packets, "frames": frames, "sets": parameter_sets(data), "complaints": done.stderr}


def parameter_sets(data):
    """SPS and PPS of a segment's first picture, as they were sent."""
    report = ts.check(data, 9, 9)
    pid, stream = report.of("video").pid, bytearray()
    for start in range(0, len(data), ts.PACKET):
        if ((data[start + 1] & 0x1f) << 8 | data[start + 2]) == pid and data[start + 3] & 0x10:
            payload = start + 4 + (1 + data[start + 4] if data[start + 3] & 0x20 else 0)
            stream += data[payload:start + ts.PACKET]
            if len(stream) > 4000:
                break
    found = {}
    for nal in bytes(stream).split(b"\0\0\1"):
        if nal and nal[0] & 31 in (7, 8):
            found.setdefault(nal[0] & 31, nal.rstrip(b"\0"))
    return found


class Interchange(unittest.TestCase):
    def test_from_the_middle_and_from_the_start(self):
        server = harness.Server().start()
        self.addCleanup(server.close)
        server.furnish(harness.library())
        server.add_channel(1, "One", "--kind", "show", "--order", "loop", "--profile", "480p")
        server.wait_for(1, 3)
        deadline, playlists = time.monotonic() + 26, []
        while time.monotonic() < deadline:
            playlists.append(server.playlist(1))
            playlists[-1].segments and server.segment(playlists[-1], playlists[-1].last)
            time.sleep(1.5)
        rows = {}
        for playlist in playlists:
            rows.update({s: playlist for s in playlist.segments})
        ahead = {s: server.segment(p, s) for s, p in rows.items()}
        server.stop()
        for name in ("cache", "clips", "segments"):
            shutil.rmtree(server.data / name, ignore_errors=True)
        server.start()
        alone = {s: server.segment(rows[s], s) for s in sorted(rows, reverse=True)}
        self.assertGreater(len(rows), 12)
        for sequence in sorted(rows):
            first, second = described(ahead[sequence]), described(alone[sequence])
            for part in ("packets", "frames", "sets"):
                self.assertEqual(first[part], second[part], f"segment {sequence}: {part}")
        self.assertEqual(len({str(described(d)["sets"][7]) for d in list(alone.values())[:8]}), 1, "SPS differs between clips")


class Workers(unittest.TestCase):
    def test_killed_at_random_while_somebody_watches(self):
        server = harness.Server().start()
        self.addCleanup(server.close)
        server.furnish(harness.library())
        server.add_channel(1, "One", "--kind", "show", "--order", "shuffle", "--profile", "480p")
        server.wait_for(1)
        rng, killed = random.Random(7), 0
        import concurrent.futures
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            watching = pool.submit(players.ffmpeg, server.url + "/channel/1.ts", 30)
            while not watching.done():
                time.sleep(rng.uniform(0.4, 1.6))
                for pid in server.children():
                    if rng.random() < 0.6:
                        try:
                            os.kill(pid, signal.SIGKILL)
                            killed += 1
                        except ProcessLookupError:
                            pass
            seen = watching.result()
        self.assertGreater(killed, 0, "there was no worker to kill")
        self.assertEqual(seen.problems, [])
        self.assertGreater(seen.facts["video_frames"], 30 * 20)
