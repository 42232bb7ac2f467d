/* Loudness: what is measured, the gain that follows, and that what is encoded with it is within 1 LU of -23 LUFS. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "stream/encode.h"
#include "stream/loudness.h"

#define PICTURES "-f lavfi -i color=s=160x90:r=25 "
#define TONE(size) PICTURES "-f lavfi -i aevalsrc=" size "*sin(2*PI*997*t)|" size "*sin(2*PI*997*t):s=48000 "
/* Noise that swells and rests, like speech. */
#define SPEECH(volume) PICTURES "-f lavfi -i anoisesrc=c=pink:seed=3:r=48000,volume=" volume \
	"*(0.05+abs(sin(2*PI*0.37*t))):eval=frame "
#define CODE "-c:v libx264 -preset ultrafast -g 50 "

static char *dir;

static void known_figures(void **state)
{
	static const struct {
		const char *name, *args;
		int low, high, peak;
	} rows[] = {
		{ "tone20.mkv", TONE("0.1") "-t 12 " CODE "-c:a flac", -2010, -1990, -2000 },
		{ "tone6.mkv", TONE("0.5") "-t 12 " CODE "-c:a flac -ar 44100", -620, -585, -600 },
		{ "mono.mkv", PICTURES "-f lavfi -i aevalsrc=0.1*sin(2*PI*997*t):s=48000 -t 12 " CODE "-c:a flac", -2010,
		  -1990, -2000 }, /* heard from both sides */
		{ "long.mkv", TONE("0.1") "-t 130 " CODE "-c:a flac", -2010, -1990, -2000 },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, rows[i].name, rows[i].args);
		struct loudness whole, quick;

		test_ok(loudness_measure(path, false, NULL, &whole, &err), &err);
		test_ok(loudness_measure(path, true, NULL, &quick, &err), &err);
		assert_false(whole.silent);
		if (whole.integrated < rows[i].low || whole.integrated > rows[i].high || quick.integrated < rows[i].low ||
		    quick.integrated > rows[i].high || abs(whole.true_peak - rows[i].peak) > 60)
			fail_msg("%s: %d, in windows %d, peak %d", rows[i].name, whole.integrated, quick.integrated,
				 whole.true_peak);
		assert_in_range(whole.range, 0, 100);
	}
}

static void no_sound_and_silence(void **state)
{
	CLEANUP(cleanup_free) char *mute = test_made(dir, "mute.mkv", PICTURES "-t 2 " CODE);
	CLEANUP(cleanup_free) char *silent =
		test_made(dir, "silent.mkv", PICTURES "-f lavfi -i anullsrc=r=48000 -t 3 " CODE "-c:a flac");
	struct loudness loudness;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(loudness_measure(mute, false, NULL, &loudness, &err), -ERR_MEDIA);
	assert_non_null(strstr(err.text, "no sound"));
	err_clear(&err);
	test_ok(loudness_measure(silent, false, NULL, &loudness, &err), &err);
	assert_true(loudness.silent);
	assert_int_equal(loudness_gain(&loudness, LOUDNESS_TARGET), 0);
}

static void what_gain_follows(void **state)
{
	static const struct {
		int integrated, gain;
	} rows[] = { { -2300, 0 }, { -2310, 0 }, { -2326, 50 }, { -1400, -900 }, { -3000, 700 }, { -6000, 1200 },
		     { 2500, -4000 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(loudness_gain(&(struct loudness){ .integrated = rows[i].integrated }, LOUDNESS_TARGET),
				 rows[i].gain);
}

static void through_json(void **state)
{
	struct loudness a = { .integrated = -1834, .true_peak = -12, .range = 730 }, b;
	CLEANUP(json_cleanup) json_t *json = loudness_to_json(&a);
	struct err err = { 0 };

	(void)state;
	test_ok(loudness_from_json(json, &b, &err), &err);
	assert_int_equal(a.integrated, b.integrated);
	assert_int_equal(a.true_peak, b.true_peak);
	assert_int_equal(a.range, b.range);
	json_object_set_new(json, "integrated", json_integer(9000));
	assert_int_equal(loudness_from_json(json, &b, &err), -ERR_INVALID);
}

/* ---- on the air ---- */

static bool wanted(void *context, int64_t k)
{
	(void)context;
	(void)k;
	return true;
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	(void)k;
	(void)err;
	buf_add(context, data, len);
	return 0;
}

/* The integrated loudness that ffmpeg's own meter finds. */
static double measured_by_ffmpeg(const char *path)
{
	CLEANUP(cleanup_free) char *command = NULL;
	char line[512];
	double found = 0, value;
	FILE *out;

	assert_true(asprintf(&command, "ffmpeg -nostdin -hide_banner -i '%s' -map 0:a -af ebur128 -f null - 2>&1", path) > 0);
	out = popen(command, "r");
	assert_non_null(out);
	while (fgets(line, sizeof(line), out))
		if (sscanf(line, " I: %lf LUFS", &value) == 1)
			found = value;
	pclose(out);
	return found;
}

static void encoded_sound_is_on_target(void **state)
{
	static const struct {
		const char *name, *args;
	} rows[] = {
		{ "loud.mkv", TONE("0.9") "-t 12 " CODE "-c:a flac" },
		{ "speech.mkv", SPEECH("0.3") "-t 16 " CODE "-c:a aac" },
		{ "hot.mkv", SPEECH("4") "-t 16 " CODE "-c:a aac" },
		{ "soft.mkv", SPEECH("0.12") "-t 16 " CODE "-c:a ac3 -ar 44100" },
		{ "surround.mkv", PICTURES "-f lavfi -i anoisesrc=c=pink:seed=5:r=48000:a=0.2,pan=5.1|c0=c0|c1=0.7*c0|c2=c0|"
				  "c3=0.1*c0|c4=0.4*c0|c5=0.3*c0 -t 12 " CODE "-c:a ac3" },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, rows[i].name, rows[i].args);
		CLEANUP(cleanup_free) char *air = NULL;
		CLEANUP(buf_free) struct buf ts = { 0 };
		struct clip clip = { .path = path, .file_id = 1 };
		struct encode_sink sink = { &ts, wanted, keep };
		struct encode_result result;
		struct loudness loudness;
		double lufs;
		FILE *f;

		test_ok(loudness_measure(path, false, NULL, &loudness, &err), &err);
		clip.profile = (struct profile){ "test", 160, 90, 25, 1, 30, 500, "ultrafast", 128, 1, 0, 0 };
		clip.frames = 25 * 12;
		clip.gain_mb = loudness_gain(&loudness, LOUDNESS_TARGET);
		test_ok(encode_clip(&clip, 0, plan_segments(clip.frames, clip_rate(&clip)), &sink, &result, &err), &err);
		assert_true(asprintf(&air, "%s/%s.ts", dir, rows[i].name) > 0);
		f = fopen(air, "wb");
		assert_non_null(f);
		assert_int_equal(fwrite(ts.data, 1, ts.len, f), ts.len);
		fclose(f);
		lufs = measured_by_ffmpeg(air);
		if (lufs < -24 || lufs > -22)
			fail_msg("%s: %.2f LUFS, gain %.2f dB, comes out at %.2f LUFS", rows[i].name,
				 loudness.integrated / 100.0, clip.gain_mb / 100.0, lufs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_figures), cmocka_unit_test(no_sound_and_silence),
		cmocka_unit_test(what_gain_follows), cmocka_unit_test(through_json),
		cmocka_unit_test(encoded_sound_is_on_target),
	};

	dir = test_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
