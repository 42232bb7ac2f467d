/* What may air when: expiry, parts of the day, seasons; turns that nobody loses for it; and never dead air. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "station/schedule.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define MAX 64

static const enum schedule_order orders[] = { SCHEDULE_ORDER, SCHEDULE_SHUFFLE };

struct channel {
	struct arena arena;
	struct playable media[MAX];
	struct playable_list list;
	struct schedule_air air;
	struct schedule schedule;
	struct schedule_cursor cursor;
};

static struct playable *add(struct channel *c, const char *daypart)
{
	int64_t id = (int64_t)c->list.count + 1;
	struct playable *p = &c->media[c->list.count++];

	*p = (struct playable) {
		.item_id = id,
		.file_id = id,
		.kind = "episode",
		.title = "",
		.daypart = daypart,
		.part = 1,
		.duration_flicks = 600 * PLAN_FLICKS,
		.sample_hash = "",
		.sort_key = arena_printf(&c->arena, "%08lld", (long long)id),
		.fps_num = 25,
		.fps_den = 1,
	};
	c->list.items = c->media;
	return p;
}

static void load(struct channel *c, enum schedule_order order)
{
	c->schedule = (struct schedule) { .arena = &c->arena, .seed = 3, .rules = { .order = order } };
	schedule_group(&c->list, &c->arena, &c->schedule.programmes);
	c->schedule.programmes.air = &c->air;
	c->schedule.spots = c->schedule.programmes;
	schedule_ring(&c->schedule.spots, 7, &c->arena);
	c->schedule.turns = schedule_turns_new(&c->schedule);
}

static int64_t next(struct channel *c)
{
	const struct schedule_item *item;

	/* Through its text each time, as the builder does. */
	c->cursor = schedule_cursor_parse(schedule_cursor_format(&c->cursor, &c->arena), &c->arena);
	item = schedule_next(&c->schedule, &c->cursor);
	return item ? item->item_id : 0;
}

static int64_t next_spot(struct channel *c)
{
	const struct schedule_item *item =
		schedule_round_next(&c->schedule.spots, &c->cursor.spots, INT64_MAX, NULL, 0);

	return item ? item->item_id : 0;
}

static void hours_and_days_have_their_part(void **state)
{
	static const struct {
		int hour;
		const char *part;
	} rows[] = { { 0, "late_night" },  { 5, "Late_Night" },	 { 6, "morning" },   { 11, "MORNING" }, { 12, "afternoon" },
		     { 17, "afternoon" }, { 18, "evening" },	 { 22, "evening" }, { 23, "late_night" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct schedule_air air = { .wall_ms = DAY + rows[i].hour * HOUR };

		assert_int_equal(schedule_part_at(&air), schedule_part_of(rows[i].part));
	}
	assert_int_equal(schedule_part_of("brunch"), SCHEDULE_ANY);
	assert_int_equal(schedule_part_of(NULL), SCHEDULE_ANY);
	assert_int_equal(schedule_part_at(&(struct schedule_air) { 0 }), SCHEDULE_ANY);
}

static void seasons_have_their_months(void **state)
{
	static const struct {
		int month, day; /* 1.. of 2023 */
		const char *in;
	} rows[] = { { 1, 1, "winter holiday" },   { 1, 6, "winter holiday" }, { 1, 7, "winter" },
		     { 2, 28, "winter" },	   { 3, 1, "spring" },	       { 5, 31, "spring" },
		     { 6, 1, "summer" },	   { 8, 31, "summer" },	       { 9, 1, "fall autumn" },
		     { 11, 30, "fall autumn" }, { 12, 1, "winter holiday" }, { 12, 31, "winter holiday" } };
	static const char *const seasons[] = { "spring", "summer", "fall", "autumn", "winter", "holiday" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tm tm = { .tm_year = 123, .tm_mon = rows[i].month - 1, .tm_mday = rows[i].day, .tm_hour = 12 };
		struct schedule_air air = { .wall_ms = (int64_t)mktime(&tm) * 1000 };

		for (size_t j = 0; j < ARRAY_LEN(seasons); j++) {
			struct schedule_item item = { .air_season = seasons[j] };

			assert_int_equal(schedule_may_air(&air, &item, SCHEDULE_IN_SEASON),
					 strstr(rows[i].in, seasons[j]) != NULL);
			assert_true(schedule_may_air(&air, &item, SCHEDULE_UNEXPIRED));
		}
		assert_true(schedule_may_air(&air, &(struct schedule_item) { .air_season = "carnival" }, SCHEDULE_IN_PART));
	}
}

/* A month of half hours: what has a daypart airs in it and nowhere else, all of a part equally often; order stays. */
static void programmes_keep_to_their_part(void **state)
{
	static const char *const parts[] = { "", "morning", "afternoon", "evening", "late_night", "of my own" };

	(void)state;
	for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
		struct channel c = { .air = { .wall_ms = 400 * DAY } };
		int aired[MAX] = { 0 };
		int64_t last_of[6] = { 0 }, last = 0;

		for (int i = 0; i < 36; i++)
			add(&c, parts[i % 6]);
		load(&c, orders[o]);
		for (int i = 0; i < 30 * 48; i++, c.air.wall_ms += HOUR / 2) {
			int64_t id = next(&c);
			size_t part = (size_t)(id - 1) % 6;

			assert_true(id > 0 && id != last);
			last = id;
			aired[id]++;
			if (part >= 1 && part <= 4)
				assert_int_equal(schedule_part_at(&c.air), schedule_part_of(parts[part]));
			if (orders[o] == SCHEDULE_ORDER && last_of[part])
				assert_int_equal(id, last_of[part] + 6 <= 36 ? last_of[part] + 6 : (int64_t)part + 1);
			if (part >= 1 && part <= 4)
				last_of[part] = id;
		}
		for (int part = 0; part < 6; part++) {
			int least = 100000, most = 0;

			for (int id = part + 1; id <= 36; id += 6) {
				least = aired[id] < least ? aired[id] : least;
				most = aired[id] > most ? aired[id] : most;
			}
			assert_true(least >= 15);
			assert_true(most - least <= 2);
		}
		arena_free(&c.arena);
	}
}

