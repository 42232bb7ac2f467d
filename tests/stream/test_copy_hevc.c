/* Copied HEVC: closed and open groups of pictures, 8 and 10 bit; what a decoder makes of segments that follow one another and
 * of those that follow something else; its buffers; what is refused. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "lib/clip_made.h"
#include "lib/ts_check.h"
#include "lib/ts_decode.h"
#include "media/hevc.h"
#include "stream/encode.h"
#include "stream/slate.h"
#include "stream/ts_stamp.h"

#define SOURCE(rate) "-f lavfi -i testsrc2=s=320x180:r=" rate " -f lavfi -i sine=f=440:r=48000 "
#define X265(pixels, params) "-c:v libx265 -preset ultrafast -pix_fmt " pixels " -x265-params log-level=none:" params " "
/* All but the first of the pictures at which it can be cut are CRA, with four before them. */
#define OPEN "keyint=50:min-keyint=50:scenecut=0:bframes=4:b-adapt=0"
#define LEADING 4

static char *dir;
static struct arena arena;

static void plan_of(const char *path, const char *name, struct copy_plan *ret)
{
	struct err err = { 0 };

	if (copy_plan_make(path, true, NULL, &arena, ret, &err) < 0)
		fail_msg("%s: %s", name, err.text);
}

static void what_cannot_be_copied(void **state)
{
	static const struct {
		const char *name, *args, *why;
	} rows[] = {
		{ "h264.mkv", SOURCE("25") "-t 3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p -c:a aac", "not HEVC" },
		{ "twelve.mkv", SOURCE("25") "-t 1 " X265("yuv420p12le", "keyint=50") "-c:a aac", "8 or 10 bit" },
		{ "422.mkv", SOURCE("25") "-t 1 " X265("yuv422p", "keyint=50") "-c:a aac", "4:2:0" },
		{ "field.mkv", SOURCE("25") "-t 1 " X265("yuv420p", "interlace=tff") "-c:a aac", "interlaced" },
		{ "rare.mkv", SOURCE("25") "-t 14 " X265("yuv420p", "keyint=400:scenecut=0") "-c:a aac", "12 s apart" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, rows[i].name, rows[i].args);
		struct copy_plan plan;
		struct err err = { 0 };

		if (copy_plan_make(path, true, NULL, &arena, &plan, &err) != -(int)ERR_UNSUPPORTED || !strstr(err.text, rows[i].why))
			fail_msg("%s: %s", rows[i].name, err.text);
	}
}

/* ---- segments ---- */

/* Type of a picture of the segment: of its first slice. */
static int type_of(const struct ts_check *c, size_t picture)
{
	struct nal_units units = { .data = c->video + c->pictures[picture].at, .len = c->pictures[picture].len };
	struct nal_unit unit;

	while (nal_next(&units, &unit) > 0)
		if (hevc_type(&unit) < HEVC_VCL_END)
			return hevc_type(&unit);
	return -1;
}

static int first_type(const struct buf *ts)
{
	CLEANUP(ts_check_free) struct ts_check c = { 0 };

	if (ts_check(&c, (const uint8_t *)ts->data, ts->len, true) < 0)
		fail_msg("%s", c.error);
	return type_of(&c, 0);
}

static void check_stamps(const struct buf *ts, const struct plan_segment *s, int64_t *last_dts)
{
	CLEANUP(ts_check_free) struct ts_check c = { 0 };
	int64_t first = INT64_MAX, dts;

	if (ts_check(&c, (const uint8_t *)ts->data, ts->len, true) < 0)
		fail_msg("%s", c.error);
	assert_int_equal(c.frame_count, s->audio_frames);
	for (size_t i = 0; i < c.picture_count; i++) {
		int64_t pts = c.pictures[i].pts > INT64_C(1) << 32 ? c.pictures[i].pts - (INT64_C(1) << 33) : c.pictures[i].pts;

		first = pts < first ? pts : first;
		assert_true(pts < s->first_frame + s->frames);
		dts = c.pictures[i].dts - c.pictures[i].pts + pts;
		assert_true(dts > *last_dts);
		*last_dts = dts;
	}
	assert_true(first >= s->first_frame - 1 && first <= s->first_frame + 1);
}

static void check_clip(const char *path, const char *name, const struct copy_plan *plan, size_t from, bool open)
{
	CLEANUP(clip_made_free) struct clip_made whole = { 0 };
	struct clip clip = clip_made_copied(PROFILE_SOURCE_HEVC, path, plan, from, plan->lengths.count - from);
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 };
	int64_t count = clip_segments(&clip), last_dts = INT64_MIN;

	clip_made_run(&clip, 0, count, &whole);
	for (int64_t k = 0; k < count; k++) {
		CLEANUP(clip_made_free) struct clip_made alone = { 0 };
		struct plan_segment s = clip_segment(&clip, k);
		int type = first_type(&whole.segment[k]);

		clip_made_run(&clip, k, k + 1, &alone);
		if (alone.segment[k].len != whole.segment[k].len ||
		    memcmp(alone.segment[k].data, whole.segment[k].data, whole.segment[k].len) != 0)
			fail_msg("%s: segment %d differs between two runs", name, (int)k);
		check_stamps(&whole.segment[k], &s, &last_dts);
		buf_add(&all, whole.segment[k].data, whole.segment[k].len);
		if (!open || from + (size_t)k == 0)
			assert_in_range(type, HEVC_IDR_W_RADL, HEVC_IDR_N_LP);
		else
			assert_int_equal(type, k ? HEVC_CRA : HEVC_BLA_W_LP);
	}
	ts_decode(all.data, all.len, &d);
	assert_int_equal(d.complaints, 0);
	assert_int_equal(d.pictures, d.video_packets - (open && from ? LEADING : 0));
}

