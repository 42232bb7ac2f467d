/* table_marks.h - how often each table and column has been written, counted in memory by the one writer, so that what
 * was read from them can be kept until then. Private to src/store.
 *
 * Names are hashed into slots: two that share one are taken for one, and what is kept is read anew too early, never
 * too late. A row that comes or goes counts for its table, a value that changes for its column; who reads a column
 * reads both. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

#define TABLE_SLOTS 1024

struct table_mask {
	uint64_t bits[TABLE_SLOTS / 64];
};

struct table_marks {
	_Atomic uint64_t counts[TABLE_SLOTS];
};

/* `column` NULL or "": the table. */
void table_mask_add(struct table_mask *mask, const char *table, const char *column);
void table_mask_merge(struct table_mask *mask, const struct table_mask *more);

struct table_marks *table_marks_new(void);
void table_marks_free(struct table_marks *marks); /* NULL is fine */
void table_marks_bump(struct table_marks *marks, const struct table_mask *mask);

/* The same until something of the mask is written; `counts` is of the marks, or a copy of them. */
void table_marks_copy(const struct table_marks *marks, uint64_t counts[TABLE_SLOTS]);
uint64_t table_marks_sum(const struct table_marks *marks, const struct table_mask *mask);
uint64_t table_counts_sum(const uint64_t counts[TABLE_SLOTS], const struct table_mask *mask);
