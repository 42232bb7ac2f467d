/* frames_sound.h - stretches of silence in a file. Worker only; see frames.h. */
#pragma once

#include "media/frames.h"

struct sound_silence {
	int64_t from_ms, to_ms; /* since the first picture */
	double level_db;	/* below full scale */
};
struct sound_list {
	struct sound_silence *silences;
	size_t count;
};

/* A file without sound has none. Tells up to 0.4. */
int sound_find_silence(const char *path, frames_tell *tell, void *context, struct arena *arena, struct sound_list *ret,
		       struct err *err);
