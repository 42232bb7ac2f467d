/* ts_made.h - made-up segments for tests of muxer, stamp and cache: the plan's frames with random bytes in
 * them. */
#pragma once

#include <stdint.h>

#include "stream/plan.h"
#include "stream/tsmux.h"

struct ts_made {
	struct tsmux_segment segment; /* what tsmux_write() takes */
	uint8_t *video, *audio;	      /* the bytes of all its frames in a row */
	size_t video_len, audio_len;
};

struct ts_made_kind {
	struct plan_rate rate;
	size_t key_size, picture_size; /* bytes about which they vary by half */
	size_t audio_size, audio_spread;
};

/* Segment k of a clip of `frames`; two B pictures between references, D = 1. Same seed, same bytes. */
void ts_made_segment(struct ts_made *ret, const struct ts_made_kind *kind, int64_t frames, int64_t k,
		     uint32_t seed);
void ts_made_free(struct ts_made *made);
