"""Organising and taking it back beside what a careful script does: mkdir, rename(2), and fsync of both folders, file by file. Steps a
second, the plan left out: it is made by a dry run, whose time is taken off. ext4 looks for an inode for each new folder past all
that were freed within five seconds, so each side begins on a disk that is at rest."""
import os, pathlib, shutil, time

import harness
from report import matinee, timed

FILES = 2000


def make_tree(root):
    (root / "in").mkdir(parents=True)
    for i in range(FILES):
        path = root / "in" / f"Film Number {i} ({1950 + i % 70}).mkv"
        path.write_bytes(b"film %d" % i)
        os.utime(path, (1_600_000_000, 1_600_000_000))


def sync(folder):
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(fd)
    os.close(fd)


def rest():
    os.sync()
    time.sleep(6)


def by_hand(root):
    """Steps a second."""
    start = time.monotonic()
    for path in sorted((root / "in").iterdir()):
        to = root / path.stem
        to.mkdir()
        sync(root)
        path.rename(to / path.name)
        sync(to)
        sync(path.parent)
    return FILES / (time.monotonic() - start)


def measure(tmp, runs, row):
    ours, back, peer = [], [], []
    for _ in range(runs):
        server, root = harness.Server(), pathlib.Path(tmp) / "organize"
        make_tree(root)
        rest()
        peer.append(by_hand(root))
        shutil.rmtree(root)
        make_tree(root)
        server.cli("root", "add", root, "--kind", "movies")
        server.cli("scan", timeout=3600)
        asked = ["organize", "--preset", "plex"]
        plan = timed(matinee(server, *asked, "--dry-run"), env=server.env)[0]
        rest()
        done = timed(matinee(server, *asked, "--yes"), env=server.env)[0]
        assert not (root / "in").exists() and len(list(root.iterdir())) == FILES
        ours.append(FILES / max(done - plan, 0.001))
        rest()
        back.append(FILES / timed(matinee(server, "undo"), env=server.env)[0])
        assert len(list((root / "in").iterdir())) == FILES
        server.close()
        shutil.rmtree(root)
    bar = (">= 2 x rename and fsync", lambda v, r: r >= 2)
    row(f"organize {FILES:,} films into folders", ours, peer, "steps/s", bar, "a folder for each: journal, identity, rows of the library", better="more")
    row("undo of it", back, peer, "steps/s", bar, better="more")
