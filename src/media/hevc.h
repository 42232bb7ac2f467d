/* hevc.h - just enough of HEVC (H.265, ISO 23008-2) to cut a stream: what its NAL units are (nal.h), and what an SPS says of
 * the pictures. Pure; any bytes are safe.
 *
 * Where a stream may be cut (3.70, 7.4.2.2, 8.1.3): at an IRAP picture. At an IDR nothing refers back. x265 and others make
 * CRA pictures instead (an open GOP), often all but the first: RASL pictures, which are decoded after the CRA and shown
 * before it, refer to what lay before it. Behind what does lie before it that is whole; behind anything else the RASL
 * pictures cannot be decoded. So that a decoder leaves them out instead of showing what it made up, the CRA becomes a BLA
 * there, whose slices are the same but for the type (7.3.1.2, 7.4.2.2), or what comes before it ends with an end of sequence
 * (8.1.3: NoRaslOutputFlag). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "media/nal.h"

/* Table 7-1. */
enum {
	HEVC_RASL_N = 8,
	HEVC_RASL_R = 9,
	HEVC_BLA_W_LP = 16, /* the first of the IRAP pictures */
	HEVC_IDR_W_RADL = 19,
	HEVC_IDR_N_LP = 20,
	HEVC_CRA = 21, /* the last */
	HEVC_VCL_END = 32,
	HEVC_VPS = 32,
	HEVC_SPS = 33,
	HEVC_PPS = 34,
	HEVC_AUD = 35,
	HEVC_EOS = 36,
	HEVC_EOB = 37,
	HEVC_FILLER = 38,
	HEVC_SEI = 39, /* before the picture */
};

static inline int hevc_type(const struct nal_unit *unit)
{
	return unit->data[0] >> 1 & 63;
}

static inline bool hevc_is_irap(int type)
{
	return type >= HEVC_BLA_W_LP && type <= HEVC_CRA;
}

/* nuh_layer_id; of a unit that is too short to have one, 64. */
static inline int hevc_layer(const struct nal_unit *unit)
{
	return unit->len < 2 ? 64 : (unit->data[0] & 1) << 5 | unit->data[1] >> 3;
}

bool hevc_parse_sps(const struct nal_unit *unit, struct nal_sps *ret);

/* The most bits/s of NAL units that profile, tier and level allow (table A.9, BrNalFactor of table A.10); 0 unknown. */
int64_t hevc_rate(const struct nal_sps *sps);

/* VPS, SPS and PPS of a container's extradata (hvcC or start codes), each behind 00 00 00 01, in their order, of the base
 * layer. False when it has none or is damaged. */
bool hevc_parameter_sets(const uint8_t *extradata, size_t len, struct buf *ret_sets, int *ret_length_size);
