/* Sources that fail on the air, and what is known afterwards of what was sent. */
#include "lib/alert_fixture.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/alert.h"
#include "station/as_run.h"
#include "store/house_events.h"
#include "station/fault.h"
#include "station/lineup.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/as_run.h"

/* ---- a source that fails ---- */

struct cached { /* what the cache has: the first `below` segments */
	int64_t below;
};

static bool has_below(void *context, const char *key, int64_t k)
{
	(void)key;
	return k < ((const struct cached *)context)->below;
}

/* A long row of a file that is on now, in its first half. */
static struct timeline_row row_on_air(struct house *h)
{
	for (int i = 0; i < 200; i++) {
		int64_t at = position_flicks(h->channel.epoch_ns, station_now_ns(h->f.time));
		struct timeline_rows rows = { 0 };
		struct err err = { 0 };

		test_ok(timeline_window(h->f.db, h->channel.id, at, at + 1, 1, &h->arena, &rows, &err), &err);
		assert_int_equal(rows.count, 1);
		if (rows.rows[0].clip.path && rows.rows[0].segments >= 30 &&
		    at - rows.rows[0].start_flicks < 20 * PLAN_FLICKS)
			return rows.rows[0];
		station_fixture_pass(&h->f, 5 * CLOCK_SECOND);
	}
	fail_msg("no such row");
	return (struct timeline_row){ 0 };
}

static int fault(struct house *h, const struct timeline_row *row, int64_t for_ns, int64_t cached)
{
	struct cached cache = { cached };
	struct err err = { 0 };
	struct clip clip;
	int rc;

	test_ok(on_air_clip(&row->clip, &clip, &err), &err);
	rc = fault_put(h->f.db, h->f.time, &clip, for_ns, "it is broken", has_below, &cache, &err);
	test_ok(rc, &err);
	return rc;
}

/* Slate from the first segment that is neither published nor encoded to the end of the row, and no further. */
static void a_source_that_fails_is_slate_to_the_end_of_its_row(void **state)
{
	struct house h;
	struct timeline_row row;
	struct override override;
	struct err err = { 0 };
	int64_t first, end;

	(void)state;
	open_station(&h, 25, 1);
	row = row_on_air(&h);
	end = row.first_seq + row.segments;
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &first, &err), &err);
	assert_true(first < end - 8);
	assert_int_equal(fault(&h, &row, 0, first + 3 - row.first_seq), 1);
	for (int64_t seq = row.first_seq; seq < end + 3; seq++) {
		struct on_air_segment s;

		test_ok(on_air_segment(h.f.db, &h.channel, seq, &h.arena, &s, &err), &err);
		assert_int_equal(s.overridden, seq >= first + 3 && seq < end);
		assert_null(s.card);
		assert_true(s.slate || !s.overridden);
	}
	test_ok(overrides_at(h.f.db, h.channel.id, end - 1, &h.arena, &override, &err), &err);
	assert_string_equal(override.reason, "it is broken");
	assert_int_equal(fault(&h, &row, 0, first + 3 - row.first_seq), 0); /* known: nothing to add */
	raise_alert(&h, "above it", 1, 5);
	assert_string_equal(text_at(&h, first + 1), "above it");
	close_station(&h);
}

static void note_lifted(void *context, const char *key)
{
	assert_int_equal(strlen(key), CLIP_KEY_SIZE - 1);
	memcpy(context, key, CLIP_KEY_SIZE);
}

static int lift(struct house *h, char key[CLIP_KEY_SIZE])
{
	struct err err = { 0 };
	int rc = fault_lift(h->f.db, h->f.time, note_lifted, key, &err);

	test_ok(rc, &err);
	return rc;
}

