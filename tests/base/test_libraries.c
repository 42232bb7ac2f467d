/* test_libraries.c - libraries that are there, are not there, or lack what is wanted of them. */
#include "lib/testlib.h"

#include <string.h>

#include "base/libraries.h"

static const char *const known[] = { "cos", "sqrt" };
static const char *const unknown[] = { "sqrt", "no_such_function" };

static void what_is_there_can_be_called(void **state)
{
	void *places[] = { (void *)libraries_missing, (void *)libraries_missing }, *kept;
	const struct library list[] = { { "libm.so.6", known, places, 2 }, { 0 } };
	struct err err = { 0 };
	double (*root)(double);

	(void)state;
	test_ok(libraries_load(list, &err), &err);
	memcpy(&root, &places[1], sizeof(root));
	assert_true(root(2.25) == 1.5);
	kept = places[0];
	test_ok(libraries_load(list, &err), &err); /* nothing is left to do */
	assert_ptr_equal(places[0], kept);
}

static void expect_failure(const struct library *bad, const char *soname, const char *why)
{
	void *places[] = { (void *)libraries_missing, (void *)libraries_missing };
	const struct library list[] = { { "libm.so.6", known, places, 2 }, *bad, { 0 } };
	struct err err = { 0 };

	assert_int_equal(libraries_load(list, &err), -ERR_UNSUPPORTED);
	if (strncmp(err.text, "load the library ", 17) != 0 || !strstr(err.text, soname) || !strstr(err.text, why) ||
	    !strstr(err.text, "; install"))
		fail_msg("%s", err.text);
	assert_ptr_equal(places[0], (void *)libraries_missing);
}

static void what_is_not_there_gives_a_sentence(void **state)
{
	void *places[] = { (void *)libraries_missing, (void *)libraries_missing };
	const struct library away = { "libmatinee-test-none.so.7", known, places, 2 };
	const struct library lacking = { "libm.so.6", unknown, places, 2 };

	(void)state;
	expect_failure(&away, "libmatinee-test-none.so.7: cannot open", "No such file"); /* its name once */
	expect_failure(&lacking, "libm.so.6", "no_such_function");
	assert_ptr_equal(places[0], (void *)libraries_missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_there_can_be_called),
		cmocka_unit_test(what_is_not_there_gives_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
