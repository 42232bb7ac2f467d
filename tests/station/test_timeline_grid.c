/* The builder: programmes on their minute, whatever the clocks do, and what is between them. */
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

/* ---- the grid ---- */

static void starts_on_the_grid(const char *zone, const char *begins, int grid, bool with_spots)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct err err = { 0 };
	struct airing_list list;
	struct channel channel;
	char rules[64];
	int64_t id, ms, frame;
	struct tm tm;

	setenv("TZ", zone, 1);
	tzset();
	test_ok(clock_parse(begins, &ms, &err), &err);
	station_fixture_open(&f, ms + 1234);
	rng = 5;
	for (int i = 0; i < 7; i++)
		station_fixture_item(&f, &(struct fixture_item) { .kind = "movie",
								  .title = (char[]) { (char)('a' + i), 0 },
								  .flicks = station_fixture_flicks(&rng, 2600000),
								  .fps_num = 30000,
								  .fps_den = 1001 });
	for (int i = 0; with_spots && i < 5; i++)
		station_fixture_add(&f, i < 3 ? "commercial" : "filler", "x", 20 + 7 * i);
	snprintf(rules, sizeof(rules), "{\"grid\": %d, \"order\": \"shuffle\"}", grid);
	id = station_fixture_channel(&f, 1, "One", rules, 3);
	station_fixture_build(&f, id, station_now_ns(f.time) + 40 * HOUR);
	station_fixture_check(&f, id);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	frame = plan_frame_flicks((struct plan_rate) { channel.fps_num, channel.fps_den });
	list = station_fixture_airings(&f, id, &arena);
	for (size_t i = 1; i < list.count; i++) {
		/* ns of the minute that the start belongs to, and how far after it the start is */
		int64_t ns = position_ns(channel.epoch_ns, list.airings[i].start_flicks) + 1;
		int64_t late = ns % (60 * CLOCK_SECOND);
		time_t t = (time_t)(ns / CLOCK_SECOND);

		localtime_r(&t, &tm);
		assert_int_equal((tm.tm_hour * 60 + tm.tm_min) % grid, 0);
		assert_true(late >= 0 && late <= frame * 10000 / 7056 + 1);
		/* And it is the next one: no more than a grid's length of anything but programme. */
	}
	assert_true(list.count > 10);
	station_fixture_close(&f);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void programmes_start_on_their_minute(void **state)
{
	(void)state;
	starts_on_the_grid("UTC", "2026-05-01T10:00:00Z", 30, true);
	starts_on_the_grid("UTC", "2026-05-01T10:00:00Z", 7, false);
	starts_on_the_grid("Europe/Berlin", "2026-10-24T20:00:00Z", 60, true); /* back at 01:00Z */
	starts_on_the_grid("Europe/Berlin", "2026-10-24T20:00:00Z", 90, false);
	starts_on_the_grid("Europe/Berlin", "2026-03-28T20:00:00Z", 120, true);	     /* forward */
	starts_on_the_grid("Australia/Lord_Howe", "2026-04-04T08:00:00Z", 60, true); /* by half an hour */
	starts_on_the_grid("Asia/Kathmandu", "2026-05-01T10:00:00Z", 15, true);
}

