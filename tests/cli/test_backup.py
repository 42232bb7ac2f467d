"""backup: one file that is whole or not there, made beside a server that writes, through kill -9, Ctrl-C and a full disk; and back again."""
import os, random, resource, shutil, signal, sqlite3, subprocess, time
from harness import MATINEE, Served


class Backup(Served):
    def setUp(self):
        super().setUp()
        self.data = self.home / ".local/share/matinee"
        self.to = self.home / "to"
        self.to.mkdir()

    def look(self, path):
        """The names of its channels; fails unless it is sound, with nothing beside it."""
        store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            self.assertEqual(store.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(store.execute("PRAGMA journal_mode").fetchall(), [("delete",)])
            return [name for name, in store.execute("SELECT name FROM channels ORDER BY number")]
        finally:
            store.close()

    def fatten(self):
        """Some 60 MB more, so that a copy takes a while."""
        self.run_matinee("channel", "add", "One")
        store = sqlite3.connect(self.data / "matinee.db")
        store.execute("CREATE TABLE fat AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) SELECT randomblob(1000000) AS b FROM n")
        store.commit()
        store.close()

    def test_beside_a_server_and_back(self):
        self.assertIn("no library", self.complaint("backup", "to/none.db"))
        self.serve()
        self.run_matinee("channel", "add", "One")
        made = self.json("backup", "to/one.db")
        self.assertEqual(made, {"file": str(self.to / "one.db"), "bytes": (self.to / "one.db").stat().st_size})
        self.run_matinee("channel", "add", "Two")
        self.assertIn("is there already; --force", self.complaint("backup", "to/one.db"))
        self.assertEqual(self.look(self.to / "one.db"), ["One"])
        dated = self.out("backup", "to").strip()
        self.assertRegex(dated, r"/to/matinee-\d{8}-\d{6}\.db$")
        self.assertEqual(self.look(dated), ["One", "Two"])
        self.assertEqual(os.stat(dated).st_mode & 0o777, 0o600)
        self.assertEqual(len(os.listdir(self.to)), 2)
        self.complaint("backup", "nowhere/x.db")
        self.end(self.server)
        for name in ("matinee.db-wal", "matinee.db-shm"):
            (self.data / name).unlink(missing_ok=True)
        shutil.copy(self.to / "one.db", self.data / "matinee.db")
        self.serve()
        self.assertEqual([c["name"] for c in self.ask("GET", "/api/channels")[1]["items"]], ["One"])
        self.run_matinee("channel", "add", "Three")
        self.run_matinee("backup", "--force", "to/one.db")
        self.assertEqual(self.look(self.to / "one.db"), ["One", "Three"])

    def test_kill(self):
        dice = random.Random(5)
        self.fatten()
        to, there = self.to / "x.db", 0
        for i in range(10):
            process = subprocess.Popen([MATINEE, "backup", "--force", str(to)], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.02, 0.2))
            process.kill()
            process.wait()
            there += to.exists()
            if to.exists():
                self.assertEqual(self.look(to), ["One"])
        self.run_matinee("backup", "--force", str(to))
        self.assertEqual((self.look(to), os.listdir(self.to)), (["One"], ["x.db"]))

    def test_what_ends_early_leaves_nothing(self):
        self.fatten()
        self.write("log", "")  # there is no server
        process = subprocess.Popen([MATINEE, "backup", str(self.to / "x.db")], cwd=self.home, env=self.env, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE)
        self.until(lambda: list(self.to.iterdir()), bool)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1].decode()
        if process.returncode:  # else it was quicker
            self.assertRegex(said, "back up to '.*/to/x.db': interrupted before")
            self.assertEqual(os.listdir(self.to), [])
        else:
            os.unlink(self.to / "x.db")
        done = subprocess.run([MATINEE, "backup", str(self.to / "x.db")], cwd=self.home, env=self.env, capture_output=True, restore_signals=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000)))
        self.assertEqual((done.returncode, os.listdir(self.to)), (1, []), done.stderr)
        self.assertIn(b"copy the database to", done.stderr)
