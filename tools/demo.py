#!/usr/bin/env python3
"""demo.py FOLDER: makes the demo library once: two shows, three films, four commercials, two bumpers.

Pictures are drawn by ffmpeg (demo_scenes.py), music by a small synthesiser (demo_music.py), voices by espeak-ng. What is
there already is kept, so a run that was interrupted goes on; a file gets its name only when it is whole. The items
differ on purpose in container, codec, frame rate, size, scan and sound: each is a thing that libraries have.

    --only TEXT   items whose path holds TEXT    --list   say what there would be    --jobs N   at a time (2)"""
import argparse, concurrent.futures, os, shutil, struct, subprocess, sys, tempfile, time

import demo_music as music
import demo_scenes as scenes

BOLD, TEXT, MONO, SERIF = (f"DejaVu{n}.ttf" for n in ("Sans-Bold", "Sans", "SansMono", "Serif-Bold"))
FONT_FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu", "/usr/share/fonts/TTF", "/usr/local/share/fonts")
X264 = "-c:v libx264 -preset ultrafast -crf 23 -pix_fmt yuv420p -g 125".split()
SMALL = "-c:v libx264 -preset ultrafast -crf 29 -pix_fmt yuv420p -g 120".split()
X265 = "-c:v libx265 -preset ultrafast -crf 26 -pix_fmt yuv420p -x265-params log-level=none".split()
AAC = "-c:a aac -b:a 128k".split()


class Item:
    """One file: where it goes, what is seen and heard, and how it is packed."""

    def __init__(self, path, size, fps, seconds, scene, title, line, video, audio=None, tune=None, speech=(), chapters=(),
                 sound="music", claims=None, interlaced=False, look="corner", serif=False):
        self.path, self.size, self.fps, self.seconds, self.scene = path, size, fps, seconds, scene
        self.title, self.line, self.video, self.audio, self.tune = title, line, video, audio, tune
        self.speech, self.chapters, self.sound, self.claims = speech, chapters, sound, claims
        self.interlaced, self.look, self.serif = interlaced, look, serif


