/* past.h - where a channel's log begins, and how its oldest airings are collapsed into that. What of them is kept as a log of
 * what was sent is station/past.h's business. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/timeline.h"

/* The checkpoint: everything before was collapsed. first_seq -1 when nothing was. */
struct timeline_begin {
	int64_t start_flicks, first_seq;
	bool aired; /* a programme is among it */
};
int timeline_begin_get(struct db *db, int64_t channel_id, struct timeline_begin *ret, struct err *err);

/* How far back each enabled channel can be watched, by number. */
struct timeline_reach {
	int64_t channel_id, begin_flicks; /* of what is kept */
	bool any;			  /* a programme has begun whose file is there */
};
struct timeline_reaches {
	struct timeline_reach *reaches;
	size_t count;
};
int timeline_reach(struct db *db, int64_t now_ns, struct arena *arena, struct timeline_reaches *ret, struct err *err);

/* The rows of the channel's oldest airings, at most `airings` of them, that end before `before`; never its last airing, from
 * which building goes on. *ret_end is where they end. count 0: there is none. */
int timeline_oldest(struct db *db, int64_t channel_id, int64_t before_flicks, int64_t airings, struct arena *arena,
		    struct timeline_rows *ret, int64_t *ret_end, struct err *err);

/* Removes these rows, which timeline_oldest() gave, with their airings, marks and overrides, and the clips that nothing
 * else plays; the checkpoint is `end`. In the caller's transaction. */
int timeline_collapse(struct db *db, int64_t channel_id, const struct timeline_rows *rows, int64_t end,
		      struct err *err);
