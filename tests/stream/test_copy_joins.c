/* Rows of a channel that copies, one after the other as they air: copied, encoded, slate, at all rates and in every order. The
 * decoder of ISO 13818-1 (lib/ts_check.h) takes all of it: times and clock grow, nothing is late, no buffer is over. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "lib/clip_made.h"
#include "lib/ts_check.h"
#include "stream/slate.h"
#include "stream/ts_stamp.h"

#define RATES 6
#define RATES_HEVC 3 /* fewer: x265 takes its time */
#define BASE 900000 /* ticks before the first row */
/* Sound that takes all of its bit rate. */
#define SOURCE(rate) "-f lavfi -i testsrc2=s=320x180:r=" rate ",noise=alls=12:allf=t -f lavfi -i anoisesrc=r=48000:a=0.3:seed=1 "
#define OPEN(gop) "-t 7 -c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params " \
		  "log-level=none:bframes=4:b-adapt=0:scenecut=0:keyint=" gop ":min-keyint=" gop " -c:a ac3"
#define X264 "-t 7 -c:v libx264 -preset veryfast -pix_fmt yuv420p -bf 3 -x264-params scenecut=0:b-pyramid=normal -c:a ac3 "

static const struct source {
	const char *name, *args;
	int num, den;
} h264_rates[RATES] = {
	{ "film.mkv", SOURCE("24000/1001") X264 "-g 60", 24000, 1001 },	 { "pal.mkv", SOURCE("25") X264 "-g 53", 25, 1 },
	{ "ntsc.mkv", SOURCE("30000/1001") X264 "-g 70", 30000, 1001 },	 { "sport.mkv", SOURCE("50") X264 "-g 107", 50, 1 },
	{ "game.mkv", SOURCE("60000/1001") X264 "-g 131", 60000, 1001 }, { "slow.mkv", SOURCE("12") X264 "-g 25", 25, 1 },
}, hevc_rates[RATES_HEVC] = {
	{ "film_hevc.mkv", SOURCE("24000/1001") OPEN("60"), 24000, 1001 },
	{ "pal_hevc.mkv", SOURCE("25") OPEN("53"), 25, 1 },
	{ "sport_hevc.mkv", SOURCE("50") OPEN("107"), 50, 1 },
};

struct row {
	struct clip clip;
	struct clip_made made;
};

static const struct source *rates;
static size_t count;	    /* of them */
static const char *profile; /* that copies them */
static char *dir;
static struct arena arena;
static struct row copied[RATES], encoded[RATES];
static struct slate *slate;

static void make_row(size_t i)
{
	struct clip *clip = &encoded[i].clip;
	struct copy_plan plan;
	struct err err = { 0 };
	char *path;

	assert_true(asprintf(&path, "%s/%s", dir, rates[i].name) > 0);
	test_media(path, rates[i].args);
	test_ok(copy_plan_make(path, rates == hevc_rates, NULL, &arena, &plan, &err), &err);
	assert_true(plan.lengths.count >= 2);
	copied[i].clip = clip_made_copied(profile, path, &plan, 0, plan.lengths.count);
	clip_made_run(&copied[i].clip, 0, clip_segments(&copied[i].clip), &copied[i].made);
	*clip = (struct clip){ .path = path, .file_id = 1, .gain_mb = 100 };
	test_ok(profile_get(profile, rates[i].num, rates[i].den, &clip->profile, &err), &err);
	clip->profile.effort = PROFILE_EFFORT_SMALLER; /* for speed */
	clip->frames = plan_frames(3 * PLAN_FLICKS, clip_rate(clip)) + 1;
	clip_set_key(clip, "x");
	clip_made_run(clip, 0, clip_segments(clip), &encoded[i].made);
}

