/* What is decoded too slowly is shown where it is prepared. Elsewhere something else takes its place before it comes within the
 * lock, and its turn is kept; what is within the lock all the same is slate, by rows, ahead of time. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/as_run.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "station/slow.h"
#include "station/timeline_builder.h"
#include "store/probes.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define START_MS INT64_C(1793480400567)

struct house {
	struct station_fixture f;
	struct arena arena;
	struct channel channel;
	int64_t below; /* what the cache has of every clip */
};

static bool has_below(void *context, const char *key, int64_t k)
{
	(void)key;
	return k < ((const struct house *)context)->below;
}

static void open_house(struct house *h)
{
	struct err err = { 0 };
	int64_t id;

	*h = (struct house){ 0 };
	station_fixture_open(&h->f, START_MS);
	for (int i = 0; i < 4; i++)
		station_fixture_item(&h->f, &(struct fixture_item){ .kind = "movie", .title = "x",
								    .flicks = (131100 + i * 4237) * INT64_C(705600) + 99 });
	id = station_fixture_channel(&h->f, 3, "Three", "{\"order\": \"order\"}", 5);
	station_fixture_build(&h->f, id, station_now_ns(h->f.time) + HOUR);
	test_ok(channels_get(h->f.db, id, &h->arena, &h->channel, &err), &err);
}

static void close_house(struct house *h)
{
	arena_free(&h->arena);
	station_fixture_close(&h->f);
}

static void look(struct house *h)
{
	struct err err = { 0 };

	test_ok(slow_look(h->f.db, h->f.db, h->f.time, has_below, h, &err), &err);
}

/* Segments of the next half hour; *ret_slate of those that lie within the lock, *ret_file of the file. */
static void count(struct house *h, int64_t file_id, int *ret_file, int *ret_slate, int *ret_other)
{
	int64_t now = station_now_ns(h->f.time), lock = position_flicks(h->channel.epoch_ns, now + TIMELINE_LOCK_NS);
	struct on_air_segments list;
	struct err err = { 0 };

	*ret_file = *ret_slate = *ret_other = 0;
	test_ok(on_air_window(h->f.db, &h->channel, now + 8 * CLOCK_SECOND, now + HOUR / 2, &h->arena, &list, &err), &err);
	for (size_t i = 0; i < list.count; i++) {
		struct on_air_segment *s = &list.segments[i];
		struct timeline_row row;

		test_ok(timeline_by_seq(h->f.db, h->channel.id, s->seq, &h->arena, &row, &err), &err);
		if (row.clip.file_id == file_id && row.start_flicks < lock - PLAN_FLICKS) {
			*ret_file += 1;
			*ret_slate += s->slate;
		} else {
			*ret_other += s->slate;
		}
	}
}

static void too_slow_is_slate_unless_it_is_there(void **state)
{
	struct house h;
	struct timeline_rows rows;
	struct err err = { 0 };
	int64_t file, now;
	int of_file, slate, other;

	(void)state;
	open_house(&h);
	now = position_flicks(h.channel.epoch_ns, station_now_ns(h.f.time));
	test_ok(timeline_window(h.f.db, h.channel.id, now, now + 400 * PLAN_FLICKS, 9, &h.arena, &rows, &err), &err);
	file = rows.rows[1].clip.file_id;
	assert_int_equal(probes_set_decode_speed(h.f.db, file, 1.6, &err), 1);
	look(&h);
	count(&h, file, &of_file, &slate, &other);
	assert_true(of_file > 50);
	assert_int_equal(slate, 0); /* fast enough */
	assert_int_equal(probes_set_decode_speed(h.f.db, file, 1.5, &err), 0); /* nearly the same */
	assert_int_equal(probes_set_decode_speed(h.f.db, file, 1.2, &err), 1);
	h.below = 10;
	look(&h);
	count(&h, file, &of_file, &slate, &other);
	assert_true(slate > of_file / 2 && slate < of_file); /* what is there is shown */
	assert_int_equal(other, 0);
	look(&h);
	count(&h, file, &of_file, &other, &slate);
	assert_true(other > of_file / 2);
	h.below = 10000; /* prepared after all */
	look(&h);
	count(&h, file, &of_file, &slate, &other);
	assert_int_equal(slate + other, 0);
	close_house(&h);
}

/* ---- before the lock ---- */

