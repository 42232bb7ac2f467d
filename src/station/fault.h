/* fault.h - a source that fails on the air: slate by rows, the same for all viewers and after a restart. */
#pragma once

#include <stdbool.h>

#include "station/station_time.h"
#include "store/db.h"
#include "stream/clip.h"

/* What has been encoded already is shown still. */
typedef bool fault_has(void *context, const char *key, int64_t k); /* (key, k) of a clip is in the cache */

/* Slate stands over the rest of the rows that air the clip now or within the lock, from the first segment that neither is
 * published nor `has` says is there. for_ns > 0: over so much of it at most, since it may come back. The number of channels
 * where that was, or <0. */
int fault_put(struct db *writer, const struct station_time *time, const struct clip *clip, int64_t for_ns,
	      const char *why, fault_has *has, void *context, struct err *err);
