/* encoder_unit.h - from what an encoder gives to an access unit as a transport stream wants it. Pure; any bytes are safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct encoder_packet {
	const uint8_t *data; /* NAL units behind start codes */
	size_t len;
	const uint8_t *extradata; /* the same: parameter sets, for an encoder that gives them apart; may be NULL */
	size_t extradata_len;
	bool hevc, key;
	int reorder; /* of H.264: what the SPS is to say at least (h264_say_reorder()); 0: it stays as it is */
};

/* Adds the units, each behind 00 00 00 01: a delimiter first (made when there is none), before a key picture the parameter
 * sets, without the encoder's signature (user data SEI). False when there is no picture in it, or a key picture without
 * parameter sets. */
bool encoder_unit_add(struct buf *to, const struct encoder_packet *packet);
