/* table.c - see table.h. Widths are those on the terminal (columns.h); texts that are too wide for it give way. */
#include "cli/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json_sort.h"
#include "base/clock.h"
#include "cli/columns.h"
#include "cli/options.h"

#define MAX_COLUMNS 32
#define NARROWEST 8 /* a text gives way down to so many columns */

struct table {
	const struct table_column *columns;
	size_t width; /* number of columns */
	struct arena arena;
	const char **cells;
	size_t count, cap;
};

struct table *table_new(const struct table_column *columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		abort();
	table->columns = columns;
	while (columns[table->width].heading && table->width < MAX_COLUMNS)
		table->width++;
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	arena_free(&table->arena);
	free(table);
}

void table_add(struct table *table, const char *text)
{
	ARENA_GROW(&table->arena, table->cells, table->count, table->cap);
	table->cells[table->count++] = arena_strdup(&table->arena, text);
}

void table_addf(struct table *table, const char *format, ...)
{
	CLEANUP(cleanup_free) char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	table_add(table, text);
}

void table_add_int(struct table *table, int64_t value)
{
	table_addf(table, "%lld", (long long)value);
}

static const char *cell(const struct table *table, size_t row, size_t column)
{
	return table->cells[row * table->width + column];
}

static size_t rows_of(const struct table *table)
{
	return table->count / table->width;
}

static void print_json(const struct table *table, FILE *out, int64_t total)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	buf_addf(&b, "{\"total\":%lld,\"items\":[", (long long)total);
	for (size_t r = 0; r < rows_of(table); r++) {
		buf_adds(&b, r ? ",{" : "{");
		for (size_t c = 0; c < table->width; c++) {
			const char *text = cell(table, r, c);

			buf_addf(&b, "%s\"%s\":", c ? "," : "", table->columns[c].key);
			if (!text)
				buf_adds(&b, "null");
			else if (table->columns[c].kind != TABLE_NUMBER && table->columns[c].kind != TABLE_BOOL)
				buf_add_json(&b, text);
			else if (table->columns[c].kind == TABLE_BOOL)
				buf_adds(&b, strcmp(text, "0") == 0 || !*text ? "false" : "true");
			else
				buf_adds(&b, *text ? text : "null");
		}
		buf_addc(&b, '}');
	}
	buf_adds(&b, "]}\n");
	fwrite(b.data, 1, b.len, out);
}

static void print_tabs(const struct table *table, FILE *out)
{
	for (size_t r = 0; r < rows_of(table); r++) {
		for (size_t c = 0; c < table->width; c++) {
			const char *text = cell(table, r, c);

			if (c)
				fputc('\t', out);
			if (text)
				columns_put(out, text, SIZE_MAX, false);
		}
		fputc('\n', out);
	}
}

/* What a cell shows on a terminal: an instant in local time, to the second. */
static const char *shown(const struct table *table, size_t row, size_t column, char *to, size_t size)
{
	const char *text = cell(table, row, column);
	int64_t ms;
	time_t seconds;
	struct tm local;

	if (!text)
		return "";
	if (table->columns[column].kind != TABLE_TIME || clock_parse(text, &ms, NULL) < 0)
		return text;
	seconds = (time_t)(ms / 1000);
	return localtime_r(&seconds, &local) && strftime(to, size, "%Y-%m-%d %H:%M:%S", &local) ? to : text;
}

static bool gives_way(enum table_kind kind)
{
	return kind == TABLE_TEXT || kind == TABLE_PATH;
}

/* Texts give way, the widest first, until a line fits; numbers and times never do. */
static void fit(const struct table *table, size_t *widths, size_t columns)
{
	size_t sum = 2 * (table->width - 1);

	for (size_t c = 0; c < table->width; c++)
		sum += widths[c];
	for (; sum > columns; sum--) {
		size_t widest = MAX_COLUMNS;

		for (size_t c = 0; c < table->width; c++)
			if (gives_way(table->columns[c].kind) && widths[c] > NARROWEST &&
			    (widest == MAX_COLUMNS || widths[c] > widths[widest]))
				widest = c;
		if (widest == MAX_COLUMNS)
			return;
		widths[widest]--;
	}
}

