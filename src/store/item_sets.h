/* item_sets.h - lists of items by a filter, answered from columns in memory.
 *
 * A filter becomes one bit an item; counting, sorting and the thousandth page of a list cost some 10,000 instructions.
 * A store has one for all its readers. Columns are read when a list has asked for them, by item_sets_warm(), and
 * hold until what they were read from is written: meanwhile, and until they are read again, lists are answered by
 * SQL. So nobody waits for a column, and nobody sees an old one.
 *
 * Private to src/store; how a column is read and asked: item_columns.c. */
#pragma once

#include "store/item_columns.h"
#include "store/search_index.h"

struct item_sets;

struct item_sets *item_sets_new(const struct table_marks *marks); /* borrowed */
void item_sets_free(struct item_sets *sets);			 /* NULL is fine */

struct item_page {
	int64_t total;
	int64_t *ids; /* of the page, in order; in the arena */
	size_t count;
};

/* The page that the query asks for. `hits`: of the words that all must have, or NULL when there are none; `by_hits`:
 * in their order, else in `order`. 1; 0 when not all is in memory: nothing was written to `ret`, and item_sets_wanted()
 * is true when that can be helped; <0 with err. */
int item_sets_page(struct item_sets *sets, struct db *db, const struct item_query *query, const struct filter *filter,
		   const struct search_hits *hits, bool by_hits, enum item_order order, struct arena *arena,
		   struct item_page *ret, struct err *err);

/* True once: somebody should call item_sets_warm() now. */
bool item_sets_wanted(struct item_sets *sets);
/* Reads what was asked for and is not there, with a reader of the calling thread; a fraction of a second. Columns that
 * were not asked for in a while are dropped. */
int item_sets_warm(struct item_sets *sets, struct db *db, struct err *err);
