/* encode_video.h - the pictures of one segment by the profile's encoder: a fresh one each time, the same headers always.
 * Worker only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libavutil/frame.h>

#include "base/buf.h"
#include "base/err.h"
#include "stream/profile.h"

struct encode_unit {
	size_t at, len; /* in encode_units.bytes */
	int64_t frame;	/* display index in the segment */
	bool key;
};

/* The access units of a segment in decode order. Zeroed is empty. */
struct encode_units {
	struct buf bytes;
	struct encode_unit *units;
	size_t count, size;
};

void encode_units_free(struct encode_units *units);

void encode_units_add(struct encode_units *units, const struct encode_unit *unit);

struct encode_video;

/* Units are added to `to` (borrowed until finish or close, by a thread of the encoder's own). With `repeat` every
 * picture after the first is P: nothing is reordered. */
struct encode_video *encode_video_open(const struct profile *profile, bool repeat, struct encode_units *to,
				       struct err *err);
void encode_video_close(struct encode_video *video); /* NULL is fine */

/* The next picture of the segment (of the profile's form, borrowed). The first becomes an IDR, no other does. Blocks
 * while the encoder is some pictures behind. */
void encode_video_add(struct encode_video *video, const AVFrame *frame);

/* Waits until all are encoded. What failed on the way is said here. */
int encode_video_finish(struct encode_video *video, struct err *err);
