/* Preparing ahead of air: in the order of air time, in a cache that holds a part of it, and what viewers of the past need stays.
 * This binary is its own worker; it writes small segments and a line for each into <cache>/made. */
#include "lib/producer_fixture.h"
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "server/prepare.h"
#include "server/preparer.h"
#include "server/room.h"
#include "station/on_air.h"
#include "station/position.h"
#include "store/channels.h"

#define FILMS 8
#define SECONDS 160
#define SEGMENTS (SECONDS / 2)
#define BYTES 1000 /* of a segment */
#define FILM_NS (SECONDS * CLOCK_SECOND)
#define NOBODYS "ffffffffffffffffffffffffffffffff"

static int made_up_encode(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *cache = json_path(request, "cache");
	char data[BYTES] = { 'x' }, line[80];
	struct clip clip;

	if (clip_from_json(json_object_get(request, "clip"), &arena, &clip, err) < 0)
		return -(int)err->code;
	for (int64_t k = json_int(request, "from", 0); k < json_int(request, "to", 0) && !worker_cancelled(job); k++) {
		if (clip_cache_write(cache, clip.key, k, data, sizeof(data), err) < 0)
			return -(int)err->code;
		snprintf(line, sizeof(line), "%.8s %lld\n", clip.key, (long long)k);
		made_note(cache, line);
		worker_report(job, json_pack("{s:s, s:I}", "event", "segment", "k", (json_int_t)k));
		usleep(1000);
	}
	*ret_done = json_pack("{s:f, s:I}", "speed", 20.0, "true_duration_flicks", (json_int_t)0);
	return 0;
}

/* ---- the house ---- */

struct house {
	struct station_fixture f;
	struct arena arena;
	struct channel channel;
	char *dir;
	int64_t limit, evicted;
	struct clip_cache *cache;
	struct producer *producer;
};

static void start(struct house *h)
{
	struct producer_config config = { .workers = 1, .limits = { .program = "/proc/self/exe" } };
	struct err err = { 0 };

	h->cache = config.cache = clip_cache_open(h->dir, h->limit, &err);
	assert_non_null(h->cache);
	h->producer = producer_start(&config, &err);
	assert_non_null(h->producer);
}

static void stop(struct house *h)
{
	producer_stop(h->producer);
	h->evicted += clip_cache_totals(h->cache).evicted;
	clip_cache_close(h->cache);
}

/* `films`: how many the cache holds. Something is in it already, that nobody needs. */
static void open_house(struct house *h, int films)
{
	char data[BYTES] = { 'y' };
	struct err err = { 0 };
	int64_t id;

	*h = (struct house) { .limit = (int64_t)films * SEGMENTS * BYTES };
	station_fixture_open(&h->f, INT64_C(1793480400567));
	h->dir = fs_join(h->f.dir, "cache");
	for (int i = 0; i < FILMS; i++)
		station_fixture_add(&h->f, "movie", "x", SECONDS);
	id = station_fixture_channel(&h->f, 3, "Three", "{\"order\": \"order\"}", 5);
	test_ok(db_run(h->f.db, &err, "UPDATE channels SET prepare = 'always', profile = '480p'", ""), &err);
	station_fixture_build(&h->f, id, station_now_ns(h->f.time) + 4 * 3600 * CLOCK_SECOND);
	test_ok(channels_get(h->f.db, id, &h->arena, &h->channel, &err), &err);
	for (int k = 0; k < 40; k++)
		test_ok(clip_cache_write(h->dir, NOBODYS, k, data, sizeof(data), &err), &err);
	start(h);
}

static void close_house(struct house *h)
{
	stop(h);
	arena_free(&h->arena);
	free(h->dir);
	station_fixture_close(&h->f);
}

/* The row that is on so long from now. */
static struct timeline_row row_in(struct house *h, int64_t ns)
{
	int64_t at = position_flicks(h->channel.epoch_ns, station_now_ns(h->f.time) + ns);
	struct timeline_rows rows;
	struct err err = { 0 };

	test_ok(timeline_window(h->f.db, h->channel.id, at, at + 1, 1, &h->arena, &rows, &err), &err);
	assert_int_equal(rows.count, 1);
	return rows.rows[0];
}

static void tick(struct house *h, struct past_watch *past)
{
	struct err err = { 0 };

	if (preparer_tick(h->f.db, h->f.time, h->producer, h->cache, past, &err) < 0)
		fail_msg("%s", err.text);
}

/* False after a minute. */
static bool comes(struct house *h, const struct timeline_row *row)
{
	for (int i = 0; i < 600; i++) {
		if (clip_cache_has_all(h->cache, row->clip.key, row->k0, row->k0 + row->segments))
			return true;
		usleep(100000);
	}
	return false;
}

/* ---- the tests ---- */

