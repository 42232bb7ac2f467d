/* encode.c - see encode.h. Goes through the segments of a plan and assembles each from its parts:
 *
 *	encode_source -> encode_pictures -> encode_filter -> encode_video \
 *	             \-> encode_audio -> gain, edges -> encode_aac -------- tsmux -> sink
 *
 * Invariant: DTS = profile_dts(first frame + decode index), PTS = plan ticks of the display index, DTS <= PTS;
 * a segment that would break it is never delivered. Nothing but caches goes from one segment to the next.
 *
 * Not here: the worker's request and the cache on disk (encode_job.c). */
#include "stream/encode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "media/avfile.h"
#include "stream/clip_same.h"
#include "stream/copy.h"
#include "stream/copy_plan.h"
#include "stream/encode_aac.h"
#include "stream/encode_audio.h"
#include "stream/encode_filter.h"
#include "stream/encode_pictures.h"
#include "stream/encode_sound.h"
#include "stream/encode_video.h"
#include "stream/slate_picture.h"
#include "stream/tsmux.h"

#define SEGMENT_BYTES ((size_t)64 << 20)
#define BUSY 0.8	/* processors that a worker uses at least, when it gets them */
#define SHORTER (PLAN_FLICKS / 10) /* less is the usual doubt about a last picture's length */

struct run {
	const struct clip *clip;
	struct plan_rate rate;
	struct clip_same same;
	struct encode_source *source; /* NULL: slate only */
	struct copy *copy; /* instead of what follows, for a clip whose pictures are copied */
	struct encode_pictures *pictures;
	struct encode_filter *filter;
	AVFrame *shown;	   /* the last picture in the profile's form */
	int64_t shown_pts; /* and which source picture it is */
	AVFrame *slate;	   /* made when it is needed */
	double decoding;   /* seconds spent on getting pictures */
	int64_t ended;	   /* end of the file's pictures, when the slate came on early */
};

static void run_end(struct run *run)
{
	copy_close(run->copy);
	encode_pictures_close(run->pictures);
	encode_filter_free(run->filter);
	encode_source_close(run->source);
	clip_same_close(&run->same);
	av_frame_free(&run->shown);
	av_frame_free(&run->slate);
}

static double clock_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

static int64_t time_of_frame(const struct run *run, int64_t frame)
{
	return run->clip->in_flicks + frame * plan_frame_flicks(run->rate);
}

static int run_begin(struct run *run, int64_t k, struct err *err)
{
	const struct clip *clip = run->clip;
	struct plan_segment first = clip_segment(clip, k);
	int64_t audio;

	if (!clip->path)
		return 0;
	if (clip_same_open(clip, &run->same, err) < 0)
		return -1;
	run->source = encode_source_open(clip->path, err);
	if (!run->source || clip_same_check(clip, &run->same, err) < 0)
		return -1;
	audio = encode_audio_needs(encode_sound_first(clip, &first));
	if (clip_is_copy(clip)) {
		run->copy = copy_open(clip, run->source, err);
		if (run->copy)
			copy_start(run->copy, &first, audio);
		return run->copy ? 0 : -1;
	}
	run->pictures = encode_pictures_open(run->source, run->rate, err);
	if (!run->pictures)
		return -1;
	run->filter = encode_filter_new(&clip->profile,
					avfile_rotation(encode_source_file(run->source)
								->streams[encode_source_video_index(run->source)]));
	return encode_pictures_start(run->pictures, time_of_frame(run, first.first_frame), audio, err);
}

static const AVFrame *slate_frame(struct run *run, struct err *err)
{
	if (!run->slate)
		slate_picture(&run->clip->profile, &run->slate, err);
	return run->slate;
}

/* What output frame `frame` of the clip shows, in the profile's form. */
static const AVFrame *picture_for(struct run *run, int64_t frame, struct err *err)
{
	const AVFrame *source = run->pictures ? encode_pictures_at(run->pictures, time_of_frame(run, frame)) : NULL;
	AVFrame *made = NULL;

	if (!source)
		return slate_frame(run, err);
	if (run->shown && run->shown_pts == source->pts)
		return run->shown;
	if (encode_filter_run(run->filter, source, &made, NULL) < 0)
		return run->shown ? run->shown : slate_frame(run, err); /* one bad picture is not worth the clip */
	av_frame_free(&run->shown);
	run->shown = made;
	run->shown_pts = source->pts;
	return run->shown;
}

