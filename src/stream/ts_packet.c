/* ts_packet.c - see ts_packet.h. */
#include "stream/ts_packet.h"

#include <string.h>

static void put16(uint8_t *to, unsigned value)
{
	to[0] = (uint8_t)(value >> 8);
	to[1] = (uint8_t)value;
}

static void put_pcr(uint8_t *to, int64_t pcr)
{
	uint64_t base = (uint64_t)pcr & 0x1FFFFFFFF;

	to[0] = (uint8_t)(base >> 25);
	to[1] = (uint8_t)(base >> 17);
	to[2] = (uint8_t)(base >> 9);
	to[3] = (uint8_t)(base >> 1);
	to[4] = (uint8_t)((base & 1) << 7 | 0x7E); /* six reserved bits; the 27 MHz extension is always 0 */
	to[5] = 0;
}

static void put_adaptation(uint8_t *to, size_t size, const struct ts_packet *packet)
{
	to[0] = (uint8_t)(size - 1);
	if (size == 1)
		return;
	memset(to + 1, 0xFF, size - 1);
	to[1] = 0;
	if (packet->pcr == TS_PACKET_NO_PCR)
		return;
	to[1] = packet->random_access ? 0x50 : 0x10;
	put_pcr(to + 2, packet->pcr);
}

void ts_packet_write(uint8_t *to, const struct ts_packet *packet, const uint8_t *payload, size_t len)
{
	size_t adaptation = TS_PACKET_ROOM - len;

	to[0] = 0x47;
	put16(to + 1, packet->pid | (packet->start ? 0x4000 : 0));
	to[3] = (uint8_t)((adaptation ? 0x20 : 0) | (len ? 0x10 : 0) | (packet->counter & 15));
	if (adaptation)
		put_adaptation(to + 4, adaptation, packet);
	if (len)
		memcpy(to + 4 + adaptation, payload, len);
}

static void put_stamp(uint8_t *to, unsigned prefix, int64_t stamp)
{
	uint64_t t = (uint64_t)stamp & 0x1FFFFFFFF;

	to[0] = (uint8_t)(prefix << 4 | (t >> 29 & 0x0E) | 1);
	put16(to + 1, (unsigned)(t >> 14 & 0xFFFE) | 1);
	put16(to + 3, (unsigned)(t << 1 & 0xFFFE) | 1);
}

size_t ts_packet_pes_header(uint8_t *to, uint8_t stream_id, size_t bytes, int64_t pts, int64_t dts)
{
	size_t header = pts == dts ? 14 : 19;
	size_t counted = header - 6 + bytes;

	memcpy(to, (const uint8_t[]) { 0, 0, 1, stream_id }, 4);
	put16(to + 4, counted <= 0xFFFF ? (unsigned)counted : 0);
	to[6] = 0x84; /* data_alignment_indicator: each PES begins with an access unit */
	to[7] = pts == dts ? 0x80 : 0xC0;
	to[8] = (uint8_t)(header - 9);
	put_stamp(to + 9, pts == dts ? 2 : 3, pts);
	if (pts != dts)
		put_stamp(to + 14, 1, dts);
	return header;
}

void ts_packet_adts(uint8_t to[TS_PACKET_ADTS], size_t len)
{
	size_t frame = len + TS_PACKET_ADTS;

	to[0] = 0xFF;
	to[1] = 0xF1;				     /* MPEG-4, no CRC */
	to[2] = 0x4C;				     /* LC, 48 kHz */
	to[3] = (uint8_t)(0x80 | (frame >> 11 & 3)); /* two channels */
	to[4] = (uint8_t)(frame >> 3);
	to[5] = (uint8_t)((frame & 7) << 5 | 0x1F); /* buffer fullness 0x7FF: variable rate */
	to[6] = 0xFC;
}

/* ISO/IEC 13818-1 annex A. */
static uint32_t crc32_mpeg(const uint8_t *data, size_t len)
{
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)data[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			crc = crc << 1 ^ (crc & 0x80000000 ? 0x04C11DB7 : 0);
	}
	return crc;
}

/* Pointer field, then the section: fills in its length and CRC. `len` counts both without the CRC. */
static size_t finish_section(uint8_t *to, size_t len)
{
	uint32_t crc;

	to[0] = 0;
	put16(to + 2, 0xB000 | (unsigned)(len - 4 + 4));
	crc = crc32_mpeg(to + 1, len - 1);
	put16(to + len, crc >> 16);
	put16(to + len + 2, crc & 0xFFFF);
	return len + 4;
}

size_t ts_packet_pat(uint8_t *to, unsigned pmt_pid)
{
	static const uint8_t head[] = {
		0, 0x00, 0, 0, 0, 1, 0xC1, 0, 0, 0, 1
	}; /* stream 1, version 0; programme 1 */

	memcpy(to, head, sizeof(head));
	put16(to + sizeof(head), 0xE000 | pmt_pid);
	return finish_section(to, sizeof(head) + 2);
}

static uint8_t *put_stream(uint8_t *to, uint8_t type, unsigned pid)
{
	to[0] = type;
	put16(to + 1, 0xE000 | pid);
	put16(to + 3, 0xF000); /* no descriptors */
	return to + 5;
}

size_t ts_packet_pmt(uint8_t *to, unsigned video_pid, uint8_t video_type, unsigned audio_pid,
		     uint8_t audio_type)
{
	static const uint8_t head[] = { 0, 0x02, 0, 0, 0, 1, 0xC1, 0, 0 };
	uint8_t *at = to + sizeof(head);

	memcpy(to, head, sizeof(head));
	put16(at, 0xE000 | video_pid); /* the PCR's PID */
	put16(at + 2, 0xF000);
	at = put_stream(at + 4, video_type, video_pid);
	at = put_stream(at, audio_type, audio_pid);
	return finish_section(to, (size_t)(at - to));
}
