/* plan.c - see plan.h.
 *
 * Invariant: the segments of a clip cover its frames and its audio frames without gap or overlap, whatever k
 * a worker starts from. Rounding to 90 kHz ticks happens last, from flicks, so that 23.976 frames a second
 * (3753.75 ticks each) never drift. Not here: which clip airs when (station/), what is inside a frame
 * (encode.c). */
#include "stream/plan.h"

#define AUDIO_FRAME (1024 * PLAN_SAMPLE) /* flicks */

static int64_t divide_down(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t divide_up(int64_t a, int64_t b)
{
	return a / b + (a % b > 0);
}

int64_t plan_frame_flicks(struct plan_rate rate)
{
	return PLAN_FLICKS * rate.den / rate.num;
}

int64_t plan_frames(int64_t flicks, struct plan_rate rate)
{
	return divide_down(flicks, plan_frame_flicks(rate));
}

int64_t plan_frames_up(int64_t flicks, struct plan_rate rate)
{
	return divide_up(flicks, plan_frame_flicks(rate));
}

int64_t plan_min_frames(struct plan_rate rate)
{
	return plan_frames_up(PLAN_FLICKS, rate);
}

static int64_t first_frame(int64_t k, struct plan_rate rate)
{
	return plan_frames_up(k * PLAN_SEGMENT, rate);
}

int64_t plan_segments(int64_t frames, struct plan_rate rate)
{
	int64_t n;

	if (frames <= 0)
		return 0;
	n = divide_up(frames * plan_frame_flicks(rate), PLAN_SEGMENT);
	while (n > 1 && frames - first_frame(n - 1, rate) < plan_min_frames(rate))
		n--;
	return n;
}

struct plan_segment plan_stretch(int64_t first_frame, int64_t frames, struct plan_rate rate)
{
	int64_t flicks = plan_frame_flicks(rate);
	int64_t audio_from = divide_up(first_frame * flicks, AUDIO_FRAME);
	int64_t audio_to = divide_up((first_frame + frames) * flicks, AUDIO_FRAME);

	return (struct plan_segment) { first_frame, frames, audio_from, audio_to - audio_from };
}

struct plan_segment plan_segment(int64_t frames, struct plan_rate rate, int64_t k)
{
	int64_t from = first_frame(k, rate);
	int64_t to = k + 1 >= plan_segments(frames, rate) ? frames : first_frame(k + 1, rate);

	return plan_stretch(from, to - from, rate);
}

int64_t plan_frame_ticks(int64_t frame, struct plan_rate rate)
{
	return plan_flicks_ticks(frame * plan_frame_flicks(rate));
}

int64_t plan_flicks_ticks(int64_t flicks)
{
	return divide_down(flicks + PLAN_TICK / 2, PLAN_TICK);
}
