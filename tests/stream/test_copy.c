/* Copy: which files can be copied and where they are cut; segments that are the file's own pictures, the same from the
 * middle as from a whole run. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "lib/clip_made.h"
#include "lib/ts_check.h"
#include "lib/ts_decode.h"
#include "stream/copy_plan.h"
#include "stream/encode.h"

#define SECOND INT64_C(90000)
#define SOURCE(rate) "-f lavfi -i testsrc2=s=320x180:r=" rate " -f lavfi -i sine=f=440:r=48000 "
#define X264 "-c:v libx264 -preset veryfast -pix_fmt yuv420p "

static char *dir;
static struct arena arena;

static void lengths_come_back(void **state)
{
	static const int32_t list[] = { 1, 127, 128, 180000, 1080000, 16383, 16384 };
	struct lengths lengths = { list, ARRAY_LEN(list) }, back;
	CLEANUP(buf_free) struct buf bytes = { 0 };

	(void)state;
	lengths_write(&bytes, &lengths);
	assert_true(lengths_read(bytes.data, bytes.len, &arena, &back));
	assert_int_equal(back.count, lengths.count);
	assert_memory_equal(back.list, list, sizeof(list));
	assert_int_equal(lengths_sum(&back, 3), 256);
	assert_false(lengths_read("\x80", 1, &arena, &back));
	assert_false(lengths_read("\x00", 1, &arena, &back));
	assert_false(lengths_read("\xff\xff\xff\xff\xff\xff\x01", 7, &arena, &back));
}

/* In tenths of a second. */
static void cutting(void **state)
{
	static const struct {
		int idrs[8], end, lengths[8]; /* ended by -1 */
	} rows[] = {
		{ { 0, 20, 40, -1 }, 60, { 20, 20, 20, -1 } },
		{ { 0, 10, 25, 30, 50, -1 }, 70, { 25, 25, 20, -1 } },
		{ { 0, 20, 40, -1 }, 45, { 20, 25, -1 } },		/* a tail under 1 s joins */
		{ { 0, 15, 130, -1 }, 150, { 15, 115, 20, -1 } },	/* earlier than 2 s rather than too long */
		{ { 0, 120, -1 }, 125, { 120, -1 } },			/* nowhere to put the tail */
		{ { 0, 121, -1 }, 140, { -1 } },			/* too far apart */
		{ { 0, -1 }, 9, { -1 } },
		{ { 0, -1 }, 30, { 30, -1 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t idrs[8];
		size_t count = 0, n = 0;
		struct lengths lengths = { 0 };

		for (; rows[i].idrs[count] >= 0; count++)
			idrs[count] = rows[i].idrs[count] * SECOND / 10;
		while (rows[i].lengths[n] >= 0)
			n++;
		assert_int_equal(copy_plan_cut(idrs, count, rows[i].end * SECOND / 10, &arena, &lengths), n > 0);
		for (size_t k = 0; n && k < n; k++) {
			assert_int_equal(lengths.count, n);
			assert_int_equal(lengths.list[k], rows[i].lengths[k] * SECOND / 10);
		}
	}
}

/* In pictures of 3600 ticks: what is reordered by two is decoded at even times, what goes farther in half the time before it. */
static void decoding_times(void **state)
{
	static const struct {
		int shown[10], count;
		double decoded[10]; /* pictures after the first one */
		bool possible;
	} rows[] = {
		{ { 0, 1, 2, 3 }, 4, { 0, 1, 2, 3 }, true },
		{ { 0, 3, 1, 2, 6, 4, 5 }, 7, { 0, 1, 2, 3, 4, 5, 6 }, true },
		{ { 0, 4, 2, 1, 3, 8, 6, 5, 7 }, 9, { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, true },
		{ { 2, 0, 1, 5, 3, 4 }, 6, { 0, 1, 2, 3, 4, 5 }, true }, /* an open group: some are shown before its first */
		/* Three deep: 1 is decoded when it is shown. */
		{ { 0, 8, 4, 2, 1, 3, 6, 5, 7 }, 9, { 0, 1, 2, 2.5 + 1 / 9.0, 3 + 1 / 9.0, 5, 6, 7, 8 }, true },
		{ { 0, 9, 8, 7, 6, 5, 4, 3, 2, 1 }, 10, { 0 }, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t shown[10], sorted[10], decoded[10];

		for (int n = 0; n < rows[i].count; n++)
			shown[n] = rows[i].shown[n] * 3600;
		assert_int_equal(copy_plan_times(shown, (size_t)rows[i].count, sorted, decoded), rows[i].possible);
		for (int n = 0; rows[i].possible && n < rows[i].count; n++) {
			assert_true(decoded[n] <= shown[n]);
			assert_true(n == 0 || decoded[n] > decoded[n - 1]);
			if (decoded[n] + COPY_PLAN_DELAY != (int64_t)(rows[i].decoded[n] * 3600 + 0.5))
				fail_msg("row %zu, picture %d: %lld", i, n, (long long)(decoded[n] + COPY_PLAN_DELAY));
		}
	}
	assert_true(copy_plan_times(NULL, 0, NULL, NULL));
}

static void what_cannot_be_copied(void **state)
{
	static const struct {
		const char *name, *args, *why;
	} rows[] = {
		{ "hevc.mkv", SOURCE("25") "-t 3 -c:v libx265 -preset ultrafast -x265-params log-level=none -c:a aac",
		  "not H.264" },
		{ "ten.mkv", SOURCE("25") "-t 3 -c:v libx264 -preset ultrafast -pix_fmt yuv420p10le -c:a aac", "8 bit" },
		{ "444.mkv", SOURCE("25") "-t 3 -c:v libx264 -preset ultrafast -pix_fmt yuv444p -c:a aac", "4:2:0" },
		{ "field.mkv", SOURCE("25") "-t 3 " X264 "-x264-params interlaced=1 -c:a aac", "interlaced" },
		{ "rare.mkv", SOURCE("25") "-t 20 " X264 "-g 400 -x264-params scenecut=0 -c:a aac", "12 s apart" },
		{ "open.mkv", SOURCE("25") "-t 16 " X264 "-g 50 -bf 2 -x264-params open-gop=1:scenecut=0 -c:a aac", "apart" },
		/* Two of five pictures a second: half of that is too long for the time before a segment. */
		{ "deep.mkv", SOURCE("5") "-t 4 " X264 "-g 10 -bf 3 -x264-params b-pyramid=normal:b-adapt=0:scenecut=0 -c:a aac", "reordered" },
		{ "sound.m4a", "-f lavfi -i sine -t 2 -c:a aac", "no pictures" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, rows[i].name, rows[i].args);
		struct copy_plan plan;
		struct err err = { 0 };

		if (copy_plan_make(path, false, NULL, &arena, &plan, &err) != -(int)ERR_UNSUPPORTED || !strstr(err.text, rows[i].why))
			fail_msg("%s: %s", rows[i].name, err.text);
	}
}

/* ---- segments ---- */

static void check_file(const char *path, const char *name)
{
	struct copy_plan plan;
	struct err err = { 0 };
	struct clip clip;
	int64_t last_dts = INT64_MIN;

	if (copy_plan_make(path, false, NULL, &arena, &plan, &err) < 0)
		fail_msg("%s: %s", name, err.text);
	assert_true(plan.lengths.count >= 3);
	assert_int_equal(plan.width, 320);
	assert_int_equal(plan.height, 180);
	for (size_t first = 0; first < 2; first++) { /* from the beginning, from a cut */
		CLEANUP(clip_made_free) struct clip_made whole = { 0 };
		int64_t count;

		clip = clip_made_copied(PROFILE_SOURCE, path, &plan, first, plan.lengths.count - first);
		count = clip_segments(&clip);
		clip_made_run(&clip, 0, count, &whole);
		last_dts = INT64_MIN;
		for (int64_t k = 0; k < count; k++) {
			CLEANUP(ts_decoded_free) struct ts_decoded d = { 0 };
			CLEANUP(clip_made_free) struct clip_made alone = { 0 };
			struct plan_segment s = clip_segment(&clip, k);

			clip_made_run(&clip, k, k + 1, &alone);
			if (alone.segment[k].len != whole.segment[k].len ||
			    memcmp(alone.segment[k].data, whole.segment[k].data, whole.segment[k].len) != 0)
				fail_msg("%s: segment %d differs between two runs", name, (int)k);
			ts_decode(whole.segment[k].data, whole.segment[k].len, &d);
			assert_int_equal(d.complaints, 0);
			assert_int_equal(d.audio_packets, s.audio_frames);
			assert_int_equal(d.picture_pts[0], s.first_frame);
			assert_true(d.picture_pts[d.pictures - 1] < s.first_frame + s.frames);
			assert_int_equal(d.pictures, d.video_packets);
			for (int i = k ? 0 : 6; i < d.video_packets; i++) { /* before time 0 they wrap */
				assert_true(d.video_dts[i] <= d.video_pts[i]);
				assert_true(d.video_dts[i] > last_dts);
				last_dts = d.video_dts[i];
			}
		}
	}
}

static void segments_are_the_files_own(void **state)
{
	static const struct {
		const char *name, *args;
	} rows[] = {
		{ "b.mkv", SOURCE("25") "-t 9 " X264 "-g 50 -bf 3 -c:a ac3" },
		{ "film.mp4", SOURCE("24000/1001") "-t 9 " X264 "-g 48 -bf 3 -c:a aac" },
		{ "ntsc.mkv", SOURCE("30000/1001") "-t 9 " X264 "-g 75 -bf 2 -c:a ac3" },
		{ "plain.ts", SOURCE("25") "-t 9 " X264 "-g 60 -bf 0 -c:a mp2" },
		{ "late.mkv", SOURCE("25") "-t 9 -output_ts_offset 100 " X264 "-g 50 -c:a aac" },
		/* Reordered by 200 ms, more than the time before a segment. */
		{ "slow.mkv", SOURCE("10") "-t 9 " X264 "-g 25 -bf 3 -x264-params b-pyramid=normal:b-adapt=0:scenecut=0 -c:a aac" },
		{ "mute.mp4", "-f lavfi -i testsrc2=s=320x180:r=25 -t 9 " X264 "-g 60" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, rows[i].name, rows[i].args);

		check_file(path, rows[i].name);
	}
}

/* ---- the decoder's buffers ---- */

#define FAST "-c:v libx264 -preset superfast -pix_fmt yuv420p "
/* Its sound takes all of the bit rate that it may have; a tone would not. */
#define NOISE(size, rate) "-f lavfi -i testsrc2=s=" size ":r=" rate ",noise=alls=12:allf=t -f lavfi -i anoisesrc=r=48000:a=0.3:seed=1 "

/* All segments of a file in a row, as a decoder of ISO 13818-1 takes them. */
static void decode_by_the_book(const char *path, const char *name, struct ts_check *ret)
{
	CLEANUP(clip_made_free) struct clip_made whole = { 0 };
	CLEANUP(buf_free) struct buf ts = { 0 };
	struct copy_plan plan;
	struct err err = { 0 };
	struct clip clip;

	if (copy_plan_make(path, false, NULL, &arena, &plan, &err) < 0)
		fail_msg("%s: %s", name, err.text);
	clip = clip_made_copied(PROFILE_SOURCE, path, &plan, 0, plan.lengths.count);
	clip_made_run(&clip, 0, clip_segments(&clip), &whole);
	for (int64_t k = 0; k < clip_segments(&clip); k++)
		buf_add(&ts, whole.segment[k].data, whole.segment[k].len);
	if (ts_check(ret, (const uint8_t *)ts.data, ts.len, false) < 0)
		fail_msg("%s: %s", name, ret->error);
}

/* What a level allows is sent as its decoders take it: no picture late, no buffer over, whatever the bit rate is. */
static void buffers_hold(void **state)
{
	static const struct {
		const char *name, *args;
		int level;
	} rows[] = {
		{ "p1.mkv", NOISE("640x360", "25") "-t 8 " X264 "-g 50 -bf 3 -b:v 1M -maxrate 1.2M -bufsize 1M -level 3 -c:a aac", 30 },
		{ "p4.mkv", NOISE("1280x720", "25") "-t 6 " FAST "-g 50 -bf 3 -b:v 4M -maxrate 5M -bufsize 3M -level 3.1 -c:a aac", 31 },
		{ "slow.mkv", NOISE("1280x720", "15") "-t 8 " FAST
		  "-g 30 -bf 3 -x264-params b-pyramid=normal:b-adapt=0 -b:v 4M -maxrate 5M -bufsize 2M -level 3.1 -c:a aac", 31 },
		{ "main.mkv", NOISE("1280x720", "25") "-t 6 " FAST "-profile:v main -g 75 -b:v 5M -maxrate 6M -bufsize 1M -level 3.1 -c:a aac",
		  31 },
		{ "film.mkv", NOISE("1280x720", "24000/1001") "-t 6 " FAST "-g 100 -b:v 8M -maxrate 9M -bufsize 2M -level 4 -c:a aac", 40 },
		{ "disc.mkv", NOISE("1920x1080", "25") "-t 4 " FAST "-g 25 -b:v 25M -maxrate 30M -bufsize 5M -level 4.1 -c:a aac", 41 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(cleanup_free) char *path = test_made(dir, rows[i].name, rows[i].args);
		struct ts_check c;

		decode_by_the_book(path, rows[i].name, &c);
		print_message("%s: %lld KB first; video %zu, sound %zu, its main buffer %zu, tables %zu; peak %lld\n", rows[i].name,
			      (long long)(c.pictures[0].len / 1000), c.video_transport, c.audio_transport, c.audio_buffer,
			      c.table_transport, (long long)c.peak_rate);
		assert_int_equal(c.level, rows[i].level);
		assert_true(c.video_transport <= 512);
		assert_true(c.audio_transport <= 512);
		assert_true(c.table_transport <= 512);
		assert_true(c.audio_buffer <= 3584);
		ts_check_free(&c);
	}
}

/* A first picture that is too large for the time that it has comes at the lowest rate that brings it in time. */
static void a_large_picture_is_not_late(void **state)
{
	CLEANUP(cleanup_free) char *path =
		test_made(dir, "large.mkv", NOISE("1280x720", "25") "-t 5 " FAST "-g 50 -b:v 12M -maxrate 14M -bufsize 12M -level 3.1 -c:a aac");
	struct ts_check c;
	struct profile profile;
	int64_t needed = 0, each;

	(void)state;
	assert_int_equal(profile_get(PROFILE_SOURCE, PROFILE_COPY_RATE, 1, &profile, NULL), 0);
	decode_by_the_book(path, "large", &c);
	for (size_t i = 0; i < c.picture_count; i++) {
		each = (int64_t)c.pictures[i].len * 8 * 90000 / profile_delay(&profile);
		if (c.pictures[i].random_access && each > needed)
			needed = each;
	}
	assert_true(needed > 21000000);
	assert_true(c.peak_rate < needed * 13 / 10);
	ts_check_free(&c);
}

static bool any(void *context, int64_t k)
{
	(void)context;
	(void)k;
	return true;
}

static int drop(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	(void)k;
	(void)data;
	(void)err;
	*(size_t *)context += len;
	return 0;
}

static void another_file_than_planned(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "a.mkv", SOURCE("25") "-t 8 " X264 "-g 50 -c:a aac");
	CLEANUP(cleanup_free) char *other = test_made(dir, "other.mkv", SOURCE("25") "-t 8 " X264 "-g 70 -x264-params scenecut=0 -c:a aac");
	size_t bytes = 0;
	struct encode_sink sink = { &bytes, any, drop };
	struct encode_result result;
	struct copy_plan plan;
	struct err err = { 0 };
	struct clip clip;

	(void)state;
	test_ok(copy_plan_make(path, false, NULL, &arena, &plan, &err), &err);
	clip = clip_made_copied(PROFILE_SOURCE, other, &plan, 1, 2);
	assert_int_equal(encode_clip(&clip, 0, 2, &sink, &result, &err), -(int)ERR_MEDIA);
	assert_non_null(strstr(err.text, "copy plan"));
	assert_int_equal(bytes, 0);
}

struct writer {
	const char *path;
	size_t bytes;
};

static int write_into(void *context, int64_t k, const void *data, size_t len, struct err *err)
{
	struct writer *w = context;
	FILE *file = fopen(w->path, "r+b");

	(void)k;
	(void)data;
	(void)err;
	w->bytes += len;
	assert_non_null(file);
	fseek(file, -2000, SEEK_END);
	fputs("noise", file);
	fclose(file);
	return 0;
}

/* Under it, while it is read: what came before goes out, nothing after. */
static void written_to_while_it_is_copied(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "written.ts", SOURCE("25") "-t 8 " X264 "-g 50 -c:a aac");
	struct writer w = { path, 0 };
	struct encode_sink sink = { &w, any, write_into };
	struct encode_result result;
	struct copy_plan plan;
	struct err err = { 0 };
	struct stat st;
	struct clip clip;

	(void)state;
	test_ok(copy_plan_make(path, false, NULL, &arena, &plan, &err), &err);
	assert_int_equal(stat(path, &st), 0);
	clip = clip_made_copied(PROFILE_SOURCE, path, &plan, 0, 3);
	clip.known.size = st.st_size;
	clip.known.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	clip_set_key_of_file(&clip, NULL);
	assert_int_equal(encode_clip(&clip, 0, 3, &sink, &result, &err), -(int)ERR_CONFLICT);
	assert_non_null(strstr(err.text, "changed"));
	assert_true(w.bytes > 0 && w.bytes < 200000);
}

static void through_the_pipe(void **state)
{
	CLEANUP(cleanup_free) char *path = test_made(dir, "pipe.mkv", SOURCE("25") "-t 6 " X264 "-g 50 -c:a aac");
	CLEANUP(json_cleanup) json_t *request = json_pack("{s:s, s:s}", "job", "copy_plan", "path", path);
	CLEANUP(json_cleanup) json_t *done = NULL, *json = NULL;
	struct copy_plan plan;
	struct clip clip, back;
	struct err err = { 0 };

	(void)state;
	test_ok(copy_plan_job(NULL, request, &done, &err), &err);
	test_ok(copy_plan_from_json(done, &arena, &plan, &err), &err);
	assert_true(plan.lengths.count >= 2);
	clip = clip_made_copied(PROFILE_SOURCE, path, &plan, 0, plan.lengths.count);
	json = clip_to_json(&clip);
	test_ok(clip_from_json(json, &arena, &back, &err), &err);
	assert_int_equal(clip_segments(&back), plan.lengths.count);
	assert_int_equal(back.frames, clip.frames);
	json_object_set_new(json, "frames", json_integer(clip.frames + 1));
	assert_int_equal(clip_from_json(json, &arena, &back, &err), -(int)ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_come_back),	     cmocka_unit_test(cutting),
		cmocka_unit_test(decoding_times),	     cmocka_unit_test(what_cannot_be_copied),     cmocka_unit_test(segments_are_the_files_own),
		cmocka_unit_test(buffers_hold),		     cmocka_unit_test(a_large_picture_is_not_late),
		cmocka_unit_test(another_file_than_planned), cmocka_unit_test(written_to_while_it_is_copied), cmocka_unit_test(through_the_pipe),
	};
	int failed;

	dir = test_dir();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&arena);
	return failed;
}
