/* encode_video.c - see encode_video.h.
 *
 * Everything that the rate control could carry from one segment to the next dies with the encoder; what is fixed in it
 * stands in encoder.c. The first picture is the only IDR: scene cuts become I pictures inside the GOP. The thread is
 * ours, so that decoding and scaling go on beside it.
 *
 * x264's macroblock tree reads memory that it has not written where a row of macroblocks is no multiple of 8 (version
 * 164, seen at 160x90): memory from malloc() is made zero for the whole process, or the bytes depend on what lay there.
 *
 * A chip makes no B pictures, and its SPS may say that nothing is reordered. Beside segments of x264 (slate, the fallback) that
 * will not do: libavcodec's decoder, when a parameter set takes back such a promise, drops pictures until their order counts
 * have passed those of before (a second and more, seen with version 59). So all segments of a channel say the profile's D.
 *
 * Not here: time stamps in ticks (encode.c makes them from the plan). */
#include "stream/encode_video.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>

#include "base/memory.h"
#include "stream/encoder.h"
#include "stream/encoder_unit.h"
#include "stream/libav_words.h"

#define QUEUE 12 /* pictures between the threads */

struct encode_video {
	AVCodecContext *encoder;
	AVPacket *packet;
	struct encode_units *to;
	bool repeat;
	int reorder; /* what the SPS of a chip is to say */
	int64_t count;

	pthread_t thread;
	bool running;
	struct libav_words words; /* the thread's */
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	AVFrame *queue[QUEUE];
	int first, waiting;
	bool ended;	 /* no more pictures will come */
	bool stop;	 /* and what waits is not wanted */
	struct err err;	 /* the thread's; read after it was joined */
};

void encode_units_free(struct encode_units *units)
{
	buf_free(&units->bytes);
	free(units->units);
	*units = (struct encode_units){ 0 };
}

void encode_units_add(struct encode_units *units, const struct encode_unit *unit)
{
	if (units->count == units->size) {
		units->size = units->size ? units->size * 2 : 128;
		units->units = realloc(units->units, units->size * sizeof(*units->units));
		if (!units->units)
			abort();
	}
	units->units[units->count++] = *unit;
}

static int add_unit(const struct encode_video *v, const AVPacket *packet, struct encode_units *to, struct err *err)
{
	const AVCodecContext *encoder = v->encoder;
	struct encode_unit unit = { to->bytes.len, 0, packet->pts, packet->flags & AV_PKT_FLAG_KEY };
	const struct encoder_packet p = { .data = packet->data,
					  .len = (size_t)packet->size,
					  .extradata = encoder->extradata,
					  .extradata_len = (size_t)encoder->extradata_size,
					  .hevc = encoder->codec_id == AV_CODEC_ID_HEVC,
					  .key = unit.key,
					  .reorder = v->reorder };

	/* h264_qsv says nothing when the device is lost while it waits for a picture: what it gives is empty. */
	if (packet->size <= 0)
		return err_set(err, ERR_INTERNAL, "%s gave nothing for picture %zu: the chip or its driver failed",
			       encoder->codec->name, to->count);
	if (!encoder_unit_add(&to->bytes, &p))
		return err_set(err, ERR_INTERNAL, "%s gave an access unit without picture or parameter sets",
			       encoder->codec->name);
	if (to->bytes.failed)
		return err_set(err, ERR_TOO_LARGE, "an encoded segment is larger than the limit");
	unit.len = to->bytes.len - unit.at;
	encode_units_add(to, &unit);
	return 0;
}

static int failed(const struct encode_video *v, int rc, struct err *err)
{
	const char *said = v->words.text;

	return err_set(err, ERR_INTERNAL, "%s: %s%s%s", v->encoder->codec->name, said, said[0] ? ": " : "", av_err2str(rc));
}

static int receive(struct encode_video *v, struct err *err)
{
	int rc, ok = 0;

	while (ok == 0 && (rc = avcodec_receive_packet(v->encoder, v->packet)) >= 0) {
		ok = add_unit(v, v->packet, v->to, err);
		av_packet_unref(v->packet);
	}
	if (ok < 0)
		return ok;
	if (rc != AVERROR(EAGAIN) && rc != AVERROR_EOF)
		return failed(v, rc, err);
	return 0;
}

