/* The muxer on real H.264 and AAC, judged by ffprobe and ffmpeg: not a warning, every picture and frame at
 * its time, every picture decoded as the encoder's own stream decodes; two rounds of a clip, with the 33-bit
 * wrap inside. */
#include "lib/testlib.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "lib/ts_check.h"
#include "lib/ts_made.h"
#include "stream/ts_stamp.h"
#include "stream/tsmux.h"

#define FRAMES 150
#define ROUNDS 2
static const struct plan_rate rate = { 25, 1 };

struct real {
	char *dir;
	struct buf h264, aac, ts;
	struct tsmux_frame video[FRAMES], audio[400];
	size_t video_count, audio_count;
};

/* Runs argv; what it says on both outputs. Fails when it does not exit with 0. */
static void run(const char *const argv[], struct buf *out)
{
	int fds[2], status;
	FILE *from;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(fds[1]);
	from = fdopen(fds[0], "r");
	assert_int_equal(buf_read_all(out, from, NULL), 0);
	fclose(from);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (status != 0)
		fail_msg("%s: status %d: %s", argv[0], status, buf_text(out));
}

/* x264 without adaptive B pictures: I P B B P B B ... in each 50, as ts_made.c orders them. */
static int64_t display_index(int64_t i)
{
	int64_t reference = (i - 1) / 3 * 3 + 3;

	if (i == 0)
		return 0;
	return (i - 1) % 3 ? i - 1 : reference > 49 ? 49 : reference;
}

static size_t next_aud(const uint8_t *p, size_t len, size_t from)
{
	for (size_t i = from; i + 5 <= len; i++)
		if (memcmp(p + i, "\0\0\0\1\x09", 5) == 0)
			return i;
	return len;
}

static void split_video(struct real *r)
{
	const uint8_t *p = (const uint8_t *)r->h264.data;

	for (size_t at = 0; at < r->h264.len && r->video_count < FRAMES;) {
		size_t end = next_aud(p, r->h264.len, at + 5);
		int64_t i = (int64_t)r->video_count, gop = i / 50 * 50;

		r->video[r->video_count++] = (struct tsmux_frame) {
			.data = p + at,
			.len = end - at,
			.dts = plan_frame_ticks(i - 1, rate),
			.pts = plan_frame_ticks(gop + display_index(i % 50), rate),
			.key = i % 50 == 0,
		};
		at = end;
	}
	assert_int_equal(r->video_count, FRAMES);
}

static void split_audio(struct real *r)
{
	const uint8_t *p = (const uint8_t *)r->aac.data;

	for (size_t at = 0; at + 7 < r->aac.len && r->audio_count < ARRAY_LEN(r->audio);) {
		size_t len = (size_t)(p[at + 3] & 3) << 11 | (size_t)p[at + 4] << 3 | p[at + 5] >> 5;
		int64_t pts = (int64_t)r->audio_count * PLAN_AUDIO_TICKS;

		assert_true(at + len <= r->aac.len && len > 7);
		r->audio[r->audio_count++] = (struct tsmux_frame) { p + at + 7, len - 7, pts, pts, false };
		at += len;
	}
}

static void mux(struct real *r)
{
	struct err err = { 0 };

	for (int64_t round = 0; round < ROUNDS; round++) {
		/* 1.5 s before the wrap */
		int64_t offset = (INT64_C(1) << 33) - 135000 + round * plan_frame_ticks(FRAMES, rate);

		for (int64_t k = 0; k < plan_segments(FRAMES, rate); k++) {
			struct plan_segment plan = plan_segment(FRAMES, rate, k);
			struct tsmux_segment s = { r->video + plan.first_frame, (size_t)plan.frames,
						   r->audio + plan.first_audio, (size_t)plan.audio_frames,
						   plan_frame_ticks(plan.first_frame + plan.frames, rate), 0, false, false, 0 };
			size_t before = r->ts.len;

			assert_true(plan.first_audio + plan.audio_frames <= (int64_t)r->audio_count);
			test_ok(tsmux_write(&r->ts, &s, &err), &err);
			ts_stamp((uint8_t *)r->ts.data + before, r->ts.len - before, (uint64_t)offset);
		}
	}
}

