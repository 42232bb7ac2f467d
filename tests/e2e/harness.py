"""What the end-to-end tests share: a small library, a server on a free port over it, playlists as values.

MATINEE names the binary (build/matinee). Servers are ended by their process id and their folders removed. One house
serves all tests of a run (house()); a test that breaks things starts a Server of its own.
Run all: python3 -m unittest discover -s tests/e2e -t tests/e2e"""
import atexit, datetime, fcntl, json, os, pathlib, re, shutil, signal, socket, subprocess, tempfile, time, urllib.error, urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
MATINEE = os.environ.get("MATINEE", str(TOP / "build" / "matinee"))

V = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50"
# name, picture, sound, seconds, encoding: what differs at joins
CLIPS = (
    ("Clips - S01E01 - Plain.mkv", "testsrc2=s=640x360:r=25", "sine=440:r=48000", 2.4, V + " -c:a aac -ac 2"),
    ("Clips - S01E02 - Film.mp4", "mandelbrot=s=854x480:r=24000/1001", "sine=550:r=44100", 3.1, V + " -c:a aac -ac 1"),
    ("Clips - S01E03 - Mute.mov", "rgbtestsrc=s=640x480:r=30", None, 2.0, V),
    ("Clips - S01E04 - Surround.mkv", "testsrc=s=1280x720:r=30000/1001", "sine=330:r=48000", 3.6, V + " -c:a ac3 -ac 6"),
    ("Clips - S01E05 - Old.avi", "smptehdbars=s=640x480:r=25", "sine=660:r=48000", 2.7, "-c:v mpeg4 -q:v 5 -c:a libmp3lame"),
    ("Clips - S01E06 - Woven.ts", "testsrc2=s=720x576:r=50,tinterlace=interleave_top,setfield=tff", "sine=220:r=48000", 2.2,
     "-c:v mpeg2video -b:v 4M -flags +ildct+ilme -top 1 -c:a mp2 -ar 48000"),
    ("Clips - S01E07 - Quick.mp4", "cellauto=s=320x180:r=50", "anullsrc=r=48000:cl=stereo", 2.9, V + " -c:a aac"),
    ("Clips - S01E08 - Short.mkv", "yuvtestsrc=s=426x240:r=60000/1001", "sine=880:r=48000", 1.5, V + " -c:a libopus"),
)
FLASH = ("Flash (2001).mkv", "color=black:s=640x360:r=25,geq=lum='if(lt(mod(T\\,1)-0.5+0.001\\,0.08)*gte(mod(T\\,1)\\,0.499)\\,235\\,16)':cb=128:cr=128",
         "aevalsrc='if(gte(mod(t\\,1)\\,0.5)*lt(mod(t\\,1)\\,0.58)\\,0.8*sin(2*PI*1000*t)\\,0)':s=48000:c=stereo", 12, V + " -c:a flac")


def ffmpeg(path, picture, sound, seconds, encoding):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", picture]
    command += ["-f", "lavfi", "-i", sound] if sound else []
    subprocess.run(command + ["-t", str(seconds)] + encoding.split() + [str(path)], check=True)


def make_library(folder):
    """Clips/ (a show of short ones, all different) and Flash/ (a film of flashes and beeps)."""
    shows, films = folder / "Shows" / "Clips" / "Season 01", folder / "Films"
    shows.mkdir(parents=True)
    films.mkdir()
    for name, *rest in CLIPS:
        ffmpeg(shows / name, *rest)
    ffmpeg(films / FLASH[0], *FLASH[1:])
    return folder


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, test, seconds=60, pause=0.25):
    """The first true value of test(); what: said when there is none in so many seconds, or a function that says it."""
    end = time.monotonic() + seconds
    while not (value := test()):
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds} s: {what() if callable(what) else what}")
        time.sleep(pause)
    return value


