/* A real server on a free port over a store with rows and prepared segments: what players get, and what
 * hostile clients may try. Raw sockets, so that every byte is ours. */
#include "lib/testlib.h"

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
#include "lib/station_fixture.h"
#include "lib/ts_check.h"
#include "lib/ts_made.h"
#include "server/server.h"
#include "station/on_air.h"
#include "stream/clip_cache.h"
#include "stream/ts_stamp.h"

#define PATIENCE_MS 20000

struct house {
	struct station_fixture f;
	struct server *server;
	int port;
	int64_t channel_id, movie, film_file;
	char *videos;
};

/* ---- a client ---- */

static int dial(const struct house *h)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)h->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void say(int fd, const char *text, size_t len)
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
static void hear(int fd, struct buf *to, size_t enough)
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

struct answer {
	struct buf text; /* all of it */
	int status;
	const char *body;
	size_t body_len;
};

static void answer_free(struct answer *answer)
{
	buf_free(&answer->text);
}

static struct answer parse(struct buf text)
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

static struct answer talk(const struct house *h, const char *request, size_t len)
{
	struct buf text = { 0 };
	int fd = dial(h);

	say(fd, request, len);
	hear(fd, &text, SIZE_MAX);
	close(fd);
	return parse(text);
}

__attribute__((format(printf, 4, 5))) static struct answer ask(const struct house *h, const char *method,
							       const char *headers, const char *path, ...)
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

static bool has_header(const struct answer *answer, const char *line)
{
	const char *found = strcasestr(buf_text(&answer->text), line);

	return found && found < answer->body;
}

static void header_of(const struct answer *answer, const char *name, char *to, size_t size)
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
static void film(struct house *h)
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

static int open_house(void **state)
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

static int close_house(void **state)
{
	struct house *h = *state;

	server_stop(h->server);
	free(h->videos);
	station_fixture_close(&h->f);
	free(h);
	return 0;
}

/* The path of the newest segment in the playlist. */
static void newest_segment(const struct house *h, char *to, size_t size)
{
	struct answer list = ask(h, "GET", "", "/channel/7.m3u8");
	const char *last = NULL;

	assert_int_equal(list.status, 200);
	for (const char *at = strstr(list.body, "/channel/"); at; at = strstr(at + 1, "/channel/"))
		last = at;
	assert_non_null(last);
	snprintf(to, size, "%.*s", (int)strcspn(last, "\r\n"), last);
	answer_free(&list);
}

/* ---- streams ---- */

static void a_playlist_and_its_segments(void **state)
{
	struct house *h = *state;
	CLEANUP(buf_free) struct buf all = { 0 };
	struct answer list = ask(h, "GET", "", "/channel/7.m3u8"), segment;
	struct ts_check check = { 0 };
	size_t count = 0;

	assert_int_equal(list.status, 200);
	assert_true(has_header(&list, "Content-Type: application/vnd.apple.mpegurl"));
	assert_true(has_header(&list, "Access-Control-Allow-Origin: *"));
	assert_true(has_header(&list, "X-Content-Type-Options: nosniff"));
	for (const char *at = strstr(list.body, "\n/channel/"); at; at = strstr(at + 1, "\n/channel/")) {
		segment = ask(h, "GET", "", "%.*s", (int)strcspn(at + 1, "\r\n"), at + 1);
		assert_int_equal(segment.status, 200);
		assert_true(has_header(&segment, "Content-Type: video/mp2t"));
		assert_true(has_header(&segment, "max-age=60"));
		buf_add(&all, segment.body, segment.body_len);
		answer_free(&segment);
		count++;
	}
	assert_true(count >= 6);
	/* In a row they are one stream: the clock grows over every border. */
	if (ts_check(&check, (const uint8_t *)all.data, all.len, false) < 0)
		fail_msg("%s", check.error);
	ts_check_free(&check);
	answer_free(&list);
}

/* What was put into the cache, moved to the channel's clock: the same bytes, whatever blocks they were sent
 * in. */
