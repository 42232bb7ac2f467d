#!/usr/bin/env python3
"""joins.py: every ordered pair of the demo library's items on one channel, played by ffmpeg without a word.

    --matinee BINARY (build-bench/matinee)    --seconds N (6) of each item

The items are made as tools/demo.py makes them (codec, container, rate, size, sound, scan, wrong length), only shorter.
Segments come from all at once: once encoded in a random order, then with a random half of the cache deleted. The last line
is `joins: COMPLAINTS ...`; exit 1 when there are any. Not here: how it is done (tests/e2e/pairs.py)."""
import argparse, os, pathlib, sys, tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "tests" / "e2e"), str(TOP / "tools")]
import demo, harness, pairs, ts


def short_items(folder, seconds):
    """The files, and how long they last together."""
    made, total = [], 0
    for item in demo.items():
        item.seconds, item.chapters, item.speech = min(item.seconds, seconds), (), item.speech[:1]
        demo.make(item, folder)
        made.append(pathlib.Path(folder) / item.path)
        total += item.seconds
    return made, total


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--matinee", default=str(TOP / "build-bench" / "matinee"))
    parser.add_argument("--seconds", type=int, default=6)
    args = parser.parse_args()
    harness.MATINEE = os.path.abspath(args.matinee)
    with tempfile.TemporaryDirectory(prefix="matinee-joins.") as tmp:
        sources, total = short_items(f"{tmp}/items", args.seconds)
        house = pairs.House(sources, f"{tmp}/tree", total * (len(sources) - 1))
        found = len({(a, b) for a, b in house.pairs() if a != b})
        first, second, playlist, stream = pairs.watch(house, 11)
        problems = [f"playlist: {p}" for p in playlist.problems] + [f"stream: {p}" for p in stream.problems]
        problems += [f"segments: {p}" for p in ts.check(b"".join(second[n] for n in sorted(second))).problems]
        problems += [f"segment {n} was encoded otherwise" for n in first if first[n] != second[n] and n not in house.less]
        if found < len(sources) * (len(sources) - 1):  # more: an item may be cut in two ways
            problems.append(f"{found} pairs where {len(sources) * (len(sources) - 1)} are due")
        house.server.close()
    for problem in problems[:40]:
        print(problem)
    print(f"joins: {len(problems)} complaints; {found} ordered pairs of {len(sources)} items, {len(second)} segments, {playlist.facts['video_frames']:,} frames by "
          f"playlist and {stream.facts['video_frames']:,} as one stream")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
