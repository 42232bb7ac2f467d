/* item_rows.h - rows of items as JSON. Private to src/store; items_json.c and items_list.c ask for them. */
#pragma once

#include "base/json.h"
#include "store/db.h"

/* A query of items begins with these columns, of `items i` and its parents. */
#define ITEM_COLUMNS \
	"SELECT i.id, i.kind, i.title, i.sort_title, i.year, i.season, i.episode, i.episode_title, i.duration_ms, " \
	"CASE a.kind WHEN 'show' THEN a.title WHEN 'season' THEN b.title END, " \
	"CASE a.kind WHEN 'show' THEN a.id WHEN 'season' THEN b.id END, i.air_date, i.added_ms "
#define ITEM_PARENTS "LEFT JOIN items a ON a.id = i.parent_id LEFT JOIN items b ON b.id = a.parent_id "

/* Reads all rows of stmt as items into an array, each with a summary of its files; ends the statement. */
json_t *item_rows_json(struct db *db, sqlite3_stmt *stmt, struct err *err);

/* Columns as JSON; null for NULL, for "", and where said for what is not above 0. Texts may come from file names of any
 * bytes. */
json_t *item_text_json(const char *text);
json_t *item_column_text(sqlite3_stmt *stmt, int column);
json_t *item_column_path(sqlite3_stmt *stmt, int root, int path); /* both together */
json_t *item_column_number(sqlite3_stmt *stmt, int column);
json_t *item_column_positive(sqlite3_stmt *stmt, int column);
json_t *item_time_json(int64_t ms);
