/* table.h - a listing: aligned columns with headings on a terminal, tab-separated without headings in a pipe,
 * one JSON document with --json. Rows are added as texts; numbers keep their JSON type by the column's kind. */
#pragma once

#include <stdint.h>

#include "base/json.h"
#include "cli/command.h"

enum table_kind {
	TABLE_TEXT,
	TABLE_NUMBER,
	TABLE_BOOL,
	TABLE_TIME, /* RFC 3339; on a terminal in local time */
	TABLE_PATH, /* a text whose end says most: cut at its front */
};

struct table_column {
	const char *heading; /* "Title" */
	const char *key;     /* "title", for JSON */
	enum table_kind kind;
};

struct table;

/* As JSON: {"total": N, "items": [...]}. Columns end with heading NULL. */
struct table *table_new(const struct table_column *columns);
void table_add(struct table *table, const char *text); /* next cell, row by row; NULL is an empty cell / JSON null */
void table_addf(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_add_int(struct table *table, int64_t value);
void table_print(const struct table *table, const struct command_context *ctx, int64_t total); /* {"total", "items"} */
void table_free(struct table *table);

/* All of a list {"total", "items"}, each cell by its column's key; with --json the list as it is. `list` is taken; NULL fails with
 * what err says. */
int table_list(const struct command_context *ctx, const struct table_column *columns, json_t *list, struct err *err);

/* The items of such a list as --sort says, which may be one of `keys`, "at|size", with - before it from the last to the first. */
int table_sort(const struct command_context *ctx, const char *keys, json_t *list, struct err *err);

/* The whole answer of a command with --json, in one line. */
void table_print_json(const struct command_context *ctx, const json_t *json);
