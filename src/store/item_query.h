/* item_query.h - struct item_query as SQL conditions on `items i` (and `files f`). Private to src/store. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "store/items.h"

#define ITEM_QUERY_VALUES 24

/* Conditions, each begun with " AND ", and their values in order. Texts live in the arena. */
struct item_condition {
	struct buf sql;
	const char *texts;  /* the table (rowid, text) in which the search text is looked for */
	const char *search; /* the part of it that stands for the search text, on that table */
	char types[ITEM_QUERY_VALUES + 1];
	union {
		int64_t number;
		const char *text;
	} values[ITEM_QUERY_VALUES];
	int count;
};

/* `with_files`: f is in the query, and a root is asked of it directly. Free with item_condition_free(). */
void item_condition_init(struct item_condition *ret, const struct item_query *query, bool with_files,
			 struct arena *arena);
void item_condition_bind(const struct item_condition *condition, sqlite3_stmt *stmt);
void item_condition_free(struct item_condition *condition);
