/* ts_model.c - the decoder model of transport streams (T-STD, ISO/IEC 13818-1, 2.4.2): when packets arrive and how full
 * the buffers get; see ts_check.h. */
#include "lib/ts_reader.h"

#include <stdlib.h>
#include <string.h>

/* When a packet has arrived, between the PCRs around it; UNKNOWN after the last one. */
int64_t ts_arrival(const struct reader *rd, size_t packet)
{
	size_t low = 0, high = rd->pcr_count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (rd->pcrs[middle].packet <= packet)
			low = middle;
		else
			high = middle;
	}
	if (!rd->pcr_count || low + 1 >= rd->pcr_count)
		return UNKNOWN;
	if (packet < rd->pcrs[low].packet)
		return rd->pcrs[low].time;
	return rd->pcrs[low].time + (rd->pcrs[low + 1].time - rd->pcrs[low].time) *
					    (int64_t)(packet + 1 - rd->pcrs[low].packet) /
					    (int64_t)(rd->pcrs[low + 1].packet - rd->pcrs[low].packet);
}

#define PES_HEADER 14

/* Most bytes in the main buffer of the sound. Each packet's payload is in it when it has arrived (the transport buffer before it
 * would only hold some of it back); a frame leaves at its PTS, with the PES header before it. */
void ts_measure_audio_buffer(struct reader *rd)
{
	struct ts_check *r = rd->r;
	size_t gone = 0, held = 0;

	for (size_t n = 0; n < rd->owner_count; n++) {
		int64_t arrived = rd->owners[n] == AUDIO ? ts_arrival(rd, n) : UNKNOWN;

		if (arrived == UNKNOWN)
			continue;
		for (; gone < r->frame_count && r->frames[gone].pts < arrived; gone++) {
			bool first = !gone || r->frames[gone].first != r->frames[gone - 1].first;

			held -= r->frames[gone].len + 7 + (first ? PES_HEADER : 0);
		}
		held += rd->payloads[n];
		if (held > r->audio_buffer)
			r->audio_buffer = held;
	}
}

struct level {
	int level, rate, buffer; /* MaxBR, MaxCPB */
};

/* H.264 Annex A, table A-1: in units of 1,200 bits (a second), with a high profile of 1,500, which is what ISO 13818-1 2.14.3.1
 * takes. */
static const struct level levels[] = {
	{ 10, 64, 175 },	{ 11, 192, 500 },	{ 12, 384, 1000 },	{ 13, 768, 2000 },
	{ 20, 2000, 2000 },	{ 21, 4000, 4000 },	{ 22, 4000, 4000 },	{ 30, 10000, 10000 },
	{ 31, 14000, 14000 },	{ 32, 20000, 20000 },	{ 40, 20000, 25000 },	{ 41, 50000, 62500 },
	{ 42, 50000, 62500 },	{ 50, 135000, 135000 },	{ 51, 240000, 240000 }, { 52, 240000, 240000 },
};

/* H.265 Annex A, table A.9, in units of 1,100 bits (BrNalFactor, CpbNalFactor of Main and Main 10): tier main, then high. */
static const struct level levels_hevc[2][9] = {
	{ { 30, 128, 350 }, { 60, 1500, 1500 }, { 63, 3000, 3000 }, { 90, 6000, 6000 }, { 93, 10000, 10000 }, { 120, 12000, 12000 },
	  { 123, 20000, 20000 }, { 150, 25000, 25000 }, { 153, 40000, 40000 } },
	{ { 30, 128, 350 }, { 60, 1500, 1500 }, { 63, 3000, 3000 }, { 90, 6000, 6000 }, { 93, 10000, 10000 }, { 120, 30000, 30000 },
	  { 123, 50000, 50000 }, { 150, 100000, 100000 }, { 153, 160000, 160000 } },
};

/* Bits a second, and bits that the coded picture buffer holds; 0 for a level that is not known. */
static void level_bounds(const struct ts_check *r, double *ret_rate, double *ret_buffer)
{
	const struct level *list = r->hevc ? levels_hevc[r->high_tier] : levels;
	size_t count = r->hevc ? sizeof(levels_hevc[0]) / sizeof(*list) : sizeof(levels) / sizeof(*list);
	double unit = r->hevc ? 1100 : r->profile >= 100 ? 1500 : 1200;

	*ret_rate = *ret_buffer = 0;
	for (size_t i = 0; i < count; i++)
		if (list[i].level == r->level) {
			*ret_rate = list[i].rate * unit;
			*ret_buffer = list[i].buffer * unit;
		}
}

