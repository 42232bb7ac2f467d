/* Since when nobody served: the same boot, another one, a clock that begins in 1970, and starts that never
 * last. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "station/downtime.h"
#include "store/house_events.h"

#define START_MS INT64_C(1795206605000) /* 2026-11-20T20:30:05Z */
#define S CLOCK_SECOND

/* Serves for so long, with a mark every ten seconds. */
static void serve(struct station_fixture *f, int64_t seconds)
{
	struct err err = { 0 };

	for (int64_t s = 1; s <= seconds; s++) {
		station_fixture_pass(f, S);
		if (s % 5 == 0)
			assert_true(station_time_tick(f->time, f->db, &err) >= 0);
		if (s % 10 == 0)
			test_ok(downtime_mark(f->db, f->time, false, &err), &err);
	}
}

static void new_boot(struct station_fixture *f, const char *id)
{
	snprintf(f->boot, sizeof(f->boot), "%s", id);
	f->boot_ns = 3 * S;
}

static void start(struct station_fixture *f, struct downtime *down)
{
	struct err err = { 0 };

	station_time_free(f->time);
	f->time = station_time_open_with(f->db, &f->clocks, &err);
	assert_non_null(f->time);
	test_ok(downtime_begin(f->db, f->time, down, &err), &err);
}

/* The reasons in the store, the newest first, each with a newline. */
static const char *told(struct station_fixture *f, char *to, size_t size)
{
	json_t *list = json_array();
	struct err err = { 0 };
	size_t len = 0;

	*to = '\0';
	test_ok(house_events_json(f->db, 0, 100, list, list, &err), &err);
	for (size_t i = 0; i < json_array_size(list); i++)
		len += (size_t)snprintf(to + len, size - len, "%s\n",
					json_text(json_array_get(list, i), "reason", "?"));
	json_decref(list);
	return to;
}

static void a_first_start_and_a_quick_restart_are_nothing_to_tell(void **state)
{
	struct station_fixture f;
	struct downtime down;
	char text[4096];

	(void)state;
	station_fixture_open(&f, START_MS);
	start(&f, &down);
	assert_string_equal(down.reason, "");
	for (int i = 0; i < 11; i++) { /* killed again and again, when the mark is nearly ten seconds old */
		serve(&f, 49);
		station_fixture_pass(&f, 9 * S);
		start(&f, &down);
		assert_string_equal(down.reason, "");
	}
	assert_string_equal(told(&f, text, sizeof(text)), "");
	station_fixture_close(&f);
}

static void a_night_is_told_of(void **state)
{
	struct station_fixture f;
	struct downtime down;
	char text[4096];

	(void)state;
	station_fixture_open(&f, START_MS);
	start(&f, &down);
	serve(&f, 60);
	station_fixture_pass(&f, 8 * 3600 * S);
	start(&f, &down);
	assert_int_equal(down.from_ns, (START_MS + 60000) * CLOCK_MS);
	assert_int_equal(down.to_ns, (START_MS + 60000) * CLOCK_MS + 8 * 3600 * S);
	assert_false(down.rebooted);
	assert_string_equal(told(&f, text, sizeof(text)),
			    "the house was down for 08:00:00.00, from 2026-11-20T20:31:05.000Z to "
			    "2026-11-21T04:31:05.000Z\n");
	/* Off, and on again the next day. */
	serve(&f, 10);
	f.wall_ns += 3600 * S;
	new_boot(&f, "next");
	start(&f, &down);
	assert_true(down.rebooted);
	assert_string_equal(down.reason,
			    "the house was down for 01:00:00.00, from 2026-11-21T04:31:15.000Z to "
			    "2026-11-21T05:31:15.000Z");
	station_fixture_close(&f);
}

