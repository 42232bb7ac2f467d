/* Turns: in order, shuffled and in rounds; rules and cursors as text; nothing is reset by what comes and
 * goes. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "station/schedule.h"

#define MAX 64

static struct playable made(int64_t id, struct arena *arena)
{
	return (struct playable) {
		.item_id = id,
		.file_id = id,
		.kind = "episode",
		.title = arena_printf(arena, "Item %lld", (long long)id),
		.show = "",
		.episode_title = "",
		.part = 1,
		.duration_flicks = (10 + id) * PLAN_FLICKS,
		.sample_hash = "",
		.sort_key = arena_printf(arena, "%08lld", (long long)id),
		.fps_num = 25,
		.fps_den = 1,
	};
}

/* A schedule over the items whose bit is set in `mask`. */
static struct schedule over(uint64_t mask, enum schedule_order order, struct arena *arena)
{
	struct schedule schedule = { .arena = arena, .seed = 42, .rules = { .order = order } };
	struct playable_list list = { .items = arena_alloc(arena, MAX * sizeof(struct playable)) };

	for (int64_t id = 1; id < MAX; id++)
		if (mask >> id & 1)
			list.items[list.count++] = made(id, arena);
	schedule_group(&list, arena, &schedule.programmes);
	schedule.spots = schedule.programmes;
	schedule_ring(&schedule.spots, 7, arena);
	schedule.turns = schedule_turns_new(&schedule);
	return schedule;
}

static int64_t next(struct schedule *schedule, struct schedule_cursor *cursor)
{
	const struct schedule_item *item;

	/* Through its text each time, as the builder does. */
	*cursor = schedule_cursor_parse(schedule_cursor_format(cursor, schedule->arena), schedule->arena);
	item = schedule_next(schedule, cursor);
	return item ? item->item_id : 0;
}

static void order_begins_again(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct schedule schedule = over(0x1E, SCHEDULE_ORDER, &arena);
	struct schedule_cursor cursor = { 0 };

	(void)state;
	for (int i = 0; i < 12; i++)
		assert_int_equal(next(&schedule, &cursor), i % 4 + 1);
}

static void order_survives_what_comes_and_goes(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct schedule all = over(0x1FE, SCHEDULE_ORDER, &arena),
			fewer = over(0x1C6, SCHEDULE_ORDER, &arena),
			more = over(0x3FFE, SCHEDULE_ORDER, &arena);
	struct schedule_cursor cursor = { 0 };

	(void)state;
	for (int64_t i = 1; i <= 4; i++)
		assert_int_equal(next(&all, &cursor), i);
	assert_int_equal(next(&fewer, &cursor), 6); /* 3, 4, 5 are gone, the one that aired last too */
	assert_int_equal(next(&more, &cursor), 7);
}

