"""Real clients that watch a URL for some seconds, and what each complained of.

Each function returns a Watched: `problems` (lines, empty is well) and `facts`. Logs are scanned for the words that a
client uses when a stream is wrong; what it says of its own machine (no display, no sound card) is not counted.
Not here: the server (harness.py), reading the stream itself (ts.py)."""
import json, os, pathlib, re, shutil, signal, subprocess, tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent

WRONG = re.compile(r"discontinu|non.?monoton|timestamp|corrupt|invalid|TS duplicate|too late|late picture|picture is too late|"
                   r"underrun|reset|desync|error|failed|dropping|dropped|skipping|missing|broken|garbage|concealing|PES packet", re.I)


# What a client also says when the machine has no time for it.
SLOW = re.compile(r"underrun|too late|\d+ stalls|frames dropped", re.I)


class Watched:
    def __init__(self, client):
        self.client, self.problems, self.facts = client, [], {}

    def only_slow(self):
        """It complained, and of nothing that a machine with too much to do would not explain."""
        return bool(self.problems) and all(SLOW.search(p) for p in self.problems)

    def __repr__(self):
        return f"{self.client}: {self.facts} {self.problems[:8]}"


def have(name):
    return shutil.which(name) is not None


def run_for(command, seconds, env=None, as_nobody=False):
    """Runs until it ends or `seconds` have passed, then asks it to stop. (ended by itself, all it printed)."""
    more = {}
    if as_nobody and os.getuid() == 0:
        more = {"user": 65534, "group": 65534, "extra_groups": []}
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env={**os.environ, **(env or {})}, start_new_session=True, **more)
    try:
        text, _ = process.communicate(timeout=seconds)
        return True, text.decode("utf-8", "replace")
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        try:
            text, _ = process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            text, _ = process.communicate()
        return False, text.decode("utf-8", "replace")


