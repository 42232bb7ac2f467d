#!/usr/bin/env python3
"""bench/run.py: Matinee's figures beside those of its peers, as ratios, over several runs.

    --matinee BINARY   (build-bench/matinee)     --runs N   (3)     --only TEXT   figures whose name holds TEXT
    --json FILE        the same as JSON          --files N  (100000) for the scan

The peer runs right before or after ours, so that a busy machine hits both; what is shown is the median of the runs and
the spread (largest over smallest). A peer that is not installed is named and left out. Nothing is downloaded."""
import argparse, concurrent.futures, importlib, importlib.util, json, os, pathlib, resource, shutil, statistics, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent
sys.path.insert(0, str(TOP / "tests" / "e2e"))
import harness  # the same server and small library as the end-to-end tests use

ROWS = []


def row(name, ours, peer, unit, bar, note="", better="less"):
    """Values of all runs; peer None when there is none. `bar` is a text and a test of (ours, ratio)."""
    mine, theirs = statistics.median(ours), statistics.median(peer) if peer else None
    ratio = mine / theirs if theirs else None
    text, test = bar
    spread = max(ours) / min(ours) if min(ours) > 0 else float("inf")
    ROWS.append({"figure": name, "ours": mine, "peer": theirs, "unit": unit, "ratio": ratio, "spread": spread, "bar": text,
                 "met": None if test is None else bool(test(mine, ratio)), "note": note, "runs": ours, "peer_runs": peer})
    print_row(ROWS[-1])


def print_row(r):
    show = lambda v: "-" if v is None else f"{v:,.4g}" if abs(v) < 1000 else f"{v:,.0f}"
    met = {True: "met", False: "MISSED", None: ""}[r["met"]]
    print(f"{r['figure']:<34}{show(r['ours']):>11}{show(r['peer']):>11} {r['unit']:<9}{show(r['ratio']):>8}  x{r['spread']:<6.2f}{r['bar']:<26}{met:<8}{r['note']}",
          flush=True)


def skipped(name, why):
    print(f"{name:<34}not measured: {why}", flush=True)


def timed(command, **kw):
    """(wall seconds, CPU seconds of it and its children)."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=kw.pop("stdin", subprocess.DEVNULL), **kw)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - start, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def tool(tmp, name, *libraries):
    """Compiles one of the small C programs here."""
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", *libraries], capture_output=True, text=True, check=True).stdout.split() if libraries else []
    subprocess.run(["gcc", "-O2", "-D_GNU_SOURCE", "-o", f"{tmp}/{name}", str(HERE / f"{name}.c"), *flags], check=True)
    return f"{tmp}/{name}"


def matinee(server, *args):
    return [harness.MATINEE, "--data", str(server.data), "--quiet", *map(str, args)]


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
        if importlib.util.find_spec("guessit"):
            from guessit import guessit
            start = time.monotonic()
            for line in lines[:200]:
                guessit(line)
            peer.append((time.monotonic() - start) / 200 * 1e6)
    row("parse a name", ours, peer or None, "us", (">= 500 x guessit", (lambda v, r: r <= 1 / 500) if peer else None), "" if peer else "guessit is not installed")


def prepared_cpu(server, segments):
    """CPU seconds of the server's workers from now until so many segments lie in the cache, and they rest."""
    have, used, end, ticks = 0, {}, time.monotonic() + 180, os.sysconf("SC_CLK_TCK")
    while have < segments and time.monotonic() < end:
        for pid in server.children():
            try:
                used[pid] = sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])) / ticks
            except OSError:
                continue
        have = sum(1 for f in (server.data / "cache").rglob("*.ts"))
        time.sleep(0.05)
    if have < segments:
        raise RuntimeError(f"only {have} of {segments} segments were prepared in 180 s")
    return sum(used.values())


def encode(tmp, runs):
    film = pathlib.Path(tmp) / "encode" / "Film (2000).mp4"
    film.parent.mkdir()
    harness.ffmpeg(film, "mandelbrot=s=1920x1080:r=25:maxiter=60", "sine=440:r=48000", 40, harness.V + " -c:a aac -ac 2")
    ours, peer = [], []
    for _ in range(runs):
        command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "2", "-i", str(film), "-vf", "scale=1280:720:flags=bicubic,format=yuv420p", "-r", "25",
                   "-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-maxrate", "4500k", "-bufsize", "4500k", "-bf", "1", "-threads", "2",
                   "-force_key_frames", "expr:gte(t,n_forced*2)", "-x264-params", "b-pyramid=none:open-gop=0", "-c:a", "aac", "-b:a", "160k", "-ac", "2",
                   "-f", "mpegts", f"{tmp}/peer.ts"]
        peer.append(timed(command)[1])
        server = harness.Server()
        server.cli("root", "add", film.parent, "--kind", "movies")
        server.cli("scan")
        server.start()
        server.add_channel(1, "Film", "--kind", "movie", "--order", "loop", "--profile", "720p", "--prepare", "always")
        ours.append(prepared_cpu(server, 20))
        server.close()
    row("encode 40 s of 1080p to 720p, CPU", ours, peer, "s", ("<= 1.05 x ffmpeg", lambda v, r: r <= 1.05))
    return film


