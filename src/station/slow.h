/* slow.h - files that cannot be decoded fast enough to be encoded while they are on: shown where they are prepared, else
 * something else takes their place at the lock, ten minutes ahead. Never encoded live. */
#pragma once

#include "station/fault.h"

#define SLOW_DECODE 1.5 /* x real time; below that it is too slow */

/* A channel's log has changed, and why: a sentence. */
typedef void slow_said(void *context, int64_t channel_id, const char *sentence);

/* Every minute or so, by the builder. What is about to come within the lock and is not there whole is built anew without it
 * (station/timeline_builder.h): its turn is put off, to right after what takes its place; on a channel that nobody prepares,
 * to some days later. `has` says what is there, `said` gets a sentence for each. Short transactions. Reads by
 * `reader`, which may be the writer itself. */
int slow_exchange(struct db *writer, struct db *reader, const struct station_time *time, fault_has *has, slow_said *said,
		  void *context, struct err *err);

/* As often, after that. What is within the lock all the same, since its speed was not known in time or the channel is new:
 * slate stands over it where it is not there; what has come by now is shown again. */
int slow_look(struct db *writer, struct db *reader, const struct station_time *time, fault_has *has, void *context,
	      struct err *err);

/* For as-run: what an airing stands in the place of, as a sentence; "" where it is what was planned. */
int slow_why(struct db *db, int64_t airing_id, struct arena *arena, const char **ret, struct err *err);
