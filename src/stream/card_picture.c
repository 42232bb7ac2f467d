/* card_picture.c - see card_picture.h. The background is the slate's own, which runs from top to bottom: each row gets
 * the colour of its left edge. The lines are drawn by one drawtext filter each, a bar of the slate's amber above and
 * below.
 *
 * The text comes from people: it never becomes part of a filter description. Filters are made one by one and their
 * options set as values, with expansion off. */
#include "stream/card_picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/opt.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "stream/slate_picture.h"

#define LINES_MAX 12
#define LEFT_EDGE 8 /* where the slate shows nothing but its background */
#define AMBER "0xF2A93B"
#define CREAM "0xEFE9DD"
#define FONT "DejaVu Sans"
#define FONT_FILE "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

struct layout {
	const char *lines[LINES_MAX];
	int count, size; /* of the font, pixels */
};

/* ---- lines ---- */

/* How wide a character is in thousandths of the font's size: DejaVu Sans, rounded up. */
static int width_of(const char *text, size_t len)
{
	unsigned char c = (unsigned char)*text;

	if (len >= 3) /* East Asian, symbols */
		return 1000;
	if (len == 2)
		return 720;
	if (strchr("mwMW@%", c))
		return 1000;
	if (strchr("iljI.,:;'|!() ", c))
		return 400;
	return c >= 'A' && c <= 'Z' ? 720 : 640;
}

/* Where a line that begins here ends, and where the next begins: at its last space, or in a word that is too long. */
static size_t line_end(const char *text, int64_t room, size_t *ret_next)
{
	size_t at = 0, space = 0, all = strlen(text);
	int64_t used = 0;

	while (at < all && text[at] != '\n') {
		size_t n = utf8_char(text + at, all - at);

		n = n ? n : 1;
		used += width_of(text + at, n);
		if (used > room && at) {
			at = space ? space : at;
			break;
		}
		if (text[at] == ' ')
			space = at;
		at += n;
	}
	*ret_next = at + (text[at] == ' ' || text[at] == '\n');
	return at;
}

/* False when it takes more lines than there is room for. */
static bool break_lines(const char *text, int width, int most, struct arena *arena, struct layout *layout)
{
	int64_t room = (int64_t)width * 1000 / layout->size;

	layout->count = 0;
	while (*text) {
		size_t next, len = line_end(text, room, &next);

		if (layout->count == most)
			return false;
		layout->lines[layout->count++] = arena_strndup(arena, text, len);
		text += next;
	}
	return true;
}

/* The largest size at which all fits. At the smallest, what does not fit is left out. */
static void lay_out(const struct profile *profile, const char *text, struct arena *arena, struct layout *ret)
{
	int width = profile->width * 84 / 100, height = profile->height * 64 / 100;

	for (int part = 9; part <= 24; part++) {
		int most = height * 10 / (profile->height / part * 13);

		ret->size = profile->height / part;
		if (break_lines(text, width, most < LINES_MAX ? most : LINES_MAX, arena, ret))
			return;
	}
}

/* ---- pictures ---- */

static void wipe(uint8_t *plane, int stride, int width, int height, int from)
{
	for (int y = 0; y < height; y++)
		memset(plane + (ptrdiff_t)y * stride, plane[(ptrdiff_t)y * stride + from], (size_t)width);
}

static int background(const struct profile *profile, AVFrame **ret, struct err *err)
{
	AVFrame *frame = NULL;

	if (slate_picture(profile, &frame, err) < 0 || av_frame_make_writable(frame) < 0) {
		av_frame_free(&frame);
		return err_set(err, ERR_INTERNAL, "make the background of a card");
	}
	wipe(frame->data[0], frame->linesize[0], profile->width, profile->height, LEFT_EDGE);
	wipe(frame->data[1], frame->linesize[1], profile->width / 2, profile->height / 2, LEFT_EDGE / 2);
	wipe(frame->data[2], frame->linesize[2], profile->width / 2, profile->height / 2, LEFT_EDGE / 2);
	*ret = frame;
	return 0;
}

struct drawing {
	AVFilterGraph *graph;
	AVFilterContext *in, *out, *last;
	bool failed;
};

static void drawing_free(struct drawing *drawing)
{
	avfilter_graph_free(&drawing->graph);
}

