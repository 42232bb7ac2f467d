/* thumbnail.c - see thumbnail.h. Looks at some pictures from a key picture near the wanted time on and takes the first
 * that shows something, or else the one that shows most; "something" is spread in the luma. */
#include "media/thumbnail.h"

#include <math.h>
#include <stdlib.h>

#include <libswscale/swscale.h>

#include "base/fs.h"
#include "media/avfile.h"

#define LOOK (8LL * AVFILE_FLICKS) /* of film that is searched for a telling picture */
#define MAX_PICTURES 400
#define MAX_PACKETS 4000
#define TELLING 24.0 /* standard deviation of luma of a picture that shows something */
#define SAMPLE 64    /* points a side at which luma is measured */

struct search {
	AVFormatContext *file;
	AVCodecContext *decoder;
	int stream, pictures;
	int64_t until; /* flicks */
	AVFrame *best;
	double best_score;
};

static struct SwsContext *scaler(const AVFrame *from, int width, int height, enum AVPixelFormat format, int flags)
{
	return sws_getContext(from->width, from->height, from->format, width, height, format, flags, NULL, NULL, NULL);
}

/* Standard deviation of luma, less for nearly black and nearly white pictures. */
static double score_of(const AVFrame *frame)
{
	uint8_t gray[SAMPLE * SAMPLE], *planes[4] = { gray };
	int strides[4] = { SAMPLE };
	struct SwsContext *sws = scaler(frame, SAMPLE, SAMPLE, AV_PIX_FMT_GRAY8, SWS_FAST_BILINEAR);
	double sum = 0, squares = 0, mean;

	if (!sws)
		return 0;
	sws_scale(sws, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes, strides);
	sws_freeContext(sws);
	for (int i = 0; i < SAMPLE * SAMPLE; i++) {
		sum += gray[i];
		squares += (double)gray[i] * gray[i];
	}
	mean = sum / (SAMPLE * SAMPLE);
	return sqrt(fmax(0, squares / (SAMPLE * SAMPLE) - mean * mean)) * (mean < 24 || mean > 232 ? 0.5 : 1);
}

/* True when the search is over. */
static bool consider(struct search *s, AVFrame *frame)
{
	const AVStream *stream = s->file->streams[s->stream];
	int64_t pts = frame->best_effort_timestamp;
	bool late = pts != AV_NOPTS_VALUE &&
		    avfile_flicks(pts - avfile_zero(s->file, stream), stream->time_base) > s->until;
	double score = frame->width > 0 && frame->height > 0 ? score_of(frame) : -1;

	if (score > s->best_score || !s->best) {
		av_frame_free(&s->best);
		s->best = av_frame_clone(frame);
		s->best_score = score;
	}
	return late || s->best_score >= TELLING || ++s->pictures >= MAX_PICTURES;
}

static void search(struct search *s)
{
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	bool over = !packet || !frame;

	for (int n = 0; !over && n < MAX_PACKETS; n++) {
		int rc = av_read_frame(s->file, packet);

		if (rc >= 0 && packet->stream_index != s->stream) {
			av_packet_unref(packet);
			continue;
		}
		avcodec_send_packet(s->decoder, rc >= 0 ? packet : NULL);
		av_packet_unref(packet);
		while (!over && avcodec_receive_frame(s->decoder, frame) >= 0) {
			over = consider(s, frame);
			av_frame_unref(frame);
		}
		over = over || rc < 0;
	}
	av_frame_free(&frame);
	av_packet_free(&packet);
}

/* The stream to take a picture from: the film, or for sound its cover. */
static int stream_of(AVFormatContext *file)
{
	int video = avfile_video(file);

	for (unsigned i = 0; video < 0 && i < file->nb_streams; i++)
		if (file->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_VIDEO)
			video = (int)i;
	return video;
}

static void go_to(struct search *s, int64_t at_ms)
{
	const AVStream *stream = s->file->streams[s->stream];
	int64_t at = av_rescale_q(at_ms, (AVRational){ 1, 1000 }, stream->time_base);

	for (int i = 0; i < (int)s->file->nb_streams; i++)
		if (i != s->stream)
			s->file->streams[i]->discard = AVDISCARD_ALL;
	if (at_ms > 0 && !avfile_is_picture(stream))
		av_seek_frame(s->file, s->stream, avfile_zero(s->file, stream) + at, AVSEEK_FLAG_BACKWARD);
	s->until = at_ms * (AVFILE_FLICKS / 1000) + LOOK;
}

