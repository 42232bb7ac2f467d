/* filter_columns.h - where the fields of filters are in the store, and what states are. Private to src/store; put together
 * as conditions in filter_sql.c, as columns in memory in item_columns.c. */
#pragma once

#include "store/filter.h"

enum filter_scope {
	FILTER_OF_ITEM,   /* an expression on i */
	FILTER_INHERITED, /* a column of items: the item's own, or its parents' */
	FILTER_OF_SHOW,
	FILTER_OF_FILE, /* an expression on f, p and r: one of the item's files */
	FILTER_LISTED,	/* a row of a table with item_id */
	FILTER_STREAMS, /* a language of one of the streams */
};

struct filter_column {
	enum filter_scope scope;
	const char *sql, *more; /* LISTED: the table and its column; STREAMS: the type */
};

extern const struct filter_column filter_columns[FILTER_FIELD_COUNT];

/* Conditions on i; that of FILTER_STATE_EXPIRED has a parameter, the time in ms. */
extern const char *const filter_states[FILTER_STATE_COUNT];

#define FILTER_FILES "SELECT 1 FROM item_files x JOIN files f ON f.id = x.file_id WHERE x.item_id = i.id"

/* The code of three letters that files have for one of two that people say; other texts as they are. */
const char *filter_language(const char *code);
