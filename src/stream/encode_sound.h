/* encode_sound.h - the AAC frames of one segment of a clip: the file's sound with gain, limited, cut to the clip.
 * Worker only. */
#pragma once

#include "base/err.h"
#include "stream/clip.h"
#include "stream/encode_source.h"
#include "stream/encode_video.h"

/* The first sample (48 kHz, from the file's first picture) that the segment's sound depends on. */
int64_t encode_sound_first(const struct clip *clip, const struct plan_segment *segment);

/* Adds segment->audio_frames units; source NULL: silence. Forgets sound that later segments don't need. */
int encode_sound(const struct clip *clip, struct encode_source *source, const struct plan_segment *segment,
		 struct encode_units *to, struct err *err);
