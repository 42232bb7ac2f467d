/* encode_pictures.h - which source picture is on at a time. Depends on the pictures' times alone, never on where the
 * reading began. Times are flicks from the file's first picture. Worker only. */
#pragma once

#include <stdint.h>

#include <libavutil/frame.h>

#include "base/err.h"
#include "stream/encode_source.h"
#include "stream/plan.h"

struct encode_pictures;

struct encode_pictures *encode_pictures_open(struct encode_source *source /* borrowed */, struct plan_rate rate,
					     struct err *err);
void encode_pictures_close(struct encode_pictures *pictures); /* NULL is fine */

/* Goes to `time` with the sound from `audio` on in the source. ERR_MEDIA when the file gives no picture at all. */
int encode_pictures_start(struct encode_pictures *pictures, int64_t time, int64_t audio, struct err *err);

/* The picture on at `time` (not earlier than the last call's), borrowed until the next call; its pts tells one from
 * another. Before the first picture: the first. NULL: the file ended more than 2 s before. */
const AVFrame *encode_pictures_at(struct encode_pictures *pictures, int64_t time);

/* End of the file's last picture, once that was reached; else 0. */
int64_t encode_pictures_end(const struct encode_pictures *pictures);
