/* ts_stamp.c - see ts_stamp.h.
 *
 * Two bytes of a packet say whether it can hold a clock at all; most cannot and are passed over.
 * A field is changed only where its whole syntax fits into the packet, so that garbage stays as it is. */
#include "stream/ts_stamp.h"

#define PACKET 188
#define CLOCK UINT64_C(0x1FFFFFFFF) /* 33 bits */

static void stamp_pcr(uint8_t *p, uint64_t offset)
{
	uint64_t base = (uint64_t)p[0] << 25 | (uint64_t)p[1] << 17 | (uint64_t)p[2] << 9 |
			(uint64_t)p[3] << 1 | p[4] >> 7;

	base += offset;
	p[0] = (uint8_t)(base >> 25);
	p[1] = (uint8_t)(base >> 17);
	p[2] = (uint8_t)(base >> 9);
	p[3] = (uint8_t)(base >> 1);
	p[4] = (uint8_t)((base & 1) << 7 | (p[4] & 0x7F));
}

static void stamp_time(uint8_t *p, uint64_t offset)
{
	uint64_t t = (uint64_t)(p[0] & 0x0E) << 29 | (uint64_t)p[1] << 22 | (uint64_t)(p[2] & 0xFE) << 14 |
		     (uint64_t)p[3] << 7 | p[4] >> 1;

	t += offset;
	p[0] = (uint8_t)((p[0] & 0xF1) | (t >> 29 & 0x0E));
	p[1] = (uint8_t)(t >> 22);
	p[2] = (uint8_t)((p[2] & 1) | (t >> 14 & 0xFE));
	p[3] = (uint8_t)(t >> 7);
	p[4] = (uint8_t)((p[4] & 1) | (t << 1 & 0xFE));
}

/* Streams whose PES have no such header (2.4.3.7): map, padding, private 2, ECM, EMM, DSMCC, H.222.1 E,
 * directory. */
static int has_header(uint8_t stream_id)
{
	return stream_id != 0xBC && stream_id != 0xBE && stream_id != 0xBF && stream_id != 0xF0 &&
	       stream_id != 0xF1 && stream_id != 0xF2 && stream_id != 0xF8 && stream_id != 0xFF;
}

static void stamp_pes(uint8_t *p, int room, uint64_t offset)
{
	if (room < 14 || p[0] != 0 || p[1] != 0 || p[2] != 1 || !has_header(p[3]) || (p[6] & 0xC0) != 0x80)
		return;
	if ((p[7] & 0xC0) == 0x80 && p[8] >= 5 && p[9] >> 4 == 2) {
		stamp_time(p + 9, offset);
	} else if ((p[7] & 0xC0) == 0xC0 && room >= 19 && p[8] >= 10 && p[9] >> 4 == 3 && p[14] >> 4 == 1) {
		stamp_time(p + 9, offset);
		stamp_time(p + 14, offset);
	}
}

static void stamp_packet(uint8_t *p, uint64_t offset)
{
	int payload = 4;

	if (p[3] & 0x20) {
		payload += 1 + p[4];
		if (payload > PACKET)
			return;
		if (p[4] >= 7 && p[5] & 0x10)
			stamp_pcr(p + 6, offset);
	}
	if (p[1] & 0x40 && p[3] & 0x10)
		stamp_pes(p + payload, PACKET - payload, offset);
}

void ts_stamp(uint8_t *packets, size_t len, uint64_t offset)
{
	offset &= CLOCK;
	for (; len >= PACKET; packets += PACKET, len -= PACKET)
		if (packets[0] == 0x47 && ((packets[1] & 0x40) | (packets[3] & 0x20)))
			stamp_packet(packets, offset);
}