/* Its SPS begins with a byte and then profile, 4 bytes, 6 bytes of flags and the level; an emulation prevention byte may lie in
 * between, 03 behind two of 00. */
static void find_level_hevc(struct ts_check *r, const uint8_t *sps)
{
	uint8_t bytes[13];
	size_t n = 0, zeros = 0;

	for (size_t i = 2; n < sizeof(bytes); i++) {
		if (zeros >= 2 && sps[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = sps[i] ? 0 : zeros + 1;
		bytes[n++] = sps[i];
	}
	r->profile = bytes[1] & 31;
	r->high_tier = bytes[1] >> 5 & 1;
	r->level = bytes[12];
}

/* Most bytes in the multiplexing and the coded picture buffer together: what has arrived of pictures, until each is decoded. */
static size_t picture_buffer(const struct reader *rd)
{
	const struct ts_check *r = rd->r;
	size_t gone = 0, held = 0, most = 0;

	for (size_t n = 0; n < rd->owner_count; n++) {
		int64_t arrived = rd->owners[n] == VIDEO ? ts_arrival(rd, n) : UNKNOWN;

		if (arrived == UNKNOWN)
			continue;
		for (; gone < r->picture_count && r->pictures[gone].dts < arrived; gone++)
			for (size_t p = r->pictures[gone].first; p <= r->pictures[gone].last; p++)
				held -= rd->owners[p] == VIDEO ? rd->payloads[p] : 0;
		held += rd->payloads[n];
		most = held > most ? held : most;
	}
	return most;
}

static void find_level(struct ts_check *r)
{
	for (size_t i = 0; r->picture_count && i + 7 < r->pictures[0].len; i++) {
		const uint8_t *p = r->video + r->pictures[0].at + i;

		if (r->hevc && memcmp(p, "\0\0\1\x42\1", 5) == 0 && i + 40 < r->pictures[0].len) {
			find_level_hevc(r, p + 3);
			return;
		}
		if (!r->hevc && memcmp(p, "\0\0\1", 3) == 0 && (p[3] & 31) == 7) {
			r->profile = p[4];
			r->level = p[6];
			return;
		}
	}
}

/* Most bytes in a transport buffer that fills with the packets of some PIDs and leaks at `rate` bits/s. Between two PCRs
 * packets come at one rate (2.4.2.2). */
static size_t transport_buffer(const struct reader *rd, unsigned pids, double rate)
{
	double fill = 0, most = 0, before = 0, leak = rate / 8 / 90000; /* bytes a tick */

	for (size_t i = 0; i + 1 < rd->pcr_count; i++) {
		const struct stamp *a = &rd->pcrs[i], *b = &rd->pcrs[i + 1];
		double each = (double)(b->time - a->time) / (double)(b->packet - a->packet);

		for (size_t n = a->packet; n < b->packet; n++) {
			double start = (double)a->time + each * (double)(n - a->packet);

			if (!(pids & 1u << rd->owners[n]))
				continue;
			fill -= leak * (start - before);
			fill = (fill > 0 ? fill : 0) + PACKET - leak * each;
			fill = fill > 0 ? fill : 0;
			before = start + each;
			most = fill > most ? fill : most;
		}
	}
	return (size_t)most;
}

void ts_measure_transport(struct reader *rd)
{
	struct ts_check *r = rd->r;
	double video, coded, least;

	find_level(r);
	level_bounds(r, &video, &coded);
	least = video > 2000000 ? video : 2000000;
	r->video_buffer = picture_buffer(rd);
	r->video_buffer_max = video > 0 ? (size_t)((coded + least * 0.004 + least / 750) / 8) : 0;
	r->table_transport = transport_buffer(rd, 1u << PAT | 1u << PMT, 1000000);
	r->audio_transport = transport_buffer(rd, 1u << AUDIO, 2000000);
	r->video_transport = video > 0 ? transport_buffer(rd, 1u << VIDEO, video) : 0;
	for (size_t i = 0; i + 1 < rd->pcr_count; i++) {
		int64_t bits = (int64_t)(rd->pcrs[i + 1].packet - rd->pcrs[i].packet) * PACKET * 8;
		int64_t bit_rate = bits * 90000 / (rd->pcrs[i + 1].time - rd->pcrs[i].time);

		r->peak_rate = bit_rate > r->peak_rate ? bit_rate : r->peak_rate;
	}
}
