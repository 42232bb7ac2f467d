/* house_events.h - what befell the house as a whole: the machine slept, its clock was set, nobody served, its cache could not be written. */
#pragma once

#include <stdint.h>

#include "base/json.h"
#include "store/db.h"

struct house_event {
	const char *kind;      /* slept clock down stopped (down on purpose) cache file */
	int64_t from_ns, to_ns; /* station time; the same for what takes none */
	int64_t at_ms;	       /* wall clock, when it was noticed */
	const char *reason;    /* a sentence */
};

struct house_event_list {
	struct house_event *events;
	size_t count;
};

/* Notes it, in the place of one of its kind (down and stopped are one) that began at the same instant, and forgets the oldest of thousands. In a
 * transaction of its own. */
int house_events_add(struct db *db, const struct house_event *event, struct err *err);
/* Those within [from, to) that all channels went through, in order: of one file its own rows tell. In the arena. */
int house_events_window(struct db *db, int64_t from_ns, int64_t to_ns, struct arena *arena, struct house_event_list *ret,
			struct err *err);
/* Adds {"channel": null, "channel_id": null, "at", "reason", "count", "first", "last"} of those noticed since, the newest
 * first, at most `max`: to `faults`, or to `notes` what somebody wanted. */
int house_events_json(struct db *db, int64_t since_ms, int max, json_t *faults, json_t *notes, struct err *err);
