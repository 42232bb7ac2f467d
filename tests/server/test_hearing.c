/* How loud files are: what counts for good, and what is tried again. */
#include "lib/testlib.h"

#include "base/cleanup.h"
#include "server/hearing.h"

static void what_passes_does_not_last(void **state)
{
	static const struct row {
		enum err_code code;
		bool lasts;
	} rows[] = {
		{ ERR_MEDIA, true },	{ ERR_WORKER, true }, { ERR_INVALID, true },   { ERR_UNSUPPORTED, true },
		{ ERR_TIMEOUT, false }, { ERR_IO, false },    { ERR_NOT_FOUND, false }, { ERR_BUSY, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err err = { .code = rows[i].code };

		assert_int_equal(hearing_lasts(&err), rows[i].lasts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_passes_does_not_last) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
