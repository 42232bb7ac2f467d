/* encode_audio.h - stretches of a file's sound as 48 kHz stereo, exact to the sample. Worker only.
 *
 * A stretch is decoded by a fresh decoder from a place fixed by its start, so that it is the same wherever a run began. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/encode_source.h"

/* Samples [from, from + count) at 48 kHz from the file's first picture (`from` may be negative) into left and right;
 * zeros where the file has none. Never fails: what cannot be decoded is silence. */
void encode_audio_read(struct encode_source *source, int64_t from, size_t count, float *left, float *right);

/* Where in the file (flicks) the reader must have begun for a stretch that starts at sample `from`. */
int64_t encode_audio_needs(int64_t from);
