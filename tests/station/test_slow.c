/* What is decoded too slowly is shown where it is prepared, and is slate elsewhere, by rows, ahead of time. */
#include "lib/station_fixture.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_slow_is_slate_unless_it_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
