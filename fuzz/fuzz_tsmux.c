/* fuzz_tsmux.c - any frames: refused with a sentence, or a segment of whole packets with neutral counters.
 * Input: records of 8 bytes: kind and flags, size (2), step of DTS (2), PTS - DTS (2), fill. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stream/ts_stamp.h"
#include "stream/tsmux.h"

#define MOST 2048

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	struct tsmux_frame video[MOST], audio[MOST];
	size_t videos, audios;
	int64_t dts, pts, end;
	uint8_t picture[65536 + 8], sound[65536 + 8];
};

static int64_t get16(const uint8_t *p)
{
	return (int16_t)(p[0] | p[1] << 8);
}

/* Wraps: the input goes to the extremes on purpose. */
static int64_t add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static void read_record(struct input *in, const uint8_t *p)
{
	size_t len = (size_t)(p[1] | p[2] << 8);

	if (p[0] & 1 && in->videos < MOST) {
		in->dts = add(in->dts, get16(p + 3));
		in->video[in->videos++] = (struct tsmux_frame) { in->picture + (p[0] >> 5 == 7), len,
								 add(in->dts, get16(p + 5)), in->dts, p[0] & 2 };
		if (add(in->dts, get16(p + 5)) >= in->end)
			in->end = add(add(in->dts, get16(p + 5)), 3600);
	} else if (in->audios < MOST) {
		in->pts = add(in->pts, p[0] & 4 ? 1920 : get16(p + 3));
		in->audio[in->audios++] = (struct tsmux_frame) { in->sound, len, in->pts, in->pts, false };
	}
	if (p[0] & 8)
		in->end = add(in->end, p[7] * 100);
	if ((p[0] & 0xF0) == 0xF0) /* extremes now and then */
		in->dts = p[7] & 1 ? INT64_MAX - p[7] : INT64_MIN + p[7];
}

static void check(const struct buf *ts)
{
	const uint8_t *p = (const uint8_t *)ts->data;
	unsigned counts[0x2000] = { 0 };

	if (!ts->len || ts->len % 188)
		abort();
	for (size_t at = 0; at < ts->len; at += 188) {
		unsigned pid = (p[at + 1] << 8 | p[at + 2]) & 0x1FFF;

		if (p[at] != 0x47)
			abort();
		if ((p[at + 3] & 0x10) && (p[at + 3] & 15) != (counts[pid]++ & 15))
			abort();
	}
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		if (counts[i] % 16)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input *in = calloc(1, sizeof(*in));
	CLEANUP(buf_free) struct buf ts = BUF_MAX((size_t)1 << 24);
	struct err err = { 0 };
	struct tsmux_segment s;

	if (!in)
		abort();
	memcpy(in->picture, "\0\0\0\1\x09\xF0", 6);
	in->end = INT32_MIN;
	for (; size >= 8; data += 8, size -= 8)
		read_record(in, data);
	s = (struct tsmux_segment) { in->video, in->videos, in->audio, in->audios, in->end, (int64_t)(size % 2) * 5760, false,
				     size % 5 == 4, (int64_t)(size % 3) * 2000000 };
	if (tsmux_write(&ts, &s, &err) == 0) {
		check(&ts);
		ts_stamp((uint8_t *)ts.data, ts.len, (uint64_t)in->end);
		check(&ts);
	} else if (!err.text[0] || ts.len) {
		abort();
	}
	free(in);
	return 0;
}
