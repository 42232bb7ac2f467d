/* The Range header: what is honoured, what is ignored, what cannot be satisfied. */
#include "lib/testlib.h"

#include "server/range.h"

static const struct row {
	const char *header;
	int64_t size;
	enum range_kind kind;
	int64_t first, length;
} rows[] = {
	{ NULL, 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=0-0", 1000, RANGE_PART, 0, 1 },
	{ "bytes=0-499", 1000, RANGE_PART, 0, 500 },
	{ "bytes=500-", 1000, RANGE_PART, 500, 500 },
	{ "bytes=-500", 1000, RANGE_PART, 500, 500 },
	{ "bytes=-5000", 1000, RANGE_PART, 0, 1000 },
	{ "bytes=999-99999", 1000, RANGE_PART, 999, 1 },
	{ "bytes=0-18446744073709551616", 1000, RANGE_PART, 0, 1000 },
	{ "BYTES= 10 - 20 ", 1000, RANGE_WHOLE, 0, 1000 }, /* blanks inside are no grammar */
	{ "bytes= 10-20 ", 1000, RANGE_PART, 10, 11 },
	{ "bytes=1000-", 1000, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=18446744073709551616-", 1000, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=9223372036854775807-9223372036854775807", 1000, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=-0", 1000, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=0-", 0, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=-1", 0, RANGE_UNSATISFIABLE, 0, 0 },
	{ "bytes=20-10", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=0-1,5-6", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=0-10,5-15,0-", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=-", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=--5", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=-5-", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=1-2-3", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=a-b", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=0x1-2", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes", 1000, RANGE_WHOLE, 0, 1000 },
	{ "items=0-5", 1000, RANGE_WHOLE, 0, 1000 },
	{ "", 1000, RANGE_WHOLE, 0, 1000 },
	{ "bytes=0-9223372036854775807", INT64_MAX, RANGE_PART, 0, INT64_MAX },
};

static void every_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct range got = range_parse(rows[i].header, rows[i].size);

		if (got.kind != rows[i].kind || got.first != rows[i].first || got.length != rows[i].length)
			fail_msg("'%s' of %lld: kind %d, %lld + %lld",
				 rows[i].header ? rows[i].header : "(none)", (long long)rows[i].size,
				 got.kind, (long long)got.first, (long long)got.length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_header) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
