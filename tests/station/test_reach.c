/* How far the log reaches, what is read once for all channels, and that what lies beyond the lock goes in parts. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/position.h"
#include "station/schedule_lists.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/timeline.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define START_MS INT64_C(1793480400000) /* 2026-10-31T21:00:00Z */

static int64_t add_item(struct station_fixture *f, const char *kind, const char *title, int64_t seconds)
{
	return station_fixture_item(
		f, &(struct fixture_item) { .kind = kind, .title = title, .flicks = seconds * PLAN_FLICKS });
}

static int turn(struct station_fixture *f, int64_t id, struct schedule_lists *lists, uint64_t digest, int airings,
		struct timeline_built *ret)
{
	struct timeline_turn turn = { .max_airings = airings, .lists = lists, .digest = digest };
	struct err err = { 0 };
	int rc = timeline_build_turn(f->db, f->time, id, &turn, ret, &err);

	if (rc < 0)
		test_ok(rc, &err);
	return rc;
}

static int64_t end_of(struct station_fixture *f, int64_t id)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct timeline_row last;
	struct channel channel;

	test_ok(channels_get(f->db, id, &arena, &channel, &err), &err);
	test_ok(timeline_last(f->db, id, &arena, &last, &err), &err);
	return position_ns(channel.epoch_ns, timeline_row_end(&last));
}

/* ---- how far ---- */

static void short_things_reach_less_far(void **state)
{
	static const struct {
		int64_t seconds, hours;
		const char *rules;
	} cases[] = {
		{ 2, 12, "{\"order\": \"loop\"}" },
		{ 60, 24, "{\"order\": \"shuffle\"}" },
		{ 1800, 72, "{\"order\": \"order\"}" },
		{ 2, 72, "{\"order\": \"order\", \"grid\": 30}" },
		{ 0, 72, "{\"order\": \"order\"}" }, /* nothing at all */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct station_fixture f;
		struct timeline_built built;
		int64_t id, now;
		int rc;

		station_fixture_open(&f, START_MS);
		for (int n = 0; n < 3 && cases[i].seconds; n++)
			add_item(&f, "movie", (char[]) { (char)('a' + n), 0 }, cases[i].seconds);
		id = station_fixture_channel(&f, 1, "One", cases[i].rules, 1);
		now = station_now_ns(f.time);
		do
			rc = turn(&f, id, NULL, 0, 5000, &built);
		while (rc > 0);
		assert_int_equal(built.ahead_ns, cases[i].hours * HOUR);
		assert_true(end_of(&f, id) >= now + built.ahead_ns);
		assert_true(end_of(&f, id) <= now + built.ahead_ns + HOUR);
		station_fixture_close(&f);
	}
}

/* ---- lists ---- */

static void lists_are_read_once_and_seen_to_change(void **state)
{
	struct schedule_lists *lists = schedule_lists_new();
	struct timeline_built first, second, spots, built;
	struct station_fixture f;
	int64_t one, two, three, item;

	(void)state;
	station_fixture_open(&f, START_MS);
	item = add_item(&f, "movie", "a", 600);
	add_item(&f, "movie", "b", 600);
	add_item(&f, "commercial", "c", 30);
	one = station_fixture_channel(&f, 1, "One", "{\"order\": \"shuffle\"}", 1);
	two = station_fixture_channel(&f, 2, "Two", "{\"order\": \"shuffle\"}", 2);
	three = station_fixture_channel(&f, 3, "Three", "{\"query\": {\"kind\": \"commercial\"}, \"order\": \"loop\"}", 2);
	turn(&f, one, lists, 0, 8, &first);
	turn(&f, two, lists, 0, 8, &second);
	turn(&f, three, lists, 0, 8, &spots);
	assert_true(first.digest != 0);
	assert_int_equal(first.digest, second.digest);
	assert_true(first.digest != spots.digest);
	/* What comes is not seen before the lists are dropped; then by the channels that it is for. */
	add_item(&f, "movie", "d", 600);
	assert_int_equal(turn(&f, one, lists, first.digest, 8, &built), 1);
	schedule_lists_drop(lists);
	assert_int_equal(turn(&f, three, lists, spots.digest, 8, &built), 1);
	assert_int_equal(turn(&f, one, lists, first.digest, 8, &built), 2);
	assert_true(built.digest != first.digest);
	assert_int_equal(turn(&f, one, lists, built.digest, 8, &built), 1);
	/* A break point counts, and a length that has become known. */
	first = built;
	station_fixture_break(&f, item, 60000, 0);
	schedule_lists_drop(lists);
	assert_int_equal(turn(&f, one, lists, first.digest, 8, &built), 2);
	first = built;
	test_ok(db_run(f.db, NULL, "UPDATE probes SET true_duration_flicks = ?", "i", 500 * PLAN_FLICKS), NULL);
	schedule_lists_drop(lists);
	assert_int_equal(turn(&f, one, lists, first.digest, 8, &built), 2);
	schedule_lists_free(lists);
	station_fixture_close(&f);
}

