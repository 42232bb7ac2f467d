/* Encoders by name: what HEVC gives is a segment like any other; a chip that is not here says so in a sentence. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "lib/clip_made.h"
#include "lib/ts_check.h"
#include "lib/ts_decode.h"
#include "stream/encode.h"
#include "stream/encoder_unit.h"
#include "stream/slate.h"

#define SEGMENTS 3

static char *dir;

static char *film(void)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/film.mkv", dir) > 0);
	test_media(path, "-f lavfi -i testsrc2=s=320x180:r=25 -f lavfi -i sine=f=440:r=48000 -t 7 -c:v libx264 -preset ultrafast "
			 "-g 60 -c:a flac");
	return path;
}

static struct clip clip_of(const char *path, const char *name)
{
	struct clip clip = { .path = path, .file_id = 1, .frames = 150 };

	clip.profile = (struct profile){ "", 160, 90, 25, 1, 28, 500, "superfast", 128, 1, 0, 0 };
	memcpy(clip.profile.name, name, strlen(name) + 1);
	profile_set_hash(&clip.profile);
	return clip;
}

/* Types of the units of the first picture. */
static size_t units_of(const struct ts_check *c, int *types, size_t max)
{
	const uint8_t *p = c->video + c->pictures[0].at;
	size_t count = 0;

	for (size_t i = 0; i + 3 < c->pictures[0].len && count < max; i++)
		if (memcmp(p + i, "\0\0\1", 3) == 0)
			types[count++] = p[i + 3] >> 1 & 63;
	return count;
}

static void check_hevc(const struct buf *ts, int64_t first, int64_t frames)
{
	CLEANUP(ts_check_free) struct ts_check c = { 0 };
	int types[8] = { 0 };

	if (ts_check(&c, (const uint8_t *)ts->data, ts->len, true) < 0)
		fail_msg("%s", c.error);
	assert_int_equal(c.picture_count, frames);
	assert_true(units_of(&c, types, ARRAY_LEN(types)) >= 5);
	assert_int_equal(types[0], 35); /* AUD, VPS, SPS, PPS, IDR (with or without RADL) */
	assert_int_equal(types[1], 32);
	assert_int_equal(types[2], 33);
	assert_int_equal(types[3], 34);
	assert_in_range(types[4], 19, 20);
	for (int64_t i = 0; i < frames; i++) {
		int64_t dts = (first + i - 1) * 3600;

		assert_int_equal((c.pictures[i].dts - dts) & 0x1FFFFFFFF, 0);
		assert_int_equal(c.pictures[i].random_access, i == 0);
	}
}

static void hevc_from_the_middle_is_the_same(void **state)
{
	CLEANUP(clip_made_free) struct clip_made whole = { 0 }, middle = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 };
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	CLEANUP(cleanup_free) char *path = film();
	struct clip clip = clip_of(path, "90p-hevc");
	struct err err = { 0 };

	(void)state;
	assert_true(profile_is_hevc(&clip.profile));
	test_ok(clip_made_try(&clip, 0, SEGMENTS, &whole, &err), &err);
	test_ok(clip_made_try(&clip, 1, SEGMENTS, &middle, &err), &err);
	for (int k = 0; k < SEGMENTS; k++) {
		struct plan_segment s = clip_segment(&clip, k);

		check_hevc(&whole.segment[k], s.first_frame, s.frames);
		buf_add(&all, whole.segment[k].data, whole.segment[k].len);
		if (!k)
			continue;
		assert_int_equal(whole.segment[k].len, middle.segment[k].len);
		assert_memory_equal(whole.segment[k].data, middle.segment[k].data, middle.segment[k].len);
	}
	ts_decode(all.data, all.len, &d);
	assert_int_equal(d.pictures, 150);
	assert_int_equal(d.keys, SEGMENTS);
	assert_int_equal(d.complaints, 0);
}

/* Offset of the first picture's slice: before it stand delimiter and parameter sets. */
static size_t headers_of(const struct ts_check *c, const uint8_t **ret)
{
	const uint8_t *p = c->video + c->pictures[0].at;
	size_t i = 0;

	while (i + 3 < c->pictures[0].len && !(memcmp(p + i, "\0\0\1", 3) == 0 && (p[i + 3] >> 1 & 63) < 32))
		i++;
	*ret = p;
	return i;
}

/* Segments of all efforts may follow one another. */
static void less_effort_has_the_same_headers(void **state)
{
	CLEANUP(cleanup_free) char *path = film();
	struct clip clip = clip_of(path, "90p-hevc");
	CLEANUP(ts_check_free) struct ts_check full = { 0 };

	(void)state;
	for (int effort = 0; effort < PROFILE_EFFORTS; effort++) {
		CLEANUP(clip_made_free) struct clip_made r = { 0 };
		CLEANUP(ts_check_free) struct ts_check less = { 0 };
		struct ts_check *c = effort ? &less : &full;
		const uint8_t *a, *b;
		struct err err = { 0 };
		size_t len;

		clip.profile.effort = effort;
		test_ok(clip_made_try(&clip, 0, 1, &r, &err), &err);
		assert_int_equal(ts_check(c, (const uint8_t *)r.segment[0].data, r.segment[0].len, true), 0);
		len = headers_of(&full, &a);
		assert_true(len > 40);
		assert_int_equal(headers_of(c, &b), len);
		assert_memory_equal(a, b, len);
	}
}

