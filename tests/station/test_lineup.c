/* What a channel costs while nobody watches: which are prepared. */
#include "lib/testlib.h"

#include "base/clock.h"
#include "base/cleanup.h"
#include "station/lineup.h"

#define NOW INT64_C(1793480400000)
#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* Two cores that prepare for a thousand channels that nobody watches would never rest. */
static void only_what_is_watched_is_prepared(void **state)
{
	static const struct {
		const char *prepare;
		int64_t watched_ms;
		bool disabled, prepared;
	} rows[] = {
		{ "watched", 0, false, false },
		{ "watched", NOW, false, true },
		{ "watched", NOW - 7 * DAY_MS + 1000, false, true },
		{ "watched", NOW - 7 * DAY_MS - 1000, false, false },
		{ "watched", NOW, true, false },
		{ "always", 0, false, true },
		{ "always", NOW - 900 * DAY_MS, false, true },
		{ "always", NOW, true, false },
		{ "never", NOW, false, false },
		{ "never", 0, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct channel channel = { .enabled = !rows[i].disabled, .prepare = rows[i].prepare, .watched_ms = rows[i].watched_ms };

		if (lineup_is_prepared(&channel, NOW) != rows[i].prepared)
			fail_msg("row %zu: %s", i, rows[i].prepare);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_watched_is_prepared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
