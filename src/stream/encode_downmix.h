/* encode_downmix.h - any channel layout and sample format to stereo float, frame by frame, without state. */
#pragma once

#include <libavutil/frame.h>

struct encode_downmix;

struct encode_downmix *encode_downmix_new(void);
void encode_downmix_free(struct encode_downmix *downmix);

/* frame->nb_samples floats into each of left and right; <0 when the layout cannot be mixed. */
int encode_downmix_run(struct encode_downmix *downmix, const AVFrame *frame, float *left, float *right);
