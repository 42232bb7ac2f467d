/* timeline_builder.h - turns schedules into airings and rows, three days ahead, in the background.
 *
 * Pure in what it writes: same schedule, same library, same seed and cursor, same rows. Rows are contiguous to the frame
 * and only ever appended behind the lock horizon. In one process only (the writer); each transaction under 50 ms. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "station/station_time.h"
#include "base/arena.h"
#include "store/db.h"

#define TIMELINE_AHEAD_NS (INT64_C(3) * 24 * 3600 * 1000000000)
#define TIMELINE_LOCK_NS (INT64_C(10) * 60 * 1000000000)

#define TIMELINE_ENCODER_SETTING "stream.encoder" /* of the store: who encodes clips that are built, as libavcodec calls it */

/* Appends rows of one channel until `until` (station ns) or `max_airings` more. 1 when there is more to do, 0 when it
 * reaches. A channel whose schedule finds nothing gets slate in long rows. */
int timeline_build(struct db *writer, const struct station_time *time, int64_t channel_id, int64_t until_ns,
		   int max_airings, struct err *err);

/* Before rows of the next ten minutes are built, which nothing will change afterwards: the first of their files whose loudness is
 * not known. Builds them and takes them back. ERR_NOT_FOUND: there is none (err untouched). */
struct loudness_wanted;
int timeline_unheard(struct db *writer, const struct station_time *time, int64_t channel_id, struct arena *arena,
		     struct loudness_wanted *ret, struct err *err);

/* Drops what lies beyond the lock and builds it again from the cursor saved there. For edits of schedule or library. */
int timeline_rebuild(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err);

/* Drops the airings that begin at or after a station time. */
int timeline_cut_beyond(struct db *writer, int64_t now_ns, int64_t until_ns, int64_t channel_id, struct err *err);

struct timeline_avoid {
	const int64_t *items;
	size_t count;
	int64_t until_ns; /* station: what follows is built without them as well, so far; 0: only the one airing */
};
struct airing;

/* Builds one airing that begins beyond the lock anew, without some items: their turn is put off. The next in turn takes its
 * place, from the same frame on; where there is none, filler that fits and slate, for as long as it would have been. What
 * followed it is dropped: timeline_build() goes on from there. 1 when that is done, 0 when it has come too near. */
int timeline_exchange(struct db *writer, const struct station_time *time, const struct airing *airing,
		      const struct timeline_avoid *avoid, struct err *err);
