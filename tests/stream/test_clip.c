/* Clips: the key, the way to a worker and back, and what a hostile request meets. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stream/clip.h"

static struct clip sample(void)
{
	struct clip c = { .id = 7,
			  .path = "/films/a%b\xff.mkv",
			  .file_id = 3,
			  .in_flicks = 5 * PLAN_FLICKS,
			  .frames = 250,
			  .gain_mb = -350 };

	assert_int_equal(profile_get("720p", 25, 1, &c.profile, NULL), 0);
	clip_set_key(&c, "00112233445566778899aabbccddeeff");
	return c;
}

static void the_key_holds_what_matters(void **state)
{
	struct clip a = sample(), b = sample();

	(void)state;
	assert_int_equal(strlen(a.key), 32);
	assert_int_equal(strspn(a.key, "0123456789abcdef"), 32);
	b.id = 99; /* ids and paths differ between stores; the picture does not */
	b.file_id = 98;
	b.path = "/elsewhere";
	clip_set_key(&b, "00112233445566778899aabbccddeeff");
	assert_string_equal(a.key, b.key);
#define CHANGED(change) \
	do { \
		b = sample(); \
		change; \
		clip_set_key(&b, "00112233445566778899aabbccddeeff"); \
		assert_string_not_equal(a.key, b.key); \
	} while (0)
	CHANGED(b.in_flicks++);
	CHANGED(b.frames++);
	CHANGED(b.gain_mb++);
	CHANGED(b.profile.hash++);
#undef CHANGED
	clip_set_key(&b, "slate");
	assert_string_not_equal(a.key, b.key);
}

static void there_and_back(void **state)
{
	struct clip a = sample(), b;
	struct arena arena = { 0 };
	struct err err = { 0 };

	(void)state;
	for (int slate = 0; slate < 2; slate++) {
		CLEANUP(json_cleanup) json_t *json = NULL;

		if (slate)
			a.path = NULL;
		json = clip_to_json(&a);
		test_ok(clip_from_json(json, &arena, &b, &err), &err);
		assert_int_equal(b.id, a.id);
		assert_int_equal(b.file_id, a.file_id);
		assert_int_equal(b.in_flicks, a.in_flicks);
		assert_int_equal(b.frames, a.frames);
		assert_int_equal(b.gain_mb, a.gain_mb);
		assert_string_equal(b.key, a.key);
		assert_true(b.profile.hash == a.profile.hash);
		assert_string_equal(b.profile.preset, a.profile.preset);
		assert_int_equal(b.profile.maxrate_kbps, a.profile.maxrate_kbps);
		if (slate)
			assert_null(b.path);
		else
			assert_string_equal(b.path, a.path);
	}
	arena_free(&arena);
}

static void refuse(const char *where, const char *key, json_t *value /* stolen; NULL: removed */)
{
	struct clip a = sample(), b = { .frames = 4711 };
	CLEANUP(json_cleanup) json_t *json = clip_to_json(&a);
	json_t *object = where ? json_object_get(json, where) : json;
	struct arena arena = { 0 };
	struct err err = { 0 };

	if (value)
		json_object_set_new(object, key, value);
	else
		json_object_del(object, key);
	if (clip_from_json(json, &arena, &b, &err) != -ERR_INVALID)
		fail_msg("'%s' was accepted", key);
	assert_true(err.text[0]);
	assert_int_equal(b.frames, 4711);
	arena_free(&arena);
}

static void bad_ones_are_refused(void **state)
{
	struct clip c;
	struct err err = { 0 };

	(void)state;
	refuse(NULL, "key", json_string("../../../../../../etc/passwd...."));
	refuse(NULL, "key", json_string("00112233445566778899AABBCCDDEEFF"));
	refuse(NULL, "key", NULL);
	refuse(NULL, "frames", json_integer(0));
	refuse(NULL, "frames", json_integer(INT64_MAX));
	refuse(NULL, "frames", json_string("50"));
	refuse(NULL, "in_flicks", json_integer(INT64_MIN));
	refuse(NULL, "in_flicks", json_integer(INT64_MAX));
	refuse(NULL, "gain_mb", json_integer(100000));
	refuse(NULL, "id", json_integer(-1));
	refuse(NULL, "path", json_string("relative/-rf"));
	refuse(NULL, "path", json_integer(5));
	refuse(NULL, "profile", NULL);
	refuse("profile", "name", json_string(""));
	refuse("profile", "name", json_string("a name longer than fits"));
	refuse("profile", "width", json_integer(1281));
	refuse("profile", "width", json_integer(1000000));
	refuse("profile", "fps_num", json_integer(26));
	refuse("profile", "fps_den", json_integer(0));
	refuse("profile", "preset", json_string("--help"));
	refuse("profile", "reorder", json_integer(50));
	refuse("profile", "crf", json_integer(20)); /* in range, but no longer what was hashed */
	refuse("profile", "hash", json_string("0000000000000000"));
	assert_int_equal(clip_from_json(NULL, NULL, &c, &err), -ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_holds_what_matters),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(bad_ones_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
