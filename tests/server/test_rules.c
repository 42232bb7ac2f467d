/* The rules that players and tuners hold a station to, as they are seen from outside; each was broken by some other station. What is
 * inside of playlists, segments and the guide: tests/stream, tests/station. */
#include "lib/server_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "station/on_air.h"

struct list { /* a playlist */
	char *text;
	long long generation, first, last; /* numbers of its segments */
	size_t count;
	double seconds;
	char date[40]; /* of the first */
};

static struct list playlist(const struct house *h, int status, const char *path)
{
	struct answer answer = http_ask(h, "GET", "", "%s", path);
	struct list list = { .text = strdup(answer.body) };

	if (answer.status != status)
		fail_msg("%s: %d %s", path, answer.status, answer.body);
	for (const char *at = strstr(list.text, "\n/channel/7/s/"); at; at = strstr(at + 1, "\n/channel/7/s/")) {
		assert_int_equal(sscanf(at, "\n/channel/7/s/%lld/%lld.ts", &list.generation, &list.last), 2);
		list.first = list.count++ ? list.first : list.last;
	}
	for (const char *at = strstr(list.text, "#EXTINF:"); at; at = strstr(at + 1, "#EXTINF:"))
		list.seconds += atof(at + 8);
	if (list.count)
		assert_int_equal(sscanf(strstr(list.text, "#EXT-X-PROGRAM-DATE-TIME:"), "#EXT-X-PROGRAM-DATE-TIME:%39s", list.date), 1);
	answer_free(&answer);
	return list;
}

static struct list live(const struct house *h)
{
	struct list list = playlist(h, 200, "/channel/7.m3u8");

	free(list.text);
	list.text = NULL;
	return list;
}

static struct answer segment(const struct house *h, const struct list *list, long long seq, const char *headers)
{
	return http_ask(h, "GET", headers, "/channel/7/s/%lld/%lld.ts", list->generation, seq);
}

/* What was handed out must never change, and what begins in 4 s may (station/override.h): no player gets it before. */
static void nothing_is_handed_out_that_may_still_change(void **state)
{
	struct house *h = *state;

	for (int tries = 0; tries < 20; tries++) {
		struct list before = live(h), after;
		struct answer next = segment(h, &before, before.last + 1, ""), far = segment(h, &before, before.last + 5, "");
		int next_status = next.status, far_status = far.status;

		answer_free(&next);
		answer_free(&far);
		after = live(h);
		if (after.last > before.last + 1)
			continue; /* the machine was too slow */
		assert_int_equal(next_status, 200); /* it is on, so nothing of it can change */
		assert_int_equal(far_status, 404);
		return;
	}
	fail_msg("the machine is too slow for this");
}

/* hls.js, ExoPlayer and whoever paused ask for what has left the list; RFC 8216 6.2.2. */
static void what_left_the_list_stays(void **state)
{
	struct house *h = *state;
	struct list list = live(h);
	struct answer answer = segment(h, &list, list.first - 4, "");

	assert_int_equal(answer.status, 200);
	assert_true(has_header(&answer, "ETag: \""));
	answer_free(&answer);
	/* Under another generation, that number is another segment: never this one. */
	list.generation--;
	answer = segment(h, &list, list.first, "");
	assert_int_equal(answer.status, 404);
	answer_free(&answer);
}

/* A playlist of one encoder: no EXT-X-DISCONTINUITY, which Kodi's players, hls.js and Plex each take badly somewhere; one version
 * in both lists; addresses without a query, since to some another address is another channel. */
static void a_playlist_has_nothing_that_players_stumble_over(void **state)
{
	struct house *h = *state;
	struct list list = playlist(h, 200, "/channel/7.m3u8?x=1"), master = playlist(h, 200, "/channel/7/master.m3u8");

	assert_null(strstr(list.text, "DISCONTINUITY"));
	assert_null(strstr(list.text, "ENDLIST"));
	assert_null(strstr(list.text, "PLAYLIST-TYPE"));
	assert_null(strchr(list.text, '?'));
	assert_null(strchr(master.text, '?'));
	assert_non_null(strstr(list.text, "\n#EXT-X-TARGETDURATION:3\n"));
	assert_non_null(strstr(list.text, "\n#EXT-X-VERSION:6\n"));
	assert_non_null(strstr(master.text, "\n#EXT-X-VERSION:6\n"));
	assert_non_null(strstr(master.text, "\n/channel/7.m3u8\n"));
	assert_true(list.count >= 6 && list.seconds >= 30);
	assert_int_equal(list.last - list.first + 1, list.count);
	assert_int_equal(list.date[strlen(list.date) - 1], 'Z');
	free(list.text);
	free(master.text);
}

