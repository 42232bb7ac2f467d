/* Gain: what is measured reaches rows beyond the lock only, and all that nobody has watched; nothing else of them moves; it can be
 * turned off. */
#include "lib/station_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "station/gain.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/loudness.h"
#include "store/timeline.h"

#define HOUR (INT64_C(3600) * 1000000000)
#define RULES "{\"query\":{\"kind\":\"episode\"},\"order\":\"order\"}"

static struct station_fixture f;
static int64_t channel_id, file_id;
static struct arena arena;

static struct timeline_rows rows_of(void)
{
	struct timeline_rows rows = { 0 };
	struct err err = { 0 };

	test_ok(timeline_window(f.db, channel_id, 0, INT64_MAX, SIZE_MAX, &arena, &rows, &err), &err);
	return rows;
}

static int setup(void **state)
{
	struct fixture_item item = { "episode", "A", "Show", 1, 1, 2000, 130 * PLAN_FLICKS, 0, 0 };
	struct timeline_rows rows;

	(void)state;
	station_fixture_open(&f, INT64_C(1700000000000));
	station_fixture_item(&f, &item);
	channel_id = station_fixture_channel(&f, 1, "One", RULES, 7);
	channels_watched(f.db, channel_id, 1, NULL);
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	rows = rows_of();
	for (size_t i = 0; i < rows.count; i++)
		if (rows.rows[i].clip.file_id)
			file_id = rows.rows[i].clip.file_id;
	assert_true(file_id > 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	station_fixture_close(&f);
	arena_free(&arena);
	return 0;
}

static void measure(int integrated, bool complete)
{
	struct loudness_row row = { .complete = complete, .integrated = integrated };
	struct err err = { 0 };
	char hash[64];
	sqlite3_stmt *stmt = db_query_text(f.db, "SELECT sample_hash FROM files WHERE id = ?", &err);

	db_bind(stmt, "i", file_id);
	assert_int_equal(db_step(f.db, stmt, &err), 1);
	snprintf(hash, sizeof(hash), "%s", (const char *)sqlite3_column_text(stmt, 0));
	db_done(f.db, stmt);
	test_ok(loudness_set(f.db, file_id, hash, &row, &err), &err);
}

/* Every row of the file has `before` ahead of the lock, `after` beyond it. Both kinds must be there. */
static void expect(int before, int after)
{
	struct err err = { 0 };
	struct channel channel;
	struct timeline_rows rows = rows_of();
	int counts[2] = { 0, 0 };
	int64_t lock;

	test_ok(channels_get(f.db, channel_id, &arena, &channel, &err), &err);
	lock = position_flicks(channel.epoch_ns, station_now_ns(f.time) + TIMELINE_LOCK_NS);
	for (size_t i = 0; i < rows.count; i++) {
		const struct timeline_row *row = &rows.rows[i];
		bool beyond = row->start_flicks >= lock;

		if (!row->clip.file_id)
			continue;
		counts[beyond]++;
		assert_int_equal(row->clip.gain_mb, beyond ? after : before);
	}
	assert_true(counts[0] > 1 && counts[1] > 1);
}

/* However many channels are new at once: what nobody has watched has the gain as soon as it is known. */
static void all_of_what_nobody_has_watched(void **state)
{
	int64_t watched = channel_id, other = station_fixture_channel(&f, 2, "Two", RULES, 7);
	struct timeline_rows rows;
	struct err err = { 0 };

	(void)state;
	station_fixture_build(&f, other, station_now_ns(f.time) + HOUR);
	measure(-1400, false);
	assert_true(gain_apply(f.db, f.time, file_id, &err) > 0);
	expect(0, -900);
	channel_id = other;
	expect(-900, -900);
	station_fixture_check(&f, other);
	rows = rows_of();
	assert_int_equal(rows.rows[0].clip.gain_mb, -900);
	channel_id = watched;
}

static void beyond_the_lock_only(void **state)
{
	struct err err = { 0 };
	struct timeline_rows was = rows_of(), is;

	(void)state;
	expect(0, 0);
	measure(-1400, false);
	assert_true(gain_apply(f.db, f.time, file_id, &err) > 0);
	expect(0, -900);
	is = rows_of();
	assert_int_equal(was.count, is.count);
	for (size_t i = 0; i < is.count; i++) {
		assert_int_equal(was.rows[i].start_flicks, is.rows[i].start_flicks);
		assert_int_equal(was.rows[i].first_seq, is.rows[i].first_seq);
		assert_int_equal(was.rows[i].segments, is.rows[i].segments);
		assert_int_equal(was.rows[i].clip.frames, is.rows[i].clip.frames);
		assert_int_equal(was.rows[i].clip.in_flicks, is.rows[i].clip.in_flicks);
		if (was.rows[i].clip.gain_mb == is.rows[i].clip.gain_mb)
			assert_string_equal(was.rows[i].clip.key, is.rows[i].clip.key);
		else
			assert_string_not_equal(was.rows[i].clip.key, is.rows[i].clip.key);
	}
	station_fixture_check(&f, channel_id);
	/* The whole of it says nearly the same: no other clip. */
	measure(-1390, true);
	assert_int_equal(gain_apply(f.db, f.time, file_id, &err), 0);
	/* What is built from now on has it at once. */
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + 2 * HOUR);
	expect(0, -900);
}