/* The same choice whenever it is made; and one without parts of the day is the one list that it was. */
static void a_part_that_is_new_begins_where_the_others_are(void **state)
{
	struct channel c = { .air = { .wall_ms = 400 * DAY + 19 * HOUR } };

	(void)state;
	for (int i = 0; i < 20; i++)
		add(&c, "");
	load(&c, SCHEDULE_ORDER);
	for (int64_t i = 1; i <= 7; i++)
		assert_int_equal(next(&c), i);
	for (int i = 0; i < 20; i++)
		c.media[i].daypart = "evening";
	load(&c, SCHEDULE_ORDER);
	for (int64_t i = 8; i <= 20; i++)
		assert_int_equal(next(&c), i);
	assert_int_equal(next(&c), 1);
	arena_free(&c.arena);
}

/* An evening list that is new on a channel which has gone round a thousand times has its share, and no more. */
static void what_was_absent_does_not_take_every_hour(void **state)
{
	struct channel c = { .air = { .wall_ms = 400 * DAY + 12 * HOUR } };
	int evenings = 0;

	(void)state;
	for (int i = 0; i < 6; i++)
		add(&c, "");
	load(&c, SCHEDULE_SHUFFLE);
	for (int i = 0; i < 600; i++)
		next(&c);
	add(&c, "evening");
	add(&c, "evening");
	load(&c, SCHEDULE_SHUFFLE);
	c.air.wall_ms += 7 * HOUR;
	for (int i = 0; i < 80; i++)
		evenings += next(&c) > 6;
	assert_in_range(evenings, 18, 22);
	arena_free(&c.arena);
}

/* At ten in the morning a channel of evening films alone airs them; so does one whose films are all out of season. */
static void there_is_never_dead_air(void **state)
{
	(void)state;
	for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
		struct channel c = { .air = { .wall_ms = 400 * DAY + 10 * HOUR } }; /* 5 February */
		struct playable *last;

		add(&c, "evening");
		add(&c, "evening")->air_season = "summer";
		last = add(&c, "late_night");
		load(&c, orders[o]);
		for (int i = 0; i < 8; i++) { /* at the wrong hour, but not out of season */
			int64_t id = next(&c);

			assert_true(id == 1 || id == 3);
		}
		last->daypart = "morning";
		load(&c, orders[o]);
		for (int i = 0; i < 4; i++)
			assert_int_equal(next(&c), 3);
		c.media[0].air_season = last->air_season = "Summer";
		load(&c, orders[o]);
		for (int i = 0; i < 4; i++)
			assert_int_not_equal(next(&c), 0);
		for (int i = 0; i < 3; i++)
			c.media[i].expires_ms = 1;
		load(&c, orders[o]);
		assert_int_equal(next(&c), 0); /* what has expired never airs */
		arena_free(&c.arena);
	}
}

/* Spots are kept to their part and season always; a loop is aired as it is. */
static void spots_and_loops(void **state)
{
	struct channel c = { .air = { .wall_ms = 400 * DAY + 7 * HOUR } };

	(void)state;
	add(&c, "evening");
	add(&c, "Morning");
	add(&c, "")->air_season = "summer";
	add(&c, "")->expires_ms = c.air.wall_ms + 1000;
	load(&c, SCHEDULE_LOOP);
	for (int64_t i = 0; i < 8; i++)
		assert_int_equal(next(&c), i % 4 + 1);
	c.air.wall_ms += 2000;
	for (int64_t i = 0; i < 9; i++)
		assert_int_equal(next(&c), i % 3 + 1);
	for (int i = 0; i < 4; i++)
		assert_int_equal(next_spot(&c), 2);
	c.air.wall_ms += 13 * HOUR;
	assert_int_equal(next_spot(&c), 1);
	c.media[0].expires_ms = 1;
	load(&c, SCHEDULE_LOOP);
	assert_int_equal(next_spot(&c), 0);
	arena_free(&c.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_and_days_have_their_part),
		cmocka_unit_test(seasons_have_their_months),
		cmocka_unit_test(programmes_keep_to_their_part),
		cmocka_unit_test(a_part_that_is_new_begins_where_the_others_are),
		cmocka_unit_test(what_was_absent_does_not_take_every_hour),
		cmocka_unit_test(there_is_never_dead_air),
		cmocka_unit_test(spots_and_loops),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
