/* encode_audio.c - see encode_audio.h.
 *
 * decode -> stereo float at the source's rate (encode_downmix.c) -> chunks with times -> runs -> a buffer on the
 * source's sample grid -> resampled in one piece from a sample that lies on both grids.
 *
 * Times in containers are rounded, some to a millisecond; chunks that follow one another within 40 ms are one run, and
 * the run lies where the middle of what its chunks say is, put on the grid of the codec's frames when that is near.
 * So a join of two stretches, each placed for itself, falls on the same sample. Gaps are silence, overlaps are cut. */
#include "stream/encode_audio.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libswresample/swresample.h>

#include "base/cleanup.h"
#include "media/avfile.h"
#include "stream/encode_downmix.h"
#include "stream/plan.h"

#define RATE 48000
#define PREROLL (PLAN_FLICKS * 4 / 10) /* decoders settle, bit reservoirs fill */
#define AFTER (PLAN_FLICKS / 4)
#define RUN_SECONDS 0.04
#define EDGE 256 /* source samples around a stretch, for the resampler */

struct chunk {
	float *left, *right;
	int64_t count;
	double at; /* source samples from the first picture; NAN: right after the one before */
};

struct chunks {
	struct chunk *list;
	size_t count, size;
	int rate; /* of the first; others are dropped */
};

int64_t encode_audio_needs(int64_t from)
{
	return from * PLAN_SAMPLE - PREROLL;
}

static void chunks_free(struct chunks *chunks)
{
	for (size_t i = 0; i < chunks->count; i++)
		free(chunks->list[i].left); /* right lies behind it */
	free(chunks->list);
}

static void add_chunk(struct chunks *to, struct encode_source *source, struct encode_downmix *downmix,
		      const AVFrame *frame)
{
	int64_t pts = frame->best_effort_timestamp;
	struct chunk c = { .count = frame->nb_samples, .at = NAN };

	if (frame->nb_samples <= 0 || frame->sample_rate < 1000 || frame->sample_rate > 768000)
		return;
	if (!to->rate)
		to->rate = frame->sample_rate;
	if (frame->sample_rate != to->rate)
		return;
	c.left = malloc(sizeof(float) * 2 * (size_t)c.count);
	if (!c.left)
		abort();
	c.right = c.left + c.count;
	if (encode_downmix_run(downmix, frame, c.left, c.right) < 0) {
		free(c.left);
		return;
	}
	if (pts != AV_NOPTS_VALUE)
		c.at = (double)encode_source_time(source, encode_source_audio_index(source), pts) * to->rate /
		       (double)PLAN_FLICKS;
	if (to->count == to->size) {
		to->size = to->size ? to->size * 2 : 256;
		to->list = realloc(to->list, to->size * sizeof(*to->list));
		if (!to->list)
			abort();
	}
	to->list[to->count++] = c;
}

/* Decodes what the source keeps between two times. */
static void decode(struct encode_source *source, int64_t from, int64_t to, struct chunks *ret)
{
	AVCodecContext *decoder = avfile_decoder(encode_source_file(source), encode_source_audio_index(source), 1, NULL);
	struct encode_downmix *downmix = encode_downmix_new();
	AVFrame *frame = av_frame_alloc();
	size_t count = encode_source_audio_count(source);
	bool begun = false, ended = false;

	for (size_t i = 0; decoder && frame && !ended; i++) {
		const AVPacket *packet = i < count ? encode_source_audio(source, i) : NULL;
		int64_t time = packet ? encode_source_packet_time(source, packet) : 0;

		if (packet && !begun && time < from)
			continue;
		begun = true;
		ended = !packet || time >= to;
		avcodec_send_packet(decoder, ended ? NULL : packet); /* an error is a gap */
		while (avcodec_receive_frame(decoder, frame) >= 0) {
			add_chunk(ret, source, downmix, frame);
			av_frame_unref(frame);
		}
	}
	av_frame_free(&frame);
	avcodec_free_context(&decoder);
	encode_downmix_free(downmix);
}

/* Samples of a frame when all chunks of a run (but the last) have the same number; else 0. */
static int64_t usual_count(const struct chunk *run, size_t count)
{
	for (size_t i = 1; i + 1 < count; i++)
		if (run[i].count != run[1].count)
			return 0;
	return count > 2 ? run[1].count : 0;
}

/* Where a run begins, in source samples. */
static int64_t place(struct encode_source *source, const struct chunks *all, const struct chunk *run, size_t count,
		     double middle)
{
	const AVStream *stream = encode_source_file(source)->streams[encode_source_audio_index(source)];
	double first = (double)encode_source_time(source, stream->index, avfile_zero(encode_source_file(source), stream)) *
		       all->rate / (double)PLAN_FLICKS;
	double tick = fmax(1, av_q2d(stream->time_base) * all->rate);
	int64_t step = usual_count(run, count);

	if (step && (double)step > 4 * tick) {
		double near = first + round((middle - first) / (double)step) * (double)step;

		if (fabs(near - middle) <= tick)
			middle = near;
	}
	return (int64_t)floor(middle + 0.501);
}