static void a_segment_is_the_cached_one_on_the_channels_clock(void **state)
{
	struct house *h = *state;
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *dir = fs_join(h->f.dir, "cache");
	struct clip_cache *cache;
	CLEANUP(cleanup_free) char *bytes = NULL;
	CLEANUP(cleanup_fd) int fd = -1;
	long long generation, seq;
	struct on_air_segment segment;
	struct channel channel;
	struct answer answer;
	struct err err = { 0 };
	char path[200];
	int64_t len;

	newest_segment(h, path, sizeof(path));
	assert_int_equal(sscanf(path, "/channel/7/s/%lld/%lld.ts", &generation, &seq), 2);
	db_lock(h->f.db);
	test_ok(channels_get(h->f.db, h->channel_id, &arena, &channel, &err), &err);
	test_ok(on_air_segment(h->f.db, &channel, seq, &arena, &segment, &err), &err);
	db_unlock(h->f.db);
	cache = clip_cache_open(dir, 0, &err);
	fd = clip_cache_get(cache, segment.clip.key, segment.k, &len, &err);
	assert_true(fd >= 0 && len % 188 == 0);
	bytes = malloc((size_t)len);
	assert_int_equal(pread(fd, bytes, (size_t)len, 0), len);
	assert_true(segment.stamp > 0);
	ts_stamp((uint8_t *)bytes, (size_t)len, segment.stamp);
	answer = ask(h, "GET", "", "%s", path);
	assert_int_equal(answer.body_len, len);
	assert_memory_equal(answer.body, bytes, (size_t)len);
	answer_free(&answer);
	clip_cache_close(cache);
}

static void conditions_and_ranges_of_a_segment(void **state)
{
	struct house *h = *state;
	char path[200], tag[200], header[300];
	struct answer whole, part;

	newest_segment(h, path, sizeof(path));
	whole = ask(h, "GET", "", "%s", path);
	header_of(&whole, "ETag", tag, sizeof(tag));
	assert_int_equal(tag[0], '"');
	snprintf(header, sizeof(header), "If-None-Match: %s\r\n", tag);
	part = ask(h, "GET", header, "%s", path);
	assert_int_equal(part.status, 304);
	assert_int_equal(part.body_len, 0);
	answer_free(&part);
	/* Ranges that begin and end inside packets, across many of them. */
	for (size_t first = 1; first < 2000; first += 611) {
		snprintf(header, sizeof(header), "Range: bytes=%zu-%zu\r\nIf-Range: %s\r\n", first,
			 first + 150001, tag);
		part = ask(h, "GET", header, "%s", path);
		assert_int_equal(part.status, 206);
		assert_int_equal(part.body_len,
				 whole.body_len < first + 150002 ? whole.body_len - first : 150002);
		assert_memory_equal(part.body, whole.body + first, part.body_len);
		answer_free(&part);
	}
	part = ask(h, "GET", "Range: bytes=0-9\r\nIf-Range: \"other\"\r\n", "%s", path);
	assert_int_equal(part.status, 200);
	assert_int_equal(part.body_len, whole.body_len);
	answer_free(&part);
	part = ask(h, "GET", "Range: bytes=99999999-\r\n", "%s", path);
	assert_int_equal(part.status, 416);
	assert_true(has_header(&part, "Content-Range: bytes */"));
	answer_free(&part);
	part = ask(h, "HEAD", "", "%s", path);
	assert_int_equal(part.status, 200);
	assert_int_equal(part.body_len, 0);
	snprintf(header, sizeof(header), "Content-Length: %zu", whole.body_len);
	assert_true(has_header(&part, header));
	answer_free(&part);
	answer_free(&whole);
}

static void segments_that_are_not_there(void **state)
{
	struct house *h = *state;
	char path[200];
	long long generation, seq;
	struct answer answer;

	newest_segment(h, path, sizeof(path));
	assert_int_equal(sscanf(path, "/channel/7/s/%lld/%lld.ts", &generation, &seq), 2);
	answer = ask(h, "GET", "", "/channel/8/s/%lld/%lld.ts", generation, seq);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	answer = ask(h, "GET", "", "/channel/7/s/%lld/%lld.ts", generation + 1, seq);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	answer = ask(h, "GET", "", "/channel/7/s/%lld/%lld.ts", generation, seq + 60);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	answer = ask(h, "GET", "", "/channel/7/s/%lld/0.ts", generation);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	answer = ask(h, "GET", "", "/channel/7/s/%lld/99999999999999999999.ts", generation);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
}

