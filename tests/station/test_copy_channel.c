/* Channels that copy pictures: rows lie between the cuts of their files' plans, what has none is encoded in whole pictures,
 * every row is a discontinuity with its number, and the playlist says so. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "station/lineup.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/copy_plans.h"
#include "store/scan_rows.h"
#include "stream/copy_plan.h"

#define HOUR (INT64_C(3600) * 1000000000)
#define SECOND INT64_C(90000)

static struct station_fixture f;
static struct arena arena;
static int64_t channel_id, planned_item, planned_file;

static int64_t ask(const char *sql)
{
	struct err err = { 0 };
	int64_t value = 0;
	sqlite3_stmt *stmt = db_query_text(f.db, sql, &err);

	assert_non_null(stmt);
	if (db_step(f.db, stmt, &err) > 0)
		value = sqlite3_column_int64(stmt, 0);
	db_done(f.db, stmt);
	return value;
}

static const char *planned_hash(void)
{
	struct err err = { 0 };
	sqlite3_stmt *stmt = db_query_text(f.db, "SELECT sample_hash FROM files WHERE id = ?", &err);
	const char *hash;

	db_bind(stmt, "i", planned_file);
	assert_int_equal(db_step(f.db, stmt, &err), 1);
	hash = db_text(stmt, 0, &arena);
	db_done(f.db, stmt);
	return hash;
}

/* One file of 100 s that can be cut every 5 s and a bit, one of 80 s that nobody knows, at 23.976. */
static void setup_with(const char *rules)
{
	struct fixture_item planned = { "episode", "A", "Show", 1, 1, 2000, 100 * PLAN_FLICKS, 24000, 1001 };
	struct fixture_item other = { "episode", "B", "Show", 1, 2, 2000, 80 * PLAN_FLICKS, 24000, 1001 };
	struct fixture_item spot = { "commercial", "Spot", NULL, 0, 0, 2000, 20 * PLAN_FLICKS, 25, 1 };
	int32_t lengths[20];
	struct copy_plan_row row = { .lengths = { lengths, 20 }, .width = 320, .height = 180 };
	struct channel channel;
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		lengths[i] = (int32_t)(5 * SECOND + (int64_t)i * 7);
	station_fixture_open(&f, INT64_C(1700000000000));
	planned_item = station_fixture_item(&f, &planned);
	station_fixture_item(&f, &other);
	station_fixture_item(&f, &spot);
	planned_file = ask("SELECT file_id FROM item_files ORDER BY item_id LIMIT 1");
	test_ok(copy_plans_set(f.db, planned_file, "h264", planned_hash(), &row, &err), &err);
	channel_id = station_fixture_channel(&f, 1, "One", rules, 7);
	test_ok(channels_get(f.db, channel_id, &arena, &channel, &err), &err);
	channel.profile = PROFILE_SOURCE;
	test_ok(channels_set(f.db, &channel, &err), &err);
}

static int teardown(void **state)
{
	(void)state;
	station_fixture_close(&f);
	arena_free(&arena);
	return 0;
}

static struct timeline_rows rows_of(void)
{
	struct timeline_rows rows = { 0 };
	struct err err = { 0 };

	test_ok(timeline_window(f.db, channel_id, 0, INT64_MAX, SIZE_MAX, &arena, &rows, &err), &err);
	return rows;
}

/* Contiguous to the flick, numbered, no row under 1 s. Returns how many rows are copied. */
static size_t check(void)
{
	struct timeline_rows rows = rows_of();
	size_t copied = 0;

	assert_true(rows.count > 10);
	for (size_t i = 0; i < rows.count; i++) {
		const struct timeline_row *row = &rows.rows[i];
		struct clip clip;
		struct err err = { 0 };

		test_ok(on_air_clip(&row->clip, &clip, &err), &err);
		assert_int_equal(row->discontinuity, (int64_t)i + rows.rows[0].discontinuity);
		assert_int_equal(row->frames, clip.frames);
		assert_int_equal(row->segments, clip_segments(&clip));
		assert_true(timeline_row_end(row) - row->start_flicks >= PLAN_FLICKS);
		if (i + 1 < rows.count) {
			assert_int_equal(timeline_row_end(row), row[1].start_flicks);
			assert_int_equal(row->first_seq + row->segments, row[1].first_seq);
		}
		assert_int_equal(clip_is_copy(&clip), row->clip.file_id == planned_file);
		copied += clip_is_copy(&clip);
		if (!clip_is_copy(&clip))
			assert_int_equal(clip.profile.fps_num, 24000);
	}
	return copied;
}

