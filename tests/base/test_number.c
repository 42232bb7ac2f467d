/* What is a whole number and what is none. */
#include "lib/testlib.h"

#include "base/cleanup.h"
#include "base/number.h"

static void whole_numbers(void **state)
{
	static const struct {
		const char *text;
		int rc;
		int64_t value;
	} rows[] = { { "0", 0, 0 },
		     { "42", 0, 42 },
		     { "-7", 0, -7 },
		     { "9223372036854775807", 0, INT64_MAX },
		     { "-9223372036854775808", 0, INT64_MIN },
		     { "9223372036854775808", -1, 5 },
		     { "-9223372036854775809", -1, 5 },
		     { "", -1, 5 },
		     { "x", -1, 5 },
		     { "-", -1, 5 },
		     { "1x", -1, 5 },
		     { "1.5", -1, 5 },
		     { "0x10", -1, 5 },
		     { "1 ", -1, 5 },
		     { " 1", -1, 5 },
		     { "\n1", -1, 5 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t value = 5;

		assert_int_equal(number_parse(rows[i].text, &value), rows[i].rc);
		assert_int_equal(value, rows[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whole_numbers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
