/* Where an id stands in a list, or would. */
#include "lib/testlib.h"

#include "base/by_id.h"
#include "base/cleanup.h"

struct thing {
	int64_t id;
	char more[5];
};

static void it_is_where_it_stands_or_would(void **state)
{
	struct thing things[] = { { -3, "" }, { 1, "" }, { 4, "" }, { 4, "" }, { INT64_MAX, "" } };
	static const struct {
		int64_t id;
		size_t count, place;
	} rows[] = { { 7, 0, 0 },  { INT64_MIN, 5, 0 }, { -3, 5, 0 }, { -2, 5, 1 }, { 1, 5, 1 }, { 3, 5, 2 },
		     { 4, 5, 2 }, { 5, 5, 4 }, { INT64_MAX, 5, 4 }, { INT64_MAX, 4, 4 }, { 5, 1, 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(by_id_place(things, rows[i].count, sizeof(*things), rows[i].id), rows[i].place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_where_it_stands_or_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