static void the_endless_stream_begins_at_once(void **state)
{
	struct house *h = *state;
	static const char request[] = "GET /channel/7.ts HTTP/1.1\r\nHost: x\r\n\r\n";
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(buf_free) struct buf ts = { 0 };
	int fd = dial(h);
	size_t whole;

	say(fd, request, strlen(request));
	hear(fd, &text, 600000); /* more than the burst: it has to be paced too */
	close(fd);
	assert_non_null(strstr(text.data, "video/mp2t"));
	/* Chunks as one; the last may be cut. */
	for (const char *at = strstr(text.data, "\r\n\r\n") + 4;;) {
		char *end;
		size_t n = strtoul(at, &end, 16);

		if (!n || end + 2 + n > text.data + text.len)
			break;
		buf_add(&ts, end + 2, n);
		at = end + 2 + n + 2;
	}
	whole = ts.len / 188 * 188;
	assert_true(whole > 188 * 100);
	for (size_t i = 0; i < whole; i += 188)
		assert_int_equal((uint8_t)ts.data[i], 0x47);
}

/* ---- the API ---- */

static json_t *get_json(const struct house *h, int status, const char *path)
{
	struct answer answer = ask(h, "GET", "", "%s", path);
	struct err err = { 0 };
	json_t *json;

	if (answer.status != status)
		fail_msg("%s: %d %s", path, answer.status, answer.body);
	json = json_parse(answer.body, answer.body_len, &err);
	if (!json)
		fail_msg("%s: %s", path, err.text);
	answer_free(&answer);
	return json;
}

static void the_api_answers(void **state)
{
	struct house *h = *state;
	json_t *json = get_json(h, 200, "/api/status");

	assert_int_equal(json_int(json_object_get(json, "channels"), "total", 0), 1);
	assert_int_equal(json_int(json_object_get(json, "library"), "items", 0), 1);
	assert_non_null(json_object_get(json_object_get(json, "scan"), "running"));
	json_decref(json);
	json = get_json(h, 200, "/api/channels");
	assert_string_equal(json_text(json_array_get(json_object_get(json, "items"), 0), "state", ""),
			    "ready");
	assert_string_equal(json_text(json_array_get(json_object_get(json, "items"), 0), "stream", ""),
			    "/channel/7.m3u8");
	json_decref(json);
	json = get_json(h, 200, "/api/guide");
	assert_int_equal(json_array_size(json_object_get(json, "channels")), 1);
	json_decref(json);
	json = get_json(h, 200, "/api/items?q=Long&limit=5");
	json_decref(json);
	json = get_json(h, 200, "/api/items/1");
	assert_true(json_array_size(json_object_get(json, "airings")) > 0);
	json_decref(json);
	json = get_json(h, 200, "/api/channels/1/timeline");
	assert_true(json_int(json, "total", 0) > 0);
	json_decref(json);
	json = get_json(h, 200, "/api/channels/1/schedule");
	json_decref(json);
	json = get_json(h, 200, "/api/log?lines=3");
	assert_true(json_is_array(json_object_get(json, "lines")));
	json_decref(json);
	json = get_json(h, 200, "/api/openapi.json");
	assert_non_null(json_object_get(json_object_get(json_object_get(json, "paths"), "/api/channels/{id}"),
					"patch"));
	json_decref(json);
	json = get_json(h, 400, "/api/items?limit=-1");
	assert_string_equal(json_text(json_object_get(json, "error"), "code", ""), "usage");
	json_decref(json);
	json = get_json(h, 400, "/api/guide?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z");
	json_decref(json);
	json = get_json(h, 404, "/api/items/99999");
	json_decref(json);
	json = get_json(h, 404, "/api/nothing");
	json_decref(json);
}

static struct answer send_json(const struct house *h, const char *method, const char *path,
			       const char *headers, const char *body)
{
	CLEANUP(buf_free) struct buf request = { 0 };

	buf_addf(
		&request,
		"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
		"Content-Length: %zu\r\n%s\r\n%s",
		method, path, strlen(body), headers, body);
	return talk(h, request.data, request.len);
}

