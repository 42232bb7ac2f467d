/* The stamp: clocks move, nothing else does; the wrap; garbage is left alone. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "lib/ts_check.h"
#include "lib/ts_made.h"
#include "stream/ts_packet.h"
#include "stream/ts_stamp.h"
#include "stream/tsmux.h"

#define CLOCK (INT64_C(1) << 33)

static void made(struct buf *ts)
{
	const struct ts_made_kind kind = { { 25, 1 }, 20000, 3000, 300, 50 };
	CLEANUP(ts_made_free) struct ts_made m = { 0 };

	ts_made_segment(&m, &kind, 500, 1, 9);
	assert_int_equal(tsmux_write(ts, &m.segment, NULL), 0);
}

static void all_clocks_move(void **state)
{
	static const uint64_t offsets[] = { 0,
					    1,
					    90000,
					    0x155555555,
					    (UINT64_C(1) << 33) - 1,
					    UINT64_C(1) << 33,
					    (UINT64_C(1) << 33) - 190000,
					    UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
		CLEANUP(buf_free) struct buf ts = { 0 };
		CLEANUP(ts_check_free) struct ts_check before = { 0 };
		CLEANUP(ts_check_free) struct ts_check after = { 0 };
		int64_t by = (int64_t)(offsets[i] & 0x1FFFFFFFF);

		made(&ts);
		assert_int_equal(ts_check(&before, (uint8_t *)ts.data, ts.len, true), 0);
		ts_stamp((uint8_t *)ts.data, ts.len, offsets[i]);
		if (ts_check(&after, (uint8_t *)ts.data, ts.len, true) < 0)
			fail_msg("%s", after.error);
		assert_int_equal((after.first_pcr - before.first_pcr - by) % CLOCK, 0);
		assert_int_equal(after.picture_count, before.picture_count);
		for (size_t n = 0; n < before.picture_count; n++) {
			assert_int_equal((after.pictures[n].pts - before.pictures[n].pts - by) % CLOCK, 0);
			assert_int_equal((after.pictures[n].dts - before.pictures[n].dts - by) % CLOCK, 0);
		}
		for (size_t n = 0; n < before.frame_count; n++)
			assert_int_equal((after.frames[n].pts - before.frames[n].pts - by) % CLOCK, 0);
		assert_memory_equal(after.video, before.video, before.video_len);
		assert_memory_equal(after.audio, before.audio, before.audio_len);
	}
}

static void there_and_back_is_the_same(void **state)
{
	CLEANUP(buf_free) struct buf a = { 0 };
	CLEANUP(buf_free) struct buf b = { 0 };

	(void)state;
	made(&a);
	made(&b);
	for (size_t at = 0; at < b.len; at += 188 * 7) /* in blocks, as they are sent */
		ts_stamp((uint8_t *)b.data + at, b.len - at < 188 * 7 ? b.len - at : 188 * 7, 123456789);
	assert_memory_not_equal(a.data, b.data, a.len);
	ts_stamp((uint8_t *)b.data, b.len, (UINT64_C(1) << 33) - 123456789);
	assert_memory_equal(a.data, b.data, a.len);
}

/* A packet whose PES begins `room` bytes before its end. */
static void pes_packet(uint8_t to[188], size_t room, const uint8_t *pes, size_t len)
{
	struct ts_packet packet = { 0x100, 0, true, false, TS_PACKET_NO_PCR };
	uint8_t payload[184];

	memset(payload, 0xAA, sizeof(payload));
	memcpy(payload, pes, len < room ? len : room);
	ts_packet_write(to, &packet, payload, room);
}

static void unchanged(const uint8_t packet[188], const char *why)
{
	uint8_t copy[188 + 2];

	memcpy(copy + 1, packet, 188);
	copy[0] = copy[189] = 0x5A;
	ts_stamp(copy + 1, 188, 0x155555555);
	if (memcmp(copy + 1, packet, 188) != 0)
		fail_msg("changed: %s", why);
	assert_true(copy[0] == 0x5A && copy[189] == 0x5A);
}

static void garbage_is_left_alone(void **state)
{
	uint8_t pes[32], packet[188];
	size_t header = ts_packet_pes_header(pes, 0xE0, 100, 7200, 3600);

	(void)state;
	pes_packet(packet, 184, pes, header);
	packet[0] = 0x46;
	unchanged(packet, "no sync byte");
	for (size_t room = 1; room < header; room++) {
		pes_packet(packet, room, pes, header);
		unchanged(packet, "a header that does not fit");
	}
	pes_packet(packet, 184, pes, header);
	packet[4 + 2] = 0;
	unchanged(packet, "no start code");
	pes_packet(packet, 184, pes, header);
	packet[4 + 3] = 0xBE;
	unchanged(packet, "padding");
	pes_packet(packet, 184, pes, header);
	packet[4 + 8] = 9;
	unchanged(packet, "a header said to be short");
	pes_packet(packet, 184, pes, header);
	packet[4 + 9] &= 0x0F;
	unchanged(packet, "no marker");
	pes_packet(packet, 184, pes, header);
	packet[1] = 0x01;
	unchanged(packet, "nothing begins here");
	ts_packet_write(packet, &(struct ts_packet) { 0x100, 0, false, true, 5 }, pes, 10);
	packet[4] = 184;
	unchanged(packet, "an adaptation field longer than the packet");
	packet[4] = 6;
	unchanged(packet, "an adaptation field too short for its PCR");
}

static void odd_ends_are_not_touched(void **state)
{
	uint8_t pes[32], two[188 * 2];
	size_t header = ts_packet_pes_header(pes, 0xE0, 100, 7200, 3600);
	uint8_t copy[188 * 2];

	(void)state;
	pes_packet(two, 184, pes, header);
	pes_packet(two + 188, 184, pes, header);
	memcpy(copy, two, sizeof(two));
	ts_stamp(copy, 188 + 187, 1000);
	assert_memory_not_equal(copy, two, 188);
	assert_memory_equal(copy + 188, two + 188, 188);
	ts_stamp(NULL, 0, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_clocks_move),
		cmocka_unit_test(there_and_back_is_the_same),
		cmocka_unit_test(garbage_is_left_alone),
		cmocka_unit_test(odd_ends_are_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
