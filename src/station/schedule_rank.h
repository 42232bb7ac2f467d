/* schedule_rank.h - places by hash(seed, cycle, item), for the shuffle and for rounds. Private to the schedule.
 *
 * An item that is added gets a place of its own and moves no other. */
#pragma once

#include "station/schedule.h"

uint64_t schedule_hash(uint64_t seed, int64_t cycle, int64_t item_id);

/* For qsort: by hash, then item. */
int schedule_by_hash(const void *a, const void *b);

/* First place after a hash and item; 0 for item 0. `count` when there is none. */
size_t schedule_rank_after(const struct schedule_ranked *ranked, size_t count, uint64_t hash, int64_t item_id);
