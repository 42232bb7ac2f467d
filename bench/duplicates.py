"""Duplicates beside jdupes and rmlint, on one generated tree: seconds, and bytes read (rchar of the process and its children).

The tree has pairs of equal files, equal sizes with unlike contents, files that differ in one byte in the middle, hard links, and files
that are alone. The library is scanned before, as it always is; hashes are forgotten before each run of ours, so that each run reads
what it needs: all of them, those of samples, too, which a scan makes; "sampled" keeps these, as it is with a library. "cold": the pages of the tree are dropped before each run, so that the disk is read, as it is with libraries that are larger
than memory; "warm": all of it is in memory, where starting processes is what counts. "again": the hashes are known."""
import os, pathlib, random, shutil, sqlite3, subprocess, time

import harness

SIZE_MB = 1500


def make_tree(root, megabytes=SIZE_MB):
    rng = random.Random(11)
    made, number = 0, 0

    def write(data):
        nonlocal made, number
        path = root / f"folder {number // 40}" / f"Film {number} ({1900 + number % 120}).mkv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_600_000_000, 1_600_000_000))
        made, number = made + len(data), number + 1
        return path

    while made < megabytes << 20:
        size = rng.choice((50_000, 900_000, 8_000_000, 25_000_000))
        data = rng.randbytes(size)
        kind = rng.random()
        path = write(data)
        if kind < 0.25:
            write(data)
        elif kind < 0.45:
            write(rng.randbytes(size))
        elif kind < 0.5:
            other = bytearray(data)
            other[size // 3] ^= 1
            write(bytes(other))
        elif kind < 0.55:
            os.link(path, path.with_name(f"linked {path.name}"))


def counted(command, env=None):
    """(seconds, bytes that it and its children read, what it said)"""
    out = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=env)
    start = time.monotonic()
    said = out.stdout.read()
    os.waitid(os.P_PID, out.pid, os.WEXITED | os.WNOWAIT)
    seconds = time.monotonic() - start
    lines = dict(line.split(": ") for line in pathlib.Path(f"/proc/{out.pid}/io").read_text().splitlines())
    out.wait()
    return seconds, int(lines["rchar"]), said


def evict(root):
    """Drops what the system keeps of the tree in memory."""
    for path in root.rglob("*.mkv"):
        fd = os.open(path, os.O_RDONLY)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def measure(tmp, runs, row, skipped):
    root, server = pathlib.Path(tmp) / "copies", harness.Server()
    make_tree(root)
    server.cli("root", "add", root)
    server.cli("scan", timeout=3600)
    ours = [harness.MATINEE, "--data", str(server.data), "--quiet", "duplicates", "--by", "full", "--json"]
    peers = {"jdupes": ["jdupes", "-r", "-q", str(root)],
             "rmlint": ["rmlint", "-T", "df", "-o", "json:stdout", "-c", "sh:handler=clone", str(root)]}
    have = {name: command for name, command in peers.items() if shutil.which(name)}
    os.sync()
    for state in ("cold", "sampled, cold", "warm"):
        seconds, read = [], []
        peer_seconds, peer_read = {name: [] for name in have}, {name: [] for name in have}
        for _ in range(runs):
            for name, command in have.items():
                if "cold" in state:
                    evict(root)
                s, b, _ = counted(command, env={**server.env, "PWD": tmp})
                peer_seconds[name].append(s)
                peer_read[name].append(b)
            with sqlite3.connect(server.data / "matinee.db") as db:
                db.execute("UPDATE files SET full_hash = NULL" if "sampled" in state else "UPDATE files SET sample_hash = NULL, full_hash = NULL")
            if "cold" in state:
                evict(root)
            s, b, _ = counted(ours, env=server.env)
            seconds.append(s)
            read.append(b)
        for name in have:
            bar = ("<= 1 x jdupes", (lambda v, r: r <= 1) if name == "jdupes" else None)
            row(f"duplicates, {state}, {name}", seconds, peer_seconds[name], "s", bar)
            if state == "cold":
                row(f"duplicates, bytes read, {name}", [b / 1e6 for b in read], [b / 1e6 for b in peer_read[name]], "MB", bar)
    for name in peers:
        if name not in have:
            skipped(f"duplicates beside {name}", f"{name} is not installed")
    row("duplicates again, hashes known", [counted(ours, env=server.env)[0] for _ in range(runs)], None, "s", ("", None))
    server.close()
    shutil.rmtree(root)