/* Its folder was away: with the look that finds it again, what stands over it ends, past what is published. */
static void what_is_there_again_is_shown(void **state)
{
	struct house h;
	struct timeline_row row;
	struct on_air_segment s;
	struct err err = { 0 };
	char key[CLIP_KEY_SIZE] = "";
	int64_t first;

	(void)state;
	open_station(&h, 25, 1);
	row = row_on_air(&h);
	test_ok(db_run(h.f.db, &err, "UPDATE files SET seen_ms = 0", ""), &err);
	assert_int_equal(fault(&h, &row, 0, 0), 1);
	assert_int_equal(lift(&h, key), 0);
	test_ok(db_run(h.f.db, &err, "UPDATE files SET seen_ms = ?, state = 'missing'", "i", clock_wall_ms() + 1), &err);
	assert_int_equal(lift(&h, key), 0);
	test_ok(db_run(h.f.db, &err, "UPDATE files SET state = 'present', media_state = 'failed'", ""), &err);
	assert_int_equal(lift(&h, key), 0);
	test_ok(db_run(h.f.db, &err, "UPDATE files SET media_state = 'ok'", ""), &err);
	station_fixture_pass(&h.f, 10 * CLOCK_SECOND);
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &first, &err), &err);
	assert_true(lift(&h, key) > 0); /* it may be in the log twice */
	assert_string_equal(key, row.clip.key);
	assert_int_equal(lift(&h, key), 0);
	test_ok(on_air_segment(h.f.db, &h.channel, first - 1, &h.arena, &s, &err), &err);
	assert_true(s.slate);
	test_ok(on_air_segment(h.f.db, &h.channel, first, &h.arena, &s, &err), &err);
	assert_false(s.overridden);
	close_station(&h);
}

/* What may pass: slate for a while, then it is tried again. */
static void a_fault_that_may_pass_ends(void **state)
{
	struct house h;
	struct timeline_row row;
	struct override_list list;
	struct err err = { 0 };
	int64_t first;

	(void)state;
	open_station(&h, 25, 1);
	row = row_on_air(&h);
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &first, &err), &err);
	assert_int_equal(fault(&h, &row, 10 * CLOCK_SECOND, 0), 1);
	assert_int_equal(fault(&h, &row, 10 * CLOCK_SECOND, 0), 0);
	test_ok(overrides_window(h.f.db, h.channel.id, 0, INT64_MAX, &h.arena, &list, &err), &err);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.overrides[0].seq_from, first);
	assert_true(list.overrides[0].seq_to >= first + 4 && list.overrides[0].seq_to <= first + 6);
	close_station(&h);
}

/* ---- what was sent ---- */

/* The row of the as-run log that begins with the clip that was on. New reference. */
static json_t *as_run_of(struct house *h, const struct timeline_row *row)
{
	int64_t from = position_ns(h->channel.epoch_ns, row->start_flicks) + CLOCK_SECOND;
	struct err err = { 0 };
	json_t *list = as_run_json(h->f.db, h->f.time, h->channel.id, from, from + CLOCK_SECOND, &err), *one;

	assert_non_null(list);
	assert_int_equal(json_int(list, "total", -1), 1);
	one = json_incref(json_array_get(json_object_get(list, "items"), 0));
	json_decref(list);
	return one;
}

static void expect(struct house *h, const struct timeline_row *row, const char *status, int64_t replaced_min,
		   int64_t replaced_max, const char *note)
{
	json_t *one = as_run_of(h, row);

	assert_string_equal(json_text(one, "status", ""), status);
	assert_true(json_int(one, "replaced", -1) >= replaced_min);
	assert_true(json_int(one, "replaced", -1) <= replaced_max);
	assert_string_equal(json_text(one, "note", "?"), note);
	json_decref(one);
}

