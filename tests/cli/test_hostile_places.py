"""Where output and data go: a pipe that is closed, a full disk, a folder that nobody may write to, or that vanishes."""
import os, shutil, signal, socket, sqlite3, subprocess, time, unittest, urllib.error, urllib.request
from harness import MATINEE, Case

LISTS = [("items",), ("items", "--json"), ("root", "list"), ("show", "1"), ("channel", "list"), ("channel", "show", "1"), ("schedule", "export", "1"), ("status",),
         ("config", "show"), ("names", "A Film (1999).mkv"), ("--help",), ("man",), ("completion", "bash"), ("items", "values")]
AS_ROOT = os.geteuid() == 0


class HostilePlaces(Case):
    def library(self):
        media = self.home / "media"
        media.mkdir()
        for i in range(300):
            (media / f"A Film {i} (1999).mkv").write_bytes(b"no film")
        self.out("root", "add", str(media))
        self.out("scan")
        self.out("channel", "add", "One")
        return self.home / ".local" / "share" / "matinee"

    def shell(self, script, *args, timeout=60):
        return subprocess.run(["bash", "-c", script, "-", *map(str, args)], capture_output=True, cwd=self.home, env={**self.env, "MATINEE": MATINEE}, timeout=timeout)

    def sentence(self, done, code=1):
        self.assertEqual(done.returncode, code, done)
        self.assertTrue(done.stderr.startswith((b"matinee: ", b'{"error":{"code":')), done)
        self.assertEqual(done.stderr.count(b"\n"), 1, done)
        return done.stderr.decode()

    def test_a_reader_that_leaves(self):
        self.library()
        for command in LISTS:
            done = self.shell('"$MATINEE" "$@" | head -c 1 >/dev/null; exit ${PIPESTATUS[0]}', *command)
            self.assertIn(done.returncode, (0, 1), (command, done))
            self.assertEqual(done.stderr, b"", command)

    def test_output_that_takes_nothing(self):
        self.library()
        for command in LISTS:
            self.assertIn("No space left", self.sentence(self.shell('exec "$MATINEE" "$@" >/dev/full', *command)), command)
        done = self.shell('exec "$MATINEE" items >&-')
        self.assertIn(done.returncode, (0, 1), done)
        self.assertIn(self.shell('exec "$MATINEE" nonsense 2>&-').returncode, (2,))
        self.assertIn(self.shell('exec "$MATINEE" root list <&- >&- 2>&-').returncode, (0, 1))

    def small_disk(self, script, kilobytes=512):
        """The script with a small file system of its own at $HOME/small."""
        small = self.home / "small"
        small.mkdir(exist_ok=True)
        done = self.shell(f'exec unshare --user --map-root-user --mount bash -c \'mount -t tmpfs -o size={kilobytes}k tmpfs "$HOME/small" || exit 77; {script}\'')
        if done.returncode == 77 or b"unshare" in done.stderr:
            self.skipTest("no file systems of one's own here: " + done.stderr.decode(errors="replace").strip()[:200])
        return done

    def test_a_full_disk(self):
        self.library()
        self.sentence(self.small_disk('head -c 1M /dev/zero >"$HOME/small/fill" 2>/dev/null; exec "$MATINEE" --data "$HOME/small/data" root add "$HOME/media"'))
        done = self.small_disk('M="$MATINEE --quiet --data $HOME/small/data"; $M root add "$HOME/media" && head -c 9M /dev/zero >"$HOME/small/fill" 2>/dev/null; '
                               '$M scan >/dev/null 2>"$HOME/said"; echo "scan $?" >&2; rm "$HOME/small/fill"; $M scan >/dev/null && $M items --limit 1000 | grep -c "A Film" >&2', 1700)
        said = done.stderr.decode().split("\n")
        self.assertIn("scan 1", said, (done, (self.home / "said").read_bytes()))
        self.assertEqual((self.home / "said").read_bytes().count(b"\n"), 1)
        self.assertIn("300", said, "what was there when the disk had room again")

    def test_a_disk_that_is_read_only(self):
        self.library()
        for command in ("items", "root list", "channel list", "channel add Two", "scan", "serve --port 0"):
            done = self.read_only(command)
            if command in ("items", "root list", "channel list"):
                self.assertEqual((done.returncode, done.stderr), (0, b""), (command, done))
            else:
                self.assertRegex(self.sentence(done), "the data folder '.*' cannot be written: Read-only file system; .*--data")
        self.assertIn(b"A Film 7", self.read_only("items --limit 1000").stdout)
        # as a process leaves it that was killed: what is in the log cannot be read, and is not to be left out in silence
        store = sqlite3.connect(self.home / ".local/share/matinee/matinee.db")
        store.executescript("PRAGMA wal_autocheckpoint=0; UPDATE channels SET name = 'Three'")
        copy = self.home / "copy"
        shutil.copytree(self.home / ".local/share/matinee", copy, ignore=shutil.ignore_patterns("*-shm", "*.sock"))
        store.close()
        self.assertIn("make it writable", self.sentence(self.read_only(f"channel list --data {copy}", copy)))
        self.assertIn("Three", self.out("channel", "list", "--data", str(copy)))

    def read_only(self, command, folder=None):
        """The command while the data folder is mounted read-only."""
        done = self.shell('D="${2:-$HOME/.local/share/matinee}"; exec unshare --user --map-root-user --mount bash -c \'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" || exit 77; '
                              'exec "$MATINEE" $1\' "$D" "$1"', command, folder or "")
        if done.returncode == 77 or b"unshare" in done.stderr:
            self.skipTest("no file systems of one's own here")
        return done

    @unittest.skipIf(AS_ROOT, "root may write everywhere")
    def test_a_folder_that_nobody_may_write_to(self):
        data = self.library()
        for path in [data, *data.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        try:
            self.assertIn("A Film", self.out("items"))
            self.complaint("channel", "add", "Two")
        finally:
            for path in [*data.rglob("*"), data]:
                path.chmod(path.stat().st_mode | 0o200)

    def test_data_that_is_no_folder_or_no_database(self):
        file = self.write("file", "text")
        self.complaint("items", "--data", file)
        self.complaint("root", "add", str(self.home), "--data", file)
        for content in (b"", b"no database at all, but long enough to be taken for one" * 100, b"SQLite format 3\0" + b"\xff" * 5000):
            self.write("broken/matinee.db", content)
            self.run_any("items", "--data", str(self.home / "broken"))
            self.run_any("channel", "add", "One", "--data", str(self.home / "broken"))

    def run_any(self, *args):
        done = subprocess.run([MATINEE, *args], capture_output=True, cwd=self.home, env=self.env, timeout=60)
        self.assertIn(done.returncode, (0, 1), done)
        self.assertEqual(done.stderr.count(b"\n"), done.returncode, done)

    def test_data_that_vanishes_while_it_is_served(self):
        data, self.said = self.library(), ""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        with (self.home / "log").open("wb") as log:
            server = subprocess.Popen([MATINEE, "serve", "--port", str(port)], cwd=self.home, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        self.addCleanup(server.wait, 20)
        self.addCleanup(server.kill)

        def ask(path, body=None):
            try:
                with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body), timeout=20) as answer:
                    return answer.status
            except urllib.error.HTTPError as refused:
                with refused:
                    refused.read()
                return refused.code
            except OSError as problem:
                self.said = f"{problem!r}, exit {server.poll()}: " + (self.home / "log").read_text(errors="replace")[-3000:]
                return 0

        end = time.monotonic() + 30
        while "is on the air" not in (self.home / "log").read_text(errors="replace"):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        shutil.rmtree(data)
        for path, body in (("/api/items", None), ("/api/status", None), ("/channel/1.m3u8", None), ("/api/items", b'{"title": "X"}'), ("/api/scan", b""), ("/api/channels", b'{"name": "Two"}'),
                           ("/api/items?q=film", None), ("/channel/1.m3u8", None)):
            self.assertGreater(ask(path, body), 0, (path, self.said))
        time.sleep(1)
        self.assertGreater(ask("/api/status"), 0, self.said)
        self.assertIsNone(server.poll(), (self.home / "log").read_text(errors="replace")[-2000:])
        server.send_signal(signal.SIGTERM)
        self.assertIn(server.wait(20), (0, 1))
