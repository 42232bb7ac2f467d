/* encode_downmix.c - see encode_downmix.h. ITU-R BS.775: centre and surrounds at -3 dB, no LFE, the sum scaled so
 * that it can't clip. Mono goes to both sides as loud as it is. */
#include "stream/encode_downmix.h"

#include <stdbool.h>
#include <stdlib.h>

#include <libavutil/channel_layout.h>
#include <libavutil/mathematics.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>

#define CHANNELS 64 /* libswresample's limit */

struct encode_downmix {
	SwrContext *swr;
	AVChannelLayout layout;
	int format, rate;
};

struct encode_downmix *encode_downmix_new(void)
{
	struct encode_downmix *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	return d;
}

void encode_downmix_free(struct encode_downmix *downmix)
{
	if (!downmix)
		return;
	swr_free(&downmix->swr);
	av_channel_layout_uninit(&downmix->layout);
	free(downmix);
}

/* Tracks that don't say how their channels lie are taken as the usual layout of that number. */
static void layout_of(const AVFrame *frame, AVChannelLayout *ret)
{
	if (frame->ch_layout.order == AV_CHANNEL_ORDER_NATIVE && av_channel_layout_check(&frame->ch_layout))
		av_channel_layout_copy(ret, &frame->ch_layout);
	else
		av_channel_layout_default(ret, frame->ch_layout.nb_channels);
}

static int set_matrix(SwrContext *swr, const AVChannelLayout *from, const AVChannelLayout *to)
{
	/* Square: FFmpeg 5.1 scales all CHANNELS rows and columns of it, however few there are. */
	double matrix[CHANNELS * CHANNELS] = { 0 };

	if (from->nb_channels > CHANNELS)
		return -1;
	if (from->nb_channels == 1)
		matrix[0] = matrix[CHANNELS] = 1;
	else if (swr_build_matrix2(from, to, M_SQRT1_2, M_SQRT1_2, 0, 1.0, 1.0, matrix, CHANNELS,
				   AV_MATRIX_ENCODING_NONE, NULL) < 0)
		return -1;
	return swr_set_matrix(swr, matrix, CHANNELS);
}

static int configure(struct encode_downmix *d, const AVFrame *frame, AVChannelLayout *layout)
{
	AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;

	swr_free(&d->swr);
	if (swr_alloc_set_opts2(&d->swr, &stereo, AV_SAMPLE_FMT_FLTP, frame->sample_rate, layout, frame->format,
				frame->sample_rate, 0, NULL) < 0 ||
	    set_matrix(d->swr, layout, &stereo) < 0 || swr_init(d->swr) < 0) {
		swr_free(&d->swr);
		return -1;
	}
	av_channel_layout_uninit(&d->layout);
	av_channel_layout_copy(&d->layout, layout);
	d->format = frame->format;
	d->rate = frame->sample_rate;
	return 0;
}

int encode_downmix_run(struct encode_downmix *downmix, const AVFrame *frame, float *left, float *right)
{
	AVChannelLayout layout = { 0 };
	int rc = 0;

	if (frame->ch_layout.nb_channels < 1)
		return -1;
	layout_of(frame, &layout);
	if (!downmix->swr || frame->format != downmix->format || frame->sample_rate != downmix->rate ||
	    av_channel_layout_compare(&layout, &downmix->layout) != 0)
		rc = configure(downmix, frame, &layout);
	av_channel_layout_uninit(&layout);
	if (rc < 0)
		return rc;
	rc = swr_convert(downmix->swr, (uint8_t *[]){ (uint8_t *)left, (uint8_t *)right }, frame->nb_samples,
			 (const uint8_t **)frame->extended_data, frame->nb_samples);
	return rc == frame->nb_samples ? 0 : -1;
}
