/* h264.h - just enough of H.264 (ISO 14496-10) to cut a stream: what its NAL units are (nal.h), and what an SPS says of the
 * pictures. Pure; any bytes are safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "media/nal.h"

enum { H264_SLICE = 1, H264_IDR = 5, H264_SEI = 6, H264_SPS = 7, H264_PPS = 8, H264_AUD = 9, H264_FILLER = 12 };

static inline int h264_type(const struct nal_unit *unit)
{
	return unit->data[0] & 31;
}

/* The most bits/s of NAL units that profile and level allow (table A-1, A.3.1); 0 unknown. */
int64_t h264_rate(const struct nal_sps *sps);
bool h264_parse_sps(const struct nal_unit *unit, struct nal_sps *ret);

/* An SPS that says no less than `frames` for max_num_reorder_frames (E.2.1), the same but for that; behind no start code.
 * False, and nothing added, when it says so already or cannot be read. */
bool h264_say_reorder(const struct nal_unit *unit, int frames, struct buf *to);

/* Parameter sets of a container's extradata (avcC or start codes), each behind 00 00 00 01, in their order. False when it
 * has none or is damaged. */
bool h264_parameter_sets(const uint8_t *extradata, size_t len, struct buf *ret_sets, int *ret_length_size);