static AVFrame *telling_frame(const char *path, int64_t at_ms, AVRational *ret_sar, struct err *err)
{
	struct search s = { .file = avfile_open(path, err), .best_score = -1 };

	if (!s.file)
		return NULL;
	s.stream = stream_of(s.file);
	if (s.stream < 0)
		err_set(err, ERR_MEDIA, "'%s' has no picture", path);
	else
		s.decoder = avfile_decoder(s.file, s.stream, 1, err);
	if (s.decoder) {
		go_to(&s, at_ms);
		search(&s);
		if (!s.best && at_ms > 0) { /* past the end, or a hole: from the beginning then */
			avcodec_flush_buffers(s.decoder);
			av_seek_frame(s.file, s.stream, INT64_MIN, AVSEEK_FLAG_BACKWARD);
			go_to(&s, 0);
			search(&s);
		}
		if (s.best)
			*ret_sar = av_guess_sample_aspect_ratio(s.file, s.file->streams[s.stream], s.best);
		else
			err_set(err, ERR_MEDIA, "no picture of '%s' can be decoded", path);
	}
	avcodec_free_context(&s.decoder);
	avfile_close(&s.file);
	return s.best;
}

/* Full-range 4:2:0 as JPEG wants it, `width` wide, the display's shape kept. */
static AVFrame *scaled(const AVFrame *from, AVRational sar, int width)
{
	double shape = (double)from->width / from->height * (sar.num > 0 && sar.den > 0 ? av_q2d(sar) : 1);
	bool hd = from->height >= 720;
	bool bt709 = from->colorspace == AVCOL_SPC_BT709 || (from->colorspace == AVCOL_SPC_UNSPECIFIED && hd);
	const int *in = sws_getCoefficients(bt709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
	struct SwsContext *sws;
	AVFrame *to = av_frame_alloc();

	if (!to)
		abort();
	to->width = width;
	to->height = av_clip((int)lround(width / shape / 2) * 2, 2, width * 4);
	to->format = AV_PIX_FMT_YUVJ420P;
	to->color_range = AVCOL_RANGE_JPEG;
	sws = scaler(from, to->width, to->height, to->format, SWS_BICUBIC);
	if (!sws || av_frame_get_buffer(to, 0) < 0) {
		sws_freeContext(sws);
		av_frame_free(&to);
		return NULL;
	}
	sws_setColorspaceDetails(sws, in, from->color_range == AVCOL_RANGE_JPEG, sws_getCoefficients(SWS_CS_ITU601), 1, 0,
				 1 << 16, 1 << 16);
	sws_scale(sws, (const uint8_t *const *)from->data, from->linesize, 0, from->height, to->data, to->linesize);
	sws_freeContext(sws);
	to->pts = 0;
	return to;
}

static int write_jpeg(AVFrame *frame, const char *to, struct err *err)
{
	const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
	AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
	AVPacket *packet = av_packet_alloc();
	int rc = AVERROR_ENCODER_NOT_FOUND;

	if (c && packet) {
		c->width = frame->width;
		c->height = frame->height;
		c->pix_fmt = frame->format;
		c->color_range = AVCOL_RANGE_JPEG;
		c->time_base = (AVRational){ 1, 25 };
		c->flags |= AV_CODEC_FLAG_QSCALE;
		c->global_quality = FF_QP2LAMBDA * 4;
		frame->quality = c->global_quality;
		rc = avcodec_open2(c, codec, NULL);
	}
	if (rc >= 0 && (rc = avcodec_send_frame(c, frame)) >= 0)
		rc = avcodec_receive_packet(c, packet);
	if (rc < 0)
		rc = err_set(err, ERR_MEDIA, "encode a thumbnail: %s", av_err2str(rc));
	else
		rc = fs_write_atomic(to, packet->data, (size_t)packet->size, err);
	av_packet_free(&packet);
	avcodec_free_context(&c);
	return rc;
}

int thumbnail_write(const char *path, int64_t at_ms, int width, const char *to, struct err *err)
{
	AVRational sar = { 1, 1 };
	AVFrame *found, *small;
	int rc;

	if (width < 16 || width > 4096)
		return err_set(err, ERR_INVALID, "a thumbnail is 16 to 4096 pixels wide, not %d", width);
	found = telling_frame(path, at_ms < 0 ? 0 : at_ms, &sar, err);
	if (!found)
		return err ? -(int)err->code : -ERR_MEDIA;
	small = scaled(found, sar, width & ~1);
	av_frame_free(&found);
	if (!small)
		return err_set(err, ERR_MEDIA, "scale a picture of '%s'", path);
	rc = write_jpeg(small, to, err);
	av_frame_free(&small);
	return rc;
}