static void segments_are_the_files_own(void **state)
{
	static const struct {
		const char *name, *args;
		bool open;
	} rows[] = {
		{ "closed.mkv", SOURCE("25") "-t 7 " X265("yuv420p", "keyint=50:open-gop=0:bframes=3") "-c:a ac3", false },
		{ "open.mkv", SOURCE("25") "-t 7 " X265("yuv420p", OPEN) "-c:a ac3", true },
		{ "open.mp4", SOURCE("25") "-t 7 " X265("yuv420p", OPEN) "-c:a aac", true },
		{ "open.ts", SOURCE("25") "-t 7 " X265("yuv420p", OPEN) "-c:a mp2", true },
		{ "ten.mp4", SOURCE("24000/1001") "-t 7 " X265("yuv420p10le", "keyint=48:open-gop=0") "-tag:v hvc1 -c:a aac", false },
		{ "plain.mkv", SOURCE("30000/1001") "-t 7 " X265("yuv420p", "keyint=75:open-gop=0:bframes=0") "-c:a ac3", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, rows[i].name, rows[i].args);
		struct copy_plan plan;

		plan_of(path, rows[i].name, &plan);
		assert_int_equal(plan.width, 320);
		assert_int_equal(plan.height, 180);
		assert_true(plan.lengths.count >= 3);
		for (size_t from = 0; from < 2; from++)
			check_clip(path, rows[i].name, &plan, from, rows[i].open);
	}
}

/* ---- what follows something else ---- */

static struct slate *slate(void)
{
	json_t *request = json_pack("{s:s, s:s, s:i, s:i, s:o}", "job", "slate", "profile", PROFILE_SOURCE_HEVC, "fps_num", 25,
				    "fps_den", 1, "cache", json_from_path(dir));
	struct profile profile;
	json_t *done = NULL;
	struct err err = { 0 };
	struct slate *made;

	test_ok(slate_job(NULL, request, &done, &err), &err);
	test_ok(profile_get(PROFILE_SOURCE_HEVC, 25, 1, &profile, &err), &err);
	made = slate_load(dir, &profile, &err);
	assert_non_null(made);
	json_decref(request);
	json_decref(done);
	return made;
}

/* Slate over a segment: it ends its sequence, so that the pictures of the next which refer to what it hides are left out. */
static void what_follows_slate(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "over.mkv", SOURCE("25") "-t 7 " X265("yuv420p", OPEN) "-c:a aac");
	CLEANUP(clip_made_free) struct clip_made r = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 }, card = { 0 };
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	CLEANUP(ts_check_free) struct ts_check c = { 0 };
	struct plan_rate rate = { 25, 1 };
	struct slate *picture = slate();
	struct plan_segment stretch;
	struct copy_plan plan;
	struct err err = { 0 };
	struct clip clip;

	(void)state;
	plan_of(path, "over", &plan);
	clip = clip_made_copied(PROFILE_SOURCE_HEVC, path, &plan, 0, plan.lengths.count);
	clip_made_run(&clip, 0, 3, &r);
	stretch = plan_stretch(0, plan_frames_up(clip_segment(&clip, 1).frames * PLAN_TICK, rate), rate);
	test_ok(slate_write(&card, picture, &stretch, &err), &err);
	if (ts_check(&c, (const uint8_t *)card.data, card.len, true) < 0)
		fail_msg("%s", c.error);
	assert_memory_equal(c.video + c.pictures[c.picture_count - 1].at + c.pictures[c.picture_count - 1].len - 6, "\0\0\0\1\x48\1", 6);
	ts_stamp((uint8_t *)card.data, card.len, (uint64_t)clip_segment(&clip, 1).first_frame);
	buf_add(&all, r.segment[0].data, r.segment[0].len);
	buf_add(&all, card.data, card.len);
	buf_add(&all, r.segment[2].data, r.segment[2].len);
	ts_decode(all.data, all.len, &d);
	assert_int_equal(d.complaints, 0);
	/* A decoder may drop what of the slate it still holds (H.265 C.5.2.2): two pictures. */
	assert_in_range(d.pictures, d.video_packets - LEADING - 2, d.video_packets - LEADING);
	slate_free(picture);
}

