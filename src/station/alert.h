/* alert.h - breaking in: a full-screen text on some channels or on all, for a while, then join in progress.
 *
 * With `resume`, nothing is lost: what it broke into goes on where it stopped, and what lies beyond the lock is moved by as
 * much (the caller has it built again). Where that cannot be, it joins in progress too.
 *
 * An alert is a row and, on each channel, one override (override.h). Nothing runs for it: it begins with the first
 * segment that is not published yet and ends where its override ends. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"
#include "station/station_time.h"
#include "store/alerts.h"

#define ALERT_TEXT_MAX 400 /* characters */
#define ALERT_PRIORITY_MAX 100
#define ALERT_PRIORITY 50 /* unless told */
#define ALERT_FOR_MS (INT64_C(30) * 1000)
#define ALERT_FOR_MS_MAX (INT64_C(24) * 3600 * 1000)

struct alert_request {
	const char *text;	 /* UTF-8; line breaks are kept, other control characters become spaces */
	const int64_t *channels; /* ids; NULL: all there are */
	size_t channel_count;
	int64_t priority; /* 1 .. ALERT_PRIORITY_MAX */
	int64_t for_ms;	  /* 1 s .. ALERT_FOR_MS_MAX */
	bool resume;	  /* what it breaks into goes on where it stopped, as far as that can be: alert_resume.h */
};

/* On the air with the next segments, once it returns 0; then it survives whatever happens. ERR_INVALID for a text or a
 * number that cannot be, ERR_NOT_FOUND for a channel that is not there. */
int alert_start(struct db *writer, const struct station_time *time, const struct alert_request *request,
		int64_t *ret_id, struct err *err);

/* Ends it with the next segment that is not published. ERR_NOT_FOUND; ERR_CONFLICT when it has ended already. */
int alert_cancel(struct db *writer, const struct station_time *time, int64_t id, struct err *err);

/* Puts running alerts on a channel whose log is new or was built again (0: on all). Does nothing where nothing changed. */
int alert_apply(struct db *writer, const struct station_time *time, int64_t channel_id, struct err *err);

/* {"id", "text", "state": "running" | "ended" | "cancelled", "channels": null or [ids], "priority", "for_ms",
 * "resume", "start", "end"}. New references, NULL with err. */
json_t *alert_json(struct db *db, const struct station_time *time, int64_t id, struct err *err);
json_t *alert_list_json(struct db *db, const struct station_time *time, int64_t limit, int64_t offset, struct err *err);
