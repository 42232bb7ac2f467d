/* schedule_round.c - rounds over spots, bumpers and filler: the least recently aired first, what did not fit is owed;
 * declared in schedule.h. */
#include <stdlib.h>
#include <string.h>

#include "station/schedule_rank.h"

static bool among(int64_t id, const int64_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == id)
			return true;
	return false;
}

static void owe(struct schedule_round *round, int64_t item_id)
{
	if (among(item_id, round->owed, round->owed_count))
		return;
	if (round->owed_count == SCHEDULE_OWED)
		memmove(round->owed, round->owed + 1, --round->owed_count * sizeof(*round->owed));
	round->owed[round->owed_count++] = item_id;
}

static void forget(struct schedule_round *round, size_t i)
{
	round->owed_count--;
	memmove(&round->owed[i], &round->owed[i + 1], (round->owed_count - i) * sizeof(*round->owed));
}

static const struct schedule_item *find_item(const struct schedule_items *items, int64_t item_id)
{
	for (size_t i = 0; i < items->count; i++)
		if (items->items[i].item_id == item_id)
			return &items->items[i];
	return NULL;
}

static const struct schedule_item *next_owed(const struct schedule_items *items, struct schedule_round *round,
					     int64_t max_flicks, const int64_t *used, size_t used_count)
{
	for (size_t i = 0; i < round->owed_count;) {
		const struct schedule_item *item = find_item(items, round->owed[i]);

		if (item && (item->flicks > max_flicks || among(item->item_id, used, used_count) ||
			     !schedule_may_air(items->air, item, SCHEDULE_IN_PART) ||
			     schedule_avoids(items->air, item->item_id))) {
			i++;
			continue;
		}
		forget(round, i);
		if (item)
			return item;
	}
	return NULL;
}

void schedule_ring(struct schedule_items *items, uint64_t seed, struct arena *arena)
{
	items->ring = arena_alloc(arena, (items->count + 1) * sizeof(*items->ring));
	items->shortest = INT64_MAX;
	for (size_t i = 0; i < items->count; i++) {
		const struct schedule_item *item = &items->items[i];

		items->ring[i] = (struct schedule_ranked) { schedule_hash(seed, 0, item->item_id), item };
		items->shortest = item->flicks < items->shortest ? item->flicks : items->shortest;
	}
	if (items->count)
		qsort(items->ring, items->count, sizeof(*items->ring), schedule_by_hash);
}

const struct schedule_item *schedule_round_next(const struct schedule_items *items,
						struct schedule_round *round, int64_t max_flicks,
						const int64_t *used, size_t used_count)
{
	const struct schedule_item *item;
	struct schedule_round trial = *round;
	size_t at;

	if (items->count == 0 || items->shortest > max_flicks)
		return NULL;
	item = next_owed(items, round, max_flicks, used, used_count);
	if (item)
		return item;
	at = schedule_rank_after(items->ring, items->count, round->hash, round->item);
	for (size_t tries = 0; tries < items->count; tries++, at++) {
		const struct schedule_ranked *r = &items->ring[at % items->count];

		item = r->item;
		if (among(item->item_id, used, used_count) || !schedule_may_air(items->air, item, SCHEDULE_IN_PART) ||
		    among(item->item_id, trial.owed, trial.owed_count))
			continue;
		if (item->flicks > max_flicks || schedule_avoids(items->air, item->item_id)) {
			owe(&trial, item->item_id);
			continue;
		}
		trial.hash = r->hash;
		trial.item = item->item_id;
		*round = trial;
		return item;
	}
	return NULL;
}
