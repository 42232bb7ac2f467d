/* Profiles: the three there are, their hash, the nearest rate. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stream/copy_plan.h"
#include "stream/profile.h"

static void the_three_profiles(void **state)
{
	static const struct profile rows[] = {
		{ "480p", 854, 480, 25, 1, 23, 2000, "veryfast", 128, 1, 0, 0 },
		{ "720p", 1280, 720, 25, 1, 23, 4500, "veryfast", 160, 1, 0, 0 },
		{ "1080p", 1920, 1080, 25, 1, 22, 9000, "veryfast", 192, 1, 0, 0 },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct profile p;

		test_ok(profile_get(rows[i].name, 25, 1, &p, &err), &err);
		assert_int_not_equal(p.hash, 0);
		assert_string_equal(p.name, rows[i].name);
		assert_int_equal(p.width, rows[i].width);
		assert_int_equal(p.height, rows[i].height);
		assert_int_equal(p.fps_num, 25);
		assert_int_equal(p.fps_den, 1);
		assert_int_equal(p.crf, rows[i].crf);
		assert_int_equal(p.maxrate_kbps, rows[i].maxrate_kbps);
		assert_string_equal(p.preset, rows[i].preset);
		assert_int_equal(p.audio_kbps, rows[i].audio_kbps);
		assert_int_equal(p.reorder, 1);
	}
}

static void unknown_ones_are_refused(void **state)
{
	struct profile p = { .crf = 77 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(profile_get("4K", 25, 1, &p, &err), -ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "720p"));
	err_clear(&err);
	assert_int_equal(profile_get("720p", 26, 1, &p, &err), -ERR_INVALID);
	assert_int_equal(profile_get("720p", 0, 0, &p, NULL), -ERR_INVALID);
	assert_int_equal(p.crf, 77);
}

static void every_field_is_in_the_hash(void **state)
{
	struct profile a, b;

	(void)state;
	assert_int_equal(profile_get("720p", 25, 1, &a, NULL), 0);
#define CHANGED(field, value) \
	do { \
		b = a; \
		b.field = value; \
		profile_set_hash(&b); \
		assert_true(a.hash != b.hash); \
	} while (0)
	CHANGED(name[0], '8');
	CHANGED(width, 1278);
	CHANGED(height, 718);
	CHANGED(fps_num, 50);
	CHANGED(fps_den, 2);
	CHANGED(crf, 22);
	CHANGED(maxrate_kbps, 4501);
	CHANGED(preset, "fast");
	CHANGED(audio_kbps, 161);
	CHANGED(reorder, 2);
#undef CHANGED
	b = a;
	profile_set_hash(&b);
	assert_true(a.hash == b.hash);
}

static void the_nearest_rate(void **state)
{
	static const struct {
		int num, den, want_num, want_den;
	} rows[] = {
		{ 24000, 1001, 24000, 1001 },
		{ 24, 1, 24000, 1001 },
		{ 25, 1, 25, 1 },
		{ 50, 2, 25, 1 },
		{ 30000, 1001, 30000, 1001 },
		{ 30, 1, 30000, 1001 },
		{ 50, 1, 50, 1 },
		{ 48, 1, 50, 1 },
		{ 60, 1, 60000, 1001 },
		{ 60000, 1001, 60000, 1001 },
		{ 100, 1, 50, 1 },
		{ 120, 1, 60000, 1001 },
		{ 25, 2, 25, 1 },
		{ 15, 1, 30000, 1001 },
		{ 0, 0, 25, 1 },
		{ -5, 1, 25, 1 },
		{ 90000, 1, 25, 1 },
		{ 1, 90000, 25, 1 },
		{ 2147483647, 1, 25, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int num = 0, den = 0;

		profile_fps(rows[i].num, rows[i].den, &num, &den);
		assert_int_equal(num, rows[i].want_num);
		assert_int_equal(den, rows[i].want_den);
	}
}

static void encoders_by_name(void **state)
{
	static const struct {
		const char *name;
		enum profile_encoder encoder;
	} rows[] = { { "480p", PROFILE_X264 },	       { "720p+vaapi", PROFILE_VAAPI }, { "1080p+nvenc", PROFILE_NVENC },
		     { "1080p+qsv", PROFILE_QSV },      { "720p-hevc", PROFILE_X265 },	 { "source", PROFILE_X264 },
		     { "source-hevc", PROFILE_X265 } };
	static const char *const bad[] = { "720p+x", "720p+", "+vaapi", "source+vaapi", "source-hevc+vaapi", "720p-hevc+vaapi", "720p+vaapi+qsv", "7+qsv" };
	struct profile p, plain, back;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		test_ok(profile_get(rows[i].name, 25, 1, &p, &err), &err);
		assert_string_equal(p.name, rows[i].name);
		assert_int_equal(profile_encoder(&p), rows[i].encoder);
		assert_int_equal(profile_encoder_named(profile_encoder_name(rows[i].encoder)), rows[i].encoder);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(profile_get(bad[i], 25, 1, &p, NULL), -ERR_NOT_FOUND);
	test_ok(profile_get("720p", 25, 1, &plain, &err), &err);
	test_ok(profile_get("720p+vaapi", 25, 1, &p, &err), &err);
	assert_true(p.hash != plain.hash);
	back = profile_encoded_by(&plain, PROFILE_VAAPI);
	assert_int_equal(back.hash, p.hash);
	back = profile_encoded_by(&p, PROFILE_X264);
	assert_int_equal(back.hash, plain.hash);
	back = profile_stand_in(&p);
	assert_int_equal(back.hash, plain.hash);
	back = profile_encoded_by(&p, PROFILE_QSV);
	assert_string_equal(back.name, "720p+qsv");
	test_ok(profile_get("720p-hevc", 25, 1, &p, &err), &err);
	back = profile_encoded_by(&p, PROFILE_QSV);
	assert_int_equal(back.hash, p.hash);
}

static void what_stands_in(void **state)
{
	struct profile a, b;
	struct err err = { 0 };

	(void)state;
	test_ok(profile_get("720p", 30000, 1001, &a, &err), &err);
	b = profile_stand_in(&a);
	assert_int_equal(a.hash, b.hash);
	assert_true(profile_get("720p", PROFILE_COPY_RATE, 1, &a, &err) < 0);
	err_clear(&err);
	test_ok(profile_get(PROFILE_SOURCE, PROFILE_COPY_RATE, 1, &a, &err), &err);
	b = profile_stand_in(&a);
	test_ok(profile_get(PROFILE_SOURCE, 25, 1, &a, &err), &err);
	assert_int_equal(a.hash, b.hash);
	assert_false(profile_is_copy(&b));
	test_ok(profile_get(PROFILE_SOURCE_HEVC, PROFILE_COPY_RATE, 1, &a, &err), &err);
	assert_true(profile_is_hevc(&a));
	b = profile_stand_in(&a);
	test_ok(profile_get(PROFILE_SOURCE_HEVC, 25, 1, &a, &err), &err);
	assert_int_equal(a.hash, b.hash);
	assert_true(profile_is_hevc(&b));
}

static void what_is_copied(void **state)
{
	static const struct {
		const char *name, *codec;
	} rows[] = { { "720p", NULL }, { "720p-hevc", NULL }, { "720p+qsv", NULL }, { "source", "h264" }, { "source-hevc", "hevc" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(profile_copies(rows[i].name), rows[i].codec != NULL);
		if (rows[i].codec)
			assert_string_equal(profile_copied(rows[i].name), rows[i].codec);
		assert_int_equal(profile_leans(rows[i].name), rows[i].codec && strcmp(rows[i].codec, "hevc") == 0);
	}
}

/* Where what is encoded meets what is copied, decoding times go on as within a row: both begin as long before the row. */
static void encoded_and_copied_meet(void **state)
{
	static const int rates[][2] = { { 24000, 1001 }, { 25, 1 }, { 30000, 1001 }, { 50, 1 }, { 60000, 1001 }, { PROFILE_COPY_RATE, 1 } };

	static const char *const names[] = { PROFILE_SOURCE, PROFILE_SOURCE_HEVC };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rates) * ARRAY_LEN(names); i++) {
		const int *rate = rates[i / ARRAY_LEN(names)];
		struct profile p;
		int64_t frame;

		assert_int_equal(profile_get(names[i % ARRAY_LEN(names)], rate[0], rate[1], &p, NULL), 0);
		frame = INT64_C(90000) * p.fps_den / p.fps_num;
		assert_int_equal(profile_dts(&p, 0), -COPY_PLAN_DELAY);
		assert_true(p.reorder * frame <= COPY_PLAN_DELAY);
		assert_true(profile_dts(&p, 100) - 100 * frame >= -COPY_PLAN_DELAY);
		/* What sound waits at the end of a segment: seven frames of it. */
		assert_true(COPY_PLAN_DELAY + profile_delay(&p) <= 7 * 1920);
		assert_true(profile_delay(&p) > frame); /* a picture that is sent within its time has arrived */
	}
}

/* What others deliver is not touched by that. */
static void others_are_decoded_by_pictures(void **state)
{
	struct profile p;

	(void)state;
	assert_int_equal(profile_get("720p", 25, 1, &p, NULL), 0);
	assert_int_equal(profile_dts(&p, 10), 9 * 3600);
	assert_int_equal(profile_delay(&p), 0);
	assert_true(p.hash == UINT64_C(0xEFF41B57FEF52ADA));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_three_profiles),
		cmocka_unit_test(unknown_ones_are_refused),
		cmocka_unit_test(every_field_is_in_the_hash),
		cmocka_unit_test(encoders_by_name),
		cmocka_unit_test(what_stands_in),
		cmocka_unit_test(what_is_copied),
		cmocka_unit_test(the_nearest_rate),
		cmocka_unit_test(encoded_and_copied_meet),
		cmocka_unit_test(others_are_decoded_by_pictures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