static void rows_lie_between_cuts(void **state)
{
	struct timeline_rows rows;

	(void)state;
	setup_with("{\"query\":{\"kind\":\"episode\"},\"order\":\"order\",\"spots\":true,\"break_every\":35}");
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	assert_true(check() > 10);
	rows = rows_of();
	for (size_t i = 0; i + 2 < rows.count; i++) {
		const struct timeline_row *row = &rows.rows[i];

		if (row->clip.file_id != planned_file)
			continue;
		/* 5 s or a little more each; where it goes on is where it stopped. */
		assert_in_range(row->clip.lengths.list[0], 5 * SECOND, 5 * SECOND + 140);
		assert_int_equal(row->clip.in_flicks % PLAN_TICK, 0);
		if (row->clip.in_flicks)
			assert_in_range(row->clip.lengths.list[0] - 5 * SECOND, 7, 140);
	}
}

static void programmes_start_at_most_a_second_late(void **state)
{
	int64_t late = 0;
	struct timeline_rows rows;

	(void)state;
	setup_with("{\"query\":{\"kind\":\"episode\"},\"order\":\"order\",\"grid\":5}");
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + 2 * HOUR);
	check();
	rows = rows_of();
	for (size_t i = 1; i < rows.count; i++) {
		int64_t in_minute = rows.rows[i].start_flicks % (60 * PLAN_FLICKS);

		if (strcmp(rows.rows[i].kind, "programme") != 0 || rows.rows[i].clip.in_flicks)
			continue;
		late++;
		/* The fixture's epoch is at 22:13:20. */
		assert_true(in_minute >= 40 * PLAN_FLICKS && in_minute < 41 * PLAN_FLICKS);
	}
	assert_true(late > 5);
}

static void the_playlist_has_them(void **state)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct channel channel;
	struct err err = { 0 };
	int64_t now;

	(void)state;
	setup_with("{\"query\":{\"kind\":\"episode\"},\"order\":\"loop\"}");
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	test_ok(channels_get(f.db, channel_id, &arena, &channel, &err), &err);
	now = station_now_ns(f.time) + INT64_C(1100) * 1000000000;
	for (int i = 0; i < 200; i++, now += 1000000000) {
		const char *at, *sequence;
		long tags = 0, before;
		struct on_air_segments list = { 0 };

		buf_reset(&text);
		test_ok(on_air_playlist(f.db, &channel, f.time, now, &arena, &text, &err), &err);
		assert_non_null(strstr(text.data, "TARGETDURATION:12\n"));
		sequence = strstr(text.data, "DISCONTINUITY-SEQUENCE:");
		assert_non_null(sequence);
		before = strtol(sequence + 23, NULL, 10);
		for (at = text.data; (at = strstr(at, "#EXT-X-DISCONTINUITY\n")); at++)
			tags++;
		/* The newest segment's row number is the sum, whatever the window holds. */
		test_ok(on_air_window(f.db, &channel, now - INT64_C(20) * 1000000000, now, &arena, &list, &err), &err);
		while (list.count && list.segments[list.count - 1].start_flicks + list.segments[list.count - 1].duration_flicks >
					     (now - channel.epoch_ns) / 100 * 7056 / 100)
			list.count--;
		assert_true(list.count > 0);
		assert_int_equal(before + tags, list.segments[list.count - 1].discontinuity);
	}
}

/* Rows of little more than 1 s: more of them lie in the window than of any other channel. The newest is the edge. */
static void short_rows_are_listed_to_the_edge(void **state)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct channel channel;
	struct err err = { 0 };

	(void)state;
	setup_with("{\"query\":{\"kind\":\"promo\"},\"order\":\"loop\"}");
	for (int i = 0; i < 3; i++)
		station_fixture_item(&f, &(struct fixture_item){ .kind = "promo", .title = "p", .fps_num = 25, .fps_den = 1,
								 .flicks = PLAN_FLICKS + i * PLAN_FLICKS / 25 });
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	test_ok(channels_get(f.db, channel_id, &arena, &channel, &err), &err);
	for (int i = 0; i < 100; i++) {
		int64_t now = station_now_ns(f.time) + (INT64_C(600) + i) * 1000000000, edge, seq;
		size_t listed = 0;

		buf_reset(&text);
		test_ok(on_air_playlist(f.db, &channel, f.time, now, &arena, &text, &err), &err);
		test_ok(on_air_edge(f.db, &channel, now, &arena, &edge, &err), &err);
		seq = strtoll(strstr(text.data, "MEDIA-SEQUENCE:") + 15, NULL, 10) - 1;
		for (const char *at = text.data; (at = strstr(at, "\n/channel/")); at++, seq++)
			listed++;
		assert_int_equal(seq, edge);
		assert_true(listed > 70);
	}
}