/* Hands the segment's pictures to its encoder, which goes on with them on its own. */
static int feed_video(struct run *run, const struct plan_segment *segment, struct encode_video *video, struct err *err)
{
	for (int64_t i = 0; i < segment->frames; i++) {
		double began = now();
		const AVFrame *frame = picture_for(run, segment->first_frame + i, err);

		run->decoding += now() - began;
		if (!frame)
			return -1;
		encode_video_add(video, frame);
	}
	return 0;
}

static int stamp_video(const struct run *run, const struct plan_segment *segment, const struct encode_units *units,
		       struct tsmux_frame *frames, struct err *err)
{
	for (size_t i = 0; i < units->count; i++) {
		const struct encode_unit *u = &units->units[i];
		struct tsmux_frame *f = &frames[i];

		f->data = (const uint8_t *)units->bytes.data + u->at;
		f->len = u->len;
		f->pts = plan_frame_ticks(segment->first_frame + u->frame, run->rate);
		f->dts = profile_dts(&run->clip->profile, segment->first_frame + (int64_t)i);
		f->key = u->key;
		if (f->dts > f->pts || u->key != (i == 0))
			return err_set(err, ERR_INTERNAL, "the encoder broke the order of the plan at picture %zu", i);
	}
	return 0;
}

static int stamp_copied(const struct encode_units *units, struct tsmux_frame *frames, struct err *err)
{
	CLEANUP(cleanup_free) int64_t *times = calloc(3 * units->count + 1, sizeof(*times));
	int64_t *decoded;

	if (!times)
		abort();
	decoded = times + 2 * units->count;
	for (size_t i = 0; i < units->count; i++)
		times[i] = units->units[i].frame;
	if (!copy_plan_times(times, units->count, times + units->count, decoded))
		return err_set(err, ERR_MEDIA, "its pictures are not in the order of its copy plan");
	for (size_t i = 0; i < units->count; i++) {
		const struct encode_unit *u = &units->units[i];

		frames[i] = (struct tsmux_frame){ (const uint8_t *)units->bytes.data + u->at, u->len, u->frame, decoded[i], u->key };
	}
	return 0;
}

static void stamp_audio(const struct plan_segment *segment, const struct encode_units *units, struct tsmux_frame *frames)
{
	for (size_t i = 0; i < units->count; i++) {
		int64_t pts = (segment->first_audio + units->units[i].frame) * PLAN_AUDIO_TICKS;

		frames[i] = (struct tsmux_frame){ (const uint8_t *)units->bytes.data + units->units[i].at,
						  units->units[i].len, pts, pts, true };
	}
}

static int write_segment(const struct run *run, const struct plan_segment *segment, const struct encode_units *video,
			 const struct encode_units *audio, struct buf *to, struct err *err)
{
	CLEANUP(cleanup_free) struct tsmux_frame *frames = calloc(video->count + audio->count + 1, sizeof(*frames));
	struct tsmux_segment ts = { 0 };

	if (!frames)
		abort();
	if ((run->copy ? stamp_copied(video, frames, err) : stamp_video(run, segment, video, frames, err)) < 0)
		return -1;
	stamp_audio(segment, audio, frames + video->count);
	ts.hevc = profile_is_hevc(&run->clip->profile);
	ts.delay = profile_delay(&run->clip->profile);
	if (run->copy)
		ts.rate = copy_rate(run->copy);
	else if (ts.delay) /* what is copied follows, behind sound that waits for it */
		ts.rate = copy_rate_of(ts.hevc, frames[0].data, frames[0].len);
	ts.video = frames;
	ts.video_count = video->count;
	ts.audio = frames + video->count;
	ts.audio_count = audio->count;
	ts.end_pts = plan_frame_ticks(segment->first_frame + segment->frames, run->rate);
	return tsmux_write(to, &ts, err);
}

static int copy_segment(struct run *run, const struct plan_segment *segment, struct buf *to, struct err *err)
{
	CLEANUP(encode_units_free) struct encode_units video = { 0 }, audio = { 0 };

	video.bytes = BUF_MAX(SEGMENT_BYTES);
	if (copy_pictures(run->copy, segment, &video, err) < 0 ||
	    encode_sound(run->clip, run->source, segment, &audio, err) < 0 ||
	    clip_same_still(&run->same, err) < 0)
		return -1;
	return write_segment(run, segment, &video, &audio, to, err);
}

