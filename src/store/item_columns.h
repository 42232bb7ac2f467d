/* item_columns.h - what filters ask of items, a column at a time, in memory: for each item its values of one field, the
 * items that are in a state, or all items in one order. Private to src/store; kept and asked by item_sets.c.
 *
 * Items are counted by their place among all ids. Texts are kept once each and in small letters, as SQL compares them;
 * 100,000 items take 1 or 2 MB a column. */
#pragma once

#include "store/filter.h"
#include "store/item_query.h"
#include "store/table_marks.h"

enum item_order { ITEM_BY_TITLE, ITEM_BY_ADDED, ITEM_BY_YEAR, ITEM_BY_DURATION, ITEM_BY_MODIFIED, ITEM_BY_AIRED };
#define ITEM_ORDERS ITEM_BY_AIRED /* that are columns: what aired last depends on the time */

/* Fields by their number, then these. */
enum item_column_key {
	ITEM_COLUMN_STATES = FILTER_FIELD_COUNT,
	ITEM_COLUMN_HAS = ITEM_COLUMN_STATES + FILTER_STATE_COUNT, /* from FILTER_HAS_CHAPTERS on */
	ITEM_COLUMN_ORDERS = ITEM_COLUMN_HAS + 3,
	ITEM_COLUMN_IDS = ITEM_COLUMN_ORDERS + ITEM_ORDERS,
	ITEM_COLUMN_COUNT
};

struct item_column {
	bool loaded;
	struct table_mask reads;
	uint64_t sum; /* of the marks when it was read: valid while it is still that */

	size_t count;
	int64_t *ids;	  /* of the ids: by place; else NULL */
	uint32_t *places; /* of each value's item; of an order in that order */
	int64_t *numbers; /* the values; NULL: texts, or none */
	uint32_t *texts;  /* numbers of texts */

	char *blob; /* the texts, each once, a NUL before and after each */
	size_t blob_len;
	uint32_t *starts; /* in the blob */
	size_t text_count;
};

/* Reads a column: all but the ids themselves by the places in `ids`. `counts`: the marks as they were before. */
int item_column_load(struct item_column *ret, int key, const struct item_column *ids, const uint64_t *counts,
		     struct db *db, struct err *err);
void item_column_free(struct item_column *column);

#define ITEM_NOWHERE UINT32_MAX
uint32_t item_column_place(const struct item_column *ids, int64_t id); /* or ITEM_NOWHERE */

static inline void item_bit_set(uint64_t *bits, uint32_t place)
{
	bits[place / 64] |= UINT64_C(1) << place % 64;
}
static inline bool item_bit(const uint64_t *bits, uint32_t place)
{
	return bits[place / 64] >> place % 64 & 1;
}

/* Sets the bits of the items that have a value as the node says; false, and none set, when a column does not tell. */
bool item_column_match(const struct item_column *column, const struct filter_node *node, uint64_t *bits,
		       struct arena *arena);

/* ORDER BY of each, on `items i`. */
extern const char *const item_order_sql[ITEM_ORDERS + 1];
