/* A prepared segment whose file cannot be read any more is made anew, and sent whole; what cannot be made is slate: with real workers and
 * a real film. */
#include "lib/server_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "lib/ts_check.h"
#include "server/server.h"
#include "station/on_air.h"

#define SECONDS 300

/* As the library would have seen it: else it is another file that lies in its place. */
static void make_film(struct house *h, const char *path)
{
	struct err err = { 0 };
	struct stat st;

	test_media(path, "-f lavfi -i testsrc2=s=160x90:r=25 -t 300 -c:v mpeg4 -g 25");
	assert_int_equal(stat(path, &st), 0);
	test_ok(db_run(h->f.db, &err, "UPDATE files SET size = ?, mtime_ns = ?", "ii", (int64_t)st.st_size, fs_mtime_ns(&st)),
		&err);
}

static int open_real_house(void **state, bool with_film)
{
	struct house *h = calloc(1, sizeof(*h));
	struct server_config config = { .mode = SERVER_SERVE, .workers = 1, .worker_program = getenv("MATINEE") };
	CLEANUP(cleanup_free) char *path = NULL;
	struct err err = { 0 };
	char name[40];

	station_fixture_open(&h->f, clock_wall_ms() - 60000);
	h->movie = station_fixture_item(&h->f, &(struct fixture_item) { .kind = "movie", .title = "Long", .year = 1999,
									.flicks = SECONDS * PLAN_FLICKS });
	h->channel_id = station_fixture_channel(&h->f, 7, "Seven", "{}", 1);
	test_ok(db_run(h->f.db, &err, "UPDATE channels SET profile = '480p'", ""), &err);
	station_fixture_build(&h->f, h->channel_id, station_now_ns(h->f.time) + 3600 * CLOCK_SECOND);
	station_fixture_pass(&h->f, 60 * CLOCK_SECOND);
	film(h);
	snprintf(name, sizeof(name), "%lld.mkv", (long long)h->movie);
	path = fs_join(h->videos, name);
	if (!with_film)
		unlink(path);
	else
		make_film(h, path);
	config.store = h->f.store;
	h->server = server_start(&config, &err);
	if (!h->server)
		fail_msg("%s", err.text);
	h->port = server_port(h->server);
	*state = h;
	return 0;
}

static int open_with_film(void **state)
{
	return open_real_house(state, true);
}

static int open_without(void **state)
{
	return open_real_house(state, false);
}

static struct on_air_segment segment_at(struct house *h, const char *url, struct arena *arena)
{
	long long generation, seq;
	struct on_air_segment segment;
	struct channel channel;
	struct err err = { 0 };

	assert_int_equal(sscanf(url, "/channel/7/s/%lld/%lld.ts", &generation, &seq), 2);
	db_lock(h->f.db);
	test_ok(channels_get(h->f.db, h->channel_id, arena, &channel, &err), &err);
	test_ok(on_air_segment(h->f.db, &channel, seq, arena, &segment, &err), &err);
	db_unlock(h->f.db);
	return segment;
}

/* The segment's file in the cache; free it. */
static char *file_of(const struct house *h, const struct on_air_segment *segment)
{
	char folder[600], begin[30];
	char *path = NULL;
	struct dirent *d;
	DIR *open;

	snprintf(folder, sizeof(folder), "%s/cache/%.2s/%s", h->f.dir, segment->clip.key, segment->clip.key);
	snprintf(begin, sizeof(begin), "%lld-", (long long)segment->k);
	open = opendir(folder);
	assert_non_null(open);
	while (!path && (d = readdir(open)))
		if (strncmp(d->d_name, begin, strlen(begin)) == 0)
			path = fs_join(folder, d->d_name);
	closedir(open);
	assert_non_null(path);
	return path;
}

/* Slate may stand in for it first, on a machine that has much to do. */
static struct answer ask_for_film(const struct house *h, const char *headers, const char *url)
{
	for (int tries = 0;; tries++) {
		struct answer answer = http_ask(h, "GET", headers, "%s", url);

		if (!has_header(&answer, "no-store") || tries == 240)
			return answer;
		answer_free(&answer);
		usleep(500000);
	}
}

static void expect_whole(const struct house *h, const char *headers, int status, const char *url)
{
	struct answer answer = ask_for_film(h, headers, url);
	struct ts_check check = { 0 };

	assert_int_equal(answer.status, status);
	assert_false(has_header(&answer, "no-store"));
	if (ts_check(&check, (const uint8_t *)answer.body, answer.body_len, false) < 0)
		fail_msg("%s", check.error);
	assert_true(answer.body_len > 188 * 100 && answer.body_len % 188 == 0);
	ts_check_free(&check);
	answer_free(&answer);
}

static void a_spoilt_segment_is_made_anew(void **state)
{
	struct house *h = *state;
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct on_air_segment segment;
	char url[200];

	newest_segment(h, url, sizeof(url));
	segment = segment_at(h, url, &arena);
	expect_whole(h, "", 200, url);
	for (int how = 0; how < 3; how++) {
		CLEANUP(cleanup_free) char *path = file_of(h, &segment);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		if (how == 0)
			assert_int_equal(truncate(path, 188 * 50), 0);
		else if (how == 1)
			assert_true(unlink(path) == 0 && mkdir(path, 0700) == 0);
		else
			assert_true(unlink(path) == 0 && symlink("/proc/self/mem", path) == 0);
		expect_whole(h, "Range: bytes=0-\r\n", 206, url); /* not from the server's memory */
		expect_whole(h, "", 200, url);
	}
}

/* Slate for a segment that should have been another: nobody may keep it, in whole or in part, or it would be seen again where the segment
 * itself is there by now. What is slate by a row is the segment, and is kept like all others. */
static void what_stands_in_is_kept_by_nobody(void **state)
{
	struct house *h = *state;
	long long generation, seq;
	char url[200], tag[200];
	struct answer answer = { 0 };

	newest_segment(h, url, sizeof(url));
	assert_int_equal(sscanf(url, "/channel/7/s/%lld/%lld.ts", &generation, &seq), 2);
	answer = http_ask(h, "GET", "Range: bytes=100-199\r\n", "%s", url);
	assert_int_equal(answer.status, 200);
	assert_true(has_header(&answer, "Cache-Control: no-store"));
	assert_false(has_header(&answer, "ETag:"));
	assert_false(has_header(&answer, "Accept-Ranges:"));
	assert_true(answer.body_len > 188 * 16);
	answer_free(&answer);
	for (int tries = 0; tries < 60; tries++) { /* until slate stands over the rest of the row */
		CLEANUP(arena_free) struct arena one = { 0 };

		snprintf(url, sizeof(url), "/channel/7/s/%lld/%lld.ts", generation, seq);
		if (segment_at(h, url, &one).overridden)
			break;
		seq++;
		usleep(100000);
	}
	for (int tries = 0; tries < 150; tries++) {
		answer = http_ask(h, "GET", "", "%s", url);
		if (answer.status == 200 && !has_header(&answer, "no-store"))
			break;
		answer_free(&answer);
		usleep(200000);
	}
	assert_int_equal(answer.status, 200);
	assert_true(has_header(&answer, "max-age=60"));
	header_of(&answer, "ETag", tag, sizeof(tag));
	assert_string_equal(tag + strlen(tag) - strlen("-slate\""), "-slate\"");
	answer_free(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_spoilt_segment_is_made_anew) };
	const struct CMUnitTest late[] = { cmocka_unit_test(what_stands_in_is_kept_by_nobody) };

	return cmocka_run_group_tests(tests, open_with_film, close_house) + cmocka_run_group_tests(late, open_without, close_house);
}
