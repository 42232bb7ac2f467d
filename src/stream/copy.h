/* copy.h - the pictures of a copied clip's segments, as the file has them: packets from a cut to the next, in Annex B, with the
 * file's parameter sets where decoding can begin. Worker only.
 *
 * A clip's first segment follows anything; a CRA picture of HEVC becomes a BLA there (media/hevc.h). The others follow the one
 * before them, or a segment that ends with an end of sequence (tsmux.h).
 *
 * What is read must be what the plan says (stream/copy_plan.h): else ERR_MEDIA, and nothing goes out. */
#pragma once

#include "base/err.h"
#include "stream/clip.h"
#include "stream/encode_source.h"
#include "stream/encode_video.h"

struct copy;

struct copy *copy_open(const struct clip *clip, struct encode_source *source /* borrowed */, struct err *err);
void copy_close(struct copy *copy); /* NULL is fine */

/* Bits/s at which its pictures may be sent, by profile and level (tsmux.h). */
int64_t copy_rate(const struct copy *copy);
/* The same of any pictures, by the first SPS among their units (Annex B). */
int64_t copy_rate_of(bool hevc, const void *units, size_t len);

/* Goes to the segment's first picture, with the sound from `audio` (flicks) on in the source. */
void copy_start(struct copy *copy, const struct plan_segment *segment, int64_t audio);

/* Adds the segment's pictures in decode order; a unit's `frame` is its time in the clip (1/90,000 s). In order from the
 * segment of copy_start() on. */
int copy_pictures(struct copy *copy, const struct plan_segment *segment, struct encode_units *to, struct err *err);
