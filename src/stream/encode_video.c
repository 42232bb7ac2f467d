/* encode_video.c - see encode_video.h.
 *
 * Everything that the rate control could carry from one segment to the next dies with the encoder; level, threads
 * and headers are fixed (`stitchable`), so that SPS and PPS are the same bytes in every segment of a profile. The
 * first picture is the only IDR: scene cuts become I pictures inside the GOP. User data SEI (x264's signature) are
 * cut out.
 *
 * x264 runs in one thread: with several, VBV looks at how far the others have come, and the bytes would differ from
 * run to run. That thread is ours, so that decoding and scaling go on beside it.
 *
 * x264's macroblock tree reads memory that it has not written where a row of macroblocks is no multiple of 8 (version
 * 164, seen at 160x90): memory from malloc() is made zero for the whole process, or the bytes depend on what lay there.
 *
 * Not here: time stamps in ticks (encode.c makes them from the plan). */
#include "stream/encode_video.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>

#include "base/cleanup.h"

#define QUEUE 12 /* pictures between the threads */
#define NAL_SEI 6
#define NAL_AUD 9
#define SEI_USER_DATA 5
#define ZERO_NEW_MEMORY 0xFF /* of M_PERTURB: its complement is what malloc() fills with */

struct encode_video {
	AVCodecContext *encoder;
	AVPacket *packet;
	struct encode_units *to;
	bool repeat;
	int64_t count;

	pthread_t thread;
	bool running;
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

/* The lowest level of H.264 (table A-1) that such pictures fit. */
static int level_of(const struct profile *p)
{
	static const struct {
		int level, blocks;
		int64_t blocks_per_second;
	} levels[] = { { 30, 1620, 40500 },   { 31, 3600, 108000 },  { 32, 5120, 216000 },
		       { 40, 8192, 245760 },  { 42, 8704, 522240 },  { 50, 22080, 589824 },
		       { 51, 36864, 983040 }, { 52, 36864, 2073600 } };
	int blocks = ((p->width + 15) / 16) * ((p->height + 15) / 16);
	int64_t per_second = ((int64_t)blocks * p->fps_num + p->fps_den - 1) / p->fps_den;
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(levels) && (blocks > levels[i].blocks || per_second > levels[i].blocks_per_second))
		i++;
	return levels[i].level;
}

#define FIXED \
	"keyint=infinite:min-keyint=100000:open-gop=0:b-pyramid=none:aud=1:repeat-headers=1:annexb=1:" \
	"force-cfr=1:stitchable=1:nal-hrd=none:sliced-threads=0:intra-refresh=0"
/* Analysis only: what stands in SPS and PPS (references, reordering, entropy coding, transforms, weights) stays. */
#define LESS_ANALYSIS \
	":me=dia:subme=1:trellis=0:partitions=none:aq-mode=0:no-mbtree=1:rc-lookahead=0:b-adapt=0:scenecut=0:me-range=4"

static void set_options(AVCodecContext *c, const struct profile *p, AVDictionary **options)
{
	c->width = p->width;
	c->height = p->height;
	c->pix_fmt = AV_PIX_FMT_YUV420P;
	c->time_base = (AVRational){ p->fps_den, p->fps_num };
	c->framerate = (AVRational){ p->fps_num, p->fps_den };
	c->sample_aspect_ratio = (AVRational){ 1, 1 };
	c->color_range = AVCOL_RANGE_MPEG;
	c->colorspace = AVCOL_SPC_BT709;
	c->color_primaries = AVCOL_PRI_BT709;
	c->color_trc = AVCOL_TRC_BT709;
	c->chroma_sample_location = AVCHROMA_LOC_LEFT;
	c->max_b_frames = p->reorder > 0 ? 2 : 0;
	c->level = level_of(p);
	c->thread_count = 1;
	c->rc_max_rate = (int64_t)p->maxrate_kbps * 1000;
	c->rc_buffer_size = p->maxrate_kbps * 1000;
	av_dict_set(options, "preset", p->preset, 0);
	av_dict_set(options, "profile", "high", 0);
	av_dict_set_int(options, "crf", p->crf, 0);
	av_dict_set(options, "a53cc", "0", 0);
	av_dict_set(options, "x264-params", p->effort ? FIXED LESS_ANALYSIS : FIXED, 0);
}