struct said {
	struct house *house;
	int count;
	char last[512];
};

static struct said said;

static bool has_it(void *context, const char *key, int64_t k)
{
	return has_below(((struct said *)context)->house, key, k);
}

static void hear(void *context, int64_t channel_id, const char *sentence)
{
	struct said *s = context;

	assert_int_equal(channel_id, s->house->channel.id);
	s->count++;
	snprintf(s->last, sizeof(s->last), "%s", sentence);
}

static void exchange(struct house *h)
{
	struct err err = { 0 };

	said = (struct said){ .house = h };
	test_ok(slow_exchange(h->f.db, h->f.db, h->f.time, has_it, hear, &said, &err), &err);
}

/* Films of 40 minutes and some frames, in the order of their titles, on a channel that is prepared or not. */
static void open_films(struct house *h, const char *const *titles, const char *rules, bool prepared)
{
	struct err err = { 0 };
	int64_t id;

	*h = (struct house){ 0 };
	station_fixture_open(&h->f, START_MS);
	for (int i = 0; titles[i]; i++)
		station_fixture_item(&h->f, &(struct fixture_item){ .kind = "movie", .title = titles[i],
								    .flicks = 2400 * PLAN_FLICKS + i * INT64_C(99000000) });
	id = station_fixture_channel(&h->f, 3, "Three", rules, 5);
	test_ok(channels_get(h->f.db, id, &h->arena, &h->channel, &err), &err);
	if (prepared) {
		h->channel.prepare = "always";
		test_ok(channels_set(h->f.db, &h->channel, &err), &err);
	}
	station_fixture_build(&h->f, id, station_now_ns(h->f.time) + TIMELINE_AHEAD_NS);
	test_ok(channels_get(h->f.db, id, &h->arena, &h->channel, &err), &err);
}

static struct airing_list airings(struct house *h)
{
	struct airing_list list;
	struct err err = { 0 };

	test_ok(airings_window(h->f.db, h->channel.id, 0, INT64_MAX, &h->arena, &list, &err), &err);
	return list;
}

static int64_t file_of(struct house *h, int64_t item_id)
{
	struct err err = { 0 };
	int64_t file = 0;

	test_ok(db_int(h->f.db, &file, 0, &err, "SELECT file_id FROM item_files WHERE item_id = ?", "i", item_id), &err);
	return file;
}

static void set_speed(struct house *h, int64_t item_id, double speed)
{
	struct err err = { 0 };

	assert_int_equal(probes_set_decode_speed(h->f.db, file_of(h, item_id), speed, &err), 1);
}

/* A minute before the airing comes to the lock. */
static void go_to(struct house *h, const struct airing *airing)
{
	int64_t at = position_ns(h->channel.epoch_ns, airing->start_flicks) - TIMELINE_LOCK_NS - 60 * CLOCK_SECOND;

	station_fixture_pass(&h->f, at - station_now_ns(h->f.time));
}

static const char *const four[] = { "Alpha", "Bravo", "Charlie", "Delta", NULL };

static const char *note_of(struct house *h, int64_t start_flicks)
{
	struct err err = { 0 };
	int64_t from = position_ns(h->channel.epoch_ns, start_flicks) + CLOCK_SECOND;
	const char *note;
	json_t *list;

	if (from + CLOCK_SECOND > station_now_ns(h->f.time))
		station_fixture_pass(&h->f, from + CLOCK_SECOND - station_now_ns(h->f.time));
	list = as_run_json(h->f.db, h->f.time, h->channel.id, from, from + 1, &err);
	assert_non_null(list);
	note = arena_strdup(&h->arena, json_text(json_array_get(json_object_get(list, "items"), 0), "note", "?"));
	json_decref(list);
	return note;
}

