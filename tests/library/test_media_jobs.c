/* test_media_jobs.c - requests of the media jobs: paths of every kind there and back, nonsense refused. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "library/media_jobs.h"

static void test_nonsense(void **state)
{
	static const char *const bad[] = { "{}", "{\"path\":1}", "{\"path\":\"relative.mkv\"}", "[]", "{\"path\":\"\"}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };
		json_t *request = json_parse(bad[i], strlen(bad[i]), &err), *done = NULL;

		assert_int_equal(probe_job(NULL, request, &done, &err), -ERR_INVALID);
		err_clear(&err);
		assert_int_equal(thumbnail_job(NULL, request, &done, &err), -ERR_INVALID);
		assert_null(done);
		json_decref(request);
	}
}

static void test_hostile_path(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir(), *plain = NULL, *odd = NULL, *jpeg = NULL, *back = NULL;
	json_t *request, *done = NULL;
	struct err err = { 0 };

	(void)state;
	assert_true(asprintf(&plain, "%s/a.mkv", dir) > 0 && asprintf(&odd, "%s/a: %%41\n\xff.mkv", dir) > 0 &&
		    asprintf(&jpeg, "%s/\xff%%.jpg", dir) > 0);
	test_media(plain, "-f lavfi -i testsrc2=s=160x90:r=25 -t 1 -c:v mpeg4");
	assert_int_equal(rename(plain, odd), 0);
	request = json_pack("{s:o, s:o, s:i, s:i}", "path", json_from_path(odd), "to", json_from_path(jpeg), "at_ms", 200,
			    "width", 64);
	test_ok(probe_job(NULL, request, &done, &err), &err);
	assert_int_equal(json_int(done, "width", 0), 160);
	json_decref(done);
	test_ok(thumbnail_job(NULL, request, &done, &err), &err);
	back = json_path(done, "to");
	assert_string_equal(back, jpeg);
	assert_int_equal(access(jpeg, R_OK), 0);
	json_decref(done);
	json_decref(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_nonsense), cmocka_unit_test(test_hostile_path) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
