/* timeline_builder.h - turns schedules into airings and rows, three days ahead, in the background.
 *
 * Pure in what it writes: same schedule, same library, same seed and cursor, same rows. Rows are contiguous to the frame
 * and only ever appended behind the lock horizon. In one process only (the writer); each transaction under 50 ms. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "station/station_time.h"
#include "store/db.h"

/* How far the log reaches: three days, or so many programmes where they are short, but half a day at least. */
#define TIMELINE_AHEAD_NS (INT64_C(3) * 24 * 3600 * 1000000000)
#define TIMELINE_PROGRAMMES 1440
#define TIMELINE_LEAST_NS (INT64_C(12) * 3600 * 1000000000)
#define TIMELINE_LOCK_NS (INT64_C(10) * 60 * 1000000000)

#define TIMELINE_ENCODER_SETTING "stream.encoder" /* of the store: who encodes clips that are built, as libavcodec calls it */

struct schedule_lists;

struct timeline_turn {
	int64_t until_ns;	      /* station time; 0: as far as the channel's log reaches */
	int max_airings;	      /* 0: nothing is built, only looked at */
	struct schedule_lists *lists; /* what the library has, kept between turns; NULL: it is read anew */
	uint64_t digest;	      /* what the rows there are were built from; 0: whatever it was */
};
struct timeline_built {
	int64_t ahead_ns; /* how far the channel's log reaches when it is whole */
	uint64_t digest;  /* of what the rows were built from; 0 without lists */
};

/* Appends rows of one channel. 1 when there is more to do, 0 when it reaches, 2 when the digest is another one: nothing was
 * built, and what lies beyond the lock is to be dropped first. A channel whose schedule finds nothing gets slate in long rows. */
int timeline_build_turn(struct db *writer, const struct station_time *time, int64_t channel_id,
			const struct timeline_turn *turn, struct timeline_built *ret, struct err *err);
/* The same until `until_ns` or `max_airings` more. */
int timeline_build(struct db *writer, const struct station_time *time, int64_t channel_id, int64_t until_ns,
		   int max_airings, struct err *err);

/* Before rows of the next ten minutes are built, which nothing will change afterwards: the first of their files whose loudness
 * is not known. Builds them and takes them back. ERR_NOT_FOUND: there is none (err untouched). */
struct loudness_wanted;
int timeline_unheard(struct db *writer, const struct station_time *time, struct schedule_lists *lists, int64_t channel_id,
		     struct arena *arena, struct loudness_wanted *ret, struct err *err);

/* Drops what lies beyond the lock: building goes on from the cursor saved there. */
int timeline_cut_beyond_lock(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err);
/* The same, and builds it again. For edits of schedule or library. */
int timeline_rebuild(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err);
/* Drops the airings that begin at or after a position, and never builds. */
int timeline_cut_from(struct db *writer, int64_t channel_id, int64_t flicks, struct err *err);

struct timeline_avoid {
	const int64_t *items;
	size_t count;
	bool on; /* what follows is built without them as well, as far as the log reaches; else only the one airing */
};
struct airing;

/* Builds one airing that begins beyond the lock anew, without some items: their turn is put off. The next in turn takes its
 * place, from the same frame on; where there is none, filler that fits and slate, for as long as it would have been. What
 * followed it is dropped: timeline_build() goes on from there. 1 when that is done, 0 when it has come too near. */
int timeline_exchange(struct db *writer, const struct station_time *time, const struct airing *airing,
		      const struct timeline_avoid *avoid, struct err *err);
