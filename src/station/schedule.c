/* schedule.c - see schedule.h: the files of the library as things that air.
 *
 * Not here: which of them a channel has (schedule_lists.c), whose turn it is (schedule_turn.c), rounds of spots (schedule_round.c), what may air when (schedule_air.c),
 * what is put off (schedule_put_off.c), rules and cursors as text (schedule_rules.c, schedule_cursor.c), when anything airs (timeline_plan.c). */
#include "station/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "stream/profile.h"

#define MIN_FLICKS (PLAN_FLICKS * 21 / 20)	 /* 1 s in whole frames of any rate */
#define MAX_FLICKS (7 * 24 * 3600 * PLAN_FLICKS) /* a longer one is a container's lie */

/* ---- lists ---- */

static int by_item_and_part(const void *a, const void *b)
{
	const struct playable *p = *(const struct playable *const *)a,
			      *q = *(const struct playable *const *)b;

	if (p->item_id != q->item_id)
		return p->item_id < q->item_id ? -1 : 1;
	if (p->part != q->part)
		return p->part < q->part ? -1 : 1;
	return p->file_id < q->file_id ? -1 : p->file_id > q->file_id;
}

static int by_sort_key(const void *a, const void *b)
{
	const struct schedule_item *p = a, *q = b;
	int order = strcmp(p->sort_key, q->sort_key);

	return order ? order : p->item_id < q->item_id ? -1 : p->item_id > q->item_id;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static struct schedule_item first_of(const struct playable *p, const struct playable **parts)
{
	return (struct schedule_item) {
		.item_id = p->item_id,
		.kind = text_or_empty(p->kind),
		.title = text_or_empty(p->title),
		.show = text_or_empty(p->show),
		.episode_title = text_or_empty(p->episode_title),
		.sort_key = text_or_empty(p->sort_key),
		.daypart = text_or_empty(p->daypart),
		.air_season = text_or_empty(p->air_season),
		.expires_ms = p->expires_ms,
		.parts = parts,
	};
}

void schedule_group(const struct playable_list *list, struct arena *arena, struct schedule_items *ret)
{
	const struct playable **all = arena_alloc(arena, (list->count + 1) * sizeof(*all));
	struct schedule_items items = { 0 };
	size_t n = 0, kept = 0, cap = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].duration_flicks >= MIN_FLICKS &&
		    list->items[i].duration_flicks <= MAX_FLICKS)
			all[n++] = &list->items[i];
	qsort(all, n, sizeof(*all), by_item_and_part);
	for (size_t i = 0; i < n; i++) {
		struct schedule_item *last = items.count ? &items.items[items.count - 1] : NULL;

		/* Two files of one part are two copies of it: the older row airs. */
		if (last && last->item_id == all[i]->item_id &&
		    last->parts[last->part_count - 1]->part == all[i]->part)
			continue;
		if (!last || last->item_id != all[i]->item_id) {
			ARENA_GROW(arena, items.items, items.count, cap);
			last = &items.items[items.count++];
			*last = first_of(all[i], &all[kept]);
		}
		all[kept++] = all[i]; /* never past i: the parts of an item stay together in the same array */
		last->part_count++;
		last->flicks += all[i]->duration_flicks;
	}
	if (items.count)
		qsort(items.items, items.count, sizeof(*items.items), by_sort_key);
	*ret = items;
}

struct plan_rate schedule_rate(const struct schedule *schedule)
{
	struct plan_rate rates[8], best = { 25, 1 };
	int64_t flicks[8] = { 0 }, most = 0;
	size_t count = 0;

	for (size_t i = 0; i < schedule->programmes.count; i++) {
		const struct playable *p = schedule->programmes.items[i].parts[0];
		struct plan_rate rate = { 25, 1 };
		size_t at = 0;

		profile_fps(p->fps_num, p->fps_den, &rate.num, &rate.den);
		while (at < count && (rates[at].num != rate.num || rates[at].den != rate.den))
			at++;
		if (at == count && count < 8)
			rates[count++] = rate;
		if (at < 8)
			flicks[at] += schedule->programmes.items[i].flicks / 1000;
	}
	for (size_t i = 0; i < count; i++)
		if (flicks[i] > most) {
			most = flicks[i];
			best = rates[i];
		}
	return best;
}