/* Ten films in turn, of eight, where three find room. Each time as a server that was started anew, for what was
 * made in the last minutes would stay. */
static void each_is_there_before_it_airs(void **state)
{
	struct house h;

	(void)state;
	open_house(&h, 3);
	for (int i = 0; i < 10; i++) {
		struct timeline_row next;

		stop(&h);
		start(&h);
		tick(&h, NULL);
		next = row_in(&h, FILM_NS);
		if (!comes(&h, &next))
			fail_msg("film %d is not there before it airs", i + 1);
		assert_true(clip_cache_totals(h.cache).bytes <= h.limit);
		station_fixture_pass(&h.f, FILM_NS);
	}
	stop(&h);
	assert_true(h.evicted > 3 * SEGMENTS);
	start(&h);
	close_house(&h);
}

/* Of what is in a full cache nothing goes for what airs later. */
static void what_airs_sooner_stays(void **state)
{
	struct house h;
	struct timeline_row rows[2];
	struct room room;

	(void)state;
	open_house(&h, 4);
	for (int i = 0; i < 2; i++)
		rows[i] = row_in(&h, (i + 1) * FILM_NS);
	tick(&h, NULL);
	assert_true(comes(&h, &rows[0]) && comes(&h, &rows[1]));
	stop(&h);
	start(&h); /* nothing is fresh */
	room = (struct room) { .reader = h.f.db, .time = h.f.time, .cache = h.cache };
	room_open(&room);
	for (int i = 3; i < 6; i++) {
		struct timeline_row later = row_in(&h, (i + 1) * FILM_NS);
		struct clip clip;

		assert_int_equal(on_air_clip(&later.clip, &clip, NULL), 0);
		room_for(&room, &clip, later.k0, later.k0 + later.segments,
			 position_ns(h.channel.epoch_ns, later.start_flicks) / CLOCK_MS);
	}
	room_close(&room);
	assert_true(comes(&h, &rows[0]) && comes(&h, &rows[1]));
	assert_true(clip_cache_totals(h.cache).short_bytes > 0);
	close_house(&h);
}

/* Somebody needs a part of what is being prepared: its job is broken off, and then it goes on there, not with the next film. */
static void a_job_that_was_broken_off_keeps_its_turn(void **state)
{
	struct house h;
	struct timeline_row first, second;
	CLEANUP(buf_free) struct buf made = { 0 };
	CLEANUP(cleanup_free) char *path = NULL;
	char last[80], begins[80];
	struct clip clip;

	(void)state;
	open_house(&h, 12);
	path = fs_join(h.dir, "made");
	station_fixture_pass(&h.f, FILM_NS - 31 * CLOCK_SECOND); /* so that the one that is on is no work */
	first = row_in(&h, FILM_NS / 2);
	second = row_in(&h, FILM_NS + FILM_NS / 2);
	assert_int_equal(on_air_clip(&first.clip, &clip, NULL), 0);
	tick(&h, NULL);
	wait_until_has(h.cache, &clip, 3);
	producer_want_by(h.producer, &clip, SEGMENTS - 10, SEGMENTS - 8, PRODUCER_EDGE, clock_boot_ns() / CLOCK_MS);
	assert_true(comes(&h, &second));
	assert_true(clip_cache_has_all(h.cache, first.clip.key, first.k0, first.k0 + first.segments));
	test_ok(buf_read_file(&made, path, NULL), &(struct err) { 0 });
	snprintf(last, sizeof(last), "%.8s %d\n", first.clip.key, SEGMENTS - 11);
	snprintf(begins, sizeof(begins), "%.8s 0\n", second.clip.key);
	assert_non_null(strstr(buf_text(&made), last));
	assert_true(strstr(buf_text(&made), last) < strstr(buf_text(&made), begins));
	close_house(&h);
}

/* The film that he comes to next, and airs in an hour only, stays; the same one without him goes. */
static void what_a_viewer_of_the_past_needs_stays(void **state)
{
	(void)state;
	for (int watched = 0; watched < 2; watched++) {
		struct past_watch *past = past_watch_new();
		struct timeline_row his, sooner;
		struct room room;
		struct house h;
		char data[BYTES] = { 'z' };

		open_house(&h, 1);
		station_fixture_pass(&h.f, 3 * FILM_NS + FILM_NS / 2);
		his = row_in(&h, -2 * FILM_NS);
		sooner = row_in(&h, 2 * FILM_NS);
		for (int64_t k = 0; k < SEGMENTS; k++)
			for (int i = 0; i < 2; i++)
				assert_int_equal(clip_cache_write(h.dir, i ? his.clip.key : sooner.clip.key, k, data,
								  sizeof(data), NULL), 0);
		stop(&h);
		start(&h);
		if (watched) /* he is in the film before it */
			past_watch_note(past, h.channel.id, 7, station_now_ns(h.f.time) - 3 * FILM_NS,
					station_now_ns(h.f.time));
		room = (struct room) { .reader = h.f.db, .time = h.f.time, .cache = h.cache, .past = past };
		room_open(&room);
		clip_cache_trim(h.cache, room_need_ms, &room);
		room_close(&room);
		assert_false(clip_cache_has(h.cache, NOBODYS, 0));
		assert_int_equal(clip_cache_has(h.cache, his.clip.key, 40), watched);
		assert_int_equal(clip_cache_has(h.cache, sooner.clip.key, 40), !watched);
		past_watch_free(past);
		close_house(&h);
	}
}

