/* Parts of the day: across midnight, always, off, and nonsense. */
#include "lib/testlib.h"

#include "base/cleanup.h"
#include "library/window.h"

static void parts_of_the_day(void **state)
{
	static const struct {
		const char *text;
		int minute;
		bool holds;
	} rows[] = {
		{ "02:00-06:00", 119, false }, { "02:00-06:00", 120, true }, { "02:00-06:00", 359, true },
		{ "02:00-06:00", 360, false }, { "22:30-5:00", 1350, true }, { "22:30-5:00", 0, true },
		{ "22:30-5:00", 299, true },   { "22:30-5:00", 300, false }, { "22:30-5:00", 1349, false },
		{ "always", 0, true },	       { "ALWAYS", 1439, true },     { "off", 720, false },
		{ "20:00-24:00", 1439, true }, { "20:00-24:00", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = { 0 };
		struct window window;

		test_ok(window_parse(rows[i].text, &window, &err), &err);
		if (window_holds(&window, rows[i].minute) != rows[i].holds)
			fail_msg("%s at minute %d", rows[i].text, rows[i].minute);
	}
}

static void nonsense(void **state)
{
	static const char *const rows[] = {
		"",	 "2-6", "25:00-06:00", "02:00-06:60", "02:00-06:00x", "02:00-02:00", "-1:00-06:00",
		"02:00", "yes"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct window window = { 7, 7 };
		struct err err = { 0 };

		if (window_parse(rows[i], &window, &err) != -ERR_USAGE)
			fail_msg("'%s' is taken for a part of the day", rows[i]);
		assert_int_equal(window.from, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(parts_of_the_day), cmocka_unit_test(nonsense) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
