"""A disk that fails under a film on the air: what reads it gets EIO from some byte on, and later no more."""
import concurrent.futures, json, pathlib, shutil, sqlite3, subprocess, tempfile, unittest

import harness, players, test_faults

BESIDE = 21  # seconds; see tools/check.py

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* EIO for what lies at or beyond the byte that the file SHIM_FILE says, in files whose path has SHIM_WORD; none when there is no such file. */
static int broken(int fd, off_t at, size_t len)
{
	char link[64], path[4096];
	const char *word = getenv("SHIM_WORD"), *control = getenv("SHIM_FILE");
	long long from = -1;
	ssize_t n;
	FILE *file;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0 || !word || !control)
		return 0;
	path[n] = '\0';
	if (!strstr(path, word) || !(file = fopen(control, "re")))
		return 0;
	if (fscanf(file, "%lld", &from) != 1)
		from = -1;
	fclose(file);
	return from >= 0 && at >= 0 && at + (off_t)len > from;
}

static __thread int inside;

ssize_t read(int fd, void *to, size_t len)
{
	static ssize_t (*real)(int, void *, size_t);
	int fails = 0;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "read");
	if (!inside) {
		inside = 1;
		fails = broken(fd, lseek(fd, 0, SEEK_CUR), len);
		inside = 0;
	}
	if (fails) {
		errno = EIO;
		return -1;
	}
	return real(fd, to, len);
}

static ssize_t pread_from(const char *name, int fd, void *to, size_t len, off_t at)
{
	ssize_t (*real)(int, void *, size_t, off_t);

	*(void **)&real = dlsym(RTLD_NEXT, name);
	if (broken(fd, at, len)) {
		errno = EIO;
		return -1;
	}
	return real(fd, to, len, at);
}

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
	return pread_from("pread", fd, to, len, at);
}

ssize_t pread64(int fd, void *to, size_t len, off_t at)
{
	return pread_from("pread64", fd, to, len, at);
}
"""
WATCHED = 16


class Unread(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="matinee-e2e-unread."))
        self.addCleanup(shutil.rmtree, self.folder, True)
        (self.folder / "shim.c").write_text(SHIM)
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(self.folder / "shim.so"), str(self.folder / "shim.c"), "-ldl"],
                       check=True)
        test_faults.films(self.folder, (("scratched", "mkv"),))
        self.film = next((self.folder / "scratched").iterdir())
        self.control = self.folder / "control"
        self.server = harness.Server(env={"LD_PRELOAD": str(self.folder / "shim.so"), "SHIM_FILE": str(self.control), "SHIM_WORD": "Scratched"}).start()
        self.addCleanup(self.server.close)

    def item(self):
        return json.loads(self.server.cli("show", self.server.json("/api/items?kind=movie")["items"][0]["id"], "--json"))

    def validation(self):
        return self.item()["files"][0]["validation"] or {}

    def test_a_film_that_cannot_be_read(self):
        server = self.server
        server.furnish_one(self.folder / "scratched")
        server.add_channel(1, "Scratched", "--kind", "movie", "--order", "loop", "--profile", "480p", "--prepare", "never")
        server.wait_for(1, 3)
        # It begins a minute in the past: some ten seconds on it cannot be read.
        self.control.write_text(str(int(self.film.stat().st_size * 70 / test_faults.FILM_SECONDS)))
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            seen = [pool.submit(players.ffmpeg, f"{server.url}/channel/1{what}", WATCHED) for what in (".ts", ".m3u8")]
            shown = pool.submit(players.mpv, server.url + "/channel/1.m3u8", WATCHED) if players.have("mpv") else None
            concurrent.futures.wait(seen)
        self.assertTrue(not shown or not shown.result().problems or shown.result().only_slow(), shown and shown.result())
        for player in seen:
            self.assertEqual(player.result().problems, [], player.result().facts)
            self.assertGreater(player.result().facts["video_frames"], WATCHED * 25 - 3)
        said = "Input/output error"
        harness.until("the log names it", lambda: any("Scratched (2001)" in l and said in l for l in server.said().split("\n")))
        rows = json.loads(server.cli("as-run", 1, "--json"))["items"]
        self.assertTrue(any(r["status"] == "failed" and said in r["note"] and "Scratched (2001)" in r["note"] for r in rows), rows)
        self.assertTrue(any(said in f["reason"] and f["channel"] == 1 for f in server.json("/api/status")["faults"]))
        self.assertNotIn("sooner than it said", server.said())
        harness.until("the file is marked", lambda: self.validation().get("result") == "failed")
        self.assertIn(said, self.validation()["problems"][0])
        self.assertEqual(server.json("/api/items?q=is:invalid")["total"], 1)
        # Ten minutes later, and it still cannot be read; and then it can.
        marked = self.validation()["checked"]
        self.later(2)
        harness.until("it is tried again", lambda: self.validation()["checked"] > marked)
        self.assertEqual(self.validation()["result"], "failed")
        self.control.unlink()
        self.later(3)
        harness.until("it is known to be well", lambda: self.validation()["result"] == "ok")
        self.assertEqual(server.json("/api/items?q=is:invalid")["total"], 0)
        self.assertIn("is sound again", server.said())

    def later(self, number):
        """Ten minutes after it was tried; a new channel wakes who tries it."""
        db = sqlite3.connect(next(self.server.data.glob("*.db")), timeout=20)
        db.execute("UPDATE validations SET checked_ms = checked_ms - 600000")
        db.commit()
        db.close()
        self.server.add_channel(number, f"Later {number}", "--kind", "show")


if __name__ == "__main__":
    unittest.main()
