/* encode_sound.c - see encode_sound.h.
 *
 * Outside the clip there is silence, and 5 ms of ramp at its ends keep the cut from clicking. The gain is fixed for the
 * clip; what it pushes past -2 dBTP is held back by encode_limit.c, which looks at a fixed stretch around each sample:
 * that much more than the encoder is fed with is read, so that nothing depends on where a run began. */
#include "stream/encode_sound.h"

#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "stream/encode_aac.h"
#include "stream/encode_audio.h"
#include "stream/encode_limit.h"

#define FRAME 1024
#define RAMP 240

static int64_t clip_first_sample(const struct clip *clip)
{
	return (clip->in_flicks + PLAN_SAMPLE / 2) / PLAN_SAMPLE;
}

int64_t encode_sound_first(const struct clip *clip, const struct plan_segment *segment)
{
	return clip_first_sample(clip) + (segment->first_audio - ENCODE_AAC_LEAD) * FRAME - ENCODE_LIMIT_BEFORE;
}

/* How loud sample s of a clip of `length` samples is: 0 outside, 1 inside, a ramp at the ends. */
static float edge(int64_t s, int64_t length)
{
	int64_t in = s < length - s - 1 ? s : length - s - 1;

	return in < 0 ? 0 : in >= RAMP ? 1 : (float)(in + 1) / (RAMP + 1);
}

static void amplify(const struct clip *clip, int64_t first, size_t count, float *samples)
{
	int64_t length = clip->frames * plan_frame_flicks(clip_rate(clip)) / PLAN_SAMPLE;
	float gain = powf(10, (float)clip->gain_mb / 2000);

	for (size_t i = 0; i < count; i++)
		samples[i] *= gain * edge(first + (int64_t)i, length);
}

int encode_sound(const struct clip *clip, struct encode_source *source, const struct plan_segment *segment,
		 struct encode_units *to, struct err *err)
{
	size_t count = ENCODE_LIMIT_BEFORE + ENCODE_LIMIT_AFTER +
		       (size_t)(ENCODE_AAC_LEAD + segment->audio_frames + ENCODE_AAC_AFTER) * FRAME;
	int64_t first = encode_sound_first(clip, segment), in_clip = first - clip_first_sample(clip);
	CLEANUP(cleanup_free) float *samples = calloc(count * 2, sizeof(float));
	struct plan_segment next = { .first_audio = segment->first_audio + segment->audio_frames };
	float *left = samples, *right = samples + count;

	if (!samples)
		abort();
	if (source) {
		encode_audio_read(source, first, count, left, right);
		encode_source_drop_audio(source, encode_audio_needs(encode_sound_first(clip, &next)) - PLAN_FLICKS / 2);
		amplify(clip, in_clip, count, left);
		amplify(clip, in_clip, count, right);
		encode_limit(in_clip, count, left, right);
	}
	return encode_aac(left + ENCODE_LIMIT_BEFORE, right + ENCODE_LIMIT_BEFORE, segment->audio_frames,
			  clip->profile.audio_kbps, to, err);
}
