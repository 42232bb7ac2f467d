/* Paths of any bytes as JSON and back; keys that an object may not have. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

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
					    cmocka_unit_test(keys_are_known) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
