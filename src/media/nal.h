/* nal.h - NAL units and the bits in them, which H.264 (ISO 14496-10) and HEVC (H.265) have in common: units behind start codes
 * or lengths, and Exp-Golomb numbers. Pure; any bytes are safe.
 *
 * Not here: what kinds of units there are (h264.h, hevc.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The units of an access unit or of a list of parameter sets. length_size 0: behind start codes; 1, 2, 4: behind their
 * length (as in MP4 and Matroska). */
struct nal_units {
	const uint8_t *data;
	size_t len, at;
	int length_size;
};

struct nal_unit {
	const uint8_t *data; /* without start code or length */
	size_t len;	     /* > 0 */
};

/* 1 a unit, 0 the end, -1 lengths that do not fit. */
int nal_next(struct nal_units *units, struct nal_unit *ret);

/* One of the units behind start codes in `sets` is the same bytes. */
bool nal_has(const struct buf *sets, const struct nal_unit *unit);

/* Behind 00 00 00 01. */
void nal_add(struct buf *to, const uint8_t *data, size_t len);

/* What an SPS says. */
struct nal_sps {
	int profile, level; /* level: 10 times its number in H.264, 30 times in HEVC */
	bool high_tier;	    /* HEVC */
	int width, height;  /* as shown */
	int chroma, depth;  /* depth: bits of luma or chroma, the larger */
	int reorder;	    /* HEVC: pictures that may precede any in decoding and follow it when shown (sps_max_num_reorder_pics) */
	bool progressive;   /* no picture is a field; HEVC: and it is not of interlaced sources alone */
};

#define NAL_BYTES 1024 /* of a unit that can be read: what matters stands at its beginning */

struct nal_bits {
	uint8_t data[NAL_BYTES]; /* without emulation prevention */
	size_t len, at;		 /* in bits */
	bool over;		 /* more was read than there is, or what cannot be: everything is 0 from then on */
};

void nal_bits_init(struct nal_bits *bits, const struct nal_unit *unit, size_t head /* bytes of its header */);
unsigned nal_take(struct nal_bits *bits, int count /* <= 32 */);
void nal_skip(struct nal_bits *bits, size_t count);
unsigned nal_take_ue(struct nal_bits *bits); /* ue(v): 9.1 of H.264, 9.2 of H.265 */
int nal_take_se(struct nal_bits *bits);	     /* se(v) */

/* What VUI begins with in both: from aspect_ratio_info_present_flag to the places of chroma (E.1.1 of H.264, E.2.1 of H.265). */
void nal_skip_vui_display(struct nal_bits *bits);