/* Offset of the next start code (00 00 01) at or after `from`, `len` when there is none. */
static size_t start_code(const uint8_t *data, size_t len, size_t from)
{
	for (size_t i = from; i + 3 <= len; i++)
		if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1)
			return i;
	return len;
}

/* Copies the NAL units, each behind 00 00 00 01, without those that are the encoder's signature. */
static void copy_units(struct buf *to, const uint8_t *data, size_t len)
{
	size_t at = start_code(data, len, 0);

	while (at < len) {
		size_t next = start_code(data, len, at + 3), end = next, nal = at + 3;

		while (next < len && end > nal && data[end - 1] == 0) /* the zero of a long start code */
			end--;
		if (end > nal && !((data[nal] & 31) == NAL_SEI && end > nal + 1 && data[nal + 1] == SEI_USER_DATA)) {
			buf_add(to, "\0\0\0\1", 4);
			buf_add(to, data + nal, end - nal);
		}
		at = next;
	}
}

static int add_unit(const AVPacket *packet, struct encode_units *to, struct err *err)
{
	struct encode_unit unit = { to->bytes.len, 0, packet->pts, packet->flags & AV_PKT_FLAG_KEY };

	copy_units(&to->bytes, packet->data, (size_t)packet->size);
	if (to->bytes.failed)
		return err_set(err, ERR_TOO_LARGE, "an encoded segment is larger than the limit");
	unit.len = to->bytes.len - unit.at;
	if (unit.len < 6 || (to->bytes.data[unit.at + 4] & 31) != NAL_AUD)
		return err_set(err, ERR_INTERNAL, "x264 gave an access unit without delimiter");
	encode_units_add(to, &unit);
	return 0;
}

static int receive(struct encode_video *v, struct err *err)
{
	int rc, ok = 0;

	while (ok == 0 && (rc = avcodec_receive_packet(v->encoder, v->packet)) >= 0) {
		ok = add_unit(v->packet, v->to, err);
		av_packet_unref(v->packet);
	}
	if (ok < 0)
		return ok;
	if (rc != AVERROR(EAGAIN) && rc != AVERROR_EOF)
		return err_set(err, ERR_INTERNAL, "x264: %s", av_err2str(rc));
	return 0;
}

/* NULL: the end. Takes the frame. */
static int encode(struct encode_video *v, AVFrame *frame, struct err *err)
{
	int rc;

	if (frame) {
		frame->pts = v->count++;
		frame->pict_type = frame->pts == 0 ? AV_PICTURE_TYPE_I :
				   v->repeat	   ? AV_PICTURE_TYPE_P :
						     AV_PICTURE_TYPE_NONE;
	}
	rc = avcodec_send_frame(v->encoder, frame);
	av_frame_free(&frame);
	if (rc < 0)
		return err_set(err, ERR_INTERNAL, "x264: %s", av_err2str(rc));
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
	const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
	AVDictionary *options = NULL;
	struct encode_video *v;
	int rc;

	if (!codec) {
		err_set(err, ERR_UNSUPPORTED, "libavcodec has no libx264 here: install it");
		return NULL;
	}
	mallopt(M_PERTURB, ZERO_NEW_MEMORY);
	v = calloc(1, sizeof(*v));
	if (!v || !(v->encoder = avcodec_alloc_context3(codec)) || !(v->packet = av_packet_alloc()))
		abort();
	v->to = to;
	v->repeat = repeat;
	pthread_mutex_init(&v->lock, NULL);
	pthread_cond_init(&v->changed, NULL);
	set_options(v->encoder, profile, &options);
	rc = avcodec_open2(v->encoder, codec, &options);
	av_dict_free(&options);
	if (rc < 0)
		err_set(err, ERR_INTERNAL, "open x264 for %dx%d: %s", profile->width, profile->height, av_err2str(rc));
	else if (!(v->running = pthread_create(&v->thread, NULL, run, v) == 0))
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
		return err_set(err, ERR_INTERNAL, "x264 took %lld pictures and gave %zu", (long long)video->count,
			       video->to->count);
	return 0;
}
