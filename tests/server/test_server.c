/* What players get of a real server: playlists, segments, files, the lineup. */
#include "lib/server_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "lib/ts_check.h"
#include "station/on_air.h"
#include "stream/clip_cache.h"
#include "stream/ts_stamp.h"

/* ---- streams ---- */

static void a_playlist_and_its_segments(void **state)
{
	struct house *h = *state;
	CLEANUP(buf_free) struct buf all = { 0 };
	struct answer list = http_ask(h, "GET", "", "/channel/7.m3u8"), segment;
	struct ts_check check = { 0 };
	size_t count = 0;

	assert_int_equal(list.status, 200);
	assert_true(has_header(&list, "Content-Type: application/vnd.apple.mpegurl"));
	assert_true(has_header(&list, "Access-Control-Allow-Origin: *"));
	assert_true(has_header(&list, "X-Content-Type-Options: nosniff"));
	for (const char *at = strstr(list.body, "\n/channel/"); at; at = strstr(at + 1, "\n/channel/")) {
		segment = http_ask(h, "GET", "", "%.*s", (int)strcspn(at + 1, "\r\n"), at + 1);
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
	answer = http_ask(h, "GET", "", "%s", path);
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
	whole = http_ask(h, "GET", "", "%s", path);
	header_of(&whole, "ETag", tag, sizeof(tag));
	assert_int_equal(tag[0], '"');
	snprintf(header, sizeof(header), "If-None-Match: %s\r\n", tag);
	part = http_ask(h, "GET", header, "%s", path);
	assert_int_equal(part.status, 304);
	assert_int_equal(part.body_len, 0);
	answer_free(&part);
	/* Ranges that begin and end inside packets, across many of them. */
	for (size_t first = 1; first < 2000; first += 611) {
		snprintf(header, sizeof(header), "Range: bytes=%zu-%zu\r\nIf-Range: %s\r\n", first,
			 first + 150001, tag);
		part = http_ask(h, "GET", header, "%s", path);
		assert_int_equal(part.status, 206);
		assert_int_equal(part.body_len,
				 whole.body_len < first + 150002 ? whole.body_len - first : 150002);
		assert_memory_equal(part.body, whole.body + first, part.body_len);
		answer_free(&part);
	}
	part = http_ask(h, "GET", "Range: bytes=0-9\r\nIf-Range: \"other\"\r\n", "%s", path);
	assert_int_equal(part.status, 200);
	assert_int_equal(part.body_len, whole.body_len);
	answer_free(&part);
	part = http_ask(h, "GET", "Range: bytes=99999999-\r\n", "%s", path);
	assert_int_equal(part.status, 416);
	assert_true(has_header(&part, "Content-Range: bytes */"));
	answer_free(&part);
	part = http_ask(h, "HEAD", "", "%s", path);
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
	answer = http_ask(h, "GET", "", "/channel/8/s/%lld/%lld.ts", generation, seq);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/channel/7/s/%lld/%lld.ts", generation + 1, seq);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/channel/7/s/%lld/%lld.ts", generation, seq + 60);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/channel/7/s/%lld/0.ts", generation);
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/channel/7/s/%lld/99999999999999999999.ts", generation);
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

/* ---- files ---- */

static void a_file_with_ranges(void **state)
{
	struct house *h = *state;
	struct answer answer = http_ask(h, "GET", "", "/media/1/file");
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
	answer = http_ask(h, "GET", "Range: bytes=400000-\r\n", "/media/1/file");
	assert_int_equal(answer.status, 206);
	assert_int_equal(answer.body_len, (1 << 20) - 400000);
	assert_true(has_header(&answer, "Content-Range: bytes 400000-1048575/1048576"));
	answer_free(&answer);
	answer = http_ask(h, "GET", "Range: bytes=-10\r\n", "/media/1/file");
	assert_int_equal(answer.body_len, 10);
	answer_free(&answer);
	answer = http_ask(h, "GET", "Range: bytes=1048576-\r\n", "/media/1/file");
	assert_int_equal(answer.status, 416);
	answer_free(&answer);
	snprintf(header, sizeof(header), "If-None-Match: %s\r\n", tag);
	answer = http_ask(h, "GET", header, "/media/1/file");
	assert_int_equal(answer.status, 304);
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/media/2/file");
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
	answer = http_ask(h, "GET", "", "/media/1/file");
	assert_true(answer.status == 403 || answer.status == 404);
	assert_null(strstr(answer.body, "root:"));
	answer_free(&answer);
	assert_int_equal(unlink(path), 0);
	answer = http_ask(h, "GET", "", "/media/1/file");
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
	film(h);
}

static void lineup_guide_and_logo(void **state)
{
	struct house *h = *state;
	struct answer answer = http_ask(h, "GET", "", "/channels.m3u");

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "http://127.0.0.1/channel/7.m3u8"));
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/xmltv.xml");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "<tv"));
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/xmltv.xml.gz");
	assert_int_equal(answer.status, 200);
	assert_memory_equal(answer.body, "\x1f\x8b", 2);
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/channel/7/logo.png");
	assert_int_equal(answer.status, 200);
	assert_memory_equal(answer.body, "\x89PNG\r\n\x1a\n", 8);
	answer_free(&answer);
	answer = http_ask(h, "GET", "", "/channel/7/master.m3u8");
	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.body, "RESOLUTION=1280x720"));
	answer_free(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_playlist_and_its_segments),
		cmocka_unit_test(a_segment_is_the_cached_one_on_the_channels_clock),
		cmocka_unit_test(conditions_and_ranges_of_a_segment),
		cmocka_unit_test(segments_that_are_not_there),
		cmocka_unit_test(the_endless_stream_begins_at_once),
		cmocka_unit_test(a_file_with_ranges),
		cmocka_unit_test(a_file_that_leads_out_is_refused),
		cmocka_unit_test(lineup_guide_and_logo),
	};

	return cmocka_run_group_tests(tests, open_house, close_house);
}
