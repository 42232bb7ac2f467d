/* encode_aac.h - AAC-LC frames of one segment by a fresh encoder. Worker only. */
#pragma once

#include "base/err.h"
#include "stream/encode_video.h"

#define ENCODE_AAC_LEAD 2  /* frames fed before the first one wanted */
#define ENCODE_AAC_AFTER 1 /* frames fed behind the last one: half of its window lies there */

/* left and right hold 1024 x (ENCODE_AAC_LEAD + frames + ENCODE_AAC_AFTER) samples at 48 kHz. Adds `frames` units, raw
 * AAC without ADTS; unit i decodes to the samples [1024 (LEAD + i), +1024). */
int encode_aac(const float *left, const float *right, int64_t frames, int kbps, struct encode_units *to,
	       struct err *err);
