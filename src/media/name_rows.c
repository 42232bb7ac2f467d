/* name_rows.c - see name_rows.h. */
#include "media/name_rows.h"

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

const struct name_row *name_row_find(enum name_table table, const char *text, size_t len, bool *more)
{
	size_t count;
	const struct name_row *rows = table_rows(table, &count);
	size_t low = 0, high = count;
	bool prefix;

	*more = false;
	if (!len)
		return NULL;
	while (low < high) { /* first row not below text */
		size_t middle = (low + high) / 2;
		unsigned char c = (unsigned char)*rows[middle].key;

		if (c != (unsigned char)*text) {
			if (c < (unsigned char)*text)
				low = middle + 1;
			else
				high = middle;
			continue;
		}
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
	}
	return true;
}