/* Told to end, it is no fault; killed before it left a mark of its own, the time since is. */
static void an_end_on_purpose_is_told_of_and_no_fault(void **state)
{
	CLEANUP(json_cleanup) json_t *faults = json_array();
	CLEANUP(json_cleanup) json_t *notes = json_array();
	struct station_fixture f;
	struct downtime down;
	struct err err = { 0 };
	char text[4096];

	(void)state;
	station_fixture_open(&f, START_MS);
	start(&f, &down);
	serve(&f, 60);
	test_ok(downtime_mark(f.db, f.time, true, &err), &err);
	station_fixture_pass(&f, 8 * 3600 * S);
	start(&f, &down);
	assert_true(down.on_purpose);
	test_ok(house_events_json(f.db, 0, 100, faults, notes, &err), &err);
	assert_int_equal(json_array_size(faults), 0);
	assert_string_equal(json_text(json_array_get(notes, 0), "reason", ""),
			    "the house was stopped on purpose for 08:00:00.00, from 2026-11-20T20:31:05.000Z to "
			    "2026-11-21T04:31:05.000Z");
	station_fixture_pass(&f, 3600 * S);
	start(&f, &down);
	assert_false(down.on_purpose);
	json_array_clear(notes);
	test_ok(house_events_json(f.db, 0, 100, faults, notes, &err), &err);
	assert_int_equal(json_array_size(notes), 0);
	assert_string_equal(told(&f, text, sizeof(text)),
			    "the house was down for 09:00:00.00, from 2026-11-20T20:31:05.000Z to "
			    "2026-11-21T05:31:05.000Z\n");
	station_fixture_close(&f);
}

/* Killed within its first seconds, for an hour: one row that grows. */
static void a_server_that_never_lasts_is_told_of_once(void **state)
{
	struct station_fixture f;
	struct downtime down;
	char text[4096];

	(void)state;
	station_fixture_open(&f, START_MS);
	start(&f, &down);
	serve(&f, 20);
	for (int i = 0; i < 720; i++) {
		serve(&f, 5);
		start(&f, &down);
	}
	assert_string_equal(told(&f, text, sizeof(text)),
			    "the house was down for 01:00:00.00, from 2026-11-20T20:30:25.000Z to "
			    "2026-11-20T21:30:25.000Z\n");
	station_fixture_close(&f);
}

/* Without a battery: how long it was is not known until the network has told the time. */
static void a_clock_that_began_in_1970_is_no_measure(void **state)
{
	struct station_fixture f;
	struct downtime down;
	struct err err = { 0 };
	char text[4096];
	int64_t after_ns;

	(void)state;
	station_fixture_open(&f, START_MS);
	start(&f, &down);
	serve(&f, 60);
	after_ns = f.wall_ns + 8 * 3600 * S;
	f.wall_ns = 7 * S;
	new_boot(&f, "cold");
	start(&f, &down);
	assert_int_equal(down.from_ns, (START_MS + 60000) * CLOCK_MS);
	assert_in_range(down.to_ns - down.from_ns, 20 * S, 61 * S);
	assert_string_equal(
		down.reason,
		"the house was down from 2026-11-20T20:31:05.000Z, for how long is not known: the clock "
		"of this machine began at 1970-01-01T00:00:07.000Z; the station goes on at "
		"2026-11-20T20:31:40.000Z");
	serve(&f, 30);
	f.wall_ns = after_ns + 30 * S;
	for (int i = 0; station_time_tick(f.time, f.db, &err) == 0; i++) {
		assert_true(i < 30);
		station_fixture_pass(&f, 5 * S);
	}
	assert_true(downtime_clock_set(f.db, f.time, &down, &err));
	assert_string_equal(told(&f, text, sizeof(text)),
			    "the house was down for 08:00:00.00, from 2026-11-20T20:31:05.000Z to "
			    "2026-11-21T04:31:05.000Z\n");
	assert_false(downtime_clock_set(f.db, f.time, &down, &err)); /* once */
	station_fixture_close(&f);
}

/* A clock that somebody sets hours after a boot says nothing of the time before it. */
static void a_clock_that_is_set_later_changes_nothing(void **state)
{
	struct station_fixture f;
	struct downtime down;
	struct err err = { 0 };
	char before[4096], after[4096];

	(void)state;
	station_fixture_open(&f, START_MS);
	start(&f, &down);
	serve(&f, 60);
	f.wall_ns += 3600 * S;
	new_boot(&f, "next");
	start(&f, &down);
	told(&f, before, sizeof(before));
	serve(&f, 700);
	f.wall_ns += 86400 * S;
	serve(&f, 100);
	assert_false(downtime_clock_set(f.db, f.time, &down, &err));
	assert_string_equal(told(&f, after, sizeof(after)), before);
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_start_and_a_quick_restart_are_nothing_to_tell),
		cmocka_unit_test(a_night_is_told_of),
		cmocka_unit_test(an_end_on_purpose_is_told_of_and_no_fault),
		cmocka_unit_test(a_server_that_never_lasts_is_told_of_once),
		cmocka_unit_test(a_clock_that_began_in_1970_is_no_measure),
		cmocka_unit_test(a_clock_that_is_set_later_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
