/* clip.h - a clip: a stretch of one file in one profile; the unit of preparation, shared by channels and reruns. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/lengths.h"
#include "stream/plan.h"
#include "stream/profile.h"

#define CLIP_KEY_SIZE 33

struct clip {
	int64_t id;		  /* in the store; 0 unknown */
	char key[CLIP_KEY_SIZE];  /* 32 hex digits; the folder in the cache */
	const char *path;	  /* absolute; NULL: slate */
	int64_t file_id;	  /* 0: slate */
	int64_t in_flicks;	  /* from the file's first picture; below 0 for one whose beginning is never shown */
	int64_t frames;		  /* output frames */
	struct profile profile;
	int gain_mb;		  /* millibel added to the sound */
	struct lengths lengths;	  /* of a copied clip's segments, in its frames of 1/90,000 s; none: by arithmetic */
	struct clip_known {	  /* of its file, as it was last looked at; stream/clip_same.h */
		int64_t size, mtime_ns; /* 0: unknown; size -1: changed since its copy plan was made */
		char sample_hash[CLIP_KEY_SIZE]; /* "": unknown */
	} known;
};

/* Fills clip->key from the file's identity (its sample hash; "slate" for slate) and the other fields. */
void clip_set_key(struct clip *clip, const char *identity);
/* The same from clip->file_id and the file's hash; a file that is not hashed ("" or NULL) is itself alone. */
void clip_set_key_of_file(struct clip *clip, const char *sample_hash);

static inline struct plan_rate clip_rate(const struct clip *clip)
{
	return (struct plan_rate){ clip->profile.fps_num, clip->profile.fps_den };
}

/* Its pictures are sent as they are (profile "source", and the file has a plan). */
static inline bool clip_is_copy(const struct clip *clip)
{
	return clip->lengths.count > 0;
}

/* The clip's segments, by its lengths where it has them, else by plan_segment(). */
int64_t clip_segments(const struct clip *clip);
struct plan_segment clip_segment(const struct clip *clip, int64_t k); /* 0 <= k < clip_segments() */

/* What it was made of has that sample hash, or its file had none when it was made. */
bool clip_is_of(const struct clip *clip, const char *sample_hash);

/* For a worker's request; clip_from_json() checks every range: ERR_INVALID. */
json_t *clip_to_json(const struct clip *clip);
int clip_from_json(const json_t *json, struct arena *arena, struct clip *ret, struct err *err);
