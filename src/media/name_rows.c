/* name_rows.c - see name_rows.h. */
#include "media/name_rows.h"

#include <stdio.h>
#include <string.h>

static const struct name_row *table_rows(enum name_table table, size_t *count)
{
	switch (table) {
	case NAME_TABLE_TECH:
		*count = name_rows_tech_count;
		return name_rows_tech;
	case NAME_TABLE_OTHER:
		*count = name_rows_other_count;
		return name_rows_other;
	case NAME_TABLE_SERVICE:
		*count = name_rows_service_count;
		return name_rows_service;
	default:
		*count = name_rows_language_count;
		return name_rows_language;
	}
}

/* Compares text with a key, blanks of the key left out; *prefix: text ended first and all of it agreed. */
static int compare(const char *text, size_t len, const char *key, bool *prefix)
{
	const unsigned char *k = (const unsigned char *)key;

	*prefix = false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (*k == ' ')
			k++;
		if (c != *k)
			return c < *k ? -1 : 1;
		k++;
	}
	if (!*k)
		return 0;
	*prefix = true;
	return -1;
}

/* Where the keys that begin with each of 0..9, a..z lie, and where the last of them ends: a look is a few steps in one
 * cache line, and most words end here. name_rows_sorted() tests it; the failing test prints what belongs here. */
#define FIRSTS 37
static const uint16_t firsts[NAME_TABLES][FIRSTS] = {
	[NAME_TABLE_TECH] = {
		0, 0, 5, 8, 8, 11, 13, 14, 15, 19, 19, 36, 59, 64, 113, 125, 129, 129, 158,
		158, 159, 160, 163, 173, 175, 178, 189, 189, 195, 219, 238, 245, 255, 269, 278, 278, 278,
	},
	[NAME_TABLE_OTHER] = {
		1, 1, 1, 2, 3, 10, 10, 10, 10, 10, 10, 22, 29, 47, 68, 81, 95, 96, 113,
		117, 117, 117, 124, 131, 134, 144, 155, 155, 182, 196, 202, 218, 219, 224, 226, 226, 227,
	},
	[NAME_TABLE_SERVICE] = {
		0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 34, 51, 81, 105, 112, 129, 136, 151,
		161, 164, 170, 174, 188, 205, 209, 222, 224, 237, 268, 287, 292, 309, 315, 316, 321, 323,
	},
	[NAME_TABLE_LANGUAGE] = {
		0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 23, 42, 57, 78, 92, 103, 117,
		131, 137, 145, 160, 182, 191, 191, 206, 206, 220, 257, 272, 281, 292, 293, 293, 293, 295,
	},
};

/* Place of a byte in firsts[], or -1. */
static int first_of(unsigned char c)
{
	return c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= '0' && c <= '9' ? c - '0' : -1;
}

const struct name_row *name_row_find(enum name_table table, const char *text, size_t len, bool *more)
{
	size_t count;
	const struct name_row *rows = table_rows(table, &count);
	size_t low = 0, high = count;
	bool prefix;
	int first;

	*more = false;
	if (!len)
		return NULL;
	first = first_of((unsigned char)*text);
	if (first >= 0) {
		low = firsts[table][first];
		high = firsts[table][first + 1];
		if (low == high)
			return NULL;
	}
	while (low < high) { /* first row not below text */
		size_t middle = (low + high) / 2;

		if (compare(text, len, rows[middle].key, &prefix) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count)
		return NULL;
	if (compare(text, len, rows[low].key, &prefix) == 0) {
		if (low + 1 < count) {
			compare(text, len, rows[low + 1].key, &prefix);
			*more = prefix;
		}
		return &rows[low];
	}
	*more = prefix;
	return NULL;
}

const struct name_row *name_row_any(const char *text, size_t len)
{
	static const enum name_table order[] = { NAME_TABLE_TECH, NAME_TABLE_OTHER, NAME_TABLE_LANGUAGE };
	bool more;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const struct name_row *row = name_row_find(order[i], text, len, &more);

		if (row)
			return row;
	}
	return NULL;
}

bool name_row_may_cut(const struct name_row *row, size_t offset)
{
	size_t at = 0;

	for (const char *k = row->key; *k; k++) {
		if (*k == ' ') {
			if (at == offset)
				return true;
			continue;
		}
		at++;
	}
	return false;
}

static bool firsts_fit(enum name_table table)
{
	size_t count;
	const struct name_row *rows = table_rows(table, &count);

	for (int i = 0; i < FIRSTS; i++) {
		unsigned char c = (unsigned char)"0123456789abcdefghijklmnopqrstuvwxyz{"[i];
		size_t n = 0;

		while (n < count && (unsigned char)*rows[n].key < c)
			n++;
		if (firsts[table][i] != n) {
			fprintf(stderr, "name_rows.c: firsts[%d]['%c'] should be %zu\n", (int)table, c, n);
			return false;
		}
	}
	return true;
}

bool name_rows_sorted(void)
{
	for (int t = 0; t < NAME_TABLES; t++) {
		size_t count;
		const struct name_row *rows = table_rows((enum name_table)t, &count);

		for (size_t i = 0; i + 1 < count; i++) {
			char glued[64];
			size_t len = 0;
			bool prefix;

			for (const char *k = rows[i].key; *k && len < sizeof(glued); k++) {
				if (*k != ' ')
					glued[len++] = *k;
			}
			if (compare(glued, len, rows[i + 1].key, &prefix) >= 0)
				return false;
		}
		if (!firsts_fit((enum name_table)t))
			return false;
	}
	return true;
}
