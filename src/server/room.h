/* room.h - room in the cache for what airs soon: what is needed later goes.
 *
 * When a clip is needed: at its next row on any channel, or when a viewer of the past comes to it. Not here: what goes first,
 * and what never goes (stream/clip_trim.c). */
#pragma once

#include "base/arena.h"
#include "server/past_watch.h"
#include "station/station_time.h"
#include "store/db.h"
#include "stream/clip.h"
#include "stream/clip_cache.h"

struct room {
	struct db *reader;
	const struct station_time *time;
	struct clip_cache *cache;
	struct past_watch *past; /* NULL: nobody watches the past */
	struct past_needs needs;
	struct arena arena;
	int64_t planned; /* bytes that were given away */
};

/* One look at things: used for some seconds, by one thread. The first four fields are filled by the caller. */
void room_open(struct room *room);
void room_close(struct room *room);

/* For clip_cache_trim(): context is a struct room. */
int64_t room_need_ms(void *context, const char *key);

/* Of the segments [from, to) of a clip that airs at `air_ms` (station time), where the room ends that there is or could be made
 * for those that are missing: `to` when all fit, `from` when not even the first does. */
int64_t room_for(struct room *room, const struct clip *clip, int64_t from, int64_t to, int64_t air_ms);
