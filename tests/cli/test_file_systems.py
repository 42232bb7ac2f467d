"""Organising and scanning on real file systems: ext4, xfs and btrfs in images, mounted in a namespace of this process's own; disks that
are full, that go, that turn read-only in the middle, that come back elsewhere. Needs root; skips with a word where mounts are refused."""
import ctypes, json, os, pathlib, shutil, sqlite3, subprocess, threading, time, unittest, urllib.request

from harness import Case, MATINEE

OLD = 1_600_000_000
CLONE_NEWNS = 0x20000
SIZE_MB = {"ext4": 64, "xfs": 320, "btrfs": 128}


def may_mount():
    """Why not, or None. From here on what this process mounts is seen by it and its children only."""
    if os.geteuid() != 0:
        return "mounting needs root"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        return f"a mount namespace is refused: {os.strerror(ctypes.get_errno())}"
    if subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True).returncode:
        return "mounts cannot be made private"
    return None


def setUpModule():
    why = may_mount()
    if why:
        raise unittest.SkipTest(why)


class Disks(Case):
    def disk(self, kind, name, *options, megabytes=None, where=None):
        """An image with a file system of that kind, mounted at home/name."""
        image = (where or self.home) / f"{name}.img"
        with open(image, "wb") as f:
            f.truncate((megabytes or SIZE_MB[kind]) << 20)
        make = shutil.which(f"mkfs.{kind}", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        if not make:
            self.skipTest(f"mkfs.{kind} is not installed")
        quiet = {"ext4": ["-q", "-F"], "xfs": ["-q"], "btrfs": ["-q"]}[kind]
        subprocess.run([make, *quiet, *options, str(image)], check=True, capture_output=True)
        return self.mount(image, self.home / name)

    def mount(self, image, at, *options):
        at.mkdir(exist_ok=True)
        done = subprocess.run(["mount", "-o", ",".join(("loop", *options)), str(image), str(at)], capture_output=True)
        if done.returncode:
            self.skipTest(f"a loop mount is refused: {done.stderr.decode().strip()}")
        self.addCleanup(self.unmount, at)
        return at

    def unmount(self, at, *how):
        while os.path.ismount(at):
            subprocess.run(["umount", *(how or ["-l"]), str(at)], check=True)

    def put(self, root, name, data=None):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if data is not None else f"content of {name}".encode())
        os.utime(path, (OLD, OLD))
        return path

    def tree(self, *roots):
        return {str(p.relative_to(self.home)): p.read_bytes() for root in roots for p in sorted(root.rglob("*")) if p.is_file()}

    def known(self, *roots):
        for root in roots:
            self.run_matinee("root", "add", str(root), "--kind", "movies")
        self.run_matinee("scan")

    def nothing_is_new(self):
        said = self.json("scan")
        self.assertEqual([said[k] for k in ("added", "moved", "missing", "changed", "vanished")], [0] * 5, said)

    def start(self, *args):
        return subprocess.Popen([MATINEE, *args], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def wait_until(self, condition, process):
        """False when the process ended before."""
        while not condition():
            if process.poll() is not None:
                return False
            time.sleep(0.001)
        return True


class Copies(Disks):
    def test_blocks_are_shared_where_the_file_system_can(self):
        for kind in ("btrfs", "xfs"):
            with self.subTest(kind):
                disk = self.disk(kind, kind)
                film = os.urandom(12 << 20)
                self.put(disk, "in/Heat (1995).mkv", film)
                self.known(disk)
                os.sync()
                free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                self.run_matinee("organize", "--yes", "--preset", "plex", "--action", "reflink")
                os.sync()
                used = free - os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                self.assertEqual((disk / "Heat (1995)/Heat (1995).mkv").read_bytes(), film)
                self.assertLess(used, 6 << 20, "the blocks are the same")
                self.nothing_is_new()
                self.run_matinee("undo")
                self.assertEqual(set(self.tree(disk)), {f"{kind}/in/Heat (1995).mkv"})
                self.nothing_is_new()

    def test_blocks_are_not_shared_in_secret(self):
        """fclones#196: what was asked for is done, or nothing is."""
        disk = self.disk("ext4", "ext4")
        self.put(disk, "in/Heat (1995).mkv")
        self.known(disk)
        done = self.run_matinee("organize", "--yes", "--preset", "plex", "--action", "reflink", code=1)
        self.assertIn(b"cannot share blocks", done.stderr)
        self.assertEqual(set(self.tree(disk)), {"ext4/in/Heat (1995).mkv"})

    def test_from_each_to_each_and_back(self):
        disks = [self.disk(kind, kind) for kind in ("ext4", "xfs", "btrfs")]
        film, sub = os.urandom(3_000_000), b"subtitles"
        self.put(disks[0], "in/Heat (1995).mkv", film)
        self.put(disks[0], "in/Heat (1995).srt", sub)
        self.known(*disks)
        item = self.json("items")["items"][0]["id"]
        for disk in (*disks[1:], disks[0], disks[2]):
            self.run_matinee("organize", "--yes", "--preset", "plex", "--to", str(disk))
            self.assertEqual(self.tree(*disks), {f"{disk.name}/Heat (1995)/Heat (1995).mkv": film, f"{disk.name}/Heat (1995)/Heat (1995).srt": sub})
            self.assertEqual(os.stat(disk / "Heat (1995)/Heat (1995).mkv").st_mtime, OLD)
            self.nothing_is_new()
        for disk in (disks[0], disks[2], disks[1]):
            self.run_matinee("undo")
            self.assertEqual(set(self.tree(*disks)), {f"{disk.name}/Heat (1995)/Heat (1995).mkv", f"{disk.name}/Heat (1995)/Heat (1995).srt"})
        self.run_matinee("undo")
        self.assertEqual(self.tree(*disks), {"ext4/in/Heat (1995).mkv": film, "ext4/in/Heat (1995).srt": sub})
        self.nothing_is_new()
        self.assertEqual([i["id"] for i in self.json("items")["items"]], [item])

    def test_subvolumes_of_one_disk(self):
        """Another device number, the same file system: a rename is refused, and it is copied."""
        disk = self.disk("btrfs", "btrfs")
        subprocess.run(["btrfs", "-q", "subvolume", "create", str(disk / "films")], check=True, capture_output=True)
        film = os.urandom(3_000_000)
        self.put(disk, "in/Heat (1995).mkv", film)
        self.known(disk)
        self.run_matinee("organize", "--yes", "--template", "films/{title} ({year}){ext}")
        self.assertEqual(self.tree(disk), {"btrfs/films/Heat (1995).mkv": film})
        self.nothing_is_new()
        self.run_matinee("undo")
        self.assertEqual(self.tree(disk), {"btrfs/in/Heat (1995).mkv": film})

    def test_a_mass_move_by_cp(self):
        """Copied to a new disk by cp -a and removed from the old one: items keep what they are, and no breaker trips."""
        old, new = self.disk("ext4", "old"), self.disk("xfs", "new")
        for n in range(120):
            self.put(old, f"Film {n} ({1900 + n})/Film {n} ({1900 + n}).mkv")
        self.known(old, new)
        ids = {i["title"]: i["id"] for i in self.json("items", "--limit", "200")["items"]}
        subprocess.run(f"cp -a '{old}'/Film* '{new}'/ && rm -r '{old}'/Film*", shell=True, check=True)
        said = self.json("scan")
        self.assertEqual([said[k] for k in ("added", "moved", "missing", "vanished")], [0, 120, 0, 0], said)
        self.assertEqual({i["title"]: i["id"] for i in self.json("items", "--limit", "200")["items"]}, ids)
        self.nothing_is_new()


class Full(Disks):
    def everything(self, old, new, want):
        have = self.tree(old, new)
        self.assertEqual(sorted(have.values()), want, "every file in one place, whole")
        self.assertFalse([n for n in have if ".partial-" in n])

    def test_no_room_for_another_name(self):
        """Out of inodes after some files: No space left, while bytes are free."""
        source, small = self.disk("ext4", "source"), self.disk("ext4", "small", "-N", "24")
        for n in range(150):
            self.put(source, f"in/Film {n} (1999).mkv")
        want = sorted(self.tree(source).values())
        self.known(source, small)
        done = self.run_matinee("organize", "--yes", "--preset", "plex", "--to", str(small), code=1)
        self.assertIn(b"No space left", done.stderr)
        moved = len(self.tree(small))
        self.assertTrue(0 < moved < 150, moved)
        self.everything(source, small, want)
        self.nothing_is_new()
        self.run_matinee("undo")
        self.assertEqual((len(self.tree(source)), len(self.tree(small))), (150, 0))
        self.nothing_is_new()

    def test_filled_by_another_in_the_middle_of_a_copy(self):
        source, small = self.home / "source", self.disk("ext4", "small", "-m", "0", megabytes=250)
        self.put(source, "in/Heat (1995).mkv", os.urandom(1 << 20) * 150)
        want = sorted(self.tree(source).values())
        self.known(source, small)
        folder = small / "Heat (1995)"

        def fill():
            while not stop:
                if any(".partial-" in name for name in (os.listdir(folder) if folder.is_dir() else ())):
                    with open(small / "other", "wb") as f:
                        for size in (1 << 24, 1 << 20, 1 << 12):
                            try:
                                while True:
                                    os.posix_fallocate(f.fileno(), f.seek(0, os.SEEK_END), size)
                            except OSError:
                                pass
                    return

        full = False
        for _ in range(5):
            stop = []
            filler = threading.Thread(target=fill)
            filler.start()
            done = subprocess.run([MATINEE, "organize", "--yes", "--preset", "plex", "--to", str(small)], capture_output=True, cwd=self.home, env=self.env)
            stop.append(True)
            filler.join()
            (small / "other").unlink(missing_ok=True)
            self.everything(source, small, want)
            if b"No space left" in done.stderr:
                full = True
                break
            self.run_matinee("undo")  # it was quicker than the other
        self.assertTrue(full)
        self.assertIn("source/in/Heat (1995).mkv", self.tree(source))
        self.nothing_is_new()

    def test_a_disk_that_takes_writes_and_does_not_keep_them(self):
        """The image's own disk is full: write(2) succeeds, the sync fails with EIO. The source stays."""
        thin = self.home / "thin"
        thin.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(thin)], capture_output=True).returncode:
            self.skipTest("a small tmpfs is refused")
        self.addCleanup(self.unmount, thin)
        source = self.home / "source"
        disk = self.disk("ext4", "disk", "-E", "lazy_itable_init=1,lazy_journal_init=1", where=thin)
        self.put(source, "in/Heat (1995).mkv", os.urandom(30 << 20))
        want = self.tree(source)
        self.known(source, disk)
        done = self.run_matinee("organize", "--yes", "--preset", "plex", "--to", str(disk), code=1)
        self.assertRegex(done.stderr.decode(), "Input/output error|No space left|is not what was written|Read-only")
        self.assertEqual(self.tree(source), want)
        self.assertFalse((disk / "Heat (1995)/Heat (1995).mkv").exists())