/* ---- what stands over it ---- */

#define NUMBERS 4096

static struct {
	int64_t first; /* a sequence number */
	int64_t of[NUMBERS];
} published;

/* Reads a playlist; a segment must have the number that it had in every one before. */
static void read_playlist(const char *text)
{
	const char *at = strstr(text, "DISCONTINUITY-SEQUENCE:");
	int64_t seq = strtoll(strstr(text, "MEDIA-SEQUENCE:") + 15, NULL, 10);
	int64_t number = at ? strtoll(at + 23, NULL, 10) : 0;
	bool listed = false;

	for (; *text; text = strchr(text, '\n') + 1) {
		if (strncmp(text, "#EXT-X-DISCONTINUITY\n", 21) == 0) {
			assert_true(listed); /* none before the first segment: Kodi finds no segments then */
			number++;
		}
		if (*text != '/')
			continue;
		listed = true;
		assert_in_range(seq - published.first, 0, NUMBERS - 1);
		if (published.of[seq - published.first] >= 0)
			assert_int_equal(published.of[seq - published.first], number);
		published.of[seq++ - published.first] = number;
	}
}

/* A number more exactly where another row begins or another override is in force. */
static void check_numbers(const struct channel *channel)
{
	int64_t row_before = 0, over_before = 0;
	int changes = 0;

	for (int64_t i = 0; i < NUMBERS; i++) {
		struct on_air_segment segment;
		struct override over;
		struct timeline_row row;
		struct err err = { 0 };

		if (published.of[i] < 0)
			continue;
		test_ok(timeline_by_seq(f.db, channel->id, published.first + i, &arena, &row, &err), &err);
		test_ok(overrides_at(f.db, channel->id, published.first + i, &arena, &over, &err), &err);
		test_ok(on_air_segment(f.db, channel, published.first + i, &arena, &segment, &err), &err);
		assert_int_equal(segment.discontinuity, published.of[i]);
		if (i && published.of[i - 1] >= 0) {
			bool other = row.first_seq != row_before || over.id != over_before;

			assert_int_equal(published.of[i] - published.of[i - 1], other);
			changes += row.first_seq == row_before && over.id != over_before;
		}
		row_before = row.first_seq;
		over_before = over.id;
	}
	assert_true(changes > 6);
}

static struct override stand(const struct channel *channel, int64_t priority, int64_t after_s, int64_t for_s)
{
	int64_t now = station_now_ns(f.time), at = position_flicks(channel->epoch_ns, now);
	struct override over = { .kind = "failed", .priority = priority, .reason = "a test" };
	struct err err = { 0 };

	test_ok(on_air_next(f.db, channel, at + after_s * PLAN_FLICKS, &arena, &over.seq_from, &err), &err);
	test_ok(on_air_next(f.db, channel, at + (after_s + for_s) * PLAN_FLICKS, &arena, &over.seq_to, &err), &err);
	over.seq_to += for_s > 2000 ? 300 : over.seq_to == over.seq_from;
	test_ok(override_set(f.db, channel, now, &over, &err), &err);
	assert_true(over.id != 0);
	return over;
}

static void what_stands_over_rows_is_counted(void **state)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct override weak = { 0 }, over;
	struct channel channel;
	struct err err = { 0 };

	(void)state;
	setup_with("{\"query\":{\"kind\":\"episode\"},\"order\":\"loop\"}");
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR / 6);
	test_ok(channels_get(f.db, channel_id, &arena, &channel, &err), &err);
	memset(published.of, 0xFF, sizeof(published.of));
	published.first = channel.generation;
	for (int s = 0; s < 2400; s++) {
		station_fixture_pass(&f, INT64_C(1000000000));
		if (s == 100)
			weak = stand(&channel, 0, 10, 300);
		if (s == 120)
			stand(&channel, 5, 20, 30); /* within it */
		if (s == 200) { /* it ends sooner */
			weak.seq_to -= 20;
			test_ok(override_set(f.db, &channel, station_now_ns(f.time), &weak, &err), &err);
		}
		if (s == 210)
			stand(&channel, 0, 5, 1);
		if (s == 400) /* to behind the end of what is built */
			stand(&channel, 0, 60, 3000);
		if (s == 405)
			station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
		if (s == 700) { /* and never was, from here on */
			struct override_list list;

			test_ok(overrides_window(f.db, channel_id, 0, INT64_MAX, &arena, &list, &err), &err);
			over = list.overrides[0];
			for (size_t i = 1; i < list.count; i++)
				if (list.overrides[i].seq_to > over.seq_to)
					over = list.overrides[i];
			over.seq_to = over.seq_from; /* as far as it is not published */
			test_ok(override_set(f.db, &channel, station_now_ns(f.time), &over, &err), &err);
		}
		if (s == 900) { /* built again beyond the lock, below something that reaches there */
			stand(&channel, 7, 20, 900);
			test_ok(timeline_rebuild(f.db, f.time, channel_id, &err), &err);
		}
		buf_reset(&text);
		test_ok(on_air_playlist(f.db, &channel, f.time, station_now_ns(f.time), &arena, &text, &err), &err);
		read_playlist(text.data);
	}
	check_numbers(&channel);
	buf_reset(&text);
	test_ok(on_air_past(f.db, &channel, f.time, station_now_ns(f.time) - HOUR / 2, INT64_MAX, station_now_ns(f.time), nothing_cached, NULL,
			    &arena, &text, &err),
		&err);
	read_playlist(text.data); /* the past has the same */
}

