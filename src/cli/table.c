/* table.c - see table.h. Widths count characters, not bytes; on a terminal the widest text column gives way. */
#include "cli/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"

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
	while (columns[table->width].heading)
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
			else if (table->columns[c].kind == TABLE_TEXT)
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

/* Control characters, tabs and newlines in names must not break a line or drive a terminal. */
static void put_clean(FILE *out, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes;) {
		size_t n = utf8_char(text + i, bytes - i);
		unsigned char c = (unsigned char)text[i];

		if (!n || c < 0x20 || c == 0x7F)
			fputs(n ? " " : "\xEF\xBF\xBD", out);
		else
			fwrite(text + i, 1, n, out);
		i += n ? n : 1;
	}
}

static void print_tabs(const struct table *table, FILE *out)
{
	for (size_t r = 0; r < rows_of(table); r++) {
		for (size_t c = 0; c < table->width; c++) {
			const char *text = cell(table, r, c);

			if (c)
				fputc('\t', out);
			if (text)
				put_clean(out, text, strlen(text));
		}
		fputc('\n', out);
	}
}

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static size_t bytes_of(const char *text, size_t max_characters)
{
	size_t at = 0;

	while (text[at] && max_characters) {
		at++;
		while (((unsigned char)text[at] & 0xC0) == 0x80)
			at++;
		max_characters--;
	}
	return at;
}

static void print_cell(FILE *out, const char *text, size_t width, enum table_kind kind, bool last)
{
	size_t n = characters(text);

	if (n > width) {
		put_clean(out, text, bytes_of(text, width - 1));
		fputs("\xE2\x80\xA6", out); /* ellipsis */
	} else {
		if (kind == TABLE_NUMBER)
			fprintf(out, "%*s", (int)(width - n), "");
		put_clean(out, text, strlen(text));
		if (kind != TABLE_NUMBER && !last)
			fprintf(out, "%*s", (int)(width - n), "");
	}
	fputs(last ? "\n" : "  ", out);
}

static void fit(const struct table *table, size_t *widths, size_t columns)
{
	size_t sum = 2 * (table->width - 1), widest = 0;

	for (size_t c = 0; c < table->width; c++) {
		sum += widths[c];
		if (widths[c] > widths[widest])
			widest = c;
	}
	if (sum > columns && widths[widest] > sum - columns + 8)
		widths[widest] -= sum - columns;
}

static void print_aligned(const struct table *table, const struct command_context *ctx)
{
	size_t widths[32];

	for (size_t c = 0; c < table->width && c < 32; c++) {
		widths[c] = characters(table->columns[c].heading);
		for (size_t r = 0; r < rows_of(table); r++)
			if (cell(table, r, c) && characters(cell(table, r, c)) > widths[c])
				widths[c] = characters(cell(table, r, c));
	}
	fit(table, widths, (size_t)ctx->columns);
	if (ctx->color)
		fputs("\033[2m", ctx->out);
	for (size_t c = 0; c < table->width; c++)
		print_cell(ctx->out, table->columns[c].heading, widths[c], table->columns[c].kind,
			   c + 1 == table->width);
	if (ctx->color)
		fputs("\033[0m", ctx->out);
	for (size_t r = 0; r < rows_of(table); r++)
		for (size_t c = 0; c < table->width; c++)
			print_cell(ctx->out, cell(table, r, c) ? cell(table, r, c) : "", widths[c],
				   table->columns[c].kind, c + 1 == table->width);
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
