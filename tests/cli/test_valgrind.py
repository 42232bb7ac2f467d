"""A dozen commands under valgrind: no byte is read before it is written, none outside of what was allocated, and all is given back."""
import concurrent.futures, os, shutil, subprocess, unittest
from harness import MATINEE, Case

SANITIZED = b"__asan_init" in open(MATINEE, "rb").read() if os.path.exists(MATINEE) else False
COMMANDS = [("names", "--explain", "A.Show.S01E02.720p.mkv", "Film (1999).cd1.avi"), ("items", "kind:movie year:1990.. -tag:x codec:none", "--sort", "year"),
            ("items", "film alpa"), ("show", "1"), ("items", "edit", "1", "--set", "daypart=evening", "--tag", "t"), ("organize", "--dry-run", "--preset", "plex"), ("duplicates",),
            ("channel", "add", "Two", "--kind", "movie"), ("schedule", "build", "1"), ("scan",), ("guide",), ("items", "(((")]


@unittest.skipIf(SANITIZED, "not beside another sanitizer")
@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
class Valgrind(Case):
    def check(self, number, words):
        home = self.home / str(number)  # each its own, so that two can run at once
        shutil.copytree(self.home / "kept", home / ".local" / "share" / "matinee")
        done = subprocess.run(["valgrind", "-q", "--error-exitcode=9", "--leak-check=full", "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite", MATINEE, *words],
                              capture_output=True, text=True, errors="replace", cwd=self.home, env={**self.env, "HOME": str(home)}, stdin=subprocess.DEVNULL, timeout=300)
        return f"{' '.join(words)}: exit {done.returncode}\n{done.stderr[-3000:]}" if done.returncode not in (0, 1, 2) or "==" in done.stderr else None

    def test_commands(self):
        media = self.home / "media"
        media.mkdir()
        for i in range(8):
            (media / f"A Film {chr(97 + i)} (199{i}).mkv").write_bytes(b"no film" + bytes([i // 2]) * 70000)
        self.out("root", "add", str(media))
        self.out("scan")
        self.out("channel", "add", "One")
        shutil.copytree(self.home / ".local" / "share" / "matinee", self.home / "kept")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            faults = [f for f in pool.map(self.check, range(len(COMMANDS)), COMMANDS) if f]
        self.assertEqual(len(faults), 0, "\n".join(faults))