def items():
    w = scenes
    dawn = ("2b3a67", "b56576", "ffb38a", "ffe5b4"), ("e59a86", "7d8fa9", "456a86", "274b66", "16324a"), "fff0c2", .7
    noon = ("4ea8de", "90d5ec", "d9f2ee"), ("7cc6d6", "4fa8bf", "2f86a6", "1c6488", "12486a"), "fffdf0", .74
    night = ("060b1f", "12204a", "2c3f73"), ("27406e", "1c3159", "142446", "0d1934", "080f22"), "f2f0e4", .2
    sea = lambda look, calm: lambda W, H, f, s, t: w.sea(W, H, f, s, *look, calm)
    tides = dict(root=62, scale="lydian", tempo=76, chords=(0, 4, 5, 3, 0, 2, 3, 4))
    pocket = dict(root=57, scale="dorian", tempo=96, chords=(0, 3, 5, 4, 0, 6, 3, 4), lead="bell", arpeggio="pluck")
    jingle = lambda seed, root, tempo, **more: dict(seed=seed, root=root, scale="major", tempo=tempo, chords=(0, 5, 3, 4), **more)
    twice = lambda graph: graph.rsplit("[v]", 1)[0] + "[half];[half]scale=iw*2:ih*2:flags=fast_bilinear[v]"
    return [
        Item("Films/The Long Way to Aurora (1999).mkv", (1920, 1080), 24, 66, lambda W, H, f, s, t: twice(w.aurora(W // 2, H // 2, f, s, t)),
             "The Long Way to Aurora", "a journey north", X264, "-c:a ac3 -b:a 448k".split(),
             dict(seed=5, root=50, scale="minor", tempo=66, chords=(0, 5, 2, 6, 0, 3, 4, 4), lead="organ"), sound="5.1",
             chapters=((0, "Leaving"), (22, "The pass"), (44, "Lights")), serif=True),
        Item("Films/Neon Meridian (2016).mkv", (1280, 720), "30000/1001", 64, lambda W, H, f, s, t: w.city(W, H, f, s, t),
             "Neon Meridian", "the city never asks", X264, AAC,
             dict(seed=9, root=45, scale="minor", tempo=112, chords=(0, 0, 5, 6, 0, 0, 3, 4), lead="bell", arpeggio="saw", pattern=16),
             claims=1.4),
        Item("Films/The Lamplighter (1924).mov", (640, 480), "24000/1001", 62, lambda W, H, f, s, t: w.lamplighter(W, H, f, s, t),
             "The Lamplighter", "a picture without sound", SMALL, serif=True),
        Item("Shows/Tidelines/Season 01/Tidelines - S01E01 - First Light.mkv", (1280, 720), 25, 66, sea(dawn, .6),
             "Tidelines", "S01E01  First Light", X264, "-c:a aac -b:a 128k".split(), dict(seed=1, **tides),
             chapters=((0, "Before dawn"), (22, "First light"), (44, "The boat"))),
        Item("Shows/Tidelines/Season 01/Tidelines - S01E02 - Slack Water.mp4", (640, 360), "24000/1001", 62, sea(noon, .4),
             "Tidelines", "S01E02  Slack Water", X265 + ["-tag:v", "hvc1"], AAC, dict(seed=2, **tides)),
        Item("Shows/Tidelines/Season 02/Tidelines - S02E01 - Spring Tide.ts", (720, 576), 25, 60, sea(night, .9),
             "Tidelines", "S02E01  Spring Tide", "-c:v mpeg2video -b:v 5M -maxrate 8M -bufsize 1835k -g 12 -bf 2".split(),
             "-c:a mp2 -b:a 192k".split(), dict(seed=3, **{**tides, "scale": "dorian"}), interlaced=True),
        Item("Shows/Pocket Universe/Season 01/Pocket Universe - S01E01 - The Coastline of Everything.mkv", (854, 480), 24, 62,
             lambda W, H, f, s, t: w.fractal(W, H, f, s), "Pocket Universe", "S01E01  The Coastline of Everything",
             SMALL, "-c:a libopus -b:a 96k".split(),
             dict(seed=4, **pocket),
             ((2, "Pocket Universe. Today: the coastline of everything."),
              (12, "Take a point. Square it, add where you began, and do it again."),
              (24, "Some points stay at home for ever. Some leave and never come back."),
              (37, "Between the two lies a border. Look closer, and it is as long as before."),
              (52, "However far we travel, the shape we left is waiting for us."))),
        Item("Shows/Pocket Universe/Season 01/Pocket Universe - S01E02 - Small Lives.avi", (854, 480), 30, 60,
             lambda W, H, f, s, t: w.life(W, H, f, s), "Pocket Universe", "S01E02  Small Lives",
             "-c:v mpeg4 -q:v 4 -g 60 -bf 0 -vtag XVID".split(), "-c:a libmp3lame -b:a 128k".split(), dict(seed=6, **pocket),
             ((2, "Pocket Universe. Small lives."), (11, "Every square asks its eight neighbours one question: how many of you are there?"),
              (22, "With two or three friends, it lives. With more, or fewer, it does not."),
              (36, "Nobody planned the gliders. They simply left."))),
        Item("Commercials/Kestrel Coffee - Slow Mornings.mp4", (1280, 720), 50, 20, lambda W, H, f, s, t: w.coffee(W, H, f, s),
             "Kestrel Coffee", "for slow mornings", X264, AAC, jingle(11, 60, 100, lead="bell"),
             ((2, "Kestrel coffee. For slow mornings, and the people in them."),), look="left"),
        Item("Commercials/Lumen Lamps - Stay Up.mkv", (854, 480), 25, 15, lambda W, H, f, s, t: w.lamps(W, H, f, s),
             "Lumen", "lamps for staying up", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -b:v 900k -pix_fmt yuv420p".split(),
             "-c:a flac -sample_fmt s16".split(), jingle(12, 64, 84, arpeggio="bell"), ((3, "Lumen. Leave one on."),), look="centre"),
        Item("Commercials/Tandem Bicycles - Two Seats.mov", (1280, 720), 30, 10, lambda W, H, f, s, t: w.wheels(W, H, f, s),
             "Tandem Bicycles", "two seats, one idea", X264, AAC, jingle(13, 67, 132, arpeggio="pluck"),
             ((1, "Tandem bicycles. Two seats. One idea."),), look="left-dark"),
        Item("Commercials/Halcyon Soap - Listen.mkv", (1280, 720), 25, 30, lambda W, H, f, s, t: w.bubbles(W, H, f, s),
             "Halcyon Soap", "listen:  nothing", X264, "-c:a aac -b:a 128k".split(), sound="silence", look="centre", serif=True),
        Item("Bumpers/Back in a Moment.mp4", (1280, 720), 25, 5,
             lambda W, H, f, s, t: w.ident(W, H, f, s, ("0e1116", "5a3a12", "ffb224")), "Back in a moment", "Matinee", X264, AAC,
             jingle(14, 60, 190, lead="bell"), look="centre"),
        Item("Bumpers/And Now.mkv", (1280, 720), "30000/1001", 5,
             lambda W, H, f, s, t: w.ident(W, H, f, s, ("0e1116", "123a5a", "24c7ff")), "And now", "Matinee", X264, AAC,
             jingle(15, 65, 190, lead="bell"), look="centre"),
    ]


def font(name):
    for folder in FONT_FOLDERS:
        if os.path.exists(f"{folder}/{name}"):
            return f"{folder}/{name}"
    sys.exit(f"demo: font {name} not found; install fonts-dejavu-core")


def words(item, tmp):
    """drawtext filters: the title for some seconds or all the time, the line below it, the timecode."""
    width, height = item.size
    def text(name, value, size, font_name, x, y, color="white", more=""):
        path = f"{tmp}/{name}.txt"
        with open(path, "w", encoding="utf-8") as f:
            f.write(value)
        return (f"drawtext=fontfile={font(font_name)}:textfile={path}:expansion=none:fontsize={size}:fontcolor={color}:"
                f"shadowcolor=black@0.35:shadowx={max(1, size // 24)}:shadowy={max(1, size // 24)}:x={x}:y={y}{more}")
    big, small, edge = height // 9, height // 26, height // 14
    face, color = (SERIF if item.serif else BOLD), "0x10352f" if item.look == "left-dark" else "white"
    if item.look == "corner":
        show = ":enable='between(t\\,0.5\\,7)':alpha='clip(min(t-0.5\\,7-t)\\,0\\,1)'"
        parts = [text("big", item.title, big, face, "(w-tw)/2", f"h*0.40-th/2", color, show),
                 text("line", item.line, small * 5 // 4, TEXT, "(w-tw)/2", f"h*0.40+{big * 3 // 4}", color, show),
                 text("corner", f"{item.title}  ·  {item.line}", small, TEXT, edge, f"h-{edge}-ascent", "white@0.85",
                      ":enable='gt(t\\,7)':alpha='clip(t-7\\,0\\,1)'")]
    else:
        x = "(w-tw)/2" if item.look == "centre" else f"w*0.07"
        y = .40 if item.look != "left-dark" else .12
        parts = [text("big", item.title, big, face, x, f"h*{y}-th/2", color, ":alpha='clip(t*2\\,0\\,1)'"),
                 text("line", item.line, small * 5 // 4, TEXT, x, f"h*{y}+{big * 3 // 4}", color, ":alpha='clip(t*2-2\\,0\\,1)'")]
    parts.append(f"drawtext=fontfile={font(MONO)}:text='%{{pts\\:hms}}':fontsize={small}:fontcolor={color}@0.75:"
                 f"shadowcolor=black@0.4:shadowx=1:shadowy=1:x=w-tw-{edge}:y=h-{edge}-ascent")
    return ",".join(parts)


def sounds(item, tmp):
    """Input arguments, the audio graph ending in [a] (None: no audio track)."""
    if not item.audio:
        return [], None
    if item.sound == "silence":
        return ["-f", "lavfi", "-t", str(item.seconds), "-i", "anullsrc=r=48000:cl=stereo"], "[0:a]anull[a]"
    music.tune(f"{tmp}/tune.wav", **item.tune)
    inputs, graph = ["-stream_loop", "-1", "-i", f"{tmp}/tune.wav"], "[0:a]aresample=48000,aecho=0.8:0.5:90|170:0.25|0.15"
    spoken = []
    for at, sentence in item.speech if shutil.which("espeak-ng") else ():
        path = f"{tmp}/voice{at}.wav"
        subprocess.run(["espeak-ng", "-v", "en-gb", "-s", "138", "-p", "38", "-w", path, sentence], check=True)
        spoken.append((at, len(inputs[::2]) // 2 + len(spoken)))
        inputs += ["-i", path]
    if spoken:
        graph += ",volume=0.45[m]"
        for i, (at, _) in enumerate(spoken):
            graph += f";[{i + 1}:a]aresample=48000,aformat=channel_layouts=stereo,volume=1.5,adelay={at * 1000}:all=1[s{i}]"
        graph += ";[m]" + "".join(f"[s{i}]" for i in range(len(spoken))) + f"amix=inputs={len(spoken) + 1}:normalize=0:duration=first"
    if item.sound == "5.1":
        graph += (",pan=5.1|FL=0.9*FL|FR=0.9*FR|FC=0.35*FL+0.35*FR|LFE=0.25*FL+0.25*FR|BL=0.5*FL-0.3*FR|BR=0.5*FR-0.3*FL")
    last = item.seconds
    return inputs, graph + f",afade=t=in:d=0.05,afade=t=out:st={last - min(2, last / 8)}:d={min(2, last / 8)},apad[a]"


def picture(item, tmp):
    width, height = item.size
    if item.interlaced:  # drawn at twice the rate, then woven; 16:9 in 720x576
        graph = item.scene(1024, 576, 50, item.seconds, tmp)
        ending = f"{words(item, tmp)},scale=720:576:flags=fast_bilinear,setsar=64/45,tinterlace=interleave_top,fieldorder=tff,setfield=tff"
    else:
        graph = item.scene(width, height, item.fps, item.seconds, tmp)
        ending = f"{words(item, tmp)},setsar=1"
    fade = min(1, item.seconds / 8)
    return (graph.rsplit("[v]", 1)[0] + f"[pic];[pic]{ending.split(',setsar')[0]},"
            f"fade=t=in:d={fade / 2},fade=t=out:st={item.seconds - fade}:d={fade},setsar{ending.split(',setsar')[1]},format=yuv420p[v]")


def metadata(item, tmp):
    lines = [";FFMETADATA1", f"title={item.title if item.line.find('E0') < 0 else item.line.split('  ')[1]}"]
    starts = [s for s, _ in item.chapters] + [item.seconds]
    for i, (start, title) in enumerate(item.chapters):
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start * 1000}", f"END={starts[i + 1] * 1000}", f"title={title}"]
    with open(f"{tmp}/meta.txt", "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    return ["-f", "ffmetadata", "-i", f"{tmp}/meta.txt"]


def overstate(path, factor):
    """A Matroska file that claims to be longer than it is: the Duration of its Segment Info is raised."""
    with open(path, "r+b") as f:
        head = f.read(65536)
        at = head.find(b"\x44\x89\x88")
        if at < 0:
            raise RuntimeError(f"{path}: no Duration to change")
        value, = struct.unpack(">d", head[at + 3:at + 11])
        f.seek(at + 3)
        f.write(struct.pack(">d", value * factor))


def make(item, folder):
    final = os.path.join(folder, item.path)
    os.makedirs(os.path.dirname(final), exist_ok=True)
    part = os.path.join(os.path.dirname(final), f".part-{os.getpid()}-" + os.path.basename(final))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="matinee-demo-") as tmp:
        inputs, audio = sounds(item, tmp)
        graph = picture(item, tmp) + (";" + audio if audio else "")
        count = sum(a == "-i" for a in inputs)
        rate = ["-flags", "+ildct+ilme", "-top", "1"] if item.interlaced else []
        command = (["ffmpeg", "-v", "error", "-nostdin", "-y", "-filter_complex_threads", "1"] + inputs + metadata(item, tmp)
                   + ["-filter_complex", graph, "-map", "[v]"] + (["-map", "[a]"] if audio else [])
                   + ["-map_metadata", str(count), "-map_chapters", str(count) if item.chapters else "-1"]
                   + item.video + rate + (item.audio or []) + ["-threads", "2", "-t", str(item.seconds)]
                   + (["-ac", "6"] if item.sound == "5.1" else []) + [part])
        try:
            subprocess.run(command, check=True)
            if item.claims:
                overstate(part, item.claims)
            os.rename(part, final)
        finally:
            if os.path.exists(part):
                os.unlink(part)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder")
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    folder = os.path.abspath(args.folder)
    wanted = [i for i in items() if args.only.lower() in i.path.lower()]
    if args.list:
        print("\n".join(i.path for i in wanted))
        return 0
    todo = [i for i in wanted if not os.path.exists(os.path.join(folder, i.path))]
    if not todo:
        return 0
    if not shutil.which("ffmpeg"):
        sys.exit("demo: ffmpeg not found; install it, or give a library of your own with LIBRARY=DIR")
    if not shutil.which("espeak-ng"):
        print("demo: espeak-ng not found; the demo will have music only", flush=True)
    print(f"demo: making {len(todo)} items in {folder} (once; about a minute)", flush=True)
    todo.sort(key=lambda i: -i.size[0] * i.size[1] * i.seconds * scenes.fps_value(i.fps))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
        runs = {pool.submit(make, item, folder): item for item in todo}
        for done, run in enumerate(concurrent.futures.as_completed(runs), 1):
            item = runs[run]
            try:
                print(f"  {done:2}/{len(todo)}  {item.path}  ({run.result():.0f} s)", flush=True)
            except (subprocess.CalledProcessError, OSError, RuntimeError) as problem:
                failed += 1
                print(f"  {done:2}/{len(todo)}  {item.path}: {problem}", file=sys.stderr, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
