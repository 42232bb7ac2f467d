/* schedule_rank.c - see schedule_rank.h. */
#include "station/schedule_rank.h"

#include <xxhash.h>

uint64_t schedule_hash(uint64_t seed, int64_t cycle, int64_t item_id)
{
	uint8_t bytes[16];

	for (int i = 0; i < 8; i++) {
		bytes[i] = (uint8_t)((uint64_t)cycle >> 8 * i);
		bytes[8 + i] = (uint8_t)((uint64_t)item_id >> 8 * i);
	}
	return XXH3_64bits_withSeed(bytes, sizeof(bytes), seed);
}

int schedule_by_hash(const void *a, const void *b)
{
	const struct schedule_ranked *p = a, *q = b;

	if (p->hash != q->hash)
		return p->hash < q->hash ? -1 : 1;
	return p->item->item_id < q->item->item_id ? -1 : p->item->item_id > q->item->item_id;
}

size_t schedule_rank_after(const struct schedule_ranked *ranked, size_t count, uint64_t hash, int64_t item_id)
{
	size_t low = 0, high = count;

	while (item_id && low < high) {
		size_t middle = low + (high - low) / 2;
		const struct schedule_ranked *r = &ranked[middle];

		if (r->hash < hash || (r->hash == hash && r->item->item_id <= item_id))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