static void loops_end(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct schedule schedule = over(0xE, SCHEDULE_LOOP, &arena);
	struct schedule_cursor cursor = { 0 };

	(void)state;
	schedule.rules.loops = 2;
	for (int i = 0; i < 6; i++)
		assert_int_equal(next(&schedule, &cursor), i % 3 + 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(next(&schedule, &cursor), 0);
	schedule.rules.loops = 3; /* one more round was given */
	for (int i = 0; i < 3; i++)
		assert_int_equal(next(&schedule, &cursor), i + 1);
	assert_int_equal(next(&schedule, &cursor), 0);
	schedule.rules.loops = 0;
	assert_int_equal(next(&schedule, &cursor), 1);
}

static void shuffle_is_fair(void **state)
{
	(void)state;
	for (int n = 1; n <= 20; n++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct schedule schedule = over(((UINT64_C(1) << n) - 1) << 1, SCHEDULE_SHUFFLE, &arena);
		struct schedule_cursor cursor = { 0 };
		int64_t last = 0;
		int differences = 0;
		int64_t first_cycle[MAX];

		for (int cycle = 0; cycle < 40; cycle++) {
			uint64_t seen = 0;

			for (int i = 0; i < n; i++) {
				int64_t id = next(&schedule, &cursor);

				assert_true(id > 0);
				assert_false(seen >> id & 1);
				assert_true(n == 1 || id != last);
				seen |= UINT64_C(1) << id;
				last = id;
				if (cycle == 0)
					first_cycle[i] = id;
				differences += first_cycle[i] != id;
			}
		}
		assert_true(n < 3 || differences > n);
	}
}

static void an_addition_reorders_nothing_else(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	uint64_t mask = 0xFFFFE;
	struct schedule before = over(mask, SCHEDULE_SHUFFLE, &arena);
	struct schedule after = over(mask | UINT64_C(1) << 40 | UINT64_C(1) << 41, SCHEDULE_SHUFFLE, &arena);
	struct schedule_cursor a = { 0 }, b;
	int additions = 0;

	(void)state;
	for (int i = 0; i < 7; i++)
		next(&before, &a);
	b = a;
	for (int i = 7; i < 19; i++) {
		int64_t x = next(&before, &a), y = next(&after, &b);

		while (y >= 40) {
			additions++;
			y = next(&after, &b);
		}
		assert_int_equal(x, y);
	}
	assert_true(additions <= 2);
}

static void a_removal_takes_only_its_own_turn(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	uint64_t mask = 0xFFFFE;
	struct schedule before = over(mask, SCHEDULE_SHUFFLE, &arena);
	struct schedule_cursor a = { 0 }, b;
	int64_t gone = 0;

	(void)state;
	for (int i = 0; i < 7; i++)
		gone = next(&before, &a);
	b = a;
	{ /* The one that has just aired, and three more. */
		struct schedule after =
			over(mask & ~(UINT64_C(1) << gone) & ~UINT64_C(0x70), SCHEDULE_SHUFFLE, &arena);

		for (int i = 7; i < 19; i++) {
			int64_t x = next(&before, &a);

			if (x >= 4 && x <= 6)
				continue;
			assert_int_equal(x, next(&after, &b));
		}
	}
}

static void a_change_of_order_keeps_both_turns(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct schedule order = over(0xFFE, SCHEDULE_ORDER, &arena),
			shuffle = over(0xFFE, SCHEDULE_SHUFFLE, &arena);
	struct schedule_cursor cursor = { 0 };
	int64_t last = 0, id;

	(void)state;
	for (int i = 0; i < 4; i++)
		last = next(&order, &cursor);
	for (int i = 0; i < 30; i++, last = id) {
		id = next(&shuffle, &cursor);
		assert_int_not_equal(id, last);
	}
	assert_int_equal(next(&order, &cursor), 5);
}

static void rounds_are_fair_and_owe(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct schedule s = over(0x3E, SCHEDULE_ORDER, &arena); /* 11 to 15 s */
	struct schedule_round round = { 0 };
	int aired[MAX] = { 0 };

	(void)state;
	/* Mostly too short a gap for the longest: it is owed, and taken as soon as it fits. */
	for (int i = 0; i < 100; i++) {
		int64_t max = (i % 10 == 9 ? 20 : 14) * PLAN_FLICKS;
		const struct schedule_item *item = schedule_round_next(&s.spots, &round, max, NULL, 0);

		assert_non_null(item);
		assert_true(item->flicks <= max);
		aired[item->item_id]++;
	}
	for (int i = 1; i <= 4; i++)
		assert_in_range(aired[i], 20, 25);
	assert_in_range(aired[5], 8, 11);
	/* Never the same twice in a break, and an end. */
	{
		int64_t used[8];
		size_t n = 0;
		const struct schedule_item *item;

		while ((item = schedule_round_next(&s.spots, &round, INT64_MAX, used, n))) {
			for (size_t i = 0; i < n; i++)
				assert_int_not_equal(used[i], item->item_id);
			used[n++] = item->item_id;
		}
		assert_int_equal(n, 5);
	}
}

static void parts_of_an_item_air_as_one(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct playable p[5] = { made(1, &arena), made(1, &arena), made(2, &arena), made(1, &arena),
				 made(3, &arena) };
	struct playable_list list = { p, 5 };
	struct schedule_items items;

	(void)state;
	p[0].part = 2, p[0].file_id = 9;
	p[3].part = 2, p[3].file_id = 10; /* a second copy of part 2 */
	p[4].duration_flicks = PLAN_FLICKS;
	schedule_group(&list, &arena, &items);
	assert_int_equal(items.count, 2);
	assert_int_equal(items.items[0].part_count, 2);
	assert_int_equal(items.items[0].parts[0]->part, 1);
	assert_int_equal(items.items[0].parts[1]->file_id, 9);
	assert_int_equal(items.items[1].part_count, 1);
	assert_int_equal(items.items[1].item_id, 2);
}

static void rules_are_checked(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"1",
		"{",
		"{\"query\": 1}",
		"{\"order\": \"random\"}",
		"{\"order\": 1}",
		"{\"grid\": -1}",
		"{\"grid\": 1441}",
		"{\"grid\": 1.5}",
		"{\"spots\": 1}",
		"{\"ordre\": \"order\"}",
		"{\"query\": {\"knd\": \"movie\"}}",
		"{\"query\": {\"kind\": 1}}",
		"{\"loops\": \"2\"}",
		"{\"query\": {\"search\": \"yaer:1\"}}",
		"{\"spots_search\": \"(a\"}",
		"{\"rating_limit\": \"Z\"}",
		"{\"break_every\": 1e99}",
		"{\"grid\": 1, \"grid\": 2}",
		"\xff\xfe",
	};
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *json = NULL;
	CLEANUP(buf_free) struct buf text = { 0 }, again = { 0 };
	struct schedule_rules rules;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		assert_true(schedule_parse(bad[i], &arena, &rules, &err) < 0);
		assert_true(strlen(err.text) > 10);
	}
	err_clear(&err);
	test_ok(schedule_parse("{}", &arena, &rules, &err), &err);
	assert_true(rules.spots && rules.bumpers && !rules.query.kind && rules.order == SCHEDULE_ORDER);
	test_ok(schedule_parse("{\"query\": {\"kind\": \"shows\", \"root\": \"/a%FFb\", \"search\": \"x\"}, "
			       "\"order\": \"loop\", \"loops\": 3, \"grid\": 30, \"spots\": false, "
			       "\"break_every\": 600}",
			       &arena, &rules, &err),
		&err);
	assert_string_equal(rules.query.kind, "episode");
	assert_string_equal(rules.query.root_path, "/a\xff"
						   "b");
	assert_int_equal(rules.loops, 3);
	json = schedule_json(&rules);
	json_write(&text, json);
	test_ok(schedule_parse(buf_text(&text), &arena, &rules, &err), &err);
	json_decref(json);
	json = schedule_json(&rules);
	json_write(&again, json);
	assert_string_equal(buf_text(&text), buf_text(&again));
}

