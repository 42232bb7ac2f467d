#!/usr/bin/env python3
"""bench/run.py: Matinee's figures beside those of its peers, as ratios, over several runs.

    --matinee BINARY   (build-bench/matinee)     --runs N   (3)     --only TEXT   figures whose name holds TEXT
    --json FILE        the same as JSON          --files N  (100000) for the scan

The peer runs right before or after ours, so that a busy machine hits both; what is shown is the median of the runs and
the spread (largest over smallest). A peer that is not installed is named and left out. Nothing is downloaded; whatever
is waited for has a limit, past which the figure is said not to be measured. Library here, the station in station.py."""
import argparse, importlib, json, os, pathlib, shutil, sqlite3, statistics, subprocess, sys, tempfile, time, urllib.parse

import station
from report import ROWS, TOP, harness, matinee, row, skipped, timed, tool


def scan(tmp, runs, files):
    root, server = pathlib.Path(tmp) / "tree", harness.Server()
    for i in range(files):
        folder = root / f"Show {i // 1000:03}" / f"Season {i // 100 % 10 + 1:02}"
        if i % 100 == 0:
            folder.mkdir(parents=True, exist_ok=True)
        (folder / f"Show {i // 1000:03} - S{i // 100 % 10 + 1:02}E{i % 100 + 1:02} - Title {i}.mkv").touch()
    server.cli("root", "add", root)
    first = time.monotonic()
    server.cli("scan", timeout=3600)
    first = time.monotonic() - first
    ours, peer = [], []
    for _ in range(runs):
        peer.append(timed(["find", str(root), "-printf", "%D %i %s %T@ %p\n"])[0])
        ours.append(timed(matinee(server, "scan"), env=server.env)[0])
    row(f"scan, {files:,} files unchanged", ours, peer, "s", ("<= 1.5 x find -printf", lambda v, r: r <= 1.5), f"first scan {first:.1f} s")
    server.close()
    shutil.rmtree(root)


