/* h264.h - just enough of H.264 (ISO 14496-10) to cut a stream: its NAL units, and what an SPS says of the pictures.
 * Pure; any bytes are safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { H264_SLICE = 1, H264_IDR = 5, H264_SEI = 6, H264_SPS = 7, H264_PPS = 8, H264_AUD = 9, H264_FILLER = 12 };

/* The units of an access unit or of a list of parameter sets. length_size 0: behind start codes; 1, 2, 4: behind their
 * length (as in MP4 and Matroska). */
struct h264_units {
	const uint8_t *data;
	size_t len, at;
	int length_size;
};

struct h264_unit {
	const uint8_t *data; /* without start code or length */
	size_t len;	     /* > 0 */
	int type;
};

/* 1 a unit, 0 the end, -1 lengths that do not fit. */
int h264_next(struct h264_units *units, struct h264_unit *ret);

struct h264_sps {
	int profile, level, width, height, chroma, depth; /* depth: bits of luma or chroma, the larger */
	bool progressive;
};
/* The most bits/s of NAL units that profile and level allow (table A-1, A.3.1); 0 unknown. */
int64_t h264_rate(const struct h264_sps *sps);
bool h264_parse_sps(const struct h264_unit *unit, struct h264_sps *ret);

/* An SPS that says no less than `frames` for max_num_reorder_frames (E.2.1), the same but for that; behind no start code.
 * False, and nothing added, when it says so already or cannot be read. */
bool h264_say_reorder(const struct h264_unit *unit, int frames, struct buf *to);

/* Parameter sets of a container's extradata (avcC or start codes), each behind 00 00 00 01, in their order. False when it
 * has none or is damaged. */
bool h264_parameter_sets(const uint8_t *extradata, size_t len, struct buf *ret_sets, int *ret_length_size);
