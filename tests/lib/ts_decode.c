/* ts_decode.c - see ts_decode.h. */
#include "lib/ts_decode.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

#include "stream/ts_stamp.h"

#define BASE 900000 /* as on the air: a clip's own clock would begin before 0 */

struct memory {
	const uint8_t *data;
	size_t len, at;
};

static int complaints;

static void complain(void *context, int level, const char *format, va_list args)
{
	char line[1024];

	if (level > AV_LOG_WARNING)
		return;
	vsnprintf(line, sizeof(line), format, args);
	/* The estimate of a frame rate from one segment is not the stream's fault. */
	if (strstr(line, "not enough frames to estimate rate"))
		return;
	fprintf(stderr, "%s: %s", context ? (*(const AVClass **)context)->class_name : "libav", line);
	complaints++;
}

static int read_memory(void *memory, uint8_t *to, int size)
{
	struct memory *m = memory;
	size_t left = m->len - m->at, n = (size_t)size < left ? (size_t)size : left;

	memcpy(to, m->data + m->at, n);
	m->at += n;
	return n ? (int)n : AVERROR_EOF;
}

static int64_t seek_memory(void *memory, int64_t offset, int whence)
{
	struct memory *m = memory;

	if (whence == AVSEEK_SIZE)
		return (int64_t)m->len;
	m->at = (size_t)offset;
	return offset;
}

static void note_packet(struct ts_decoded *d, const AVPacket *packet, bool video)
{
	if (!video) {
		d->audio_pts[d->audio_packets++ % TS_DECODE_MAX] = packet->pts;
		return;
	}
	if (packet->flags & AV_PKT_FLAG_KEY)
		d->keys++;
	/* AUD, then SPS and PPS up to the first slice */
	for (int i = 0; !d->video_packets && i + 5 < packet->size; i++)
		if (!packet->data[i] && !packet->data[i + 1] && packet->data[i + 2] == 1 &&
		    (packet->data[i + 3] & 31) == 5) {
			d->headers_len = i < 256 ? i : 256;
			memcpy(d->headers, packet->data, (size_t)d->headers_len);
			break;
		}
	d->video_pts[d->video_packets % TS_DECODE_MAX] = packet->pts;
	d->video_dts[d->video_packets++ % TS_DECODE_MAX] = packet->dts;
}

static void note_picture(struct ts_decoded *d, const AVFrame *f)
{
	int i = d->pictures++ % TS_DECODE_MAX, y = f->height / 2;

	d->picture_pts[i] = f->best_effort_timestamp;
	d->code[i] = 0;
	for (int bit = 0; bit < 10; bit++)
		if (f->data[0][y * f->linesize[0] + (2 * bit + 1) * f->width / 20] > 125)
			d->code[i] |= 1 << bit;
	d->luma[i] = f->data[0][y * f->linesize[0] + f->width / 2];
	d->chroma[i][0] = f->data[1][y / 2 * f->linesize[1] + f->width / 4];
	d->chroma[i][1] = f->data[2][y / 2 * f->linesize[2] + f->width / 4];
	d->corner[i] = f->data[0][0];
}

static void note_sound(struct ts_decoded *d, const AVFrame *f)
{
	int64_t at = (f->best_effort_timestamp * 48000 + 45000) / 90000;

	if (at < 0 || f->format != AV_SAMPLE_FMT_FLTP || f->sample_rate != 48000 || f->ch_layout.nb_channels != 2)
		return;
	if ((size_t)at + (size_t)f->nb_samples > d->samples) {
		size_t samples = (size_t)at + (size_t)f->nb_samples;

		d->sound = realloc(d->sound, samples * sizeof(float));
		memset(d->sound + d->samples, 0, (samples - d->samples) * sizeof(float));
		d->samples = samples;
	}
	memcpy(d->sound + at, f->data[0], (size_t)f->nb_samples * sizeof(float));
}

static void decode(AVCodecContext *c, const AVPacket *packet, struct ts_decoded *ret)
{
	AVFrame *frame = av_frame_alloc();

	if (avcodec_send_packet(c, packet) < 0 && packet)
		complaints++;
	while (avcodec_receive_frame(c, frame) >= 0)
		if (c->codec_type == AVMEDIA_TYPE_VIDEO)
			note_picture(ret, frame);
		else
			note_sound(ret, frame);
	av_frame_free(&frame);
}

void ts_decode(const void *data, size_t len, struct ts_decoded *ret)
{
	uint8_t *copy = malloc(len);
	struct memory memory = { copy, len, 0 };
	AVFormatContext *file = avformat_alloc_context();
	AVCodecContext *decoders[2] = { NULL, NULL };
	AVPacket *packet = av_packet_alloc();

	if (!copy)
		abort();
	memcpy(copy, data, len);
	ts_stamp(copy, len, BASE);
	memset(ret, 0, sizeof(*ret));
	complaints = 0;
	av_log_set_level(AV_LOG_WARNING);
	av_log_set_callback(complain);
	file->pb = avio_alloc_context(av_malloc(65536), 65536, 0, &memory, read_memory, NULL, seek_memory);
	if (avformat_open_input(&file, NULL, NULL, NULL) < 0 || avformat_find_stream_info(file, NULL) < 0 ||
	    file->nb_streams != 2)
		abort();
	for (int i = 0; i < 2; i++) {
		decoders[i] = avcodec_alloc_context3(avcodec_find_decoder(file->streams[i]->codecpar->codec_id));
		avcodec_parameters_to_context(decoders[i], file->streams[i]->codecpar);
		decoders[i]->pkt_timebase = file->streams[i]->time_base;
		avcodec_open2(decoders[i], NULL, NULL);
	}
	while (av_read_frame(file, packet) >= 0) {
		packet->pts -= BASE;
		packet->dts -= BASE;
		note_packet(ret, packet, decoders[packet->stream_index]->codec_type == AVMEDIA_TYPE_VIDEO);
		decode(decoders[packet->stream_index], packet, ret);
		av_packet_unref(packet);
	}
	for (int i = 0; i < 2; i++) {
		decode(decoders[i], NULL, ret);
		avcodec_free_context(&decoders[i]);
	}
	av_packet_free(&packet);
	av_freep(&file->pb->buffer);
	avio_context_free(&file->pb);
	avformat_close_input(&file);
	free(copy);
	ret->complaints = complaints;
	av_log_set_callback(av_log_default_callback);
}

void ts_decoded_free(struct ts_decoded *decoded)
{
	free(decoded->sound);
	decoded->sound = NULL;
}

double ts_decoded_onset(const struct ts_decoded *decoded, double from, float level)
{
	for (size_t i = from > 0 ? (size_t)(from * 48000) : 0; i < decoded->samples; i++)
		if (fabsf(decoded->sound[i]) > level)
			return (double)i / 48000;
	return -1;
}
