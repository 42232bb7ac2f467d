/* on_air.h - what a channel sends at an instant: a pure function of the rows and station time.
 *
 * Overrides are applied here: a segment keeps its number, length, frames and stamps, and says what is shown instead.
 * Nothing is remembered between two calls; two servers with the same rows answer the same bytes. No HTTP here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "station/station_time.h"
#include "store/channels.h"
#include "store/timeline.h"
#include "stream/clip.h"

#define ON_AIR_PTS_BASE (INT64_C(10) * 90000) /* added to every stamp, so that DTS at position 0 is not negative */

bool on_air_copies(const struct channel *channel); /* pictures go out as they are, where that can be */

#define ON_AIR_PAST_NS (INT64_C(6) * 3600 * 1000000000) /* the longest catch-up playlist */

struct on_air_segment {
	int64_t seq;
	int64_t start_flicks, duration_flicks; /* since the channel's epoch */
	uint64_t stamp;			       /* 90 kHz offset for ts_stamp() */
	struct clip clip;
	int64_t discontinuity;		       /* how many EXT-X-DISCONTINUITY there are up to it */
	int64_t k;			       /* of the clip */
	struct plan_segment plan;	       /* in the clip; what is shown instead keeps to it */
	bool slate;			       /* no file is shown: the clip is slate, or a card or slate stands over it */
	const char *card;		       /* with slate: the text that is shown; NULL: the slate itself */
	bool overridden;		       /* an override is in force */
	bool away;			       /* the file of the clip has left the store or its disk: only what is cached can be shown */
};

/* (key, k) of a clip is in the cache. */
typedef bool on_air_has(void *context, const char *key, int64_t k);

/* A struct clip from its row. */
int on_air_clip(const struct clip_row *row, struct clip *ret, struct err *err);

/* The segment with a sequence number. ERR_NOT_FOUND when no row has it, ERR_GONE when it lies before what is kept
 * (station/past.h). Past or future alike. */
int on_air_segment(struct db *db, const struct channel *channel, int64_t seq, struct arena *arena,
		   struct on_air_segment *ret, struct err *err);

/* Segments that overlap [from, to) station ns, in order. */
struct on_air_segments {
	struct on_air_segment *segments;
	size_t count;
};
int on_air_window(struct db *db, const struct channel *channel, int64_t from_ns, int64_t to_ns, struct arena *arena,
		  struct on_air_segments *ret, struct err *err);

/* The live media playlist at `now`: segments whose end has passed, at least 6 and 30 s of them (fewer right after the
 * channel began). Under 100 us. ERR_NOT_FOUND when the channel has no rows yet, ERR_GONE for a time
 * before what is kept. */
int on_air_playlist(struct db *db, const struct channel *channel, const struct station_time *time, int64_t now_ns,
		    struct arena *arena, struct buf *to, struct err *err);

/* Catch-up: everything from the segment that is on at `from_ns` to now, at most ON_AIR_PAST_NS of it; grows until that is
 * full or has come to `until_ns` (INT64_MAX: no end), then it has ENDLIST. What can no longer be made (its file is away, `has` does not know it) is left out, with a
 * discontinuity. ERR_NOT_FOUND for the future and for what lies before the channel began, ERR_GONE for what lies before
 * what is kept, and when nothing is left of the programme that is on at `from_ns`. */
int on_air_past(struct db *db, const struct channel *channel, const struct station_time *time, int64_t from_ns,
		int64_t until_ns, int64_t now_ns, on_air_has *has, void *context, struct arena *arena, struct buf *to,
		struct err *err);

/* Sequence number of the newest segment whose end has passed at `now`. ERR_NOT_FOUND. */
int on_air_edge(struct db *db, const struct channel *channel, int64_t now_ns, struct arena *arena, int64_t *ret_seq,
		struct err *err);

/* Sequence number of the first segment that starts at or after a position (flicks since the epoch); of the one to come
 * when the log ends before. ERR_NOT_FOUND when the channel has no rows. */
int on_air_next(struct db *db, const struct channel *channel, int64_t flicks, struct arena *arena, int64_t *ret_seq,
		struct err *err);
