/* The builder: rows contiguous to the frame for any library and schedule, the grid, gaps, edits beyond the lock. */
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

static const int rates[][2] = { { 25, 1 },	   { 24000, 1001 }, { 30000, 1001 }, { 50, 1 },
				{ 60000, 1001 },   { 24, 1 },	    { 0, 0 },	     { 90000, 1 } };

/* From a fraction of a second to an hour, with crooked ends. */
static int64_t random_flicks(int64_t most_ms)
{
	return (300 + draw(most_ms)) * 705600 + draw(705600);
}

static void random_library(struct station_fixture *f)
{
	static const char *const kinds[] = { "episode", "episode", "movie", "commercial", "bumper", "filler", "ident" };
	int64_t n = draw(25);

	for (int64_t i = 0; i < n; i++) {
		const char *kind = kinds[draw(7)];
		bool programme = strcmp(kind, "episode") == 0 || strcmp(kind, "movie") == 0;
		const int *rate = rates[draw(8)];
		char title[32];
		struct fixture_item item = { .kind = kind, .title = title, .fps_num = rate[0], .fps_den = rate[1] };
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
		 "{\"query\": {\"kind\": \"%s\"}, \"order\": \"%s\", \"grid\": %d, \"spots\": %s, \"bumpers\": %s, "
		 "\"loops\": %d, \"break_every\": %d, \"break_length\": %d}",
		 kinds[draw(4)], orders[draw(3)], grids[draw(7)], draw(3) ? "true" : "false",
		 draw(3) ? "true" : "false", (int)draw(3), draw(2) ? 0 : (int)draw(900), draw(2) ? 0 : (int)draw(200));
	return to;
}

static void any_library_and_schedule_keep_the_invariants(void **state)
{
	(void)state;
	for (int i = 0; i < 60; i++) {
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_library_and_schedule_keep_the_invariants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
