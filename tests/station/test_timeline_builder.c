/* The builder: rows contiguous to the frame for any library and schedule, the grid, gaps, edits beyond the
 * lock. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/lineup.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/timeline.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define START_MS INT64_C(1793480400000) /* 2026-10-31T21:00:00Z */

static uint64_t rng;

static const int rates[][2] = { { 25, 1 },	 { 24000, 1001 }, { 30000, 1001 }, { 50, 1 },
				{ 60000, 1001 }, { 24, 1 },	  { 0, 0 },	   { 90000, 1 } };

static void random_library(struct station_fixture *f)
{
	static const char *const kinds[] = { "episode", "episode", "movie", "commercial",
					     "bumper",	"filler",  "ident" };
	int64_t n = station_fixture_draw(&rng, 25);

	for (int64_t i = 0; i < n; i++) {
		const char *kind = kinds[station_fixture_draw(&rng, 7)];
		bool programme = strcmp(kind, "episode") == 0 || strcmp(kind, "movie") == 0;
		const int *rate = rates[station_fixture_draw(&rng, 8)];
		char title[32];
		struct fixture_item item = {
			.kind = kind, .title = title, .fps_num = rate[0], .fps_den = rate[1]
		};
		int64_t id;

		snprintf(title, sizeof(title), "Item %lld", (long long)i);
		item.flicks = station_fixture_flicks(&rng, programme ? 3600000 : 60000);
		if (strcmp(kind, "episode") == 0) {
			item.show = station_fixture_draw(&rng, 2) ? "First" : "Second";
			item.season = (int)station_fixture_draw(&rng, 3);
			item.episode = (int)station_fixture_draw(&rng, 9) + 1;
		}
		id = station_fixture_item(f, &item);
		for (int64_t m = programme ? station_fixture_draw(&rng, 5) : 0; m > 0; m--) {
			int64_t at = station_fixture_draw(&rng, item.flicks / 705600 + 5000);

			station_fixture_break(f, id, at, station_fixture_draw(&rng, 3) ? 0 : at + station_fixture_draw(&rng, 90000) + 1);
		}
	}
}

static const char *random_rules(char *to, size_t size)
{
	static const char *const kinds[] = { "", "episode", "movie", "commercial" };
	static const char *const orders[] = { "order", "shuffle", "loop" };
	static const int grids[] = { 0, 0, 5, 15, 30, 60, 7 };

	snprintf(to, size,
		 "{\"query\": {\"kind\": \"%s\"}, \"order\": \"%s\", \"grid\": %d, \"spots\": %s, "
		 "\"bumpers\": %s, "
		 "\"loops\": %d, \"break_every\": %d, \"break_length\": %d}",
		 kinds[station_fixture_draw(&rng, 4)], orders[station_fixture_draw(&rng, 3)], grids[station_fixture_draw(&rng, 7)], station_fixture_draw(&rng, 3) ? "true" : "false",
		 station_fixture_draw(&rng, 3) ? "true" : "false", (int)station_fixture_draw(&rng, 3), station_fixture_draw(&rng, 2) ? 0 : (int)station_fixture_draw(&rng, 900),
		 station_fixture_draw(&rng, 2) ? 0 : (int)station_fixture_draw(&rng, 200));
	return to;
}

static void any_library_and_schedule_keep_the_invariants(void **state)
{
	(void)state;
	for (int i = 0; i < 24; i++) {
		struct station_fixture f;
		char rules[512];
		int64_t id;

		rng = (uint64_t)i + 1;
		station_fixture_open(&f, START_MS + station_fixture_draw(&rng, 100000));
		random_library(&f);
		id = station_fixture_channel(&f, 1, "One", random_rules(rules, sizeof(rules)), station_fixture_draw(&rng, 1000000));
		station_fixture_build(&f, id, station_now_ns(f.time) + (2 + station_fixture_draw(&rng, 20)) * HOUR);
		station_fixture_check(&f, id);
		/* A while later, sometimes long after what was built. */
		station_fixture_pass(&f, station_fixture_draw(&rng, 30) * HOUR + station_fixture_draw(&rng, CLOCK_SECOND));
		random_library(&f);
		station_fixture_build(&f, id, station_now_ns(f.time) + 3 * HOUR);
		station_fixture_check(&f, id);
		station_fixture_close(&f);
	}
}