static void channels_are_added_changed_and_removed(void **state)
{
	struct house *h = *state;
	struct answer answer = send_json(h, "POST", "/api/channels", "", "{\"name\":\"Nine\",\"number\":9}");
	char path[100];
	int64_t id;

	assert_int_equal(answer.status, 201);
	header_of(&answer, "Location", path, sizeof(path));
	id = strtoll(path + strlen("/api/channels/"), NULL, 10);
	assert_true(id > 1);
	answer_free(&answer);
	answer = send_json(h, "POST", "/api/channels", "", "{\"name\":\"Again\",\"number\":9}");
	assert_int_equal(answer.status, 409);
	answer_free(&answer);
	answer = send_json(h, "PATCH", path, "", "{\"name\":\"New\",\"hue\":12}");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "\"New\""));
	answer_free(&answer);
	answer = send_json(h, "PATCH", path, "", "{\"nonsense\":1}");
	assert_int_equal(answer.status, 422);
	answer_free(&answer);
	answer = send_json(h, "PATCH", path, "", "{\"schedule\":{\"order\":\"sideways\"}}");
	assert_int_equal(answer.status, 422);
	answer_free(&answer);
	answer = send_json(h, "PATCH", path, "", "{");
	assert_int_equal(answer.status, 400);
	answer_free(&answer);
	answer = send_json(h, "DELETE", path, "", "");
	assert_int_equal(answer.status, 204);
	answer_free(&answer);
	answer = send_json(h, "DELETE", path, "", "");
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
}

static void changes_from_elsewhere_are_refused(void **state)
{
	struct house *h = *state;
	static const char body[] = "{\"name\":\"Evil\"}";
	static const char rebound[] =
		"POST /api/channels HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n"
		"Content-Length: 15\r\n\r\n{\"name\":\"Evil\"}";
	struct answer answer = send_json(h, "POST", "/api/channels", "Origin: http://evil.example\r\n", body);

	assert_int_equal(answer.status, 403);
	answer_free(&answer);
	answer = send_json(h, "POST", "/api/channels", "Sec-Fetch-Site: cross-site\r\n", body);
	assert_int_equal(answer.status, 403);
	answer_free(&answer);
	answer = talk(h, rebound, strlen(rebound));
	assert_int_equal(answer.status, 403);
	answer_free(&answer);
	answer = ask(h, "GET", "", "/api/channels");
	assert_null(strstr(answer.body, "Evil"));
	answer_free(&answer);
}

static void events_arrive_and_resume(void **state)
{
	struct house *h = *state;
	static const char request[] = "GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n";
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(buf_free) struct buf again = { 0 };
	char resume[200], id[40] = "";
	int fd = dial(h);

	say(fd, request, strlen(request));
	hear(fd, &text, 200);
	server_library_changed(h->server);
	while (!strstr(buf_text(&text), "event: library_updated"))
		hear(fd, &text, text.len + 1);
	close(fd);
	assert_int_equal(sscanf(strstr(text.data, "id: "), "id: %30s", id), 1);
	snprintf(resume, sizeof(resume), "GET /api/events HTTP/1.1\r\nHost: x\r\nLast-Event-ID: %lld\r\n\r\n",
		 strtoll(id, NULL, 10) - 1);
	fd = dial(h);
	say(fd, resume, strlen(resume));
	while (!strstr(buf_text(&again), id))
		hear(fd, &again, again.len + 1);
	close(fd);
}

/* ---- files ---- */

static void a_file_with_ranges(void **state)
{
	struct house *h = *state;
	struct answer answer = ask(h, "GET", "", "/media/1/file");
	char tag[100], header[200];

	assert_int_equal(answer.status, 200);
	assert_int_equal(answer.body_len, 1 << 20);
	for (uint32_t i = 0; i < 1 << 18; i += 4099) {
		uint32_t there;

		memcpy(&there, answer.body + (size_t)i * 4, 4);
		assert_int_equal(there, i);
	}
	header_of(&answer, "ETag", tag, sizeof(tag));
	answer_free(&answer);
	answer = ask(h, "GET", "Range: bytes=400000-\r\n", "/media/1/file");
	assert_int_equal(answer.status, 206);
	assert_int_equal(answer.body_len, (1 << 20) - 400000);
	assert_true(has_header(&answer, "Content-Range: bytes 400000-1048575/1048576"));
	answer_free(&answer);
	answer = ask(h, "GET", "Range: bytes=-10\r\n", "/media/1/file");
	assert_int_equal(answer.body_len, 10);
	answer_free(&answer);
	answer = ask(h, "GET", "Range: bytes=1048576-\r\n", "/media/1/file");
	assert_int_equal(answer.status, 416);
	answer_free(&answer);
	snprintf(header, sizeof(header), "If-None-Match: %s\r\n", tag);
	answer = ask(h, "GET", header, "/media/1/file");
	assert_int_equal(answer.status, 304);
	answer_free(&answer);
	answer = ask(h, "GET", "", "/media/2/file");
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
}