def nginx(tmp, folder):
    """A static server over a folder; (process, port)."""
    port = harness.free_port()
    conf = pathlib.Path(tmp) / "nginx.conf"
    conf.write_text(f"""worker_processes 2; daemon off; pid {tmp}/nginx.pid; error_log {tmp}/nginx.log;
events {{ worker_connections 1024; }}
http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; client_body_temp_path {tmp}/b; proxy_temp_path {tmp}/p;
fastcgi_temp_path {tmp}/f; uwsgi_temp_path {tmp}/u; scgi_temp_path {tmp}/s; open_file_cache max=1000; types {{ video/mp2t ts; }}
server {{ listen 127.0.0.1:{port}; root {folder}; }} }}""")
    user = {"user": 0} if os.getuid() == 0 else {}
    process = subprocess.Popen(["nginx", "-c", str(conf), "-p", str(tmp), "-e", f"{tmp}/nginx.log"] + (["-g", "user root;"] if os.getuid() == 0 else []),
                               stderr=subprocess.DEVNULL, **user)
    time.sleep(0.5)
    return process, port


def serving(tmp, runs):
    """Segments and playlists to many viewers, beside nginx with the same bytes as files."""
    binary, server = shutil.which("nginx") or "/usr/sbin/nginx", harness.house()
    server.wait_for(1)
    load = tool(tmp, "load")
    ask = lambda port, connections, seconds, paths: list(map(float, subprocess.run(
        [load, str(port), str(connections), str(seconds), *paths], capture_output=True, text=True, check=True).stdout.split()))
    playlist = server.playlist(1)
    paths = [row[0] for row in playlist.segments.values()]
    folder = pathlib.Path(tmp) / "static"
    for path in paths:
        (folder / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        (folder / path.lstrip("/")).write_bytes(server.get(path))
    (folder / "live.m3u8").write_text(playlist.text)
    peer = nginx(tmp, folder) if os.path.exists(binary) else None
    try:
        ours, theirs, gigabytes = [], [], []
        for _ in range(runs):
            if peer:
                theirs.append((lambda a: a[0] / a[2])(ask(peer[1], 32, 3, paths)))
            answer = ask(server.port, 32, 3, paths)
            ours.append(answer[0] / answer[2])
            gigabytes.append(answer[1] / answer[2] / 1e9)
        row("segments served", ours, theirs or None, "/s", (">= 0.5 x nginx", (lambda v, r: r >= 0.5) if theirs else None),
            f"{statistics.median(gigabytes):.2f} GB/s" + ("" if theirs else "; nginx is not installed"))
        ours, theirs, rate = [], [], []
        for _ in range(runs):
            if peer:
                theirs.append(ask(peer[1], 1, 2, ["/live.m3u8"])[3])
            ours.append(ask(server.port, 1, 2, ["/channel/1.m3u8"])[3])
            answer = ask(server.port, 32, 2, ["/channel/1.m3u8"])
            rate.append(answer[0] / answer[2])
        row("a live playlist, round trip", ours, theirs or None, "us", ("server under 100 us", lambda v, r: v < 100),
            f"median of whole round trips, client and loopback included; peer: a file; {statistics.median(rate):,.0f}/s")
    finally:
        if peer:
            peer[0].terminate()
            peer[0].wait()


def first_segment(server, number):
    """Seconds from asking for the playlist to the last byte of the segment a player would begin with."""
    start = time.monotonic()
    playlist = server.playlist(number)
    server.segment(playlist, max(playlist.sequence, playlist.last - 2))
    return time.monotonic() - start


def first_picture(tmp, runs, film):
    prepared, cold = [], []
    for _ in range(runs):
        server = harness.Server().start()
        server.furnish_one(film.parent)
        server.add_channel(1, "Film", "--kind", "movie", "--order", "loop", "--profile", "720p", "--prepare", "never")
        time.sleep(16)
        for _ in range(100):
            if server.request("/channel/1.m3u8")[0] == 200:
                break
            time.sleep(0.1)
        server.stop()
        shutil.rmtree(server.data / "cache", ignore_errors=True)
        server.start()
        cold.append(first_segment(server, 1))
        time.sleep(4)
        prepared.append(first_segment(server, 1))
        server.close()
    row("first picture, prepared", prepared, None, "s", ("< 0.3 s", lambda v, r: v < 0.3))
    row("first picture, cold, 1080p source", cold, None, "s", ("< 2 s", lambda v, r: v < 2))


def idle(tmp, runs):
    root, server = pathlib.Path(tmp) / "idle", harness.Server()
    root.mkdir()
    for i in range(10000):
        (root / f"Film {i} ({1950 + i % 70}).mkv").touch()
    server.cli("root", "add", root, "--kind", "movies")
    server.cli("scan", timeout=900)
    memory, cpu = [], []
    ticks = os.sysconf("SC_CLK_TCK")
    used = lambda pid: sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])) / ticks
    for _ in range(runs):
        server.start()
        time.sleep(10)
        pid = server.process.pid
        before = used(pid)
        time.sleep(10)
        cpu.append((used(pid) - before) / 10 * 100)
        memory.append(int(next(l for l in open(f"/proc/{pid}/status") if l.startswith("VmRSS")).split()[1]) / 1024)
        server.stop()
    row("idle, 10,000 items: memory", memory, None, "MB", ("< 40 MB", lambda v, r: v < 40))
    row("idle, 10,000 items: CPU", cpu, None, "% of one", ("< 0.5 %", lambda v, r: v < 0.5))
    server.close()


