"""Help, versions, wrong usage: exit codes and one clear sentence."""
import json, os, platform, re, subprocess, unittest
from harness import Case, MATINEE


class Usage(Case):
    def test_help_lists_every_command_and_each_has_help(self):
        listing = self.out("--help")
        names = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S", listing, re.M)
        self.assertGreater(len(names), 5)
        for name in names:
            text = self.out(*name.split(), "--help")
            self.assertTrue(text.startswith(f"usage: matinee {name}"), f"{name}: {text[:200]!r}")
            self.assertIn("--data DIR", text)

    def test_every_summary_is_one_sentence(self):
        for name, summary in re.findall(r"^  ([a-z]+(?: [a-z-]+)?)  +(\S.*)", self.out("--help").split("For every command")[0], re.M):
            self.assertTrue(summary.endswith("."), f"{name}: {summary}")

    def test_a_word_that_begins_commands_has_help(self):
        for args in (("channel", "--help"), ("channel", "-h"), ("--help", "channel")):
            text = self.out(*args)
            self.assertTrue(text.startswith("usage: matinee channel COMMAND"), text)
            self.assertIn("channel edit", text)
            self.assertNotIn("scan", text)

    def test_a_wrong_line_is_complained_of_in_json(self):
        for args in (("items", "--kind", "foo", "--json"), ("--json", "frobnicate")):
            done = self.run_matinee(*args, code=2)
            self.assertEqual(set(json.loads(done.stderr)["error"]), {"code", "message"})

    def test_version(self):
        self.assertRegex(self.out("--version"), r"^matinee \d+\.\d+\.\d+\n$")

    def test_nothing_shows_help(self):
        self.assertIn("usage: matinee COMMAND", self.out())

    def test_unknown_words(self):
        self.assertIn("there is no command 'frobnicate'", self.complaint("frobnicate", code=2))
        self.assertIn("no option --nonsense", self.complaint("config", "show", "--nonsense", code=2))
        self.assertIn("alone says too little", self.complaint("config", code=2))
        self.assertIn("needs a value", self.complaint("config", "show", "--data", code=2))
        self.assertIn("one argument too many", self.complaint("config", "check", "a", "b", code=2))
        self.assertIn("is none of", self.complaint("config", "show", "--log-level", "LOUD", code=2))

    def test_hostile_words_do_not_break_a_line(self):
        text = self.complaint("a\nb", code=2)
        self.assertNotIn("\n", text)
        self.complaint("x" * 100000, code=2)

    def test_completion_and_man_know_every_command(self):
        listing = self.out("--help")
        names = re.findall(r"^  ([a-z]+(?: [a-z]+)?)  +\S", listing, re.M)
        man = self.out("man")
        for shell in ("bash", "zsh", "fish"):
            script = self.out("completion", shell)
            for name in names:
                self.assertIn(name.split()[0], script)
        for name in names:
            self.assertIn(f".SS {name}", man)
        self.assertIn("choose bash, zsh or fish", self.complaint("completion", "csh", code=2))

    def test_what_lists_has_json(self):
        self.run_matinee("channel", "add", "One")
        self.assertIn("season", [row["name"] for row in self.json("organize", "--fields")["items"]])
        self.assertEqual(self.json("config", "check"), {"file": None})
        self.assertTrue(self.json("config", "init")["file"].endswith("/matinee.yaml"))
        self.assertTrue(self.json("config", "check")["file"].endswith("/matinee.yaml"))
        self.write("bad.yaml", "server:\n  lisen: x\n")
        self.assertIn("lisen", self.complaint("--config", "bad.yaml", "config", "check", code=2))

    def test_the_journal_is_told_how_grave_a_line_is(self):
        (self.home / "media").mkdir()
        self.run_matinee("root", "add", "media")
        (self.home / "media").rmdir()
        for journal, mark in (("{0.st_dev}:{0.st_ino}", "<4>"), ("1:1", "")):
            with open(self.home / "err", "w+b") as err:
                env = {**self.env, "JOURNAL_STREAM": journal.format(os.fstat(err.fileno()))}
                subprocess.run([MATINEE, "scan"], cwd=self.home, env=env, stderr=err, stdout=subprocess.DEVNULL)
            self.assertRegex((self.home / "err").read_text(), rf"(?m)^{mark}20\d\d-\S+ \S+ WARNING library: root")

    def test_a_mistyped_folder_of_data_is_not_made_a_library(self):
        nowhere = str(self.home / "nowhere")
        for words in ("status", "items", "junk", "duplicates", "jobs", "now", "trash list", "organize --dry-run", "scan", "alert Hello", "prepare",
                      "root list", "undo --list", "validate", "schedule build", "trash empty --yes"):
            said = self.complaint(*words.split(), "--data", nowhere)
            self.assertRegex(said, "there is no library in '.*/nowhere' yet; 'matinee root add PATH' begins one", words)
            self.assertFalse((self.home / "nowhere").exists(), words)
        self.run_matinee("channel", "add", "One", "--data", nowhere)
        self.assertIn("channels\t1", self.out("status", "--data", nowhere))

    def test_a_value_that_there_cannot_be_is_wrong_use(self):
        self.run_matinee("channel", "add", "One")
        item = str(self.json("items", "add", "Heat")["id"])
        self.assertIn("no field 'foo'", self.complaint("items", "edit", item, "--set", "foo=1", code=2))
        self.complaint("channel", "add", "", code=2)
        self.complaint("root", "add", self.write("file", "x"), code=2)
        for words in (["root", "add", "/nope"], ["scan", "/nope"], ["junk", "/nope"], ["show", "99"]):  # may be there tomorrow
            self.complaint(*words, code=1)

    def test_bash_completes_words_and_options(self):
        script = self.write("complete", self.out("completion", "bash"))
        for words, wanted, unwanted in ((["cha"], "channel", "items"), (["channel", ""], "edit", "undo"), (["items", "ed"], "edit", "move"),
                                        (["items", "edit", "--"], "--where", "--sort"), (["items", "--"], "--sort", "--where")):
            line = f'source "$0"; COMP_WORDS=(matinee {" ".join(w or chr(39) * 2 for w in words)}); COMP_CWORD={len(words)}; _matinee; echo "${{COMPREPLY[@]}}"'
            said = subprocess.run(["bash", "-c", line, script], capture_output=True, text=True, check=True, cwd=self.home).stdout.split()
            self.assertIn(wanted, said, words)
            self.assertNotIn(unwanted, said, words)

    def test_a_clock_that_is_no_time(self):
        self.assertIn("MATINEE_NOW", self.complaint("--version", code=2, env={"MATINEE_NOW": "soon"}))

    @unittest.skipUnless(platform.machine() in ("x86_64", "aarch64"), "libav is linked on this machine")
    def test_a_start_needs_no_libav(self):
        trace = lambda: self.out("--version", env={"LD_TRACE_LOADED_OBJECTS": "1"})  # what ldd does
        needed = trace() or trace()  # a sanitizer's binary once said nothing
        self.assertIn("libsqlite3", needed)
        self.assertNotRegex(needed, "libav|libsw")
        self.run_matinee("--version", env={"LD_BIND_NOW": "1"})
