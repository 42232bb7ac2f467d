"""On a terminal: tables and help fit its width, whatever the names are; in a pipe: one row a line, nothing cut."""
import fcntl, os, pty, re, struct, subprocess, termios, unicodedata
from harness import MATINEE, Case

NAMES = ["Das unglaublich lange und überaus fürchterliche Leben der Ärztin Öztürk von Überlingen an der Müritz (1978).mkv",
         "七人の侍 黒澤明 完全版 デジタルリマスター 特別編 東宝創立記念作品 日本映画 (1954).mkv", "Ame\u0301lie (2001).mkv", "Heat (1995).mkv",
         "Sa\u0085w \u009b2J \u202eliM (2004).mkv"]


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Terminal(Case):
    def on_terminal(self, *args, columns=80, env=None):
        """What a command writes on a terminal of so many columns, as lines."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        process = subprocess.Popen([MATINEE, *args], stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, cwd=self.home,
                                   env={**self.env, **(env or {})})
        os.close(follower)
        seen = b""
        while True:
            try:
                some = os.read(leader, 65536)
            except OSError:  # the last writer has gone
                break
            if not some:
                break
            seen += some
        os.close(leader)
        self.assertEqual(process.wait(60), 0, seen)
        return seen.decode().replace("\r\n", "\n").rstrip("\n").split("\n")

    def library(self):
        for name in NAMES:
            self.write(f"films/{name}", "no film")
        self.run_matinee("root", "add", "films")
        self.run_matinee("scan", "--quiet")

    def test_tables_fit_and_stand_in_columns(self):
        self.library()
        for columns in (80, 60, 200):
            lines = self.on_terminal("items", columns=columns)
            self.assertEqual(len(lines), 1 + len(NAMES), lines)
            for line in lines:
                self.assertLessEqual(width(line), columns, line)
            self.assertEqual({width(line[:line.index("failed")]) for line in lines[1:]}, {width(lines[0][:lines[0].index("State")])},
                             "\n".join(lines))
        self.assertIn("…", self.on_terminal("items")[3] + self.on_terminal("items")[4] + self.on_terminal("items")[2])
        self.assertNotIn("…", "".join(self.on_terminal("items", columns=200)))

    def test_nothing_drives_a_terminal(self):
        self.library()
        text = "\n".join(self.on_terminal("items", columns=200))
        self.assertNotRegex(text, "[\u0080-\u009f\u202a-\u202e\x1b]")
        del self.env["NO_COLOR"]
        self.assertTrue(self.on_terminal("items")[0].startswith("\x1b[2m"))

    def test_a_path_keeps_its_end_and_a_time_is_local(self):
        self.library()
        lines = self.on_terminal("root", "list", columns=72, env={"TZ": "UTC-5"})
        self.assertRegex(lines[1], r"…\S*films$")
        local = re.search(r"\d{4}-\d\d-\d\d (\d\d):\d\d:\d\d", lines[1])
        utc = re.search(r"\t\d{4}-\d\d-\d\dT(\d\d):", self.out("root", "list"))
        self.assertEqual((int(utc[1]) + 5) % 24, int(local[1]))

    def test_a_pipe_gets_everything(self):
        self.library()
        rows = self.out("items").rstrip("\n").split("\n")
        self.assertEqual([row.count("\t") for row in rows], [7] * len(NAMES))
        self.assertTrue(any("Überlingen an der Müritz" in row for row in rows))

    def test_help_fits(self):
        for args in (["--help"], ["organize", "--help"], ["items", "--help"], ["channel", "--help"], ["help", "channel"]):
            for line in self.on_terminal(*args):
                self.assertLessEqual(len(line), 80, f"{args}: {line}")
