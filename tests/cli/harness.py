"""What the command tests share: a temporary home and the binary. Run all: python3 -m unittest discover tests/cli"""
import json, os, pathlib, re, shutil, signal, subprocess, tempfile, time, unittest, urllib.error, urllib.request

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
MATINEE = os.environ.get("MATINEE", str(TOP / "build" / "matinee"))


class Case(unittest.TestCase):
    """One temporary home per test; self.run_matinee() runs the binary in it."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="matinee-cli."))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TZ": "UTC", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]

    def run_matinee(self, *args, code=0, text=None, env=None, timeout=120):
        """Runs a command; fails unless it exits with `code`. The finished process; stdout and stderr are bytes."""
        done = subprocess.run([MATINEE, *args], input=text, capture_output=True, cwd=self.home, timeout=timeout,
                              env={**self.env, **(env or {})})
        self.assertEqual(done.returncode, code, f"matinee {args}: exit {done.returncode}\n"
                         f"{done.stdout.decode('utf-8', 'replace')}\n{done.stderr.decode('utf-8', 'replace')}")
        return done

    def out(self, *args, **kw):
        return self.run_matinee(*args, **kw).stdout.decode()

    def json(self, *args, **kw):
        return json.loads(self.out(*args, "--json", **kw))

    def complaint(self, *args, code=1, **kw):
        """The one line that a failing command says."""
        done = self.run_matinee(*args, code=code, **kw)
        text = done.stderr.decode("utf-8", "replace")
        self.assertTrue(text.startswith("matinee: "), text)
        self.assertEqual(text.count("\n"), 1, f"more than one sentence: {text}")
        return text[len("matinee: "):-1]

    def write(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)


class Served(Case):
    """A case with a server in its home: self.serve() starts it on a free port, self.ask() talks to it. What it says is in home/log."""

    def serve(self, *args, **env):
        """The process, once it answers (or, with --mode monitor, once it works)."""
        with open(self.home / "log", "ab") as log:
            server = subprocess.Popen([MATINEE, "serve", "--port", "0", *args], cwd=self.home, env={**self.env, **env}, stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=log)
        self.addCleanup(self.end, server)
        first = server.stdout.readline().decode("utf-8", "replace")
        self.assertTrue(first, self.said())
        url = re.search(r"http://[0-9.:]+", first)
        self.url, self.server = url and url[0], server
        return server

    def end(self, server, how=signal.SIGTERM):
        if server.poll() is None:
            server.send_signal(how)
        try:
            self.assertIn(server.wait(60), (0, -signal.SIGKILL), self.said())
        finally:
            server.stdout.close()

    def said(self):
        return (self.home / "log").read_text(errors="replace")[-3000:]

    def ask(self, method, path, body=None):
        """Status and what the JSON says, None when there is none."""
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def until(self, what, test, seconds=60):
        """What what() gives once it passes: a function of it, or a value that it is to be."""
        passes, end = test if callable(test) else lambda got: got == test, time.monotonic() + seconds
        while not passes(got := what()):
            self.assertLess(time.monotonic(), end, f"{got!r}, {'which does not pass' if callable(test) else f'not {test!r}'}; {self.said()}")
            time.sleep(0.05)
        return got
