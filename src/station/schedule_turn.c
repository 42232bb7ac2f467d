/* schedule_turn.c - whose turn it is among a channel's programmes; declared in schedule.h. In order by sort_key,
 * shuffled by hash(seed, cycle, item).
 *
 * The shuffle: in each cycle the items follow their hashes; an item that is added gets its own place and
 * moves no other. At a cycle's border the first may be the one that aired last: then the second goes first
 * and the first is held for the turn after it.
 *
 * Programmes of a part of the day have a turn of their own, so that none is passed over while it may not air. At
 * any time there are two that may: that of the hour, and that of what airs at any time. The one that is in an
 * earlier lap goes first; within one lap they are merged by hash or sort_key, as if they were one list. A lap is
 * at most one behind the others', so that what was absent for months does not take all the hours that it may. */
#include <stdlib.h>
#include <string.h>

#include "station/schedule_rank.h"

struct part {
	const struct schedule_item **items; /* by sort_key */
	struct schedule_ranked *ranked;	    /* by hash, item, of the cycle; valid when ready */
	size_t count;
	int64_t cycle;
	bool ready;
};

struct schedule_turns {
	struct part parts[SCHEDULE_PARTS];
};

/* What a part would air next, and its turn after that. */
struct candidate {
	const struct schedule_item *item; /* NULL: nothing */
	struct schedule_turn turn;
	int64_t rounds;
};

struct schedule_turns *schedule_turns_new(const struct schedule *schedule)
{
	const struct schedule_items *list = &schedule->programmes;
	struct schedule_turns *turns = arena_alloc(schedule->arena, sizeof(*turns));
	bool loop = schedule->rules.order == SCHEDULE_LOOP; /* whole, back to back, whatever the hour */

	for (int i = 0; i < SCHEDULE_PARTS; i++) {
		struct part *part = &turns->parts[i];

		for (size_t j = 0; j < list->count; j++)
			part->count += (loop ? SCHEDULE_ANY : schedule_part_of(list->items[j].daypart)) == (enum schedule_part)i;
		part->items = arena_alloc(schedule->arena, (part->count + 1) * sizeof(*part->items));
		part->ranked = arena_alloc(schedule->arena, (part->count + 1) * sizeof(*part->ranked));
		part->count = 0;
		for (size_t j = 0; j < list->count; j++)
			if ((loop ? SCHEDULE_ANY : schedule_part_of(list->items[j].daypart)) == (enum schedule_part)i)
				part->items[part->count++] = &list->items[j];
	}
	return turns;
}

/* ---- in order ---- */

static const struct schedule_item *next_in_order(const struct schedule *schedule, const struct part *part,
						 struct candidate *c)
{
	size_t low = 0, high = part->count;

	while (c->turn.key && low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(part->items[middle]->sort_key, c->turn.key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == part->count) {
		int loops = schedule->rules.order == SCHEDULE_LOOP ? schedule->rules.loops : 0;

		/* Counted only where it matters, so that a loop that is limited later has all its rounds. */
		if (loops && c->rounds + 1 >= loops)
			return NULL;
		c->rounds += loops > 0;
		c->turn.lap++;
		low = 0;
	}
	c->turn.key = part->items[low]->sort_key;
	return part->items[low];
}

/* ---- shuffled ---- */

static const struct schedule_ranked *ranked_cycle(const struct schedule *schedule, struct part *part, int64_t cycle)
{
	if (part->ready && part->cycle == cycle)
		return part->ranked;
	for (size_t i = 0; i < part->count; i++)
		part->ranked[i] = (struct schedule_ranked) {
			.hash = schedule_hash(schedule->seed, cycle, part->items[i]->item_id),
			.item = part->items[i],
		};
	qsort(part->ranked, part->count, sizeof(*part->ranked), schedule_by_hash);
	part->cycle = cycle;
	part->ready = true;
	return part->ranked;
}

static const struct schedule_ranked *next_cycle(const struct schedule *schedule, struct part *part,
						struct schedule_turn *turn)
{
	turn->lap++;
	return ranked_cycle(schedule, part, ++turn->cycle);
}

/* The item that was held, unless it has gone or would follow itself. */
static const struct schedule_item *release_held(const struct part *part, struct schedule_turn *turn, int64_t last)
{
	int64_t held = turn->held;

	turn->held = 0;
	if (!held || held == last)
		return NULL;
	for (size_t i = 0; i < part->count; i++)
		if (part->items[i]->item_id == held)
			return part->items[i];
	return NULL;
}

static const struct schedule_item *next_shuffled(const struct schedule *schedule, struct part *part,
						 struct schedule_turn *turn, int64_t last)
{
	size_t count = part->count;
	const struct schedule_item *held = release_held(part, turn, last);
	const struct schedule_ranked *ranked;
	size_t at;

	if (held)
		return held;
	ranked = ranked_cycle(schedule, part, turn->cycle);
	at = schedule_rank_after(ranked, count, turn->hash, turn->shuffled);
	if (at == count) {
		ranked = next_cycle(schedule, part, turn);
		at = 0;
	}
	if (count > 1 && ranked[at].item->item_id == last) {
		if (at + 1 < count) {
			turn->held = ranked[at++].item->item_id;
		} else { /* alone at the end of its cycle: it has just had its turn */
			ranked = next_cycle(schedule, part, turn);
			at = 0;
			if (ranked[at].item->item_id == last)
				turn->held = ranked[at++].item->item_id;
		}
	}
	turn->hash = ranked[at].hash;
	turn->shuffled = ranked[at].item->item_id;
	return ranked[at].item;
}

/* ---- which part ---- */

static bool begun(const struct schedule_turn *turn)
{
	return turn->key || turn->shuffled;
}

/* Where a part is: one that is new goes on where another is, so that a show that is given to a part of the day does
 * not begin again. */
static struct schedule_turn turn_of(const struct schedule_cursor *cursor, int part)
{
	struct schedule_turn turn = cursor->turns[part];
	int64_t lap = 0;

