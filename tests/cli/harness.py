"""What the command tests share: a temporary home and the binary. Run all: python3 -m unittest discover tests/cli"""
import json, os, pathlib, shutil, subprocess, tempfile, unittest

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
