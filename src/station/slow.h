/* slow.h - files that cannot be decoded fast enough to be encoded while they are on: shown where they are prepared, else
 * replaced by slate at the lock, ten minutes ahead, by rows. Never encoded live. */
#pragma once

#include "station/fault.h"

#define SLOW_DECODE 1.5 /* x real time; below that it is too slow */

/* Every minute or so: slate over what is too slow, airs within the lock and is not there; what has come by now is shown again.
 * `has` says what is there. Short transactions. Reads by `reader`, which may be the writer itself. */
int slow_look(struct db *writer, struct db *reader, const struct station_time *time, fault_has *has, void *context,
	      struct err *err);
