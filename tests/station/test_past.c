/* What lies behind the catch-up window is collapsed: numbers go on, older ones are gone, what was sent is still known. */
#include "lib/station_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/alert.h"
#include "station/as_run.h"
#include "station/on_air.h"
#include "station/past.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/as_run.h"
#include "store/past.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define DAY (24 * HOUR)
#define START_MS INT64_C(1793480400567)

struct house {
	struct station_fixture f;
	struct arena arena;
	struct channel channel;
};

static void build(struct house *h, int64_t ahead_ns)
{
	struct err err = { 0 };

	station_fixture_build(&h->f, h->channel.id, station_now_ns(h->f.time) + ahead_ns);
	test_ok(channels_get(h->f.db, h->channel.id, &h->arena, &h->channel, &err), &err);
}

static void open_house(struct house *h)
{
	*h = (struct house){ 0 };
	station_fixture_open(&h->f, START_MS);
	for (int i = 0; i < 9; i++)
		station_fixture_item(&h->f, &(struct fixture_item){ .kind = i % 4 == 3 ? "commercial" : "movie", .title = "x",
								    .flicks = (611000 + i * 42370) * INT64_C(705600) + 99 });
	h->channel.id = station_fixture_channel(&h->f, 3, "Three", "{\"order\": \"shuffle\"}", 5);
	build(h, 2 * HOUR);
}

static void close_house(struct house *h)
{
	arena_free(&h->arena);
	station_fixture_close(&h->f);
}

static void collapse(struct house *h, int64_t keep_ns)
{
	struct err err = { 0 };
	int rc;

	do
		rc = past_collapse(h->f.db, h->f.time, &h->channel, keep_ns, &err);
	while (rc > 0);
	test_ok(rc, &err);
}

static int64_t count(struct house *h, const char *table)
{
	struct err err = { 0 };
	char sql[100];
	sqlite3_stmt *stmt;
	int64_t n;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	stmt = db_query_text(h->f.db, sql, &err);
	assert_int_equal(db_step(h->f.db, stmt, &err), 1);
	n = sqlite3_column_int64(stmt, 0);
	db_done(h->f.db, stmt);
	return n;
}

static void what_is_kept_stays_as_it_was(void **state)
{
	CLEANUP(cleanup_free) char *before = NULL, *after = NULL;
	CLEANUP(buf_free) struct buf list = { 0 };
	struct house h;
	struct timeline_begin begin;
	struct on_air_segment s;
	struct err err = { 0 };
	int64_t now, from;

	(void)state;
	open_house(&h);
	for (int i = 0; i < 8; i++) {
		station_fixture_pass(&h.f, HOUR);
		build(&h, 2 * HOUR);
	}
	now = station_now_ns(h.f.time);
	test_ok(timeline_begin_get(h.f.db, h.channel.id, &begin, &err), &err);
	assert_int_equal(begin.first_seq, -1);
	from = position_flicks(h.channel.epoch_ns, now - 6 * HOUR);
	before = station_fixture_dump(&h.f, h.channel.id, from, INT64_MAX);
	collapse(&h, 6 * HOUR);
	after = station_fixture_dump(&h.f, h.channel.id, from, INT64_MAX);
	assert_string_equal(before, after);
	assert_true(strlen(before) > 1000);
	test_ok(timeline_begin_get(h.f.db, h.channel.id, &begin, &err), &err);
	assert_true(begin.start_flicks > 0 && begin.start_flicks <= from && begin.aired);
	/* The first that is left, and the last that is gone. */
	test_ok(on_air_segment(h.f.db, &h.channel, begin.first_seq, &h.arena, &s, &err), &err);
	assert_int_equal(s.start_flicks, begin.start_flicks);
	assert_int_equal(on_air_segment(h.f.db, &h.channel, begin.first_seq - 1, &h.arena, &s, &err), -(int)ERR_GONE);
	assert_non_null(strstr(err.text, "keeps its log from segment"));
	err_clear(&err);
	assert_int_equal(on_air_segment(h.f.db, &h.channel, h.channel.generation - 1, &h.arena, &s, NULL),
			 -(int)ERR_NOT_FOUND);
	assert_int_equal(on_air_segment(h.f.db, &h.channel, INT64_MAX / 2, &h.arena, &s, NULL), -(int)ERR_NOT_FOUND);
	/* Catch-up and start-over. */
	assert_int_equal(on_air_past(h.f.db, &h.channel, h.f.time, now - 7 * HOUR, INT64_MAX, now, nothing_cached, NULL, &h.arena, &list, &err),
			 -(int)ERR_GONE);
	assert_non_null(strstr(err.text, "what came before cannot be shown any more"));
	err_clear(&err);
	test_ok(on_air_past(h.f.db, &h.channel, h.f.time, now - 5 * HOUR, INT64_MAX, now, nothing_cached, NULL, &h.arena, &list, &err), &err);
	assert_int_equal(on_air_playlist(h.f.db, &h.channel, h.f.time, now - 7 * HOUR, &h.arena, &list, &err),
			 -(int)ERR_GONE);
	err_clear(&err);
	test_ok(on_air_playlist(h.f.db, &h.channel, h.f.time, now, &h.arena, &list, &err), &err);
	close_house(&h);
}

