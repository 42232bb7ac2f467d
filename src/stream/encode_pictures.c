/* encode_pictures.c - see encode_pictures.h.
 *
 * Picture p is on at time t when it is the last one with time(p) <= t + 2/5 of an output frame. Less than a half,
 * so that no exact division of rates (50 to 25, 59.94 to 29.97) lies on the border, where a millisecond's rounding
 * would pick now one and now the other; enough for any jitter of a 1:1 source. Times of containers that round to
 * milliseconds are put back on the grid of the source's frame rate.
 *
 * Decoding starts at a key picture K at or before the wanted time; pictures before K in display order (open GOP:
 * their references are missing) are dropped, and K is early enough that the wanted ones have their neighbours where
 * deinterlacing needs them. Pictures that nothing refers to and that are not wanted are not decoded.
 *
 * Not here: reading and seeking (encode_source.c), the form of a picture (encode_filter.c). */
#include "stream/encode_pictures.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "media/avfile.h"
#include "stream/encode_deint.h"

#define HOLD (2 * PLAN_FLICKS)
#define LEAD (PLAN_FLICKS / 4) /* decoded before the wanted picture where deinterlacing may look at neighbours */
#define MAX_BACK (64 * PLAN_FLICKS)

struct encode_pictures {
	struct encode_source *source;
	AVCodecContext *decoder;
	AVStream *stream;
	AVFrame *raw;
	struct encode_deint *deint; /* NULL until a picture is interlaced */
	AVFrame *previous;	    /* the last decoded one, for the deinterlacer's start */
	AVFrame *current, *next;
	bool may_interlace, decoder_ended, deint_ended;
	AVRational rate;	/* of the source, 0 unknown */
	int64_t usual, tick;	/* flicks of a source frame, of a unit of its time base */
	int64_t tolerance;	/* flicks */
	int64_t wanted;		/* start: pictures before it are passed over */
	int64_t key;		/* display order begins here */
	int64_t sent;		/* largest time sent to the decoder */
	int64_t last, end;	/* time of the last picture, its end */
};

static int threads(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > 4 ? 4 : (int)n;
}

struct encode_pictures *encode_pictures_open(struct encode_source *source, struct plan_rate rate, struct err *err)
{
	int index = encode_source_video_index(source);
	AVFormatContext *file = encode_source_file(source);
	AVCodecContext *decoder = avfile_decoder(file, index, threads(), err);
	struct encode_pictures *p;

	if (!decoder)
		return NULL;
	p = calloc(1, sizeof(*p));
	if (!p || !(p->raw = av_frame_alloc()))
		abort();
	p->source = source;
	p->decoder = decoder;
	p->stream = file->streams[index];
	p->rate = av_guess_frame_rate(file, p->stream, NULL);
	if (p->rate.num <= 0 || p->rate.den <= 0 || av_q2d(p->rate) > 1000)
		p->rate = (AVRational){ 0, 1 };
	p->usual = p->rate.num ? avfile_flicks(1, av_inv_q(p->rate)) : plan_frame_flicks(rate);
	p->tick = avfile_flicks(1, p->stream->time_base);
	p->tolerance = plan_frame_flicks(rate) * 2 / 5;
	p->may_interlace = p->stream->codecpar->field_order != AV_FIELD_PROGRESSIVE;
	return p;
}

static void forget(struct encode_pictures *p)
{
	av_frame_free(&p->current);
	av_frame_free(&p->next);
	av_frame_free(&p->previous);
	encode_deint_free(p->deint);
	p->deint = NULL;
	p->decoder_ended = p->deint_ended = false;
	p->sent = p->last = INT64_MIN;
	p->end = 0;
}

void encode_pictures_close(struct encode_pictures *pictures)
{
	if (!pictures)
		return;
	forget(pictures);
	avcodec_free_context(&pictures->decoder);
	av_frame_free(&pictures->raw);
	free(pictures);
}

/* Rounded to ms by the container? Back to the frame it was, if one is within a tick. */
static int64_t on_grid(const struct encode_pictures *p, int64_t time)
{
	int64_t n, exact;

	if (!p->rate.num || p->tick < PLAN_FLICKS / 20000 || p->tick * 4 > p->usual)
		return time;
	n = av_rescale_q(time, (AVRational){ 1, AVFILE_FLICKS }, av_inv_q(p->rate));
	exact = avfile_flicks(n, av_inv_q(p->rate));
	return llabs(exact - time) <= p->tick ? exact : time;
}

static int64_t time_of(const struct encode_pictures *p, const AVFrame *frame)
{
	int64_t pts = frame->best_effort_timestamp;

	if (pts == AV_NOPTS_VALUE)
		return p->last == INT64_MIN ? 0 : p->last + p->usual;
	return on_grid(p, encode_source_time(p->source, p->stream->index, pts));
}