def ffmpeg(url, seconds, options=(), slowest=None):
    """Decodes as fast as it comes; must not say a word, and frames must come in order, without a hole. Where rates differ: `slowest`
    pictures a second."""
    seen = Watched("ffmpeg")
    ended, text = run_for(["ffmpeg", "-nostdin", "-hide_banner", "-v", "warning", *options, "-i", url, "-t", str(seconds),
                           "-map", "0:v:0", "-map", "0:a:0", "-fps_mode", "passthrough", *(["-enc_time_base:v", "1:90000"] if slowest else []), "-f", "framecrc", "-"], seconds + 45)
    stamps = {"0": [], "1": []}
    rate = {}
    for line in text.split("\n"):
        if m := re.match(r"#tb (\d): (\d+)/(\d+)", line):
            rate[m[1]] = int(m[2]) / int(m[3])
        elif m := re.match(r"([01]), +(-?\d+), +(-?\d+), +(\d+), +\d+, 0x", line):
            stamps[m[1]].append((int(m[3]), int(m[4])))
        elif line and not line.startswith("#"):
            seen.problems.append(line)
    if not ended:
        seen.problems.append(f"did not come to its end in {seconds + 45} s")
    for stream, name in (("0", "video"), ("1", "audio")):
        rows = stamps[stream]
        seen.facts[name + "_frames"] = len(rows)
        if not rows:
            seen.problems.append(f"no {name}")
            continue
        steps = [(b[0] - a[0]) * rate.get(stream, 1 / 90000) for a, b in zip(rows, rows[1:])]
        usual = sorted(steps)[len(steps) // 2] if steps else 0
        usual = 1 / slowest if slowest and name == "video" else usual
        seen.facts[name + "_largest_step"] = round(max(steps, default=0), 5)
        seen.facts[name + "_least_step"] = round(min(steps, default=0), 5)
        if min(steps, default=1) <= 0:
            seen.problems.append(f"{name}: a frame's time goes back or stands still")
        limit = 1.5 * usual if name == "video" else 2 * 1024 / 48000 + 1e-4
        if max(steps, default=0) > limit:
            seen.problems.append(f"{name}: a hole of {max(steps):.4f} s")
    return seen


def scan(seen, lines, harmless):
    for line in lines:
        if WRONG.search(line) and not any(h in line for h in harmless):
            seen.problems.append(line.strip()[:300])


def mpv(url, seconds):
    seen = Watched("mpv")
    with tempfile.TemporaryDirectory(prefix="matinee-mpv.") as tmp:
        log = f"{tmp}/log"
        run_for(["mpv", "--no-config", "--vo=null", "--ao=null", "--msg-level=all=v", "--no-terminal", "--load-scripts=no", "--ytdl=no",
                 f"--log-file={log}", url], seconds, env={"HOME": tmp})
        text = pathlib.Path(log).read_text(errors="replace") if os.path.exists(log) else ""
    if "starting video playback" not in text and "playback restart complete" not in text:
        seen.problems.append("never began to play")
    if re.search(r"Exiting\.\.\. \((End of file|Errors|Some errors)", text):
        seen.problems.append("stopped by itself")
    lines = [l for l in text.split("\n") if not re.search(r"\[v\]\[(cplayer|global|cache|stats|input|osd/libass)\]", l) or "reset" not in l.lower()]
    scan(seen, lines, ("--msg-level", "Set property", "Setting option", "reset playback", "input.conf", "Opening failed or was aborted: /",
                       "x11", "wayland", "Reset playback", "audio ready", "playback restart", "error=0", "Failed to open /etc", "Failed to open"
                       " config", "Could not find", "EOF reached", "DR failed", "...failed..", "icc", "lavc_conv", "mpv/fonts", "No such file or directory: /", "vaapi", "vdpau", "drm", "Loading hwdec", "reset_idle"))
    seen.facts["underruns"] = len(re.findall(r"underrun", text))
    return seen


def vlc(url, seconds):
    seen = Watched("vlc")
    tmp = tempfile.mkdtemp(prefix="matinee-vlc.")
    os.chmod(tmp, 0o777)
    try:
        _, text = run_for(["cvlc", "-I", "dummy", "--vout", "dummy", "--aout", "dummy", "-vv", "--no-color", "--no-lua", "--no-one-instance",
                           "--no-metadata-network-access", "--no-stats", url], seconds, env={"HOME": tmp, "XDG_RUNTIME_DIR": tmp}, as_nobody=True)
    finally:
        shutil.rmtree(tmp, ignore_errors=True)
    if "Stream buffering done" not in text and "Decoder wait done" not in text:
        seen.problems.append("never began to play: " + text[-300:])
    lines = text.split("\n")
    for end, line in enumerate(lines):
        if "signal received" in line or "exiting" in line.lower() or "deactivating the playlist" in line or "decode_slice_header error" in line:
            lines = lines[:end]
            break
    late = [l for l in lines if "picture is too late" in l or "might be displayed late" in l]
    seen.facts["late"] = len([l for l in late if "too late" in l])
    if seen.facts["late"] > 5:
        seen.problems.append(f"{seen.facts['late']} pictures too late: {late[-1]}")
    lines = [l for l in lines if l not in late]
    scan(seen, lines, ("attachment of directory-extractor", "dbus", "plug-ins cache", "cache plugins", "plugins.dat", "module matching", "no art", "lua", "xcb", "setlocale", "ALSA",
                                  "pulse", "libva", "vdpau", "va error", "hw decoder", "inhibit", "globalhotkeys", "meta", "access_output",
                                  "no suitable", "probe", "Failed to open VDPAU", "configured with", "configure --", "keystore", "option",
                                  "Reset and start", "reset_", "looking for", "trying", "VoutDisplayEvent", "window", "drawable", "screen",
                                  "glx", "egl", "waiting decoder fifos", "dummy", "EOF", "decoder fifo"))
    return seen


HLS_MODULES = ("web/node_modules", "tests/e2e/node_modules")


def hls_js_at():
    """The folder of node modules that has hls.js and playwright-core; None when there is none."""
    for folder in HLS_MODULES:
        if (TOP / folder / "hls.js").is_dir() and (TOP / folder / "playwright-core").is_dir():
            return TOP / folder
    return None


def hls_js(url, seconds):
    """hls.js in headless Chromium: stalls, dropped frames, errors, first picture."""
    seen = Watched("hls.js")
    _, text = run_for(["node", str(HERE / "watch.mjs"), str(hls_js_at()), url, str(seconds)], seconds + 60)
    try:
        facts = json.loads(text.strip().split("\n")[-1])
    except ValueError:
        seen.problems.append("the browser said: " + text[-600:])
        return seen
    seen.facts = {k: facts[k] for k in ("first_picture_ms", "played_s", "stalls", "frames", "dropped", "errors", "gaps")}
    # Before the first picture it goes from 0 to the live edge by itself and says so when a segment comes before its own seek.
    seen.problems += [f"error: {e}" for e in facts["errors"] if not e.startswith("bufferSeekOverHole: fragment loaded with buffer holes, seeking from 0 to ")]
    if facts["first_picture_ms"] is None:
        seen.problems.append("never began to play")
    if facts["stalls"]:
        seen.problems.append(f"{len(facts['stalls'])} stalls: {facts['stalls'][:5]}")
    if facts["gaps"] > 0:
        seen.problems.append(f"{facts['gaps'] + 1} buffered stretches where one is due")
    if facts["frames"] and facts["dropped"] > facts["frames"] * 0.01:
        seen.problems.append(f"{facts['dropped']} of {facts['frames']} frames dropped")
    return seen
