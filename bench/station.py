"""The figures of the station: encoding, serving, first picture, many channels, many viewers."""
import concurrent.futures, json, os, pathlib, shutil, statistics, subprocess, sys, threading, time

from report import TOP, harness, row, skipped, timed, tool

BUILT_IN_S = 400  # what is waited for at most
CALM_IN_S = 240


def bound(what, seconds, ready, step=0.5):
    """Waits until ready() or says that it did not come to be."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise RuntimeError(f"{what}: not in {seconds} s")
        time.sleep(step)


def film_1080p(tmp):
    """40 s of H.264 in 1080p, made once a run."""
    path = pathlib.Path(tmp) / "film" / "Film (2000).mp4"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        harness.ffmpeg(path, "mandelbrot=s=1920x1080:r=25:maxiter=60", "sine=440:r=48000", 40, harness.V + " -c:a aac -ac 2")
    return path


def encode(tmp, runs):
    """The encoder of the workers, alone, beside the ffmpeg command with equal settings."""
    folder, film = pathlib.Path(harness.MATINEE).parent, film_1080p(tmp)
    if not (folder / "build.ninja").exists():
        return skipped("encode", f"{folder} is no build folder, where bench_encode could be built")
    subprocess.run(["ninja", "-C", str(folder), "bench_bench_encode_c"], check=True, stdout=subprocess.DEVNULL, timeout=600)
    ours, peer = [], []
    for _ in range(runs):
        command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(film), "-vf", "scale=1280:720:flags=bicubic,format=yuv420p", "-r", "25",
                   "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-crf", "23", "-maxrate", "4500k", "-bufsize", "4500k", "-bf", "2",
                   "-threads", "1", "-force_key_frames", "expr:gte(t,n_forced*2)",
                   "-x264-params", "keyint=infinite:min-keyint=100000:b-pyramid=none:open-gop=0:aud=1:force-cfr=1:stitchable=1", "-c:a", "aac", "-b:a", "160k", "-ac", "2",
                   "-f", "mpegts", f"{tmp}/peer.ts"]
        peer.append(timed(command, timeout=300)[1])
        ours.append(timed([str(folder / "bench_bench_encode_c"), str(film), f"{tmp}/ours.ts", "720p", "25"], timeout=300)[1])
    sizes = [os.path.getsize(f"{tmp}/{name}.ts") / 1e6 for name in ("ours", "peer")]
    row("encode 40 s of 1080p to 720p, CPU", ours, peer, "s", ("<= 1.05 x ffmpeg", lambda v, r: r <= 1.05), f"{sizes[0]:.1f} and {sizes[1]:.1f} MB")

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
        [load, str(port), str(connections), str(seconds), *paths], capture_output=True, text=True, check=True, timeout=60).stdout.split()))
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


def first_picture(tmp, runs):
    film = film_1080p(tmp)
    prepared, cold, copied = [], [], []
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
    for _ in range(runs):
        copied.append(first_copy(film))
    row("first picture, copy", copied, None, "s", ("< 0.5 s", lambda v, r: v < 0.5), "nothing prepared; the copy plan is there")


def first_copy(film):
    """A channel that copies pictures, its plan made and nothing of it in the cache."""
    server = harness.Server().start()
    try:
        server.furnish_one(film.parent)
        server.add_channel(1, "Film", "--kind", "movie", "--order", "loop", "--profile", "source", "--prepare", "never")
        end = time.monotonic() + 180  # its plan is made after a while; then the channel begins anew with it
        while "begins anew with its copy plans" not in server.said():
            if time.monotonic() > end:
                raise RuntimeError("no copy plan after 180 s")
            time.sleep(1)
        server.wait_for(1, 3, seconds=60)
        server.stop()
        shutil.rmtree(server.data / "cache", ignore_errors=True)
        server.start()
        return first_segment(server, 1)
    finally:
        server.close()


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


def demo_library(tmp):
    """The library of `make run`: the one that is there, or a new one."""
    if (TOP / "demo" / "Films").is_dir():
        return TOP / "demo"
    folder = pathlib.Path(tmp) / "demo"
    subprocess.run([sys.executable, str(TOP / "tools" / "demo.py"), str(folder)], check=True, stdout=subprocess.DEVNULL, timeout=600)
    return folder


def add_channels(server, numbers, **more):
    for number in numbers:
        body = {"name": f"Channel {number}", "number": number, "profile": "480p", "prepare": "never",
                "schedule": {"query": {}, "order": "shuffle", "spots": False, "bumpers": False}, **more}
        status, _, answer = server.request("/api/channels", "POST", {"Content-Type": "application/json"}, json.dumps(body).encode(), timeout=60)
        if status not in (200, 201):
            raise RuntimeError(f"channel {number}: {status} {answer[:150]}")


def calm(server, what, seconds):
    """Waits until server and workers rest: under 1.5 % of a core, twice in a row."""
    def resting():
        before = cpu_of(server)
        time.sleep(8)
        quiet.append(cpu_of(server) - before < 0.12)
        return quiet[-2:] == [True, True]
    quiet = []
    begun = time.monotonic()
    bound(what, seconds, resting, 0)
    return time.monotonic() - begun - 16


def built(server, what, seconds):
    """Waits until no channel waits for being built; seconds, and CPU seconds of the server alone."""
    ticks, pid, begun = os.sysconf("SC_CLK_TCK"), server.process.pid, time.monotonic()
    used = lambda: sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13])) / ticks
    before = used()
    bound(what, seconds, lambda: json.loads(server.get("/api/status"))["channels"]["building"] == 0, 1)
    return time.monotonic() - begun, used() - before


def memory_of(pid):
    """(all, anonymous) resident MB."""
    lines = dict(l.split(":", 1) for l in open(f"/proc/{pid}/status") if ":" in l)
    return tuple(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon"))


def channels(tmp, runs, count, prepare):
    """So many channels over the demo library, nobody watching; then what starting and a playlist cost."""
    library, server, name = demo_library(tmp), harness.Server(), f"{count:,} channels"
    server.start()
    for kind in ("Films", "Shows", "Commercials", "Bumpers"):
        server.cli("root", "add", library / kind, "--kind", kind.lower().replace("films", "movies"))
    server.cli("scan", timeout=180)
    begun = time.monotonic()
    add_channels(server, range(1, count + 1), prepare=prepare)
    added = time.monotonic() - begun
    (waited, spent), cpu, start, first = built(server, f"{name} built", BUILT_IN_S if count <= 1000 else 2 * BUILT_IN_S), [], [], []
    size = sum(path.stat().st_size for path in pathlib.Path(server.data).glob("matinee.db*")) / 1e6
    row(f"{name}: built", [waited], None, "s", ("< 60 s", lambda v, r: v < 60) if count <= 1000 else ("", None),
        f"after they were added in {added:.1f} s; {spent:.0f} s of CPU; the store has {size:,.0f} MB")
    rested = calm(server, f"{name} measured and prepared", CALM_IN_S)
    for _ in range(runs):
        before = cpu_of(server)
        time.sleep(20)
        cpu.append((cpu_of(server) - before) / 20 * 100)
    memory = memory_of(server.process.pid)
    bars = count <= 1000
    row(f"{name}, nobody watching", cpu, None, "% of one", ("< 2 %", lambda v, r: v < 2) if bars else ("", None), f"at rest {rested:.0f} s after they were built")
    row(f"{name}: memory", [memory[1]], None, "MB", ("< 40 MB", lambda v, r: v < 40) if bars else ("", None), f"without pages of files; {memory[0]:.0f} MB with them")
    for _ in range(runs):
        server.stop()
        begun = time.monotonic()
        server.start()
        start.append(time.monotonic() - begun)
        server.get(f"/channel/{count // 2}.m3u8")
        first.append(time.monotonic() - begun)
    row(f"{name}: start to first playlist", first, None, "s", ("< 2 s", lambda v, r: v < 2) if bars else ("", None), f"first answer after {statistics.median(start):.2f} s")
    load, median, p99 = tool(tmp, "load"), [], []
    paths = [f"/channel/{n}.m3u8" for n in range(1, count + 1)]
    for _ in range(runs):
        answer = list(map(float, subprocess.run([load, str(server.port), "1", "3", *paths], capture_output=True, text=True, check=True, timeout=60).stdout.split()))
        median.append(answer[3])
        p99.append(answer[4])
    row(f"{name}: a playlist", median, None, "us", ("< 100 us", lambda v, r: v < 100) if bars else ("", None), f"each in turn, whole round trips; 99 of 100 under {statistics.median(p99):.0f} us")
    server.close()


def viewers(tmp, runs, hls=500, ts=50, count=100, seconds=25):
    """Many people on prepared channels while a channel that nobody prepared is encoded for one more."""
    server, tool_path = harness.Server().start(), tool(tmp, "viewers")
    show = pathlib.Path(tmp) / "show" / "Season 01"
    show.mkdir(parents=True)
    for i in range(4):  # a minute each: thousands of rows in three days, not a hundred thousand
        harness.ffmpeg(show / f"Show - S01E0{i + 1}.mkv", f"testsrc2=s=640x360:r=25,hue=h={90 * i}", f"sine={330 + 110 * i}:r=48000", 60, harness.V + " -c:a aac -ac 2")
    server.cli("root", "add", show.parent, "--kind", "shows")
    server.furnish_one(film_1080p(tmp).parent)
    add_channels(server, range(1, count + 1), prepare="always", schedule={"query": {"kind": "episode"}, "order": "loop"})
    add_channels(server, [count + 1], profile="720p", schedule={"query": {"kind": "movie", "search": "film"}, "order": "loop"})
    for number in (1, count, count + 1):
        server.wait_for(number, 3, seconds=120)
    calm(server, f"{count} channels prepared", 180)
    stop, live = threading.Event(), {"segments": 0, "late": 0}

    def one_more():
        seen = 0
        while not stop.is_set():
            playlist = server.playlist(count + 1)
            for sequence in sorted(n for n in playlist.segments if n > max(seen, playlist.last - 3)):
                begun, seen = time.monotonic(), sequence
                headers = server.request(playlist.segments[sequence][0])[1]
                live["segments"] += 1
                live["late"] += time.monotonic() - begun > 2 or "no-store" in (headers.get("Cache-Control") or "")
            stop.wait(1)

    late, p99, notes = [], [], []
    person = threading.Thread(target=one_more, daemon=True)
    person.start()
    try:
        for _ in range(runs):
            done = subprocess.run([tool_path, str(server.port), str(count), str(hls), str(ts), str(seconds)], capture_output=True, text=True, timeout=seconds + 60)
            if done.returncode:
                raise RuntimeError(done.stderr.strip() or "viewers failed")
            a = list(map(float, done.stdout.split()))
            late.append(a[3] + a[4] + a[6] + a[7])
            p99.append(a[12] / 1000)
            notes.append(f"{a[1]:,.0f} segments, {(a[2] + a[5]) / seconds / 1e6:.0f} MB/s, playlist p99 {a[9] / 1000:.1f} ms")
    finally:
        stop.set()
        person.join(30)
    row(f"{hls} HLS + {ts} TS viewers: late", [max(late)], None, "segments", ("0, and 0 of the live encode", lambda v, r: v == 0 and live["segments"] > 0 and live["late"] == 0), f"{count} channels; {notes[-1]}; the live encode beside them: {live['late']} of {live['segments']} late")
    row(f"{hls} HLS + {ts} TS viewers: segment", p99, None, "ms, p99", ("", None))
    server.close()


def joins(tmp, runs):
    """Every ordered pair of the demo library's items, each cut to some seconds, through ffmpeg without a word."""
    done = subprocess.run([sys.executable, "-B", str(TOP / "bench" / "joins.py"), "--matinee", harness.MATINEE], capture_output=True, text=True, timeout=900)
    last = (done.stdout.strip().split("\n") or [""])[-1]
    if done.returncode > 1 or not last.startswith("joins:"):
        raise RuntimeError((done.stderr.strip() or last)[-200:])
    row("joins of the demo library: complaints", [float(last.split()[1])], None, "", ("0", lambda v, r: v == 0), last.split("; ", 1)[1])


def loudness(tmp, runs):
    """How far from -23 LUFS the items of the demo library air, each whole: its first airing on a new channel, and a later one."""
    import loudness as aired
    library, folder = demo_library(tmp), pathlib.Path(tmp) / "aired"
    folder.mkdir()
    house = aired.House([(library / k, k.lower().replace("films", "movies")) for k in ("Films", "Shows", "Commercials", "Bumpers")], 1000)
    try:
        house.measured()
        house.later()
        heard = {i: v for i, v in house.airings(folder).items() if None not in v}
    finally:
        house.server.close()
        shutil.rmtree(folder)
    off = [[abs(v[n][0] + 23) for v in heard.values()] for n in (0, 1)]
    worst = house.items[max(heard, key=lambda i: max(abs(v[0] + 23) for v in heard[i]))]["title"]
    row("loudness of the demo as aired", [max(off[0])], None, "LU", ("<= 1 LU off -23 LUFS", lambda v, r: v <= 1 and max(off[1]) <= 1),
        f"first airings of {len(heard)} items; later ones {max(off[1]):.1f}; the worst: {worst}")
