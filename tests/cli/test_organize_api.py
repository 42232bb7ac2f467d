"""The page's way to organise, duplicates, junk, batches and undo; and the commands beside a running server."""
import os, shutil, signal, time, unittest

from harness import Served

OLD = 1_600_000_000


class Api(Served):
    def setUp(self):
        super().setUp()
        self.media = self.home / "media"
        self.put("in/Heat (1995).mkv", b"heat" * 1000)
        self.put("in/Heat (1995).srt", b"sub")
        self.put("in/Copy of something (1994).mkv", b"same" * 500)
        self.put("other/Another name (1993).mkv", b"same" * 500)
        self.put("in/film.part", b"half")
        self.put("in/notes.odt", b"?")
        self.run_matinee("root", "add", str(self.media), "--kind", "movies")
        self.run_matinee("scan")
        self.before = self.tree()

    def put(self, name, data):
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (OLD, OLD))

    def tree(self):
        return {str(p.relative_to(self.media)): p.read_bytes() for p in self.media.rglob("*")
                if p.is_file() and ".matinee-trash" not in p.parts}

    def ask(self, method, path, body=None, status=(200, 202)):
        got, said = super().ask(method, path, body)
        self.assertIn(got, status if isinstance(status, tuple) else (status,), said)
        return said

    def ended(self, job):
        for _ in range(300):
            row = self.ask("GET", f"/api/jobs/{job}")
            if row["state"] not in ("queued", "running"):
                self.assertEqual(row["state"], "done", row)
                return row
            time.sleep(0.1)
        self.fail(f"job {job} does not end: {row}")

    def undo(self, batch):
        self.ended(self.ask("POST", f"/api/batches/{batch}/undo", {})["job"])
        self.assertEqual(self.tree(), self.before)

    def test_organize(self):
        self.serve()
        plan = self.ask("POST", "/api/organize/preview", {"preset": "plex", "q": "Heat"})
        self.assertEqual([(m["state"], len(m["sidecars"])) for m in plan["moves"]], [("ok", 1)])
        self.assertEqual(self.tree(), self.before)
        self.assertEqual(self.ask("GET", "/api/batches")["total"], 0, "a preview is no batch")
        done = self.ask("POST", "/api/organize/apply", {"plan": plan["plan"]})
        self.ended(done["job"])
        self.assertIn("Heat (1995)/Heat (1995).srt", self.tree())
        batch = self.ask("GET", f"/api/batches/{done['batch']}")
        self.assertEqual((batch["state"], batch["files_done"], batch["undoable"], len(batch["moves"])), ("done", 2, True, 2))
        self.assertIn("done already", self.ask("POST", "/api/organize/apply", {"plan": plan["plan"]}, 409)["error"]["message"])
        self.undo(done["batch"])
        self.assertEqual(self.ask("GET", f"/api/batches/{done['batch']}")["state"], "undone")
        self.ask("POST", f"/api/batches/{done['batch']}/undo", {}, 404)
        self.ask("POST", "/api/organize/preview", {"to": "/etc"}, 422)
        self.ask("POST", "/api/organize/preview", {"template": "{nonsense}"}, 400)
        self.ask("POST", "/api/organize/preview", {"q": "year:nonsense"}, 400)

    def test_folders_that_become_symlinks_between_preview_and_apply(self):
        """The source's folder, the target's, and one on the way to it: what leads elsewhere is refused, and nothing outside is touched."""
        self.serve()
        outside = self.home / "outside"
        outside.mkdir()
        for kind in ("source", "target", "base"):
            for _ in range(300):  # the watcher sees the folders come and go
                plan = self.ask("POST", "/api/organize/preview", {"template": "films/{title}/{title} ({year}){ext}", "q": "Heat"})
                if [(m["state"], len(m["sidecars"])) for m in plan["moves"]] == [("ok", 1)]:
                    break
                time.sleep(0.1)
            if kind == "source":  # with files of the same names and bytes
                shutil.copytree(self.media / "in", outside / "in")
                os.rename(self.media / "in", self.home / "hidden")
                (self.media / "in").symlink_to(outside / "in")
            elif kind == "target":
                (self.media / "films").mkdir()
                (self.media / "films/Heat").symlink_to(outside)
            else:
                (self.media / "films").symlink_to(outside)
            before = sorted(str(p) for p in outside.rglob("*"))
            batch = self.ask("POST", "/api/organize/apply", {"plan": plan["plan"]})
            self.ended(batch["job"])
            done = self.ask("GET", f"/api/batches/{batch['batch']}")
            self.assertEqual((done["files_done"], done["failed"]), (0, 2), done)
            self.assertIn("symlink", done["moves"][0]["message"])
            self.assertEqual(sorted(str(p) for p in outside.rglob("*")), before)
            if kind == "source":
                (self.media / "in").unlink()
                os.rename(self.home / "hidden", self.media / "in")
                shutil.rmtree(outside / "in")
            elif kind == "target":
                shutil.rmtree(self.media / "films")
            else:
                (self.media / "films").unlink()
            self.assertEqual(self.tree(), self.before)

    def test_duplicates_and_trash(self):
        self.serve()
        groups = self.ask("GET", "/api/duplicates")["items"]
        self.assertEqual([g["kind"] for g in groups], ["full"])
        self.assertEqual(self.ask("GET", "/api/duplicates?sort=-reclaim_bytes")["items"], groups)
        self.ask("GET", "/api/duplicates?sort=files", None, 400)
        keep = [f["id"] for f in groups[0]["files"] if "Another" in f["path"]]
        asked = {"groups": [{"id": groups[0]["id"], "keep": keep}]}
        self.assertEqual(self.ask("POST", "/api/duplicates/apply", {**asked, "dry_run": True})["files"], 1)
        self.ask("POST", "/api/duplicates/apply", {"groups": [{"id": groups[0]["id"], "keep": []}]}, 422)
        self.ask("POST", "/api/duplicates/apply", {"groups": [{"id": "full:gone", "keep": keep}]}, 404)
        self.assertEqual(self.tree(), self.before)
        done = self.ask("POST", "/api/duplicates/apply", asked)
        self.ended(done["job"])
        self.assertNotIn("in/Copy of something (1994).mkv", self.tree())
        self.assertEqual(self.ask("GET", "/api/trash")["total"], 1)
        self.assertEqual([self.ask("GET", "/api/trash?" + q)["total"] for q in ("sort=-size", "q=copy+of", "q=nobody", "offset=1")], [1, 1, 0, 1])
        self.assertEqual(len(self.ask("GET", "/api/trash?offset=1&sort=path")["items"]), 0)
        self.ask("GET", "/api/trash?sort=files", None, 400)
        batches = [b["id"] for b in self.ask("GET", "/api/batches?sort=at")["items"]]
        self.assertEqual(batches, sorted(batches))
        self.assertEqual([b["id"] for b in self.ask("GET", "/api/batches?sort=-id&limit=1")["items"]], batches[-1:])
        self.assertEqual({b["kind"] for b in self.ask("GET", "/api/batches?q=duplic")["items"]}, {"duplicates"})
        self.undo(done["batch"])
        self.ask("POST", "/api/trash/empty", {}, 422)

    def test_junk(self):
        self.serve()
        junk = self.ask("GET", "/api/junk")
        self.assertEqual([os.path.basename(i["path"]) for i in junk["items"]], ["film.part"])
        self.assertEqual([os.path.basename(i["path"]) for i in self.ask("GET", "/api/unknown")["items"]], ["notes.odt"])
        self.assertEqual(self.ask("GET", "/api/junk?sort=-size&q=PART")["items"], junk["items"])
        self.assertEqual((self.ask("GET", "/api/junk?sort=size&q=nothing")["items"], self.ask("GET", "/api/unknown?sort=path&limit=0")["total"]), ([], 1))
        self.ask("GET", "/api/junk?sort=colour", None, 400)
        done = self.ask("POST", "/api/junk/apply", {"ids": [junk["items"][0]["id"]]})
        self.ended(done["job"])
        self.assertNotIn("in/film.part", self.tree())
        self.assertEqual(self.ask("GET", "/api/junk")["total"], 0, "after a batch it is looked for again")
        self.undo(done["batch"])
        self.assertEqual(self.ask("GET", "/api/junk")["total"], 1)

    def test_junk_is_looked_for_when_asked(self):
        """Pages of the lists come from one walk; its time is said, and there is a new one on request."""
        self.serve()
        first = self.ask("GET", "/api/junk")
        self.put("in/late.part", b"x")
        again = self.ask("GET", "/api/junk")
        self.assertEqual((again["looked_at"], again["total"]), (first["looked_at"], 1))
        self.assertEqual(self.ask("GET", "/api/unknown")["looked_at"], first["looked_at"], "one walk for both")
        anew = self.ask("GET", "/api/junk?again=1")
        self.assertEqual(anew["total"], 2)
        self.assertGreater(anew["looked_at"], first["looked_at"])
        self.assertEqual(self.ask("GET", "/api/junk?limit=1&offset=1")["looked_at"], anew["looked_at"])
        other = self.home / "other"
        other.mkdir()
        self.ask("POST", "/api/roots", {"path": str(other)}, (200, 201))
        roots = {os.path.basename(r["path"]): r["id"] for r in self.ask("GET", "/api/roots")["items"]}
        self.assertEqual([self.ask("GET", f"/api/junk?root={roots[n]}")["total"] for n in ("media", "other")], [2, 0])

    def test_an_emptied_trash_says_so(self):
        self.put("in/more.part", b"half of more")
        self.serve()
        junk = self.ask("GET", "/api/junk")["items"]
        self.assertEqual(len(junk), 2)
        done = self.ask("POST", "/api/junk/apply", {"ids": [i["id"] for i in junk]})
        self.ended(done["job"])
        self.assertEqual(self.ask("GET", f"/api/batches/{done['batch']}")["state"], "done")
        self.ended(self.ask("POST", "/api/trash/empty", {"older_than_ms": 86400000})["job"])
        self.assertEqual(self.ask("GET", f"/api/batches/{done['batch']}")["state"], "done", "nothing is that old")
        self.ended(self.ask("POST", "/api/trash/empty", {"older_than_ms": 0})["job"])
        batch = self.ask("GET", f"/api/batches/{done['batch']}")
        self.assertEqual((batch["state"], batch["undoable"], batch["message"]), ("emptied", False, "deleted for good"))
        self.assertEqual({m["state"] for m in batch["moves"]}, {"emptied"})
        self.assertEqual(self.ask("GET", "/api/trash")["total"], 0)
        self.ask("POST", f"/api/batches/{done['batch']}/undo", {}, 404)

    def test_commands_beside_a_server_that_is_killed(self):
        server = self.serve()
        self.run_matinee("organize", "--preset", "plex", "--yes", "Heat")
        self.assertIn("Heat (1995)/Heat (1995).mkv", self.tree())
        self.end(server, signal.SIGKILL)
        self.serve()
        self.run_matinee("undo")
        self.assertEqual(self.tree(), self.before)


if __name__ == "__main__":
    unittest.main()
