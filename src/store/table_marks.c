/* table_marks.c - see table_marks.h. */
#include "store/table_marks.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

void table_mask_add(struct table_mask *mask, const char *table, const char *column)
{
	uint64_t seed = column && *column ? XXH3_64bits(column, strlen(column)) : 0;
	size_t slot = XXH3_64bits_withSeed(table, strlen(table), seed) % TABLE_SLOTS;

	mask->bits[slot / 64] |= UINT64_C(1) << slot % 64;
}

void table_mask_merge(struct table_mask *mask, const struct table_mask *more)
{
	for (size_t i = 0; i < TABLE_SLOTS / 64; i++)
		mask->bits[i] |= more->bits[i];
}

struct table_marks *table_marks_new(void)
{
	struct table_marks *marks = calloc(1, sizeof(*marks));

	if (!marks)
		abort();
	return marks;
}

void table_marks_free(struct table_marks *marks)
{
	free(marks);
}

void table_marks_bump(struct table_marks *marks, const struct table_mask *mask)
{
	for (size_t i = 0; i < TABLE_SLOTS; i++)
		if (mask->bits[i / 64] >> i % 64 & 1)
			atomic_fetch_add(&marks->counts[i], 1);
}

void table_marks_copy(const struct table_marks *marks, uint64_t counts[TABLE_SLOTS])
{
	for (size_t i = 0; i < TABLE_SLOTS; i++)
		counts[i] = atomic_load(&marks->counts[i]);
}

uint64_t table_marks_sum(const struct table_marks *marks, const struct table_mask *mask)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < TABLE_SLOTS / 64; i++)
		for (uint64_t bits = mask->bits[i]; bits; bits &= bits - 1)
			sum += atomic_load(&marks->counts[i * 64 + (size_t)__builtin_ctzll(bits)]);
	return sum;
}

uint64_t table_counts_sum(const uint64_t counts[TABLE_SLOTS], const struct table_mask *mask)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < TABLE_SLOTS / 64; i++)
		for (uint64_t bits = mask->bits[i]; bits; bits &= bits - 1)
			sum += counts[i * 64 + (size_t)__builtin_ctzll(bits)];
	return sum;
}
