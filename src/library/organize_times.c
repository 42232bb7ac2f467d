/* organize_times.c - modification times in the order of episodes, as seed P has them: a player that sorts by time plays a
 * show in order.
 *
 * As few files as can be get a new time: those of the longest run that is in order already keep theirs, the others are put
 * between them. */
#include <stdlib.h>
#include <string.h>

#include "library/organize_parts.h"

#define STEP_NS (INT64_C(2) * 1000000000) /* what vfat can tell apart */

struct episode {
	const struct organize_row *row;
	struct organize_file *file; /* NULL: not in the plan; its time stays */
	int64_t time;
	bool kept;
};

static int by_show(const void *a, const void *b)
{
	const struct organize_row *x = ((const struct episode *)a)->row, *y = ((const struct episode *)b)->row;

	if (x->show_id != y->show_id)
		return x->show_id < y->show_id ? -1 : 1;
	if (x->season != y->season)
		return x->season - y->season;
	if (x->episode != y->episode)
		return x->episode - y->episode;
	return (x->file_id > y->file_id) - (x->file_id < y->file_id);
}

/* Marks the longest ascending run of times (patience sorting). */
static void keep_longest(struct episode *list, size_t count, struct arena *arena)
{
	size_t *tails = arena_alloc(arena, (count + 1) * sizeof(*tails));
	size_t *before = arena_alloc(arena, (count + 1) * sizeof(*before));
	size_t length = 0;

	for (size_t i = 0; i < count; i++) {
		size_t low = 0, high = length;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (list[tails[middle]].time < list[i].time)
				low = middle + 1;
			else
				high = middle;
		}
		tails[low] = i;
		before[i] = low ? tails[low - 1] : count;
		if (low == length)
			length++;
	}
	for (size_t i = length ? tails[length - 1] : count; i < count; i = before[i])
		list[i].kept = true;
}

/* Times for [first, end), none of which is kept, between the kept ones around them. */
static void spread(struct episode *list, size_t first, size_t end, size_t count)
{
	int64_t step = STEP_NS, time;
	size_t n = end - first;

	if (first && end < count) {
		int64_t room = (list[end].time - list[first - 1].time) / (int64_t)(n + 1);

		step = room < step ? room : step;
	}
	if (step < 1)
		return;
	time = first ? list[first - 1].time + step : list[end].time - (int64_t)n * step;
	for (size_t i = first; i < end; i++, time += step) {
		list[i].time = time;
		if (list[i].file && list[i].file->state != ORGANIZE_CONFLICT && time != list[i].row->identity.mtime_ns)
			list[i].file->new_mtime_ns = time;
	}
}

static void order_show(struct episode *list, size_t count, struct arena *arena)
{
	keep_longest(list, count, arena);
	for (size_t i = 0; i < count; i++) {
		size_t end = i;

		while (end < count && !list[end].kept)
			end++;
		if (end > i)
			spread(list, i, end, count);
		i = end;
	}
}

void organize_times(struct planning *p)
{
	struct episode *list = arena_alloc(p->arena, (p->all.count + 1) * sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < p->all.count; i++) {
		const struct organize_row *row = &p->all.rows[i];

		if (row->show_id && !row->hidden && row->season >= 0 && row->episode >= 0)
			list[count++] = (struct episode){ row, p->of_row[i], row->identity.mtime_ns, false };
	}
	if (count)
		qsort(list, count, sizeof(*list), by_show);
	for (size_t i = 0; i < count;) {
		size_t end = i;

		while (end < count && list[end].row->show_id == list[i].row->show_id)
			end++;
		order_show(list + i, end - i, p->arena);
		i = end;
	}
}
