/* swaps.c - see swaps.h. Each has at most one after it (whose path its source left) and one before it: so all
 * of them are chains, which have a head, and rings, which have none. */
#include "library/swaps.h"

#include <stdlib.h>
#include <string.h>

static int compare_sources(const void *a, const void *b)
{
	const struct swap *x = a, *y = b;

	return (x->source > y->source) - (x->source < y->source);
}

static int compare_known(const void *a, const void *b)
{
	const struct swap *x = a, *y = b;

	return (x->known > y->known) - (x->known < y->known);
}

static size_t drop_twins(struct swap *swaps, size_t count)
{
	size_t kept = 0;

	qsort(swaps, count, sizeof(*swaps), compare_sources);
	for (size_t i = 0; i < count; i++)
		if (!kept || swaps[kept - 1].source != swaps[i].source)
			swaps[kept++] = swaps[i];
	return kept;
}

/* The one on the path that this one's source left. */
static struct swap *next_of(struct swap *swaps, size_t count, const struct swap *swap)
{
	const struct swap key = { .known = swap->source };

	return bsearch(&key, swaps, count, sizeof(*swaps), compare_known);
}

/* From one on, to the end or round. */
static size_t take(struct swap *swaps, size_t count, bool *taken, size_t from, bool ring, struct swap *to)
{
	struct swap *at = &swaps[from];
	size_t n = 0;

	while (at && !taken[at - swaps]) {
		taken[at - swaps] = true;
		to[n] = *at;
		to[n].first = n == 0;
		to[n].ring = ring;
		to[n].last = false;
		n++;
		at = next_of(swaps, count, at);
	}
	to[n - 1].last = true;
	return n;
}

size_t swaps_order(struct swap *swaps, size_t count)
{
	size_t done = 0;
	struct swap *ordered;
	bool *taken, *follows;

	if (!count)
		return 0;
	count = drop_twins(swaps, count);
	qsort(swaps, count, sizeof(*swaps), compare_known);
	ordered = calloc(count, sizeof(*ordered));
	taken = calloc(count * 2, sizeof(*taken));
	if (!ordered || !taken)
		abort();
	follows = taken + count;
	for (size_t i = 0; i < count; i++) {
		const struct swap *next = next_of(swaps, count, &swaps[i]);

		if (next)
			follows[next - swaps] = true;
	}
	for (size_t i = 0; i < count; i++)
		if (!follows[i])
			done += take(swaps, count, taken, i, false, ordered + done);
	for (size_t i = 0; i < count; i++)
		if (!taken[i])
			done += take(swaps, count, taken, i, true, ordered + done);
	memcpy(swaps, ordered, count * sizeof(*swaps));
	free(ordered);
	free(taken);
	return count;
}
