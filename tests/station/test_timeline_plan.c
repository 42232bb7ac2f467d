/* One programme as pieces: what happens within a second of the grid, and slate exact to the frame. */
#include "lib/station_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/timeline_plan.h"

#define START_MS INT64_C(1793480400000) /* 2026-10-31T21:00:00Z, on every grid */

static const struct plan_rate rate = { 25, 1 };

/* A programme of so many frames that starts on the hour, on a grid of 30 minutes. */
static struct timeline_pieces planned(struct station_fixture *f, int64_t frames, struct arena *arena)
{
	struct playable media = {
		.item_id = 1,
		.file_id = 1,
		.kind = "movie",
		.title = "a",
		.part = 1,
		.sort_key = "a",
		.duration_flicks = frames * plan_frame_flicks(rate) + 17,
	};
	struct playable_list list = { arena_alloc(arena, sizeof(media)), 1 };
	struct schedule *schedule = arena_alloc(arena, sizeof(*schedule));
	struct timeline_planner planner = { schedule, f->time, START_MS * CLOCK_MS, rate, arena, NULL, 0 };
	struct schedule_cursor cursor = { 0 };
	struct timeline_pieces pieces = { 0 };

	list.items[0] = media;
	schedule->arena = arena;
	schedule->rules.grid_minutes = 30;
	schedule_group(&list, arena, &schedule->programmes);
	assert_int_equal(schedule->programmes.count, 1);
	timeline_plan_item(&planner, &schedule->programmes.items[0], &(struct marker_list){ 0 }, 0, &cursor, &pieces);
	return pieces;
}

static void within_a_second_of_the_grid(void **state)
{
	/* frames of the source; of the programme that airs; of slate after it */
	static const struct row {
		int64_t source, programme, slate;
	} rows[] = {
		{ 45000, 45000, 0 },	 /* exact */
		{ 44999, 45000, 0 },	 /* bridged by the last picture */
		{ 44976, 45000, 0 },	 /* 24 frames are under 1 s */
		{ 44975, 44975, 25 },	 /* a second is slate */
		{ 45001, 45000, 0 },	 /* trimmed */
		{ 45024, 45000, 0 },
		{ 45025, 45025, 44975 }, /* a second of programme is not thrown away */
		{ 45040, 45040, 44960 },
		{ 60, 60, 44940 },
	};
	struct station_fixture f;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	station_fixture_open(&f, START_MS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct timeline_pieces p = planned(&f, rows[i].source, &arena);
		int64_t slate = 0;

		assert_string_equal(p.pieces[0].kind, "programme");
		assert_int_equal(p.pieces[0].frames, rows[i].programme);
		for (size_t n = 1; n < p.count; n++) {
			assert_string_equal(p.pieces[n].kind, "slate");
			assert_true(p.pieces[n].frames >= 25 && p.pieces[n].frames <= 600 * 25);
			slate += p.pieces[n].frames;
		}
		assert_int_equal(slate, rows[i].slate);
		assert_int_equal(p.frames, rows[i].programme + rows[i].slate);
	}
	station_fixture_close(&f);
}

static void slate_has_any_length(void **state)
{
	struct timeline_planner planner = { .rate = rate };

	(void)state;
	for (int64_t frames = 25; frames < 100000; frames = frames < 14900 ? frames * 3 / 2 : frames + 7) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct timeline_pieces p = { 0 };

		planner.arena = &arena;
		timeline_plan_slate(&planner, frames, &p);
		assert_int_equal(p.frames, frames);
		for (size_t i = 0; i < p.count; i++)
			assert_true(p.pieces[i].frames >= 25 && p.pieces[i].frames <= 15000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(within_a_second_of_the_grid),
		cmocka_unit_test(slate_has_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
