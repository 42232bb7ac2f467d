/* as_run.h - which rows of the log were watched, and what of them came too late. The log of what was sent is made from
 * this, the timeline and the overrides by station/as_run.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct as_run {
	bool watched;
	int64_t late; /* segments in whose place slate went out */
};

int as_run_watched(struct db *db, int64_t channel_id, int64_t first_seq, int64_t now_ms, struct err *err);
int as_run_late(struct db *db, int64_t channel_id, int64_t first_seq, int64_t segments, int64_t now_ms, struct err *err);
/* What was sent in a row of the log that has been collapsed since. Times are wall ms. */
struct as_run_entry {
	int64_t channel_id, first_seq, start_ms, end_ms, item_id, segments, replaced; /* item_id 0: none */
	const char *kind, *title, *status, *note;
	bool watched;
};

struct as_run_entries {
	struct as_run_entry *entries;
	size_t count;
};

int as_run_log_add(struct db *db, const struct as_run_entry *entry, struct err *err);
/* Those of a channel that overlap [from, to), in order, at most `limit`. */
int as_run_log_window(struct db *db, int64_t channel_id, int64_t from_ms, int64_t to_ms, int64_t limit,
		      struct arena *arena, struct as_run_entries *ret, struct err *err);
/* Removes some of those that ended before; 1 when there may be more. */
int as_run_log_trim(struct db *db, int64_t before_ms, struct err *err);

/* Of the row that begins with that number; zero when nobody watched it. */
int as_run_get(struct db *db, int64_t channel_id, int64_t first_seq, struct as_run *ret, struct err *err);
