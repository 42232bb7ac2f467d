/* past_watch.h - where in the past of which channel somebody watches, so that the cache keeps what he will ask for next.
 *
 * A viewer is noted with each segment that he asks for and forgotten some minutes after the last. Bounded; who came last
 * takes the place of who was seen longest ago. Thread-safe; noting never blocks. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

#define PAST_WATCH_AHEAD_NS (INT64_C(1800) * 1000000000) /* kept before him */

struct past_watch;

struct past_watch *past_watch_new(void);
void past_watch_free(struct past_watch *watch); /* NULL is fine */

/* He asked for what was on at station_ns, and it is now now_ns there. */
void past_watch_note(struct past_watch *watch, int64_t channel_id, uint64_t client, int64_t station_ns, int64_t now_ns);

struct past_need {
	const char *key; /* of a clip */
	int64_t need_ms; /* station time at which the first of them comes to it, if he goes on as he does */
};
struct past_needs {
	struct past_need *list; /* sorted by key; one clip may be there more than once, the first need first */
	size_t count;
};

/* Clips that they come to within PAST_WATCH_AHEAD_NS; reads the store. watch NULL: none. */
int past_watch_needs(struct past_watch *watch, struct db *reader, int64_t now_ns, struct arena *arena,
		     struct past_needs *ret, struct err *err);
