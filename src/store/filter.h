/* filter.h - the language in which items are asked for, as a tree.
 *
 *	kind:episode year:1978..1983 tag:western -rating:R ("exact words" OR words)
 *
 * Terms are joined by "and" unless OR (or |) stands between them; - or NOT negates; parentheses group. A term
 *is FIELD:VALUE, a word, or "words in this order". Values: texts (quoted: the whole value; * for anything;
 *a,b for either; none and any for unset and set), numbers, sizes, lengths, dates; with < <= > >= = or as a
 *range low..high, one end of which may be left out. docs/search.md says all of it.
 *
 * Pure: a text and the time give the tree. What the tree is in SQL is in filter_sql.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define FILTER_MAX_BYTES 4000
#define FILTER_MAX_TERMS 200
#define FILTER_MAX_DEPTH 24

/* name, other name or NULL, type of its values */
#define FILTER_FIELDS(X) \
	X(KIND, "kind", "type", KIND) \
	X(ID, "id", NULL, NUMBER) \
	X(TITLE, "title", "name", TEXT) \
	X(SHOW, "show", "series", TEXT) \
	X(EPISODE_TITLE, "episode_title", NULL, TEXT) \
	X(YEAR, "year", NULL, NUMBER) \
	X(SEASON, "season", NULL, NUMBER) \
	X(EPISODE, "episode", NULL, NUMBER) \
	X(AIRED, "aired", "date", DATE) \
	X(DAYPART, "daypart", NULL, CODE) \
	X(AIR_SEASON, "air_season", "airseason", CODE) \
	X(RATING, "rating", NULL, RATING) \
	X(COMPANY, "company", NULL, CODE) \
	X(CATEGORY, "category", NULL, CODE) \
	X(AUDIENCE, "audience", NULL, CODE) \
	X(WARNINGS, "warnings", "warning", TEXT) \
	X(NOTES, "notes", "note", TEXT) \
	X(EXPIRES, "expires", "expiry", DATE_AHEAD) \
	X(TAG, "tag", "tags", CODE) \
	X(PERSON, "person", "people", TEXT) \
	X(COLLECTION, "collection", "collections", CODE) \
	X(SOURCE, "source", NULL, CODE) \
	X(ADDED, "added", NULL, DATE) \
	X(CHANGED, "changed", "modified", DATE) \
	X(CHECKED, "checked", "validated", DATE) \
	X(DURATION, "duration", "length", DURATION) \
	X(SIZE, "size", NULL, SIZE) \
	X(HEIGHT, "height", NULL, LINES) \
	X(WIDTH, "width", NULL, NUMBER) \
	X(FPS, "fps", NULL, THOUSANDTHS) \
	X(BITRATE, "bitrate", "bit_rate", SIZE) \
	X(CHANNELS, "channels", NULL, NUMBER) \
	X(CODEC, "codec", NULL, CODEC) \
	X(VIDEO, "video", "video_codec", CODEC) \
	X(AUDIO, "audio", "audio_codec", CODEC) \
	X(CONTAINER, "container", "format", CODE) \
	X(LANG, "lang", "language", CODE) \
	X(SUBTITLES, "subtitles", "subtitle", CODE) \
	X(ROOT, "root", NULL, ROOT) \
	X(PATH, "path", "file", TEXT) \
	X(IS, "is", NULL, IS) \
	X(HAS, "has", NULL, HAS)

enum filter_field {
#define X(id, name, other, type) FILTER_##id,
	FILTER_FIELDS(X)
#undef X
		FILTER_FIELD_COUNT
};

/* What `is:` takes. */
#define FILTER_STATES(X) \
	X(MISSING, "missing") \
	X(UNKNOWN, "unknown") \
	X(DUPLICATE, "duplicate") \
	X(HIDDEN, "hidden") \
	X(UNPROBED, "unprobed") \
	X(FAILED, "failed") \
	X(INVALID, "invalid") \
	X(UNCHECKED, "unchecked") \
	X(EXPIRED, "expired") \
	X(INTERLACED, "interlaced") \
	X(MANUAL, "manual") \
	X(PLAYABLE, "playable")

enum filter_state {
#define X(id, name) FILTER_STATE_##id,
	FILTER_STATES(X)
#undef X
		FILTER_STATE_COUNT
};

enum filter_op {
	FILTER_ALL,  /* every child; of none: everything */
	FILTER_ANY,  /* one of the children */
	FILTER_NOT,  /* not its one child */
	FILTER_TERM, /* a field */
	FILTER_WORD, /* text is found in what is searched */
};

enum filter_match {
	FILTER_EXACT,	 /* text is the whole value, ignoring case */
	FILTER_CONTAINS, /* text is in the value */
	FILTER_PATTERN,	 /* text has * for anything */
	FILTER_RANGE,	 /* low..high, both within */
	FILTER_NONE,	 /* there is no value */
	FILTER_SOME,	 /* there is one */
	FILTER_IN_STATE, /* low is an enum filter_state */
	FILTER_HAS_IT,	 /* low is an enum filter_field, or FILTER_HAS_* */
};

/* What `has:` takes besides the names of fields. */
enum filter_has { FILTER_HAS_CHAPTERS = 1000, FILTER_HAS_BREAKS, FILTER_HAS_FILES };

struct filter_node {
	enum filter_op op;
	enum filter_field field;
	enum filter_match match;
	const char *text;
	int64_t low, high; /* numbers; ms; bytes; ms since 1970; thousandths; ages for ratings */
	const struct filter_node **children;
	size_t count;
	size_t at; /* byte in the text where it begins */
};

struct filter {
	const struct filter_node *root; /* FILTER_ALL */
	const char **words;		/* those that every item must have: the root's own */
	size_t word_count;
	uint64_t fields; /* bit of each enum filter_field that is named anywhere */
	bool hidden;	 /* hidden items are asked for */
};

/* "" and NULL are the filter that everything passes. ERR_USAGE with the place, counted in characters from 1.
 * Texts are copied into the arena. */
int filter_parse(const char *text, int64_t now_ms, struct arena *arena, struct filter *ret, struct err *err);

static inline bool filter_names(const struct filter *filter, enum filter_field field)
{
	return filter->fields >> field & 1;
}

/* The tree as text that parses to the same tree, for tests and for people. In the arena. */
const char *filter_format(const struct filter *filter, struct arena *arena);

/* A time as filters take it (a date, today, an age, which here lies ahead): its first and last ms. ERR_USAGE.
 */
int filter_time(const char *text, int64_t now_ms, int64_t *ret_first, int64_t *ret_last, bool *ret_age);

/* The field of this name, of len bytes, takes texts that may have spaces. */
bool filter_takes_text(const char *name, size_t len);

const char *filter_field_name(enum filter_field field);
