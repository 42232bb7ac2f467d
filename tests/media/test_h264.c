/* H.264's units behind lengths and start codes, parameter sets, and what an SPS says. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "media/h264.h"

/* x264's, High at 1280x720 and 1920x1080 (cropped), and an interlaced one. */
static const uint8_t sps_720[] = { 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x10, 0x00, 0x00, 0x03,
				   0x00, 0x10, 0x00, 0x00, 0x03, 0x03, 0x20, 0xf1, 0x83, 0x19, 0x60 };

/* libavcodec's for VA-API, 854x480: it says that nothing is reordered. Baseline 640x480, without VUI. */
static const uint8_t sps_va[] = { 0x67, 0x64, 0x0c, 0x1e, 0xac, 0x2c, 0xa8, 0x0d, 0x83, 0xde, 0x6f, 0x01, 0x6a, 0x02, 0x02, 0x03, 0xe0, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x06, 0x51, 0xe1, 0x00, 0x85, 0x40 };
static const uint8_t sps_bare[] = { 0x67, 0x42, 0x00, 0x1e, 0xda, 0x02, 0x80, 0xf6, 0x40 };

/* A number of 32 bits where there may be 16. */
static const uint8_t sps_huge[] = { 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x40, 0x01, 0x10, 0x00, 0x00,
				    0x00, 0x05, 0x01, 0x00, 0xd1, 0x83, 0x19, 0x60, 0x00, 0x00, 0x67, 0x64 };

static void start_codes(void **state)
{
	static const uint8_t data[] = { 9, 0, 0, 1, 0x09, 0xF0, 0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0, 0, 1, 0x65, 5, 0, 0 };
	struct nal_units units = { .data = data, .len = sizeof(data) };
	static const int types[] = { H264_AUD, H264_SPS, H264_IDR };
	static const size_t lens[] = { 2, 2, 2 };
	struct nal_unit unit;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		assert_int_equal(nal_next(&units, &unit), 1);
		assert_int_equal(h264_type(&unit), types[i]);
		assert_int_equal(unit.len, lens[i]);
	}
	assert_int_equal(nal_next(&units, &unit), 0);
}

static void lengths(void **state)
{
	static const uint8_t data[] = { 0, 2, 0x67, 1, 0, 0, 0, 1, 0x65, 0, 9, 1 };
	struct nal_units units = { .data = data, .len = sizeof(data), .length_size = 2 };
	struct nal_unit unit;

	(void)state;
	assert_int_equal(nal_next(&units, &unit), 1);
	assert_int_equal(h264_type(&unit), H264_SPS);
	assert_int_equal(nal_next(&units, &unit), 1);
	assert_int_equal(h264_type(&unit), H264_IDR);
	assert_int_equal(nal_next(&units, &unit), -1);
}

static void an_sps(void **state)
{
	struct nal_unit unit = { sps_720, sizeof(sps_720) };
	struct nal_sps sps;

	(void)state;
	assert_true(h264_parse_sps(&unit, &sps));
	assert_int_equal(sps.profile, 100);
	assert_int_equal(sps.level, 31);
	assert_int_equal(sps.width, 1280);
	assert_int_equal(sps.height, 720);
	assert_int_equal(sps.depth, 8);
	assert_int_equal(sps.chroma, 1);
	assert_true(sps.progressive);
	for (size_t n = 0; n < 9; n++)
		assert_false(h264_parse_sps(&(struct nal_unit){ sps_720, n }, &sps));
}

static void parameter_sets(void **state)
{
	uint8_t avcc[64] = { 1, 100, 0, 31, 0xFF, 0xE1, 0, sizeof(sps_720) };
	CLEANUP(buf_free) struct buf sets = { 0 };
	size_t len = 8 + sizeof(sps_720);
	int size = 0;

	(void)state;
	memcpy(avcc + 8, sps_720, sizeof(sps_720));
	memcpy(avcc + len, (uint8_t[]){ 1, 0, 2, 0x68, 0xEE }, 5);
	assert_true(h264_parameter_sets(avcc, len + 5, &sets, &size));
	assert_int_equal(size, 4);
	assert_int_equal(sets.len, 4 + sizeof(sps_720) + 4 + 2);
	for (size_t n = 0; n < len + 5; n++) {
		CLEANUP(buf_free) struct buf part = { 0 };

		assert_false(h264_parameter_sets(avcc, n, &part, &size) && n < len);
	}
}

struct reorder_row {
	const uint8_t *data;
	size_t len;
	int says; /* max_num_reorder_frames */
};

static void an_sps_says_more_of_reordering(void **state)
{
	static const struct reorder_row rows[] = { { sps_720, sizeof(sps_720), 2 }, { sps_va, sizeof(sps_va), 0 }, { sps_bare, sizeof(sps_bare), 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int frames = 1; frames < 4; frames++) {
			CLEANUP(buf_free) struct buf made = { 0 }, again = { 0 };
			const struct nal_unit unit = { rows[i].data, rows[i].len };
			struct nal_sps before, after;

			assert_int_equal(h264_say_reorder(&unit, frames, &made), frames > rows[i].says);
			if (frames <= rows[i].says)
				continue;
			assert_true(h264_parse_sps(&unit, &before));
			assert_true(h264_parse_sps(&(struct nal_unit){ (const uint8_t *)made.data, made.len }, &after));
			assert_int_equal(before.level, after.level);
			assert_int_equal(before.width, after.width);
			assert_int_equal(before.height, after.height);
			assert_int_equal(before.progressive, after.progressive);
			for (int f = 0; f < 6; f++)
				assert_int_equal(h264_say_reorder(&(struct nal_unit){ (const uint8_t *)made.data, made.len }, f, &again),
						 f > frames);
			for (size_t n = 1; n < rows[i].len; n++)
				h264_say_reorder(&(struct nal_unit){ rows[i].data, n }, frames, &again);
			assert_false(h264_say_reorder(&(struct nal_unit){ sps_huge, sizeof(sps_huge) }, frames, &again));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_sps_says_more_of_reordering),
		cmocka_unit_test(start_codes),
		cmocka_unit_test(lengths),
		cmocka_unit_test(an_sps),
		cmocka_unit_test(parameter_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
