/* Overrides and alerts: what has been published never changes, nothing else moves, and it ends by itself. */
#include "lib/alert_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/alert.h"
#include "station/as_run.h"
#include "station/fault.h"
#include "station/lineup.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/as_run.h"

/* Published: begins within 4 s. Everything else of a segment stays as it was. */
static void an_alert_replaces_one_for_one(void **state)
{
	static const int rates[][2] = { { 25, 1 }, { 24000, 1001 } };

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
		CLEANUP(buf_free) struct buf before_list = { 0 }, after_list = { 0 };
		struct on_air_segments before, after;
		struct err err = { 0 };
		int64_t now, first = 0, last = 0;
		struct house h;
		size_t cards = 0;

		open_station(&h, rates[r][0], rates[r][1]);
		before = look(&h);
		now = station_now_ns(h.f.time);
		raise_alert(&h, "Fire", 50, 30);
		after = look(&h);
		assert_int_equal(before.count, after.count);
		for (size_t i = 0; i < before.count; i++) {
			struct on_air_segment one;
			bool card = has_card(&after.segments[i], "Fire");

			assert_true(same_plan(&before.segments[i], &after.segments[i]));
			assert_false(before.segments[i].slate);
			assert_int_equal(after.segments[i].slate, card);
			assert_true(start_ns(&h, &after.segments[i]) > now + 4 * CLOCK_SECOND || !card);
			first = card && !cards ? start_ns(&h, &after.segments[i]) : first;
			last = card ? position_ns(h.channel.epoch_ns, after.segments[i].start_flicks +
									      after.segments[i].duration_flicks) :
				      last;
			cards += card;
			test_ok(on_air_segment(h.f.db, &h.channel, after.segments[i].seq, &h.arena, &one, &err), &err);
			assert_true(same_plan(&one, &after.segments[i]));
			assert_int_equal(has_card(&one, "Fire"), card);
		}
		assert_true(first <= now + 7 * CLOCK_SECOND); /* within one segment */
		assert_true(last - first >= 30 * CLOCK_SECOND - CLOCK_MS && last - first <= 33 * CLOCK_SECOND);
		/* The playlist knows nothing of it. */
		station_fixture_pass(&h.f, 20 * CLOCK_SECOND);
		now = station_now_ns(h.f.time);
		test_ok(on_air_playlist(h.f.db, &h.channel, h.f.time, now, &h.arena, &after_list, &err), &err);
		test_ok(overrides_clear(h.f.db, h.channel.id, &err), &err);
		test_ok(on_air_playlist(h.f.db, &h.channel, h.f.time, now, &h.arena, &before_list, &err), &err);
		assert_string_equal(buf_text(&before_list), buf_text(&after_list));
		close_station(&h);
	}
}

/* Whatever is raised and cancelled: what was published once is so for ever. */
static void the_published_never_changes(void **state)
{
	struct house h;
	int64_t ids[200];
	size_t count = 0;
	unsigned random = 7;
	struct { int64_t seq; const char *card; bool over; } seen[4000];
	size_t seen_count = 0;

	(void)state;
	open_station(&h, 30000, 1001);
	for (int step = 0; step < 400; step++) {
		int64_t now = station_now_ns(h.f.time);
		struct on_air_segments window;
		struct err err = { 0 };
		char text[16];

		random = random * 1103515245 + 12345;
		if (random >> 16 & 1 && count < ARRAY_LEN(ids)) {
			snprintf(text, sizeof(text), "%d", step);
			ids[count] = raise_alert(&h, text, 1 + (int)(random >> 20) % 3, 1 + (random >> 18) % 40);
			count++;
		} else if (count && random >> 17 & 1) {
			alert_cancel(h.f.db, h.f.time, ids[(random >> 19) % count], NULL);
		} else if (step % 7 == 0) {
			test_ok(timeline_rebuild(h.f.db, h.f.time, h.channel.id, &err), &err);
			test_ok(alert_apply(h.f.db, h.f.time, 0, &err), &err);
		}
		window = look(&h);
		for (size_t i = 0; i < window.count; i++) {
			struct on_air_segment *s = &window.segments[i];
			size_t j = 0;

			if (start_ns(&h, s) > now + OVERRIDE_LOCK_NS)
				break;
			while (j < seen_count && seen[j].seq != s->seq)
				j++;
			if (j == seen_count) {
				seen[seen_count].seq = s->seq;
				seen[seen_count].over = s->overridden;
				seen[seen_count++].card = s->card;
			}
			assert_int_equal(seen[j].over, s->overridden);
			assert_string_equal(seen[j].card ? seen[j].card : "", s->card ? s->card : "");
		}
		station_fixture_pass(&h.f, 500 * CLOCK_MS + (random >> 21) % 3000 * CLOCK_MS);
	}
	assert_true(seen_count > 200);
	close_station(&h);
}

