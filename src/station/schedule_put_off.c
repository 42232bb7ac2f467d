/* schedule_put_off.c - programmes that could not air when their turn came, and have it as soon as they can; declared in
 * schedule.h.
 *
 * The rotation has gone on past them: they stand in the cursor by their items, so whatever comes to the library or leaves it
 * moves none. One that has gone or expired meanwhile is forgotten. */
#include "station/schedule.h"

#include <string.h>

bool schedule_avoids(const struct schedule_air *air, int64_t item_id)
{
	for (size_t i = 0; air && i < air->avoid_count; i++)
		if (air->avoid[i] == item_id)
			return true;
	return false;
}

bool schedule_put_off(struct schedule_cursor *cursor, int64_t item_id)
{
	for (size_t i = 0; i < cursor->put_off_count; i++)
		if (cursor->put_off[i] == item_id)
			return true;
	if (cursor->put_off_count == SCHEDULE_PUT_OFF)
		return false;
	cursor->put_off[cursor->put_off_count++] = item_id;
	return true;
}

void schedule_mark_put_off(struct schedule_cursor *cursor, const struct schedule_air *air)
{
	int64_t list[SCHEDULE_PUT_OFF];
	size_t count = 0;

	for (int avoided = 0; avoided < 2; avoided++) {
		cursor->put_off_now = count;
		for (size_t i = 0; i < cursor->put_off_count; i++)
			if (schedule_avoids(air, cursor->put_off[i]) == avoided)
				list[count++] = cursor->put_off[i];
	}
	cursor->put_off_now = count - cursor->put_off_now;
	memcpy(cursor->put_off, list, count * sizeof(*list));
}

static void forget(struct schedule_cursor *cursor, size_t i)
{
	cursor->put_off_count--;
	memmove(&cursor->put_off[i], &cursor->put_off[i + 1], (cursor->put_off_count - i) * sizeof(*cursor->put_off));
}

static const struct schedule_item *find(const struct schedule_items *items, int64_t item_id)
{
	for (size_t i = 0; i < items->count; i++)
		if (items->items[i].item_id == item_id)
			return &items->items[i];
	return NULL;
}

/* One for another part of the day, or the one that has just aired, stays where it is. */
static bool may_air(const struct schedule *schedule, const struct schedule_cursor *cursor, const struct schedule_item *item)
{
	const struct schedule_air *air = schedule->programmes.air;
	bool loop = schedule->rules.order == SCHEDULE_LOOP;

	return item->item_id != cursor->last && !schedule_avoids(air, item->item_id) &&
	       schedule_may_air(air, item, loop ? SCHEDULE_UNEXPIRED : SCHEDULE_IN_PART);
}

const struct schedule_item *schedule_put_off_next(const struct schedule *schedule, struct schedule_cursor *cursor)
{
	cursor->put_off_now = 0;
	for (size_t i = 0; i < cursor->put_off_count;) {
		const struct schedule_item *item = find(&schedule->programmes, cursor->put_off[i]);
		bool gone = !item || !schedule_may_air(schedule->programmes.air, item, SCHEDULE_UNEXPIRED);

		if (!gone && !may_air(schedule, cursor, item)) {
			i++;
			continue;
		}
		forget(cursor, i);
		if (gone)
			continue;
		cursor->last = item->item_id;
		return item;
	}
	return NULL;
}
