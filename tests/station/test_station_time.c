/* Station time: the same boot, another boot, clocks that jump, and the mapping to wall time. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define START_MS INT64_C(1795206605000) /* 2026-11-20T19:10:05Z */
#define S CLOCK_SECOND

static void reopen(struct station_fixture *f)
{
	struct err err = { 0 };

	station_time_free(f->time);
	f->time = station_time_open_with(f->db, &f->clocks, &err);
	if (!f->time)
		fail_msg("%s", err.text);
}

static int tick(struct station_fixture *f)
{
	struct err err = { 0 };
	int rc = station_time_tick(f->time, f->db, &err);

	test_ok(rc, &err);
	return rc;
}

/* Ticks every 5 s for so long. Returns how many said that a jump was accepted. */
static int run(struct station_fixture *f, int64_t seconds)
{
	int accepted = 0;

	for (int64_t s = 0; s < seconds; s += 5) {
		station_fixture_pass(f, 5 * S);
		accepted += tick(f);
	}
	return accepted;
}

static void new_boot(struct station_fixture *f, const char *id)
{
	snprintf(f->boot, sizeof(f->boot), "%s", id);
	f->boot_ns = 3 * S;
}

static void begins_at_the_wall_clock(void **state)
{
	struct station_fixture f;

	(void)state;
	station_fixture_open(&f, START_MS);
	assert_int_equal(station_now_ns(f.time), START_MS * CLOCK_MS);
	station_fixture_pass(&f, 12345 * CLOCK_MS + 7);
	assert_int_equal(station_now_ns(f.time), START_MS * CLOCK_MS + 12345 * CLOCK_MS + 7);
	assert_int_equal(station_to_wall_ms(f.time, station_now_ns(f.time)), START_MS + 12345);
	assert_int_equal(station_from_wall_ms(f.time, START_MS), START_MS * CLOCK_MS);
	station_fixture_close(&f);
}

static void a_restart_goes_on_whatever_the_wall_says(void **state)
{
	struct station_fixture f;
	int64_t before;

	(void)state;
	station_fixture_open(&f, START_MS);
	run(&f, 100);
	before = station_now_ns(f.time);
	f.wall_ns -= 3600 * S;
	f.boot_ns += 7 * S;
	reopen(&f);
	assert_int_equal(station_now_ns(f.time), before + 7 * S);
	f.wall_ns += 86400 * S;
	reopen(&f);
	assert_int_equal(station_now_ns(f.time), before + 7 * S);
	station_fixture_close(&f);
}

static void a_reboot_with_the_clock_set_back_stays_above_all_that_was_said(void **state)
{
	struct station_fixture f;
	int64_t said;

	(void)state;
	station_fixture_open(&f, START_MS);
	for (int i = 0; i < 40; i++) {
		run(&f, 5 + i % 7);
		said = station_now_ns(f.time);
		new_boot(&f, i % 2 ? "a" : "b");
		f.wall_ns = i % 3 ? 1000 * S : said - 20 * S;
		reopen(&f);
		assert_true(station_now_ns(f.time) > said);
		assert_true(station_now_ns(f.time) <= said + 61 * S);
	}
	station_fixture_close(&f);
}

static void a_reboot_later_goes_on_at_the_wall_clock(void **state)
{
	struct station_fixture f;

	(void)state;
	station_fixture_open(&f, START_MS);
	run(&f, 100);
	new_boot(&f, "later");
	f.wall_ns = START_MS * CLOCK_MS + 9000 * S;
	reopen(&f);
	assert_int_equal(station_now_ns(f.time), START_MS * CLOCK_MS + 9000 * S);
	station_fixture_close(&f);
}

/* What happens once a clock without a battery is told the time by the network. */
static void a_clock_that_begins_in_1970_changes_no_guide(void **state)
{
	struct station_fixture f;
	int64_t now;

	(void)state;
	station_fixture_open(&f, START_MS);
	run(&f, 100);
	new_boot(&f, "cold");
	f.wall_ns = 0;
	reopen(&f);
	assert_int_equal(run(&f, 40), 0);
	f.wall_ns = START_MS * CLOCK_MS + 3600 * S;
	now = station_now_ns(f.time);
	assert_int_equal(station_to_wall_ms(f.time, now), now / CLOCK_MS);
	assert_int_equal(run(&f, 55), 0);
	assert_int_equal(run(&f, 20), 1);
	now = station_now_ns(f.time);
	assert_int_equal(station_to_wall_ms(f.time, now), f.wall_ns / CLOCK_MS);
	station_fixture_close(&f);
}

static void a_jump_is_accepted_after_it_has_stayed(void **state)
{
	struct station_fixture f;
	int64_t jumped_at, now;

	(void)state;
	station_fixture_open(&f, START_MS);
	assert_int_equal(run(&f, 600), 0);
	f.wall_ns -= 3600 * S;
	assert_int_equal(run(&f, 60), 0);
	jumped_at = station_now_ns(f.time);
	assert_int_equal(run(&f, 10), 1);
	assert_int_equal(run(&f, 600), 0);
	now = station_now_ns(f.time);
	assert_int_equal(now, START_MS * CLOCK_MS + 1270 * S);
	assert_int_equal(station_to_wall_ms(f.time, now), now / CLOCK_MS - 3600000);
	assert_int_equal(station_to_wall_ms(f.time, jumped_at), jumped_at / CLOCK_MS);
	/* A wall time that came twice is the later instant. */
	assert_int_equal(station_from_wall_ms(f.time, now / CLOCK_MS - 3600000), now);
	reopen(&f);
	assert_int_equal(station_to_wall_ms(f.time, now), now / CLOCK_MS - 3600000);
	station_fixture_close(&f);
}

