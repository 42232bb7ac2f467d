/* past.h - how far back a channel's log reaches, and what becomes of the rest.
 *
 * Airings that ended longer ago than that are collapsed into a checkpoint (position, number): numbers and positions of
 * what follows stay as they are, older ones answer ERR_GONE (on_air.h). What was sent in them is kept for
 * PAST_AS_RUN_NS as rows of its own (as_run.h). */
#pragma once

#include <stdint.h>

#include "station/station_time.h"
#include "store/channels.h"

#define PAST_AS_RUN_NS (INT64_C(30) * 24 * 3600 * 1000000000) /* of the as-run log and of alerts */
#define PAST_KEEP_NS (INT64_C(48) * 3600 * 1000000000)	     /* of the log, unless told */

/* One short transaction: some of the channel's airings that ended more than keep_ns ago. 1 when there may be more. */
int past_collapse(struct db *writer, const struct station_time *time, const struct channel *channel, int64_t keep_ns,
		  struct err *err);

/* One short transaction: alerts and as-run rows that are older than they are kept. 1 when there may be more. */
int past_trim(struct db *writer, const struct station_time *time, struct err *err);
