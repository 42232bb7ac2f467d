/* encode_deint.h - deinterlaces the pictures that are flagged so; the others pass. One picture out for each in, one
 * later. What comes out depends on a picture and its two neighbours only. Worker only. */
#pragma once

#include <libavutil/frame.h>

#include "base/err.h"

struct encode_deint;

struct encode_deint *encode_deint_new(void);
void encode_deint_free(struct encode_deint *deint); /* NULL is fine */

/* Takes the frame (its pts in flicks, growing); NULL says that no more will come. */
int encode_deint_push(struct encode_deint *deint, AVFrame *frame, struct err *err);
AVFrame *encode_deint_pull(struct encode_deint *deint); /* NULL: push more. The caller frees it */
