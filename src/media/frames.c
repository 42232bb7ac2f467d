/* frames.c - see frames.h. Sound in windows of 20 ms, pictures as 64 x 36 points of luma. */
#include "media/frames.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <libswscale/swscale.h>

#include "base/cleanup.h"
#include "media/avfile.h"
#include "media/frames_sound.h"

#define WIDTH 64
#define HEIGHT 36
#define BLACK_LUMA 32.0 /* no point but a few is above this in a black picture */
#define BLACK_SHARE 0.98
#define MIN_BLACK_MS 80
#define AROUND_MS 2500 /* that is measured on both sides of a candidate */
#define SAME_MS 2000   /* candidates closer than this are one */
#define TELL_EVERY 200 /* packets */

struct look {
	AVFormatContext *file;
	AVCodecContext *decoder;
	struct SwsContext *sws;
	int stream;
	int64_t zero;
	frames_tell *tell;
	void *context;
	bool stopped;
};

struct candidates {
	int64_t *at_ms;
	size_t count, cap;
};

static int64_t time_ms(const struct look *l, int64_t pts)
{
	return av_rescale_q(pts - l->zero, l->file->streams[l->stream]->time_base, (AVRational) { 1, 1000 });
}

/* Mean of the luma; *ret_black when the picture is black. 255 when it cannot be measured. */
static double measure(struct look *l, const AVFrame *frame, bool *ret_black)
{
	uint8_t gray[WIDTH * HEIGHT], *planes[4] = { gray };
	int strides[4] = { WIDTH }, dark = 0;
	bool full = frame->color_range == AVCOL_RANGE_JPEG;
	double sum = 0;

	*ret_black = false;
	l->sws = frame->width > 0 && frame->height > 0
			 ? sws_getCachedContext(l->sws, frame->width, frame->height, frame->format, WIDTH,
						HEIGHT, AV_PIX_FMT_GRAY8, SWS_FAST_BILINEAR, NULL, NULL, NULL)
			 : NULL;
	if (!l->sws)
		return 255;
	sws_setColorspaceDetails(l->sws, sws_getCoefficients(SWS_CS_DEFAULT), full,
				 sws_getCoefficients(SWS_CS_DEFAULT), full, 0, 1 << 16, 1 << 16);
	sws_scale(l->sws, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes,
		  strides);
	for (int i = 0; i < WIDTH * HEIGHT; i++) {
		sum += gray[i];
		dark += gray[i] <= BLACK_LUMA - (full ? 16 : 0);
	}
	*ret_black = dark >= BLACK_SHARE * WIDTH * HEIGHT;
	return sum / (WIDTH * HEIGHT);
}

static bool open_pictures(struct look *l, struct err *err)
{
	l->stream = avfile_video(l->file);
	if (l->stream < 0)
		return false;
	l->decoder = avfile_decoder(l->file, l->stream, 2, err);
	if (!l->decoder)
		return false;
	l->zero = avfile_zero(l->file, l->file->streams[l->stream]);
	for (unsigned i = 0; i < l->file->nb_streams; i++)
		l->file->streams[i]->discard = (int)i == l->stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	return true;
}

static void add_candidate(struct candidates *c, struct arena *arena, int64_t at_ms)
{
	if (c->count >= 4 * FRAMES_PLACES_MAX)
		return;
	ARENA_GROW(arena, c->at_ms, c->count, c->cap);
	c->at_ms[c->count++] = at_ms;
}

/* ---- key pictures ---- */

static void drain_keys(struct look *l, AVFrame *frame, struct candidates *to, struct arena *arena)
{
	while (avcodec_receive_frame(l->decoder, frame) >= 0) {
		bool black;

		measure(l, frame, &black);
		if (black && frame->best_effort_timestamp != AV_NOPTS_VALUE)
			add_candidate(to, arena, time_ms(l, frame->best_effort_timestamp));
		av_frame_unref(frame);
	}
}

static void find_black_keys(struct look *l, int64_t duration_ms, struct candidates *to, struct arena *arena)
{
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();

	if (!packet || !frame)
		abort();
	l->decoder->skip_frame = AVDISCARD_NONKEY;
	for (int n = 0; !l->stopped && av_read_frame(l->file, packet) >= 0; n++) {
		if (packet->stream_index == l->stream && packet->flags & AV_PKT_FLAG_KEY) {
			avcodec_send_packet(l->decoder, packet);
			drain_keys(l, frame, to, arena);
		}
		if (n % TELL_EVERY == 0 && packet->pts != AV_NOPTS_VALUE && duration_ms > 0)
			l->stopped = l->tell(l->context, 0.4 + 0.2 * (double)time_ms(l, packet->pts) /
									 (double)duration_ms);
		av_packet_unref(packet);
	}
	avcodec_send_packet(l->decoder, NULL);
	drain_keys(l, frame, to, arena);
	avcodec_flush_buffers(l->decoder);
	l->decoder->skip_frame = AVDISCARD_DEFAULT;
	av_frame_free(&frame);
	av_packet_free(&packet);
}

/* ---- around a candidate ---- */

struct black {
	int64_t from, to; /* the run at hand, ms; -1 none */
	double luma;
	int pictures;
	int64_t best_from, best_to;
	double best_luma;
};

static void end_run(struct black *b)
{
	if (b->from >= 0 && b->to - b->from > b->best_to - b->best_from) {
		b->best_from = b->from;
		b->best_to = b->to;
		b->best_luma = b->luma / b->pictures;
	}
	b->from = -1;
	b->luma = 0;
	b->pictures = 0;
}

