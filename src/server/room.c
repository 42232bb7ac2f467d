/* room.c - see room.h. */
#include "server/room.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/timeline.h"

#define KNOWN_SEGMENTS 32 /* in the cache: so many tell how large one is */
#define SEGMENT_SECONDS 2
#define COPIED_BYTES INT64_C(2000000) /* of a copied segment, as long as none is known */

void room_open(struct room *room)
{
	struct err err = { 0 };

	room->needs = (struct past_needs) { 0 };
	room->arena = (struct arena) { 0 };
	room->planned = 0;
	if (past_watch_needs(room->past, room->reader, station_now_ns(room->time), &room->arena, &room->needs, &err) < 0)
		log_warning("server", "what viewers of the past need is not known: %s", err.text);
}

void room_close(struct room *room)
{
	arena_free(&room->arena);
}

/* The first of the key's needs: they are sorted. */
static int64_t past_need_ms(const struct past_needs *needs, const char *key)
{
	size_t low = 0, high = needs->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(needs->list[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < needs->count && strcmp(needs->list[low].key, key) == 0 ? needs->list[low].need_ms : INT64_MAX;
}

int64_t room_need_ms(void *context, const char *key)
{
	const struct room *room = context;
	int64_t need_ms = INT64_MAX, past_ms = past_need_ms(&room->needs, key);

	if (clips_next_need_ms(room->reader, key, station_now_ns(room->time), &need_ms, NULL) < 0)
		need_ms = INT64_MAX;
	return past_ms < need_ms ? past_ms : need_ms;
}

static int64_t bytes_of_one(const struct room *room, const struct clip *clip)
{
	struct clip_cache_totals totals = clip_cache_totals(room->cache);

	if (totals.segments >= KNOWN_SEGMENTS)
		return totals.bytes / totals.segments + 1;
	if (clip_is_copy(clip))
		return COPIED_BYTES;
	return (int64_t)(clip->profile.maxrate_kbps + clip->profile.audio_kbps) * 1000 / 8 * SEGMENT_SECONDS + 1;
}

int64_t room_for(struct room *room, const struct clip *clip, int64_t from, int64_t to, int64_t air_ms)
{
	int64_t each = bytes_of_one(room, clip), missing = 0, fit;

	for (int64_t k = from; k < to; k++)
		missing += !clip_cache_has(room->cache, clip->key, k);
	fit = clip_cache_make_room(room->cache, room->planned + missing * each, air_ms, room_need_ms, room) - room->planned;
	fit = fit < 0 ? 0 : fit / each;
	if (fit >= missing) {
		room->planned += missing * each;
		return to;
	}
	room->planned += fit * each;
	for (int64_t k = from; k < to; k++)
		if (!clip_cache_has(room->cache, clip->key, k) && fit-- == 0)
			return k;
	return to;
}
