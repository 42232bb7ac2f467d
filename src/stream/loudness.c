/* loudness.c - see loudness.h. The measuring is libebur128's; here the file is read, mixed down as encode_audio.c does,
 * and looked at in one piece or in windows, each with a meter of its own, so that no block spans two of them.
 *
 * What cannot be decoded is passed over: a gap in a file is no reason to know nothing of it. */
#include "stream/loudness.h"

#include <ebur128.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "media/avfile.h"
#include "stream/encode_downmix.h"

#define WINDOWS 10
#define WINDOW_SECONDS 5
#define QUICK_LEAST_SECONDS 100 /* a shorter file is read whole */
#define MAX_BAD_READS 200

struct meter {
	AVFormatContext *file;
	int stream;
	AVCodecContext *decoder;
	struct encode_downmix *downmix;
	AVPacket *packet;
	AVFrame *frame;
	ebur128_state *states[WINDOWS];
	size_t count; /* states in use; the last takes what comes */
	int modes;
	double seconds; /* of the file; 0 unknown */
	double heard;	/* of the window at hand */
	int bad_reads;
	struct worker_job *job;
	time_t told;
};

int loudness_gain(const struct loudness *loudness, int target)
{
	int gain;

	if (loudness->silent)
		return 0;
	gain = target - loudness->integrated;
	gain = gain > LOUDNESS_BOOST_MAX ? LOUDNESS_BOOST_MAX : gain < LOUDNESS_CUT_MAX ? LOUDNESS_CUT_MAX : gain;
	return (int)lround((double)gain / LOUDNESS_GAIN_STEP) * LOUDNESS_GAIN_STEP;
}

static void meter_close(struct meter *m)
{
	for (size_t i = 0; i < m->count; i++)
		ebur128_destroy(&m->states[i]);
	encode_downmix_free(m->downmix);
	avcodec_free_context(&m->decoder);
	av_packet_free(&m->packet);
	av_frame_free(&m->frame);
	avfile_close(&m->file);
}

static int meter_open(struct meter *m, const char *path, struct err *err)
{
	m->file = avfile_open(path, err);
	if (!m->file)
		return -1;
	m->stream = avfile_audio(m->file);
	if (m->stream < 0)
		return err_set(err, ERR_MEDIA, "'%s' has no sound", path);
	for (int i = 0; i < (int)m->file->nb_streams; i++)
		if (i != m->stream)
			m->file->streams[i]->discard = AVDISCARD_ALL;
	m->decoder = avfile_decoder(m->file, m->stream, 1, err);
	if (!m->decoder)
		return -1;
	m->downmix = encode_downmix_new();
	m->packet = av_packet_alloc();
	m->frame = av_frame_alloc();
	if (!m->packet || !m->frame)
		abort();
	if (m->file->duration > 0)
		m->seconds = (double)m->file->duration / AV_TIME_BASE;
	return 0;
}

/* A meter for the next window, made when its first sound tells the rate. */
static ebur128_state *state_of(struct meter *m, size_t window, int rate)
{
	while (m->count <= window) {
		m->states[m->count] = ebur128_init(2, (unsigned long)rate, m->modes);
		if (!m->states[m->count])
			return NULL;
		m->count++;
	}
	return m->states[window]->samplerate == (unsigned long)rate ? m->states[window] : NULL;
}

static void add_frame(struct meter *m, size_t window, const AVFrame *frame)
{
	size_t count = (size_t)frame->nb_samples;
	ebur128_state *state;
	float *left, *both;

	if (frame->nb_samples <= 0 || frame->sample_rate < 1000 || frame->sample_rate > 768000)
		return;
	state = state_of(m, window, frame->sample_rate);
	left = malloc(sizeof(*left) * 4 * count);
	if (!left)
		abort();
	both = left + 2 * count;
	if (state && encode_downmix_run(m->downmix, frame, left, left + count) >= 0) {
		for (size_t i = 0; i < count; i++) {
			both[2 * i] = isfinite(left[i]) ? left[i] : 0;
			both[2 * i + 1] = isfinite(left[count + i]) ? left[count + i] : 0;
		}
		ebur128_add_frames_float(state, both, count);
		m->heard += (double)count / frame->sample_rate;
	}
	free(left);
}

static void tell(struct meter *m, double part)
{
	time_t now = time(NULL);

	if (!m->job || now == m->told)
		return;
	m->told = now;
	worker_report(m->job, json_pack("{s:s, s:f}", "event", "progress", "part", part < 1 ? part : 1));
}

/* The next packet of the sound; false at the end. */
static bool next_packet(struct meter *m)
{
	for (;;) {
		int rc = av_read_frame(m->file, m->packet);

		if (rc >= 0 && m->packet->stream_index == m->stream)
			return true;
		av_packet_unref(m->packet);
		if (rc == AVERROR_EOF || (rc < 0 && (++m->bad_reads > MAX_BAD_READS || avio_feof(m->file->pb))))
			return false;
	}
}