/* Chunks from `i` on that follow one another; *ret_middle is where the first of them begins. */
static size_t run_length(const struct chunks *all, size_t i, double fallback, double *ret_middle)
{
	double low = NAN, high = NAN, limit = RUN_SECONDS * all->rate;
	int64_t sum = 0;
	size_t n;

	for (n = i; n < all->count; n++) {
		double begin = all->list[n].at - (double)sum; /* of the run, as this chunk sees it */

		if (!isnan(begin)) {
			if (!isnan(low) && fabs(begin - (low + high) / 2) > limit)
				break;
			low = isnan(low) ? begin : fmin(low, begin);
			high = isnan(high) ? begin : fmax(high, begin);
		}
		sum += all->list[n].count;
	}
	*ret_middle = isnan(low) ? fallback : (low + high) / 2;
	return n - i;
}

static void paste(const struct chunk *c, int64_t at, int64_t *filled, int64_t begin, int64_t size, float *left,
		  float *right)
{
	int64_t skip = 0, count = c->count, to = at - begin;

	if (*filled - to > 0)
		skip = *filled - to; /* also cuts what lies before the buffer: filled begins at 0 */
	if (skip >= count || to + skip >= size)
		return;
	if (to + count > size)
		count = size - to;
	memcpy(left + to + skip, c->left + skip, sizeof(float) * (size_t)(count - skip));
	memcpy(right + to + skip, c->right + skip, sizeof(float) * (size_t)(count - skip));
	*filled = to + count;
}

static void paste_all(struct encode_source *source, const struct chunks *all, int64_t begin, int64_t size, float *left,
		      float *right)
{
	int64_t filled = 0;
	double end = (double)begin;

	for (size_t i = 0; i < all->count;) {
		double middle;
		size_t n = run_length(all, i, end, &middle);
		int64_t at = place(source, all, all->list + i, n, middle);

		for (size_t last = i + n; i < last; i++) {
			paste(&all->list[i], at, &filled, begin, size, left, right);
			at += all->list[i].count;
		}
		end = (double)at;
	}
}

/* All of it in one piece; output sample 0 stands at input sample 0. */
static void resample(int rate, float *const in[2], int64_t in_count, float *const out[2], int64_t out_count)
{
	AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
	SwrContext *swr = NULL;
	int done = 0;

	if (swr_alloc_set_opts2(&swr, &stereo, AV_SAMPLE_FMT_FLTP, RATE, &stereo, AV_SAMPLE_FMT_FLTP, rate, 0, NULL) >= 0 &&
	    swr_init(swr) >= 0)
		done = swr_convert(swr, (uint8_t *[]){ (uint8_t *)out[0], (uint8_t *)out[1] }, (int)out_count,
				   (const uint8_t *[]){ (const uint8_t *)in[0], (const uint8_t *)in[1] }, (int)in_count);
	if (done >= 0 && done < out_count)
		swr_convert(swr, (uint8_t *[]){ (uint8_t *)(out[0] + done), (uint8_t *)(out[1] + done) },
			    (int)(out_count - done), NULL, 0);
	swr_free(&swr);
}

static int64_t gcd(int64_t a, int64_t b)
{
	return b ? gcd(b, a % b) : a;
}

static int64_t floor_to(int64_t value, int64_t step)
{
	int64_t rest = value % step;

	return value - (rest < 0 ? rest + step : rest);
}

static void render(struct encode_source *source, const struct chunks *all, int64_t from, size_t count, float *left,
		   float *right)
{
	int64_t rate = all->rate, step = rate / gcd(rate, RATE), every = step * RATE / rate;
	int64_t first = floor_to(floor_to(from * rate, RATE) / RATE - EDGE, step); /* on both grids */
	int64_t out_first = first / step * every;
	int64_t in_count = ((from + (int64_t)count) * rate) / RATE + EDGE - first;
	int64_t out_count = from + (int64_t)count - out_first;
	float *in = calloc((size_t)in_count * 2, sizeof(float)), *out;

	if (!in)
		abort();
	paste_all(source, all, first, in_count, in, in + in_count);
	out = calloc((size_t)out_count * 2, sizeof(float));
	if (!out)
		abort();
	if (rate == RATE)
		memcpy(out, in, sizeof(float) * (size_t)out_count);
	if (rate == RATE)
		memcpy(out + out_count, in + in_count, sizeof(float) * (size_t)out_count);
	else
		resample((int)rate, (float *[]){ in, in + in_count }, in_count, (float *[]){ out, out + out_count }, out_count);
	memcpy(left, out + (from - out_first), sizeof(float) * count);
	memcpy(right, out + out_count + (from - out_first), sizeof(float) * count);
	free(in);
	free(out);
}

void encode_audio_read(struct encode_source *source, int64_t from, size_t count, float *left, float *right)
{
	int64_t needs = encode_audio_needs(from), end = (from + (int64_t)count) * PLAN_SAMPLE + AFTER;
	CLEANUP(chunks_free) struct chunks all = { 0 };

	memset(left, 0, sizeof(float) * count);
	memset(right, 0, sizeof(float) * count);
	if (encode_source_audio_index(source) < 0)
		return;
	encode_source_read_audio(source, end);
	decode(source, needs, end, &all);
	if (all.count)
		render(source, &all, from, count, left, right);
}
