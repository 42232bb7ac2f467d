/* schedule_put_off.c - programmes that could not air when their turn came, and have it as soon as they can; declared in
 * schedule.h.
 *
 * The rotation has gone on past them: they stand in the cursor by their items, so whatever comes to the library or leaves it
 * moves none. One that has gone or expired meanwhile is forgotten. */
#include "station/schedule.h"

#include <string.h>

bool schedule_avoids(const struct schedule_items *items, int64_t item_id)
{
	const struct schedule_air *air = items->air;

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
	cursor->put_off_now++;
	return true;
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

const struct schedule_item *schedule_put_off_next(const struct schedule *schedule, struct schedule_cursor *cursor)
{
	cursor->put_off_now = 0;
	for (size_t i = 0; i < cursor->put_off_count;) {
		const struct schedule_item *item = find(&schedule->programmes, cursor->put_off[i]);
		bool gone = !item || !schedule_may_air(&schedule->programmes, item, false);

		if (!gone && (item->item_id == cursor->last || schedule_avoids(&schedule->programmes, item->item_id))) {
			i++;
			continue;
		}
		forget(cursor, i);
		if (!gone)
			return item;
	}
	return NULL;
}
