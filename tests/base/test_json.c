/* Paths of any bytes as JSON and back; keys that an object may not have. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/json_sort.h"

static void paths_come_back(void **state)
{
	static const struct {
		const char *path, *text;
	} rows[] = { { "/a b", "/a b" },
		     { "/a%20b", "/a%2520b" },
		     { "/a%2fb%FF", "/a%252fb%25FF" },
		     { "/100%", "/100%" },
		     { "/5% off, %zz %4 %00", "/5% off, %zz %4 %00" },
		     { "/%\xff" "41%4\xff", "/%%FF41%4%FF" },
		     { "/%%41%25", "/%%2541%2525" },
		     { "/\xff\xfe", "/%FF%FE" },
		     { "/half \xc3", "/half %C3" },
		     { "/two\nlines\t", "/two\nlines\t" },
		     { "/Zoë/日本", "/Zoë/日本" },
		     { "", "" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_cleanup) json_t *object = json_object();
		CLEANUP(cleanup_free) char *back = NULL;

		json_object_set_new(object, "path", json_from_path(rows[i].path));
		assert_string_equal(json_text(object, "path", "none"), rows[i].text);
		back = json_path(object, "path");
		assert_string_equal(back, rows[i].path);
	}
}

static void what_people_type_is_a_path_too(void **state)
{
	static const struct {
		const char *text, *path;
	} rows[] = { { "/100%", "/100%" }, { "/5% off", "/5% off" }, { "/%zz%4", "/%zz%4" }, { "/a%00b", "/a%00b" }, { "/%fF", "/\xff" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = json_path_parse(rows[i].text);

		assert_string_equal(path, rows[i].path);
	}
}

static void lists_are_sorted(void **state)
{
	static const struct {
		const char *sort, *order;
	} rows[] = { { "n", "aBc" }, { "-n", "cBa" }, { "t", "aBc" }, { "-t", "cBa" }, { "m", "Bca" }, { "-m", "acB" }, { "same", "cBa" }, { "-same", "cBa" } };
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_cleanup)
		json_t *list = json_pack("[{s:s,s:i,s:b,s:i},{s:s,s:f,s:n,s:i},{s:s,s:i,s:i,s:i}]", "t", "c", "n", 30, "m", 1, "same", 1, "t",
					 "B", "n", 2.5, "m", "same", 1, "t", "a", "n", -1, "m", 0, "same", 1);
		char order[4] = "";

		test_ok(json_sort(list, rows[i].sort, &err), &err);
		for (size_t k = 0; k < 3; k++)
			order[k] = *json_text(json_array_get(list, k), "t", "");
		assert_string_equal(order, rows[i].order);
		assert_int_equal(json_sort(list, "-other", &err), -ERR_USAGE);
		assert_string_equal(err.text, "nothing in this list can be sorted by 'other'");
		err_clear(&err);
	}
}

static void keys_are_known(void **state)
{
	static const char *const known[] = { "a", "b", NULL };
	CLEANUP(json_cleanup) json_t *good = json_pack("{s:i,s:n}", "b", 1, "a");
	CLEANUP(json_cleanup) json_t *bad = json_pack("{s:i,s:i}", "a", 1, "ab", 2);
	CLEANUP(json_cleanup) json_t *empty = json_object();
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_check_keys(good, "a thing", known, &err), 0);
	assert_int_equal(json_check_keys(empty, "a thing", known, &err), 0);
	assert_int_equal(json_check_keys(bad, "a thing", known, &err), -(int)ERR_INVALID);
	assert_string_equal(err.text, "a thing has no 'ab'");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(paths_come_back),
					    cmocka_unit_test(what_people_type_is_a_path_too),
					    cmocka_unit_test(keys_are_known), cmocka_unit_test(lists_are_sorted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