/* A list of the past has six hours at most, whoever asks for how much; when those have passed, it ends. */
static void a_list_has_six_hours(void **state)
{
	CLEANUP(buf_free) struct buf whole = { 0 }, growing = { 0 };
	struct house h;
	struct err err = { 0 };
	double seconds = 0;
	int64_t now;

	(void)state;
	open_house(&h);
	for (int i = 0; i < 8; i++) {
		station_fixture_pass(&h.f, HOUR);
		build(&h, 2 * HOUR);
	}
	now = station_now_ns(h.f.time);
	test_ok(on_air_past(h.f.db, &h.channel, h.f.time, now - 8 * HOUR, INT64_MAX, now, nothing_cached, NULL, &h.arena, &whole, &err), &err);
	for (const char *at = strstr(whole.data, "#EXTINF:"); at; at = strstr(at + 1, "#EXTINF:"))
		seconds += atof(at + 8);
	assert_true(seconds >= 6 * 3600 && seconds < 6 * 3600 + 7); /* with those that are cut by its two ends */
	assert_non_null(strstr(whole.data, "#EXT-X-ENDLIST\n"));
	test_ok(on_air_past(h.f.db, &h.channel, h.f.time, now - 6 * HOUR + CLOCK_SECOND, INT64_MAX, now, nothing_cached, NULL, &h.arena,
			    &growing, &err),
		&err);
	assert_null(strstr(growing.data, "#EXT-X-ENDLIST\n"));
	close_house(&h);
}

/* The machine was off for a week: all is old but what building goes on from. */
static void building_goes_on_from_the_last_airing(void **state)
{
	CLEANUP(cleanup_free) char *before = NULL, *after = NULL;
	struct house h, other;
	int64_t from;

	(void)state;
	open_house(&h);
	open_house(&other);
	station_fixture_pass(&h.f, 7 * DAY);
	station_fixture_pass(&other.f, 7 * DAY);
	collapse(&h, 2 * DAY);
	assert_int_equal(count(&h, "airings"), 1);
	build(&h, 2 * HOUR);
	build(&other, 2 * HOUR);
	from = position_flicks(h.channel.epoch_ns, station_now_ns(h.f.time) - HOUR);
	before = station_fixture_dump(&other.f, other.channel.id, from, INT64_MAX);
	after = station_fixture_dump(&h.f, h.channel.id, from, INT64_MAX);
	assert_string_equal(before, after);
	assert_int_equal(h.channel.generation, other.channel.generation);
	close_house(&h);
	close_house(&other);
}

/* A channel whose programmes have all been collapsed, and that shows slate since, does not begin anew with the next. */
static void a_channel_that_aired_does_not_begin_anew(void **state)
{
	struct house h;
	struct err err = { 0 };
	int64_t generation, epoch;

	(void)state;
	open_house(&h);
	generation = h.channel.generation;
	epoch = h.channel.epoch_ns;
	test_ok(schedules_set(h.f.db, h.channel.id, "{\"query\": {\"kind\": \"podcast\"}}", 5, &err), &err);
	test_ok(timeline_rebuild(h.f.db, h.f.time, h.channel.id, &err), &err);
	station_fixture_pass(&h.f, 3 * DAY);
	build(&h, 2 * HOUR);
	collapse(&h, 6 * HOUR);
	test_ok(schedules_set(h.f.db, h.channel.id, "{}", 5, &err), &err);
	test_ok(timeline_rebuild(h.f.db, h.f.time, h.channel.id, &err), &err);
	test_ok(channels_get(h.f.db, h.channel.id, &h.arena, &h.channel, &err), &err);
	assert_int_equal(h.channel.generation, generation);
	assert_int_equal(h.channel.epoch_ns, epoch);
	close_house(&h);
}