static void the_next_takes_its_place(void **state)
{
	struct house h;
	struct airing_list before, after;
	char *rows, *rows_after;

	(void)state;
	open_films(&h, four, "{\"order\": \"order\"}", true);
	before = airings(&h);
	go_to(&h, &before.airings[3]);
	set_speed(&h, before.airings[3].item_id, 1.2);
	rows = station_fixture_dump(&h.f, h.channel.id, 0, before.airings[3].start_flicks);
	h.below = 1201; /* all but the last segment would not do */
	exchange(&h);
	assert_int_equal(said.count, 0); /* all is there */
	h.below = 1199;
	exchange(&h);
	assert_int_equal(said.count, 1);
	assert_non_null(strstr(said.last, before.airings[4].title));
	assert_non_null(strstr(said.last, before.airings[3].title));
	after = airings(&h);
	/* Frame-exact in its place, the slow one right after, then as before. */
	assert_int_equal(after.airings[3].start_flicks, before.airings[3].start_flicks);
	assert_int_equal(after.airings[3].item_id, before.airings[4].item_id);
	assert_int_equal(after.airings[4].item_id, before.airings[3].item_id);
	for (size_t i = 5; i < 40; i++)
		assert_int_equal(after.airings[i].item_id, before.airings[i].item_id);
	rows_after = station_fixture_dump(&h.f, h.channel.id, 0, before.airings[3].start_flicks);
	assert_string_equal(rows, rows_after);
	station_fixture_check(&h.f, h.channel.id);
	exchange(&h);
	assert_int_equal(said.count, 0);
	/* Still not there when it comes again: once more, and it says so again. */
	go_to(&h, &after.airings[4]);
	exchange(&h);
	assert_int_equal(said.count, 1);
	after = airings(&h);
	assert_int_equal(after.airings[4].item_id, before.airings[5].item_id);
	assert_int_equal(after.airings[5].item_id, before.airings[3].item_id);
	assert_non_null(strstr(note_of(&h, after.airings[4].start_flicks), before.airings[3].title));
	assert_non_null(strstr(note_of(&h, after.airings[3].start_flicks), before.airings[3].title));
	assert_string_equal(note_of(&h, after.airings[5].start_flicks), "");
	free(rows);
	free(rows_after);
	close_house(&h);
}

static void where_nobody_prepares_it_waits_some_days(void **state)
{
	struct house h;
	struct airing_list before, after;
	int64_t slow, end;
	size_t seen = 0;

	(void)state;
	open_films(&h, four, "{\"order\": \"shuffle\"}", false);
	before = airings(&h);
	go_to(&h, &before.airings[3]);
	slow = before.airings[3].item_id;
	set_speed(&h, slow, 1.2);
	exchange(&h);
	assert_int_equal(said.count, 1);
	after = airings(&h);
	for (size_t i = 3; i < after.count; i++)
		assert_int_not_equal(after.airings[i].item_id, slow);
	end = after.airings[after.count - 1].end_flicks;
	station_fixture_pass(&h.f, HOUR);
	station_fixture_build(&h.f, h.channel.id, station_now_ns(h.f.time) + TIMELINE_AHEAD_NS);
	after = airings(&h);
	for (size_t i = 0; i < after.count; i++)
		if (after.airings[i].start_flicks == end && after.airings[i].item_id == slow)
			seen++;
	assert_int_equal(seen, 1);
	station_fixture_check(&h.f, h.channel.id);
	close_house(&h);
}

static void filler_and_then_slate_where_nothing_else_fits(void **state)
{
	static const char *const one[] = { "Alpha", NULL };
	struct house h;
	struct airing_list before, after;
	struct timeline_rows rows;
	struct err err = { 0 };

	(void)state;
	for (int fillers = 0; fillers < 2; fillers++) {
		open_films(&h, one, "{\"order\": \"loop\"}", true);
		if (fillers)
			station_fixture_item(&h.f, &(struct fixture_item){ .kind = "filler", .title = "Fish", .flicks = 700 * PLAN_FLICKS });
		before = airings(&h);
		go_to(&h, &before.airings[2]);
		set_speed(&h, before.airings[2].item_id, 0.5);
		exchange(&h);
		assert_int_equal(said.count, 1);
		after = airings(&h);
		assert_int_equal(after.airings[2].start_flicks, before.airings[2].start_flicks);
		assert_int_equal(after.airings[2].end_flicks, before.airings[2].end_flicks);
		assert_int_equal(after.airings[2].item_id, 0);
		assert_int_equal(after.airings[3].item_id, before.airings[3].item_id);
		test_ok(timeline_window(h.f.db, h.channel.id, after.airings[2].start_flicks, after.airings[2].end_flicks, 99,
					&h.arena, &rows, &err),
			&err);
		for (size_t i = 0; i < rows.count; i++)
			assert_string_equal(rows.rows[i].kind, fillers && i < 3 ? "filler" : "slate");
		assert_true(rows.count >= 4);
		station_fixture_check(&h.f, h.channel.id);
		assert_non_null(strstr(note_of(&h, after.airings[2].start_flicks), "Alpha"));
		close_house(&h);
	}
}

