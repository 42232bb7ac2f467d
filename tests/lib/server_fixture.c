/* server_fixture.c - see server_fixture.h. */
#include "lib/server_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "lib/ts_check.h"
#include "lib/ts_made.h"
#include "server/server.h"
#include "station/on_air.h"
#include "stream/clip_cache.h"
#include "stream/ts_stamp.h"

#define PATIENCE_MS 20000

/* ---- a client ---- */

int dial(const struct house *h)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)h->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

void say(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n <= 0)
			return; /* the server closed: the answer is looked at, not the sending */
		text += n;
		len -= (size_t)n;
	}
}

/* Reads until `enough` bytes, the end, or PATIENCE_MS of silence (then the test fails). */
void hear(int fd, struct buf *to, size_t enough)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

	while (to->len < enough) {
		char *at = buf_reserve(to, 65536);
		ssize_t n;

		if (poll(&poll_fd, 1, PATIENCE_MS) != 1)
			fail_msg("no answer within %d ms; so far: '%.200s'", PATIENCE_MS, buf_text(to));
		n = recv(fd, at, 65536, 0);
		if (n <= 0)
			return;
		to->len += (size_t)n;
		to->data[to->len] = '\0';
	}
}

void answer_free(struct answer *answer)
{
	buf_free(&answer->text);
}

struct answer parse(struct buf text)
{
	struct answer answer = { .text = text, .body = "" };
	const char *end = strstr(buf_text(&text), "\r\n\r\n");

	if (sscanf(buf_text(&text), "HTTP/1.1 %d", &answer.status) != 1)
		sscanf(buf_text(&text), "HTTP/1.0 %d", &answer.status);
	if (end) {
		answer.body = end + 4;
		answer.body_len = text.len - (size_t)(answer.body - text.data);
	}
	return answer;
}

struct answer talk(const struct house *h, const char *request, size_t len)
{
	struct buf text = { 0 };
	int fd = dial(h);

	say(fd, request, len);
	hear(fd, &text, SIZE_MAX);
	close(fd);
	return parse(text);
}

struct answer http_ask(const struct house *h, const char *method, const char *headers, const char *path, ...)
{
	CLEANUP(buf_free) struct buf request = { 0 };
	char target[4096];
	va_list args;

	va_start(args, path);
	vsnprintf(target, sizeof(target), path, args);
	va_end(args);
	buf_addf(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n%s\r\n", method, target,
		 headers);
	return talk(h, request.data, request.len);
}

bool has_header(const struct answer *answer, const char *line)
{
	const char *found = strcasestr(buf_text(&answer->text), line);

	return found && found < answer->body;
}

void header_of(const struct answer *answer, const char *name, char *to, size_t size)
{
	const char *found = strcasestr(buf_text(&answer->text), name);

	*to = '\0';
	if (found && found < answer->body)
		snprintf(to, size, "%.*s", (int)strcspn(found + strlen(name) + 2, "\r\n"),
			 found + strlen(name) + 2);
}

/* ---- a house ---- */

/* All segments of the channel from a minute ago to a minute ahead stand in the cache. */
static void prepare(struct house *h)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *dir = fs_join(h->f.dir, "cache");
	const struct ts_made_kind kind = { { 25, 1 }, 30000, 6000, 300, 40 };
	int64_t now = station_now_ns(h->f.time);
	struct on_air_segments list;
	struct channel channel;
	struct err err = { 0 };

	test_ok(channels_get(h->f.db, h->channel_id, &arena, &channel, &err), &err);
	test_ok(on_air_window(h->f.db, &channel, now - 60 * CLOCK_SECOND, now + 60 * CLOCK_SECOND, &arena,
			      &list, &err),
		&err);
	assert_true(list.count >= 30);
	for (size_t i = 0; i < list.count; i++) {
		const struct on_air_segment *s = &list.segments[i];
		CLEANUP(buf_free) struct buf ts = { 0 };
		struct ts_made made;

		assert_false(s->slate);
		ts_made_segment(&made, &kind, s->clip.frames, s->k, (uint32_t)s->k);
		test_ok(tsmux_write(&ts, &made.segment, &err), &err);
		test_ok(clip_cache_write(dir, s->clip.key, s->k, ts.data, ts.len, &err), &err);
		ts_made_free(&made);
	}
}

/* A file for /media: 1 MiB of bytes that tell their place. */
void film(struct house *h)
{
	CLEANUP(cleanup_free) char *data = malloc(1 << 20);
	CLEANUP(cleanup_free) char *path = NULL;
	struct err err = { 0 };
	char name[40];

	for (uint32_t i = 0; i < 1 << 18; i++)
		memcpy(data + (size_t)i * 4, &i, 4);
	snprintf(name, sizeof(name), "%lld.mkv", (long long)h->movie);
	free(h->videos);
	h->videos = fs_join(h->f.dir, "videos");
	test_ok(fs_mkdirs(h->videos, &err), &err);
	path = fs_join(h->videos, name);
	test_ok(fs_write_atomic(path, data, 1 << 20, &err), &err);
	test_ok(db_run(h->f.db, &err, "UPDATE roots SET path = ?", "b", h->videos,
		       (int64_t)strlen(h->videos)),
		&err);
}

int open_house(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	struct server_config config = { .mode = SERVER_SERVE, .workers = 1, .worker_program = "/bin/false" };
	struct err err = { 0 };

	station_fixture_open(&h->f, clock_wall_ms() - 200000);
	h->movie = station_fixture_item(&h->f, &(struct fixture_item) { .kind = "movie",
									.title = "Long",
									.year = 1999,
									.flicks = 3600 * PLAN_FLICKS });
	h->channel_id = station_fixture_channel(&h->f, 7, "Seven", "{}", 1);
	station_fixture_build(&h->f, h->channel_id, station_now_ns(h->f.time) + 3600 * CLOCK_SECOND);
	station_fixture_pass(&h->f, 200 * CLOCK_SECOND);
	prepare(h);
	film(h);
	config.store = h->f.store;
	h->server = server_start(&config, &err);
	if (!h->server)
		fail_msg("%s", err.text);
	h->port = server_port(h->server);
	*state = h;
	return 0;
}

int close_house(void **state)
{
	struct house *h = *state;

	server_stop(h->server);
	free(h->videos);
	station_fixture_close(&h->f);
	free(h);
	return 0;
}

/* The path of the newest segment in the playlist. */
void newest_segment(const struct house *h, char *to, size_t size)
{
	struct answer list = http_ask(h, "GET", "", "/channel/7.m3u8");
	const char *last = NULL;

	assert_int_equal(list.status, 200);
	for (const char *at = strstr(list.body, "/channel/"); at; at = strstr(at + 1, "/channel/"))
		last = at;
	assert_non_null(last);
	snprintf(to, size, "%.*s", (int)strcspn(last, "\r\n"), last);
	answer_free(&list);
}
