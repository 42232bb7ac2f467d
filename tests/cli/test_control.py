"""Commands beside a running server: those that change something go through its socket, those that read do not."""
import fcntl, os, signal, socket, subprocess, time
from harness import MATINEE, Served


class Control(Served):
    def test_commands_reach_the_server(self):
        self.serve()
        (self.home / "films").mkdir()
        self.run_matinee("root", "add", "films", "--kind", "movies")
        roots = self.json("root", "list")["items"]
        self.assertEqual([(r["path"], r["kind"]) for r in roots], [(str(self.home / "films"), "movies")])
        self.assertIn("films", self.complaint("root", "add", "films"))
        self.run_matinee("channel", "add", "One")
        self.assertEqual(self.json("channel", "list")["items"][0]["name"], "One")
        self.assertIn("no option", self.complaint("channel", "add", "Two", "--nonsense", code=2))

    def test_names_that_are_not_text_reach_the_server(self):
        self.serve()
        name = os.fsdecode(b"caf\xe9 %41 \n-rf")
        (self.home / name).mkdir()
        self.run_matinee("root", "add", name)
        self.assertEqual(self.json("root", "list")["total"], 1)
        self.run_matinee("root", "remove", "1", "--yes")
        self.assertTrue((self.home / name).is_dir())

    def test_a_question_that_nobody_can_answer(self):
        self.serve()
        (self.home / "films").mkdir()
        self.run_matinee("root", "add", "films")
        self.run_matinee("root", "remove", "1", code=2)
        self.assertEqual(self.json("root", "list")["total"], 1)
        self.run_matinee("channel", "add", "One")
        self.run_matinee("schedule", "import", "1", "-", code=2, text=b"order: loop\n")
        self.run_matinee("root", "remove", "1", "--yes")

    def test_ctrl_c_is_no_fault_of_the_server(self):
        data = self.home / "d"
        data.mkdir()
        with open(data / "lock", "w") as lock, socket.socket(socket.AF_UNIX) as server:  # one that takes its time
            fcntl.flock(lock, fcntl.LOCK_EX)
            server.bind(str(data / "control.sock"))
            server.listen()
            client = subprocess.Popen([MATINEE, "--data", str(data), "channel", "add", "One"], stderr=subprocess.PIPE, env=self.env, cwd=self.home)
            peer = server.accept()[0]
            self.assertTrue(peer.recv(5))
            client.send_signal(signal.SIGINT)
            said = client.communicate(timeout=60)[1].decode()
            peer.close()
        self.assertTrue(said.startswith("matinee: interrupted; "), said)

    def test_one_server_a_folder(self):
        self.serve()
        said = self.complaint("serve", "--port", "0")
        self.assertRegex(said, "the data folder '.*' is held by another matinee; .*--data")
        self.assertRegex(self.complaint("serve", "--port", "0", "--data", "/proc/none"), "/proc/none")

    def test_a_killed_server_leaves_a_folder_that_works(self):
        for _ in range(5):
            server = self.serve()
            self.end(server, signal.SIGKILL)
        self.run_matinee("channel", "add", "One")
        self.serve()
        self.run_matinee("channel", "add", "Two")
        self.assertEqual(self.json("channel", "list")["total"], 2)

    def test_acknowledged_is_kept_through_kill_9(self):
        kept = []
        for i in range(1, 6):
            server = self.serve()
            self.run_matinee("channel", "add", f"Number {i}", "--number", str(i))
            kept.append(f"Number {i}")
            self.end(server, signal.SIGKILL)
            self.assertEqual([c["name"] for c in self.json("channel", "list")["items"]], kept)

    def test_a_lock_without_a_server_says_so(self):
        import fcntl
        data = self.home / ".local/share/matinee"
        data.mkdir(parents=True)
        with open(data / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertIn("takes no commands", self.complaint("channel", "add", "One"))

    def test_sigterm_ends_it_cleanly(self):
        server = self.serve()
        began = time.monotonic()
        server.terminate()
        self.assertEqual(server.wait(timeout=60), 0)
        self.assertLess(time.monotonic() - began, 30)