static void a_jump_that_goes_away_is_nothing(void **state)
{
	struct station_fixture f;

	(void)state;
	station_fixture_open(&f, START_MS);
	f.wall_ns += 86400 * S;
	assert_int_equal(run(&f, 50), 0);
	f.wall_ns -= 86400 * S;
	assert_int_equal(run(&f, 50), 0);
	f.wall_ns += 86400 * S;
	assert_int_equal(run(&f, 50), 0);
	f.wall_ns += 500 * S; /* moves on: counted anew */
	assert_int_equal(run(&f, 50), 0);
	assert_int_equal(run(&f, 20), 1);
	station_fixture_close(&f);
}

static void drift_is_no_jump(void **state)
{
	struct station_fixture f;

	(void)state;
	station_fixture_open(&f, START_MS);
	f.wall_ns += 900 * CLOCK_MS;
	assert_int_equal(run(&f, 600), 0);
	station_fixture_close(&f);
}

static void a_time_that_was_left_out_is_the_instant_of_the_jump(void **state)
{
	struct station_fixture f;
	int64_t wall, at;

	(void)state;
	station_fixture_open(&f, START_MS);
	f.wall_ns += 7200 * S;
	assert_int_equal(run(&f, 70), 1);
	wall = START_MS + 3600000;
	at = station_from_wall_ms(f.time, wall);
	assert_in_range(at, START_MS * CLOCK_MS + 60 * S, START_MS * CLOCK_MS + 70 * S);
	assert_int_equal(station_from_wall_ms(f.time, START_MS + 5000), (START_MS + 5000) * CLOCK_MS);
	station_from_wall_ms(f.time, INT64_MAX);
	station_from_wall_ms(f.time, INT64_MIN);
	station_fixture_close(&f);
}

static void a_reader_writes_nothing_and_says_the_same(void **state)
{
	struct station_fixture f;
	struct err err = { 0 };
	struct station_time *reader;
	struct station_fixture empty;

	(void)state;
	station_fixture_open(&f, START_MS);
	run(&f, 100);
	reader = station_time_read_with(store_reader(f.store, &err), &f.clocks, &err);
	assert_non_null(reader);
	assert_int_equal(station_now_ns(reader), station_now_ns(f.time));
	station_time_free(reader);
	/* Another boot: never below the mark, and the mark stays. */
	new_boot(&f, "reader");
	f.wall_ns = 0;
	reader = station_time_read_with(store_reader(f.store, &err), &f.clocks, &err);
	assert_true(station_now_ns(reader) > START_MS * CLOCK_MS + 100 * S);
	station_time_free(reader);
	station_fixture_close(&f);
	/* A store without an anchor. */
	station_fixture_open(&empty, START_MS);
	test_ok(db_run(empty.db, &err, "DELETE FROM station_anchor", ""), &err);
	test_ok(db_run(empty.db, &err, "DELETE FROM station_wall", ""), &err);
	reader = station_time_read_with(store_reader(empty.store, &err), &empty.clocks, &err);
	assert_int_equal(station_now_ns(reader), START_MS * CLOCK_MS);
	station_time_free(reader);
	station_fixture_close(&empty);
}

/* Each process with MATINEE_NOW is a boot of its own: by clock_boot_id(), and on one machine. */
static void a_shifted_process_is_a_boot_of_its_own(void **state)
{
	struct station_fixture f;
	struct err err = { 0 };
	struct station_time *time;
	int64_t ms;

	(void)state;
	station_fixture_open(&f, START_MS);
	setenv("MATINEE_NOW", "2027-03-01T12:00:00Z", 1);
	test_ok(clock_init(&err), &err);
	time = station_time_open(f.db, &err);
	assert_non_null(time);
	test_ok(clock_parse("2027-03-01T12:00:00Z", &ms, &err), &err);
	assert_in_range(station_now_ns(time) / CLOCK_MS, ms, ms + 60000);
	station_time_free(time);
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_at_the_wall_clock),
		cmocka_unit_test(a_restart_goes_on_whatever_the_wall_says),
		cmocka_unit_test(a_reboot_with_the_clock_set_back_stays_above_all_that_was_said),
		cmocka_unit_test(a_reboot_later_goes_on_at_the_wall_clock),
		cmocka_unit_test(a_clock_that_begins_in_1970_changes_no_guide),
		cmocka_unit_test(a_jump_is_accepted_after_it_has_stayed),
		cmocka_unit_test(a_jump_that_goes_away_is_nothing),
		cmocka_unit_test(drift_is_no_jump),
		cmocka_unit_test(a_time_that_was_left_out_is_the_instant_of_the_jump),
		cmocka_unit_test(a_reader_writes_nothing_and_says_the_same),
		cmocka_unit_test(a_shifted_process_is_a_boot_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
