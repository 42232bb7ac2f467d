/* Which bytes of a packet count for its essence; headers that promise more than there is. */
#include "lib/testlib.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "media/essence_packet.h"

static void take(void *context, const void *data, size_t len)
{
	buf_add(context, data, len);
}

static void what_counts(void **state)
{
	static const struct {
		struct essence_form form;
		const char *packet;
		size_t len;
		const char *counts;
		size_t count;
	} rows[] = {
		{ { ESSENCE_PLAIN, 0 }, "abc", 3, "abc", 3 },
		{ { ESSENCE_AAC, 0 }, "\xFF\xF1\x4C\x80\x01\x3F\xFCxy", 9, "xy", 2 },
		{ { ESSENCE_AAC, 0 }, "\xFF\xF0\x4C\x80\x01\x5F\xFC\0\0x", 10, "x", 1 },
		{ { ESSENCE_AAC, 0 }, "\xFF\xF1\x4C\x80\x01\x5F\xFCxy", 9, "\xFF\xF1\x4C\x80\x01\x5F\xFCxy", 9 },
		/* A header with a checksum needs 9 bytes; this frame ends after 7. */
		{ { ESSENCE_AAC, 0 }, "\xFF\xF0\x4C\x80\0\xE0\0", 7, "\xFF\xF0\x4C\x80\0\xE0\0", 7 },
		{ { ESSENCE_H264, 4 }, "\0\0\0\2\x65\x88\0\0\0\1\x67\0\0\0\2\x41\0", 17, "\2\0\0\0\x65\x88\1\0\0\0\x41", 11 },
		{ { ESSENCE_H264, 4 }, "\0\0\0\xFF\x65\x88", 6, "\2\0\0\0\x65\x88", 6 }, /* cut off */
		{ { ESSENCE_H264, 0 }, "\0\0\1\x67\x64\0\0\1\x65\x88\0\0", 12, "\2\0\0\0\x65\x88", 6 },
		{ { ESSENCE_HEVC, 2 }, "\0\2\x26\1\0\2\x4E\1", 8, "\2\0\0\0\x26\1", 6 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf got = { 0 };

		essence_packet(&rows[i].form, (const uint8_t *)rows[i].packet, rows[i].len, take, &got);
		if (got.len != rows[i].count || memcmp(got.data, rows[i].counts, got.len) != 0)
			fail_msg("row %zu: %zu bytes count, not %zu", i, got.len, rows[i].count);
		buf_free(&got);
	}
}

static void headers_of_tracks(void **state)
{
	static const uint8_t avcc[] = { 1, 100, 0, 30, 0xFF, 0xE1, 0 }, hvcc[23] = { 1, [21] = 1 };

	(void)state;
	assert_int_equal(essence_length_size(ESSENCE_H264, avcc, sizeof(avcc)), 4);
	assert_int_equal(essence_length_size(ESSENCE_H264, avcc, 6), 0);
	assert_int_equal(essence_length_size(ESSENCE_HEVC, hvcc, sizeof(hvcc)), 2);
	assert_int_equal(essence_length_size(ESSENCE_HEVC, hvcc, 22), 0);
	assert_int_equal(essence_length_size(ESSENCE_AAC, avcc, sizeof(avcc)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_counts),
		cmocka_unit_test(headers_of_tracks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
