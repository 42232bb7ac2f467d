/* as_run.h - what was really sent, row by row: as planned, or what stood over it, with the sentence that says why.
 *
 * Starts and ends are those of the plan: rows never move. A row that nobody watched counts as aired as planned, unless an
 * override stood over it. Of what has been collapsed (station/past.h), only rows that were watched or stood over are left. */
#pragma once

#include "base/json.h"
#include "station/station_time.h"
#include "store/channels.h"
#include "store/timeline.h"

#define AS_RUN_ROWS_MAX 20000

/* Rows of a channel (0: of all) that overlap [from, to) and have begun: {"total", "items": [{"channel_id", "channel",
 * "start", "end", "kind", "title", "item_id", "segments", "status": "ok" | "fallback" | "slate" | "alert" | "failed" |
 * "interrupted" | "missed", "replaced", "note", "watched"}]}. Nobody served for a part of an interrupted row, and for all of one
 * that was missed. `replaced`: segments that were not what was planned, so far. New reference; NULL with err,
 * ERR_TOO_LARGE past AS_RUN_ROWS_MAX rows. */
json_t *as_run_json(struct db *db, const struct station_time *time, int64_t channel_id, int64_t from_ns, int64_t to_ns,
		    struct err *err);

/* Writes what was sent in these rows of a channel, which are about to be collapsed, to the log's own rows: those that
 * somebody watched or that something stood over. In the caller's transaction. as_run_json() reads both. */
int as_run_keep(struct db *writer, const struct station_time *time, const struct channel *channel,
		const struct timeline_rows *rows, struct err *err);
