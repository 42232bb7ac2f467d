"""The page in a real browser: what a person does in its rooms is so on the server. Not here: its player (test_page_player.py), houses
that are out of order (test_page_house.py)."""
import json, os, pathlib, subprocess, time, unittest

import harness, players

BESIDE = 90  # seconds; see tools/check.py

AXE = players.TOP / "web" / "node_modules" / "axe-core" / "axe.min.js"


class Viewer:
    """One page; see page_watch.mjs."""

    def __init__(self, url, *size):
        self.process = subprocess.Popen(["node", str(players.HERE / "page_watch.mjs"), str(players.hls_js_at()), url, *size],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command):
        self.send(command)
        return self.hear()

    def do(self, *commands):
        """All of them, one after the other; the last answer. What fails says so with what stood on the page."""
        for command in commands:
            answer = self.ask(command)
            if "failed" in answer:
                says = self.ask("says")
                raise AssertionError(f"{command}: {answer['failed']}\nnot answered: {says.get('open')}\n{says.get('text', '')[:3000]}")
            if answer["errors"]:
                raise AssertionError(f"{command}: the page fell: {answer['errors']}")
        return answer

    def send(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def hear(self):
        return json.loads(self.process.stdout.readline() or '{"failed": "the browser ended"}')

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


@unittest.skipUnless(players.have("chromium") and players.have("node") and players.hls_js_at(), "no browser to watch with")
class Watched(unittest.TestCase):
    """A house of one channel with the page built in; open() looks at it."""

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server().start()
        cls.addClassCleanup(cls.server.close)
        if b"<script" not in cls.server.get("/"):
            raise unittest.SkipTest("the page is not built in")
        cls.server.furnish(harness.library())
        cls.server.add_channel(1, "One", "--kind", "movie", "--order", "loop", "--profile", "480p")

    @classmethod
    def open(cls, path):
        cls.viewer = Viewer(f"{cls.server.url}{path}")
        cls.addClassCleanup(cls.viewer.close)


class Rooms(Watched):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open("/activity")

    def wait(self, what, seconds=20):
        end = time.monotonic() + seconds
        while not (found := what()):
            self.assertLess(time.monotonic(), end, "it did not come about")
            time.sleep(0.1)
        return found

    def running(self):
        return [a for a in self.server.json("/api/alerts")["items"] if a["state"] == "running"]

    def test_alert_raised_and_cancelled(self):
        self.viewer.do("go /activity", "reads One", "fill What shall stand=Supper is on the table", "click 1 One", "choose 10 min", "choose Urgent",
                       "click Put it on the air", "reads On the air on channel 1")
        alert = self.wait(self.running)[0]
        self.assertEqual((alert["text"], alert["priority"], alert["for_ms"]), ("Supper is on the table", 80, 600000))
        self.assertEqual(alert["channels"], [self.server.channel_id(1)])
        self.viewer.do("go /", "reads Alert on the air", "go /activity", "click Take it off", "reads taken off")
        self.wait(lambda: not self.running())
        self.viewer.do("click Undo", "reads On the air on channel 1")
        self.assertEqual(self.wait(self.running)[0]["text"], "Supper is on the table")
        self.viewer.do("click Take it off", "reads taken off")

    def test_alert_on_some_of_many_channels(self):
        ask = lambda method, path, body=None: self.server.request(path, method, {"Content-Type": "application/json"}, body and json.dumps(body).encode())[2]
        added = [json.loads(ask("POST", "/api/channels", {"number": n, "name": f"Extra {n}", "schedule": {"query": {"search": "year:1850"}, "order": "loop"}}))["id"] for n in range(500, 530)]
        self.addCleanup(lambda: [ask("DELETE", f"/api/channels/{id}") for id in added])
        put = ("fill What shall stand=Fire drill", "click Put it on the air")
        self.viewer.do("go /activity", "click Some of them", "fill Search the channels=520-524", "click Choose the 5 found", "fill Search the channels=", "check 500 Extra 500", "click 6 of them", *put,
                       "reads On the air on channels 520, 521, 522, 523, 524, 500")
        self.assertEqual(sorted(self.wait(self.running)[0]["channels"]), added[:1] + added[20:25])
        self.viewer.do("click Take it off", "reads taken off", "fill Search the channels=extra", "click Choose the 30 found", "reads 30 channels chosen", "click Choose none", "reads None chosen yet",
                       "click All 31 channels", *put, "reads On the air on all channels")
        self.assertIsNone(self.wait(self.running)[0]["channels"])
        self.viewer.do("click Take it off", "reads taken off")

    def channel(self, number):
        return next((c for c in self.server.json("/api/channels")["items"] if c["number"] == number), None)

    def test_channel_made_changed_and_removed(self):
        self.viewer.do("go /station", "click New channel", "reads Begin with", "fill Number=7", "fill Name=Film Night", "click Films", "click Put it on the air",
                       "reads is a channel")
        made = self.wait(lambda: self.channel(7))
        self.assertEqual((made["name"], made["enabled"], made["profile"]), ("Film Night", True, "720p"))
        rules = lambda: self.server.json(f"/api/channels/{made['id']}/schedule")["schedule"]
        self.assertEqual((rules()["query"]["kind"], rules()["order"], rules()["spots"]), ("movie", "shuffle", True))
        self.viewer.do("reads clip by clip", "choose In order", "choose Commercials in the breaks", "click Save", "reads follows the new rules")
        self.assertEqual((rules()["order"], rules()["spots"]), ("order", False))
        self.viewer.do("click Undo", "reads Taken back")
        self.assertEqual((rules()["order"], rules()["spots"]), ("shuffle", True))
        self.viewer.do("click Remove", "click Leave it", "click Remove", "click Remove the channel", "reads Film Night is gone")
        self.assertIsNone(self.channel(7))
        self.viewer.do("click Undo", "reads Taken back", "go /station", "reads Film Night")
        self.assertEqual(self.wait(lambda: self.channel(7))["name"], "Film Night")

    def item(self, title):
        return next(i for i in self.server.json("/api/items?limit=100")["items"] if i["title"] == title and i["kind"] == "movie")

    def test_item_edited_and_taken_back(self):
        item = self.item("Flash")
        told = lambda: self.server.json(f"/api/items/{item['id']}")
        self.viewer.do(f"go /library/{item['id']}", "reads What it is", "fill Year=1999", "fill Time of day=evening", "fill Tags=noir, rainy day", "click Save", "reads Saved.")
        self.assertEqual((told()["year"], told()["daypart"], sorted(told()["tags"])), (1999, "evening", ["noir", "rainy day"]))
        self.viewer.do("reads 2001 → 1999", "click Undo", "reads Taken back")
        self.assertEqual((told()["year"], told()["daypart"], told()["tags"]), (2001, None, []))

    def test_breaks_set_moved_and_taken_out(self):
        item = self.item("Flash")
        breaks = lambda: [m["start_ms"] for m in self.server.json(f"/api/items/{item['id']}")["markers"]]
        self.viewer.do(f"go /library/{item['id']}", "fill Time of the new one=00:00:05.10", "click Add", "reads Break at 00:00:05.10")
        self.assertEqual(breaks(), [5400])
        self.viewer.do("fill Break: time=00:00:07.00", "key Tab", "reads Moved to 00:00:07.00")
        self.assertEqual(breaks(), [7000])
        self.viewer.do("fill Break: until=0:09", "key Tab", "reads It ends at 00:00:09.00", "fill Break: until=5", "key Tab")  # an end before the beginning is not taken
        ends = lambda: [m["end_ms"] for m in self.server.json(f"/api/items/{item['id']}")["markers"]]
        self.assertEqual(ends(), [9000])
        self.viewer.do("click Take out Break at 00:00:07.00", "reads taken out")
        self.assertEqual(breaks(), [])
        self.viewer.do("click Undo", "reads Taken back")
        self.assertEqual((breaks(), ends()), ([7000], [9000]))

    def test_many_changed_at_once_and_taken_back(self):
        tagged = lambda: self.server.json("/api/items?q=tag:stormy")["total"]
        n = self.server.json("/api/items?q=kind:episode")["total"]
        self.assertGreater(n, 5)
        self.viewer.do("go /library", "fill Search the library=kind:episode", f"reads {n} titles found", "check Choose Clips", f"click All {n}", "click Change", "fill Add tags=stormy",
                       f"reads {n} of {n} titles will change", "click Change them", f"reads {n} titles changed")
        self.assertEqual(tagged(), n)
        self.viewer.do("click Undo", "reads Taken back")
        self.assertEqual(tagged(), 0)

    def test_collections_kept_collected_and_put_in_order(self):
        named = lambda name: next((c for c in self.server.json("/api/collections")["items"] if c["name"] == name), None)
        clips = [i["episode_title"] for i in self.server.json("/api/items?q=kind:episode&sort=title")["items"]]
        self.viewer.do("go /library", "fill Search the library=kind:episode", f"reads {len(clips)} titles found", "click Keep as a collection", "fill Its name=All of it", "click Keep it", "reads Kept as All of it")
        self.assertEqual((named("All of it")["filter"], named("All of it")["items"]), ("kind:episode", len(clips)))
        self.viewer.do("check Choose Clips", f"click All {len(clips)}", f"reads {len(clips)} titles chosen", "click Collect", "fill Its name=Late Night", "click Put it in", f"reads {len(clips)} titles put into Late Night")
        late = named("Late Night")
        order = lambda: [i["episode_title"] for i in self.server.json(f"/api/collections/{late['id']}/items")["items"]]
        self.assertEqual((late["smart"], order()), (False, clips))
        self.viewer.do("go /library/collections", "reads All of it", f"go /library/collections?open={late['id']}", f"reads {clips[1]}", f"click {clips[1]}: one up")
        moved = [clips[1], clips[0], *clips[2:]]
        self.wait(lambda: order() == moved)
        self.viewer.do(f"click Take {clips[0]} out", "reads is out of Late Night")
        self.assertEqual(order(), [clips[1], *clips[2:]])
        self.viewer.do("click Undo", "reads Taken back")
        self.assertEqual(order(), moved)
        self.viewer.do("click Remove the collection", "reads is gone")
        self.assertIsNone(named("Late Night"))
        self.viewer.do("click Undo", "reads Taken back")
        late = named("Late Night")
        self.assertEqual(order(), moved)

    def test_a_fault_in_the_filter_is_pointed_at(self):
        self.viewer.do("go /library", "fill Search the library=kind:episode yaer:1999", "reads did you mean", "fill Search the library=year:1850", "reads You own nothing that matches")

    def test_duplicates_put_aside_and_taken_back(self):
        films = self.server.home / "Doubles"
        films.mkdir()
        source = next(harness.library().joinpath("Films").glob("Flash*"))
        for name in ("Twin (1990).mkv", "Twin again (1990).mkv"):
            (films / name).write_bytes(source.read_bytes() + b"x")
        self.server.furnish_one(films)
        there = lambda: sorted(path.name for path in films.glob("*.mkv"))
        self.viewer.do("go /library/duplicates", "reads Twin again (1990).mkv", "reads 1 file would go", "click Put them aside", "click Leave it", "click Put them aside")
        self.viewer.do("confirm Put them aside", "reads 1 file put aside")
        self.assertEqual(len(self.wait(lambda: len(there()) == 1 and there())), 1)
        self.viewer.do("click Undo")
        self.wait(lambda: there() == ["Twin (1990).mkv", "Twin again (1990).mkv"])
        self.viewer.do("reads 1 file would go")

    def folder(self, name, *files):
        """A folder of its own with files that are old enough to be judged."""
        folder = self.server.home / name
        folder.mkdir()
        for file, content in files:
            (folder / file).write_bytes(content)
            os.utime(folder / file, (1_600_000_000, 1_600_000_000))
        self.server.furnish_one(folder)
        return folder, lambda: sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    def test_put_in_order_and_taken_back(self):
        film = next(harness.library().joinpath("Films").glob("Flash*")).read_bytes() + b"a film that lies about"
        folder, there = self.folder("Heap", ("harbour.lights.1951.mkv", film), ("harbour.lights.1951.srt", b"1\n00:00:01,000 --> 00:00:02,000\nFog.\n"))
        before = there()
        for tries in range(6):  # a worker that looks into the file stands in the way
            self.wait(lambda: all(worker["job"] in (None, "idle") for worker in self.server.json("/api/status")["workers"]), 60)
            try:
                self.viewer.do("go /library/organise", "pick Names as for=Plex", "fill Which titles=year:1951", "click Show what would become of them", "reads 1 file would change")
                break
            except AssertionError as problem:
                if tries == 5 or "has it open" not in str(problem):
                    raise
        self.viewer.do("click Do it", "confirm Do it",
                       "reads In order.")
        after = there()
        self.assertEqual(sorted(pathlib.Path(path).suffix for path in after), [".mkv", ".srt"])
        self.assertFalse(set(before) & set(after), after)
        self.viewer.do("click Undo")  # what stands below says "Taken back", too
        self.wait(lambda: there() == before)

    def test_junk_put_aside_and_brought_back_from_the_trash(self):
        folder, there = self.folder("Leftovers", ("half.part", b"half"), ("Thumbs.db", b"small pictures"), ("letter.odt", b"kept"))
        aside = lambda: [path for path in there() if path.startswith(".matinee-trash/")]
        self.viewer.do("go /library/unknown", "reads letter.odt", "click Look again", "reads As of", "go /library/junk", f"check Choose {folder}/half.part", "reads 1 file chosen", "click Put them aside", "confirm Put them aside",
                       "reads 1 file put aside")
        self.assertEqual([path.rsplit("/", 1)[1] for path in aside()], ["half.part"])
        self.viewer.do("click Undo", "reads Taken back")
        self.assertEqual(there(), ["Thumbs.db", "half.part", "letter.odt"])
        self.viewer.do("go /library/junk", f"check Choose {folder}/half.part", "click Put them aside", "confirm Put them aside", "reads 1 file put aside",
                       "go /library/trash", "reads half.part", "click Bring back", "reads Back where")
        self.assertEqual(there(), ["Thumbs.db", "half.part", "letter.odt"])
        self.viewer.do("go /library/junk", f"check Choose {folder}/Thumbs.db", "click Put them aside", "confirm Put them aside", "reads 1 file put aside",
                       "go /library/trash", "reads Thumbs.db", "click Empty the trash", "click Leave it")
        self.assertEqual(len(aside()), 1)
        self.viewer.do("click Empty the trash", "confirm Delete for good", "reads The trash is empty", "go /library/organise", "reads Emptied from the trash")
        self.assertEqual(there(), ["half.part", "letter.odt"])

    def test_folder_chosen_by_looking_around(self):
        home = self.server.home
        for name in ("Barn/Loft/100% hay", "Barn/.rats", "Barn/Stalls"):
            (home / name).mkdir(parents=True)
        known = lambda: [root["path"] for root in self.server.json("/api/roots")["items"] if str(home / "Barn") in root["path"]]
        self.viewer.do("go /library/folders", "fill One more folder=/no/such/place", "click Choose a folder", "reads No such file", "click Begin elsewhere", "click Leave it", "lost Use this folder")
        self.viewer.do("fill One more folder=", "click Choose a folder", "reads This machine", f"fill Path={home}/bar", "reads 1 folder with a name that begins so", "key Enter", "reads 2 folders below", "check Hidden ones too",
                       "reads .rats", "key Tab")  # from the box to "Leave it"
        self.viewer.do(f"fill Path={home}/no/such", "reads No such file", f"fill Path={home}/Barn/", "reads 3 folders below", "key ArrowDown", "key l", "key ArrowRight", "reads 100% hay", "key ArrowRight",
                       "reads No folders in here", "key ArrowLeft", "reads 1 folder below", "key ArrowRight", "reads No folders in here", "confirm Use this folder", "lost Use this folder", "click Add the folder",
                       "reads It is being looked through")
        self.assertEqual(known(), [str(home / "Barn/Loft/100% hay")])
        self.viewer.do("click Choose a folder", "reads This machine", f"fill Path={home}/Barn/Loft/100% hay/", "reads It is in the library already", "key Escape", "lost Use this folder")
        self.viewer.do("click Undo", "reads Taken back")
        self.assertEqual(known(), [])

    def test_folder_added_and_forgotten(self):
        folder = self.server.home / "Attic"
        folder.mkdir()
        (folder / "note.txt").write_text("stays")
        known = lambda: [(root["path"], root["kind"]) for root in self.server.json("/api/roots")["items"] if root["path"] == str(folder)]
        self.viewer.do("go /library/folders", f"fill One more folder={folder}", "choose Films", "click Add the folder", "reads It is being looked through")
        self.assertEqual(known(), [(str(folder), "movies")])
        self.viewer.do(f"click Forget {folder}", "click Leave it", f"click Forget {folder}", "confirm Forget the folder", "reads Forgotten")
        self.assertEqual((known(), (folder / "note.txt").read_text()), ([], "stays"))
        self.viewer.do("click Undo", "reads Taken back")
        self.assertEqual(known(), [(str(folder), "movies")])

    def test_addresses_to_take_along(self):
        self.viewer.do("go /screens", f"reads {self.server.url}/channels.m3u", f"reads {self.server.url}/channel/1.ts", "click Copy: All channels", "reads Copied")

    def test_the_channel_before(self):
        self.server.add_channel(2, "Two", "--kind", "movie", "--order", "loop", "--profile", "480p")
        self.viewer.do("go /watch/1", "reads Two", "click 2 Two", "stands ^/watch/2$", "key Backspace", "stands ^/watch/1$", "key Backspace", "stands ^/watch/2$")

    def test_the_guide_keeps_its_place(self):
        self.viewer.do("go /guide", "reads Today", "key o")
        at = lambda: int((self.viewer.ask("says")["path"] + "?at=0").split("?at=")[1].split("&")[0])
        there = self.wait(lambda: at() > time.time() + 3600 and at())
        self.viewer.do("click Station", "stands ^/station$", "back")
        self.wait(lambda: at() > 0)
        time.sleep(1)
        self.assertLess(abs(at() - there), 3600)
        self.viewer.do("click Guide", "stands ^/guide$")

    @unittest.skipUnless(AXE.is_file(), "no axe-core")
    def test_nothing_that_keeps_anybody_out(self):
        found = {}
        for path, word in (("/", "On now"), ("/guide", "Today"), ("/library", "titles"), (f"/library/{self.item('Flash')['id']}", "What it is"), ("/library/duplicates", "Library"),
                           ("/library/organise", "Names as for"), ("/library/folders", "One more folder"), ("/station", "New channel"), ("/station/new", "Begin with"),
                           ("/activity", "Break in"), ("/screens", "All channels")):
            self.viewer.do(f"go {path}", f"reads {word}")
            if wrong := self.viewer.do(f"axe {AXE}")["wrong"]:
                found[path] = wrong
        self.viewer.do("go /library/folders", "click Choose a folder", "reads Use this folder")
        found.update({"choosing": wrong} if (wrong := self.viewer.do(f"axe {AXE}")["wrong"]) else {})
        self.assertEqual(found, {})

    def test_job_called_off(self):
        body = json.dumps({"channel": self.server.channel_id(1), "hours": 72}).encode()
        status, _, answer = self.server.request("/api/prepare", "POST", {"content-type": "application/json"}, body)
        self.assertEqual(status, 202, answer)
        job = lambda: self.server.json(f"/api/jobs/{json.loads(answer)['job']}")
        self.viewer.do("go /activity", "click Call off: Prepare a channel", "reads called off")
        self.wait(lambda: job()["state"] == "cancelled")


@unittest.skipUnless(players.have("chromium") and players.have("node") and players.hls_js_at(), "no browser to watch with")
class FirstDay(unittest.TestCase):
    def test_from_nothing_to_a_channel(self):
        server = harness.Server().start()
        self.addCleanup(server.close)
        if b"<script" not in server.get("/"):
            raise unittest.SkipTest("the page is not built in")
        viewer = Viewer(f"{server.url}/")
        self.addCleanup(viewer.close)
        viewer.do("reads Your station has no films yet", "fill Show it a folder=/no/such/place", "click Add the folder", "reads No such file",
                  f"fill Show it a folder={harness.library() / 'Films'}", "click Add the folder", "reads Now give it a channel", "click Put a bit of everything")
        end = time.monotonic() + 30
        while [c["state"] for c in server.json("/api/channels")["items"]] != ["ready"]:
            self.assertLess(time.monotonic(), end, "no channel came on the air")
            time.sleep(0.2)
        viewer.do("go /watch/1")
        self.assertNotIn("failed", viewer.ask("playing"))


if __name__ == "__main__":
    unittest.main()