static json_t *as_run(struct house *h, int64_t from_ns, int64_t to_ns)
{
	struct err err = { 0 };
	json_t *json = as_run_json(h->f.db, h->f.time, h->channel.id, from_ns, to_ns, &err);

	test_ok(json ? 0 : -1, &err);
	return json;
}

static void what_was_sent_is_kept_for_a_month(void **state)
{
	struct house h;
	struct alert_request request = { .text = "Fire", .priority = 50, .for_ms = 20000 };
	struct timeline_row row;
	struct err err = { 0 };
	int64_t began, id, edge, clips;
	json_t *before, *after;
	size_t kept = 0;

	(void)state;
	open_house(&h);
	began = station_now_ns(h.f.time);
	test_ok(alert_start(h.f.db, h.f.time, &request, &id, &err), &err);
	station_fixture_pass(&h.f, HOUR);
	test_ok(on_air_edge(h.f.db, &h.channel, station_now_ns(h.f.time), &h.arena, &edge, &err), &err);
	test_ok(timeline_by_seq(h.f.db, h.channel.id, edge, &h.arena, &row, &err), &err);
	test_ok(as_run_watched(h.f.db, h.channel.id, row.first_seq, 1, &err), &err);
	test_ok(as_run_late(h.f.db, h.channel.id, row.first_seq, 2, 1, &err), &err);
	station_fixture_pass(&h.f, HOUR);
	build(&h, 2 * HOUR);
	before = as_run(&h, began, began + 90 * 60 * CLOCK_SECOND);
	for (int i = 0; i < 10; i++) {
		station_fixture_pass(&h.f, HOUR);
		build(&h, 2 * HOUR);
	}
	clips = count(&h, "clips");
	collapse(&h, 6 * HOUR);
	after = as_run(&h, began, began + 90 * 60 * CLOCK_SECOND);
	for (size_t i = 0; i < json_array_size(json_object_get(before, "items")); i++) {
		const json_t *one = json_array_get(json_object_get(before, "items"), i);
		const char *status = json_text(one, "status", "");

		if (strcmp(status, "ok") == 0 && !json_flag(one, "watched", false))
			continue; /* as planned, and nobody saw it */
		assert_true(json_equal(one, json_array_get(json_object_get(after, "items"), kept)));
		kept++;
	}
	assert_true(kept >= 2);
	assert_int_equal(json_array_size(json_object_get(after, "items")), kept);
	assert_int_equal(count(&h, "overrides"), 0);
	assert_int_equal(count(&h, "as_run"), 0);
	assert_true(count(&h, "clips") <= clips);
	json_decref(before);
	json_decref(after);
	test_ok(past_trim(h.f.db, h.f.time, &err), &err);
	assert_int_equal(count(&h, "as_run_log"), kept);
	assert_int_equal(count(&h, "alerts"), 1);
	station_fixture_pass(&h.f, 31 * DAY);
	while (past_trim(h.f.db, h.f.time, &err) > 0)
		;
	assert_int_equal(count(&h, "as_run_log"), 0);
	assert_int_equal(count(&h, "alerts"), 0);
	close_house(&h);
}

/* A clip that only the past played goes; one that airs again stays. */
static void clips_go_with_their_last_row(void **state)
{
	struct house h;

	(void)state;
	open_house(&h);
	for (int i = 0; i < 12; i++) {
		station_fixture_pass(&h.f, HOUR);
		build(&h, HOUR);
	}
	collapse(&h, 6 * HOUR);
	assert_int_equal(count(&h, "clips WHERE id NOT IN (SELECT clip_id FROM timeline)"), 0);
	assert_int_equal(count(&h, "pragma_foreign_key_check"), 0);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_kept_stays_as_it_was),
		cmocka_unit_test(a_list_has_six_hours),
		cmocka_unit_test(building_goes_on_from_the_last_airing),
		cmocka_unit_test(a_channel_that_aired_does_not_begin_anew),
		cmocka_unit_test(what_was_sent_is_kept_for_a_month),
		cmocka_unit_test(clips_go_with_their_last_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