static void priority_decides(void **state)
{
	struct house h;
	struct on_air_segments window;
	int64_t low, high, first, now;
	struct err err = { 0 };

	(void)state;
	open_station(&h, 25, 1);
	now = station_now_ns(h.f.time);
	low = raise_alert(&h, "low", 10, 60);
	test_ok(override_first(h.f.db, &h.channel, now, &first, &err), &err);
	assert_string_equal(text_at(&h, first), "low");
	high = raise_alert(&h, "high", 20, 20);
	assert_string_equal(text_at(&h, first), "high");
	raise_alert(&h, "lower", 5, 600);
	assert_string_equal(text_at(&h, first), "high");
	/* When the high one ends, the low one is on; then the lower one; then what was scheduled. */
	assert_string_equal(text_at(&h, first + 12), "low");
	assert_string_equal(text_at(&h, first + 32), "lower");
	assert_string_equal(text_at(&h, first + 310), "");
	raise_alert(&h, "equal and later", 20, 4);
	assert_string_equal(text_at(&h, first), "equal and later");
	assert_string_equal(text_at(&h, first + 4), "high");
	test_ok(alert_cancel(h.f.db, h.f.time, high, &err), &err);
	assert_string_equal(text_at(&h, first + 4), "low");
	assert_int_equal(alert_cancel(h.f.db, h.f.time, high, NULL), -(int)ERR_CONFLICT);
	test_ok(alert_cancel(h.f.db, h.f.time, low, &err), &err);
	window = look(&h);
	for (size_t i = 0; i < window.count; i++)
		assert_true(!window.segments[i].card || strcmp(window.segments[i].card, "high") != 0);
	close_station(&h);
}

/* What is on when it is cancelled ends with the first segment that is not published. */
static void cancel_ends_it_at_the_next_segment(void **state)
{
	struct house h;
	int64_t id, now, first, seq;
	struct err err = { 0 };

	(void)state;
	open_station(&h, 25, 1);
	now = station_now_ns(h.f.time);
	test_ok(override_first(h.f.db, &h.channel, now, &first, &err), &err);
	id = raise_alert(&h, "x", 50, 600);
	station_fixture_pass(&h.f, 100 * CLOCK_SECOND);
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &seq, &err), &err);
	assert_true(seq > first + 40);
	test_ok(alert_cancel(h.f.db, h.f.time, id, &err), &err);
	assert_string_equal(text_at(&h, first), "x");
	assert_string_equal(text_at(&h, seq - 1), "x");
	assert_string_equal(text_at(&h, seq), "");
	station_fixture_pass(&h.f, 1000 * CLOCK_SECOND);
	assert_int_equal(alert_cancel(h.f.db, h.f.time, id, NULL), -(int)ERR_CONFLICT);
	assert_int_equal(alert_cancel(h.f.db, h.f.time, id + 1, NULL), -(int)ERR_NOT_FOUND);
	close_station(&h);
}

/* The store is closed and opened: the same answers, and applying again changes nothing. */
static void a_restart_changes_nothing(void **state)
{
	struct house h;
	struct on_air_segments before, after;
	struct err err = { 0 };

	(void)state;
	open_station(&h, 25, 1);
	raise_alert(&h, "kept", 50, 300);
	station_fixture_pass(&h.f, 10 * CLOCK_SECOND);
	before = look(&h);
	station_time_free(h.f.time);
	store_close(h.f.store);
	h.f.store = store_open(h.f.dir, true, &err);
	assert_non_null(h.f.store);
	h.f.db = store_writer(h.f.store);
	h.f.time = station_time_open_with(h.f.db, &h.f.clocks, &err);
	assert_non_null(h.f.time);
	test_ok(alert_apply(h.f.db, h.f.time, 0, &err), &err);
	after = look(&h);
	assert_int_equal(before.count, after.count);
	for (size_t i = 0; i < before.count; i++) {
		assert_true(same_plan(&before.segments[i], &after.segments[i]));
		assert_int_equal(has_card(&before.segments[i], "kept"), has_card(&after.segments[i], "kept"));
	}
	close_station(&h);
}

/* Longer than the lock: beyond it the log is built again with other segments, and the alert still ends in time. */
static void a_rebuild_moves_the_end(void **state)
{
	struct house h;
	struct err err = { 0 };
	int64_t now, end = 0;
	struct on_air_segments window;

	(void)state;
	open_station(&h, 25, 1);
	now = station_now_ns(h.f.time);
	raise_alert(&h, "long", 50, 1800);
	test_ok(schedules_set(h.f.db, h.channel.id, "{\"grid\": 5}", 77, &err), &err);
	test_ok(timeline_rebuild(h.f.db, h.f.time, h.channel.id, &err), &err);
	test_ok(alert_apply(h.f.db, h.f.time, h.channel.id, &err), &err);
	window = look(&h);
	for (size_t i = 0; i < window.count; i++)
		if (has_card(&window.segments[i], "long"))
			end = position_ns(h.channel.epoch_ns,
					  window.segments[i].start_flicks + window.segments[i].duration_flicks);
	assert_true(end >= now + 1800 * CLOCK_SECOND && end <= now + 1811 * CLOCK_SECOND);
	close_station(&h);
}

