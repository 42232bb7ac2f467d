/* test_encode.c - a segment is a pure function of (clip, k), shows the right pictures and keeps the sound in place.
 *
 * Sources carry their frame number as ten columns of luma and a beep at the start of every second. */
#include "lib/testlib.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "lib/ts_decode.h"
#include "stream/encode.h"

#define MAX_SEGMENTS 8

/* The pictures' code and the beep; R is the rate. */
#define CODE(R) "-f lavfi -i nullsrc=s=10x6:r=" R \
	",geq=lum=16+219*mod(floor(N/pow(2\\,floor(X)))\\,2):cb=128:cr=128,scale=320:180:flags=neighbor "
#define BEEP(rate) "-f lavfi -i aevalsrc=if(lt(mod(t\\,1)\\,0.1)\\,0.5*sin(2*PI*1000*t)\\,0):s=" rate " "
#define X264 "-c:v libx264 -preset veryfast -pix_fmt yuv420p "

static const struct row {
	const char *file, *args;
	int source_num, source_den; /* the source's rate; 0: don't look at the code */
	int fps_num, fps_den;	    /* the clip's */
	int in_ms, ms;
	int identical; /* bytes too, not only frames, times and headers */
	double beep;   /* tolerance in s; 0: no beeps */
} rows[] = {
	{ "a.mkv", CODE("25") BEEP("48000") "-t 7 " X264 "-g 60 -c:a aac", 25, 1, 25, 1, 0, 6000, 1, .005 },
	{ "in.mkv", CODE("25") BEEP("48000") "-t 7 " X264 "-g 250 -c:a aac", 25, 1, 25, 1, 1640, 5000, 1, .005 },
	{ "film.mkv", CODE("24000/1001") BEEP("44100") "-t 7 " X264 "-g 48 -bf 3 -c:a aac -ac 1", 24000, 1001, 24000, 1001,
	  0, 6000, 1, .005 },
	{ "film25.mp4", CODE("24000/1001") BEEP("44100") "-t 7 " X264 "-g 48 -bf 3 -c:a aac", 24000, 1001, 25, 1, 1000, 5000, 1,
	  .005 },
	{ "ntsc.mp4", CODE("30000/1001") BEEP("48000") "-t 7 " X264 "-g 90 -c:a ac3", 30000, 1001, 30000, 1001, 500, 5500, 1,
	  .007 },
	{ "thirty.mkv", CODE("30") BEEP("48000") "-t 7 " X264 "-g 90 -c:a flac", 30, 1, 30000, 1001, 0, 6000, 1, .005 },
	{ "fifty.mp4", CODE("50") BEEP("48000") "-t 7 " X264 "-g 100 -c:a aac", 50, 1, 25, 1, 0, 6000, 1, .005 },
	{ "sixty.mkv", CODE("60000/1001") BEEP("48000") "-t 7 " X264 "-g 100 -c:a libopus", 60000, 1001, 30000, 1001, 300,
	  5000, 1, .01 }, /* the muxer put the pictures 7 ms late */
	{ "up.mkv", CODE("25") BEEP("48000") "-t 7 " X264 "-g 50 -c:a aac", 25, 1, 50, 1, 0, 5000, 1, .005 },
	{ "mpeg4.avi", CODE("25") BEEP("44100") "-t 7 -c:v mpeg4 -q:v 3 -g 40 -c:a pcm_s16le", 25, 1, 25, 1, 0, 6000, 1,
	  .005 },
	{ "b.avi", CODE("25") BEEP("48000") "-t 7 -c:v mpeg4 -q:v 3 -bf 2 -g 40 -c:a ac3", 0, 1, 25, 1, 0, 6000, 1, 0 },
	{ "open.ts", CODE("25") BEEP("48000") "-t 7 " X264 "-g 50 -bf 3 -x264-params open-gop=1 -c:a mp2", 25, 1, 25, 1, 400,
	  5000, 1, .015 },
	{ "interlaced.ts", "-f lavfi -i testsrc2=s=320x192:r=25 " BEEP("48000") "-t 7 -c:v mpeg2video -flags +ilme+ildct "
	  "-vf setfield=tff -top 1 -bf 2 -g 25 -b:v 2M -c:a mp2", 0, 1, 25, 1, 0, 6000, 1, .015 },
	{ "hevc.mkv", CODE("25") BEEP("48000") "-t 7 -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=75 "
	  "-pix_fmt yuv420p -c:a aac", 25, 1, 25, 1, 0, 6000, 1, .005 },
	{ "vp9.webm", CODE("25") BEEP("48000") "-t 7 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 60 -pix_fmt yuv420p "
	  "-c:a libvorbis", 25, 1, 25, 1, 700, 5000, 1, .005 },
	{ "late.mkv", CODE("25") BEEP("48000") "-t 7 -output_ts_offset 100 " X264 "-g 60 -c:a aac", 25, 1, 25, 1, 0, 6000, 1,
	  .005 },
	{ "silent.mp4", CODE("25") "-t 7 " X264 "-g 60", 25, 1, 25, 1, 0, 6000, 1, 0 },
	{ "surround.mkv", CODE("25") "-f lavfi -i aevalsrc=0.4*sin(2*PI*500*t)|0|0.3*sin(2*PI*900*t)|0.5*sin(500*t)|0|0:"
	  "c=5.1:s=48000 -t 7 " X264 "-g 60 -c:a ac3", 25, 1, 25, 1, 0, 6000, 1, 0 },
	{ "vfr.mkv", CODE("25") BEEP("48000") "-t 7 -vf select=eq(n\\,0)+mod(n\\,7)*mod(n\\,5) -vsync vfr " X264 "-g 60 -c:a aac", 0, 1,
	  25, 1, 0, 6000, 1, .005 },
};