/* ---- plans that come after the channel ---- */

static void forget_plan(void)
{
	struct err err = { 0 };

	test_ok(db_run(f.db, &err, "UPDATE copy_plans SET lengths = NULL, error = 'a test'", ""), &err);
}

static void make_plan_again(void)
{
	int32_t lengths[20];
	struct copy_plan_row row = { .lengths = { lengths, 20 }, .width = 320, .height = 180 };
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		lengths[i] = (int32_t)(5 * SECOND + (int64_t)i * 7);
	test_ok(copy_plans_set(f.db, planned_file, "h264", planned_hash(), &row, &err), &err);
}

static int begin_copying(void)
{
	struct err err = { 0 };
	int rc = lineup_begin_copying(f.db, f.time, channel_id, &err);

	test_ok(rc, &err);
	return rc;
}

static void a_new_channel_begins_with_its_plans(void **state)
{
	struct channel before, after;
	struct timeline_rows rows;
	struct err err = { 0 };

	(void)state;
	for (int watched = 0; watched < 2; watched++) {
		setup_with("{\"query\":{\"kind\":\"episode\"},\"order\":\"order\"}");
		forget_plan();
		station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
		rows = rows_of();
		for (size_t i = 0; i < rows.count; i++)
			assert_int_equal(rows.rows[i].clip.lengths.count, 0);
		assert_int_equal(begin_copying(), 0); /* no plan */
		station_fixture_pass(&f, INT64_C(40) * 1000000000);
		make_plan_again();
		test_ok(channels_get(f.db, channel_id, &arena, &before, &err), &err);
		if (watched) {
			test_ok(channels_watched(f.db, channel_id, 1, &err), &err);
			assert_int_equal(begin_copying(), 0);
			teardown(NULL);
			continue;
		}
		assert_int_equal(begin_copying(), 1);
		test_ok(channels_get(f.db, channel_id, &arena, &after, &err), &err);
		assert_true(after.generation > before.generation);
		station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
		rows = rows_of();
		assert_int_equal(rows.rows[0].item_id, planned_item); /* its first episode is not lost */
		assert_true(rows.rows[0].clip.lengths.count > 0);
		assert_int_equal(begin_copying(), 0); /* once */
		teardown(NULL);
	}
}

