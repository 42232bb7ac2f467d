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

/* H.264 Annex A, table A-1: MaxBR in units of 1,200 bits/s, with a high profile of 1,500, which is what ISO 13818-1 2.14.3.1
 * takes. */
static double level_rate(int profile, int level)
{
	static const struct {
		int level, max_br;
	} levels[] = { { 10, 64 },    { 11, 192 },   { 12, 384 },   { 13, 768 },   { 20, 2000 },  { 21, 4000 },
		       { 22, 4000 },  { 30, 10000 }, { 31, 14000 }, { 32, 20000 }, { 40, 20000 }, { 41, 50000 },
		       { 42, 50000 }, { 50, 135000 }, { 51, 240000 }, { 52, 240000 } };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].level == level)
			return levels[i].max_br * (profile >= 100 ? 1500.0 : 1200.0);
	return 0;
}

/* H.265 Annex A, table A.9: MaxBR in units of 1,100 bits/s (BrNalFactor of Main and Main 10), tier main, then high. */
static double level_rate_hevc(bool high, int level)
{
	static const struct {
		int level, max_br[2];
	} levels[] = { { 30, { 128, 128 } },	 { 60, { 1500, 1500 } },     { 63, { 3000, 3000 } },	 { 90, { 6000, 6000 } },
		       { 93, { 10000, 10000 } }, { 120, { 12000, 30000 } },  { 123, { 20000, 50000 } },	 { 150, { 25000, 100000 } },
		       { 153, { 40000, 160000 } } };

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (levels[i].level == level)
			return levels[i].max_br[high] * 1100.0;
	return 0;
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
	double video = 0;

	find_level(r);
	video = r->hevc ? level_rate_hevc(r->high_tier, r->level) : level_rate(r->profile, r->level);
	r->table_transport = transport_buffer(rd, 1u << PAT | 1u << PMT, 1000000);
	r->audio_transport = transport_buffer(rd, 1u << AUDIO, 2000000);
	r->video_transport = video > 0 ? transport_buffer(rd, 1u << VIDEO, video) : 0;
	for (size_t i = 0; i + 1 < rd->pcr_count; i++) {
		int64_t bits = (int64_t)(rd->pcrs[i + 1].packet - rd->pcrs[i].packet) * PACKET * 8;
		int64_t bit_rate = bits * 90000 / (rd->pcrs[i + 1].time - rd->pcrs[i].time);

		r->peak_rate = bit_rate > r->peak_rate ? bit_rate : r->peak_rate;
	}
}
