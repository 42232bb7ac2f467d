/* encode_filter.c - see encode_filter.h. A libavfilter graph that is rebuilt whenever the form of the source's pictures
 * changes:
 *
 *	scale to fit -> (turn) -> (colour to BT.709) -> pad -> SAR 1, yuv420p
 *
 * Colour is converted after scaling, where there are fewer pixels. BT.601 and BT.2020 go through `colorspace`
 * (matrix, primaries and transfer), PQ and HLG through zscale and a tone curve. A source that does not say what it is
 * is taken by its size, as players do.
 *
 * Not here: choosing pictures and deinterlacing (encode_pictures.c). */
#include "stream/encode_filter.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/pixdesc.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define THREADS 2 /* fixed: part of what makes a picture the same everywhere */

struct encode_filter {
	struct profile profile;
	int rotation;
	AVFilterGraph *graph; /* NULL: none yet */
	AVFilterContext *in, *out;
	AVFrame *form; /* the properties that the graph was built for; no picture */
};

struct color {
	enum AVColorSpace space;
	enum AVColorPrimaries primaries;
	enum AVColorTransferCharacteristic transfer;
	bool full;
};

struct encode_filter *encode_filter_new(const struct profile *profile, int rotation)
{
	struct encode_filter *f = calloc(1, sizeof(*f));

	if (!f || !(f->form = av_frame_alloc()))
		abort();
	f->profile = *profile;
	f->rotation = rotation;
	return f;
}

void encode_filter_free(struct encode_filter *filter)
{
	if (!filter)
		return;
	avfilter_graph_free(&filter->graph);
	av_frame_free(&filter->form);
	free(filter);
}

static bool full_range_format(enum AVPixelFormat format)
{
	switch (format) {
	case AV_PIX_FMT_YUVJ420P:
	case AV_PIX_FMT_YUVJ422P:
	case AV_PIX_FMT_YUVJ444P:
	case AV_PIX_FMT_YUVJ440P:
	case AV_PIX_FMT_YUVJ411P:
		return true;
	default:
		return false;
	}
}

static bool is_rgb(const AVFrame *frame)
{
	const AVPixFmtDescriptor *d = av_pix_fmt_desc_get(frame->format);

	return d && (d->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL));
}

static struct color color_of(const AVFrame *frame)
{
	struct color c = { frame->colorspace, frame->color_primaries, frame->color_trc,
			   frame->color_range == AVCOL_RANGE_JPEG || full_range_format(frame->format) };
	bool hd = frame->height >= 720 || frame->width >= 1280;
	bool pal = frame->height == 576 || frame->height == 288;

	if (c.space == AVCOL_SPC_UNSPECIFIED || c.space == AVCOL_SPC_RESERVED)
		c.space = hd ? AVCOL_SPC_BT709 : pal ? AVCOL_SPC_BT470BG : AVCOL_SPC_SMPTE170M;
	if (c.primaries == AVCOL_PRI_UNSPECIFIED || c.primaries == AVCOL_PRI_RESERVED)
		c.primaries = c.space == AVCOL_SPC_BT709      ? AVCOL_PRI_BT709 :
			      c.space == AVCOL_SPC_BT2020_NCL ? AVCOL_PRI_BT2020 :
			      c.space == AVCOL_SPC_BT470BG    ? AVCOL_PRI_BT470BG :
								AVCOL_PRI_SMPTE170M;
	if (c.transfer == AVCOL_TRC_UNSPECIFIED || c.transfer == AVCOL_TRC_RESERVED)
		c.transfer = AVCOL_TRC_BT709;
	return c;
}

/* The box inside the profile's picture that keeps the display's shape; even numbers. */
static void fit(const struct encode_filter *f, const AVFrame *frame, int *ret_w, int *ret_h)
{
	AVRational sar = frame->sample_aspect_ratio;
	double shape = (double)frame->width / frame->height;
	/* A smaller picture is quicker to make: the frame around it costs nothing. */
	bool smaller = f->profile.effort >= PROFILE_EFFORT_SMALLER;
	int w = smaller ? f->profile.width * 2 / 3 & ~1 : f->profile.width;
	int h = smaller ? f->profile.height * 2 / 3 & ~1 : f->profile.height;

	if (sar.num > 0 && sar.den > 0 && av_q2d(sar) > 0.1 && av_q2d(sar) < 10)
		shape *= av_q2d(sar);
	if (f->rotation % 180)
		shape = 1 / shape;
	if (shape * h > w)
		h = (int)(w / shape + 1) & ~1;
	else
		w = (int)(h * shape + 1) & ~1;
	*ret_w = av_clip(w, 2, f->profile.width);
	*ret_h = av_clip(h, 2, f->profile.height);
}