/* Across the night in which 02:00 comes twice: every full hour once more, and none left out. */
static void the_hour_that_comes_twice_has_two_starts(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct airing_list list;
	int64_t id, hour = 3600 * PLAN_FLICKS;

	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	station_fixture_open(&f, INT64_C(1792873800000)); /* 2026-10-24T20:30:00Z */
	for (int i = 0; i < 3; i++)
		station_fixture_add(&f, "movie", (char[]) { (char)('a' + i), 0 }, 3000);
	id = station_fixture_channel(&f, 1, "One", "{\"grid\": 60}", 3);
	station_fixture_build(&f, id, station_now_ns(f.time) + 12 * HOUR);
	list = station_fixture_airings(&f, id, &arena);
	for (size_t i = 2; i < list.count; i++)
		assert_int_equal(list.airings[i].start_flicks - list.airings[i - 1].start_flicks, hour);
	station_fixture_close(&f);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void a_wall_clock_that_jumped_moves_the_grid(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct err err = { 0 };
	struct airing_list list;
	struct channel channel;
	int64_t id, jumped;
	int accepted = 0;

	(void)state;
	station_fixture_open(&f, START_MS);
	station_fixture_add(&f, "movie", "a", 1500);
	station_fixture_add(&f, "movie", "b", 1400);
	id = station_fixture_channel(&f, 1, "One", "{\"grid\": 30}", 3);
	station_fixture_build(&f, id, station_now_ns(f.time) + 12 * HOUR);
	f.wall_ns += 11 * 60 * CLOCK_SECOND + 17 * CLOCK_SECOND;
	for (int i = 0; i < 20; i++) {
		station_fixture_pass(&f, 5 * CLOCK_SECOND);
		accepted += station_time_tick(f.time, f.db, &err);
	}
	assert_int_equal(accepted, 1);
	jumped = station_now_ns(f.time);
	test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
	station_fixture_check(&f, id);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	list = station_fixture_airings(&f, id, &arena);
	for (size_t i = 0; i < list.count; i++) {
		int64_t ns = position_ns(channel.epoch_ns, list.airings[i].start_flicks) + 1;

		if (ns > jumped + 2400 * CLOCK_SECOND)
			assert_true(station_to_wall_ms(f.time, ns) % 1800000 <= 40);
	}
	station_fixture_close(&f);
}

/* ---- what is between programmes ---- */

static void breaks_are_filled(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	int64_t id, movie, in_break[64];
	size_t n = 0, parts = 0, spots = 0;

	(void)state;
	station_fixture_open(&f, START_MS);
	movie = station_fixture_add(&f, "movie", "Film", 1200);
	station_fixture_break(&f, movie, 300000, 0);
	station_fixture_break(&f, movie, 600000, 660000); /* this minute is left out */
	station_fixture_break(&f, movie, 400, 0);	  /* too near to the beginning */
	for (int i = 0; i < 6; i++)
		station_fixture_add(&f, "commercial", (char[]) { (char)('1' + i), 0 }, 20 + i);
	station_fixture_add(&f, "bumper", "Bumper", 5);
	id = station_fixture_channel(&f, 1, "One", "{\"break_length\": 60}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 5 * HOUR);
	station_fixture_check(&f, id);
	rows = station_fixture_log(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++) {
		const struct timeline_row *r = &rows.rows[i];

		if (strcmp(r->kind, "programme") == 0) {
			static const int64_t in[] = { 0, 300, 660 }, length[] = { 300, 300, 540 };

			assert_int_equal(r->clip.in_flicks, in[parts % 3] * PLAN_FLICKS);
			assert_int_equal(r->frames, length[parts % 3] * 25);
			parts++;
			n = 0;
		} else if (strcmp(r->kind, "commercial") == 0) {
			for (size_t k = 0; k < n; k++)
				assert_int_not_equal(in_break[k], r->item_id);
			in_break[n++] = r->item_id;
			assert_true(n <= 2); /* two of 20 s or more in 60 s */
			spots++;
		} else {
			assert_string_equal(r->kind, "bumper");
		}
		if (i) /* a break begins and ends with the bumper */
			assert_true(strcmp(r->kind, "programme") != 0 ||
				    strcmp(rows.rows[i - 1].kind, "bumper") == 0);
	}
	assert_true(parts > 20 && spots > 30);
	station_fixture_close(&f);
}

static void without_spots_a_marker_cuts_nothing(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	int64_t id, movie;

	(void)state;
	station_fixture_open(&f, START_MS);
	movie = station_fixture_add(&f, "movie", "Film", 1200);
	station_fixture_break(&f, movie, 300000, 0);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	rows = station_fixture_log(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++)
		assert_int_equal(rows.rows[i].frames, 1200 * 25);
	station_fixture_close(&f);
}

static void breaks_come_evenly_where_there_is_no_marker(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	int64_t id;

	(void)state;
	station_fixture_open(&f, START_MS);
	station_fixture_add(&f, "movie", "Film", 1500);
	station_fixture_add(&f, "commercial", "Spot", 20);
	id = station_fixture_channel(&f, 1, "One", "{\"break_every\": 600}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	rows = station_fixture_log(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++)
		assert_int_equal(rows.rows[i].frames, (i % 2 ? 20 : 500) * 25);
	station_fixture_close(&f);
}

/* A film with a chapter every two minutes has no break every two minutes. */
static void break_points_too_near_are_passed_over(void **state)
{
	static const int64_t lengths[] = { 600, 600, 300 }; /* s: the last breaks leave what is left of the film */
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	int64_t id, movie;
	size_t parts = 0;

	(void)state;
	station_fixture_open(&f, START_MS);
	movie = station_fixture_add(&f, "movie", "Film", 1500);
	for (int64_t s = 120; s < 1500; s += 120)
		station_fixture_break(&f, movie, s * 1000, 0);
	station_fixture_add(&f, "commercial", "Spot", 20);
	id = station_fixture_channel(&f, 1, "One", "{\"break_every\": 540}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	station_fixture_check(&f, id);
	rows = station_fixture_log(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++)
		if (strcmp(rows.rows[i].kind, "programme") == 0)
			assert_int_equal(rows.rows[i].frames, lengths[parts++ % 3] * 25);
	assert_true(parts > 9);
	station_fixture_close(&f);
}

/* A stretch that is left out up to the film's very end takes the rest with it: no row is under 1 s. */
static void a_rest_under_a_second_is_no_row(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	int64_t id, movie;

	(void)state;
	station_fixture_open(&f, START_MS);
	movie = station_fixture_add(&f, "movie", "Film", 600);
	station_fixture_break(&f, movie, 300000, 599600);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	station_fixture_check(&f, id);
	rows = station_fixture_log(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++)
		assert_int_equal(rows.rows[i].frames, 300 * 25);
	station_fixture_close(&f);
}

static void a_loop_ends_in_slate(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct station_fixture f;
	struct timeline_rows rows;
	int64_t id;

	(void)state;
	station_fixture_open(&f, START_MS);
	for (int i = 0; i < 3; i++)
		station_fixture_add(&f, "movie", (char[]) { (char)('a' + i), 0 }, 60 + i);
	station_fixture_add(&f, "commercial", "Spot", 20);
	id = station_fixture_channel(&f, 1, "One", "{\"order\": \"loop\", \"loops\": 2, \"grid\": 30}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	station_fixture_check(&f, id);
	rows = station_fixture_log(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++)
		if (i < 6)
			assert_int_equal(rows.rows[i].title[0], "abcabc"[i]);
		else
			assert_string_equal(rows.rows[i].kind, "slate");
	assert_true(rows.count > 6);
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programmes_start_on_their_minute),
		cmocka_unit_test(the_hour_that_comes_twice_has_two_starts),
		cmocka_unit_test(a_wall_clock_that_jumped_moves_the_grid),
		cmocka_unit_test(breaks_are_filled),
		cmocka_unit_test(without_spots_a_marker_cuts_nothing),
		cmocka_unit_test(breaks_come_evenly_where_there_is_no_marker),
		cmocka_unit_test(break_points_too_near_are_passed_over),
		cmocka_unit_test(a_rest_under_a_second_is_no_row),
		cmocka_unit_test(a_loop_ends_in_slate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