static void a_cursor_survives_its_text(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct schedule_cursor c = { .rounds = 2, .last = 9 };
	struct schedule_cursor d;
	static const char *const damaged[] = { "", "{", "[]", "{\"key\": 5, \"spots\": {\"owed\": 3}}" };

	(void)state;
	for (int i = 0; i < SCHEDULE_PARTS; i++)
		c.turns[i] = (struct schedule_turn) { .key = "a\x01\xff%b",
						      .lap = 3 + i,
						      .cycle = 5,
						      .hash = UINT64_C(0xFEDCBA9876543210),
						      .shuffled = 7 + i,
						      .held = 8 };
	c.spots = (struct schedule_round) { .hash = 1, .item = 2, .owed = { 3, 4 }, .owed_count = 2 };
	d = schedule_cursor_parse(schedule_cursor_format(&c, &arena), &arena);
	for (int i = 0; i < SCHEDULE_PARTS; i++) {
		assert_string_equal(c.turns[i].key, d.turns[i].key);
		c.turns[i].key = d.turns[i].key = NULL;
	}
	assert_memory_equal(&c, &d, sizeof(c));
	for (size_t i = 0; i < ARRAY_LEN(damaged); i++)
		schedule_cursor_parse(damaged[i], &arena);
	schedule_cursor_parse(NULL, &arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_begins_again),
		cmocka_unit_test(order_survives_what_comes_and_goes),
		cmocka_unit_test(loops_end),
		cmocka_unit_test(shuffle_is_fair),
		cmocka_unit_test(an_addition_reorders_nothing_else),
		cmocka_unit_test(a_removal_takes_only_its_own_turn),
		cmocka_unit_test(a_change_of_order_keeps_both_turns),
		cmocka_unit_test(rounds_are_fair_and_owe),
		cmocka_unit_test(parts_of_an_item_air_as_one),
		cmocka_unit_test(rules_are_checked),
		cmocka_unit_test(a_cursor_survives_its_text),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