/* The live list of so many seconds ago. */
static void a_shifted_list_is_that_much_later(void **state)
{
	struct house *h = *state;

	for (int tries = 0; tries < 20; tries++) {
		struct list before = live(h), shifted = playlist(h, 200, "/channel/7/shift/40.m3u8"), after = live(h);
		struct list none;

		free(shifted.text);
		if (before.last != after.last)
			continue;
		assert_int_equal(shifted.last, before.last - 20);
		assert_int_equal(shifted.first, before.first - 20);
		none = playlist(h, 404, "/channel/7/shift/100000.m3u8");
		assert_non_null(strstr(none.text, "was not on the air at that time"));
		free(none.text);
		return;
	}
	fail_msg("the machine is too slow for this");
}

/* It begins with what was on at that second, and ends when all of it has passed. */
static void catch_up_begins_at_its_second(void **state)
{
	struct house *h = *state;
	long long epoch = clock_wall_ms() / 1000 - 50;
	struct list list;
	int64_t ms;
	char path[100];

	snprintf(path, sizeof(path), "/channel/7/from/%lld.m3u8", epoch);
	list = playlist(h, 200, path);
	assert_int_equal(clock_parse(list.date, &ms, NULL), 0);
	assert_true(ms <= epoch * 1000 && ms > epoch * 1000 - 3000);
	assert_null(strstr(list.text, "ENDLIST"));
	assert_non_null(strstr(list.text, "PLAYLIST-TYPE:EVENT"));
	assert_true(list.seconds >= 47);
	free(list.text);
	snprintf(path, sizeof(path), "/channel/7/from/%lld/to/%lld.m3u8", epoch, epoch + 20);
	list = playlist(h, 200, path);
	assert_non_null(strstr(list.text, "\n#EXT-X-ENDLIST\n"));
	assert_true(list.seconds >= 20 && list.seconds <= 24);
	free(list.text);
}

/* A tuner's client tries numbers: what is no channel is 404 at once, and says so. */
static void a_channel_that_is_none_is_404(void **state)
{
	static const char *const paths[] = { "/channel/8.ts",	       "/channel/8.m3u8",	  "/channel/8/master.m3u8",
					     "/channel/8/logo.png",    "/channel/8/shift/5.m3u8", "/channel/8/from/1.m3u8",
					     "/channel/8/s/1/1.ts",    "/channel/0.ts",		  "/channel/99999999999.ts",
					     "/channel/7/s/1.ts",      "/auto/v8",		  "/channel/8/from/1/to/2.m3u8" };
	struct house *h = *state;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct answer answer = http_ask(h, "GET", "", "%s", paths[i]);

		if (answer.status != 404 || !strstr(answer.body, "\"code\":\"not_found\""))
			fail_msg("%s: %d %s", paths[i], answer.status, answer.body);
		answer_free(&answer);
	}
}

/* Ranges go by the strong tag: one that is weak, or of another segment, gets the whole (RFC 9110 13.1.5). */
static void tags_are_strong_and_of_one_segment(void **state)
{
	struct house *h = *state;
	struct list list = live(h);
	struct answer a = segment(h, &list, list.last, ""), b = segment(h, &list, list.last - 1, ""), part;
	char tag[200], other[200], headers[300];

	header_of(&a, "ETag", tag, sizeof(tag));
	header_of(&b, "ETag", other, sizeof(other));
	assert_int_equal(tag[0], '"');
	assert_string_not_equal(tag, other);
	snprintf(headers, sizeof(headers), "Range: bytes=0-9\r\nIf-Range: %s\r\n", tag);
	part = segment(h, &list, list.last, headers);
	assert_int_equal(part.status, 206);
	answer_free(&part);
	snprintf(headers, sizeof(headers), "Range: bytes=0-9\r\nIf-Range: W/%s\r\n", tag);
	part = segment(h, &list, list.last, headers);
	assert_int_equal(part.status, 200);
	assert_int_equal(part.body_len, a.body_len);
	answer_free(&part);
	snprintf(headers, sizeof(headers), "Range: bytes=0-9\r\nIf-Range: %s\r\n", other);
	part = segment(h, &list, list.last, headers);
	assert_int_equal(part.status, 200);
	answer_free(&part);
	/* Who only asks whether his copy still holds may have a weak one, or several (13.1.2). */
	snprintf(headers, sizeof(headers), "If-None-Match: \"x\", W/%s\r\n", tag);
	part = segment(h, &list, list.last, headers);
	assert_int_equal(part.status, 304);
	answer_free(&part);
	snprintf(headers, sizeof(headers), "If-None-Match: %s\r\n", other);
	part = segment(h, &list, list.last, headers);
	assert_int_equal(part.status, 200);
	answer_free(&part);
	answer_free(&a);
	answer_free(&b);
}