static void print_cell(FILE *out, const char *text, size_t width, enum table_kind kind, bool last)
{
	size_t n = columns_of(text);

	if (kind == TABLE_NUMBER && n < width)
		fprintf(out, "%*s", (int)(width - n), "");
	n = columns_put(out, text, width, kind == TABLE_PATH);
	if (kind != TABLE_NUMBER && !last && n < width)
		fprintf(out, "%*s", (int)(width - n), "");
	fputs(last ? "\n" : "  ", out);
}

static void print_aligned(const struct table *table, const struct command_context *ctx)
{
	size_t widths[MAX_COLUMNS];
	char time[40];

	for (size_t c = 0; c < table->width; c++) {
		widths[c] = columns_of(table->columns[c].heading);
		for (size_t r = 0; r < rows_of(table); r++) {
			size_t n = columns_of(shown(table, r, c, time, sizeof(time)));

			widths[c] = n > widths[c] ? n : widths[c];
		}
	}
	fit(table, widths, (size_t)ctx->columns);
	if (ctx->color)
		fputs("\033[2m", ctx->out);
	for (size_t c = 0; c < table->width; c++)
		print_cell(ctx->out, table->columns[c].heading, widths[c],
			   table->columns[c].kind == TABLE_NUMBER ? TABLE_NUMBER : TABLE_TEXT, c + 1 == table->width);
	if (ctx->color)
		fputs("\033[0m", ctx->out);
	for (size_t r = 0; r < rows_of(table); r++)
		for (size_t c = 0; c < table->width; c++)
			print_cell(ctx->out, shown(table, r, c, time, sizeof(time)), widths[c], table->columns[c].kind,
				   c + 1 == table->width);
}

void table_print(const struct table *table, const struct command_context *ctx, int64_t total)
{
	if (ctx->json)
		print_json(table, ctx->out, total);
	else if (ctx->out_tty)
		print_aligned(table, ctx);
	else
		print_tabs(table, ctx->out);
}

void table_print_json(const struct command_context *ctx, const json_t *json)
{
	json_dumpf(json, ctx->out, JSON_COMPACT);
	fputc('\n', ctx->out);
}

/* ---- lists ---- */

static void add_json(struct table *table, const json_t *json)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	json_write(&text, json);
	table_add(table, buf_text(&text));
}

static void add_cell(struct table *table, const json_t *value)
{
	if (json_is_string(value))
		table_add(table, json_string_value(value));
	else if (json_is_integer(value))
		table_add_int(table, json_integer_value(value));
	else if (!value || json_is_null(value))
		table_add(table, NULL);
	else
		add_json(table, value);
}

int table_sort(const struct command_context *ctx, const char *keys, json_t *list, struct err *err)
{
	const char *sort = command_text(ctx, "sort", NULL);

	if (!sort || !list)
		return 0;
	if (!option_is_choice(keys, sort + (*sort == '-')))
		return err_set(err, ERR_USAGE, "--sort: '%.40s' is none of %s, nor one of these with - before it", sort, keys);
	return json_sort(json_object_get(list, "items"), sort, err);
}

int table_list(const struct command_context *ctx, const struct table_column *columns, json_t *list, struct err *err)
{
	CLEANUP(json_cleanup) json_t *owned = list;
	const json_t *items = json_object_get(owned, "items");
	struct table *table;

	if (!owned)
		return -(int)(err ? err->code : ERR_STORE);
	if (ctx->json) {
		table_print_json(ctx, owned);
		return 0;
	}
	table = table_new(columns);
	for (size_t i = 0; i < json_array_size(items); i++)
		for (const struct table_column *c = columns; c->heading; c++)
			add_cell(table, json_object_get(json_array_get(items, i), c->key));
	table_print(table, ctx, json_int(owned, "total", 0));
	table_free(table);
	return 0;
}
