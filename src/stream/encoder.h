/* encoder.h - the encoders of libavcodec by name: how each is set up, the form in which it takes pictures. Worker only. */
#pragma once

#include <libavcodec/avcodec.h>

#include "base/err.h"
#include "stream/profile.h"

/* The profile's encoder, open. NULL with a sentence that says what is missing: ERR_UNSUPPORTED it is not here, ERR_INTERNAL
 * it does not open. */
AVCodecContext *encoder_open(const struct profile *profile, struct err *err);

/* A yuv420p picture in the form and memory the encoder wants; replaces *frame when that is another. */
int encoder_take_picture(const AVCodecContext *encoder, AVFrame **frame, struct err *err);
