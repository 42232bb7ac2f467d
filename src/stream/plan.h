/* plan.h - where segments, frames and audio frames lie. Pure integers; the plan is law for encoder, muxer, playlist.
 *
 * Flicks: 1/705,600,000 s. Every rate of profile_fps(), 90 kHz (7,840) and 48 kHz (14,700) divide it whole.
 * Segment k of a clip starts at the first frame at or after k x 2 s; a tail under 1 s joins the segment before it.
 * Audio frame m of a clip is samples [1024 m, 1024 m + 1024) at 48 kHz from the clip's start and belongs to the
 * segment (and the clip) that its start lies in. */
#pragma once

#include <stdint.h>

#define PLAN_FLICKS INT64_C(705600000)
#define PLAN_TICK INT64_C(7840)		  /* flicks of 1/90,000 s */
#define PLAN_SAMPLE INT64_C(14700)	  /* flicks of 1/48,000 s */
#define PLAN_AUDIO_TICKS INT64_C(1920)	  /* 90 kHz ticks of an audio frame */
#define PLAN_SEGMENT (2 * PLAN_FLICKS)
#define PLAN_TARGET_SECONDS 3		  /* EXT-X-TARGETDURATION, for ever */

struct plan_rate {
	int num, den;
};

struct plan_segment {
	int64_t first_frame, frames;
	int64_t first_audio, audio_frames;
};

int64_t plan_frame_flicks(struct plan_rate rate);		      /* of one frame */
int64_t plan_frames(int64_t flicks, struct plan_rate rate);	      /* whole frames in a stretch, rounded down */
int64_t plan_frames_up(int64_t flicks, struct plan_rate rate);	      /* first frame at or after */
int64_t plan_min_frames(struct plan_rate rate);			      /* no row is shorter: 1 s */
int64_t plan_segments(int64_t frames, struct plan_rate rate);	      /* of a clip; 0 for 0 frames */
struct plan_segment plan_segment(int64_t frames, struct plan_rate rate, int64_t k); /* 0 <= k < plan_segments() */
/* A segment of any frames. */
struct plan_segment plan_stretch(int64_t first_frame, int64_t frames, struct plan_rate rate);
int64_t plan_frame_ticks(int64_t frame, struct plan_rate rate);	      /* 90 kHz, rounded to nearest */
int64_t plan_flicks_ticks(int64_t flicks);			      /* 90 kHz, rounded to nearest */