struct result {
	struct buf segment[MAX_SEGMENTS];
	struct encode_result result;
	int64_t first, count;
};

static char *dir;

static bool wanted(void *context, int64_t k)
{
	(void)context;
	return k < MAX_SEGMENTS;
}

static int keep(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	struct result *r = context;

	(void)err;
	buf_add(&r->segment[k], data, len);
	r->count++;
	return 0;
}

static void result_free(struct result *r)
{
	for (int i = 0; i < MAX_SEGMENTS; i++)
		buf_free(&r->segment[i]);
}

static struct clip make_clip(const char *path, int num, int den, int64_t in_ms, int64_t ms)
{
	struct clip clip = { .path = path, .file_id = 1 };

	clip.profile = (struct profile){ "test", 160, 90, num, den, 20, 1000, "veryfast", 128, 1, 0, 0 };
	clip.in_flicks = in_ms * (PLAN_FLICKS / 1000);
	clip.frames = plan_frames(ms * (PLAN_FLICKS / 1000), clip_rate(&clip));
	return clip;
}

static int encode(const struct clip *clip, int64_t from, int64_t to, struct result *r, struct err *err)
{
	struct encode_sink sink = { r, wanted, keep };

	*r = (struct result){ .first = from };
	return encode_clip(clip, from, to, &sink, &r->result, err);
}

static void join(const struct result *r, int64_t from, int64_t to, struct buf *all)
{
	for (int64_t k = from; k < to; k++)
		buf_add(all, r->segment[k].data, r->segment[k].len);
}

/* What the plan promised for segment k. */
static void check_plan(const struct clip *clip, int64_t k, const struct ts_decoded *d)
{
	struct plan_rate rate = clip_rate(clip);
	struct plan_segment s = plan_segment(clip->frames, rate, k);

	assert_int_equal(d->video_packets, s.frames);
	assert_int_equal(d->pictures, s.frames);
	assert_int_equal(d->audio_packets, s.audio_frames);
	assert_int_equal(d->keys, 1);
	for (int i = 0; i < d->pictures; i++) {
		assert_int_equal(d->picture_pts[i], plan_frame_ticks(s.first_frame + i, rate));
		assert_true(d->video_dts[i] <= d->video_pts[i]);
		/* Before the first picture of a clip the muxer may have no room: DTS -1 frame wraps. */
		if (s.first_frame + i >= clip->profile.reorder)
			assert_int_equal(d->video_dts[i], plan_frame_ticks(s.first_frame + i - clip->profile.reorder, rate));
	}
	for (int i = 0; i < d->audio_packets; i++)
		assert_int_equal(d->audio_pts[i], (s.first_audio + i) * PLAN_AUDIO_TICKS);
}

