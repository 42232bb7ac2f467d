/* by_id.h - lists in the order of an id: where one stands, or would. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The first element whose id is not below `id`; count when there is none. Elements have `size` bytes and begin with their id, an
 * int64_t. */
static inline size_t by_id_place(const void *list, size_t count, size_t size, int64_t id)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int64_t here;

		memcpy(&here, (const char *)list + middle * size, sizeof(here));
		if (here < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* For qsort() and bsearch() of the same. */
static inline int by_id_compare(const void *a, const void *b)
{
	int64_t x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}
