/* as_run.h - which rows of the log were watched, and what of them came too late. The log of what was sent is made from
 * this, the timeline and the overrides by station/as_run.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

struct as_run {
	bool watched;
	int64_t late; /* segments in whose place slate went out */
};

int as_run_watched(struct db *db, int64_t channel_id, int64_t first_seq, int64_t now_ms, struct err *err);
int as_run_late(struct db *db, int64_t channel_id, int64_t first_seq, int64_t segments, int64_t now_ms, struct err *err);
/* Of the row that begins with that number; zero when nobody watched it. */
int as_run_get(struct db *db, int64_t channel_id, int64_t first_seq, struct as_run *ret, struct err *err);