/* Frame n shows the source's picture that is on at in + n/fps. */
static void check_code(const struct row *row, const struct ts_decoded *d)
{
	for (int n = 0; row->source_num && n < d->pictures; n++) {
		double frame = (double)row->fps_den / row->fps_num, t = row->in_ms / 1000.0 + n * frame;
		int expected = (int)floor((t + 0.4 * frame) * row->source_num / row->source_den + 1e-6);

		if (d->code[n] != expected)
			fail_msg("%s: output frame %d shows %d, not %d", row->file, n, d->code[n], expected);
	}
}

static void check_beeps(const struct row *row, const struct ts_decoded *d)
{
	for (int s = row->in_ms / 1000 + 1; row->beep > 0 && s * 1000 < row->in_ms + row->ms - 500; s++) {
		double at = s - row->in_ms / 1000.0, onset = ts_decoded_onset(d, at - 0.4 > 0 ? at - 0.4 : 0.2, 0.1f);

		if (!(fabs(onset - at) <= row->beep))
			fail_msg("%s: the beep of second %d is %.1f ms late", row->file, s, (onset - at) * 1000);
	}
}

static void check_row(const struct row *row)
{
	CLEANUP(cleanup_free) char *path = NULL;
	CLEANUP(result_free) struct result whole = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 };
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	CLEANUP(cleanup_free) struct ts_decoded *first = calloc(1, sizeof(*first));
	struct err err = { 0 };
	struct clip clip;
	int64_t count;

	assert_true(asprintf(&path, "%s/%s", dir, row->file) > 0);
	test_media(path, row->args);
	clip = make_clip(path, row->fps_num, row->fps_den, row->in_ms, row->ms);
	count = plan_segments(clip.frames, clip_rate(&clip));
	test_ok(encode(&clip, 0, count, &whole, &err), &err);
	assert_int_equal(whole.count, count);
	for (int64_t k = 0; k < count; k++) {
		CLEANUP(result_free) struct result alone = { 0 };
		CLEANUP(ts_decoded_free) struct ts_decoded a = { 0 };
		CLEANUP(cleanup_free) struct ts_decoded *b = calloc(1, sizeof(*b));

		test_ok(encode(&clip, k, k + 1, &alone, &err), &err);
		ts_decode(whole.segment[k].data, whole.segment[k].len, &a);
		ts_decode(alone.segment[k].data, alone.segment[k].len, b);
		check_plan(&clip, k, &a);
		check_plan(&clip, k, b);
		if (k == 0)
			memcpy(first, &a, sizeof(*first));
		assert_true(first->headers_len > 20);
		assert_int_equal(first->headers_len, b->headers_len);
		assert_memory_equal(first->headers, b->headers, first->headers_len);
		assert_memory_equal(a.code, b->code, sizeof(a.code));
		ts_decoded_free(b);
		if (row->identical && (whole.segment[k].len != alone.segment[k].len ||
				       memcmp(whole.segment[k].data, alone.segment[k].data, alone.segment[k].len) != 0))
			fail_msg("%s: segment %d differs between two runs", row->file, (int)k);
	}
	join(&whole, 0, count, &all);
	ts_decode(all.data, all.len, &d);
	if (d.complaints)
		fail_msg("%s: the decoder had something to say", row->file);
	check_code(row, &d);
	check_beeps(row, &d);
}

static void test_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (getenv("ROW") && !strstr(rows[i].file, getenv("ROW")))
			continue;
		fprintf(stderr, "%s\n", rows[i].file);
		check_row(&rows[i]);
	}
}