/* A look builds nothing. */
static void a_look_writes_nothing(void **state)
{
	struct schedule_lists *lists = schedule_lists_new();
	struct timeline_built built;
	struct station_fixture f;
	int64_t id, end;

	(void)state;
	station_fixture_open(&f, START_MS);
	add_item(&f, "movie", "a", 60);
	id = station_fixture_channel(&f, 1, "One", "{\"order\": \"loop\"}", 1);
	turn(&f, id, lists, 0, 8, &built);
	end = end_of(&f, id);
	assert_int_equal(turn(&f, id, lists, 0, 0, &built), 0);
	assert_int_equal(end_of(&f, id), end);
	assert_int_equal(built.ahead_ns, 24 * HOUR);
	schedule_lists_free(lists);
	station_fixture_close(&f);
}

static void kept_lists_give_the_same_rows(void **state)
{
	char *dumps[2];

	(void)state;
	for (int side = 0; side < 2; side++) {
		struct schedule_lists *lists = side ? schedule_lists_new() : NULL;
		struct timeline_built built;
		struct station_fixture f;
		int64_t id, other;

		station_fixture_open(&f, START_MS);
		for (int n = 0; n < 9; n++)
			add_item(&f, n < 6 ? "movie" : n < 8 ? "commercial" : "bumper", (char[]) { (char)('a' + n), 0 },
				 n < 6 ? 900 + n : 10 + n);
		other = station_fixture_channel(&f, 1, "Other", "{\"order\": \"shuffle\", \"grid\": 15}", 5);
		id = station_fixture_channel(&f, 2, "One", "{\"order\": \"shuffle\", \"grid\": 15}", 7);
		for (int rc = 1; rc > 0; rc = turn(&f, id, lists, 0, side ? 3 : 100, &built))
			turn(&f, other, lists, 0, 5, &built);
		station_fixture_check(&f, id);
		dumps[side] = station_fixture_dump(&f, id, 0, 48 * 3600 * PLAN_FLICKS);
		schedule_lists_free(lists);
		station_fixture_close(&f);
	}
	assert_string_equal(dumps[0], dumps[1]);
	free(dumps[0]);
	free(dumps[1]);
}

/* ---- beyond the lock ---- */

static void what_lies_beyond_the_lock_goes_in_parts(void **state)
{
	struct timeline_built built;
	struct station_fixture f;
	struct err err = { 0 };
	int64_t id, lock;

	(void)state;
	station_fixture_open(&f, START_MS);
	for (int n = 0; n < 3; n++)
		add_item(&f, "movie", (char[]) { (char)('a' + n), 0 }, 10 + n);
	id = station_fixture_channel(&f, 1, "One", "{\"order\": \"order\"}", 1);
	while (turn(&f, id, NULL, 0, 5000, &built) > 0)
		;
	station_fixture_pass(&f, HOUR);
	lock = station_now_ns(f.time) + TIMELINE_LOCK_NS;
	test_ok(timeline_cut_beyond_lock(f.db, f.time, id, &err), &err);
	assert_true(end_of(&f, id) >= lock && end_of(&f, id) < lock + 12 * CLOCK_SECOND);
	test_ok(timeline_cut_beyond_lock(f.db, f.time, id, &err), &err); /* nothing is left to drop */
	assert_true(end_of(&f, id) >= lock);
	station_fixture_check(&f, id);
	test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
	station_fixture_check(&f, id);
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_things_reach_less_far),
		cmocka_unit_test(lists_are_read_once_and_seen_to_change),
		cmocka_unit_test(a_look_writes_nothing),
		cmocka_unit_test(kept_lists_give_the_same_rows),
		cmocka_unit_test(what_lies_beyond_the_lock_goes_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
