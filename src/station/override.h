/* override.h - how the present changes: segments past the published edge show something else, one for one.
 *
 * Published is what somebody may have: a segment is handed out at most OVERRIDE_SERVE_AHEAD_NS before it begins, and
 * none that begins within OVERRIDE_LOCK_NS is ever changed. The second between them is the time a transaction may take
 * from its look at the clock to its end. So whoever fetches a number gets the same content as all others, before
 * and after. */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "store/channels.h"
#include "store/overrides.h"

#define OVERRIDE_LOCK_NS (4 * CLOCK_SECOND)
#define OVERRIDE_SERVE_AHEAD_NS (3 * CLOCK_SECOND)

/* Number of the first segment that may still change; of the segment to come when the log ends before it. ERR_NOT_FOUND
 * without a log. */
int override_first(struct db *db, const struct channel *channel, int64_t now_ns, int64_t *ret_seq, struct err *err);

/* With a clip, k0 says what is shown at seq_from; it goes with seq_from when that is moved. Segments of the clip that have
 * not as many frames as what they replace are slate (on_air.c).
 *
 * Adds it (id 0; then ret gets its id), or moves the bounds of the stored one to those given, as far as that changes
 * nothing that is published: what has begun keeps its beginning, what has ended its end. One of which nothing is left
 * is removed, or not added: its id is 0 then. */
int override_set(struct db *writer, const struct channel *channel, int64_t now_ns, struct override *override,
		 struct err *err);