def probe(tmp, runs):
    folder, clips = pathlib.Path(tmp) / "probe", [p for p in harness.library().rglob("*") if p.is_file()]
    folder.mkdir()
    names = []
    for i in range(1500):
        clip = clips[i % len(clips)]
        names.append(folder / f"Film {i} (2000){clip.suffix}")
        shutil.copyfile(clip, names[-1])
    bare, server = tool(tmp, "bare_probe", "libavformat", "libavutil"), harness.Server()
    server.cli("root", "add", folder)
    server.cli("scan")
    pair, small = pathlib.Path(tmp) / "pair", harness.Server()  # two files: what starting everything costs
    pair.mkdir()
    for name in names[:2]:
        shutil.copyfile(name, pair / name.name)
    small.cli("root", "add", pair)
    small.cli("scan")
    ours, wall, peer, peer_wall, tools, start = [], [], [], [], [], []
    for _ in range(runs):
        w, c = timed([bare, *map(str, names)])
        peer.append((c - timed([bare, str(names[0])])[1]) / (len(names) - 1) * 1000)
        peer_wall.append(w / len(names) * 1000)
        w, c = timed(matinee(server, "scan", "--full"), env=server.env)
        idle_w = timed(matinee(server, "scan"), env=server.env)[0]
        few_c = timed(matinee(small, "scan", "--full"), env=small.env)[1]
        ours.append((c - few_c) / (len(names) - 2) * 1000)
        start.append(few_c * 1000)
        wall.append((w - idle_w) / len(names) * 1000)
        begun = time.monotonic()
        for name in names[:40]:
            subprocess.run(["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(name)], stdout=subprocess.DEVNULL, check=True)
        tools.append((time.monotonic() - begun) / 40 * 1000)
    row("probe a file, CPU", ours, peer, "ms", ("<= 1.2 x bare libavformat", lambda v, r: r <= 1.2), f"a further file; both less their start: ours {statistics.median(start):.0f} ms with two workers")
    row("probe a file, wall", wall, tools, "ms", ("<= 1/50 of ffprobe", lambda v, r: r <= 1 / 50), f"bare loop {statistics.median(peer_wall):.3g} ms")
    small.close()
    server.close()
    shutil.rmtree(pair)
    shutil.rmtree(folder)


GUESSIT = """import sys, time
from guessit import guessit
lines = open(sys.argv[1]).read().split("\\n")[:200]
guessit(lines[0])
start = time.monotonic()
for line in lines:
    guessit(line)
print((time.monotonic() - start) / len(lines) * 1e6)"""


def names(tmp, runs):
    lines = []
    for i in range(20000):
        lines.append((f"The.Show.{i % 500}.S{i % 20 + 1:02}E{i % 24 + 1:02}.Some.Title.1080p.WEB-DL.DDP5.1.H.264-GROUP.mkv", f"Film Number {i} ({1950 + i % 70}).mp4",
                      f"show_{i % 99}_1x{i % 24 + 1:02}_hdtv_x264.avi", f"Talk.2019.{i % 12 + 1:02}.{i % 28 + 1:02}.720p.mkv")[i % 4])
    path = pathlib.Path(tmp) / "names.txt"
    path.write_text("\n".join(lines) + "\n")
    ours, peer = [], []
    for _ in range(runs):
        with open(path, "rb") as text:
            ours.append(timed([harness.MATINEE, "names", "--json", "-"], stdin=text)[0] / len(lines) * 1e6)
        done = subprocess.run(["/usr/bin/python3", "-c", GUESSIT, str(path)], capture_output=True, text=True, timeout=300)  # Debian's
        if done.returncode == 0:
            peer.append(float(done.stdout))
    row("parse a name", ours, peer or None, "us", (">= 500 x guessit", (lambda v, r: r <= 1 / 500) if peer else None), "" if peer else "guessit is not installed")


def search(tmp, runs, items):
    """What a search field asks for, letter by letter, of a large library."""
    root, server = pathlib.Path(tmp) / "search", harness.Server()
    words = "silver garden north winter station broken promise evening harbour letter golden mountain river shadow".split()
    for i in range(items):
        if i % 1000 == 0:
            folder = root / f"{i // 1000:03}"
            folder.mkdir(parents=True)
        (folder / f"{words[i % 14].title()} {words[i // 14 % 14].title()} {i} ({1950 + i % 70}).mkv").touch()
    server.cli("root", "add", root, "--kind", "movies")
    server.cli("scan", timeout=3600)
    server.start()
    asked = [f"/api/items?limit=50&q={text[:n].replace(' ', '+')}" for text in ("silver garden", "winter 4711", "promise evening", "north", "the", "99999")
             for n in range(1, len(text) + 1) if text[n - 1] != " "]
    load, p50, p99 = tool(tmp, "load"), [], []
    for _ in range(runs):
        answer = list(map(float, subprocess.run([load, str(server.port), "1", "4", *asked], capture_output=True, text=True, check=True).stdout.split()))
        p50.append(answer[3] / 1000)
        p99.append(answer[4] / 1000)
    row(f"search {items:,} items, p99", p99, None, "ms", ("< 10 ms in the server", lambda v, r: v < 10), f"whole round trips, one client; median {statistics.median(p50):.2g} ms")
    server.stop()
    filters(server, load, runs, items)
    server.close()
    shutil.rmtree(root)


# Rows as a scan and people would have made them of 100,000 real files: probes, hashes with some copies, metadata.
PROBED = """
INSERT OR REPLACE INTO probes (file_id, duration_ms, duration_flicks, container, bit_rate, has_video, video_codec, width, height, fps_num, fps_den,
  audio_codec, audio_channels, streams, probed_ms) SELECT id, 60000 * (20 + id % 100), 42336000000 * (20 + id % 100), 'matroska', 1000000 + id % 9000 * 1000, 1,
  CASE WHEN id % 10 < 7 THEN 'h264' WHEN id % 10 < 9 THEN 'hevc' ELSE 'mpeg2video' END, 1280 + id % 3 * 320, 720 + id % 3 * 180, 25, 1,
  CASE WHEN id % 4 THEN 'aac' ELSE 'ac3' END, 2 + id % 2 * 4, '[{"type":"audio","language":"' || CASE WHEN id % 3 THEN 'eng' ELSE 'ger' END || '"}]', 1 FROM files;
UPDATE files SET media_state = 'ok', media_error = NULL, sample_hash = 'of ' || (id - id % 20 / 19);
UPDATE items SET duration_ms = 60000 * (20 + id % 100), daypart = CASE id % 7 WHEN 0 THEN 'evening' WHEN 1 THEN 'morning' END,
  rating = CASE id % 5 WHEN 0 THEN 'R' WHEN 1 THEN 'PG-13' WHEN 2 THEN 'TV-G' END, company = CASE WHEN id % 50 = 0 THEN 'Acme ' || id % 400 END;
INSERT OR IGNORE INTO item_tags SELECT id, 'western' FROM items WHERE id % 9 = 0;
INSERT OR IGNORE INTO item_tags SELECT id, 'tag ' || id % 300 FROM items;
INSERT OR REPLACE INTO validations (file_id, result, size, mtime_ns, checked_ms) SELECT id, 'ok', size, mtime_ns, 1 FROM files;
"""


def filters(server, load, runs, items):
    """The same library with what filters ask for: every kind of term, alone and with words, in every order, also far down the list."""
    with sqlite3.connect(server.data / "matinee.db") as db:
        db.executescript(PROBED)
    db.close()
    terms = ["", "kind:movie", "year:1978..1983", "year:{n}", "tag:western", "tag:\"tag {n}\"", "daypart:evening", "daypart:none", "rating:<=PG-13", "-rating:R", "height:>=720",
             "height:1080", "codec:h264", "codec:aac", "-codec:hevc", "video:hevc year:19{n}..2000", "is:duplicate", "-is:duplicate", "is:playable", "is:unchecked", "path:harbour", "path:0{n}/",
             "title:river", "company:any", "company:\"acme {n}\"", "duration:<{n}m", "size:<1MB", "lang:de", "added:<1d", "silver codec:h264", "golden year:1960..19{n} -rating:R",
             "(daypart:evening OR tag:western) height:>=900", "kind:movie year:1960..1990 codec:h264 height:>=720 -tag:western rating:<=R"]
    sorts, asked = ["", "title", "added", "year", "duration", "modified"], []
    for i, term in enumerate(terms):
        for sort in (sorts[i % 6], sorts[(i + 1 + i // 6 % 5) % 6]):
            for offset in (0, 5000 if "{n}" in term else items // 4):
                asked.append(f"/api/items?limit=50&sort={sort}&offset={offset}&q=" + urllib.parse.quote(term.replace("{n}", str(61 + i))))
    server.start()
    cold = []
    for path in asked[::4]:
        start = time.monotonic()
        server.json(path)
        cold.append((time.monotonic() - start) * 1000)
    for _ in range(20):  # until the columns are in memory
        for path in asked:
            server.json(path)
        time.sleep(0.5)
    p50, p99, most = [], [], []
    for _ in range(runs):
        answer = list(map(float, subprocess.run([load, str(server.port), "1", "4", *asked], capture_output=True, text=True, check=True).stdout.split()))
        p50.append(answer[3] / 1000)
        p99.append(answer[4] / 1000)
        most.append(answer[5] / 1000)
    row(f"filters, {items:,} items, p99", p99, None, "ms", ("< 10 ms in the server", lambda v, r: v < 10),
        f"{len(asked)} lists; median {statistics.median(p50):.2g} ms, slowest {max(most):.3g}; the first of each filter {statistics.median(cold):.3g} ms, at most {max(cold):.3g}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--matinee", default=str(TOP / "build-bench" / "matinee"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--files", type=int, default=100000)
    parser.add_argument("--only", default="")
    parser.add_argument("--json", default="")
    args = parser.parse_args()
    harness.MATINEE = os.path.abspath(args.matinee)
    print(f"{'figure':<34}{'ours':>11}{'peer':>11} {'unit':<9}{'ratio':>8}  {'spread':<7}{'bar':<26}")
    with tempfile.TemporaryDirectory(prefix="matinee-bench.") as tmp:
        runs = args.runs
        figures = {"scan": lambda: scan(tmp, runs, args.files),
                   "duplicates": lambda: importlib.import_module("duplicates").measure(tmp, runs, row, skipped),
                   "organize": lambda: importlib.import_module("organize").measure(tmp, runs, row),
                   "probe": lambda: probe(tmp, runs), "names": lambda: names(tmp, runs), "search": lambda: search(tmp, runs, args.files),
                   "encode": lambda: station.encode(tmp, runs), "serving": lambda: station.serving(tmp, runs),
                   "first picture": lambda: station.first_picture(tmp, runs), "idle": lambda: station.idle(tmp, runs),
                   "loudness": lambda: station.loudness(tmp, runs), "viewers": lambda: station.viewers(tmp, runs), "joins": lambda: station.joins(tmp, runs),
                   "1,000 channels": lambda: station.channels(tmp, runs, 1000, "always"),
                   "10,000 channels": lambda: station.channels(tmp, runs, 10000, "never")}
        for name, measure in figures.items():
            if args.only.lower() not in name.replace(",", "") and args.only.lower() not in name:
                continue
            try:
                measure()
            except (AssertionError, subprocess.SubprocessError, OSError, RuntimeError, ValueError) as problem:
                skipped(name, str(problem).strip().split("\n")[0][:200])
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(ROWS, indent=1) + "\n")
    missed = [r["figure"] for r in ROWS if r["met"] is False]
    print(f"\n{len(ROWS)} figures, {len(missed)} under their bar" + (": " + "; ".join(missed) if missed else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