static void encode_all(const struct clip *clip, struct ts_decoded *ret, struct encode_result *result)
{
	CLEANUP(result_free) struct result r = { 0 };
	CLEANUP(buf_free) struct buf all = { 0 };
	int64_t count = plan_segments(clip->frames, clip_rate(clip));
	struct err err = { 0 };

	test_ok(encode(clip, 0, count, &r, &err), &err);
	join(&r, 0, count, &all);
	ts_decode(all.data, all.len, ret);
	assert_int_equal(ret->pictures, clip->frames);
	assert_int_equal(ret->complaints, 0);
	if (result)
		*result = r.result;
}

/* The last picture is held for 2 s, then the slate comes, and the true length is told. */
static void test_short(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "short.mkv", "-f lavfi -i color=c=white:s=320x180:r=25 " BEEP("48000")
							     "-t 3 " X264 "-g 50 -c:a aac");
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	CLEANUP(result_free) struct result late = { 0 };
	CLEANUP(cleanup_free) struct ts_decoded *end = calloc(1, sizeof(*end));
	struct clip clip = make_clip(path, 25, 1, 0, 8000);
	struct encode_result result;
	struct err err = { 0 };

	(void)state;
	encode_all(&clip, &d, &result);
	assert_int_equal(result.true_duration_flicks, 3 * PLAN_FLICKS);
	assert_true(d.corner[124] > 220); /* held until 5 s */
	assert_true(d.corner[126] < 60);	/* slate */
	test_ok(encode(&clip, 3, 4, &late, &err), &err); /* begins behind the end */
	assert_int_equal(late.result.true_duration_flicks, 3 * PLAN_FLICKS);
	ts_decode(late.segment[3].data, late.segment[3].len, end);
	assert_true(end->corner[10] < 60);
	ts_decoded_free(end);
}

static void test_truncated(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "cut.ts", CODE("25") BEEP("48000") "-t 6 " X264 "-g 25 -c:a aac");
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	CLEANUP(buf_free) struct buf file = { 0 };
	struct clip clip = make_clip(path, 25, 1, 0, 6000);
	struct encode_result result;
	struct err err = { 0 };
	FILE *f;

	(void)state;
	test_ok(buf_read_file(&file, path, &err), &err);
	for (size_t i = file.len / 4; i < file.len / 4 + 3000; i++) /* a damaged stretch */
		file.data[i] = (char)(i * 7919);
	f = fopen(path, "wb");
	assert_int_equal(fwrite(file.data, 1, file.len / 2, f), file.len / 2);
	fclose(f);
	encode_all(&clip, &d, &result);
	assert_true(result.true_duration_flicks > PLAN_FLICKS && result.true_duration_flicks < 5 * PLAN_FLICKS);
}

static void expect_media_error(char *path)
{
	CLEANUP(result_free) struct result r = { 0 };
	struct clip clip = make_clip(path, 25, 1, 0, 4000);
	struct err err = { 0 };

	assert_true(encode(&clip, 0, 2, &r, &err) < 0);
	assert_int_equal(err.code, ERR_MEDIA);
	assert_non_null(strstr(err.text, path));
	free(path);
}

static void test_no_pictures(void **state)
{
	char *junk = test_made(dir, "junk.mkv", NULL), *list = test_made(dir, "list.m3u8", NULL);
	FILE *f = fopen(junk, "wb");

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		fputc((int)((i * i * 31 + i / 7) & 255), f);
	fclose(f);
	f = fopen(list, "wb");
	fputs("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n/etc/passwd\n#EXT-X-ENDLIST\n", f);
	fclose(f);
	expect_media_error(junk);
	expect_media_error(list);
	expect_media_error(test_made(dir, "sound.m4a", BEEP("48000") "-t 3 -c:a aac"));
}

static void test_missing(void **state)
{
	struct clip clip = make_clip("/nowhere/film.mkv", 25, 1, 0, 4000);
	CLEANUP(result_free) struct result r = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_true(encode(&clip, 0, 2, &r, &err) < 0);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	err_clear(&err);
	assert_true(encode(&clip, 1, 3, &r, &err) < 0); /* the clip has 2 */
	assert_int_equal(err.code, ERR_RANGE);
}

