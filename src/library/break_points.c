/* break_points.c - see break_points.h. Greedy: the best place first, then the next that is far enough from
 * all. */
#include "library/break_points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_SCORE 25.0

/* Black: up to 50 for its length (a second is all) times how dark it is; silence: up to 50 for its depth and
 * length. */
static double score_of(const struct frames_place *p)
{
	double length = fmin(1, (double)p->black_ms / 1000), dark = fmax(0, fmin(1, (40 - p->luma) / 24));
	double deep = p->silence_ms ? fmax(0, fmin(1, (-p->level_db - 40) / 30)) : 0;
	double quiet = fmin(1, (double)p->silence_ms / 500);

	if (!p->black_ms)
		return 0;
	return (25 + 25 * length) * dark + 50 * sqrt(deep * quiet);
}

static bool too_close(int64_t at_ms, int64_t apart, const struct break_points *all, const int64_t *kept,
		      size_t kept_count)
{
	for (size_t i = 0; i < kept_count; i++)
		if (llabs(kept[i] - at_ms) < apart)
			return true;
	for (size_t i = 0; i < all->count; i++)
		if (all->points[i].chosen && llabs(all->points[i].place.at_ms - at_ms) < apart)
			return true;
	return false;
}

static struct break_point *best_left(struct break_points *all)
{
	struct break_point *best = NULL;

	for (size_t i = 0; i < all->count; i++)
		if (!all->points[i].chosen && !all->points[i].why &&
		    (!best || all->points[i].score > best->score))
			best = &all->points[i];
	return best;
}

void break_points_choose(const struct frames_places *places, const int64_t *kept, size_t kept_count,
			 struct arena *arena, struct break_points *ret)
{
	int64_t edge = places->duration_ms / 10 < BREAK_EDGE_MS ? places->duration_ms / 10 : BREAK_EDGE_MS;
	int64_t apart = places->duration_ms / 5 < BREAK_APART_MS ? places->duration_ms / 5 : BREAK_APART_MS;
	struct break_point *best;

	ret->points = arena_alloc(arena, (places->count + 1) * sizeof(*ret->points));
	ret->count = places->count;
	for (size_t i = 0; i < places->count; i++) {
		struct break_point *b = &ret->points[i];

		*b = (struct break_point) { .place = places->places[i],
					    .score = score_of(&places->places[i]) };
		if (!b->place.black_ms)
			b->why = "not black";
		else if (b->score < LEAST_SCORE)
			b->why = "neither dark nor quiet enough";
		else if (b->place.at_ms < edge || b->place.at_ms > places->duration_ms - edge)
			b->why = "too near the beginning or the end";
	}
	while ((best = best_left(ret))) {
		if (too_close(best->place.at_ms, apart, ret, kept, kept_count)) {
			best->why = "too near a better one";
		} else {
			best->chosen = true;
			best->why = "";
		}
	}
}