	for (int i = 0; i < SCHEDULE_PARTS; i++) {
		if (begun(&cursor->turns[i]) && !begun(&turn))
			turn = cursor->turns[i];
		if (cursor->turns[i].lap > lap)
			lap = cursor->turns[i].lap;
	}
	if (turn.lap < lap - 1)
		turn.lap = lap - 1;
	return turn;
}

/* What may not air by then loses its turn. Twice round finds what is left, also past a border of cycles. */
static struct candidate candidate_of(const struct schedule *schedule, const struct schedule_cursor *cursor, int at,
				     enum schedule_strictness how)
{
	struct part *part = &schedule->turns->parts[at];
	struct candidate c = { .turn = turn_of(cursor, at), .rounds = cursor->rounds };
	int64_t last = cursor->last, lap = c.turn.lap;

	for (size_t tries = 0; tries < 2 * part->count; tries++) {
		c.item = schedule->rules.order == SCHEDULE_SHUFFLE ? next_shuffled(schedule, part, &c.turn, last)
								   : next_in_order(schedule, part, &c);
		if (!begun(&cursor->turns[at])) /* its first lap, wherever in its list it begins */
			c.turn.lap = lap;
		if (!c.item || schedule_may_air(schedule->programmes.air, c.item, how))
			return c;
		last = c.item->item_id;
	}
	c.item = NULL;
	return c;
}

static bool goes_first(const struct candidate *a, const struct candidate *b, int64_t last, enum schedule_order order)
{
	int by_key;

	if ((a->item->item_id == last) != (b->item->item_id == last))
		return b->item->item_id == last;
	if (a->turn.lap != b->turn.lap)
		return a->turn.lap < b->turn.lap;
	if (order == SCHEDULE_SHUFFLE)
		return a->turn.hash < b->turn.hash;
	by_key = strcmp(a->item->sort_key, b->item->sort_key);
	return by_key ? by_key < 0 : a->item->item_id < b->item->item_id;
}

/* The next of the parts that are in the mask; the cursor moves only when there is one. */
static const struct schedule_item *next_of_parts(struct schedule *schedule, struct schedule_cursor *cursor, unsigned mask,
						 enum schedule_strictness how)
{
	struct candidate best = { 0 };
	int from = 0;

	for (int i = 0; i < SCHEDULE_PARTS; i++) {
		struct candidate c;

		if (!(mask >> i & 1) || !schedule->turns->parts[i].count)
			continue;
		c = candidate_of(schedule, cursor, i, how);
		if (c.item && (!best.item || goes_first(&c, &best, cursor->last, schedule->rules.order))) {
			best = c;
			from = i;
		}
	}
	if (!best.item)
		return NULL;
	cursor->turns[from] = best.turn;
	cursor->rounds = best.rounds;
	cursor->last = best.item->item_id;
	return best.item;
}

static const struct schedule_item *next_in_turn(struct schedule *schedule, struct schedule_cursor *cursor)
{
	unsigned every = (1U << SCHEDULE_PARTS) - 1, now = every;
	const struct schedule_item *item;
	enum schedule_part part = schedule_part_at(schedule->programmes.air);

	if (schedule->rules.order == SCHEDULE_LOOP)
		return next_of_parts(schedule, cursor, every, SCHEDULE_UNEXPIRED);
	if (part != SCHEDULE_ANY)
		now = 1U << SCHEDULE_ANY | 1U << part;
	item = next_of_parts(schedule, cursor, now, SCHEDULE_IN_SEASON);
	/* Better at the wrong hour than out of season, and better that than nothing. */
	if (!item)
		item = next_of_parts(schedule, cursor, every, SCHEDULE_IN_SEASON);
	return item ? item : next_of_parts(schedule, cursor, every, SCHEDULE_UNEXPIRED);
}

/* What must not air is passed over and put off. `strict`: nor does what aired last air again for that. */
static const struct schedule_item *next_allowed(struct schedule *schedule, struct schedule_cursor *cursor, bool strict)
{
	for (size_t tries = 0; tries < 2 * schedule->programmes.count + 1; tries++) {
		int64_t last = cursor->last;
		const struct schedule_item *item = next_in_turn(schedule, cursor);

		if (!item || !schedule_avoids(schedule->programmes.air, item->item_id))
			return item;
		if (!schedule_put_off(cursor, item->item_id))
			return NULL;
		if (strict)
			cursor->last = last;
	}
	return NULL;
}

const struct schedule_item *schedule_next(struct schedule *schedule, struct schedule_cursor *cursor)
{
	const struct schedule_item *item = schedule_put_off_next(schedule, cursor);
	struct schedule_cursor before = *cursor;

	if (!item)
		item = next_allowed(schedule, cursor, true);
	if (item || !schedule->programmes.air || !schedule->programmes.air->avoid_count)
		return item;
	*cursor = before;
	return next_allowed(schedule, cursor, false);
}