class Gone(Disks):
    def many(self, disk, count=1200):
        for n in range(count):
            self.put(disk, f"in/Film {n} (1999).mkv", b"film %d" % n)
        return sorted(b"film %d" % n for n in range(count))

    def in_the_middle(self, disk, do, *args):
        """Starts to organise and does it when some files have moved. What was said on stderr."""
        process = self.start("organize", "--yes", "--preset", "plex", *args)
        try:
            self.assertTrue(self.wait_until(lambda: sum(1 for e in os.scandir(disk) if e.is_dir()) > 40, process), "it was done before")
            do()
            return process.communicate(timeout=60)[1].decode()
        finally:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def whole_again(self, disk, want):
        self.run_matinee("undo", "--list")  # settles what is to be settled
        self.assertEqual(sorted(self.tree(disk).values()), want, "every file in one place, whole")
        self.nothing_is_new()
        self.assertEqual(self.json("items", "--limit", "1")["total"], len(want))

    def test_unmounted_in_the_middle_of_a_batch(self):
        disk = self.disk("ext4", "disk")
        want = self.many(disk)
        self.known(disk)
        self.in_the_middle(disk, lambda: self.unmount(disk, "-l"))
        self.assertEqual(list(disk.iterdir()), [], "nothing goes into the empty folder below it")
        said = self.json("scan")
        self.assertEqual((said["missing"], said["added"]), (0, 0))
        self.mount(self.home / "disk.img", disk)
        self.whole_again(disk, want)
        self.run_matinee("undo")
        self.assertEqual([p.name for p in disk.iterdir() if p.name != "lost+found"], ["in"])
        self.whole_again(disk, want)

    def test_read_only_in_the_middle_of_a_batch(self):
        disk = self.disk("ext4", "disk")
        want = self.many(disk)
        self.known(disk)

        def turn():
            for _ in range(2000):  # refused while a file is written
                if subprocess.run(["mount", "-o", "remount,ro", str(disk)], capture_output=True).returncode == 0:
                    return
            self.skipTest("a remount is refused")

        said = self.in_the_middle(disk, turn)
        self.assertIn("Read-only file system", said)
        self.assertLess(said.count("Read-only"), 20, "it stops, and does not fail 1,200 times")
        self.whole_again(disk, want)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        self.run_matinee("undo")
        self.assertEqual([p.name for p in disk.iterdir() if p.name != "lost+found"], ["in"])
        self.whole_again(disk, want)

    def test_killed_in_the_middle_on_each(self):
        """kill -9 while groups of renames are on their way, on each file system."""
        for kind in ("ext4", "xfs", "btrfs"):
            with self.subTest(kind):
                disk = self.disk(kind, f"{kind}-killed")
                want = self.many(disk, 250)
                self.run_matinee("root", "add", str(disk), "--kind", "movies")
                self.run_matinee("scan")
                for moved in (20, 90):
                    process = self.start("organize", "--yes", "--preset", "plex", str(disk))
                    self.wait_until(lambda: sum(1 for e in os.scandir(disk) if e.is_dir()) > moved, process)
                    process.kill()
                    process.communicate()
                    self.run_matinee("undo", "--list")
                    self.assertEqual(sorted(self.tree(disk).values()), want)
                    self.nothing_is_new()
                    self.run_matinee("undo")
                    self.assertEqual([p.name for p in disk.iterdir() if p.name != "lost+found"], ["in"])
                    self.nothing_is_new()
                self.unmount(disk, "-l")
                self.run_matinee("root", "remove", str(disk), "--yes")

    def test_gone_in_the_middle_of_a_scan(self):
        disk = self.disk("ext4", "disk")
        self.many(disk)
        self.known(disk)
        for n in range(300):
            self.put(disk, f"more/Other {n} (2001).mkv", b"other %d" % n)
        for pause in (0.0, 0.02, 0.06):
            process = self.start("scan")
            time.sleep(pause)
            self.unmount(disk, "-l")
            process.communicate(timeout=60)
            self.assertEqual(self.json("scan")["missing"], 0)
            self.mount(self.home / "disk.img", disk)
        said = self.json("scan")
        self.assertEqual((said["missing"], said["vanished"]), (0, 0))
        self.assertEqual(self.json("items", "--limit", "1")["total"], 1500)
        self.nothing_is_new()

    def test_mounted_elsewhere(self):
        """Radarr#2916, jellyfin#1999: the disk comes back at another path; the root follows, and no item is another."""
        disk = self.disk("xfs", "disk")
        for n in range(20):
            self.put(disk, f"films/Film {n} (1999).mkv")
        self.known(disk / "films")
        ids = {i["title"]: i["id"] for i in self.json("items")["items"]}
        self.unmount(disk, "-l")
        said = self.json("scan")
        self.assertEqual((said["missing"], said["added"]), (0, 0), "an empty folder where a disk was is no deletion")
        other = self.mount(self.home / "disk.img", self.home / "other")
        said = self.json("scan")
        self.assertEqual([said[k] for k in ("added", "moved", "missing", "vanished")], [0] * 4, said)
        self.assertEqual([r["path"] for r in self.json("root", "list")["items"]], [str(other / "films")])
        self.assertEqual({i["title"]: i["id"] for i in self.json("items")["items"]}, ids)
        self.run_matinee("organize", "--yes", "--preset", "plex")
        self.assertTrue((other / "films/Film 3 (1999)/Film 3 (1999).mkv").exists())
        self.nothing_is_new()

    def trashed(self, disk):
        """Two films with their bytes twice: the copy goes to the trash."""
        film = os.urandom(200_000)
        self.put(disk, "films/a/Heat (1995).mkv", film)
        self.put(disk, "films/b/Heat (1995).mkv", film)
        self.put(disk, "films/c/Ronin (1998).mkv")
        self.known(disk / "films")
        self.run_matinee("duplicates", "--apply", "--yes")
        have = self.tree(disk)
        self.assertEqual(len([n for n in have if ".matinee-trash/" in n]), 1, list(have))

    def whole(self, disk):
        return sorted(n.split("/", 1)[1] for n in self.tree(disk))

    ALL = ["films/a/Heat (1995).mkv", "films/b/Heat (1995).mkv", "films/c/Ronin (1998).mkv"]

    def test_trash_of_a_disk_that_is_away_is_not_emptied(self):
        """A file whose disk is not mounted is not gone: it is not forgotten, and comes back."""
        disk = self.disk("ext4", "disk")
        self.trashed(disk)
        self.unmount(disk, "-l")
        said = json.loads(self.out("trash", "empty", "--yes", "--json", code=1).split("\n")[0])
        self.assertEqual((said["files"], said["failed"]), (0, 1), said)
        self.mount(self.home / "disk.img", disk)
        self.assertEqual(self.json("trash", "list")["total"], 1)
        self.run_matinee("undo")
        self.assertEqual(self.whole(disk), self.ALL)
        self.nothing_is_new()

    def test_trash_of_a_disk_that_is_elsewhere(self):
        disk = self.disk("ext4", "disk")
        self.trashed(disk)
        self.unmount(disk, "-l")
        other = self.mount(self.home / "disk.img", self.home / "other")
        said = json.loads(self.out("trash", "empty", "--yes", "--json", code=1).split("\n")[0])
        self.assertEqual((said["files"], said["failed"]), (0, 1), said)
        self.run_matinee("scan")
        self.run_matinee("undo")
        self.assertEqual(self.whole(other), self.ALL)
        self.nothing_is_new()
        self.run_matinee("duplicates", "--apply", "--yes")
        self.unmount(other, "-l")
        self.mount(self.home / "disk.img", disk)
        self.run_matinee("scan")
        said = self.json("trash", "empty", "--yes")
        self.assertEqual((said["files"], said["failed"]), (1, 0), said)
        self.assertEqual(len(self.tree(disk)), 2)

    def test_undo_on_a_disk_that_is_elsewhere(self):
        """The root below the mount point, and the mount point itself, which leaves an empty folder."""
        for below in ("films", "."):
            with self.subTest(below):
                disk = self.disk("ext4", f"disk{len(below)}")
                for n in range(5):
                    self.put(disk, f"{below}/in/Film {n} (1999).mkv")
                self.known(disk / below)
                before = self.whole(disk)
                self.run_matinee("organize", "--yes", "--preset", "plex")
                self.unmount(disk, "-l")
                other = self.mount(self.home / f"{disk.name}.img", self.home / f"other{len(below)}")
                self.run_matinee("scan")
                self.run_matinee("undo")
                self.assertEqual(self.whole(other), before)
                self.assertEqual([p.name for p in (other / below).iterdir() if p.name != "lost+found"], ["in"], "folders that the batch made are gone")
                self.nothing_is_new()
                self.run_matinee("root", "remove", str(other / below), "--yes")

    def test_undo_after_the_root_was_moved_by_hand(self):
        """The root is the mount point itself: a person says where it is now, and what was done in it goes along; not so with a copy of it."""
        disk = self.disk("ext4", "disk")
        self.put(disk, "in/Film (1999).mkv")
        self.known(disk)
        self.run_matinee("organize", "--yes", "--preset", "plex")
        shutil.copytree(disk, self.home / "copy")
        self.run_matinee("root", "move", "1", str(self.home / "copy"))
        store = sqlite3.connect(self.home / ".local/share/matinee/matinee.db")
        self.assertEqual(store.execute("SELECT DISTINCT CAST(from_base AS TEXT) FROM moves").fetchall(), [(str(disk),)])
        store.close()
        self.run_matinee("root", "move", "1", str(disk))
        self.run_matinee("scan")
        self.unmount(disk, "-l")
        other = self.mount(self.home / "disk.img", self.home / "other")
        self.run_matinee("root", "move", "1", str(other))
        self.run_matinee("undo")
        self.assertEqual(self.whole(other), ["in/Film (1999).mkv"])
        self.nothing_is_new()

    def test_another_device_number(self):
        """After a reboot the same disk may have another number: what was done before can be undone, and what was cut is settled."""
        disk = self.disk("ext4", "disk")
        want = self.many(disk, 300)
        self.known(disk)
        before = self.whole(disk)
        self.run_matinee("organize", "--yes", "--preset", "plex")
        self.renumber()
        self.run_matinee("undo")
        self.assertEqual(self.whole(disk), before)
        process = self.start("organize", "--yes", "--preset", "plex")
        self.wait_until(lambda: sum(1 for e in os.scandir(disk) if e.is_dir()) > 40, process)
        process.kill()
        process.communicate()
        self.renumber()
        self.whole_again(disk, want)
        self.assertNotIn("waiting", {b["state"] for b in self.json("undo", "--list")["items"]})
        self.run_matinee("undo")
        self.assertEqual(self.whole(disk), before)

    def renumber(self):
        """As if all that the store knows had been seen under other numbers."""
        store = sqlite3.connect(self.home / ".local/share/matinee/matinee.db")
        with store:
            store.execute("UPDATE moves SET dev = dev + 1000, to_dev = to_dev + 1000")
            store.execute("UPDATE files SET dev = dev + 1000")
        store.close()

    def hang(self, at):
        """A file system whose program never answers: whoever looks into it waits, until the file given is closed or the test ends."""
        at.mkdir(parents=True)
        fuse = open("/dev/fuse", "rb+", buffering=0) if os.path.exists("/dev/fuse") else self.skipTest("there is no /dev/fuse")
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mount(b"nas", os.fsencode(at), b"fuse", 0, f"fd={fuse.fileno()},rootmode=40000,user_id=0,group_id=0,allow_other".encode()) != 0:
            fuse.close()
            self.skipTest(f"a FUSE mount is refused: {os.strerror(ctypes.get_errno())}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(at)], capture_output=True)
        self.addCleanup(fuse.close)  # first: what waits gets an error
        return fuse

    def test_a_share_that_hangs_below_a_local_root(self):
        """It holds up its root, which is said; who listens to all roots never looks into it, and the others go on."""
        self.write("media/Alpha (1990).mkv", "one")
        self.write("other/Gamma (1992).mkv", "three")
        self.run_matinee("root", "add", "media", "--kind", "movies")
        self.run_matinee("root", "add", "other", "--kind", "movies")
        self.run_matinee("scan")
        self.hang(self.home / "media" / "share")
        env = {**self.env, "MATINEE_LIBRARY_SETTLE": "0.5", "MATINEE_LIBRARY_STALL_AFTER": "2"}
        server = subprocess.Popen([MATINEE, "serve", "--port", "0"], cwd=self.home, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = server.stdout.readline().split()[-1].rstrip("/")
            ask = lambda path: json.loads(urllib.request.urlopen(url + path, timeout=30).read())
            self.until(lambda: ask("/api/roots")["items"][0]["state"] == "stalled")
            self.write("other/Beta (1991).mkv", "two")
            self.until(lambda: [i["title"] for i in ask("/api/items?sort=title")["items"]] == ["Alpha", "Beta", "Gamma"])
        finally:
            server.terminate()
            self.assertEqual(server.wait(60), 0)
            server.stdout.close()

    def test_a_cut_batch_on_a_share_that_hangs(self):
        """Matinee was killed while files were being moved on a share that does not answer now: the station goes on the air and writes,
        other roots are scanned, and the batch waits."""
        self.put(self.home / "nas", "in/Heat (1995).mkv")
        self.run_matinee("root", "add", "nas", "--kind", "movies")
        self.write("other/Gamma (1992).mkv", "three")
        self.run_matinee("root", "add", "other", "--kind", "movies")
        self.run_matinee("scan")
        self.run_matinee("organize", "--yes", "--preset", "plex", "nas")
        store = sqlite3.connect(self.home / ".local/share/matinee/matinee.db")
        with store:
            store.execute("UPDATE batches SET state = 'running'")
            store.execute("UPDATE moves SET state = 'begun'")
        os.rename(self.home / "nas", self.home / "real")
        self.write("other/Beta (1991).mkv", "two")
        fuse = self.hang(self.home / "nas")
        late = threading.Timer(60, fuse.close)  # so that a station that waits for it ends the test
        late.start()
        self.addCleanup(late.cancel)
        env = {**self.env, "MATINEE_LIBRARY_SETTLE": "0.5", "MATINEE_LIBRARY_STALL_AFTER": "2"}
        server = subprocess.Popen([MATINEE, "serve", "--port", "0"], cwd=self.home, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            url = server.stdout.readline().split()[-1].rstrip("/")
            ask = lambda path: json.loads(urllib.request.urlopen(url + path, timeout=30).read())
            self.until(lambda: "Beta" in [i["title"] for i in ask("/api/items")["items"]])
            self.assertEqual([b["state"] for b in ask("/api/batches")["items"]], ["running"])
            fuse.close()  # now all that waits gets an error
            self.until(lambda: [b["state"] for b in ask("/api/batches")["items"]] == ["waiting"])
            subprocess.run(["umount", "-l", str(self.home / "nas")], check=True)
            os.rmdir(self.home / "nas")
            os.rename(self.home / "real", self.home / "nas")
        finally:
            server.terminate()
            self.assertEqual(server.wait(60), 0)
            server.stdout.close()
        self.run_matinee("undo")
        self.assertTrue((self.home / "nas/in/Heat (1995).mkv").exists())
        self.nothing_is_new()

    def until(self, what, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if what():
                return
            time.sleep(0.1)
        self.assertTrue(what())


if __name__ == "__main__":
    unittest.main()
