/* test_slate.c - the slate: made once, read with suspicion, cut to any segment of a clip. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "lib/ts_decode.h"
#include "stream/slate.h"

static char *dir;
static struct profile profile;

static void make(void)
{
	json_t *request = json_pack("{s:s, s:s, s:i, s:i, s:o}", "job", "slate", "profile", "480p", "fps_num", 30000,
				    "fps_den", 1001, "cache", json_from_path(dir));
	json_t *done = NULL;
	struct err err = { 0 };

	test_ok(profile_get("480p", 30000, 1001, &profile, &err), &err);
	test_ok(slate_job(NULL, request, &done, &err), &err);
	json_decref(request);
	json_decref(done);
}

static char *file_path(void)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/slate/%016llx.slate", dir, (unsigned long long)profile.hash) > 0);
	return path;
}

static void test_segments(void **state)
{
	struct plan_rate rate = { 30000, 1001 };
	struct err err = { 0 };
	struct slate *slate = slate_load(dir, &profile, &err);
	int64_t frames = plan_frames(7 * PLAN_FLICKS, rate), count = plan_segments(frames, rate);
	CLEANUP(buf_free) struct buf all = { 0 };
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };

	(void)state;
	test_ok(slate ? 0 : -1, &err);
	for (int64_t k = 0; k < count; k++) {
		struct plan_segment s = plan_segment(frames, rate, k);

		test_ok(slate_write(&all, slate, &s, &err), &err);
	}
	ts_decode(all.data, all.len, &d);
	assert_int_equal(d.complaints, 0);
	assert_int_equal(d.pictures, frames);
	assert_int_equal(d.keys, count);
	for (int i = 0; i < d.pictures; i++)
		assert_int_equal(d.picture_pts[i], plan_frame_ticks(i, rate));
	for (int i = 0; i < d.audio_packets; i++)
		assert_int_equal(d.audio_pts[i], i * PLAN_AUDIO_TICKS);
	assert_true(d.corner[0] < 50);
	assert_true(ts_decoded_onset(&d, 0, 0.0005f) < 0); /* silence */
	/* Longer than all its pictures (what stands in for a copied segment): each stays on for longer. */
	buf_reset(&all);
	ts_decoded_free(&d);
	test_ok(slate_write(&all, slate, &(struct plan_segment){ 0, 300, 0, 400 }, &err), &err);
	ts_decode(all.data, all.len, &d);
	assert_int_equal(d.complaints, 0);
	assert_true(d.pictures > 50 && d.picture_pts[d.pictures - 1] > plan_frame_ticks(290, rate));
	assert_true(slate_write(&all, slate, &(struct plan_segment){ 0, 5000, 0, 10 }, &err) < 0);
	assert_int_equal(err.code, ERR_RANGE);
	slate_free(slate);
}

static void test_missing(void **state)
{
	struct profile other = profile;
	struct err err = { 0 };

	(void)state;
	other.hash++;
	assert_null(slate_load(dir, &other, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* Every cut and every flipped byte is noticed. */
static void test_damage(void **state)
{
	CLEANUP(cleanup_free) char *path = file_path();
	CLEANUP(buf_free) struct buf file = { 0 };
	struct err err = { 0 };

	(void)state;
	test_ok(buf_read_file(&file, path, &err), &err);
	for (size_t i = 0; i < file.len; i += i < 64 ? 1 : file.len / 16) {
		for (int cut = 0; cut < 2; cut++) {
			FILE *f = fopen(path, "wb");

			file.data[i] ^= 0x41;
			fwrite(file.data, 1, cut ? i : file.len, f);
			fclose(f);
			file.data[i] ^= 0x41;
			err_clear(&err);
			assert_null(slate_load(dir, &profile, &err));
			assert_int_equal(err.code, ERR_INVALID);
		}
	}
}

static void test_requests(void **state)
{
	static const char *const bad[] = { "{}", "{\"profile\":\"480p\",\"fps_num\":25,\"fps_den\":1,\"cache\":\"x\"}",
					   "{\"profile\":\"9000p\",\"fps_num\":25,\"fps_den\":1,\"cache\":\"/tmp\"}",
					   "{\"profile\":\"480p\",\"fps_num\":0,\"fps_den\":0,\"cache\":\"/tmp\"}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = { 0 };
		json_t *request = json_parse(bad[i], strlen(bad[i]), &err), *done = NULL;

		assert_true(slate_job(NULL, request, &done, &err) < 0);
		assert_null(done);
		json_decref(request);
	}
}

/* A card per text: the same form as the slate, another picture; what a text says never reaches a filter's language. */
static void test_cards(void **state)
{
	static const char *const texts[] = { "Fire", "%{pts}':[in]=\\;,\n\n'\"", "\xe9\x9b\xaa \xf0\x9f\x94\xa5 \xd7\xa9",
					     "oneverylongwordoneverylongwordoneverylongwordoneverylongwordoneverylongwordone" };
	struct plan_segment s = plan_segment(60, (struct plan_rate){ 30000, 1001 }, 0);
	CLEANUP(buf_free) struct buf plain = { 0 };
	struct err err = { 0 };
	struct slate *slate = slate_load(dir, &profile, &err);

	(void)state;
	test_ok(slate_write(&plain, slate, &s, &err), &err);
	slate_free(slate);
	assert_null(slate_load_card(dir, &profile, texts[0], &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	err_clear(&err);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(buf_free) struct buf card = { 0 };
		CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
		json_t *request = json_pack("{s:s, s:s, s:i, s:i, s:o, s:s}", "job", "slate", "profile", "480p", "fps_num",
					    30000, "fps_den", 1001, "cache", json_from_path(dir), "text", texts[i]);
		json_t *done = NULL;

		test_ok(slate_job(NULL, request, &done, &err), &err);
		slate = slate_load_card(dir, &profile, texts[i], &err);
		test_ok(slate ? slate_write(&card, slate, &s, &err) : -1, &err);
		ts_decode(card.data, card.len, &d);
		assert_int_equal(d.complaints, 0);
		assert_int_equal(d.pictures, s.frames);
		assert_int_equal(d.audio_packets, s.audio_frames);
		assert_true(card.len != plain.len || memcmp(card.data, plain.data, plain.len) != 0);
		slate_free(slate);
		json_decref(request);
		json_decref(done);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_segments), cmocka_unit_test(test_cards), cmocka_unit_test(test_missing),
					    cmocka_unit_test(test_damage), cmocka_unit_test(test_requests) };

	dir = test_dir();
	make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