/* The same on several rows of a channel is one fault, with how often and since when. */
static void status_names_a_fault_once(void **state)
{
	static const char *const reasons[] = { "it is broken", "it is slow", "it is broken", "it is broken" };
	struct house h;
	struct err err = { 0 };
	CLEANUP(json_cleanup) json_t *faults = NULL;
	const json_t *last;

	(void)state;
	open_station(&h, 25, 1);
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		struct override o = { .channel_id = h.channel.id, .seq_from = 100 * (int64_t)i, .seq_to = 100 * (int64_t)i + 50,
				      .kind = "failed", .reason = reasons[i] };
		int64_t id;

		test_ok(overrides_add(h.f.db, &o, &id, &err), &err);
		test_ok(db_run(h.f.db, &err, "UPDATE overrides SET created_ms = ? WHERE id = ?", "ii", 1000 * (int64_t)(i + 1), id), &err);
	}
	faults = overrides_faults_json(h.f.db, 0, 10, &err);
	assert_int_equal(json_array_size(faults), 2);
	last = json_array_get(faults, 0);
	assert_string_equal(json_text(last, "reason", ""), "it is broken");
	assert_int_equal(json_int(last, "count", 0), 3);
	assert_string_equal(json_text(last, "first", ""), "1970-01-01T00:00:01.000Z");
	assert_string_equal(json_text(last, "at", ""), "1970-01-01T00:00:04.000Z");
	assert_string_equal(json_text(last, "last", ""), json_text(last, "at", ""));
	assert_int_equal(json_int(json_array_get(faults, 1), "count", 0), 1);
	close_station(&h);
}

/* A row that a sleep overlaps says so; the next one does not; and status has the sentence. */
static void as_run_says_that_the_house_slept(void **state)
{
	struct house h;
	struct timeline_row row;
	struct err err = { 0 };
	CLEANUP(json_cleanup) json_t *faults = json_array();
	struct house_event slept = { .kind = "slept", .at_ms = 1000, .reason = "the machine slept for 60 s" };
	struct house_event jump = { .kind = "clock", .at_ms = 2000, .reason = "the clock has jumped" };

	(void)state;
	open_station(&h, 25, 1);
	row = row_on_air(&h);
	expect(&h, &row, "ok", 0, 0, "");
	slept.to_ns = position_ns(h.channel.epoch_ns, timeline_row_end(&row)) - CLOCK_SECOND;
	slept.from_ns = slept.to_ns - 60 * CLOCK_SECOND;
	jump.from_ns = jump.to_ns = slept.to_ns;
	test_ok(house_events_add(h.f.db, &slept, &err), &err);
	test_ok(house_events_add(h.f.db, &jump, &err), &err);
	expect(&h, &row, "interrupted", 0, 0, "the machine slept for 60 s; the clock has jumped");
	slept.from_ns = slept.to_ns = position_ns(h.channel.epoch_ns, timeline_row_end(&row));
	test_ok(house_events_json(h.f.db, 0, 10, faults, NULL, &err), &err);
	assert_int_equal(json_array_size(faults), 2);
	assert_string_equal(json_text(json_array_get(faults, 0), "reason", ""), "the clock has jumped");
	assert_true(json_is_null(json_object_get(json_array_get(faults, 0), "channel")));
	json_array_clear(faults);
	test_ok(house_events_json(h.f.db, 1500, 10, faults, NULL, &err), &err);
	assert_int_equal(json_array_size(faults), 1);
	close_station(&h);
}

/* What cost no picture is noted on the rows during which it was, and they are ok; what befell another file is not. */
static void as_run_says_what_befell_the_house(void **state)
{
	struct house h;
	struct timeline_row row;
	struct err err = { 0 };
	struct house_event cache = { .kind = "cache", .at_ms = 1000, .reason = "the cache could not be written" };
	struct house_event jump = { .kind = "clock", .at_ms = 1000, .reason = "the clock has jumped" };
	struct house_event file = { .kind = "file", .at_ms = 1000, .reason = "a film is short" };

	(void)state;
	open_station(&h, 25, 1);
	row = row_on_air(&h);
	jump.from_ns = jump.to_ns = position_ns(h.channel.epoch_ns, row.start_flicks);
	file.from_ns = file.to_ns = cache.from_ns = jump.from_ns - CLOCK_SECOND;
	cache.to_ns = cache.from_ns;
	test_ok(house_events_add(h.f.db, &cache, &err), &err); /* before the row */
	test_ok(house_events_add(h.f.db, &file, &err), &err);
	expect(&h, &row, "ok", 0, 0, "");
	cache.to_ns = position_ns(h.channel.epoch_ns, timeline_row_end(&row)) + CLOCK_SECOND;
	file.to_ns = cache.to_ns;
	test_ok(house_events_add(h.f.db, &cache, &err), &err); /* all of it */
	test_ok(house_events_add(h.f.db, &file, &err), &err);
	expect(&h, &row, "ok", 0, 0, "the cache could not be written");
	test_ok(house_events_add(h.f.db, &jump, &err), &err); /* at its first instant */
	expect(&h, &row, "ok", 0, 0, "the cache could not be written; the clock has jumped");
	close_station(&h);
}