class Playlist:
    """A media playlist: sequence numbers with URL, seconds and wall time (ms)."""

    def __init__(self, text):
        self.text, self.segments = text, {}
        self.sequence = int(re.search(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", text)[1])
        self.target = int(re.search(r"#EXT-X-TARGETDURATION:(\d+)", text)[1])
        wall, seconds, number = None, None, self.sequence
        for line in text.split("\n"):
            if line.startswith("#EXT-X-PROGRAM-DATE-TIME:"):
                wall = parse_time(line.split(":", 1)[1])
            elif line.startswith("#EXTINF:"):
                seconds = float(line[8:].split(",")[0])
            elif line and not line.startswith("#"):
                self.segments[number] = (line, seconds, wall)
                number, wall = number + 1, None if wall is None else wall + seconds * 1000
        self.last = number - 1


def parse_time(text):
    return datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00")).timestamp() * 1000


class Server:
    """One `matinee serve` over a data folder of its own (or `data`)."""

    def __init__(self, data=None, env=None, held=False):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e."))
        self.data = pathlib.Path(data) if data else self.home / "data"
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TZ": "UTC", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", **(env or {})}
        self.env.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
        self.process, self.port, self.held = None, free_port(), None
        if held:  # the port is held here, as systemd would: nobody is refused while the server starts again
            self.held = socket.create_server(("127.0.0.1", self.port), backlog=1024)
        atexit.register(self.close)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def cli(self, *args, ok=True, timeout=120, both=False):
        done = subprocess.run([MATINEE, "--data", str(self.data), *map(str, args)], env=self.env, capture_output=True, text=True,
                              errors="replace", timeout=timeout, stdin=subprocess.DEVNULL)
        if ok and done.returncode:
            raise AssertionError(f"matinee {' '.join(map(str, args))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout + (done.stderr if both else "")

    def start(self, env=None):
        """Starts it and waits until it answers."""
        with open(self.home / "serve.log", "ab") as log:
            command = [MATINEE, "--data", str(self.data), "serve", "--listen", f"127.0.0.1:{self.port}"]
            given = ()
            if self.held:
                given = (self.held.fileno(),)
                command = ["bash", "-c", f'exec 3<&{given[0]}; [ {given[0]} = 3 ] || exec {given[0]}<&-; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"', "-", *command]
            self.process = subprocess.Popen(command, env={**self.env, **(env or {})}, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=given)
        end = time.monotonic() + 20
        while True:
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended with {self.process.returncode}: {self.said()[-2000:]}")
            try:
                self.get("/api/status")
                return self
            except OSError:
                if time.monotonic() > end:
                    raise AssertionError(f"no answer after 20 s: {self.said()[-2000:]}")
                time.sleep(0.02)

    def said(self):
        return (self.home / "serve.log").read_text(errors="replace")

    def stop(self, hard=False):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("serve did not end within 20 s of SIGTERM")
        code, self.process = (self.process.returncode if self.process else None), None
        return code

    def close(self):
        try:
            self.stop()
        except AssertionError:
            pass
        if self.held:
            self.held.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def children(self):
        """Process ids of its workers."""
        found = []
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                if int(fields[1]) == self.process.pid:
                    found.append(int(entry))
        return found

    def request(self, path, method="GET", headers=None, body=None, timeout=20):
        """(status, headers, bytes); errors of HTTP are answers too."""
        call = urllib.request.Request(self.url + path if path.startswith("/") else path, method=method, headers=headers or {}, data=body)
        try:
            with urllib.request.urlopen(call, timeout=timeout) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read()

    def get(self, path, timeout=20):
        status, _, body = self.request(path, timeout=timeout)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {body[:300]}")
        return body

    def json(self, path):
        return json.loads(self.get(path))

    def playlist(self, number):
        return Playlist(self.get(f"/channel/{number}.m3u8").decode())

    def segment(self, playlist, sequence):
        line = playlist.segments[sequence][0]
        return self.get(line if line.startswith("/") or "://" in line else "/channel/" + line)

    def wait_for(self, number, segments=6, seconds=60):
        """Waits until a channel's playlist lists so many segments."""
        def enough():
            nonlocal said
            status, _, body = self.request(f"/channel/{number}.m3u8")
            said = f"channel {number} lists {segments} segments: {status} {body[-300:]}"
            playlist = Playlist(body.decode()) if status == 200 else None
            return playlist if playlist and len(playlist.segments) >= segments else None

        said = ""
        return until(lambda: said, enough, seconds)

    def channel_id(self, number):
        answer = self.json("/api/channels")
        rows = answer["items"] if isinstance(answer, dict) else answer
        return next(row["id"] for row in rows if row["number"] == number)

    def add_channel(self, number, name, *options):
        self.cli("channel", "add", name, "--number", number, *options)

    def furnish(self, library):
        """The roots, everything probed."""
        self.cli("root", "add", library / "Shows", "--kind", "shows")
        return self.furnish_one(library / "Films")

    def furnish_one(self, films):
        self.cli("root", "add", films, "--kind", "movies")
        self.cli("scan", timeout=180)
        return self


_shared = {}


def library():
    """The small library, made once a run; in E2E_LIBRARY, where there is one, it is there for all processes of the run."""
    if "library" not in _shared:
        run = os.environ.get("E2E_LIBRARY")
        folder = pathlib.Path(run or tempfile.mkdtemp(prefix="matinee-e2e-library."))
        if not run:
            atexit.register(shutil.rmtree, folder, True)
        with open(folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "made").exists():
                make_library(folder)
                (folder / "made").touch()
        _shared["library"] = folder
    return _shared["library"]


def furnish_house(server):
    """The channels that all tests may watch: 1 the clips in a loop, 2 the clips shuffled, 3 flashes and beeps."""
    server.furnish(library())
    server.add_channel(1, "Loop", "--kind", "show", "--order", "loop", "--profile", "480p", "--prepare", "always")
    server.add_channel(2, "Shuffle", "--kind", "show", "--order", "shuffle", "--profile", "480p")
    server.add_channel(3, "Flash", "--kind", "movie", "--order", "loop", "--profile", "480p")


def house():
    """One server for all tests that break nothing."""
    if "house" not in _shared:
        server = _shared["house"] = Server().start()
        furnish_house(server)
        for number in (1, 2, 3):
            server.wait_for(number, 3, seconds=120)
    return _shared["house"]


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def old_house(seconds):
    """Such a server a day later: in so many seconds the stamps of its channel 1 pass 2^33 and begin again at 0 (as each does, after
    26 h 30 m). Its clock is shifted; it was away for that day, and on the air again for a minute."""
    begun = parse_time("2031-03-01T10:00:00Z")
    server = Server(env={"MATINEE_NOW": iso(begun)}).start()
    furnish_house(server)
    channel = server.channel_id(1)
    rows = lambda at, length: server.json(f"/api/channels/{channel}/timeline?from={iso(at)}&to={iso(at + length)}&limit=1000")["items"]
    first = until("the log begins", lambda: rows(begun - 300000, 600000))[0]
    epoch = parse_time(first["start"]) - first["start_flicks"] / 705600
    now = epoch + (2 ** 33 / 90 - 10000) - seconds * 1000  # stamps begin at 10 s
    for at in (now - 90000, now):
        server.stop()
        server.env["MATINEE_NOW"] = iso(at)
        server.start()
        until("the log goes on", lambda: (last := rows(at, 600000)) and parse_time(last[-1]["end"]) >= at + 590000)
    return server