/* ---- the endless stream ---- */

static size_t segments_in(const struct buf *ts)
{
	size_t count = 0;

	for (size_t at = 0; at + 188 <= ts->len; at += 188) {
		const uint8_t *p = (const uint8_t *)ts->data + at;

		assert_int_equal(p[0], 0x47);
		count += (p[3] & 0x20) && p[4] && (p[5] & 0x40); /* random access: an IDR picture */
	}
	return count;
}

static void body_of(const struct buf *answer, struct buf *ret)
{
	const char *end = strstr(buf_text(answer), "\r\n\r\n");

	buf_reset(ret);
	if (end)
		buf_add(ret, end + 4, answer->len - (size_t)(end + 4 - answer->data));
}

/* Plex and others give up on a stream that brings nothing at once, or begins in the middle; ErsatzTV's has no burst, so that a player
 * never has more than it plays. This one begins three segments back, with PAT, PMT and an IDR picture, and then keeps to the clock. */
static void the_stream_begins_with_a_burst_and_keeps_time(void **state)
{
	static const char request[] = "GET /channel/7.ts HTTP/1.0\r\nHost: x\r\n\r\n";
	struct house *h = *state;
	CLEANUP(buf_free) struct buf text = { 0 }, ts = { 0 };
	struct list before = live(h), after;
	int64_t began_ns = clock_boot_ns(), took_ns;
	bool found = false;
	int fd = dial(h);

	say(fd, request, sizeof(request) - 1);
	do {
		hear(fd, &text, text.len + 1);
		body_of(&text, &ts);
	} while (ts.len < 188 * 4);
	after = live(h);
	assert_int_equal(ts.data[1] & 0x1F, 0);				       /* PAT */
	assert_int_equal(((ts.data[189] & 0x1F) << 8 | (uint8_t)ts.data[190]), 0x1000); /* PMT */
	assert_true(ts.data[188 * 2 + 5] & 0x40);
	for (long long seq = before.last - 2; seq <= after.last - 2 && !found; seq++) {
		struct answer answer = segment(h, &before, seq, "");

		found = answer.body_len > 188 * 4 && memcmp(answer.body, ts.data, 188 * 4) == 0;
		answer_free(&answer);
	}
	assert_true(found);
	while (segments_in(&ts) < 5) {
		hear(fd, &text, text.len + 1);
		body_of(&text, &ts);
	}
	/* The fourth may be there at once, the fifth not until it has aired. */
	took_ns = clock_boot_ns() - began_ns;
	assert_true(took_ns > 1900 * CLOCK_MS);
	close(fd);
}

/* What players ask of the stream beside it: Jellyfin its type by HEAD, and with ?transcode= behind every address; VLC a range from 0 on,
 * though nothing has an end. */
static void the_stream_takes_what_players_put_on_it(void **state)
{
	static const struct {
		const char *method, *headers, *path;
	} rows[] = {
		{ "HEAD", "", "/channel/7.ts" },
		{ "GET", "Range: bytes=0-\r\n", "/channel/7.ts" },
		{ "GET", "Icy-MetaData: 1\r\n", "/channel/7.ts?transcode=mobile&duration=5" },
	};
	struct house *h = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_free) struct buf request = { 0 }, text = { 0 };
		int fd = dial(h);

		buf_addf(&request, "%s %s HTTP/1.1\r\nHost: x\r\n%s\r\n", rows[i].method, rows[i].path, rows[i].headers);
		say(fd, request.data, request.len);
		do
			hear(fd, &text, text.len + 1);
		while (!strstr(buf_text(&text), "\r\n\r\n"));
		close(fd);
		assert_memory_equal(text.data, "HTTP/1.1 200 ", 13);
		assert_non_null(strcasestr(text.data, "\r\nContent-Type: video/mp2t\r\n"));
		assert_null(strcasestr(text.data, "\r\nContent-Range:"));
	}
}

