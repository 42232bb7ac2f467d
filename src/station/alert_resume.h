/* alert_resume.h - an alert that loses nothing: the programme it broke into goes on where it stopped, and what lies beyond
 * the lock is moved by as much. Private to station/. */
#pragma once

#include "station/station_time.h"
#include "store/channels.h"
#include "store/overrides.h"

/* `alert` is its override on the channel, just put there. In one short transaction: until the end of the row an override shows
 * the same frames so much later; behind the row, which must end beyond the lock, a new row shows what is left; the rest of the
 * airing follows it. What lies behind that airing is dropped: build on. 1 when that was done; 0 when it joins in progress,
 * since the row ends too soon or the alert covers more than one. */
int alert_resume(struct db *writer, const struct station_time *time, const struct channel *channel,
		 const struct override *alert, struct err *err);

/* The alert ends sooner than was said: what is shown until then goes back by as much, so that nothing is lost. */
int alert_resume_sooner(struct db *writer, const struct station_time *time, const struct channel *channel,
			const struct override *alert, struct err *err);