/* A row that begins in the middle of a file, behind another part of it: what refers to what is not there is left out, and nothing else. */
static void a_row_in_the_middle(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "middle.mkv", SOURCE("25") "-t 7 " X265("yuv420p", OPEN) "-c:a aac");
	CLEANUP(clip_made_free) struct clip_made before = { 0 }, behind = { 0 };
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 };
	struct clip first, second;
	struct copy_plan plan;

	(void)state;
	plan_of(path, "middle", &plan);
	assert_true(plan.lengths.count >= 3);
	first = clip_made_copied(PROFILE_SOURCE_HEVC, path, &plan, 0, 1);
	second = clip_made_copied(PROFILE_SOURCE_HEVC, path, &plan, 2, 1);
	clip_made_run(&first, 0, 1, &before);
	clip_made_run(&second, 0, 1, &behind);
	assert_int_equal(first_type(&behind.segment[0]), HEVC_BLA_W_LP);
	ts_stamp((uint8_t *)behind.segment[0].data, behind.segment[0].len, (uint64_t)first.frames);
	buf_add(&all, before.segment[0].data, before.segment[0].len);
	buf_add(&all, behind.segment[0].data, behind.segment[0].len);
	ts_decode(all.data, all.len, &d);
	assert_int_equal(d.complaints, 0);
	assert_int_equal(d.pictures, d.video_packets - LEADING);
	for (int i = 1; i < d.pictures; i++)
		assert_true(d.picture_pts[i] > d.picture_pts[i - 1]);
}

/* ---- the decoder's buffers ---- */

#define NOISE(size) "-f lavfi -i testsrc2=s=" size ":r=25,noise=alls=12:allf=t -f lavfi -i anoisesrc=r=48000:a=0.3:seed=1 "

static void buffers_hold(void **state)
{
	static const struct {
		const char *name, *args;
		int level;
	} rows[] = {
		{ "p3.mkv", NOISE("640x360") "-t 6 " X265("yuv420p", "keyint=50:level-idc=3.1:vbv-maxrate=1500:vbv-bufsize=1000:bitrate=1200") "-c:a aac", 93 },
		{ "p4.mkv", NOISE("1280x720") "-t 4 " X265("yuv420p10le", "keyint=50:level-idc=4.1:high-tier=0:vbv-maxrate=6000:vbv-bufsize=2000:bitrate=5000") "-c:a aac", 123 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, rows[i].name, rows[i].args);
		CLEANUP(clip_made_free) struct clip_made whole = { 0 };
		CLEANUP(buf_free) struct buf ts = { 0 };
		struct copy_plan plan;
		struct ts_check c;
		struct clip clip;

		plan_of(path, rows[i].name, &plan);
		clip = clip_made_copied(PROFILE_SOURCE_HEVC, path, &plan, 0, plan.lengths.count);
		clip_made_run(&clip, 0, clip_segments(&clip), &whole);
		for (int64_t k = 0; k < clip_segments(&clip); k++)
			buf_add(&ts, whole.segment[k].data, whole.segment[k].len);
		if (ts_check(&c, (const uint8_t *)ts.data, ts.len, false) < 0)
			fail_msg("%s: %s", rows[i].name, c.error);
		print_message("%s: %lld KB first; video %zu, sound %zu, its main buffer %zu, tables %zu; peak %lld\n", rows[i].name,
			      (long long)(c.pictures[0].len / 1000), c.video_transport, c.audio_transport, c.audio_buffer,
			      c.table_transport, (long long)c.peak_rate);
		assert_int_equal(c.level, rows[i].level);
		assert_true(c.video_transport <= 512);
		assert_true(c.audio_transport <= 512);
		assert_true(c.table_transport <= 512);
		ts_check_free(&c);
	}
}

static bool wanted(void *context, int64_t k)
{
	(void)context;
	return k >= 0;
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	(void)context;
	(void)data;
	fail_msg("segment %d of %zu bytes", (int)k, len);
	return err ? 0 : -1;
}

static void another_codec_than_planned(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "was.mkv", SOURCE("25") "-t 6 " X265("yuv420p", OPEN) "-c:a aac");
	CLEANUP(cleanup_free) char *other =
		test_made(dir, "is.mkv", SOURCE("25") "-t 6 -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:a aac");
	struct encode_sink sink = { NULL, wanted, keep };
	struct encode_result result;
	struct copy_plan plan;
	struct err err = { 0 };
	struct clip clip;

	(void)state;
	plan_of(path, "was", &plan);
	clip = clip_made_copied(PROFILE_SOURCE_HEVC, other, &plan, 0, 2);
	assert_int_equal(encode_clip(&clip, 0, 2, &sink, &result, &err), -(int)ERR_MEDIA);
	assert_non_null(strstr(err.text, "not HEVC any more"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_copied), cmocka_unit_test(segments_are_the_files_own),
		cmocka_unit_test(what_follows_slate),	 cmocka_unit_test(a_row_in_the_middle),
		cmocka_unit_test(buffers_hold),
		cmocka_unit_test(another_codec_than_planned),
	};
	int failed;

	dir = test_dir();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
