/* timeline_plan.h - one programme as the pieces that air, to the frame: its parts, the breaks, what follows
 * until the next begins. Pure: no rows, no database. Private to station/.
 *
 * Frames are counted from the channel's epoch; every piece has at least plan_min_frames(). */
#pragma once

#include <stdint.h>

#include "station/schedule.h"
#include "station/station_time.h"

#define TIMELINE_SLATE_SECONDS 600 /* a longer slate is split */

struct copy_cuts;

struct timeline_piece {
	const char *kind, *title; /* of the row */
	int64_t item_id;
	const struct playable *media; /* NULL: slate */
	int64_t in_frames;	      /* from the file's first picture, at the channel's rate */
	int64_t frames;
};

struct timeline_pieces {
	struct timeline_piece *pieces;
	size_t count, cap;
	int64_t frames; /* of all */
};

struct timeline_planner {
	const struct schedule *schedule;
	const struct station_time *time;
	int64_t epoch_ns;
	struct plan_rate rate; /* in whose frames everything is counted; flicks where pictures are copied */
	struct arena *arena;
	struct copy_cuts *cuts; /* NULL: nothing is copied */
	int64_t picture;	/* with cuts: flicks of a picture of what is encoded */
};

/* The programme that begins at frame `at`, with everything until the next may begin. Moves the cursor's
 * rounds. */
void timeline_plan_item(const struct timeline_planner *planner, const struct schedule_item *item,
			const struct marker_list *markers, int64_t at, struct schedule_cursor *cursor,
			struct timeline_pieces *to);

/* Filler that fits whole, over and over, then slate: exactly so many frames (where pictures are copied, up to a picture more). */
void timeline_plan_filler(const struct timeline_planner *planner, int64_t frames, struct schedule_cursor *cursor,
			  struct timeline_pieces *to);

/* Slate of exactly so many frames, at least plan_min_frames(). */
void timeline_plan_slate(const struct timeline_planner *planner, int64_t frames, struct timeline_pieces *to);

/* First frame at or after `at` that lies on the grid: whole multiples of `minutes` since local midnight. */
int64_t timeline_plan_grid(const struct timeline_planner *planner, int64_t at, int minutes);