/* `matinee prepare` ends with what there is room for. */
static void prepare_ends_when_it_is_full(void **state)
{
	struct prepare_totals totals;
	struct prepare prepare;
	struct err err = { 0 };
	struct house h;

	(void)state;
	open_house(&h, 3);
	for (int k = 0; k < 40; k++) { /* read lately, it stays: so many tell how large a segment is */
		int64_t len;
		int fd = clip_cache_get(h.cache, NOBODYS, k, &len, &err);

		assert_true(fd >= 0);
		close(fd);
	}
	prepare = (struct prepare) { .reader = h.f.db, .writer = h.f.db, .time = h.f.time, .producer = h.producer,
				     .cache = h.cache, .hours = 2 };
	assert_int_equal(prepare_run(&prepare, &totals, &err), -ERR_NO_SPACE);
	assert_true(totals.done > 2 * SEGMENTS && totals.done < 3 * SEGMENTS);
	assert_int_equal(totals.segments, FILMS * SEGMENTS);
	assert_true(clip_cache_totals(h.cache).bytes <= h.limit);
	close_house(&h);
}

/* What airs in more than two hours is not looked at: all that comes before it is there, so there is nothing to do; an hour later there is. */
static void two_hours_ahead_and_no_more(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct timeline_rows rows, other;
	char data[BYTES] = { 'x' };
	struct err err = { 0 };
	struct house h;
	int64_t id, now;

	(void)state;
	open_house(&h, 100);
	station_fixture_item(&h.f, &(struct fixture_item) { .kind = "episode", .title = "e", .show = "Show", .season = 1, .episode = 1,
							    .flicks = SECONDS * PLAN_FLICKS });
	id = station_fixture_channel(&h.f, 4, "Four", "{\"query\": {\"kind\": \"episode\"}}", 5);
	test_ok(db_run(h.f.db, &err, "UPDATE channels SET prepare = iif(number = 4, 'never', 'always'), profile = '480p'", ""), &err);
	station_fixture_build(&h.f, id, station_now_ns(h.f.time) + FILM_NS);
	stop(&h);
	now = position_flicks(h.channel.epoch_ns, station_now_ns(h.f.time));
	test_ok(timeline_window(h.f.db, h.channel.id, now, now + 7800 * PLAN_FLICKS, 100, &arena, &rows, &err), &err);
	test_ok(timeline_window(h.f.db, id, 0, INT64_MAX, 1, &arena, &other, &err), &err);
	for (size_t i = 0; i < FILMS; i++)
		for (int64_t k = 0; k < rows.rows[i].segments; k++)
			test_ok(clip_cache_write(h.dir, rows.rows[i].clip.key, k, data, sizeof(data), &err), &err);
	/* The last of these rows shows something else, which nobody has made. */
	test_ok(db_run(h.f.db, &err, "UPDATE timeline SET clip_id = ? WHERE channel_id = ? AND start_flicks = ?", "iii", other.rows[0].clip.id,
		       h.channel.id, rows.rows[rows.count - 1].start_flicks),
		&err);
	start(&h);
	assert_true(rows.rows[rows.count - 1].start_flicks > now + 7200 * PLAN_FLICKS);
	assert_int_equal(preparer_tick(h.f.db, h.f.time, h.producer, h.cache, NULL, &err), 0);
	station_fixture_pass(&h.f, 3600 * CLOCK_SECOND);
	assert_int_equal(preparer_tick(h.f.db, h.f.time, h.producer, h.cache, NULL, &err), 1);
	close_house(&h);
}

int main(int argc, char **argv)
{
	static const struct worker_handler handlers[] = {
		{ "encode", made_up_encode, NULL },
		{ 0 },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_there_before_it_airs),
		cmocka_unit_test(what_airs_sooner_stays),
		cmocka_unit_test(a_job_that_was_broken_off_keeps_its_turn),
		cmocka_unit_test(what_a_viewer_of_the_past_needs_stays),
		cmocka_unit_test(prepare_ends_when_it_is_full),
		cmocka_unit_test(two_hours_ahead_and_no_more),
	};

	if (argc > 1 && strcmp(argv[1], "worker") == 0)
		return worker_main(3, handlers);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