/* ---- purity ---- */

static void same_rows_from_equal_stores_however_it_is_cut(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		char *dumps[2];

		for (int side = 0; side < 2; side++) {
			struct station_fixture f;
			struct err err = { 0 };
			char rules[512];
			int64_t id, until;
			int rc;

			rng = (uint64_t)i + 1000;
			station_fixture_open(&f, START_MS);
			random_library(&f);
			id = station_fixture_channel(&f, 1, "One", random_rules(rules, sizeof(rules)), 99);
			until = station_now_ns(f.time) + 24 * HOUR;
			do {
				rc = timeline_build(f.db, f.time, id, until, side ? 1 : 500, &err);
				if (side) /* the clock does not matter, as long as the log is not far behind
					     it */
					station_fixture_pass(&f, CLOCK_MS);
			} while (rc > 0);
			test_ok(rc, &err);
			dumps[side] = station_fixture_dump(&f, id, 0, INT64_MAX);
			station_fixture_close(&f);
		}
		assert_string_equal(dumps[0], dumps[1]);
		free(dumps[0]);
		free(dumps[1]);
	}
}

static void an_edit_keeps_what_is_locked_and_every_turn(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *before = NULL, *after = NULL;
	struct station_fixture f;
	struct err err = { 0 };
	struct airing_list old, new;
	int64_t id, items[10], lock, cut = 0;
	size_t i = 0;

	(void)state;
	station_fixture_open(&f, START_MS);
	for (int n = 0; n < 10; n++)
		items[n] = station_fixture_add(&f, "movie", (char[]) { (char)('a' + n), 0 }, 120 + n);
	id = station_fixture_channel(&f, 1, "One", "{\"order\": \"order\"}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 20 * HOUR);
	station_fixture_pass(&f, 3 * HOUR + 1234567);
	assert_true(TIMELINE_LOCK_NS >= 600 * CLOCK_SECOND);
	old = station_fixture_airings(&f, id, &arena);
	lock = position_flicks(START_MS * CLOCK_MS - 60 * CLOCK_SECOND,
			       station_now_ns(f.time) + TIMELINE_LOCK_NS);
	while (old.airings[i].start_flicks < lock)
		i++;
	cut = old.airings[i].start_flicks;
	before = station_fixture_dump(&f, id, 0, cut);
	/* One comes, one goes, spots appear. */
	station_fixture_remove_item(&f, items[3]);
	station_fixture_add(&f, "movie", "dd", 150);
	station_fixture_add(&f, "commercial", "spot", 20);
	test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
	after = station_fixture_dump(&f, id, 0, cut);
	assert_string_equal(before, after);
	station_fixture_check(&f, id);
	new = station_fixture_airings(&f, id, &arena);
	assert_int_equal(new.airings[i].start_flicks, cut);
	for (size_t n = 0; n < 30; n++) { /* a b c dd e f ... in turn */
		static const char *const titles[] = { "a", "b", "c", "dd", "e", "f", "g", "h", "i", "j" };
		size_t at = (size_t)(old.airings[i - 1].title[0] - 'a');

		assert_string_equal(new.airings[i + n].title, titles[(at + 1 + n) % 10]);
	}
	station_fixture_close(&f);
}

static void rules_that_change_lose_no_turn(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct err err = { 0 };
	struct airing_list list;
	struct channel channel;
	int64_t id;
	size_t n;

	(void)state;
	station_fixture_open(&f, START_MS);
	for (int i = 0; i < 8; i++)
		station_fixture_add(&f, "movie", (char[]) { (char)('a' + i), 0 }, 600);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 10 * HOUR);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	test_ok(lineup_edit(f.db, f.time, &channel, "{\"grid\": 15}", &err), &err);
	test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
	list = station_fixture_airings(&f, id, &arena);
	for (n = 0; n + 1 < list.count; n++)
		assert_int_equal((list.airings[n + 1].title[0] - list.airings[n].title[0] + 8) % 8, 1);
	/* A new profile is a new generation with the same turns. */
	station_fixture_pass(&f, 2 * HOUR);
	{
		struct airing_list on;
		int64_t at = position_flicks(channel.epoch_ns, station_now_ns(f.time));
		char last;

		test_ok(airings_window(f.db, id, at, at + 1, &arena, &on, &err), &err);
		last = on.airings[0].title[0];
		channel.profile = "480p";
		test_ok(lineup_edit(f.db, f.time, &channel, NULL, &err), &err);
		test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
		list = station_fixture_airings(&f, id, &arena);
		assert_int_equal((list.airings[0].title[0] - last + 8) % 8, 1);
	}
	{
		struct channel now;
		struct timeline_rows rows = station_fixture_log(&f, id, &arena);

		test_ok(channels_get(f.db, id, &arena, &now, &err), &err);
		assert_true(now.generation > channel.generation + 2 * 3600);
		assert_int_equal(rows.rows[0].first_seq, now.generation);
		assert_string_equal(rows.rows[0].clip.profile, "480p");
	}
	station_fixture_check(&f, id);
	station_fixture_close(&f);
}