/* Slate may come before and after any segment of the channel, so it is HEVC too. */
static void the_slate_of_hevc(void **state)
{
	json_t *request = json_pack("{s:s, s:s, s:i, s:i, s:o}", "job", "slate", "profile", "720p-hevc", "fps_num", 25, "fps_den",
				    1, "cache", json_from_path(dir));
	CLEANUP(buf_free) struct buf ts = { 0 };
	json_t *done = NULL;
	struct profile profile;
	struct slate *slate;
	struct err err = { 0 };
	struct plan_segment s = plan_segment(500, (struct plan_rate){ 25, 1 }, 2);

	(void)state;
	test_ok(profile_get("720p-hevc", 25, 1, &profile, &err), &err);
	test_ok(slate_job(NULL, request, &done, &err), &err);
	slate = slate_load(dir, &profile, &err);
	assert_non_null(slate);
	test_ok(slate_write(&ts, slate, &s, &err), &err);
	check_hevc(&ts, s.first_frame, s.frames);
	slate_free(slate);
	json_decref(request);
	json_decref(done);
}

static int probe(const char *profile, struct err *err)
{
	json_t *request = json_pack("{s:s, s:s, s:i, s:i}", "job", "encoder_probe", "profile", profile, "fps_num", 25, "fps_den", 1);
	json_t *done = NULL;
	int rc = encoder_probe_job(NULL, request, &done, err);

	assert_int_equal(rc >= 0, done != NULL);
	json_decref(done);
	json_decref(request);
	return rc;
}

static void what_works_is_found_to(void **state)
{
	struct err err = { 0 };

	(void)state;
	test_ok(probe("480p", &err), &err);
	test_ok(probe("720p-hevc", &err), &err);
	assert_true(probe("480p+nothing", &err) < 0);
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* The machine that tests may have such a chip: then it must work. */
static void a_chip_that_is_missing_says_so(void **state)
{
	static const char *const profiles[][2] = {
		{ "480p+vaapi", "h264_vaapi" }, { "480p+nvenc", "h264_nvenc" }, { "480p+qsv", "h264_qsv" }
	};
	CLEANUP(cleanup_free) char *path = film();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		CLEANUP(clip_made_free) struct clip_made r = { 0 };
		struct clip clip = clip_of(path, profiles[i][0]);
		struct err err = { 0 };

		if (probe(profiles[i][0], &err) >= 0)
			continue;
		assert_non_null(strstr(err.text, profiles[i][1]));
		assert_non_null(strstr(err.text, "needs"));
		fprintf(stderr, "%s\n", err.text);
		err_clear(&err);
		assert_true(clip_made_try(&clip, 0, 1, &r, &err) < 0);
		assert_true(err.code == ERR_INTERNAL || err.code == ERR_UNSUPPORTED); /* no fault of the file */
	}
}

struct unit_row {
	const char *data;
	size_t len;
	const char *extra;
	size_t extra_len;
	bool hevc, key, good;
	const char *want;
	size_t want_len;
};
#define BYTES(s) (s), sizeof(s) - 1

static void access_units(void **state)
{
	static const struct unit_row rows[] = {
		{ BYTES("\0\0\0\1\x09\xF0\0\0\1\x67\1\0\0\1\x68\2\0\0\1\x06\5\x7F\0\0\1\x65\3"), NULL, 0, false, true, true,
		  BYTES("\0\0\0\1\x09\xF0\0\0\0\1\x67\1\0\0\0\1\x68\2\0\0\0\1\x65\3") },
		{ BYTES("\0\0\1\x65\3"), BYTES("\0\0\0\1\x67\1\0\0\0\1\x68\2"), false, true, true,
		  BYTES("\0\0\0\1\x09\xF0\0\0\0\1\x67\1\0\0\0\1\x68\2\0\0\0\1\x65\3") },
		{ BYTES("\0\0\1\x41\3"), BYTES("\0\0\0\1\x67\1"), false, false, true, BYTES("\0\0\0\1\x09\xF0\0\0\0\1\x41\3") },
		{ BYTES("\0\0\1\x65\3"), NULL, 0, false, true, false, NULL, 0 },
		{ BYTES("\0\0\1\x09\xF0"), NULL, 0, false, false, false, NULL, 0 },
		{ BYTES(""), NULL, 0, false, false, false, NULL, 0 },
		{ BYTES("\0\0\1\x02\1\3"), NULL, 0, true, false, true, BYTES("\0\0\0\1\x46\1\x50\0\0\0\1\x02\1\3") },
		{ BYTES("\0\0\1\x4E\1\5\7\0\0\1\x26\1\3"), BYTES("\0\0\1\x40\1\1\0\0\1\x42\1\1\0\0\1\x44\1\1"), true, true, true,
		  BYTES("\0\0\0\1\x46\1\x50\0\0\0\1\x40\1\1\0\0\0\1\x42\1\1\0\0\0\1\x44\1\1\0\0\0\1\x26\1\3") },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct unit_row *row = &rows[i];
		CLEANUP(buf_free) struct buf to = { 0 };
		const struct encoder_packet p = { (const uint8_t *)row->data, row->len, (const uint8_t *)row->extra,
						  row->extra_len, row->hevc, row->key, 0 };

		assert_int_equal(encoder_unit_add(&to, &p), row->good);
		assert_int_equal(to.len, row->want_len);
		if (row->want_len)
			assert_memory_equal(to.data, row->want, row->want_len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(access_units),
		cmocka_unit_test(hevc_from_the_middle_is_the_same),
		cmocka_unit_test(less_effort_has_the_same_headers),
		cmocka_unit_test(the_slate_of_hevc),
		cmocka_unit_test(what_works_is_found_to),
		cmocka_unit_test(a_chip_that_is_missing_says_so),
	};

	dir = test_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