static int setup(void **state)
{
	struct real *r = calloc(1, sizeof(*r));
	CLEANUP(cleanup_free) char *h264 = NULL;
	CLEANUP(cleanup_free) char *aac = NULL;
	CLEANUP(cleanup_free) char *ts = NULL;

	r->dir = test_dir();
	h264 = fs_join(r->dir, "v.h264");
	aac = fs_join(r->dir, "a.aac");
	ts = fs_join(r->dir, "out.ts");
	test_media(h264, "-f lavfi -i testsrc2=s=320x180:r=25:d=6 -c:v libx264 -preset veryfast -pix_fmt "
			 "yuv420p -bf 2 "
			 "-x264-params "
			 "aud=1:b-adapt=0:b-pyramid=none:scenecut=0:keyint=50:min-keyint=50:repeat-headers=1 "
			 "-f h264");
	test_media(aac, "-f lavfi -i sine=f=440:r=48000:d=7 -ac 2 -ar 48000 -c:a aac -b:a 128k -f adts");
	assert_int_equal(buf_read_file(&r->h264, h264, NULL), 0);
	assert_int_equal(buf_read_file(&r->aac, aac, NULL), 0);
	split_video(r);
	split_audio(r);
	mux(r);
	assert_int_equal(fs_write_atomic(ts, r->ts.data, r->ts.len, NULL), 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct real *r = *state;

	buf_free(&r->h264);
	buf_free(&r->aac);
	buf_free(&r->ts);
	free(r->dir);
	free(r);
	return 0;
}

static void our_validator(void **state)
{
	struct real *r = *state;
	CLEANUP(ts_check_free) struct ts_check c = { 0 };

	if (ts_check(&c, (const uint8_t *)r->ts.data, r->ts.len, false) < 0)
		fail_msg("%s", c.error);
	assert_int_equal(c.picture_count, FRAMES * ROUNDS);
	assert_memory_equal(c.video, r->h264.data, r->h264.len);
	assert_memory_equal(c.video + r->h264.len, r->h264.data, r->h264.len);
	assert_true(c.audio_buffer <= 3584);
}

static void ffmpeg_says_nothing(void **state)
{
	struct real *r = *state;
	CLEANUP(cleanup_free) char *ts = fs_join(r->dir, "out.ts");
	CLEANUP(buf_free) struct buf out = { 0 };
	const char *decode[] = { "ffmpeg", "-nostdin", "-v",   "warning", "-xerror", "-i",
				 ts,	   "-f",       "null", "-",	  NULL };
	const char *copy[] = { "ffmpeg", "-nostdin", "-v", "warning", "-i", ts,
			       "-c",	 "copy",     "-f", "null",    "-",  NULL };
	const char *probe[] = { "ffprobe", "-v", "warning", ts, NULL };

	run(decode, &out);
	run(copy, &out);
	run(probe, &out);
	assert_string_equal(buf_text(&out), "");
}

static void packets_are_where_the_plan_put_them(void **state)
{
	struct real *r = *state;
	CLEANUP(cleanup_free) char *ts = fs_join(r->dir, "out.ts");
	CLEANUP(buf_free) struct buf out = { 0 };
	const char *probe[] = { "ffprobe",
				"-v",
				"error",
				"-select_streams",
				"v",
				"-show_entries",
				"packet=pts,dts,size",
				"-of",
				"csv=p=0",
				ts,
				NULL };
	char *line, *rest;
	int64_t first = 0;
	size_t n = 0;

	run(probe, &out);
	rest = out.data;
	while ((line = strsep(&rest, "\n"))) {
		const struct tsmux_frame *f = &r->video[n % FRAMES];
		int64_t round = (int64_t)(n / FRAMES) * plan_frame_ticks(FRAMES, rate);
		long long pts, dts, size;

		if (sscanf(line, "%lld,%lld,%lld", &pts, &dts, &size) != 3)
			continue;
		if (n == 0)
			first = dts - f->dts;
		assert_int_equal(dts, first + round + f->dts);
		assert_int_equal(pts, first + round + f->pts);
		assert_int_equal(size, f->len);
		n++;
	}
	assert_int_equal(n, FRAMES * ROUNDS);
}

static void decoded(const char *path, const char *args[2], struct buf *ret)
{
	const char *argv[] = { "ffmpeg", "-nostdin",	"-v",	"error",    args[0],	 args[1],
			       "-i",	 path,		"-map", "0:v",	    "-frames:v", "150",
			       "-vsync", "passthrough", "-f",	"rawvideo", "-c:v",	 "rawvideo",
			       "-f",	 "md5",		"-",	NULL };

	run(argv, ret);
}

static void pictures_decode_the_same(void **state)
{
	struct real *r = *state;
	CLEANUP(cleanup_free) char *ts = fs_join(r->dir, "out.ts");
	CLEANUP(cleanup_free) char *h264 = fs_join(r->dir, "v.h264");
	CLEANUP(buf_free) struct buf a = { 0 };
	CLEANUP(buf_free) struct buf b = { 0 };

	decoded(ts, (const char *[]) { "-f", "mpegts" }, &a);
	decoded(h264, (const char *[]) { "-f", "h264" }, &b);
	assert_non_null(strstr(buf_text(&a), "MD5="));
	assert_string_equal(buf_text(&a), buf_text(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_validator),
		cmocka_unit_test(ffmpeg_says_nothing),
		cmocka_unit_test(packets_are_where_the_plan_put_them),
		cmocka_unit_test(pictures_decode_the_same),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
