"""Organising and taking it back beside what a careful script does: mkdir, rename(2), and fsync of both folders, file by file. Steps a
second, the plan left out: it is made by a dry run, whose time is taken off. Nothing is deleted until all is
measured: for minutes after, ext4 without a journal looks at each inode that was freed when a folder is made, whoever makes it."""
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
    ours, back, peer, done = [], [], [], []
    for i in range(runs):
        server, root, other = harness.Server(), pathlib.Path(tmp) / f"organize {i}", pathlib.Path(tmp) / f"by hand {i}"
        make_tree(other)
        os.sync()
        peer.append(by_hand(other))
        make_tree(root)
        server.cli("root", "add", root, "--kind", "movies")
        server.cli("scan", timeout=3600)
        asked = ["organize", "--preset", "plex"]
        os.sync()
        plan = timed(matinee(server, *asked, "--dry-run"), env=server.env)[0]
        whole = timed(matinee(server, *asked, "--yes"), env=server.env)[0]
        assert not (root / "in").exists() and len(list(root.iterdir())) == FILES
        ours.append(FILES / max(whole - plan, 0.001))
        done.append((server, root, other))
    for server, root, other in done:
        back.append(FILES / timed(matinee(server, "undo"), env=server.env)[0])
        assert len(list((root / "in").iterdir())) == FILES
    for server, root, other in done:
        server.close()
        shutil.rmtree(root)
        shutil.rmtree(other)
    bar = (">= 2 x rename and fsync", lambda v, r: r >= 2)
    row(f"organize {FILES:,} films into folders", ours, peer, "steps/s", bar, "a folder for each: journal, identity, rows of the library", better="more")
    row("undo of it", back, peer, "steps/s", bar, better="more")
