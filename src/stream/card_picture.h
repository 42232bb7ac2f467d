/* card_picture.h - a text as a full picture in the slate's look. Worker only (libav). */
#pragma once

#include <libavutil/frame.h>

#include "base/err.h"
#include "stream/profile.h"

/* A new frame in the profile's form with the text on it, broken into lines and as large as it fits; without it where
 * libavfilter cannot draw text (no drawtext, no font). UTF-8. Free by av_frame_free(). */
int card_picture(const struct profile *profile, const char *text, AVFrame **ret, struct err *err);
