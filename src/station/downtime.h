/* downtime.h - when nobody was there to send anything: the server was ended, killed, or its machine was off.
 *
 * A server that listens leaves a mark in the store, in station time, every few seconds and as it ends. From
 * it the next one knows since when nobody served. Times of the machine standing still while the server lives:
 * server/sleep_watch.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "station/station_time.h"
#include "store/db.h"

#define DOWNTIME_MARK_NS (10 * INT64_C(1000000000)) /* the mark is at most so old */

struct downtime {
	int64_t from_ns, to_ns; /* station time; from 0: nothing to tell of */
	bool rebooted;		/* the clock of the machine may be told better yet */
	bool on_purpose;	/* the server was told to end */
	char reason[240];	/* a sentence; "" when nothing is told */
};

/* As a server starts: what to tell of the time before, with a row for it. Written under the writer's lock. */
int downtime_begin(struct db *writer, const struct station_time *time, struct downtime *ret, struct err *err);
/* The server is there, and listens; `ends`: it was told to end, and does. */
int downtime_mark(struct db *writer, const struct station_time *time, bool ends, struct err *err);
/* The wall clock was set and is believed: how long the house was down is told again, when that was soon after
 * a boot. True when there is a new reason. */
bool downtime_clock_set(struct db *writer, const struct station_time *time, struct downtime *down,
			struct err *err);