static int setup(void)
{
	struct profile stand_in;
	struct err err = { 0 };
	json_t *request, *done = NULL;

	dir = dir ? dir : test_dir();
	for (size_t i = 0; i < count; i++)
		make_row(i);
	request = json_pack("{s:s, s:s, s:i, s:i, s:s}", "job", "slate", "profile", profile, "fps_num", 25, "fps_den", 1, "cache",
			    dir);
	test_ok(slate_job(NULL, request, &done, &err), &err);
	json_decref(request);
	json_decref(done);
	stand_in = profile_stand_in(&copied[0].clip.profile);
	slate = slate_load(dir, &stand_in, &err);
	assert_non_null(slate);
	return 0;
}

static int setup_h264(void **state)
{
	(void)state;
	rates = h264_rates;
	count = RATES;
	profile = PROFILE_SOURCE;
	return setup();
}

static int setup_hevc(void **state)
{
	(void)state;
	rates = hevc_rates;
	count = RATES_HEVC;
	profile = PROFILE_SOURCE_HEVC;
	return setup();
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < count; i++) {
		clip_made_free(&copied[i].made);
		clip_made_free(&encoded[i].made);
		free((char *)copied[i].clip.path);
	}
	memset(copied, 0, sizeof(copied));
	memset(encoded, 0, sizeof(encoded));
	slate_free(slate);
	arena_free(&arena);
	return 0;
}

/* Adds a row as it airs at `*at` (flicks); slate in the place of segment `stand_in`. */
static void air(struct buf *to, const struct row *row, int64_t stand_in, int64_t *at)
{
	const struct clip *clip = &row->clip;
	uint64_t stamp = (uint64_t)(plan_flicks_ticks(*at) + BASE);
	struct err err = { 0 };

	for (int64_t k = 0; k < clip_segments(clip); k++) {
		struct plan_segment segment = clip_segment(clip, k);
		size_t before = to->len;

		if (k == stand_in)
			test_ok(slate_write_at(to, slate, clip_rate(clip), &segment, &err), &err);
		else
			buf_add(to, row->made.segment[k].data, row->made.segment[k].len);
		ts_stamp((uint8_t *)to->data + before, to->len - before, stamp);
	}
	*at += clip->frames * plan_frame_flicks(clip_rate(clip));
}

static void judge(const char *a, const char *b, const struct buf *ts)
{
	struct ts_check c;

	if (ts_check(&c, (const uint8_t *)ts->data, ts->len, false) < 0)
		fail_msg("%s and %s: %s", a, b, c.error);
	if (c.audio_buffer > 3584 || c.audio_transport > 512 || c.table_transport > 512)
		fail_msg("%s and %s: sound %zu, its main buffer %zu, tables %zu", a, b, c.audio_transport, c.audio_buffer,
			 c.table_transport);
	ts_check_free(&c);
}

static void rows_follow_one_another(void **state)
{
	(void)state;
	for (size_t e = 0; e < count; e++)
		for (size_t c = 0; c < count; c++) {
			CLEANUP(buf_free) struct buf ts = { 0 };
			size_t other = (c + 1 + e) % count;
			int64_t at = 0;

			air(&ts, &encoded[e], -1, &at);
			air(&ts, &copied[c], -1, &at);
			air(&ts, &copied[other], -1, &at);
			air(&ts, &encoded[e], -1, &at);
			air(&ts, &encoded[other], -1, &at);
			air(&ts, &copied[c], -1, &at);
			air(&ts, &encoded[e], -1, &at);
			judge(rates[e].name, rates[c].name, &ts);
		}
}

static void slate_stands_in_for_any(void **state)
{
	(void)state;
	for (size_t c = 0; c < count; c++)
		for (int64_t k = 0; k < clip_segments(&copied[c].clip); k++) {
			CLEANUP(buf_free) struct buf ts = { 0 };
			int64_t at = 0;

			air(&ts, &copied[c], k, &at);
			air(&ts, &encoded[c], -1, &at);
			air(&ts, &copied[c], k, &at);
			air(&ts, &copied[(c + 1) % count], 0, &at);
			judge(rates[c].name, "slate", &ts);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_follow_one_another),
		cmocka_unit_test(slate_stands_in_for_any),
	};

	return cmocka_run_group_tests_name("H.264", tests, setup_h264, teardown) +
	       cmocka_run_group_tests_name("HEVC", tests, setup_hevc, teardown);
}
