/* ts_decode.h - what a viewer would see and hear of segments: decoded by libav, for tests of encode and slate. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define TS_DECODE_MAX 2048

struct ts_decoded {
	/* packets, in file order */
	int64_t video_pts[TS_DECODE_MAX], video_dts[TS_DECODE_MAX], audio_pts[TS_DECODE_MAX];
	int video_packets, audio_packets, keys;
	uint8_t headers[256]; /* SPS and PPS of the first picture */
	int headers_len;
	/* pictures in display order */
	int64_t picture_pts[TS_DECODE_MAX];
	int code[TS_DECODE_MAX];  /* ten columns of luma as bits, the leftmost is bit 0 */
	int luma[TS_DECODE_MAX];  /* of the middle */
	int chroma[TS_DECODE_MAX][2];
	int corner[TS_DECODE_MAX]; /* luma of the upper left point */
	int pictures;
	/* left channel, sample 0 at PTS 0 */
	float *sound;
	size_t samples;
	int complaints; /* lines libav would have written at level warning */
};

/* Decodes TS bytes. Aborts when that is not possible at all. */
void ts_decode(const void *data, size_t len, struct ts_decoded *ret);
void ts_decoded_free(struct ts_decoded *decoded);

/* Time of the first sample louder than `level` at or after `from` s; -1: none. */
double ts_decoded_onset(const struct ts_decoded *decoded, double from, float level);