static void a_file_that_leads_out_is_refused(void **state)
{
	struct house *h = *state;
	CLEANUP(cleanup_free) char *path = fs_join(h->videos, "1.mkv");
	struct answer answer;

	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	answer = ask(h, "GET", "", "/media/1/file");
	assert_true(answer.status == 403 || answer.status == 404);
	assert_null(strstr(answer.body, "root:"));
	answer_free(&answer);
	assert_int_equal(unlink(path), 0);
	answer = ask(h, "GET", "", "/media/1/file");
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	film(h);
}

static void lineup_guide_and_logo(void **state)
{
	struct house *h = *state;
	struct answer answer = ask(h, "GET", "", "/channels.m3u");

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "http://127.0.0.1/channel/7.m3u8"));
	answer_free(&answer);
	answer = ask(h, "GET", "", "/xmltv.xml");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "<tv"));
	answer_free(&answer);
	answer = ask(h, "GET", "", "/xmltv.xml.gz");
	assert_int_equal(answer.status, 200);
	assert_memory_equal(answer.body, "\x1f\x8b", 2);
	answer_free(&answer);
	answer = ask(h, "GET", "", "/channel/7/logo.png");
	assert_int_equal(answer.status, 200);
	assert_memory_equal(answer.body, "\x89PNG\r\n\x1a\n", 8);
	answer_free(&answer);
	answer = ask(h, "GET", "", "/channel/7/master.m3u8");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "RESOLUTION=1280x720"));
	answer_free(&answer);
}

/* ---- hostile ---- */

