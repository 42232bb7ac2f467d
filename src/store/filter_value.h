/* filter_value.h - the value of one term of a filter, by the type of its field. Private to src/store; see
 * filter.h. */
#pragma once

#include "store/filter.h"

enum filter_type {
	FILTER_TYPE_KIND,
	FILTER_TYPE_TEXT,
	FILTER_TYPE_CODE,
	FILTER_TYPE_CODEC,
	FILTER_TYPE_RATING,
	FILTER_TYPE_ROOT,
	FILTER_TYPE_NUMBER,
	FILTER_TYPE_LINES,
	FILTER_TYPE_THOUSANDTHS,
	FILTER_TYPE_SIZE,
	FILTER_TYPE_DURATION,
	FILTER_TYPE_DATE,
	FILTER_TYPE_DATE_AHEAD,
	FILTER_TYPE_IS,
	FILTER_TYPE_HAS,
};

/* A field by its name, of len bytes, ignoring case; FILTER_FIELD_COUNT when there is none. */
enum filter_field filter_field_find(const char *name, size_t len);
/* The field whose name is nearest, or NULL when none is near. */
const char *filter_field_near(const char *name, size_t len);
enum filter_type filter_field_type(enum filter_field field);

/* Fills match, text, low and high of the node from one value. The sentence names the value, not the place. */
int filter_value(struct filter_node *node, const char *value, bool quoted, int64_t now_ms,
		 struct arena *arena, struct err *err);

/* The value of is: and has:. */
int filter_word_value(struct filter_node *node, const char *value, struct err *err);
/* Reads a whole value as a time: the first and the last ms of what it names. */
int filter_date(const char *value, bool ahead, int64_t now_ms, int64_t *ret_low, int64_t *ret_high,
		bool *ret_age, struct err *err);
