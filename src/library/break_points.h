/* break_points.h - which of the black and silent places of a file are break points. Pure. */
#pragma once

#include "base/arena.h"
#include "media/frames.h"

#define BREAK_EDGE_MS INT64_C(180000)  /* none in the first and last so much */
#define BREAK_APART_MS INT64_C(300000) /* nor closer than this to another */

struct break_point {
	struct frames_place place;
	double score; /* 0..100 */
	bool chosen;
	const char *why; /* what speaks against it; "" chosen */
};
struct break_points {
	struct break_point *points; /* in order of time */
	size_t count;
};

/* Scores all places and chooses the best that keep their distance from each other, from the edges (of short
 * films a tenth) and from `kept`, the breaks that stay. */
void break_points_choose(const struct frames_places *places, const int64_t *kept, size_t kept_count,
			 struct arena *arena, struct break_points *ret);