/* The next filter behind the last. Options: name and value in turn, ended by NULL. */
static void append(struct drawing *d, const char *name, const char *const *options)
{
	const AVFilter *filter = avfilter_get_by_name(name);
	AVFilterContext *made = filter ? avfilter_graph_alloc_filter(d->graph, filter, NULL) : NULL;

	for (; made && options && *options && !d->failed; options += 2)
		d->failed = av_opt_set(made, options[0], options[1], AV_OPT_SEARCH_CHILDREN) < 0;
	if (d->failed || !made || avfilter_init_dict(made, NULL) < 0 ||
	    (d->last && avfilter_link(d->last, 0, made, 0) < 0)) {
		d->failed = true;
		return;
	}
	d->last = made;
}

static void append_source(struct drawing *d, const AVFrame *frame)
{
	AVBufferSrcParameters *p = av_buffersrc_parameters_alloc();

	d->in = avfilter_graph_alloc_filter(d->graph, avfilter_get_by_name("buffer"), "in");
	if (!p || !d->in)
		abort();
	p->format = frame->format;
	p->width = frame->width;
	p->height = frame->height;
	p->time_base = (AVRational){ 1, 90000 };
	p->sample_aspect_ratio = (AVRational){ 1, 1 };
#if LIBAVFILTER_VERSION_INT >= AV_VERSION_INT(9, 16, 100)
	p->color_space = frame->colorspace;
	p->color_range = frame->color_range;
#endif
	d->failed = av_buffersrc_parameters_set(d->in, p) < 0 || avfilter_init_str(d->in, NULL) < 0;
	av_free(p);
	d->last = d->in;
}

static void append_bar(struct drawing *d, const struct profile *profile, int y)
{
	char x[16], top[16], w[16], h[16];
	const char *const options[] = { "x", x, "y", top, "width", w, "height", h, "color", AMBER, "thickness", "fill", NULL };

	snprintf(w, sizeof(w), "%d", profile->width / 24 * 2);
	snprintf(h, sizeof(h), "%d", profile->height / 240);
	snprintf(x, sizeof(x), "%d", profile->width / 2 - profile->width / 24);
	snprintf(top, sizeof(top), "%d", y);
	append(d, "drawbox", options);
}

static void append_line(struct drawing *d, const char *line, int size, int baseline, bool font_file)
{
	char points[16], y[32];
	const char *const options[] = { "text", line, "expansion", "none", font_file ? "fontfile" : "font",
					font_file ? FONT_FILE : FONT, "fontsize", points, "fontcolor", CREAM,
					"x", "(w-text_w)/2", "y", y, NULL };

	snprintf(points, sizeof(points), "%d", size);
	snprintf(y, sizeof(y), "%d-ascent", baseline);
	if (*line)
		append(d, "drawtext", options);
}

/* The picture with the lines; NULL when it cannot be drawn. */
static AVFrame *draw(const struct profile *profile, const struct layout *layout, AVFrame *picture, bool font_file)
{
	CLEANUP(drawing_free) struct drawing d = { .graph = avfilter_graph_alloc() };
	int step = layout->size * 13 / 10, height = step * layout->count;
	int top = (profile->height - height) / 2;
	AVFrame *frame = av_frame_clone(picture);

	if (!d.graph || !frame)
		abort();
	d.graph->nb_threads = 1;
	append_source(&d, picture);
	append_bar(&d, profile, top - layout->size);
	for (int i = 0; i < layout->count; i++)
		append_line(&d, layout->lines[i], layout->size, top + i * step + layout->size, font_file);
	append_bar(&d, profile, top + height + layout->size);
	append(&d, "buffersink", NULL);
	d.out = d.last;
	if (!d.failed && avfilter_graph_config(d.graph, NULL) >= 0 && av_buffersrc_add_frame(d.in, frame) >= 0) {
		av_frame_unref(frame);
		if (av_buffersink_get_frame(d.out, frame) >= 0)
			return frame;
	}
	av_frame_free(&frame);
	return NULL;
}

int card_picture(const struct profile *profile, const char *text, AVFrame **ret, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct layout layout = { 0 };
	AVFrame *plain, *drawn;
	int rc = background(profile, &plain, err);

	if (rc < 0)
		return rc;
	lay_out(profile, text, &arena, &layout);
	drawn = draw(profile, &layout, plain, false);
	if (!drawn)
		drawn = draw(profile, &layout, plain, true);
	if (drawn) {
		av_frame_copy_props(drawn, plain);
		av_frame_free(&plain);
	}
	*ret = drawn ? drawn : plain;
	return 0;
}