/* What was found out for one codec says nothing of the other; a channel copies what is of its own. */
static void a_plan_is_of_a_codec(void **state)
{
	int32_t lengths[20];
	struct copy_plan_row row = { .lengths = { lengths, 20 } }, refused = { .error = "its pictures are not H.264" }, got;
	struct copy_plan_wanted wanted;
	struct timeline_rows rows;
	struct channel channel;
	struct err err = { 0 };
	int64_t copied = 0;
	json_t *json;

	(void)state;
	setup_with("{\"query\":{\"kind\":\"episode\"},\"order\":\"order\"}");
	make_plan_again();
	test_ok(channels_get(f.db, channel_id, &arena, &channel, &err), &err);
	channel.profile = PROFILE_SOURCE_HEVC;
	test_ok(channels_set(f.db, &channel, &err), &err);
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	rows = rows_of();
	assert_true(rows.count > 10);
	for (size_t i = 0; i < rows.count; i++)
		assert_int_equal(rows.rows[i].clip.lengths.count, 0); /* its plan is for H.264 */
	assert_int_equal(copy_plans_next(f.db, PROFILE_SOURCE, "h264", 0, &arena, &wanted, &err), -(int)ERR_NOT_FOUND);
	test_ok(copy_plans_next(f.db, PROFILE_SOURCE_HEVC, "hevc", 0, &arena, &wanted, &err), &err);
	assert_int_equal(begin_copying(), 0);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		lengths[i] = (int32_t)(5 * SECOND + (int64_t)i * 7);
	test_ok(copy_plans_set(f.db, planned_file, "hevc", planned_hash(), &row, &err), &err);
	test_ok(copy_plans_set(f.db, planned_file, "h264", planned_hash(), &refused, &err), &err);
	assert_int_equal(begin_copying(), 1);
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	rows = rows_of();
	for (size_t i = 0; i < rows.count; i++) {
		struct clip clip;

		test_ok(on_air_clip(&rows.rows[i].clip, &clip, &err), &err);
		assert_int_equal(clip_is_copy(&clip), rows.rows[i].clip.file_id == planned_file);
		assert_string_equal(clip.profile.name, PROFILE_SOURCE_HEVC);
		copied += clip_is_copy(&clip);
	}
	assert_true(copied > 3);
	test_ok(copy_plans_get(f.db, planned_file, "h264", &arena, &got, &err), &err);
	assert_string_equal(got.error, refused.error);
	json = copy_plans_json(f.db, planned_file, &err); /* it can be copied, by one of them */
	assert_true(json_is_true(json_object_get(json, "possible")));
	json_decref(json);
}

/* Plans by earlier rules count as none: what airs is encoded, until they are made anew. */
static void plans_of_another_version_are_none(void **state)
{
	struct timeline_rows rows;
	struct err err = { 0 };

	(void)state;
	setup_with("{\"query\":{\"kind\":\"episode\"},\"order\":\"order\"}");
	test_ok(db_run(f.db, &err, "UPDATE copy_plans SET version = version - 1", ""), &err);
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	rows = rows_of();
	for (size_t i = 0; i < rows.count; i++)
		assert_int_equal(rows.rows[i].clip.lengths.count, 0);
	assert_int_equal(begin_copying(), 0);
	make_plan_again();
	assert_int_equal(begin_copying(), 1);
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	check();
}

static int64_t size_of_what_is_copied(void)
{
	struct timeline_rows rows = rows_of();

	for (size_t i = 0; i < rows.count; i++)
		if (rows.rows[i].clip.lengths.count)
			return rows.rows[i].clip.size;
	fail_msg("nothing is copied");
	return 0;
}

/* A plan is of the whole file: with another size or time it counts no more, and what is in the log by it says so, until there is one
 * again. */
static void a_plan_goes_when_its_file_changes(void **state)
{
	struct file_identity now = { 1, 2, 345678, 9 };
	const char *hash;
	struct copy_plan_row row;
	struct err err = { 0 };

	(void)state;
	setup_with("{\"query\":{\"kind\":\"episode\"},\"order\":\"order\"}");
	station_fixture_build(&f, channel_id, station_now_ns(f.time) + HOUR);
	hash = planned_hash();
	assert_true(size_of_what_is_copied() > 0);
	test_ok(scan_rows_seen(f.db, planned_file, &now, 1, false, &err), &err);
	assert_int_equal(size_of_what_is_copied(), 345678);
	test_ok(scan_rows_seen(f.db, planned_file, &now, 1, true, &err), &err);
	test_ok(db_run(f.db, &err, "UPDATE files SET sample_hash = ?", "t", hash), &err); /* as it was */
	assert_int_equal(copy_plans_get(f.db, planned_file, "h264", &arena, &row, &err), -(int)ERR_NOT_FOUND);
	assert_int_equal(size_of_what_is_copied(), -1);
	make_plan_again();
	assert_int_equal(size_of_what_is_copied(), 345678);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(rows_lie_between_cuts, teardown),
		cmocka_unit_test_teardown(programmes_start_at_most_a_second_late, teardown),
		cmocka_unit_test_teardown(the_playlist_has_them, teardown),
		cmocka_unit_test_teardown(short_rows_are_listed_to_the_edge, teardown),
		cmocka_unit_test_teardown(what_stands_over_rows_is_counted, teardown),
		cmocka_unit_test(a_new_channel_begins_with_its_plans),
		cmocka_unit_test_teardown(a_plan_is_of_a_codec, teardown),
		cmocka_unit_test_teardown(a_plan_goes_when_its_file_changes, teardown),
		cmocka_unit_test_teardown(plans_of_another_version_are_none, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
