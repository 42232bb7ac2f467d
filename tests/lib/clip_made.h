/* clip_made.h - clips made for tests of streams: their segments in memory, as a worker delivers them. */
#pragma once

#include "base/buf.h"
#include "stream/clip.h"
#include "stream/copy_plan.h"

#define CLIP_MADE_MAX 16

struct clip_made {
	struct buf segment[CLIP_MADE_MAX];
};

/* Makes segments from..to - 1; how many there were. */
int clip_made_try(const struct clip *clip, int64_t from, int64_t to, struct clip_made *ret, struct err *err);
/* The same; a test that gets an error, or another number of segments, has failed. */
void clip_made_run(const struct clip *clip, int64_t from, int64_t to, struct clip_made *ret);
void clip_made_free(struct clip_made *made);

/* Of a file that is copied in a profile that copies, `count` segments of its plan from `from` on. */
struct clip clip_made_copied(const char *profile, const char *path, const struct copy_plan *plan, size_t from, size_t count);
