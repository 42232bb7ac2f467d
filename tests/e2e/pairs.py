"""A channel on which every source follows every other once: files along an Eulerian circuit of all ordered pairs, looped.

The store is made under a shifted clock and the server started again when all of it lies in the past, so that the whole
programme can be fetched and played at the speed of the machine. Used by test_pairs.py and by bench/joins.py.
Not here: making the sources (harness.py, tools/demo.py), reading streams (ts.py), clients (players.py)."""
import concurrent.futures, datetime, pathlib, random, shutil, time, urllib.parse

import harness, players

BEGIN = datetime.datetime(2031, 3, 1, 10, tzinfo=datetime.timezone.utc)


def iso(when):
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def stamp(seconds):
    """Seconds since 1970 as the API reads them."""
    return iso(datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc))


def circuit(count):
    """Numbers below `count`, each ordered pair of two different ones beside each other once, the last before the first."""
    left = {a: [b for b in range(count) if b != a] for a in range(count)}
    stack, order = [0], []
    while stack:
        if left[stack[-1]]:
            stack.append(left[stack[-1]].pop())
        else:
            order.append(stack.pop())
    return order[-1:0:-1]


def shelve(sources, shows, order=None):
    """Copies of `sources` as the episodes of one season, along the circuit or in the order given."""
    shows.mkdir(parents=True)
    for number, source in enumerate(order or circuit(len(sources)), 1):
        path = shows / f"Pairs - S01E{number:03} - {sources[source].stem.replace(' - ', ' ')}{sources[source].suffix}"
        shutil.copyfile(sources[source], path)


class House:
    """The server over copies of `sources` along the circuit (or in `order`), which takes `seconds` to air."""

    path = f"/channel/1/from/{int(BEGIN.timestamp())}.m3u8"

    def __init__(self, sources, folder, seconds, profile="480p", order=None):
        shows = pathlib.Path(folder) / "Shows" / "Pairs" / "Season 01"
        shelve(sources, shows, order)
        self.length, self.less = seconds + 30, set()
        self.server = harness.Server(env={"MATINEE_NOW": iso(BEGIN)}).start()
        self.server.cli("root", "add", shows.parent.parent, "--kind", "shows")
        self.server.cli("scan", timeout=180)
        self.server.add_channel(1, "Pairs", "--kind", "show", "--order", "loop", "--profile", profile, "--prepare", "never")
        self.id = self.server.channel_id(1)
        harness.until("the timeline was built", lambda: (rows := self.rows()) and harness.parse_time(rows[-1]["end"]) >= (BEGIN.timestamp() + self.length) * 1000)
        self.server.stop()
        self.server.env["MATINEE_NOW"] = iso(BEGIN + datetime.timedelta(seconds=self.length + 90))
        self.server.start()

    def rows(self):
        """What airs from the channel's begin on."""
        ends = iso(BEGIN + datetime.timedelta(seconds=self.length))
        answer = self.server.json(f"/api/channels/{self.id}/timeline?from={iso(BEGIN)}&to={ends}&limit=100000")
        return answer["items"]

    def playlist(self):
        return harness.Playlist(self.server.get(self.path).decode())

    def fetch(self, playlist, sequence, patience=30):
        """A segment, its own and not the slate that stands in for one that is late."""
        path, end = playlist.segments[sequence][0], time.monotonic() + patience
        while True:
            status, headers, body = self.server.request(urllib.parse.urljoin(self.path, path), timeout=60)
            if status == 200 and "no-store" not in (headers.get("Cache-Control") or ""):
                if "-e" in (headers.get("ETag") or ""):  # too much to do: less effort, other bytes
                    self.less.add(sequence)
                return body
            if time.monotonic() > end:
                raise AssertionError(f"segment {sequence}: {status} {headers}")
            time.sleep(0.2)

    def wanted(self, playlist):
        """The numbers that air in `length` seconds."""
        end = (BEGIN.timestamp() + self.length) * 1000
        return sorted(n for n, row in playlist.segments.items() if row[2] < end)

    def pairs(self):
        """(clip, the one after it) of all joins."""
        clips = [row["clip"] for row in self.rows()]
        return set(zip(clips, clips[1:]))

    def forget_half(self, seed):
        """Deletes a random half of the cached segments, so that prepared and encoded at once are mixed."""
        files = sorted((self.server.data / "cache").rglob("*.ts"))
        for path in random.Random(seed).sample(files, len(files) // 2):
            path.unlink()


def watch(house, seed):
    """Everything once encoded in a random order; then half of it is deleted and ffmpeg plays; then fetched again.
    Both times' bytes by number, and what ffmpeg said of the playlist and of the bytes as one stream."""
    playlist = house.playlist()
    numbers = house.wanted(playlist)
    mixed = random.Random(seed).sample(numbers, len(numbers))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = dict(zip(mixed, pool.map(lambda n: house.fetch(playlist, n), mixed)))
    house.forget_half(seed)
    seconds = sum(playlist.segments[n][1] for n in numbers)
    seen = players.ffmpeg(house.server.url + house.path, int(seconds) - 1, ("-live_start_index", "0"))
    second = {n: house.fetch(playlist, n) for n in numbers}
    stream = house.server.home / "stream.ts"
    stream.write_bytes(b"".join(second[n] for n in numbers))
    return first, second, seen, players.ffmpeg(str(stream), int(seconds) + 10)
