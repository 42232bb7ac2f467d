/* slate_picture.h - the slate's picture in a profile's form, and its encoding. Worker only (libav). */
#pragma once

#include <libavutil/frame.h>

#include "base/err.h"
#include "stream/profile.h"

/* A new frame, decoded from the picture in the program and scaled. Free by av_frame_free(). */
int slate_picture(const struct profile *profile, AVFrame **ret, struct err *err);
