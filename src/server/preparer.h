/* preparer.h - asks for segments ahead of air: of channels watched in the last 7 days or marked `prepare: always`.
 *
 * In the order of air time over all of them, two hours ahead, never more than a few clips wished for at a time, and never
 * past what the cache keeps until then: for what airs sooner, what is needed later goes (room.h). The producer makes them only when no live worker is short. */
#pragma once

#include "station/station_time.h"
#include "store/db.h"
#include "server/past_watch.h"
#include "stream/producer.h"

/* One round, from a background thread; blocks for some milliseconds, some hundred for a thousand channels. 1 when there is
 * something to prepare (come again in half a minute), 0 when all stands (some minutes will do). */
int preparer_tick(struct db *reader, const struct station_time *time, struct producer *producer,
		  struct clip_cache *cache, struct past_watch *past, struct err *err);