static void add_turn(struct buf *b, int rotation)
{
	if (rotation == 90)
		buf_adds(b, ",transpose=clock");
	else if (rotation == 180)
		buf_adds(b, ",hflip,vflip");
	else if (rotation == 270)
		buf_adds(b, ",transpose=cclock");
}

static bool is_hdr(const struct color *c)
{
	return (c->transfer == AVCOL_TRC_SMPTE2084 || c->transfer == AVCOL_TRC_ARIB_STD_B67) &&
	       avfilter_get_by_name("zscale") && avfilter_get_by_name("tonemap");
}

/* zscale must be told what the picture is; frames may not say. */
static void add_tonemap(struct buf *b, const struct color *c)
{
	buf_addf(b,
		 ",zscale=min=%s:pin=bt2020:tin=%s:rin=%s:t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,"
		 "tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:p=bt709:r=limited,format=yuv420p",
		 c->space == AVCOL_SPC_BT2020_CL ? "2020_cl" : "2020_ncl",
		 c->transfer == AVCOL_TRC_SMPTE2084 ? "smpte2084" : "arib-std-b67", c->full ? "full" : "limited");
}

static bool colorspace_knows(const struct color *c)
{
	switch (c->space) {
	case AVCOL_SPC_BT470BG:
	case AVCOL_SPC_SMPTE170M:
	case AVCOL_SPC_SMPTE240M:
	case AVCOL_SPC_BT2020_NCL:
	case AVCOL_SPC_FCC:
		break;
	default:
		return false;
	}
	return c->primaries < AVCOL_PRI_SMPTE428 && c->transfer != AVCOL_TRC_LOG && c->transfer != AVCOL_TRC_LOG_SQRT &&
	       c->transfer < AVCOL_TRC_SMPTE2084;
}

static void add_colorspace(struct buf *b, const struct color *c)
{
	bool wide = c->primaries == AVCOL_PRI_BT2020;
	const char *primaries = av_color_primaries_name(c->primaries);
	const char *space = av_color_space_name(c->space);

	/* Between the old and the new primaries of SD and HD the matrix is what eyes notice; BT.2020 needs all. */
	buf_addf(b, ",format=%s,colorspace=space=bt709:trc=bt709:primaries=bt709:range=tv:format=yuv420p:ispace=%s:"
		    "iprimaries=%s:itrc=bt709:irange=%s:fast=%d",
		 wide ? "yuv420p10" : "yuv420p", space, primaries, c->full ? "pc" : "tv", !wide);
}

/* The description of the graph between buffer and sink. */
static void describe(const struct encode_filter *f, const AVFrame *frame, struct buf *b)
{
	struct color c = color_of(frame);
	int w, h;

	fit(f, frame, &w, &h);
	buf_addf(b, "scale=%d:%d:flags=bicubic", f->rotation % 180 ? h : w, f->rotation % 180 ? w : h);
	if (!is_rgb(frame) && is_hdr(&c)) {
		add_turn(b, f->rotation);
		add_tonemap(b, &c);
	} else if (!is_rgb(frame) && colorspace_knows(&c)) {
		buf_addf(b, ":in_range=%s:out_range=%s", c.full ? "pc" : "tv", c.full ? "pc" : "tv");
		add_turn(b, f->rotation);
		add_colorspace(b, &c);
	} else {
		if (!is_rgb(frame))
			buf_addf(b, ":in_color_matrix=bt709:in_range=%s", c.full ? "pc" : "tv");
		buf_adds(b, ":out_color_matrix=bt709:out_range=tv,format=yuv420p");
		add_turn(b, f->rotation);
	}
	if (w != f->profile.width || h != f->profile.height)
		buf_addf(b, ",pad=%d:%d:%d:%d:black", f->profile.width, f->profile.height,
			 ((f->profile.width - w) / 2) & ~1, ((f->profile.height - h) / 2) & ~1);
	buf_adds(b, ",setsar=1,format=yuv420p");
}

static bool same_form(const AVFrame *a, const AVFrame *b)
{
	return a->width == b->width && a->height == b->height && a->format == b->format &&
	       a->colorspace == b->colorspace && a->color_primaries == b->color_primaries &&
	       a->color_trc == b->color_trc && a->color_range == b->color_range &&
	       av_cmp_q(a->sample_aspect_ratio, b->sample_aspect_ratio) == 0;
}

