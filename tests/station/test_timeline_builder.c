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

static int64_t draw(int64_t n)
{
	rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)((rng >> 33) % (uint64_t)n);
}

static const int rates[][2] = { { 25, 1 },	 { 24000, 1001 }, { 30000, 1001 }, { 50, 1 },
				{ 60000, 1001 }, { 24, 1 },	  { 0, 0 },	   { 90000, 1 } };

/* From a fraction of a second to an hour, with crooked ends. */
static int64_t random_flicks(int64_t most_ms)
{
	return (300 + draw(most_ms)) * 705600 + draw(705600);
}

static void random_library(struct station_fixture *f)
{
	static const char *const kinds[] = { "episode", "episode", "movie", "commercial",
					     "bumper",	"filler",  "ident" };
	int64_t n = draw(25);

	for (int64_t i = 0; i < n; i++) {
		const char *kind = kinds[draw(7)];
		bool programme = strcmp(kind, "episode") == 0 || strcmp(kind, "movie") == 0;
		const int *rate = rates[draw(8)];
		char title[32];
		struct fixture_item item = {
			.kind = kind, .title = title, .fps_num = rate[0], .fps_den = rate[1]
		};
		int64_t id;

		snprintf(title, sizeof(title), "Item %lld", (long long)i);
		item.flicks = random_flicks(programme ? 3600000 : 60000);
		if (strcmp(kind, "episode") == 0) {
			item.show = draw(2) ? "First" : "Second";
			item.season = (int)draw(3);
			item.episode = (int)draw(9) + 1;
		}
		id = station_fixture_item(f, &item);
		for (int64_t m = programme ? draw(5) : 0; m > 0; m--) {
			int64_t at = draw(item.flicks / 705600 + 5000);

			station_fixture_break(f, id, at, draw(3) ? 0 : at + draw(90000) + 1);
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
		 kinds[draw(4)], orders[draw(3)], grids[draw(7)], draw(3) ? "true" : "false",
		 draw(3) ? "true" : "false", (int)draw(3), draw(2) ? 0 : (int)draw(900),
		 draw(2) ? 0 : (int)draw(200));
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
		station_fixture_open(&f, START_MS + draw(100000));
		random_library(&f);
		id = station_fixture_channel(&f, 1, "One", random_rules(rules, sizeof(rules)), draw(1000000));
		station_fixture_build(&f, id, station_now_ns(f.time) + (2 + draw(20)) * HOUR);
		station_fixture_check(&f, id);
		/* A while later, sometimes long after what was built. */
		station_fixture_pass(&f, draw(30) * HOUR + draw(CLOCK_SECOND));
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

/* ---- a small library that is easy to follow ---- */

static int64_t add_item(struct station_fixture *f, const char *kind, const char *title, int64_t seconds)
{
	return station_fixture_item(
		f, &(struct fixture_item) { .kind = kind, .title = title, .flicks = seconds * PLAN_FLICKS });
}

static struct timeline_rows log_of(struct station_fixture *f, int64_t id, struct arena *arena)
{
	struct err err = { 0 };
	struct timeline_rows rows;

	test_ok(timeline_window(f->db, id, INT64_MIN / 2, INT64_MAX, SIZE_MAX, arena, &rows, &err), &err);
	return rows;
}

static struct airing_list airings_of(struct station_fixture *f, int64_t id, struct arena *arena)
{
	struct err err = { 0 };
	struct airing_list list;

	test_ok(airings_window(f->db, id, INT64_MIN / 2, INT64_MAX, arena, &list, &err), &err);
	return list;
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
		items[n] = add_item(&f, "movie", (char[]) { (char)('a' + n), 0 }, 120 + n);
	id = station_fixture_channel(&f, 1, "One", "{\"order\": \"order\"}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 20 * HOUR);
	station_fixture_pass(&f, 3 * HOUR + 1234567);
	old = airings_of(&f, id, &arena);
	lock = position_flicks(START_MS * CLOCK_MS - 60 * CLOCK_SECOND,
			       station_now_ns(f.time) + TIMELINE_LOCK_NS);
	while (old.airings[i].start_flicks < lock)
		i++;
	cut = old.airings[i].start_flicks;
	before = station_fixture_dump(&f, id, 0, cut);
	/* One comes, one goes, spots appear. */
	station_fixture_remove_item(&f, items[3]);
	add_item(&f, "movie", "dd", 150);
	add_item(&f, "commercial", "spot", 20);
	test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
	after = station_fixture_dump(&f, id, 0, cut);
	assert_string_equal(before, after);
	station_fixture_check(&f, id);
	new = airings_of(&f, id, &arena);
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
		add_item(&f, "movie", (char[]) { (char)('a' + i), 0 }, 600);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 10 * HOUR);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	test_ok(lineup_edit(f.db, f.time, &channel, "{\"grid\": 15}", &err), &err);
	test_ok(timeline_rebuild(f.db, f.time, id, &err), &err);
	list = airings_of(&f, id, &arena);
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
		list = airings_of(&f, id, &arena);
		assert_int_equal((list.airings[0].title[0] - last + 8) % 8, 1);
	}
	{
		struct channel now;
		struct timeline_rows rows = log_of(&f, id, &arena);

		test_ok(channels_get(f.db, id, &arena, &now, &err), &err);
		assert_true(now.generation > channel.generation + 2 * 3600);
		assert_int_equal(rows.rows[0].first_seq, now.generation);
		assert_string_equal(rows.rows[0].clip.profile, "480p");
	}
	station_fixture_check(&f, id);
	station_fixture_close(&f);
}

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
								  .flicks = random_flicks(2600000),
								  .fps_num = 30000,
								  .fps_den = 1001 });
	for (int i = 0; with_spots && i < 5; i++)
		add_item(&f, i < 3 ? "commercial" : "filler", "x", 20 + 7 * i);
	snprintf(rules, sizeof(rules), "{\"grid\": %d, \"order\": \"shuffle\"}", grid);
	id = station_fixture_channel(&f, 1, "One", rules, 3);
	station_fixture_build(&f, id, station_now_ns(f.time) + 40 * HOUR);
	station_fixture_check(&f, id);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	frame = plan_frame_flicks((struct plan_rate) { channel.fps_num, channel.fps_den });
	list = airings_of(&f, id, &arena);
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
		add_item(&f, "movie", (char[]) { (char)('a' + i), 0 }, 3000);
	id = station_fixture_channel(&f, 1, "One", "{\"grid\": 60}", 3);
	station_fixture_build(&f, id, station_now_ns(f.time) + 12 * HOUR);
	list = airings_of(&f, id, &arena);
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
	add_item(&f, "movie", "a", 1500);
	add_item(&f, "movie", "b", 1400);
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
	list = airings_of(&f, id, &arena);
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
	movie = add_item(&f, "movie", "Film", 1200);
	station_fixture_break(&f, movie, 300000, 0);
	station_fixture_break(&f, movie, 600000, 660000); /* this minute is left out */
	station_fixture_break(&f, movie, 400, 0);	  /* too near to the beginning */
	for (int i = 0; i < 6; i++)
		add_item(&f, "commercial", (char[]) { (char)('1' + i), 0 }, 20 + i);
	add_item(&f, "bumper", "Bumper", 5);
	id = station_fixture_channel(&f, 1, "One", "{\"break_length\": 60}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 5 * HOUR);
	station_fixture_check(&f, id);
	rows = log_of(&f, id, &arena);
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
	movie = add_item(&f, "movie", "Film", 1200);
	station_fixture_break(&f, movie, 300000, 0);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	rows = log_of(&f, id, &arena);
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
	add_item(&f, "movie", "Film", 1500);
	add_item(&f, "commercial", "Spot", 20);
	id = station_fixture_channel(&f, 1, "One", "{\"break_every\": 600}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	rows = log_of(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++)
		assert_int_equal(rows.rows[i].frames, (i % 2 ? 20 : 500) * 25);
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
		add_item(&f, "movie", (char[]) { (char)('a' + i), 0 }, 60 + i);
	add_item(&f, "commercial", "Spot", 20);
	id = station_fixture_channel(&f, 1, "One", "{\"order\": \"loop\", \"loops\": 2, \"grid\": 30}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	station_fixture_check(&f, id);
	rows = log_of(&f, id, &arena);
	for (size_t i = 0; i < rows.count; i++)
		if (i < 6)
			assert_int_equal(rows.rows[i].title[0], "abcabc"[i]);
		else
			assert_string_equal(rows.rows[i].kind, "slate");
	assert_true(rows.count > 6);
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
	add_item(&f, "movie", "a", 700);
	add_item(&f, "movie", "b", 800);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	rows = log_of(&f, id, &arena);
	count = rows.count;
	end = timeline_row_end(&rows.rows[count - 1]);
	before = station_fixture_dump(&f, id, 0, INT64_MAX);
	station_fixture_pass(&f, 24 * 40 * HOUR + 777777777);
	station_fixture_build(&f, id, station_now_ns(f.time) + 2 * HOUR);
	after = station_fixture_dump(&f, id, 0, end);
	assert_string_equal(before, after);
	station_fixture_check(&f, id);
	rows = log_of(&f, id, &arena);
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
	add_item(&f, "movie", "a", 700);
	id = station_fixture_channel(&f, 1, "One", "{}", 1);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	assert_int_equal(channel.generation, START_MS / 1000 - 1577836800);
	assert_int_equal(channel.epoch_ns, (START_MS / 1000 - 60) * CLOCK_SECOND);
	/* Built an hour later: what nobody could see is off air. */
	station_fixture_pass(&f, HOUR);
	station_fixture_build(&f, id, station_now_ns(f.time) + HOUR);
	rows = log_of(&f, id, &arena);
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
	rows = log_of(&f, id, &arena);
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
	rows = log_of(&f, id, &arena);
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
	add_item(&f, "movie", "a", 700);
	gone = add_item(&f, "movie", "b", 800);
	id = station_fixture_channel(&f, 1, "One", "{\"order\": \"shuffle\"}", 1);
	station_fixture_build(&f, id, station_now_ns(f.time) + HOUR);
	station_fixture_remove_item(&f, gone);
	station_fixture_build(&f, id, station_now_ns(f.time) + 4 * HOUR);
	rows = log_of(&f, id, &arena);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_library_and_schedule_keep_the_invariants),
		cmocka_unit_test(same_rows_from_equal_stores_however_it_is_cut),
		cmocka_unit_test(an_edit_keeps_what_is_locked_and_every_turn),
		cmocka_unit_test(rules_that_change_lose_no_turn),
		cmocka_unit_test(programmes_start_on_their_minute),
		cmocka_unit_test(the_hour_that_comes_twice_has_two_starts),
		cmocka_unit_test(a_wall_clock_that_jumped_moves_the_grid),
		cmocka_unit_test(breaks_are_filled),
		cmocka_unit_test(without_spots_a_marker_cuts_nothing),
		cmocka_unit_test(breaks_come_evenly_where_there_is_no_marker),
		cmocka_unit_test(a_loop_ends_in_slate),
		cmocka_unit_test(time_without_power_is_one_row),
		cmocka_unit_test(a_new_channel_has_a_minute_behind_it),
		cmocka_unit_test(the_first_sources_begin_a_generation_and_decide_its_rate),
		cmocka_unit_test(a_source_that_is_missing_is_skipped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
