/* encode_aac.c - see encode_aac.h. libavcodec's encoder gives a packet whose PTS says which samples it decodes to, one
 * frame behind what it was fed: those outside the wanted ones are dropped.
 *
 * Coder "fast": with "twoloop", libavcodec's default, single frames decode to something else, with peaks up to 4 dB above the
 * sound's own (measured at 128 to 192 kbit/s); and at these rates its error is some 10 dB larger throughout. */
#include "stream/encode_aac.h"

#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>

#define SAMPLES 1024

static AVCodecContext *open_encoder(int kbps, struct err *err)
{
	const AVCodec *codec = avcodec_find_encoder_by_name("aac");
	AVCodecContext *c = codec ? avcodec_alloc_context3(codec) : NULL;
	int rc;

	if (!c) {
		err_set(err, ERR_UNSUPPORTED, "libavcodec has no AAC encoder here");
		return NULL;
	}
	c->sample_fmt = AV_SAMPLE_FMT_FLTP;
	c->sample_rate = 48000;
	c->time_base = (AVRational){ 1, 48000 };
	c->bit_rate = (int64_t)kbps * 1000;
	c->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER;
	c->thread_count = 1;
	c->profile = 1; /* AAC-LC */
	av_channel_layout_default(&c->ch_layout, 2);
	av_opt_set(c->priv_data, "aac_coder", "fast", 0);
	rc = avcodec_open2(c, codec, NULL);
	if (rc < 0) {
		err_set(err, ERR_INTERNAL, "open the AAC encoder: %s", av_err2str(rc));
		avcodec_free_context(&c);
	}
	return c;
}

static void add(struct encode_units *to, const AVPacket *packet, int64_t frame)
{
	struct encode_unit unit = { to->bytes.len, (size_t)packet->size, frame, true };

	buf_add(&to->bytes, packet->data, (size_t)packet->size);
	encode_units_add(to, &unit);
}

static void receive(AVCodecContext *c, AVPacket *packet, int64_t frames, struct encode_units *to)
{
	while (avcodec_receive_packet(c, packet) >= 0) {
		int64_t frame = packet->pts / SAMPLES - ENCODE_AAC_LEAD;

		if (packet->pts >= 0 && frame >= 0 && frame < frames)
			add(to, packet, frame);
		av_packet_unref(packet);
	}
}

static int send(AVCodecContext *c, AVFrame *frame, const float *left, const float *right, int64_t index)
{
	int rc;

	frame->nb_samples = SAMPLES;
	frame->format = AV_SAMPLE_FMT_FLTP;
	frame->sample_rate = 48000;
	frame->pts = index * SAMPLES;
	av_channel_layout_default(&frame->ch_layout, 2);
	if (av_frame_get_buffer(frame, 0) < 0)
		abort();
	memcpy(frame->data[0], left + index * SAMPLES, sizeof(float) * SAMPLES);
	memcpy(frame->data[1], right + index * SAMPLES, sizeof(float) * SAMPLES);
	rc = avcodec_send_frame(c, frame);
	av_frame_unref(frame);
	return rc;
}

int encode_aac(const float *left, const float *right, int64_t frames, int kbps, struct encode_units *to,
	       struct err *err)
{
	AVCodecContext *c = open_encoder(kbps, err);
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	size_t before = to->count;
	int rc = 0;

	if (!packet || !frame)
		abort();
	for (int64_t i = 0; c && rc >= 0 && i < ENCODE_AAC_LEAD + frames + ENCODE_AAC_AFTER; i++) {
		rc = send(c, frame, left, right, i);
		receive(c, packet, frames, to);
	}
	if (c && rc >= 0 && avcodec_send_frame(c, NULL) >= 0)
		receive(c, packet, frames, to);
	if (!c)
		rc = err ? -(int)err->code : -ERR_INTERNAL;
	else if (rc < 0 || (int64_t)(to->count - before) != frames)
		rc = err_set(err, ERR_INTERNAL, "the AAC encoder gave %zu frames of %lld", to->count - before,
			     (long long)frames);
	avcodec_free_context(&c);
	av_packet_free(&packet);
	av_frame_free(&frame);
	return rc < 0 ? rc : 0;
}
