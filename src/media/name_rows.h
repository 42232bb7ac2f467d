/* name_rows.h - the words that file names use, as sorted tables. See name_rows_*.c for the rows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/name.h"

/* Words that are no property themselves but say what a number or a language beside them means. */
enum {
	NAME_KEY_SEASON = NAME_PROPERTY_COUNT,
	NAME_KEY_EPISODE,
	NAME_KEY_PART,
	NAME_KEY_CD,
	NAME_KEY_SUB,
	NAME_KEY_TAG, /* "forced", "sdh" of a subtitle file */
};

enum name_row_flags {
	ROW_STRONG = 1,	    /* means it wherever it stands */
	ROW_TECH = 2,	    /* means it beside another one, or when nothing but such words follow */
	ROW_WEAK = 4,	    /* an everyday word: only behind the title, see name_zone.c */
	ROW_KEY = 8,	    /* says what the number beside it is */
	ROW_SERVICE = 16,   /* only before a source or behind a size */
	ROW_RIP = 32,	    /* other: Rip too */
	ROW_REENCODED = 64, /* other: Reencoded too */
	ROW_AUDIO = 128,    /* channels may follow, "DD5.1" */
	ROW_LANG = 256,
	ROW_SHORT = 512,   /* a code, "eng" */
	ROW_TWO = 1024,	   /* of two letters */
	ROW_PROPER = 2048, /* counts for proper_count */
	ROW_JUNK = 4096,   /* put behind the release group by someone else */
};

struct name_row {
	const char *key;
	int property;
	const char *value;
	unsigned flags;
	int property2;
	const char *value2;
};

enum name_table { NAME_TABLE_TECH, NAME_TABLE_OTHER, NAME_TABLE_SERVICE, NAME_TABLE_LANGUAGE, NAME_TABLES };

extern const struct name_row name_rows_tech[], name_rows_other[], name_rows_service[], name_rows_language[];
extern const size_t name_rows_tech_count, name_rows_other_count, name_rows_service_count,
	name_rows_language_count;

/* The row whose key without blanks is `text`; NULL. *more: longer keys begin with it. */
const struct name_row *name_row_find(enum name_table table, const char *text, size_t len, bool *more);

/* The same in all tables but services, for one word. */
const struct name_row *name_row_any(const char *text, size_t len);

/* The name may be cut after `offset` bytes of the key without blanks. */
bool name_row_may_cut(const struct name_row *row, size_t offset);

bool name_rows_sorted(void); /* for the test */