/* Channel after channel, in transactions of their own. */
static void on_every_channel(void **state)
{
	int64_t first = channel_id, others[4];
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		others[i] = station_fixture_channel(&f, 2 + i, "Other", RULES, 7);
		channels_watched(f.db, others[i], 1, NULL);
		station_fixture_build(&f, others[i], station_now_ns(f.time) + HOUR);
	}
	measure(-1400, false);
	assert_true(gain_apply(f.db, f.time, file_id, &err) > 0);
	expect(0, -900);
	for (int i = 0; i < 4; i++) {
		channel_id = others[i];
		expect(0, -900);
		station_fixture_check(&f, channel_id);
	}
	channel_id = first;
}

static void another_file_in_its_place(void **state)
{
	struct err err = { 0 };

	(void)state;
	measure(-1400, true);
	test_ok(db_run(f.db, &err, "UPDATE files SET sample_hash = 'other' WHERE id = ?", "i", file_id), &err);
	test_ok(gain_apply(f.db, f.time, file_id, &err), &err);
	expect(0, 0);
}

static void turned_off(void **state)
{
	struct err err = { 0 };

	(void)state;
	measure(-3000, true);
	test_ok(gain_apply(f.db, f.time, 0, &err), &err);
	expect(0, 700);
	assert_int_equal(gain_set(f.db, true, &err), 0);
	assert_int_equal(gain_set(f.db, false, &err), 1);
	test_ok(gain_apply(f.db, f.time, 0, &err), &err);
	expect(0, 0);
}

/* What a new channel begins with is told before any of it is built, and looking leaves nothing behind. */
static void heard_before_it_is_built(void **state)
{
	int64_t id = station_fixture_channel(&f, 2, "Two", RULES, 7);
	struct loudness_wanted wanted = { 0 };
	struct timeline_rows rows = { 0 };
	struct err err = { 0 };

	(void)state;
	test_ok(db_run(f.db, &err, "UPDATE probes SET audio_codec = 'aac'", ""), &err);
	test_ok(timeline_unheard(f.db, f.time, NULL, id, &arena, &wanted, &err), &err);
	assert_int_equal(wanted.file_id, file_id);
	assert_int_equal(*wanted.path, '/');
	test_ok(timeline_window(f.db, id, 0, INT64_MAX, SIZE_MAX, &arena, &rows, &err), &err);
	assert_int_equal(rows.count, 0);
	measure(-1400, false);
	assert_int_equal(timeline_unheard(f.db, f.time, NULL, id, &arena, &wanted, &err), -ERR_NOT_FOUND);
	assert_int_equal(err.code, ERR_OK);
	station_fixture_build(&f, id, station_now_ns(f.time) + HOUR);
	test_ok(timeline_window(f.db, id, 0, INT64_MAX, SIZE_MAX, &arena, &rows, &err), &err);
	for (size_t i = 0; i < rows.count; i++)
		assert_int_equal(rows.rows[i].clip.gain_mb, rows.rows[i].clip.file_id ? -900 : 0);
	station_fixture_check(&f, id);
}

static void what_is_measured_next(void **state)
{
	struct loudness_wanted wanted;
	struct loudness_row failed = { .error = "no sound" };
	struct err err = { 0 };

	(void)state;
	test_ok(db_run(f.db, &err, "UPDATE probes SET audio_codec = 'aac'", ""), &err);
	test_ok(loudness_next(f.db, false, 0, &arena, &wanted, &err), &err);
	assert_int_equal(wanted.file_id, file_id);
	assert_int_equal(*wanted.path, '/');
	test_ok(db_run(f.db, &err, "UPDATE roots SET stalled_ms = 1", ""), &err); /* its disk does not answer: later */
	assert_int_equal(loudness_next(f.db, false, 0, &arena, &wanted, &err), -ERR_NOT_FOUND);
	test_ok(db_run(f.db, &err, "UPDATE roots SET stalled_ms = NULL", ""), &err);
	measure(-2000, false);
	assert_int_equal(loudness_next(f.db, false, 0, &arena, &wanted, &err), -ERR_NOT_FOUND);
	test_ok(loudness_next(f.db, true, 0, &arena, &wanted, &err), &err);
	measure(-2000, true);
	assert_int_equal(loudness_next(f.db, true, 0, &arena, &wanted, &err), -ERR_NOT_FOUND);
	test_ok(loudness_set(f.db, file_id, wanted.sample_hash, &failed, &err), &err);
	assert_int_equal(loudness_next(f.db, true, 0, &arena, &wanted, &err), -ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_of_what_nobody_has_watched, setup, teardown),
		cmocka_unit_test_setup_teardown(beyond_the_lock_only, setup, teardown),
		cmocka_unit_test_setup_teardown(on_every_channel, setup, teardown),
		cmocka_unit_test_setup_teardown(another_file_in_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(turned_off, setup, teardown),
		cmocka_unit_test_setup_teardown(heard_before_it_is_built, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_measured_next, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