/* True when it is past the end. */
static bool take_picture(struct look *l, const AVFrame *frame, int64_t from, int64_t to, struct black *b)
{
	int64_t at = frame->best_effort_timestamp == AV_NOPTS_VALUE
			     ? -1
			     : time_ms(l, frame->best_effort_timestamp);
	int64_t length = av_rescale_q(avfile_frame_duration(frame), l->file->streams[l->stream]->time_base,
				      (AVRational) { 1, 1000 });
	bool black;
	double luma;

	if (at < from)
		return false;
	luma = measure(l, frame, &black);
	if (!black) {
		if (b->from >= 0)
			b->to = at;
		end_run(b);
		return at > to;
	}
	if (b->from < 0)
		b->from = at;
	b->to = at + (length > 0 ? length : 40);
	b->luma += luma;
	b->pictures++;
	return at > to + 60000; /* a run that goes on is followed for a minute */
}

static void look_around(struct look *l, int64_t at_ms, struct black *ret)
{
	const AVStream *stream = l->file->streams[l->stream];
	int64_t from = at_ms > AROUND_MS ? at_ms - AROUND_MS : 0, to = at_ms + AROUND_MS;
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	bool over = !packet || !frame;

	*ret = (struct black) { .from = -1 };
	avcodec_flush_buffers(l->decoder);
	if (av_seek_frame(l->file, l->stream,
			  l->zero + av_rescale_q(from, (AVRational) { 1, 1000 }, stream->time_base),
			  AVSEEK_FLAG_BACKWARD) < 0)
		over = true;
	for (int n = 0; !over && n < 20000; n++) {
		int rc = av_read_frame(l->file, packet);

		if (rc >= 0 && packet->stream_index == l->stream)
			avcodec_send_packet(l->decoder, packet);
		else if (rc < 0)
			avcodec_send_packet(l->decoder, NULL);
		av_packet_unref(packet);
		while (!over && avcodec_receive_frame(l->decoder, frame) >= 0) {
			over = take_picture(l, frame, from, to, ret);
			av_frame_unref(frame);
		}
		over = over || rc < 0;
	}
	end_run(ret);
	av_frame_free(&frame);
	av_packet_free(&packet);
}

/* ---- together ---- */

static int by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Silence that the black lies in, or that lies within half a second of it. */
static void add_silence(const struct sound_list *sound, int64_t from, int64_t to, struct frames_place *place)
{
	for (size_t i = 0; i < sound->count; i++) {
		const struct sound_silence *s = &sound->silences[i];

		if (s->from_ms <= to + 500 && s->to_ms >= from - 500 &&
		    s->to_ms - s->from_ms > place->silence_ms) {
			place->silence_ms = s->to_ms - s->from_ms;
			place->level_db = s->level_db;
		}
	}
}

static void add_place(struct frames_places *to, size_t *cap, struct arena *arena, const struct black *b,
		      const struct sound_list *sound, int64_t candidate_ms)
{
	bool black = b->best_to - b->best_from >= MIN_BLACK_MS;
	struct frames_place place = { .at_ms = candidate_ms };

	if (black) {
		place.at_ms = (b->best_from + b->best_to) / 2;
		place.black_ms = b->best_to - b->best_from;
		place.luma = b->best_luma;
	}
	add_silence(sound, black ? b->best_from : candidate_ms, black ? b->best_to : candidate_ms, &place);
	if (to->count && place.at_ms - to->places[to->count - 1].at_ms < SAME_MS)
		return;
	if (to->count >= FRAMES_PLACES_MAX)
		return;
	ARENA_GROW(arena, to->places, to->count, *cap);
	to->places[to->count++] = place;
}

static int look_at_pictures(struct look *l, const struct sound_list *sound, struct arena *arena,
			    struct frames_places *ret)
{
	struct candidates c = { 0 };
	size_t cap = 0;
	int64_t last = INT64_MIN / 2;

	for (size_t i = 0; i < sound->count; i++)
		add_candidate(&c, arena, (sound->silences[i].from_ms + sound->silences[i].to_ms) / 2);
	find_black_keys(l, ret->duration_ms, &c, arena);
	if (c.count)
		qsort(c.at_ms, c.count, sizeof(*c.at_ms), by_time);
	for (size_t i = 0; !l->stopped && i < c.count; i++) {
		struct black b;

		if (c.at_ms[i] - last < SAME_MS)
			continue;
		last = c.at_ms[i];
		look_around(l, last, &b);
		if (b.best_to > last)
			last = b.best_to;
		add_place(ret, &cap, arena, &b, sound, c.at_ms[i]);
		l->stopped = l->tell(l->context, 0.6 + 0.4 * (double)i / (double)c.count);
	}
	return l->stopped ? -(int)ERR_BUSY : 0;
}

int frames_find(const char *path, frames_tell *tell, void *context, struct arena *arena,
		struct frames_places *ret, struct err *err)
{
	struct look l = { .tell = tell, .context = context };
	struct sound_list sound = { 0 };
	struct err why = { 0 };
	int rc = sound_find_silence(path, tell, context, arena, &sound, &why);

	*ret = (struct frames_places) { 0 };
	if (rc < 0)
		return err_set(err, why.code, "%s", why.text);
	l.file = avfile_open(path, &why);
	if (!l.file)
		return err_set(err, why.code, "%s", why.text);
	ret->duration_ms = l.file->duration > 0 ? l.file->duration / 1000 : 0;
	if (open_pictures(&l, &why))
		rc = look_at_pictures(&l, &sound, arena, ret);
	else
		rc = err_set(&why, ERR_MEDIA, "'%s' has no picture to look at", path);
	sws_freeContext(l.sws);
	avcodec_free_context(&l.decoder);
	avfile_close(&l.file);
	if (rc < 0)
		return err_set(err, l.stopped ? ERR_BUSY : why.code, "%s", l.stopped ? "stopped" : why.text);
	return 0;
}
