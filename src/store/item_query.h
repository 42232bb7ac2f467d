/* item_query.h - struct item_query as SQL conditions on `items i` (and `files f`). Private to src/store. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "store/filter.h"
#include "store/items.h"

struct item_value {
	char type; /* of db_bind(): i t b */
	int64_t number;
	const char *text;
};

/* Conditions, each begun with " AND ", and their values in order. Texts live in the arena. */
struct item_condition {
	struct buf sql;
	struct arena *arena;
	struct item_value *values;
	size_t count, cap;
	struct filter filter; /* of query->search */
};

/* `with_files`: f is in the query, and a root is asked of it directly. Whether hidden items are meant is part of the
 * conditions. `without_words`: the words that all must have are left out; they are looked for elsewhere. ERR_USAGE when
 * the search cannot be understood; `db` is asked for smart collections only. Free with item_condition_free(), in any case. */
int item_condition_init(struct item_condition *ret, struct db *db, const struct item_query *query, bool with_files,
			bool without_words, struct arena *arena, struct err *err);
/* The values from parameter `first` (1) on. */
void item_condition_bind(const struct item_condition *condition, sqlite3_stmt *stmt, int first);
void item_condition_free(struct item_condition *condition);

/* Rows of items and their files (i and f are in `select`, which ends within its WHERE) that the query means, or all of
 * them without one, as db_rows(). */
int item_query_rows(struct db *db, const char *select, const char *order, const struct item_query *query, size_t size,
		    db_reader *read, struct arena *arena, struct db_rows *ret, struct err *err);

void item_condition_text(struct item_condition *c, char type, const char *text);
void item_condition_number(struct item_condition *c, int64_t number);

/* Adds what the query says besides its search and kind: show and root. `with_files` as above. */
void item_condition_place(struct item_condition *c, const struct item_query *query, bool with_files);

/* filter_sql.c: adds the tree as one condition, without " AND ". */
void filter_sql(struct item_condition *c, const struct filter_node *node);
/* A pattern of LIKE with '\' as escape: `wild` lets * stand for anything, `around` lets anything be on both sides. */
const char *filter_like(struct arena *arena, const char *text, bool wild, bool around);
