/* encode_filter.h - from a source picture to a picture of the profile: size, shape, colour. No state: what comes out
 * depends on the picture alone. Worker only. */
#pragma once

#include <libavutil/frame.h>

#include "base/err.h"
#include "stream/profile.h"

struct encode_filter;

/* `rotation`: degrees clockwise the picture must be turned, a multiple of 90. Never fails. */
struct encode_filter *encode_filter_new(const struct profile *profile, int rotation);
void encode_filter_free(struct encode_filter *filter);

/* A new frame in *ret: yuv420p, BT.709, limited range, the profile's size, black around what does not fill it. */
int encode_filter_run(struct encode_filter *filter, const AVFrame *source, AVFrame **ret, struct err *err);
