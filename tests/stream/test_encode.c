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
	  "-c:a libvorbis", 25, 1, 25, 1, 700, 5000, 0, .005 },
	{ "late.mkv", CODE("25") BEEP("48000") "-t 7 -output_ts_offset 100 " X264 "-g 60 -c:a aac", 25, 1, 25, 1, 0, 6000, 1,
	  .005 },
	{ "silent.mp4", CODE("25") "-t 7 " X264 "-g 60", 25, 1, 25, 1, 0, 6000, 1, 0 },
	{ "surround.mkv", CODE("25") "-f lavfi -i aevalsrc=0.4*sin(2*PI*500*t)|0|0.3*sin(2*PI*900*t)|0.5*sin(500*t)|0|0:"
	  "c=5.1:s=48000 -t 7 " X264 "-g 60 -c:a ac3", 25, 1, 25, 1, 0, 6000, 1, 0 },
	{ "vfr.mkv", CODE("25") BEEP("48000") "-t 7 -vf select=mod(n\\,7)*mod(n\\,5) -vsync vfr " X264 "-g 60 -c:a aac", 0, 1,
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

	clip.profile = (struct profile){ "test", 160, 90, num, den, 20, 1000, "veryfast", 128, 1, 0 };
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sources),
	};

	dir = test_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
