/* schedule_lists.h - what schedules pick from, read from the library once for all channels that ask for the same.
 *
 * One thread's. What was read stays as it was until it is dropped: whoever keeps lists drops them when the library changes. */
#pragma once

#include "station/schedule.h"

struct schedule_lists;

struct schedule_lists *schedule_lists_new(void);
void schedule_lists_free(struct schedule_lists *lists); /* NULL is fine */
void schedule_lists_drop(struct schedule_lists *lists);

/* As schedule_load(), from `lists` (NULL: read anew). The schedule's items live until the next call with the same lists. Its
 * digest is that of all that its rows follow from, besides rules and cursor: equal when the library would give the same. */
int schedule_load_from(struct db *db, struct schedule_lists *lists, int64_t channel_id, struct arena *arena,
		       struct schedule *ret, struct err *err);