def cpu_of(server):
    """CPU seconds of a server and its workers, those that have ended included."""
    ticks, used = os.sysconf("SC_CLK_TCK"), 0
    for pid, fields in [(pid, slice(11, 13)) for pid in server.children()] + [(server.process.pid, slice(11, 15))]:
        try:
            used += sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[fields])) / ticks
        except OSError:
            pass
    return used


def thousand(tmp, runs):
    """1,000 channels that loop one film, their rows built and their segments prepared; then nobody watches."""
    film, server = pathlib.Path(tmp) / "thousand" / "Film (2000).mp4", harness.Server()
    film.parent.mkdir()
    harness.ffmpeg(film, "color=navy:s=640x360:r=24", "anullsrc=r=48000:cl=stereo", 600, harness.V + " -c:a aac")
    server.start().furnish_one(film.parent)
    for number in range(1, 1001):
        body = {"name": f"Channel {number}", "number": number, "profile": "480p", "prepare": "always",
                "schedule": {"query": {"kind": "movie"}, "order": "loop"}}
        status, _, answer = server.request("/api/channels", "POST", {"Content-Type": "application/json"}, json.dumps(body).encode())
        if status not in (200, 201):
            raise RuntimeError(f"channel {number}: {status} {answer[:150]}")
    everyone = lambda: cpu_of(server)
    begun, calm = time.monotonic(), 0
    while calm < 2:
        before = everyone()
        time.sleep(8)
        calm = calm + 1 if everyone() - before < 0.8 else 0
        if time.monotonic() - begun > 400:
            raise RuntimeError("the channels were not built and prepared in 400 s")
    built, cpu = time.monotonic() - begun - 16, []
    for _ in range(runs):
        before = everyone()
        time.sleep(30)
        cpu.append((everyone() - before) / 30 * 100)
    row("1,000 channels, nobody watching", cpu, None, "% of one", ("< 2 %", lambda v, r: v < 2), f"three days built, one film prepared in {built:.0f} s")
    server.close()
    shutil.rmtree(film.parent)


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
    server.close()
    shutil.rmtree(root)


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
        made = {}

        def film():
            if "film" not in made:
                path = pathlib.Path(tmp) / "first" / "Film (2000).mp4"
                path.parent.mkdir(exist_ok=True)
                harness.ffmpeg(path, "mandelbrot=s=1920x1080:r=25:maxiter=60", "sine=440:r=48000", 40, harness.V + " -c:a aac -ac 2")
                made["film"] = path
            return made["film"]

        for name, measure in (("scan", lambda: scan(tmp, args.runs, args.files)), ("duplicates", lambda: importlib.import_module("duplicates").measure(tmp, args.runs, row, skipped)), ("probe", lambda: probe(tmp, args.runs)), ("names", lambda: names(tmp, args.runs)),
                              ("encode", lambda: encode(tmp, args.runs)), ("serving", lambda: serving(tmp, args.runs)),
                              ("first picture", lambda: first_picture(tmp, args.runs, film())), ("idle", lambda: idle(tmp, args.runs)), ("search", lambda: search(tmp, args.runs, args.files)),
                              ("thousand channels", lambda: thousand(tmp, args.runs))):
            if args.only.lower() not in name:
                continue
            try:
                measure()
            except (AssertionError, subprocess.CalledProcessError, OSError, RuntimeError) as problem:
                skipped(name, str(problem).strip().split("\n")[0][:200])
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(ROWS, indent=1) + "\n")
    missed = [r["figure"] for r in ROWS if r["met"] is False]
    print(f"\n{len(ROWS)} figures, {len(missed)} under their bar" + (": " + "; ".join(missed) if missed else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
