/* Less effort: other pictures, but the same parameter sets, frames and stamps, so that any segment may follow any other. */
#include "lib/testlib.h"
#include "lib/ts_decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "stream/encode.h"
#include "stream/encode_video.h"

/* Delimiter, SPS, PPS: what stands before the first slice. */
static size_t headers_length(const struct encode_units *units)
{
	const uint8_t *data = (const uint8_t *)units->bytes.data;

	for (size_t i = 0; i + 5 < units->units[0].len; i++)
		if (memcmp(data + i, "\0\0\0\1", 4) == 0 && (data[i + 4] & 31) <= 6)
			return i;
	fail_msg("no slice");
	return 0;
}

static void encode_noise(const struct profile *profile, struct encode_units *to)
{
	struct encode_video *video;
	struct err err = { 0 };
	AVFrame *frame = av_frame_alloc();
	unsigned random = 1;

	to->bytes = BUF_MAX(64 << 20);
	video = encode_video_open(profile, false, to, &err);
	assert_non_null(video);
	frame->format = AV_PIX_FMT_YUV420P;
	frame->width = profile->width;
	frame->height = profile->height;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(av_frame_get_buffer(frame, 0), 0);
		for (int p = 0; p < 3; p++)
			for (int y = 0; y < (p ? frame->height / 2 : frame->height); y++)
				for (int x = 0; x < frame->linesize[p]; x++)
					frame->data[p][y * frame->linesize[p] + x] =
						(uint8_t)(16 + (x + y * 2 + i * 5 + (int)((random = random * 1103515245 + 12345) >> 28)) % 200);
		encode_video_add(video, frame);
		av_buffer_unref(&frame->buf[0]);
		av_buffer_unref(&frame->buf[1]);
		av_buffer_unref(&frame->buf[2]);
	}
	test_ok(encode_video_finish(video, &err), &err);
	encode_video_close(video);
	av_frame_free(&frame);
}

static void the_parameter_sets_are_the_same(void **state)
{
	static const char *const names[] = { "480p", "720p", "1080p" };

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(names); n++) {
		CLEANUP(encode_units_free) struct encode_units full = { 0 };
		struct profile profile;
		size_t len;

		assert_int_equal(profile_get(names[n], 25, 1, &profile, NULL), 0);
		encode_noise(&profile, &full);
		len = headers_length(&full);
		assert_true(len > 20);
		for (int effort = 1; effort < PROFILE_EFFORTS; effort++) {
			CLEANUP(encode_units_free) struct encode_units less = { 0 };

			profile.effort = effort;
			encode_noise(&profile, &less);
			assert_int_equal(headers_length(&less), len);
			assert_memory_equal(less.bytes.data, full.bytes.data, len);
			assert_int_equal(less.count, full.count);
			assert_true(less.bytes.len != full.bytes.len);
		}
		profile.effort = 0;
	}
}

struct made {
	struct buf bytes;
};

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
	buf_add(&((struct made *)context)->bytes, data, len);
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* PTS of every picture, sorted: which of them are reordered is the encoder's to choose. */
static size_t stamps(const struct buf *ts, int64_t *to, size_t max)
{
	size_t count = 0;

	for (size_t at = 0; at + 188 <= ts->len; at += 188) {
		const uint8_t *p = (const uint8_t *)ts->data + at;
		size_t head = 4 + (p[3] & 0x20 ? 1u + p[4] : 0);

		if (!(p[1] & 0x40) || !(p[3] & 0x10) || head + 19 >= 188 || memcmp(p + head, "\0\0\1\xe0", 4) != 0)
			continue;
		assert_true(count < max);
		p += head + 9;
		to[count++] = (int64_t)(p[0] >> 1 & 7) << 30 | p[1] << 22 | p[2] >> 1 << 15 | p[3] << 7 | p[4] >> 1;
	}
	qsort(to, count, sizeof(*to), by_value);
	return count;
}

static void frames_and_stamps_are_the_same(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(buf_free) struct buf path = { 0 };
	int64_t first[200], found[200];
	struct clip clip = { .file_id = 1, .frames = 25 * 4 };

	(void)state;
	buf_addf(&path, "%s/a.mkv", dir);
	test_media(buf_text(&path), "-f lavfi -i testsrc2=s=640x360:r=25 -f lavfi -i sine=440:r=48000 -t 5 -c:v libx264 -preset "
				    "ultrafast -c:a aac");
	clip.path = buf_text(&path);
	assert_int_equal(profile_get("480p", 25, 1, &clip.profile, NULL), 0);
	clip_set_key(&clip, "a");
	for (int effort = 0; effort < PROFILE_EFFORTS; effort++) {
		struct made made = { 0 };
		struct encode_sink sink = { &made, wanted, keep };
		struct encode_result result;
		struct err err = { 0 };

		clip.profile.effort = effort;
		test_ok(encode_clip(&clip, 0, 2, &sink, &result, &err), &err);
		assert_int_equal(result.segments, 2);
		assert_true(result.decode_speed >= 0 && result.speed > 0);
		assert_int_equal(stamps(&made.bytes, effort ? found : first, ARRAY_LEN(found)), 100);
		if (effort)
			assert_memory_equal(found, first, 100 * sizeof(*found));
		buf_free(&made.bytes);
	}
}

/* First the analysis goes, which nobody sees; only then the picture is made smaller, inside the same frame. */
static void the_picture_is_smaller_at_last_only(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(buf_free) struct buf path = { 0 };
	struct clip clip = { .file_id = 1, .frames = 25 };

	(void)state;
	buf_addf(&path, "%s/gray.mkv", dir);
	test_media(buf_text(&path), "-f lavfi -i color=gray:s=640x360:r=25 -t 2 -c:v libx264 -preset ultrafast");
	clip.path = buf_text(&path);
	assert_int_equal(profile_get("480p", 25, 1, &clip.profile, NULL), 0);
	clip_set_key(&clip, "gray");
	for (int effort = 0; effort < PROFILE_EFFORTS; effort++) {
		struct made made = { 0 };
		struct encode_sink sink = { &made, wanted, keep };
		struct ts_decoded *seen = calloc(1, sizeof(*seen));
		struct encode_result result;
		struct err err = { 0 };

		assert_non_null(seen);
		clip.profile.effort = effort;
		test_ok(encode_clip(&clip, 0, 1, &sink, &result, &err), &err);
		ts_decode(made.bytes.data, made.bytes.len, seen);
		assert_int_equal(seen->pictures, 25);
		assert_in_range(seen->luma[12], 100, 150);
		if (effort < PROFILE_EFFORT_SMALLER)
			assert_in_range(seen->corner[12], 100, 150);
		else
			assert_in_range(seen->corner[12], 0, 40);
		ts_decoded_free(seen);
		free(seen);
		buf_free(&made.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parameter_sets_are_the_same),
		cmocka_unit_test(frames_and_stamps_are_the_same),
		cmocka_unit_test(the_picture_is_smaller_at_last_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