static void note_form(AVFrame *to, const AVFrame *from)
{
	to->width = from->width;
	to->height = from->height;
	to->format = from->format;
	to->colorspace = from->colorspace;
	to->color_primaries = from->color_primaries;
	to->color_trc = from->color_trc;
	to->color_range = from->color_range;
	to->sample_aspect_ratio = from->sample_aspect_ratio;
}

static int link_graph(struct encode_filter *f, const char *text)
{
	AVFilterInOut *in = avfilter_inout_alloc(), *out = avfilter_inout_alloc();
	int rc;

	if (!in || !out)
		abort();
	*out = (AVFilterInOut){ av_strdup("in"), f->in, 0, NULL };
	*in = (AVFilterInOut){ av_strdup("out"), f->out, 0, NULL };
	rc = avfilter_graph_parse_ptr(f->graph, text, &in, &out, NULL);
	avfilter_inout_free(&in);
	avfilter_inout_free(&out);
	return rc < 0 ? rc : avfilter_graph_config(f->graph, NULL);
}

static int build(struct encode_filter *f, const AVFrame *frame, struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	AVBufferSrcParameters *p = av_buffersrc_parameters_alloc();
	const char *name = av_get_pix_fmt_name(frame->format);
	int rc = 0;

	avfilter_graph_free(&f->graph);
	f->graph = avfilter_graph_alloc();
	if (!p || !f->graph)
		abort();
	f->graph->nb_threads = THREADS;
	describe(f, frame, &text);
	f->in = avfilter_graph_alloc_filter(f->graph, avfilter_get_by_name("buffer"), "in");
	f->out = avfilter_graph_alloc_filter(f->graph, avfilter_get_by_name("buffersink"), "out");
	if (!f->in || !f->out)
		abort();
	p->format = frame->format;
	p->width = frame->width;
	p->height = frame->height;
	p->time_base = (AVRational){ 1, 90000 };
	p->sample_aspect_ratio = frame->sample_aspect_ratio;
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 16, 100)
	p->color_space = frame->colorspace;
	p->color_range = frame->color_range;
#endif
	rc = av_buffersrc_parameters_set(f->in, p);
	av_free(p);
	if (rc >= 0)
		rc = avfilter_init_str(f->in, NULL);
	if (rc >= 0)
		rc = avfilter_init_str(f->out, NULL);
	if (rc >= 0)
		rc = link_graph(f, buf_text(&text));
	if (rc < 0) {
		avfilter_graph_free(&f->graph);
		return err_set(err, ERR_MEDIA, "set up the filters for %dx%d %s: %s", frame->width, frame->height,
			       name ? name : "?", av_err2str(rc));
	}
	note_form(f->form, frame);
	return 0;
}

static void set_output(AVFrame *frame)
{
	frame->color_range = AVCOL_RANGE_MPEG;
	frame->colorspace = AVCOL_SPC_BT709;
	frame->color_primaries = AVCOL_PRI_BT709;
	frame->color_trc = AVCOL_TRC_BT709;
	frame->chroma_location = AVCHROMA_LOC_LEFT;
	frame->sample_aspect_ratio = (AVRational){ 1, 1 };
	frame->pict_type = AV_PICTURE_TYPE_NONE;
	/* Captions and mastering data would change the encoder's bytes. */
	while (frame->nb_side_data > 0)
		av_frame_remove_side_data(frame, frame->side_data[0]->type);
}

int encode_filter_run(struct encode_filter *filter, const AVFrame *source, AVFrame **ret, struct err *err)
{
	AVFrame *frame;
	int rc;

	if (source->width < 1 || source->height < 1)
		return err_set(err, ERR_MEDIA, "a picture without size");
	if ((!filter->graph || !same_form(filter->form, source)) && build(filter, source, err) < 0)
		return err ? -(int)err->code : -ERR_MEDIA;
	frame = av_frame_clone(source);
	if (!frame)
		abort();
	frame->pts = 0;
	rc = av_buffersrc_add_frame(filter->in, frame);
	av_frame_unref(frame);
	if (rc >= 0)
		rc = av_buffersink_get_frame(filter->out, frame);
	if (rc < 0) {
		av_frame_free(&frame);
		avfilter_graph_free(&filter->graph);
		return err_set(err, ERR_MEDIA, "scale a picture: %s", av_err2str(rc));
	}
	set_output(frame);
	*ret = frame;
	return 0;
}