static void a_slow_spot_is_left_out(void **state)
{
	struct house h;
	struct airing_list before, after;
	struct timeline_rows rows;
	struct err err = { 0 };
	int64_t spot = 0;

	(void)state;
	open_films(&h, four, "{\"order\": \"order\", \"grid\": 15}", true);
	for (int i = 0; i < 3; i++)
		station_fixture_item(&h.f, &(struct fixture_item){ .kind = "commercial", .title = "Soap", .flicks = 30 * PLAN_FLICKS });
	test_ok(timeline_rebuild(h.f.db, h.f.time, h.channel.id, &err), &err);
	before = airings(&h);
	go_to(&h, &before.airings[3]);
	test_ok(timeline_window(h.f.db, h.channel.id, before.airings[3].start_flicks, before.airings[3].end_flicks, 99, &h.arena,
				&rows, &err),
		&err);
	for (size_t i = 0; i < rows.count && !spot; i++)
		spot = strcmp(rows.rows[i].kind, "commercial") == 0 ? rows.rows[i].item_id : 0;
	assert_true(spot != 0);
	set_speed(&h, spot, 1.0);
	exchange(&h);
	assert_int_equal(said.count, 1);
	assert_non_null(strstr(said.last, "Soap"));
	after = airings(&h);
	assert_int_equal(after.airings[3].item_id, before.airings[3].item_id);
	assert_int_equal(after.airings[4].start_flicks, before.airings[4].start_flicks);
	test_ok(timeline_window(h.f.db, h.channel.id, after.airings[3].start_flicks, after.airings[3].end_flicks, 99, &h.arena, &rows,
				&err),
		&err);
	for (size_t i = 0; i < rows.count; i++)
		assert_int_not_equal(rows.rows[i].item_id, spot);
	station_fixture_check(&h.f, h.channel.id);
	close_house(&h);
}

/* Half a day, minute by minute: nothing that is slow and not there ever comes within the lock; once it is there it airs. */
static void nothing_slow_comes_within_the_lock(void **state)
{
	static const char *const orders[] = { "{\"order\": \"shuffle\", \"grid\": 15}", "{\"order\": \"order\"}" };
	struct err err = { 0 };
	struct house h;

	(void)state;
	for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
		int64_t slow[2], later;
		int times = 0, aired = 0;

		open_films(&h, four, orders[o], true);
		for (size_t i = 0; i < 2; i++) {
			slow[i] = airings(&h).airings[2 + i].item_id;
			set_speed(&h, slow[i], 1.2);
		}
		for (int minute = 0; minute < 12 * 60; minute++) {
			int64_t lock = position_flicks(h.channel.epoch_ns, station_now_ns(h.f.time) + TIMELINE_LOCK_NS);
			struct timeline_rows rows;

			h.below = minute < 8 * 60 ? 0 : 10000;
			exchange(&h);
			times += said.count;
			test_ok(timeline_window(h.f.db, h.channel.id, lock, lock + 1, 1, &h.arena, &rows, &err), &err);
			for (size_t i = 0; i < 2; i++) {
				bool is = rows.rows[0].item_id == slow[i];

				assert_true(!is || h.below);
				aired |= is << i;
			}
			station_fixture_pass(&h.f, 60 * CLOCK_SECOND);
			if (minute % 60 == 0)
				station_fixture_build(&h.f, h.channel.id, station_now_ns(h.f.time) + TIMELINE_AHEAD_NS);
			arena_free(&h.arena);
			test_ok(channels_get(h.f.db, 1, &h.arena, &h.channel, &err), &err);
		}
		assert_true(times > 4);
		assert_int_equal(aired, 3);
		later = (int64_t)station_fixture_check(&h.f, h.channel.id);
		assert_true(later > 20);
		close_house(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_slow_is_slate_unless_it_is_there),
		cmocka_unit_test(the_next_takes_its_place),
		cmocka_unit_test(where_nobody_prepares_it_waits_some_days),
		cmocka_unit_test(filler_and_then_slate_where_nothing_else_fits),
		cmocka_unit_test(a_slow_spot_is_left_out),
		cmocka_unit_test(nothing_slow_comes_within_the_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
