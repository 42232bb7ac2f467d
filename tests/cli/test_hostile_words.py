"""Every command with what nobody should say, in every place where it takes a word: no crash, an exit code that fits, one sentence.

Each place gets some of the words in turn; HOSTILE=all gives all of them to each, which takes long."""
import itertools, os, re, shutil, subprocess, time
from harness import MATINEE, Case

WORDS = [b"", b" ", b"-1", b"-rf", b"--", b"..", b"../../../../etc/passwd", b"0", b"9223372036854775807", b"99999999999999999999999999", b"-9223372036854775808",
         b"1e308", b"NaN", b"0x7f", b"1:2:3:4:5", b"a\nb", b"a\x1b[31m\rb", b"\xff\xfe\x80", b"%s%n%x", b"';DROP TABLE items;--", b"{", b"(" * 500, b"a OR " * 300,
         b"year:99999999999999999999", b"no such file", b"null", "\U0001F4A9\u202E\u0301".encode(), b"x" * 100000]
LARGE = b"1" * (120 * 1024)  # an argument has at most 128 KiB
GENTLE = {"serve", "completion", "man", "help"}  # these run on, or take no word of the library


class HostileWords(Case):
    def setUp(self):
        super().setUp()
        self.faults, self.turn = [], 0
        self.cwd = self.home / "one" / "two" / "three"  # ".." leads into the home
        self.cwd.mkdir(parents=True)
        media = self.home / "media"
        media.mkdir()
        (media / "A Film (1999).mkv").write_bytes(b"no film")
        (media / "A Show S01E01.mkv").write_bytes(b"no show")
        self.out("root", "add", str(media), "--kind", "auto")
        self.out("scan")
        self.out("channel", "add", "One")
        self.kept, self.data = self.home / "kept", self.home / ".local" / "share" / "matinee"
        shutil.copytree(self.data, self.kept)

    def commands(self):
        listing = self.out("--help")
        names = re.findall(r"^  ([a-z-]+(?: [a-z]+)?)  +\S", listing, re.M)
        self.assertGreater(len(names), 40)
        for name in names:
            text = self.out(*name.split(), "--help")
            own = text.split("for every command:")[0]
            arguments = re.search(r"^usage: matinee " + name + r"(.*)$", text, re.M).group(1).split()
            yield name, arguments, re.findall(r"^  (?:-.,|   ) --([a-z-]+) [A-Z]", own, re.M)

    def fault(self, args, done, seconds):
        """What is wrong with how it ended: by itself, soon, with a code of ours; what it says is one line of text."""
        if done.returncode not in (0, 1, 2):
            return f"exit {done.returncode}"
        said = done.stderr.split(b"[y/N] ")[-1]  # what it asked, of nobody
        if done.returncode and not said.startswith(b"matinee: "):
            return "no sentence"
        if done.returncode and said.count(b"\n") != 1:
            return "more than a sentence"
        if b"\x1b[31m" in done.stderr + (done.stdout if args[:2] != (b"config", b"init") else b""):  # that is a path, for scripts
            return "what was said goes to the terminal"
        if re.search(rb"AddressSanitizer|runtime error|Assertion|LeakSanitizer", done.stderr):
            return "sanitizer"
        if done.stderr != done.stderr.decode("utf-8", "replace").encode():
            return "not UTF-8"
        return "slow" if seconds > 30 else None

    def hostile(self, *args):
        start = time.monotonic()
        done = subprocess.run([MATINEE, *args], stdin=subprocess.DEVNULL, capture_output=True, cwd=self.cwd, timeout=60, env=self.env)
        fault = self.fault(args, done, time.monotonic() - start)
        if fault:
            self.faults.append(f"{fault}: {[a if len(a) < 100 else a[:100] + b'...' for a in args][:8]}: {done.stderr[-600:]}")

    def tearDown(self):
        self.assertEqual(len(self.faults), 0, "\n".join(self.faults))

    def some(self, count):
        """The next words in turn."""
        if os.environ.get("HOSTILE") == "all":
            return WORDS
        self.turn += count
        return [WORDS[i % len(WORDS)] for i in range(self.turn - count, self.turn)]

    def again(self):
        shutil.rmtree(self.data)
        shutil.copytree(self.kept, self.data)

    def test_arguments(self):
        for name, arguments, _ in self.commands():
            if name in GENTLE or not arguments:
                continue
            words = [w.encode() for w in name.split()]
            before = [b"1"] if len(arguments) > 1 and not arguments[0].startswith("[") else []
            shapes = itertools.cycle(([], [b"--"], before))
            for word in self.some(3):
                self.hostile(*words, *next(shapes), word)
            self.hostile(*words, b"\xff\xfe\x80")
            self.hostile(*words, *before, LARGE)
            self.again()

    def test_options(self):
        for name, arguments, options in self.commands():
            words = [w.encode() for w in name.split()]
            needed = [b"1" for a in arguments if not a.startswith("[")]
            for option in options:
                for word in self.some(1):
                    self.hostile(*words, *needed, b"--" + option.encode() + b"=" + word, *([b"--nonsense"] if name == "serve" else []))
            self.again()

    def test_common_options(self):
        for option in ("--config", "--data", "--log-level", "--log-file"):
            for word in self.some(7):
                self.hostile(b"config", b"show", option.encode() + b"=" + word)
        for name, _, _ in self.commands():
            words = [w.encode() for w in name.split()]
            self.hostile(*words, b"-\xff", *[b"x"] * 2000, b"--json=1")
