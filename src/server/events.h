/* events.h - what happened, for everybody who listens: a ring of the last 1,000 events with growing ids.
 *
 * Ids begin at the server's start time in ms times 1,000, so that a client that comes back after a restart
 * with an old id gets everything since; in station time, which goes on whatever becomes of the wall clock. Thread-safe. Not here: the HTTP of it (api_events.c). */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

#define EVENTS_KEPT 1000

struct events;
struct waits;

struct events *events_new(struct waits *waits);
/* Ids begin at this instant; before anybody listens. */
void events_begin(struct events *events, int64_t now_ms);
void events_free(struct events *events); /* NULL is fine */

/* name: library_updated, channel, alert, job, scan, status. */
void events_publish(struct events *events, const char *name, json_t *data /* stolen */);

/* Adds the kept events after `id` as server-sent events, at most about 64 KB of them; the last id added, or
 * `id`. */
int64_t events_read(struct events *events, int64_t id, struct buf *to);
int64_t events_last(struct events *events);
