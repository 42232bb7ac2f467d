/* frames.h - where a file is black and silent. Worker only.
 *
 * The sound is decoded whole: stretches of silence are the first candidates. Of the pictures only the key
 * ones are decoded at first: those that are black are the others. Around each candidate every picture of some
 * seconds is measured. So a film costs its sound, its key pictures and some minutes of the rest. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define FRAMES_PLACES_MAX 400

struct frames_place {
	int64_t at_ms; /* the middle of the black, or of the silence where nothing is black; since the first
			  picture */
	int64_t black_ms;   /* how long it is black; 0: it is not */
	double luma;	    /* mean of the black, 0 to 255; 16 is black */
	int64_t silence_ms; /* 0: there is sound */
	double level_db;    /* of the silence, below full scale; 0 without */
};
struct frames_places {
	struct frames_place *places; /* in order of time */
	size_t count;
	int64_t duration_ms;
};

/* `tell` is asked now and then how far it is, 0..1; true: stop (ERR_BUSY). */
typedef bool frames_tell(void *context, double progress);

int frames_find(const char *path, frames_tell *tell, void *context, struct arena *arena,
		struct frames_places *ret, struct err *err);