/* Until the window has heard `seconds`, or the file ends. False when the job was cancelled. */
static bool hear(struct meter *m, size_t window, double seconds)
{
	m->heard = 0;
	while (m->heard < seconds && next_packet(m)) {
		avcodec_send_packet(m->decoder, m->packet); /* an error is a gap */
		av_packet_unref(m->packet);
		while (avcodec_receive_frame(m->decoder, m->frame) >= 0) {
			add_frame(m, window, m->frame);
			av_frame_unref(m->frame);
		}
		tell(m, m->seconds > 0 ? m->heard / m->seconds : 0);
		if (m->job && worker_cancelled(m->job))
			return false;
	}
	return true;
}

static bool hear_windows(struct meter *m)
{
	const AVStream *stream = m->file->streams[m->stream];
	int64_t start = m->file->start_time == AV_NOPTS_VALUE ? 0 : m->file->start_time;

	for (int i = 0; i < WINDOWS; i++) {
		double at = m->seconds * (i + 0.5) / WINDOWS - WINDOW_SECONDS / 2.0;
		int64_t time = av_rescale_q(start + (int64_t)(at * AV_TIME_BASE), AV_TIME_BASE_Q, stream->time_base);

		if (av_seek_frame(m->file, m->stream, time, AVSEEK_FLAG_BACKWARD) < 0)
			continue;
		avcodec_flush_buffers(m->decoder);
		if (!hear(m, m->count, WINDOW_SECONDS))
			return false;
	}
	return true;
}

static int hundredths(double value, int least)
{
	return isfinite(value) && value > least / 100.0 ? (int)lround(value * 100) : least;
}

static int read_meters(struct meter *m, bool quick, struct loudness *ret, struct err *err)
{
	struct loudness l = { 0 };
	double value = 0, peak[2] = { 0, 0 };

	if (!m->count)
		return err_set(err, ERR_MEDIA, "no sound of it can be decoded");
	if (ebur128_loudness_global_multiple(m->states, m->count, &value) != EBUR128_SUCCESS)
		return err_set(err, ERR_INTERNAL, "measure the loudness: out of memory");
	l.silent = !isfinite(value) || value < -70;
	l.integrated = l.silent ? 0 : hundredths(value, -7000);
	if (!quick) {
		ebur128_true_peak(m->states[0], 0, &peak[0]);
		ebur128_true_peak(m->states[0], 1, &peak[1]);
		l.true_peak = hundredths(20 * log10(fmax(peak[0], peak[1])), -12000);
		if (ebur128_loudness_range(m->states[0], &value) == EBUR128_SUCCESS)
			l.range = hundredths(value, 0);
	}
	*ret = l;
	return 0;
}

int loudness_measure(const char *path, bool quick, struct worker_job *job, struct loudness *ret, struct err *err)
{
	CLEANUP(meter_close) struct meter m = { .job = job, .modes = EBUR128_MODE_I };
	int rc = meter_open(&m, path, err);
	bool ended;

	if (rc < 0)
		return err ? -(int)err->code : -ERR_MEDIA;
	if (!quick)
		m.modes |= EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK;
	if (quick && m.seconds >= QUICK_LEAST_SECONDS)
		ended = hear_windows(&m);
	else
		ended = hear(&m, 0, INFINITY);
	if (!ended)
		return err_set(err, ERR_BUSY, "measuring was cancelled");
	rc = read_meters(&m, quick, ret, err);
	return rc < 0 ? err_under(err, "'%s'", path) : 0;
}

json_t *loudness_to_json(const struct loudness *loudness)
{
	return json_pack("{s:b, s:i, s:i, s:i}", "silent", loudness->silent, "integrated", loudness->integrated,
			 "true_peak", loudness->true_peak, "range", loudness->range);
}

int loudness_from_json(const json_t *json, struct loudness *ret, struct err *err)
{
	struct loudness l = { .silent = json_flag(json, "silent", false) };
	int64_t integrated = json_int(json, "integrated", INT64_MIN), peak = json_int(json, "true_peak", 0);
	int64_t range = json_int(json, "range", 0);

	if (integrated < -7000 || integrated > 3000 || peak < -12000 || peak > 12000 || range < 0 || range > 20000)
		return err_set(err, ERR_INVALID, "a worker measured a loudness that there cannot be");
	l.integrated = (int)integrated;
	l.true_peak = (int)peak;
	l.range = (int)range;
	*ret = l;
	return 0;
}

int loudness_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	struct loudness loudness;
	int rc;

	if (!path || *path != '/')
		return err_set(err, ERR_INVALID, "a loudness job needs an absolute \"path\"");
	rc = loudness_measure(path, json_flag(request, "quick", false), job, &loudness, err);
	if (rc < 0)
		return rc;
	*ret_done = loudness_to_json(&loudness);
	return 0;
}