static int encode_segment(struct run *run, int64_t k, struct buf *to, struct err *err)
{
	struct plan_segment segment = clip_segment(run->clip, k);
	CLEANUP(encode_units_free) struct encode_units video = { 0 }, audio = { 0 };
	struct encode_video *encoder;
	int rc;

	if (run->copy)
		return copy_segment(run, &segment, to, err);
	video.bytes = BUF_MAX(SEGMENT_BYTES);
	encoder = encode_video_open(&run->clip->profile, false, &video, err);
	if (!encoder)
		return -1;
	rc = feed_video(run, &segment, encoder, err);
	if (rc >= 0) /* while the encoder has pictures left */
		rc = encode_sound(run->clip, run->source, &segment, &audio, err);
	if (rc >= 0)
		rc = encode_video_finish(encoder, err);
	encode_video_close(encoder);
	return rc < 0 ? rc : write_segment(run, &segment, &video, &audio, to, err);
}

/* A disk that failed is the reason, whatever came of it: a segment that lacks what could not be read is not kept. */
static int make_segment(struct run *run, int64_t k, bool begin, struct buf *to, struct err *err)
{
	struct err why = { 0 };
	int rc = begin ? run_begin(run, k, &why) : 0;

	if (rc >= 0)
		rc = encode_segment(run, k, to, &why);
	if (run->source && encode_source_unread(run->source, err) < 0)
		return -1;
	return rc < 0 ? err_set(err, why.code, "%s", why.text) : 0;
}

/* The clip asks for more than the file has. */
static int64_t true_duration(const struct run *run)
{
	int64_t end = run->pictures ? encode_pictures_end(run->pictures) : 0;

	return end > 0 && end + SHORTER < time_of_frame(run, run->clip->frames) ? end : 0;
}

static double seconds_of(const struct run *run, int64_t k)
{
	return (double)clip_segment(run->clip, k).frames * run->rate.den / run->rate.num;
}

static int run_segments(struct run *run, int64_t k_from, int64_t k_to, const struct encode_sink *sink,
			struct encode_result *ret, struct err *err)
{
	CLEANUP(buf_free) struct buf ts = BUF_MAX(SEGMENT_BYTES);
	double start = now(), seconds = 0, began, cpu;

	for (int64_t k = k_from; k < k_to && sink->wanted(sink->context, k); k++) {
		buf_reset(&ts);
		began = now();
		cpu = clock_of(CLOCK_PROCESS_CPUTIME_ID);
		if (make_segment(run, k, k == k_from, &ts, err) < 0 || sink->segment(sink->context, k, ts.data, ts.len, err) < 0)
			return -1;
		ret->segments++;
		/* Of a process that had to wait for a processor it says nothing. */
		if (run->pictures && clock_of(CLOCK_PROCESS_CPUTIME_ID) - cpu > BUSY * (now() - began))
			ret->decode_speed = fmax(ret->decode_speed, seconds_of(run, k) / fmax(run->decoding, 1e-6));
		run->decoding = 0;
		seconds += seconds_of(run, k);
		ret->speed = seconds / fmax(now() - start, 1e-6);
	}
	ret->true_duration_flicks = true_duration(run);
	return 0;
}

int encode_clip(const struct clip *clip, int64_t k_from, int64_t k_to, const struct encode_sink *sink,
		struct encode_result *ret, struct err *err)
{
	CLEANUP(run_end) struct run run = { .clip = clip, .rate = clip_rate(clip), .same = CLIP_SAME_NONE };
	int64_t count = clip_segments(clip);
	struct encode_result result = { 0 };
	struct err local = { 0 };

	if (k_from < 0 || k_from > k_to || k_to > count)
		return err_set(err, ERR_RANGE, "segments %lld to %lld of a clip that has %lld", (long long)k_from,
			       (long long)k_to, (long long)count);
	if (run_segments(&run, k_from, k_to, sink, &result, &local) < 0) {
		memcpy(ret->found, run.same.found, sizeof(ret->found));
		if (clip->path)
			err_under(&local, "encode '%s'", clip->path);
		return err_set(err, local.code, "%s", local.text);
	}
	*ret = result;
	return 0;
}
