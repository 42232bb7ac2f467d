/* frames_sound.c - see frames_sound.h. Root mean square of the first two channels, 20 ms at a time. */
#include "media/frames_sound.h"

#include <math.h>
#include <stdlib.h>

#include "media/avfile.h"

#define WINDOW_MS 20
#define SILENT 0.00316 /* of full scale: -50 dB */
#define MIN_MS 100
#define TELL_EVERY 500 /* packets */

struct hearing {
	AVFormatContext *file;
	AVCodecContext *decoder;
	int stream;
	int64_t zero_flicks;
	double squares;
	int64_t samples, window; /* in the window at hand; of a window */
	int64_t at_ms;		 /* where the window at hand begins; -1: not known yet */
	int64_t from_ms;	 /* of the silence at hand; -1: none */
	double quiet;		 /* its sum of squares */
	int64_t quiet_windows;
	struct arena *arena;
	struct sound_list list;
	size_t cap;
};

static double sample_at(const AVFrame *frame, int channel, int channels, int i)
{
	enum AVSampleFormat format = frame->format;
	bool planar = av_sample_fmt_is_planar(format);
	const uint8_t *data = frame->extended_data[planar ? channel : 0];
	int at = planar ? i : i * channels + channel;

	switch (av_get_packed_sample_fmt(format)) {
	case AV_SAMPLE_FMT_U8:
		return (data[at] - 128) / 128.0;
	case AV_SAMPLE_FMT_S16:
		return ((const int16_t *)(const void *)data)[at] / 32768.0;
	case AV_SAMPLE_FMT_S32:
		return ((const int32_t *)(const void *)data)[at] / 2147483648.0;
	case AV_SAMPLE_FMT_FLT:
		return ((const float *)(const void *)data)[at];
	case AV_SAMPLE_FMT_DBL:
		return ((const double *)(const void *)data)[at];
	default:
		return 1; /* not known: never silent */
	}
}

static void end_silence(struct hearing *h)
{
	if (h->from_ms >= 0 && h->at_ms - h->from_ms >= MIN_MS && h->list.count < 20000) {
		double level = sqrt(h->quiet / (double)h->quiet_windows);

		ARENA_GROW(h->arena, h->list.silences, h->list.count, h->cap);
		h->list.silences[h->list.count++] = (struct sound_silence) {
			.from_ms = h->from_ms,
			.to_ms = h->at_ms,
			.level_db = level > 1e-5 ? 20 * log10(level) : -100,
		};
	}
	h->from_ms = -1;
	h->quiet = 0;
	h->quiet_windows = 0;
}

static void end_window(struct hearing *h)
{
	double mean = h->squares / (double)h->samples;

	if (mean <= SILENT * SILENT) {
		if (h->from_ms < 0)
			h->from_ms = h->at_ms;
		h->quiet += mean;
		h->quiet_windows++;
	} else {
		end_silence(h);
	}
	h->at_ms += WINDOW_MS;
	h->squares = 0;
	h->samples = 0;
}

static int channels_of(const AVFrame *frame)
{
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 28, 100)
	return frame->ch_layout.nb_channels;
#else
	return frame->channels;
#endif
}

static void hear(struct hearing *h, const AVFrame *frame)
{
	int channels = channels_of(frame), used = channels > 2 ? 2 : channels;
	const AVStream *stream = h->file->streams[h->stream];

	if (frame->best_effort_timestamp != AV_NOPTS_VALUE) {
		int64_t at =
			(avfile_flicks(frame->best_effort_timestamp, stream->time_base) - h->zero_flicks) /
			(AVFILE_FLICKS / 1000);
		int64_t here =
			h->at_ms + h->samples * 1000 / (frame->sample_rate > 0 ? frame->sample_rate : 48000);

		if (h->at_ms < 0 || at - here > 200 || here - at > 200) { /* the beginning, or a hole */
			if (h->at_ms >= 0)
				end_silence(h);
			h->at_ms = at;
			h->samples = 0;
			h->squares = 0;
		}
	}
	h->window = frame->sample_rate > 0 ? frame->sample_rate * WINDOW_MS / 1000 : 960;
	for (int i = 0; used > 0 && i < frame->nb_samples; i++) {
		for (int c = 0; c < used; c++) {
			double v = sample_at(frame, c, channels, i);

			h->squares += v * v / used;
		}
		if (++h->samples >= h->window && h->at_ms >= 0)
			end_window(h);
	}
}

static bool open_sound(struct hearing *h)
{
	int video = avfile_video(h->file);
	int zero_of;

	h->stream = avfile_audio(h->file);
	if (h->stream < 0)
		return false;
	h->decoder = avfile_decoder(h->file, h->stream, 1, NULL);
	if (!h->decoder)
		return false;
	zero_of = video >= 0 ? video : h->stream;
	h->zero_flicks = avfile_flicks(avfile_zero(h->file, h->file->streams[zero_of]),
				       h->file->streams[zero_of]->time_base);
	for (unsigned i = 0; i < h->file->nb_streams; i++)
		h->file->streams[i]->discard = (int)i == h->stream ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	return true;
}

static bool read_all(struct hearing *h, frames_tell *tell, void *context)
{
	AVPacket *packet = av_packet_alloc();
	AVFrame *frame = av_frame_alloc();
	double duration = h->file->duration > 0 ? (double)h->file->duration / 1000 : 1e12;
	bool stopped = false;
	int rc = 0;

	if (!packet || !frame)
		abort();
	for (int64_t n = 0; !stopped && rc >= 0; n++) {
		rc = av_read_frame(h->file, packet);
		if (rc < 0)
			avcodec_send_packet(h->decoder, NULL);
		else if (packet->stream_index == h->stream)
			avcodec_send_packet(h->decoder, packet);
		av_packet_unref(packet);
		while (avcodec_receive_frame(h->decoder, frame) >= 0) {
			hear(h, frame);
			av_frame_unref(frame);
		}
		if (n % TELL_EVERY == 0)
			stopped = tell(context,
				       0.4 * fmin(1, (double)(h->at_ms > 0 ? h->at_ms : 0) / duration));
	}
	end_silence(h);
	av_frame_free(&frame);
	av_packet_free(&packet);
	return stopped;
}

int sound_find_silence(const char *path, frames_tell *tell, void *context, struct arena *arena,
		       struct sound_list *ret, struct err *err)
{
	struct hearing h = { .file = avfile_open(path, err), .at_ms = -1, .from_ms = -1, .arena = arena };
	bool stopped = false;

	*ret = (struct sound_list) { 0 };
	if (!h.file)
		return err ? -(int)err->code : -(int)ERR_MEDIA;
	if (open_sound(&h))
		stopped = read_all(&h, tell, context);
	avcodec_free_context(&h.decoder);
	avfile_close(&h.file);
	*ret = h.list;
	return stopped ? err_set(err, ERR_BUSY, "stopped") : 0;
}