static const struct {
	const char *request;
	int status; /* 0: there may be no answer, and the connection may stand until it has been idle for long
		     */
} hostile[] = {
	{ "GET /media/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /media/-1/file HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET /media/99999999999999999999/file HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET /channel/4294967303.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", 404 },
	{ "GET /channel/7%00.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", 400 },
	{ "GET /channel/7.m3u8 HTTP/1.1\r\n\r\n", 400 }, /* no Host */
	{ "POST /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 405 },
	{ "BREW /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n", 405 },
	{ "POST /api/channels HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n", 413 },
	{ "POST /api/channels HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", 0 },
	{ "GET / HTTP/9.9\r\nHost: x\r\n\r\n", 0 },
	{ "nonsense\r\n\r\n", 0 },
	{ "\r\n\r\n\r\n", 0 },
	{ "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 0 }, /* TLS */
	{ "GET /api/events", 0 },
};

static void assert_alive(const struct house *h)
{
	struct answer answer = ask(h, "GET", "", "/channel/7.m3u8");

	assert_int_equal(answer.status, 200);
	answer_free(&answer);
}

static void hostile_requests(void **state)
{
	struct house *h = *state;

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		CLEANUP(buf_free) struct buf text = { 0 };
		int fd = dial(h), status = 0;

		say(fd, hostile[i].request, strlen(hostile[i].request));
		shutdown(fd, SHUT_WR);
		if (hostile[i].status)
			hear(fd, &text, 12);
		close(fd);
		status = parse(text).status;
		if (hostile[i].status && status != hostile[i].status)
			fail_msg("%s: %d", hostile[i].request, status);
	}
	assert_alive(h);
}

static void overlong_requests(void **state)
{
	struct house *h = *state;

	for (size_t len = 1900; len < 300000; len = len * 3) {
		CLEANUP(buf_free) struct buf request = { 0 };
		struct answer answer;

		buf_adds(&request, "GET /");
		for (size_t i = 0; i < len; i++)
			buf_addc(&request, 'a');
		buf_adds(&request, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
		answer = talk(h, request.data, request.len);
		if (len > 2000 && answer.status != 414 && answer.status != 0)
			fail_msg("%zu: %d", len, answer.status);
		answer_free(&answer);
		buf_reset(&request);
		buf_adds(&request, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: ");
		for (size_t i = 0; i < len * 10; i++)
			buf_addc(&request, 'a');
		buf_adds(&request, "\r\n\r\n");
		answer = talk(h, request.data, request.len);
		if (len * 10 > 20000 && answer.status != 431 && answer.status != 413 && answer.status != 0)
			fail_msg("%zu: %d", len, answer.status);
		answer_free(&answer);
	}
	assert_alive(h);
}

static void two_thousand_that_say_nothing(void **state)
{
	struct house *h = *state;
	CLEANUP(cleanup_free) int *fds = calloc(2000, sizeof(int));
	struct rlimit limit;
	int count = 0;

	getrlimit(RLIMIT_NOFILE, &limit);
	for (; count < 2000 && (rlim_t)count * 2 + 200 < limit.rlim_cur; count++) {
		fds[count] = dial(h);
		if (count % 2)
			say(fds[count], "GET /api/stat", 13);
	}
	assert_alive(h);
	assert_alive(h);
	while (count > 0)
		close(fds[--count]);
}

static void one_that_reads_slowly_holds_nobody_up(void **state)
{
	struct house *h = *state;
	static const char request[] = "GET /media/1/file HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	CLEANUP(buf_free) struct buf text = { 0 };
	int small = 4096, slow[8];

	for (int i = 0; i < 8; i++) {
		slow[i] = dial(h);
		setsockopt(slow[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		say(slow[i], request, strlen(request));
	}
	assert_alive(h);
	hear(slow[0], &text, SIZE_MAX);
	assert_true(text.len > 1 << 20);
	for (int i = 0; i < 8; i++)
		close(slow[i]);
	assert_alive(h);
}

static void half_closed_and_pipelined(void **state)
{
	struct house *h = *state;
	static const char one[] = "GET /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	static const char three[] = "GET /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n"
				    "GET /api/status HTTP/1.1\r\nHost: x\r\n\r\n"
				    "GET /channel/7.m3u8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
	CLEANUP(buf_free) struct buf text = { 0 };
	int fd = dial(h), answers = 0;

	say(fd, one, strlen(one));
	shutdown(fd, SHUT_WR);
	hear(fd, &text, SIZE_MAX);
	close(fd);
	assert_non_null(strstr(buf_text(&text), "#EXTM3U"));
	buf_reset(&text);
	fd = dial(h);
	say(fd, three, strlen(three));
	hear(fd, &text, SIZE_MAX);
	close(fd);
	for (const char *at = strstr(buf_text(&text), "HTTP/1.1 200"); at;
	     at = strstr(at + 1, "HTTP/1.1 200"))
		answers++;
	assert_int_equal(answers, 3);
}

/* Clients that leave while their request sleeps: for a segment that nobody can make, and for events. */
static void those_who_leave_while_they_wait(void **state)
{
	struct house *h = *state;
	CLEANUP(buf_free) struct buf request = { 0 };
	char path[200];
	long long generation, seq;

	newest_segment(h, path, sizeof(path));
	sscanf(path, "/channel/7/s/%lld/%lld.ts", &generation, &seq);
	buf_addf(&request, "GET /channel/7/s/%lld/%lld.ts HTTP/1.1\r\nHost: x\r\n\r\n", generation, seq - 60);
	for (int i = 0; i < 50; i++) {
		int fd = dial(h);

		if (i % 2)
			say(fd, "GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n", 38);
		else
			say(fd, request.data, request.len);
		if (i % 3)
			assert_alive(h);
		close(fd);
	}
	assert_alive(h);
	/* The house closes with some of them still asleep: close_house() must not hang or crash. */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_playlist_and_its_segments),
		cmocka_unit_test(a_segment_is_the_cached_one_on_the_channels_clock),
		cmocka_unit_test(conditions_and_ranges_of_a_segment),
		cmocka_unit_test(segments_that_are_not_there),
		cmocka_unit_test(the_endless_stream_begins_at_once),
		cmocka_unit_test(the_api_answers),
		cmocka_unit_test(channels_are_added_changed_and_removed),
		cmocka_unit_test(changes_from_elsewhere_are_refused),
		cmocka_unit_test(events_arrive_and_resume),
		cmocka_unit_test(a_file_with_ranges),
		cmocka_unit_test(a_file_that_leads_out_is_refused),
		cmocka_unit_test(lineup_guide_and_logo),
		cmocka_unit_test(hostile_requests),
		cmocka_unit_test(overlong_requests),
		cmocka_unit_test(two_thousand_that_say_nothing),
		cmocka_unit_test(one_that_reads_slowly_holds_nobody_up),
		cmocka_unit_test(half_closed_and_pipelined),
		cmocka_unit_test(those_who_leave_while_they_wait),
	};

	return cmocka_run_group_tests(tests, open_house, close_house);
}