/* Nobody served for all of a row. */
static void as_run_says_that_the_house_was_down(void **state)
{
	struct house h;
	struct timeline_row row;
	struct err err = { 0 };
	struct house_event down = { .kind = "down", .at_ms = 1000, .reason = "the house was down" };

	(void)state;
	open_station(&h, 25, 1);
	row = row_on_air(&h);
	down.from_ns = position_ns(h.channel.epoch_ns, row.start_flicks) - CLOCK_SECOND;
	down.to_ns = position_ns(h.channel.epoch_ns, timeline_row_end(&row)) - CLOCK_SECOND;
	test_ok(house_events_add(h.f.db, &down, &err), &err);
	expect(&h, &row, "interrupted", 0, 0, "the house was down");
	down.to_ns += 2 * CLOCK_SECOND;
	down.reason = "the house was down for longer";
	test_ok(house_events_add(h.f.db, &down, &err), &err); /* in the place of the first */
	expect(&h, &row, "missed", 0, 0, "the house was down for longer");
	assert_int_equal(fault(&h, &row, 0, 0), 1);
	station_fixture_pass(&h.f, 8 * CLOCK_SECOND);
	expect(&h, &row, "missed", 2, 8, "the house was down for longer; it is broken");
	close_station(&h);
}

static void as_run_says_what_was_sent(void **state)
{
	struct house h;
	struct timeline_row row;
	struct err err = { 0 };
	json_t *list;

	(void)state;
	open_station(&h, 25, 1);
	row = row_on_air(&h);
	expect(&h, &row, "ok", 0, 0, ""); /* nobody watched: as planned */
	raise_alert(&h, "Fire", 50, 4);
	expect(&h, &row, "ok", 0, 0, ""); /* it is not on yet */
	station_fixture_pass(&h.f, 15 * CLOCK_SECOND);
	expect(&h, &row, "alert", 2, 3, "alert: Fire");
	test_ok(as_run_watched(h.f.db, h.channel.id, row.first_seq, 1, &err), &err);
	test_ok(as_run_late(h.f.db, h.channel.id, row.first_seq, 1, 1, &err), &err);
	expect(&h, &row, "alert", 3, 4, "alert: Fire; 1 segment was not ready in time");
	assert_int_equal(fault(&h, &row, 0, 0), 1);
	station_fixture_pass(&h.f, 8 * CLOCK_SECOND);
	expect(&h, &row, "failed", 4, 8, "alert: Fire; it is broken; 1 segment was not ready in time");
	/* What is to come is no part of it. */
	list = as_run_json(h.f.db, h.f.time, 0, station_now_ns(h.f.time) + MINUTE, station_now_ns(h.f.time) + HOUR, &err);
	assert_int_equal(json_int(list, "total", -1), 0);
	json_decref(list);
	assert_null(as_run_json(h.f.db, h.f.time, 999, 0, 1, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	close_station(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_that_fails_is_slate_to_the_end_of_its_row),
		cmocka_unit_test(what_is_there_again_is_shown), cmocka_unit_test(a_fault_that_may_pass_ends),
		cmocka_unit_test(status_names_a_fault_once),
		cmocka_unit_test(as_run_says_that_the_house_slept),
		cmocka_unit_test(as_run_says_what_befell_the_house),
		cmocka_unit_test(as_run_says_that_the_house_was_down),
		cmocka_unit_test(as_run_says_what_was_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
