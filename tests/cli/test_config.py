"""config init, check, show: the file, profiles, ${VAR}, .env, the environment, flags over all."""
from harness import Case


class Config(Case):
    def value(self, name, *args, **kw):
        rows = {row["name"]: row for row in self.json("config", "show", *args, **kw)["items"]}
        return rows[name]["value"], rows[name]["source"]

    def test_the_sample_is_good_and_changes_nothing(self):
        path = self.out("config", "init").strip()
        self.assertEqual(path, str(self.home / ".config/matinee/matinee.yaml"))
        self.assertIn("good", self.out("config", "check"))
        self.assertEqual(self.value("server.listen"), ("127.0.0.1:8080", "default"))
        self.assertIn("there already", self.complaint("config", "init"))
        self.run_matinee("config", "init", "--force")

    def test_order_of_sources(self):
        f = self.write("m.yaml", "server:\n  listen: 127.0.0.1:1\ncache:\n  size: 1G\n"
                       "profiles:\n  road:\n    cache:\n      size: 2G\n")
        self.assertEqual(self.value("cache.size", "--config", f), ("1G", "file"))
        self.assertEqual(self.value("cache.size", "--config", f, "--profile", "road"), ("2G", "profile"))
        self.assertEqual(self.value("cache.size", "--config", f, "--profile", "road", env={"MATINEE_CACHE_SIZE": "3G"}),
                         ("3G", "environment"))
        self.assertEqual(self.value("log.level", "--log-level", "DEBUG", env={"MATINEE_LOG_LEVEL": "ERROR"}), ("DEBUG", "flag"))

    def test_variables_and_dot_env(self):
        self.write(".env", 'PORT="99"\n# a comment\nexport NAME=x\n')
        f = self.write("m.yaml", "server:\n  listen: ${HOST:-127.0.0.1}:${PORT}\n")
        self.assertEqual(self.value("server.listen", "--config", f), ("127.0.0.1:99", "file"))
        self.assertEqual(self.value("server.listen", "--config", f, env={"PORT": "5", "HOST": "h"}), ("h:5", "file"))

    def test_mistakes_are_pointed_at(self):
        for text, line, word in (("a: 1\n", 1, "no setting 'a'"), ("server:\n  listn: x\n", 2, "server.listn"),
                                 ("cache:\n  size: big\n", 2, "size like"), ("cache:\n  size: 1\n", 2, "outside"),
                                 ("- a\n", 1, "belong here"), ("a: [\n", 1, "not a list"), ("x: ${A\n", 1, "write ${NAME}"),
                                 ("cache: [1]\n", 1, "not a list"), ("server:\n  mode: half\n", 2, "none of"),
                                 ("\x01", 1, "YAML")):
            f = self.write("bad.yaml", text)
            said = self.complaint("config", "check", f, code=2)
            self.assertIn(f"{f}:{line}", said, text)
            self.assertIn(word, said, text)

    def test_missing_and_huge(self):
        self.assertIn("No such file", self.complaint("config", "check", str(self.home / "none.yaml")))
        f = self.write("huge.yaml", "#" * (2 << 20))
        self.assertIn("larger than", self.complaint("config", "check", f))
        f = self.write("deep.yaml", "".join(" " * i + f"a{i}:\n" for i in range(40)))
        self.complaint("config", "check", f, code=2)
        f = self.write("m.yaml", "cache:\n  size: 1G\n")
        self.assertIn("no profile 'x'", self.complaint("config", "show", "--config", f, "--profile", "x"))