/* Gives the decoder a packet; false when there are no more. */
static bool feed(struct encode_pictures *p)
{
	AVPacket *packet = encode_source_video(p->source);
	int64_t time, horizon = p->wanted - (p->may_interlace ? LEAD : 0);

	if (!packet) {
		avcodec_send_packet(p->decoder, NULL);
		return false;
	}
	time = encode_source_packet_time(p->source, packet);
	/* A later picture that is still before the wanted time is there already: this one is never shown. */
	p->decoder->skip_frame = packet->pts != AV_NOPTS_VALUE && time < p->sent && p->sent <= horizon ?
					 AVDISCARD_NONREF :
					 AVDISCARD_DEFAULT;
	if (time > p->sent)
		p->sent = time;
	avcodec_send_packet(p->decoder, packet); /* an error is a picture less */
	av_packet_free(&packet);
	return true;
}

/* The next decoded picture with its time as pts, in growing order; NULL at the end. The caller frees it. */
static AVFrame *decode(struct encode_pictures *p)
{
	while (!p->decoder_ended) {
		int rc = avcodec_receive_frame(p->decoder, p->raw);
		int64_t time;
		AVFrame *frame;

		if (rc == AVERROR(EAGAIN)) {
			feed(p);
			continue;
		}
		if (rc == AVERROR_EOF)
			p->decoder_ended = true;
		if (rc < 0)
			continue;
		time = time_of(p, p->raw);
		if (time <= p->last || time < p->key || !p->raw->width || !p->raw->height) {
			av_frame_unref(p->raw);
			continue;
		}
		p->last = time;
		p->end = time + (avfile_frame_duration(p->raw) > 0 ?
					 avfile_flicks(avfile_frame_duration(p->raw), p->stream->time_base) :
					 p->usual);
		frame = av_frame_alloc();
		if (!frame)
			abort();
		av_frame_move_ref(frame, p->raw);
		frame->pts = time;
		return frame;
	}
	return NULL;
}

/* Begins with the picture before, which was shown already: it is only a neighbour. */
static void start_deint(struct encode_pictures *p)
{
	p->deint = encode_deint_new();
	if (p->previous) {
		encode_deint_push(p->deint, p->previous, NULL);
		p->previous = NULL;
	}
}

static AVFrame *copy_of(const AVFrame *frame)
{
	AVFrame *copy = av_frame_clone(frame);

	if (!copy)
		abort();
	return copy;
}

/* The next picture to show; NULL at the end. */
static AVFrame *next_picture(struct encode_pictures *p, int64_t after)
{
	for (;;) {
		AVFrame *frame = p->deint ? encode_deint_pull(p->deint) : NULL;

		if (frame && frame->pts <= after)
			av_frame_free(&frame);
		if (frame)
			return frame;
		if (p->deint_ended)
			return NULL;
		frame = decode(p);
		if (!p->deint && frame && avfile_interlaced(frame))
			start_deint(p);
		if (p->deint) {
			p->deint_ended = !frame;
			encode_deint_push(p->deint, frame, NULL);
			continue;
		}
		if (!frame)
			return NULL;
		av_frame_free(&p->previous);
		p->previous = copy_of(frame);
		return frame;
	}
}

static void advance(struct encode_pictures *p, int64_t time)
{
	while (p->next && p->next->pts <= time + p->tolerance) {
		av_frame_free(&p->current);
		p->current = p->next;
		p->next = next_picture(p, p->current->pts);
	}
}

int encode_pictures_start(struct encode_pictures *pictures, int64_t time, int64_t audio, struct err *err)
{
	struct encode_pictures *p = pictures;
	int64_t lead = p->may_interlace ? LEAD : 0;

	for (int64_t back = lead;; back = back ? back * 2 : PLAN_FLICKS / 2) {
		forget(p);
		p->wanted = time;
		p->key = encode_source_seek(p->source, time + p->tolerance, audio, back);
		avcodec_flush_buffers(p->decoder);
		p->next = next_picture(p, INT64_MIN);
		advance(p, time);
		/* A key picture that could not be decoded: begin further back, if there is anything. */
		if (p->current || p->key == INT64_MIN || back > MAX_BACK)
			break;
	}
	if (!p->current && !p->next)
		return err_set(err, ERR_MEDIA, "no picture of it can be decoded");
	return 0;
}

const AVFrame *encode_pictures_at(struct encode_pictures *pictures, int64_t time)
{
	struct encode_pictures *p = pictures;

	advance(p, time);
	if (!p->current)
		return p->next;
	if (!p->next && time >= p->end + HOLD)
		return NULL;
	return p->current;
}

int64_t encode_pictures_end(const struct encode_pictures *pictures)
{
	return pictures->decoder_ended && !pictures->next ? pictures->end : 0;
}