/* Numbers begin anew: what runs goes on over the new log, what is left of the old numbers does not reach into it. */
static void a_new_generation_keeps_the_alert(void **state)
{
	struct house h;
	struct err err = { 0 };
	struct on_air_segments window;
	size_t cards = 0;

	(void)state;
	open_station(&h, 25, 1);
	raise_alert(&h, "on", 50, 60);
	station_fixture_pass(&h.f, 20 * CLOCK_SECOND);
	test_ok(lineup_restart(h.f.db, h.f.time, &h.channel, &err), &err);
	test_ok(alert_apply(h.f.db, h.f.time, 0, &err), &err); /* no log: nothing to be on */
	station_fixture_build(&h.f, h.channel.id, station_now_ns(h.f.time) + 2 * HOUR);
	test_ok(alert_apply(h.f.db, h.f.time, 0, &err), &err);
	window = look(&h);
	for (size_t i = 0; i < window.count; i++)
		cards += has_card(&window.segments[i], "on");
	assert_true(cards > 15 && cards < 24); /* the 40 s and a little that are left */
	close_station(&h);
}

static void chosen_channels_only(void **state)
{
	struct house h;
	struct alert_request request = { .text = "two", .priority = 50, .for_ms = 60000, .channel_count = 1 };
	struct channel other;
	struct err err = { 0 };
	int64_t id, first, alert;

	(void)state;
	open_station(&h, 25, 1);
	id = station_fixture_channel(&h.f, 4, "Four", "{}", 6);
	station_fixture_build(&h.f, id, station_now_ns(h.f.time) + 2 * HOUR);
	test_ok(channels_get(h.f.db, id, &h.arena, &other, &err), &err);
	request.channels = &id;
	test_ok(alert_start(h.f.db, h.f.time, &request, &alert, &err), &err);
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &first, &err), &err);
	assert_string_equal(text_at(&h, first), "");
	test_ok(override_first(h.f.db, &other, station_now_ns(h.f.time), &first, &err), &err);
	h.channel = other;
	assert_string_equal(text_at(&h, first), "two");
	test_ok(channels_remove(h.f.db, id, &err), &err);
	test_ok(alert_cancel(h.f.db, h.f.time, alert, &err), &err);
	close_station(&h);
}

static void what_cannot_be_is_refused(void **state)
{
	static char long_text[ALERT_TEXT_MAX * 2 + 4];
	const int64_t none = 4711;
	const struct { struct alert_request request; enum err_code code; } rows[] = {
		{ { .text = "", .priority = 1, .for_ms = 1000 }, ERR_INVALID },
		{ { .text = " \n ", .priority = 1, .for_ms = 1000 }, ERR_INVALID },
		{ { .text = "\xff\xfe", .priority = 1, .for_ms = 1000 }, ERR_INVALID },
		{ { .text = long_text, .priority = 1, .for_ms = 1000 }, ERR_INVALID },
		{ { .text = "x", .priority = 0, .for_ms = 1000 }, ERR_INVALID },
		{ { .text = "x", .priority = 101, .for_ms = 1000 }, ERR_INVALID },
		{ { .text = "x", .priority = 1, .for_ms = 999 }, ERR_INVALID },
		{ { .text = "x", .priority = 1, .for_ms = INT64_MAX }, ERR_INVALID },
		{ { .text = "x", .priority = 1, .for_ms = -5 }, ERR_INVALID },
		{ { .text = "x", .priority = 1, .for_ms = 1000, .channels = &none, .channel_count = 1 }, ERR_NOT_FOUND },
		{ { .text = "x", .priority = 1, .for_ms = 1000, .channels = &none, .channel_count = 0 }, ERR_INVALID },
	};
	struct house h;
	struct err err = { 0 };
	json_t *list;
	int64_t id = -1;

	(void)state;
	memset(long_text, 'x', ALERT_TEXT_MAX + 1);
	open_station(&h, 25, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		err_clear(&err);
		assert_int_equal(alert_start(h.f.db, h.f.time, &rows[i].request, &id, &err), -(int)rows[i].code);
		assert_string_not_equal(err.text, "");
	}
	assert_int_equal(id, -1);
	raise_alert(&h, "  a\tb\x01 c\nd \n", 1, 1);
	list = alert_list_json(h.f.db, h.f.time, 10, 0, &err);
	assert_int_equal(json_int(list, "total", -1), 1); /* nothing is left of those refused */
	assert_string_equal(json_text(json_array_get(json_object_get(list, "items"), 0), "text", ""), "a b  c\nd");
	json_decref(list);
	close_station(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_replaces_one_for_one),
		cmocka_unit_test(the_published_never_changes),
		cmocka_unit_test(priority_decides),
		cmocka_unit_test(cancel_ends_it_at_the_next_segment),
		cmocka_unit_test(a_restart_changes_nothing),
		cmocka_unit_test(a_rebuild_moves_the_end),
		cmocka_unit_test(a_new_generation_keeps_the_alert),
		cmocka_unit_test(chosen_channels_only),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
