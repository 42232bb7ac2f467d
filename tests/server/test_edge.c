/* What is made for whom: the next half minute of every channel that somebody watches, over all joins, each segment once for all of them,
 * and nothing for a channel that nobody watches. A real server; this binary is its own worker, which makes up segments and writes a line
 * for each into <cache>/made. */
#include "lib/producer_fixture.h"
#include "lib/server_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "server/parts.h"
#include "station/on_air.h"

#define FILMS 12 /* of 4 to 7 s */

static int made_up_encode(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	char text[188];
	struct clip clip;

	if (clip_from_json(json_object_get(request, "clip"), &arena, &clip, err) < 0)
		return -(int)err->code;
	for (int64_t k = json_int(request, "from", 0); k < json_int(request, "to", 0) && k < worker_until(job); k++) {
		memset(text, 'x', sizeof(text));
		if (clip_cache_write(cache, clip.key, k, text, sizeof(text), err) < 0)
			return -(int)err->code;
		snprintf(text, sizeof(text), "%s %lld\n", clip.key, (long long)k);
		made_note(cache, text);
		worker_report(job, json_pack("{s:s, s:I}", "event", "segment", "k", (json_int_t)k));
	}
	*ret_done = json_pack("{s:f}", "speed", 20.0);
	return 0;
}

/* Channels 7 and 8 air the same films in other orders, 9 the episodes. None is ever prepared. */
static int open_edge(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	struct server_config config = { .mode = SERVER_SERVE, .workers = 1, .worker_program = "/proc/self/exe" };
	struct err err = { 0 };

	station_fixture_open(&h->f, clock_wall_ms() - 100000);
	for (int i = 0; i < FILMS; i++)
		for (int episode = 0; episode < 2; episode++)
			station_fixture_item(&h->f, &(struct fixture_item) { .kind = episode ? "episode" : "movie",
									     .title = (char[]) { (char)('a' + i), 0 },
									     .show = episode ? "Show" : NULL,
									     .season = episode,
									     .episode = i + 1,
									     .flicks = (4000 + i * 271) * INT64_C(705600) });
	for (int number = 7; number <= 9; number++) {
		int64_t id = station_fixture_channel(&h->f, number, "Channel",
						     number == 9 ? "{\"query\": {\"kind\": \"episode\"}, \"order\": \"loop\"}" :
						     number == 8 ? "{\"query\": {\"kind\": \"movie\"}, \"order\": \"shuffle\"}" :
								   "{\"query\": {\"kind\": \"movie\"}, \"order\": \"loop\"}",
						     number);

		station_fixture_build(&h->f, id, station_now_ns(h->f.time) + 1800 * CLOCK_SECOND);
		h->channel_id = number == 7 ? id : h->channel_id;
	}
	test_ok(db_run(h->f.db, &err, "UPDATE channels SET prepare = 'never', profile = '480p'", ""), &err);
	station_fixture_pass(&h->f, 100 * CLOCK_SECOND);
	config.store = h->f.store;
	h->server = server_start(&config, &err);
	if (!h->server)
		fail_msg("%s", err.text);
	h->port = server_port(h->server);
	*state = h;
	return 0;
}

/* Of what a channel airs from `from_s` to `to_s` from now: how many segments there are, how many of them are made, how many rows they are of. */
struct look {
	int all, made, rows;
};

static struct look look_at(struct house *h, int number, int from_s, int to_s)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t now = station_now_ns(h->server->time);
	struct on_air_segments list = { 0 };
	struct look look = { 0 };
	struct channel channel;
	struct err err = { 0 };

	db_lock(h->f.db);
	test_ok(channels_get(h->f.db, h->channel_id + number - 7, &arena, &channel, &err), &err);
	test_ok(on_air_window(h->f.db, &channel, now + from_s * CLOCK_SECOND, now + to_s * CLOCK_SECOND, &arena, &list, &err), &err);
	db_unlock(h->f.db);
	assert_int_equal(channel.number, number);
	for (size_t i = 0; i < list.count; i++) {
		look.all++;
		look.made += clip_cache_has(h->server->cache, list.segments[i].clip.key, list.segments[i].k);
		look.rows += !i || list.segments[i].k == 0;
	}
	return look;
}

static void tune_in(struct house *h, int number)
{
	struct answer list = http_ask(h, "GET", "", "/channel/%d.m3u8", number), segment;
	const char *last = NULL;

	assert_int_equal(list.status, 200);
	for (const char *at = list.body; (at = strstr(at, "\n/channel/")); at++)
		last = at + 1;
	assert_non_null(last);
	segment = http_ask(h, "GET", "", "%.*s", (int)strcspn(last, "\n"), last);
	assert_int_equal(segment.status, 200);
	answer_free(&segment);
	answer_free(&list);
}

/* Lines of <cache>/made that stand there more than once. */
static int made_twice(const struct house *h)
{
	CLEANUP(cleanup_free) char *path = fs_join(h->f.dir, "cache/made");
	CLEANUP(buf_free) struct buf all = { 0 };
	int twice = 0;

	assert_int_equal(buf_read_file(&all, path, NULL), 0);
	for (const char *at = all.data, *end; (end = strchr(at, '\n')); at = end + 1) {
		CLEANUP(cleanup_free) char *line = strndup(at, (size_t)(end - at) + 1);

		twice += strstr(end, line) != NULL;
	}
	return twice;
}

static void the_next_half_minute_is_there(void **state)
{
	struct house *h = *state;
	struct look look = { 0 };

	assert_int_equal(look_at(h, 7, 0, 600).made, 0); /* nobody watches */
	tune_in(h, 7);
	for (int tries = 0; tries < 300; tries++) { /* it is kept so, while time goes on */
		look = look_at(h, 7, 0, 27);
		if (look.made == look.all)
			break;
		usleep(100000);
	}
	assert_true(look.all >= 13 && look.rows >= 4);
	assert_int_equal(look.made, look.all);
}

/* A channel costs nothing while nobody watches; and of one that is watched no more than the next half minute, and the end of a film, is
 * made. */
static void no_more_than_that_is_made(void **state)
{
	struct house *h = *state;
	struct look far = look_at(h, 7, 45, 50);

	assert_int_equal(look_at(h, 9, 0, 600).made, 0);
	assert_true(far.all > 0);
	assert_int_equal(far.made, 0); /* a film has 7 s, and there are 60 s of others before it comes again */
}

/* Both air the same films: who tunes into the second finds much of it made, and nothing is made again. */
static void channels_share_what_is_made(void **state)
{
	struct house *h = *state;
	struct look look = { 0 };

	for (int tries = 0; tries < 300; tries++) {
		tune_in(h, 7);
		tune_in(h, 8);
		look = look_at(h, 8, 0, 27);
		if (look.made == look.all && tries > 20)
			break;
		usleep(100000);
	}
	assert_int_equal(look.made, look.all);
	assert_int_equal(made_twice(h), 0);
}

int main(int argc, char **argv)
{
	static const struct worker_handler handlers[] = {
		{ "encode", made_up_encode, NULL },
		{ 0 },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_half_minute_is_there),
		cmocka_unit_test(no_more_than_that_is_made),
		cmocka_unit_test(channels_share_what_is_made),
	};

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	return cmocka_run_group_tests(tests, open_edge, close_house);
}
