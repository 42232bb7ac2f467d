/* break_looks.h - which items were looked at for break points, and which should be. */
#pragma once

#include <stdint.h>

#include "store/db.h"
#include "store/metadata.h"

/* Films and episodes of at least so many ms that are there, have no break from anywhere and were not looked at since
 * their files are what they are: those that air first, then the rest. In the arena. */
int break_looks_wanted(struct db *db, int64_t longer_ms, struct arena *arena, struct item_ids *ret, struct err *err);

/* That it was looked at, with what came of it; error NULL: it could be. In a transaction or between db_lock()s. */
int break_looks_set(struct db *db, int64_t item_id, const char *error, struct err *err);
