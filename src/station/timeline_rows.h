/* timeline_rows.h - what a run of the builder knows, and how it writes airings and rows (timeline_rows.c). Private to
 * timeline_builder.c. */
#pragma once

#include <stdint.h>

#include "station/copy_cuts.h"
#include "station/schedule.h"
#include "station/timeline_plan.h"
#include "store/channels.h"
#include "store/loudness.h"
#include "stream/profile.h"

#define KNOWN_SLOTS 1024 /* of build.known */

/* A piece that this transaction has put already, and the clip it is: most of what airs airs again. */
struct known {
	int64_t file_id, in_frames, frames;
	int64_t clip_id, clip_frames, segments; /* clip_id 0: the slot is free */
};

struct build {
	struct db *db;
	const struct station_time *time;
	struct channel channel;
	struct plan_rate rate;
	struct profile profile;
	struct plan_rate grid; /* what positions are counted in: the rate, or flicks where pictures are copied */
	struct copy_cuts *cuts; /* NULL: nothing is copied */
	int64_t discontinuity; /* with cuts: of the next row */
	struct schedule schedule;
	const char *rules; /* as they were when the lists were read */
	struct schedule_cursor cursor;
	int64_t at;	     /* frames since the epoch: where the log ends */
	int64_t seq;	     /* the next first_seq */
	int rows;	     /* of this transaction */
	int64_t instead;     /* frames to fill when no programme can air; 0: slate as long as there is nothing */
	struct known *known; /* of this transaction; KNOWN_SLOTS */
	size_t known_count;
	struct arena *lists; /* lives as long as the call */
	struct arena *arena; /* of one transaction */
	struct loudness_wanted *unheard; /* nothing is kept: only this is wanted */
	struct arena *heard_arena;	 /* for it */
};

static inline int64_t frame_flicks(const struct build *b)
{
	return plan_frame_flicks(b->grid);
}

/* An airing with its rows, where the log ends. */
int timeline_rows_add(struct build *b, const char *kind, const char *title, int64_t item_id,
		      const struct timeline_pieces *pieces, struct err *err);
int timeline_rows_add_slate(struct build *b, const char *kind, const char *title, int64_t frames, struct err *err);