/* NULL: the end. Takes the frame. */
static int encode(struct encode_video *v, AVFrame *frame, struct err *err)
{
	int rc;

	if (frame && encoder_take_picture(v->encoder, &frame, err) < 0) {
		av_frame_free(&frame);
		return -(int)ERR_INTERNAL;
	}
	if (frame) {
		frame->pts = v->count++;
		frame->pict_type = frame->pts == 0 ? AV_PICTURE_TYPE_I :
				   v->repeat	   ? AV_PICTURE_TYPE_P :
						     AV_PICTURE_TYPE_NONE;
	}
	rc = avcodec_send_frame(v->encoder, frame);
	av_frame_free(&frame);
	if (rc < 0)
		return failed(v, rc, err);
	return receive(v, err);
}

/* The next picture that waits; NULL at the end. */
static AVFrame *take(struct encode_video *v)
{
	AVFrame *frame = NULL;

	pthread_mutex_lock(&v->lock);
	while (!v->waiting && !v->ended)
		pthread_cond_wait(&v->changed, &v->lock);
	if (v->waiting && !v->stop) {
		frame = v->queue[v->first];
		v->first = (v->first + 1) % QUEUE;
		v->waiting--;
		pthread_cond_signal(&v->changed);
	}
	pthread_mutex_unlock(&v->lock);
	return frame;
}

static void *run(void *video)
{
	struct encode_video *v = video;
	AVFrame *frame;
	int rc = 0;

	libav_words_listen(&v->words);
	/* After a failure pictures are taken and dropped, so that nobody waits for ever. */
	while ((frame = take(v)))
		if (rc < 0)
			av_frame_free(&frame);
		else
			rc = encode(v, frame, &v->err);
	if (rc >= 0 && !v->stop)
		encode(v, NULL, &v->err);
	return NULL;
}

static void end_thread(struct encode_video *v, bool stop)
{
	if (!v->running)
		return;
	pthread_mutex_lock(&v->lock);
	v->ended = true;
	v->stop = stop;
	pthread_cond_signal(&v->changed);
	pthread_mutex_unlock(&v->lock);
	pthread_join(v->thread, NULL);
	v->running = false;
}

struct encode_video *encode_video_open(const struct profile *profile, bool repeat, struct encode_units *to,
				       struct err *err)
{
	struct encode_video *v = calloc(1, sizeof(*v));

	if (!v || !(v->packet = av_packet_alloc()))
		abort();
	memory_repeatable(); /* a segment must not depend on what was encoded before it */
	v->to = to;
	v->repeat = repeat;
	v->reorder = profile_is_hardware(profile) ? profile->reorder : 0;
	pthread_mutex_init(&v->lock, NULL);
	pthread_cond_init(&v->changed, NULL);
	v->encoder = encoder_open(profile, err);
	if (v->encoder && !(v->running = pthread_create(&v->thread, NULL, run, v) == 0))
		err_set(err, ERR_INTERNAL, "start the encoder's thread");
	if (!v->running) {
		encode_video_close(v);
		return NULL;
	}
	return v;
}

void encode_video_close(struct encode_video *video)
{
	if (!video)
		return;
	end_thread(video, true);
	for (; video->waiting; video->waiting--, video->first = (video->first + 1) % QUEUE)
		av_frame_free(&video->queue[video->first]);
	avcodec_free_context(&video->encoder);
	av_packet_free(&video->packet);
	pthread_mutex_destroy(&video->lock);
	pthread_cond_destroy(&video->changed);
	free(video);
}

void encode_video_add(struct encode_video *video, const AVFrame *frame)
{
	AVFrame *copy = av_frame_clone(frame);

	if (!copy)
		abort();
	pthread_mutex_lock(&video->lock);
	while (video->waiting == QUEUE)
		pthread_cond_wait(&video->changed, &video->lock);
	video->queue[(video->first + video->waiting++) % QUEUE] = copy;
	pthread_cond_signal(&video->changed);
	pthread_mutex_unlock(&video->lock);
}

int encode_video_finish(struct encode_video *video, struct err *err)
{
	end_thread(video, false);
	if (video->err.code)
		return err_set(err, video->err.code, "%s", video->err.text);
	if ((int64_t)video->to->count != video->count)
		return err_set(err, ERR_INTERNAL, "%s took %lld pictures and gave %zu", video->encoder->codec->name,
			       (long long)video->count, video->to->count);
	return 0;
}