/* ---- gaps and beginnings ---- */

static void time_without_power_is_one_row(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(cleanup_free) char *before = NULL, *after = NULL;
	struct station_fixture f;
	struct timeline_rows rows;
	struct channel channel;
	struct err err = { 0 };
	int64_t id, end, now;
	size_t count;

	(void)state;
	station_fixture_open(&f, START_MS);
	station_fixture_add(&f, "movie", "a", 700);
	station_fixture_add(&f, "movie", "b", 800);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	rows = station_fixture_log(&f, id, &arena);
	count = rows.count;
	end = timeline_row_end(&rows.rows[count - 1]);
	before = station_fixture_dump(&f, id, 0, INT64_MAX);
	station_fixture_pass(&f, 24 * 40 * HOUR + 777777777);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	after = station_fixture_dump(&f, id, 0, end);
	assert_string_equal(before, after);
	station_fixture_check(&f, id);
	rows = station_fixture_log(&f, id, &arena);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	now = position_flicks(channel.epoch_ns, station_now_ns(f.time) - 60 * CLOCK_SECOND);
	assert_string_equal(rows.rows[count].kind, "offair");
	assert_true(timeline_row_end(&rows.rows[count]) >= now);
	assert_true(timeline_row_end(&rows.rows[count]) < now + PLAN_FLICKS);
	assert_string_equal(rows.rows[count + 1].kind, "programme");
	/* Whose turn it was did not change. */
	assert_string_not_equal(rows.rows[count + 1].title, rows.rows[count - 1].title);
	station_fixture_close(&f);
}

static void a_new_channel_has_a_minute_behind_it(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	struct channel channel;
	struct err err = { 0 };
	int64_t id;

	(void)state;
	station_fixture_open(&f, START_MS + 567);
	station_fixture_add(&f, "movie", "a", 700);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	assert_int_equal(channel.generation, START_MS / 1000 - 1577836800);
	assert_int_equal(channel.epoch_ns, (START_MS / 1000 - 60) * CLOCK_SECOND);
	/* Built an hour later: what nobody could see is off air. */
	station_fixture_pass(&f, HOUR);
	station_fixture_build(&f, id, station_now_ns(f.time) + HOUR);
	rows = station_fixture_log(&f, id, &arena);
	assert_string_equal(rows.rows[0].kind, "offair");
	assert_string_equal(rows.rows[1].kind, "programme");
	assert_in_range(position_flicks(channel.epoch_ns, station_now_ns(f.time)) - rows.rows[1].start_flicks,
			59 * PLAN_FLICKS, 60 * PLAN_FLICKS);
	station_fixture_check(&f, id);
	station_fixture_close(&f);
}

