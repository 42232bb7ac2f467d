"""Roots by command and by HTTP: added, listed, moved, removed; a mass loss that needs a person; a disk that hangs."""
import json, os, pathlib, signal, subprocess, threading, unittest, urllib.error, urllib.parse, urllib.request

from harness import MATINEE, Served


class Roots(Served):
    def films(self, folder, count):
        for i in range(count):
            self.write(f"{folder}/Film {i} (1999).mkv", f"{folder} {i}")

    def test_a_mass_loss_needs_a_person(self):
        self.films("media", 30)
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        for i in range(15):
            (self.home / f"media/Film {i} (1999).mkv").unlink()
        done = self.run_matinee("scan")
        self.assertIn(b"WARNING: 15 files of root 1 are gone at once", done.stderr)
        self.assertIn(b"scan --accept-missing", done.stderr)
        self.assertIn("15 files vanished", self.out("root", "list"))
        self.assertEqual(self.json("root", "list")["items"][0]["present"], 30)
        self.assertIn("needs the root", self.complaint("scan", "--accept-missing", code=2))
        said = self.json("scan", "--accept-missing", "media")
        self.assertEqual((said["missing"], said["vanished"]), (15, 0))
        self.assertEqual(self.json("root", "list")["items"][0]["present"], 15)

    def test_the_share_is_a_setting(self):
        self.films("media", 30)
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        for i in range(15):
            (self.home / f"media/Film {i} (1999).mkv").unlink()
        self.assertEqual(self.json("scan", env={"MATINEE_LIBRARY_MISSING_SHARE": "50"})["missing"], 15)

    def test_move(self):
        self.films("media", 12)
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan")
        os.rename(self.home / "media", self.home / "there")
        (self.home / "empty").mkdir()
        self.assertIn("none of 12 of its files is there", self.complaint("root", "move", "1", "empty"))
        self.run_matinee("root", "move", "1", "there")
        said = self.json("scan")
        self.assertEqual((said["seen"], said["added"], said["missing"], said["probed"]), (12, 0, 0, 0))
        self.assertIn("is at", self.complaint("root", "move", "1", "there"))

    def mounted(self, script):
        """Runs shell lines in a mount namespace of their own; `$M` is the binary."""
        if subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True).returncode:
            self.skipTest("mounting needs root")
        (self.home / "one").mkdir()
        (self.home / "two").mkdir()
        return subprocess.run(["unshare", "-m", "sh", "-ec", script], cwd=self.home, env={**self.env, "M": MATINEE}, text=True,
                              capture_output=True, check=True, timeout=120)

    def test_a_disk_that_is_mounted_elsewhere(self):
        done = self.mounted("""
            mount -t tmpfs none one; mkdir one/films; echo x > 'one/films/Heat (1995).mkv'
            mount --bind one two
            $M root add one/films; $M scan; umount one; $M scan --json""")
        self.assertIn("the same disk", done.stderr)
        self.assertEqual(json.loads(done.stdout)["seen"], 1)
        self.assertEqual(json.loads(done.stdout)["missing"], 0)
        self.assertEqual(self.json("root", "list")["items"][0]["path"], str(self.home / "two/films"))

    def test_another_disk_at_its_mount_point(self):
        done = self.mounted("""
            mount -t tmpfs none one; echo x > 'one/Heat (1995).mkv'; $M root add one; $M scan; umount one
            $M scan --json; mount -t tmpfs none one; echo y > 'one/Ronin (1998).mkv'; $M scan --json""")
        for line in done.stdout.splitlines():
            self.assertEqual((json.loads(line)["added"], json.loads(line)["missing"]), (0, 0))
        self.assertEqual(self.json("root", "list")["items"][0]["state"], "missing")
        self.assertEqual(self.json("root", "list")["items"][0]["present"], 1)

    def test_a_bind_mount_inside(self):
        done = self.mounted("""
            mkdir -p one/a one/b; echo x > 'one/a/Heat (1995).mkv'; mount --bind one/a one/b; mount --bind one one/a
            $M root add one; $M scan --json""")
        self.assertEqual(json.loads(done.stdout)["seen"], 2)  # two names, no loop
        self.assertEqual(json.loads(done.stdout)["probed"], 1)  # of one file

    def test_folders_to_choose_from(self):
        for name in ("media/Films", "media/Shows", "media/.trash", "media/100% wool"):
            (self.home / name).mkdir(parents=True)
        self.write("media/Heat (1995).mkv", "x")
        self.serve()
        ask = lambda **query: self.ask("GET", "/api/folders?" + urllib.parse.urlencode(query))
        code, said = ask()
        self.assertEqual((code, said["path"], said["places"][0]), (200, str(self.home), {"name": "home", "path": str(self.home)}))
        code, said = ask(path=self.home / "media")
        self.assertEqual([f["name"] for f in said["items"]], ["100% wool", "Films", "Shows"])
        self.assertEqual((said["parent"], said["total"], said["hidden"], said["videos"]), (str(self.home), 3, 1, 1))
        self.assertEqual(ask(path=said["items"][0]["path"])[1]["path"], str(self.home / "media/100% wool"))
        self.assertEqual([f["name"] for f in ask(path=self.home / "media", hidden=1, start=".T")[1]["items"]], [".trash"])
        for path, status in (("media", 422), ("/no/such", 404), (self.home / "media/Heat (1995).mkv", 422), ("/" + "a" * 1500, 413), ("/etc/passwd\0", 400)):
            self.assertIn(ask(path=path)[0], (status, 404), path)
        self.ask("POST", "/api/roots", {"path": str(self.home / "media")})
        self.assertIn({"name": "root", "path": str(self.home / "media")}, ask()[1]["places"])

    def test_folders_are_for_those_who_may_add_roots(self):
        self.serve(HOME="/dev/null", MATINEE_DATA=str(self.home / "data"))
        code, said = self.ask("GET", "/api/folders")  # another place to begin at
        self.assertEqual((code, [p for p in said["places"] if p["name"] == "home"]), (200, []))
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            request = urllib.request.Request(self.url + "/api/folders", headers=headers)
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=30)
            with refused.exception as answer:
                self.assertEqual((answer.code, json.loads(answer.read())["error"]["code"]), (403, "denied"))

    def test_http(self):
        self.films("media", 3)
        self.serve(MATINEE_LIBRARY_SETTLE="0.2")
        for body in ({}, {"path": "media"}, {"path": str(self.home / "none")}, {"path": str(self.home / "media"), "kind": "odd"},
                     {"path": str(self.home / "media/Film 1 (1999).mkv")}, []):
            self.assertIn(self.ask("POST", "/api/roots", body)[0], (400, 404, 422), body)
        code, root = self.ask("POST", "/api/roots", {"path": str(self.home / "media"), "kind": "movies"})
        self.assertEqual((code, root["state"], root["kind"]), (201, "new", "movies"))
        self.assertEqual(self.ask("POST", "/api/roots", {"path": str(self.home / "media")})[0], 409)
        roots = lambda: self.ask("GET", "/api/roots")[1]["items"][0]
        self.until(roots, lambda one: one["state"] == "ok" and one["present"] == 3 and one["waiting"]["probes"] == 0)
        self.assertEqual(roots()["failed"], 3)
        self.assertEqual(roots()["waiting"]["samples"], 0)
        self.assertEqual(self.ask("DELETE", f"/api/roots/{root['id']}")[0], 204)
        self.assertEqual(self.ask("DELETE", f"/api/roots/{root['id']}")[0], 404)
        self.assertEqual(self.ask("GET", "/api/roots")[1]["total"], 0)
        self.assertTrue((self.home / "media/Film 1 (1999).mkv").exists())

    def test_paths_of_any_bytes(self):
        """What GET lists is what POST takes, what the chooser lists and what a schedule says; commands take it too."""
        names = {b"a%20b": "a%2520b", b"a b": "a b", b"100%": "100%", b"5% off": "5% off", b"bad \xff": "bad %FF", b"half \xc3": "half %C3",
                 b"two\nlines": "two\nlines", b"\xc3\xa9t\xc3\xa9": "\u00e9t\u00e9", b"%41%": "%2541%"}
        for name in names:
            folder = os.fsencode(self.home / "media") + b"/" + name
            os.makedirs(folder)
            with open(folder + b"/Heat (1995).mkv", "wb") as film:
                film.write(name)
        self.serve(MATINEE_LIBRARY_SETTLE="0.2")
        chosen = {f["path"] for f in self.ask("GET", "/api/folders?" + urllib.parse.urlencode({"path": self.home / "media"}))[1]["items"]}
        self.assertEqual(chosen, {str(self.home / "media" / text) for text in names.values()})
        for path in chosen:
            self.assertEqual(self.ask("POST", "/api/roots", {"path": path})[0], 201, path)
        roots = lambda: self.ask("GET", "/api/roots")[1]["items"]
        self.assertEqual({root["path"] for root in roots()}, chosen)
        self.until(roots, lambda all_of: all(root["state"] == "ok" and root["present"] == 1 for root in all_of))
        for root in roots():
            self.assertEqual(self.ask("POST", "/api/roots", {"path": root["path"]})[0], 409, root["path"])
            self.assertEqual(self.ask("DELETE", f"/api/roots/{root['id']}")[0], 204)
            self.assertEqual(self.ask("POST", "/api/roots", {"path": root["path"]})[1]["path"], root["path"])
        self.assertEqual({root["path"] for root in roots()}, chosen)
        for name, text in names.items():
            self.run_matinee("root", "remove", "--yes", str(self.home / "media" / text) if b"%" in name else os.fsencode(self.home / "media") + b"/" + name)
        self.assertEqual(roots(), [])

    def test_a_disk_that_hangs(self):
        """Its helper is stopped as a read that never returns would stop it: it is said, and the other root goes on."""
        self.films("slow", 4000)
        self.films("media", 3)
        self.run_matinee("root", "add", "slow")
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan", timeout=300)
        self.serve(MATINEE_LIBRARY_STALL_AFTER="2", MATINEE_LIBRARY_SETTLE="0.2")
        roots = lambda: self.ask("GET", "/api/roots")[1]["items"]
        self.until(roots, lambda all_of: all("watching" in one["watch"] for one in all_of))
        done = threading.Event()
        stopper = threading.Thread(target=self.stop_helpers, args=(done,))
        stopper.start()
        try:
            self.write("media/Other (2000).mkv", "other")
            self.ask("POST", "/api/scan")
            self.until(roots, lambda all_of: all_of[0]["state"] == "stalled")
            self.assertGreaterEqual(roots()[0]["stalled_s"], 0)
            self.assertIn("stalled ", self.out("root", "list"))
            self.until(roots, lambda all_of: all_of[1]["present"] == 4)
            self.assertEqual(roots()[0]["present"], 4000)
        finally:
            done.set()
            stopper.join()
        self.ask("POST", "/api/scan")
        self.until(roots, lambda all_of: all_of[0]["state"] == "ok" and all_of[0]["stalled_s"] is None)

    def test_a_disk_that_hangs_for_a_command(self):
        """The walk of a command is a fork of it; that one is stopped."""
        self.films("slow", 2000)
        self.films("media", 3)
        self.run_matinee("root", "add", "slow")
        self.run_matinee("root", "add", "media")
        self.run_matinee("scan", timeout=300)
        self.write("media/Other (2000).mkv", "other")
        for _ in range(20):  # until the walk was met in the middle
            self.server = subprocess.Popen([MATINEE, "scan"], cwd=self.home, env={**self.env, "MATINEE_LIBRARY_STALL_AFTER": "1"},
                                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            done = threading.Event()
            stopper = threading.Thread(target=self.stop_helpers, args=(done,))
            stopper.start()
            told = self.server.communicate(timeout=60)[1]
            done.set()
            stopper.join()
            self.assertEqual(self.server.returncode, 0, told)
            if "does not answer" in told:
                break
        items = self.json("root", "list")["items"]
        self.assertEqual([(one["state"], one["present"]) for one in items], [("stalled", 2000), ("ok", 4)])
        self.run_matinee("scan")
        self.assertEqual(self.json("root", "list")["items"][0]["state"], "ok")

    def stop_helpers(self, done):
        """Stops every child that has the slow root open."""
        slow = str(self.home / "slow")
        while not done.is_set():
            for pid in pathlib.Path(f"/proc/{self.server.pid}/task").glob("*/children"):
                try:
                    for child in pid.read_text().split():
                        for fd in pathlib.Path(f"/proc/{child}/fd").iterdir():
                            if os.readlink(fd) == slow:
                                os.kill(int(child), signal.SIGSTOP)
                except (OSError, ProcessLookupError):
                    continue


if __name__ == "__main__":
    unittest.main()