/* Six seconds for the segment and six for slate in its place; where neither can be made (every worker ends at once here) that is said,
 * in time, and the channel goes on. Tunarr shut the channel down when its error stream failed. */
static void who_waits_is_answered_in_time(void **state)
{
	struct house *h = *state;
	struct list list = live(h);
	int64_t began_ns = clock_boot_ns();
	struct answer answer = segment(h, &list, list.last - 60, ""); /* nobody prepared what was on two minutes ago */

	assert_int_equal(answer.status, 503);
	assert_true(has_header(&answer, "Retry-After:"));
	assert_true(has_header(&answer, "Cache-Control: no-store"));
	assert_non_null(strstr(answer.body, "\"error\""));
	assert_true(clock_boot_ns() - began_ns < 30 * CLOCK_SECOND);
	answer_free(&answer);
	list = live(h);
	answer = segment(h, &list, list.last, "");
	assert_int_equal(answer.status, 200);
	answer_free(&answer);
}

/* ---- the guide while it changes ---- */

struct changes {
	struct house *h;
	_Atomic bool enough;
	_Atomic int made, refused;
};

static void ask_for(struct changes *c, const char *method, const char *path, const char *body, char *to, size_t size)
{
	CLEANUP(buf_free) struct buf request = { 0 };
	struct answer answer;

	buf_addf(&request, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", method, path,
		 strlen(body), body);
	answer = talk(c->h, request.data, request.len);
	if (answer.status / 100 == 2)
		c->made++;
	else
		c->refused++;
	if (to)
		header_of(&answer, "Location", to, size);
	answer_free(&answer);
}

static void *change(void *context)
{
	struct changes *c = context;
	char path[100];

	while (!c->enough) {
		ask_for(c, "POST", "/api/channels", "{\"name\":\"Comes and goes\",\"number\":900}", path, sizeof(path));
		ask_for(c, "PATCH", path, "{\"name\":\"Other\",\"schedule\":{\"grid\":15}}", NULL, 0);
		ask_for(c, "DELETE", path, "", NULL, 0);
	}
	return NULL;
}

/* ErsatzTV answered 500 where somebody read the guide as it was written. */
static void the_guide_is_whole_while_channels_come_and_go(void **state)
{
	static const struct {
		const char *path, *end;
	} rows[] = {
		{ "/xmltv.xml", "</tv>\n" }, { "/channels.m3u", ".m3u8\n" },	     { "/lineup.json", "]\n" },
		{ "/api/guide", "]}\n" },	     { "/api/channels", "]}\n" }, { "/channel/7.m3u8", ".ts\n" },
	};
	struct changes c = { .h = *state };
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, change, &c), 0);
	for (int round = 0; round < 25 || c.made < 12; round++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			CLEANUP(buf_free) struct buf request = { 0 };
			struct answer answer;

			buf_addf(&request, "GET %s HTTP/1.0\r\nHost: x\r\n\r\n", rows[i].path);
			answer = talk(c.h, request.data, request.len);
			if (answer.status != 200 || answer.body_len < strlen(rows[i].end) ||
			    strcmp(answer.body + answer.body_len - strlen(rows[i].end), rows[i].end) != 0)
				fail_msg("%s: %d, %zu bytes", rows[i].path, answer.status, answer.body_len);
			answer_free(&answer);
		}
	c.enough = true;
	pthread_join(thread, NULL);
	assert_int_equal(c.refused, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_handed_out_that_may_still_change),
		cmocka_unit_test(what_left_the_list_stays),
		cmocka_unit_test(a_playlist_has_nothing_that_players_stumble_over),
		cmocka_unit_test(a_shifted_list_is_that_much_later),
		cmocka_unit_test(catch_up_begins_at_its_second),
		cmocka_unit_test(a_channel_that_is_none_is_404),
		cmocka_unit_test(tags_are_strong_and_of_one_segment),
		cmocka_unit_test(the_stream_begins_with_a_burst_and_keeps_time),
		cmocka_unit_test(the_stream_takes_what_players_put_on_it),
		cmocka_unit_test(the_guide_is_whole_while_channels_come_and_go),
		cmocka_unit_test(who_waits_is_answered_in_time),
	};

	return cmocka_run_group_tests(tests, open_house, close_house);
}