static void the_first_sources_begin_a_generation_and_decide_its_rate(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	struct channel empty, channel;
	struct err err = { 0 };
	int64_t id;

	(void)state;
	station_fixture_open(&f, START_MS);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 24 * HOUR);
	station_fixture_check(&f, id);
	test_ok(channels_get(f.db, id, &arena, &empty, &err), &err);
	rows = station_fixture_log(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++)
		assert_string_equal(rows.rows[i].kind, "slate");
	station_fixture_pass(&f, 20 * CLOCK_SECOND);
	station_fixture_item(&f, &(struct fixture_item) { .kind = "movie",
							  .title = "a",
							  .flicks = 900 * PLAN_FLICKS,
							  .fps_num = 24,
							  .fps_den = 1 });
	station_fixture_item(
		&f, &(struct fixture_item) { .kind = "movie", .title = "b", .flicks = 800 * PLAN_FLICKS });
	station_fixture_build(&f, id, station_now_ns(f.time) + 24 * HOUR);
	station_fixture_check(&f, id);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	assert_int_equal(channel.fps_num, 24000);
	assert_int_equal(channel.fps_den, 1001);
	/* Above every number that was served: 80 s of log had passed. */
	assert_true(channel.generation > empty.generation + 40);
	rows = station_fixture_log(&f, id, &arena);
	assert_string_equal(rows.rows[0].kind, "programme");
	/* Once decided it stays, whatever comes. */
	station_fixture_item(
		&f, &(struct fixture_item) { .kind = "movie", .title = "c", .flicks = 9000 * PLAN_FLICKS });
	test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
	station_fixture_check(&f, id);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	assert_int_equal(channel.fps_num, 24000);
	station_fixture_close(&f);
}

static void a_source_that_is_missing_is_skipped(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	struct err err = { 0 };
	int64_t id, gone;

	(void)state;
	station_fixture_open(&f, START_MS);
	station_fixture_add(&f, "movie", "a", 700);
	gone = station_fixture_add(&f, "movie", "b", 800);
	id = station_fixture_channel(&f, 1, "One", "{\"order\": \"shuffle\"}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + HOUR);
	station_fixture_remove_item(&f, gone);
	station_fixture_build(&f, id, station_now_ns(f.time) + 4 * HOUR);
	rows = station_fixture_log(&f, id, &arena);
	assert_string_equal(rows.rows[rows.count - 1].title, "a");
	assert_string_equal(rows.rows[rows.count - 2].title, "a");
	/* Every item gone, and then the channel. */
	test_ok(db_run(f.db, &err, "UPDATE files SET state = 'missing'", ""), &err);
	test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
	station_fixture_check(&f, id);
	test_ok(channels_remove(f.db, id, &err), &err);
	assert_true(timeline_build(f.db, f.time, id, station_now_ns(f.time), 10, &err) < 0);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	station_fixture_close(&f);
}

/* Something else in the place of an airing: beyond the lock only. Who asks for one that has come too near changes nothing at all, neither
 * it nor what follows. */
static void what_has_come_near_is_not_exchanged(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_avoid avoid = { .count = 1 };
	struct airing_list list;
	struct err err = { 0 };
	int64_t id, lock;
	size_t near = 0;

	(void)state;
	station_fixture_open(&f, START_MS);
	for (int i = 0; i < 8; i++)
		station_fixture_add(&f, "movie", (char[]) { (char)('a' + i), 0 }, 100 + i);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	list = station_fixture_airings(&f, id, &arena);
	lock = position_flicks(START_MS * CLOCK_MS - 60 * CLOCK_SECOND, station_now_ns(f.time) + TIMELINE_LOCK_NS);
	while (list.airings[near + 1].start_flicks < lock)
		near++;
	for (size_t i = near - 1; i <= near + 1; i++) {
		CLEANUP(cleanup_free) char *before = station_fixture_dump(&f, id, 0, INT64_MAX), *after = NULL;

		avoid.items = &list.airings[i].item_id;
		assert_int_equal(timeline_exchange(f.db, f.time, &list.airings[i], &avoid, &err), i > near);
		after = station_fixture_dump(&f, id, 0, INT64_MAX);
		if (i <= near)
			assert_string_equal(before, after);
		else
			assert_string_not_equal(before, after);
	}
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_library_and_schedule_keep_the_invariants),
		cmocka_unit_test(same_rows_from_equal_stores_however_it_is_cut),
		cmocka_unit_test(an_edit_keeps_what_is_locked_and_every_turn),
		cmocka_unit_test(rules_that_change_lose_no_turn),
		cmocka_unit_test(time_without_power_is_one_row),
		cmocka_unit_test(a_new_channel_has_a_minute_behind_it),
		cmocka_unit_test(the_first_sources_begin_a_generation_and_decide_its_rate),
		cmocka_unit_test(a_source_that_is_missing_is_skipped),
		cmocka_unit_test(what_has_come_near_is_not_exchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