/* Red of BT.601 and full-range sources is red of BT.709: Y 63, Cb 102, Cr 240. */
static void check_red(const char *name, const char *args)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, name, args);
	CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
	struct clip clip = make_clip(path, 25, 1, 0, 1000);

	encode_all(&clip, &d, NULL);
	fprintf(stderr, "%s: Y %d Cb %d Cr %d, corner %d\n", name, d.luma[5], d.chroma[5][0], d.chroma[5][1], d.corner[5]);
	assert_true(abs(d.luma[5] - 63) <= 4);
	assert_true(abs(d.chroma[5][0] - 102) <= 4);
	assert_true(abs(d.chroma[5][1] - 240) <= 4);
}

static void test_color(void **state)
{
	(void)state;
	check_red("601.mkv", "-f lavfi -i color=c=red:s=320x180:r=25 -t 2 -vf format=gbrp,scale=out_color_matrix=bt601,"
			     "format=yuv420p -colorspace smpte170m " X264);
	check_red("plain.mkv", "-f lavfi -i color=c=red:s=320x240:r=25 -t 2 -vf format=gbrp,scale=out_color_matrix=bt601,"
			       "format=yuv420p " X264);
	check_red("709.mkv", "-f lavfi -i color=c=red:s=320x180:r=25 -t 2 -vf format=gbrp,scale=out_color_matrix=bt709,"
			     "format=yuv420p -colorspace bt709 " X264);
	check_red("full.mp4", "-f lavfi -i color=c=red:s=320x180:r=25 -t 2 -vf format=gbrp,scale=out_color_matrix=bt709:"
			      "out_range=pc,format=yuvj420p -colorspace bt709 -color_range pc -c:v libx264 -preset ultrafast");
	check_red("rgb.mkv", "-f lavfi -i color=c=red:s=320x180:r=25 -t 2 -c:v ffv1 -pix_fmt gbrp");
}

/* 4:3 has bars at the sides, anamorphic 16:9 has none, a turned phone's film has them again. */
static void test_shape(void **state)
{
	static const struct {
		const char *name, *args;
		bool bars;
	} shapes[] = {
		{ "43.mkv", "-f lavfi -i color=c=white:s=320x240:r=25 -t 2 " X264, true },
		{ "ana.mkv", "-f lavfi -i color=c=white:s=720x576:r=25 -t 2 -vf setsar=64/45 " X264, false },
		{ "wide.mp4", "-f lavfi -i color=c=white:s=320x180:r=25 -t 2 " X264, false },
		{ "tall.mp4", "-f lavfi -i color=c=white:s=180x320:r=25 -t 2 " X264, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, shapes[i].name, shapes[i].args);
		CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
		struct clip clip = make_clip(path, 25, 1, 0, 1000);

		encode_all(&clip, &d, NULL);
		assert_true(d.luma[3] > 225);
		if (shapes[i].bars != (d.corner[3] < 25))
			fail_msg("%s: corner is %d", shapes[i].name, d.corner[3]);
	}
}

static float peak(const struct ts_decoded *d)
{
	float most = 0;

	for (size_t i = 12000; i < d->samples; i++)
		most = fmaxf(most, fabsf(d->sound[i]));
	return most;
}

static void test_gain(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "tone.mkv", "-f lavfi -i color=s=320x180:r=25 -f lavfi -i aevalsrc="
							    "0.25*sin(2*PI*440*t):s=44100 -t 2 " X264 "-c:a flac");
	static const struct {
		int gain_mb;
		float low, high;
	} gains[] = { { 0, .23f, .27f }, { 602, .47f, .53f }, { -602, .11f, .14f }, { 2000, .76f, .84f } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(gains); i++) {
		CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
		struct clip clip = make_clip(path, 25, 1, 0, 2000);

		clip.gain_mb = gains[i].gain_mb;
		encode_all(&clip, &d, NULL);
		if (peak(&d) < gains[i].low || peak(&d) > gains[i].high)
			fail_msg("gain %d mB: peak %f", gains[i].gain_mb, (double)peak(&d));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources), cmocka_unit_test(test_short),	cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_no_pictures), cmocka_unit_test(test_missing), cmocka_unit_test(test_color),
		cmocka_unit_test(test_shape),	cmocka_unit_test(test_gain),
	};

	dir = test_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
