/* encode_deint.c - see encode_deint.h. bwdif behind a buffer; rebuilt when the form of the pictures changes. */
#include "stream/encode_deint.h"

#include <stdbool.h>
#include <stdlib.h>

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>

#include "media/avfile.h"

#define READY 8

struct encode_deint {
	AVFilterGraph *graph;
	AVFilterContext *in, *out;
	int width, height, format;
	int64_t last; /* pts of the last picture given; never twice */
	AVFrame *ready[READY];
	int count;
};

struct encode_deint *encode_deint_new(void)
{
	struct encode_deint *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	d->last = INT64_MIN;
	return d;
}

void encode_deint_free(struct encode_deint *deint)
{
	if (!deint)
		return;
	for (int i = 0; i < deint->count; i++)
		av_frame_free(&deint->ready[i]);
	avfilter_graph_free(&deint->graph);
	free(deint);
}

static int build(struct encode_deint *d, const AVFrame *frame, struct err *err)
{
	AVBufferSrcParameters *p = av_buffersrc_parameters_alloc();
	AVFilterContext *filter;
	int rc;

	d->graph = avfilter_graph_alloc();
	if (!p || !d->graph)
		abort();
	d->in = avfilter_graph_alloc_filter(d->graph, avfilter_get_by_name("buffer"), "in");
	d->out = avfilter_graph_alloc_filter(d->graph, avfilter_get_by_name("buffersink"), "out");
	p->format = frame->format;
	p->width = frame->width;
	p->height = frame->height;
	p->time_base = (AVRational){ 1, AVFILE_FLICKS };
	p->sample_aspect_ratio = frame->sample_aspect_ratio;
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 16, 100)
	p->color_space = frame->colorspace;
	p->color_range = frame->color_range;
#endif
	rc = av_buffersrc_parameters_set(d->in, p);
	av_free(p);
	if (rc >= 0)
		rc = avfilter_init_str(d->in, NULL);
	if (rc >= 0)
		rc = avfilter_init_str(d->out, NULL);
	if (rc >= 0)
		rc = avfilter_graph_create_filter(&filter, avfilter_get_by_name("bwdif"), "deint",
						  "mode=send_frame:parity=auto:deint=interlaced", NULL, d->graph);
	if (rc >= 0)
		rc = avfilter_link(d->in, 0, filter, 0);
	if (rc >= 0)
		rc = avfilter_link(filter, 0, d->out, 0);
	if (rc >= 0)
		rc = avfilter_graph_config(d->graph, NULL);
	if (rc < 0) {
		avfilter_graph_free(&d->graph);
		return err_set(err, ERR_MEDIA, "set up deinterlacing of %dx%d: %s", frame->width, frame->height,
			       av_err2str(rc));
	}
	d->width = frame->width;
	d->height = frame->height;
	d->format = frame->format;
	return 0;
}

/* Moves what the graph gives to the list. */
static void drain(struct encode_deint *d)
{
	AVFrame *frame = av_frame_alloc();

	while (frame && d->graph && av_buffersink_get_frame(d->out, frame) >= 0) {
		frame->pts = av_rescale_q(frame->pts, av_buffersink_get_time_base(d->out), (AVRational){ 1, AVFILE_FLICKS });
		if (frame->pts > d->last && d->count < READY) {
			d->last = frame->pts;
			d->ready[d->count++] = frame;
			frame = av_frame_alloc();
		} else {
			av_frame_unref(frame);
		}
	}
	av_frame_free(&frame);
}

static void finish(struct encode_deint *d)
{
	if (d->graph && av_buffersrc_add_frame(d->in, NULL) >= 0)
		drain(d);
	avfilter_graph_free(&d->graph);
}

int encode_deint_push(struct encode_deint *deint, AVFrame *frame, struct err *err)
{
	struct encode_deint *d = deint;
	int rc = 0;

	if (!frame || (d->graph && (d->width != frame->width || d->height != frame->height || d->format != frame->format)))
		finish(d);
	if (!frame)
		return 0;
	if (!d->graph)
		rc = build(d, frame, err);
	if (rc >= 0 && av_buffersrc_add_frame(d->in, frame) < 0)
		rc = err_set(err, ERR_MEDIA, "deinterlace a picture of %dx%d", frame->width, frame->height);
	if (rc >= 0)
		drain(d);
	av_frame_free(&frame);
	return rc;
}

AVFrame *encode_deint_pull(struct encode_deint *deint)
{
	AVFrame *frame;

	if (!deint->count)
		return NULL;
	frame = deint->ready[0];
	deint->count--;
	for (int i = 0; i < deint->count; i++)
		deint->ready[i] = deint->ready[i + 1];
	return frame;
}
