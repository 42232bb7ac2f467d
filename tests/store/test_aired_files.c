/* Files on the air, asked of the log. */
#include "lib/station_fixture.h"

#include "store/aired_files.h"

#define MINUTE (INT64_C(60) * 1000000000)

static bool on_air(struct station_fixture *f, const char *title, int64_t from, int64_t to)
{
	struct err err = { 0 };
	int64_t id;
	bool aired;

	test_ok(db_int(f->db, &id, 0, &err,
		       "SELECT x.file_id FROM item_files x JOIN items i ON i.id = x.item_id WHERE i.title = ?", "t", title),
		&err);
	assert_true(id > 0);
	test_ok(aired_files_has(f->db, id, from, to, &aired, &err), &err);
	return aired;
}

static void only_what_is_on(void **state)
{
	struct station_fixture f;
	const struct fixture_item one = { .kind = "movie", .title = "One", .flicks = INT64_C(705600000) * 600 };
	const struct fixture_item two = { .kind = "movie", .title = "Two", .flicks = INT64_C(705600000) * 600 };
	const struct fixture_item other = { .kind = "commercial", .title = "Never", .flicks = INT64_C(705600000) * 600 };
	int64_t channel, now;
	int first, second;

	(void)state;
	station_fixture_open(&f, INT64_C(1800000000000));
	station_fixture_item(&f, &one);
	station_fixture_item(&f, &two);
	station_fixture_item(&f, &other);
	channel = station_fixture_channel(&f, 1, "One", "{\"order\": \"order\", \"query\": {\"kind\": \"movie\"}}", 1);
	now = station_now_ns(f.time);
	station_fixture_build(&f, channel, now + 120 * MINUTE);
	first = on_air(&f, "One", now + 5 * MINUTE, now + 5 * MINUTE + 1000);
	second = on_air(&f, "Two", now + 5 * MINUTE, now + 5 * MINUTE + 1000);
	assert_int_equal(first + second, 1); /* ten minutes each, in turn */
	assert_int_equal(on_air(&f, "One", now + 15 * MINUTE, now + 15 * MINUTE + 1000), second);
	assert_int_equal(on_air(&f, "Two", now + 15 * MINUTE, now + 15 * MINUTE + 1000), first);
	assert_true(on_air(&f, "One", now, now + 30 * MINUTE) && on_air(&f, "Two", now, now + 30 * MINUTE));
	assert_false(on_air(&f, "Never", now, now + 60 * MINUTE));
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_what_is_on) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
