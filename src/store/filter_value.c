/* filter_value.c - see filter_value.h. A value that names a unit means all of it: `size:2GB` is 2 GB and less
 * than 3, `duration:30m` is half an hour and some seconds, `added:2024` the whole year. */
#include "store/filter_value.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "store/rating.h"

#define LEAST INT64_MIN
#define MOST INT64_MAX
#define LARGE 4e18 /* numbers above are no numbers of ours */

struct unit {
	const char *name;
	double factor;
};

static const struct unit sizes[] = { { "", 1 },
				     { "b", 1 },
				     { "k", 1e3 },
				     { "kb", 1e3 },
				     { "kib", 1024 },
				     { "m", 1e6 },
				     { "mb", 1e6 },
				     { "mib", 1048576 },
				     { "g", 1e9 },
				     { "gb", 1e9 },
				     { "gib", 1073741824 },
				     { "t", 1e12 },
				     { "tb", 1e12 },
				     { "tib", 1099511627776. },
				     { NULL, 0 } };
static const struct unit lengths[] = { { "ms", 1 },   { "", 1e3 },     { "s", 1e3 },	{ "sec", 1e3 },
				       { "m", 60e3 }, { "min", 60e3 }, { "h", 3600e3 }, { NULL, 0 } };
static const struct unit lines[] = {
	{ "", 1 }, { "p", 1 }, { "i", 1 }, { "k", 540 }, { NULL, 0 }
}; /* 4k: 2160 */
static const struct unit wholes[] = { { "", 1 }, { NULL, 0 } };
static const struct unit thousandths[] = { { "", 1e3 }, { "fps", 1e3 }, { NULL, 0 } };

/* What people say for what the store says. */
static const char *const kinds[][2] = {
	{ "movies", "movie" },	  { "film", "movie" },
	{ "films", "movie" },	  { "shows", "show" },
	{ "series", "show" },	  { "episodes", "episode" },
	{ "seasons", "season" },  { "commercials", "commercial" },
	{ "spot", "commercial" }, { "spots", "commercial" },
	{ "bumpers", "bumper" },  { "idents", "ident" },
	{ "promos", "promo" },	  { "fillers", "filler" },
	{ "tracks", "track" },	  { "music", "track" },
};
static const char *const codecs[][2] = {
	{ "h.264", "h264" },	   { "x264", "h264" }, { "avc", "h264" },    { "h265", "hevc" },
	{ "h.265", "hevc" },	   { "x265", "hevc" }, { "xvid", "mpeg4" },  { "divx", "mpeg4" },
	{ "mpeg2", "mpeg2video" }, { "ac-3", "ac3" },  { "e-ac-3", "eac3" }, { "ddp", "eac3" },
	{ "dd", "ac3" },	   { "mp2", "mp2" },
};

static int bad(const struct filter_node *node, const char *value, const char *wanted, struct err *err)
{
	return err_set(err, ERR_USAGE, "'%s:' takes %s, not '%.40s'", filter_field_name(node->field), wanted,
		       value);
}

/* ---- numbers with a unit ---- */

static const char *wanted_of(enum filter_type type)
{
	switch (type) {
	case FILTER_TYPE_SIZE:
		return "a size as 700M or 2GB";
	case FILTER_TYPE_DURATION:
		return "a length as 90s, 30m, 1:30:00 or 2h";
	case FILTER_TYPE_LINES:
		return "a number of lines as 720 or 1080p";
	case FILTER_TYPE_RATING:
		return "a rating as PG-13 or TV-14";
	case FILTER_TYPE_DATE:
	case FILTER_TYPE_DATE_AHEAD:
		return "a date as 2024, 2024-05-31, today or 7d";
	default:
		return "a number";
	}
}

static const struct unit *units_of(enum filter_type type)
{
	switch (type) {
	case FILTER_TYPE_SIZE:
		return sizes;
	case FILTER_TYPE_DURATION:
		return lengths;
	case FILTER_TYPE_LINES:
		return lines;
	case FILTER_TYPE_THOUSANDTHS:
		return thousandths;
	default:
		return wholes;
	}
}

/* "1:30:00", "1:30" to ms. */
static bool clock_length(const char *value, double *ret)
{
	double total = 0;
	int parts = 0;

	for (const char *at = value;; at++) {
		char *end;
		double part = isdigit((unsigned char)*at) ? strtod(at, &end) : -1;

		if (part < 0 || part > 1e6 || ++parts > 3)
			return false;
		total = total * 60 + part;
		at = end;
		if (!*at)
			break;
		if (*at != ':')
			return false;
	}
	*ret = total * 1e3;
	return parts > 1;
}

/* A number and its unit: the first and the last value that it stands for. */
static bool unit_number(const char *value, enum filter_type type, int64_t *ret_low, int64_t *ret_high)
{
	const struct unit *unit = units_of(type);
	char *end;
	double number, step;

	if (type == FILTER_TYPE_DURATION && clock_length(value, &number)) {
		*ret_low = llround(number);
		*ret_high = *ret_low + 999;
		return true;
	}
	if (!isdigit((unsigned char)value[0]))
		return false;
	number = strtod(value, &end);
	while (unit->name && strcasecmp(unit->name, end) != 0)
		unit++;
	if (!unit->name || !isfinite(number) || number * unit->factor > LARGE || strpbrk(value, "xX"))
		return false;
	*ret_low = llround(number * unit->factor);
	step = memchr(value, '.', (size_t)(end - value)) ? unit->factor / 10 : unit->factor;
	if (type == FILTER_TYPE_LINES)
		step = 1;
	*ret_high = *ret_low + (step > 1 ? llround(step) - 1 : 0);
	return true;
}

static int bounds(const struct filter_node *node, const char *value, int64_t now_ms, int64_t *low,
		  int64_t *high, bool *ret_age, struct err *err)
{
	enum filter_type type = filter_field_type(node->field);

	*ret_age = false;
	if (type == FILTER_TYPE_DATE || type == FILTER_TYPE_DATE_AHEAD) {
		if (filter_date(value, type == FILTER_TYPE_DATE_AHEAD, now_ms, low, high, ret_age, NULL) == 0)
			return 0;
	} else if (type == FILTER_TYPE_RATING) {
		*low = *high = rating_age(value);
		if (*low >= 0)
			return 0;
	} else if (unit_number(value, type, low, high)) {
		return 0;
	}
	return bad(node, value, wanted_of(type), err);
}

/* ---- comparisons and ranges ---- */

static int compared(struct filter_node *node, const char *value, int64_t now_ms, struct err *err)
{
	bool less = *value == '<', with = value[1] == '=', age;
	int64_t low, high;
	enum filter_type type = filter_field_type(node->field);
	int rc = bounds(node, value + 1 + with, now_ms, &low, &high, &age, err);

	if (rc < 0)
		return rc;
	/* An age runs the other way: `added:<7d` is after the day a week ago. */
	if (age && type == FILTER_TYPE_DATE)
		less = !less;
	node->low = less ? LEAST : with ? low : high + 1;
	node->high = !less ? MOST : with ? high : low - 1;
	if (age) {
		node->low = less ? LEAST : low;
		node->high = less ? low : MOST;
	}
	/* Ahead: `expires:<7d` has not expired yet, or is about to. */
	return 0;
}

static int ranged(struct filter_node *node, const char *value, const char *dots, int64_t now_ms,
		  struct arena *arena, struct err *err)
{
	const char *first = arena_strndup(arena, value, (size_t)(dots - value)), *last = dots + 2;
	int64_t low = LEAST, high = MOST, low_end, high_begin;
	bool age;

	if (!*first && !*last)
		return bad(node, value, wanted_of(filter_field_type(node->field)), err);
	if ((*first && bounds(node, first, now_ms, &low, &low_end, &age, err) < 0) ||
	    (*last && bounds(node, last, now_ms, &high_begin, &high, &age, err) < 0))
		return -(int)ERR_USAGE;
	if (low > high)
		return err_set(err, ERR_USAGE, "the range '%.60s' ends before it begins", value);
	node->low = low;
	node->high = high;
	return 0;
}

/* "#1..2" as filter_format() writes it. */
static bool stored(struct filter_node *node, const char *value)
{
	char *end;

	if (*value != '#')
		return false;
	errno = 0;
	node->low = strtoll(value + 1, &end, 10);
	if (errno || end == value + 1 || strncmp(end, "..", 2) != 0)
		return false;
	value = end + 2;
	node->high = strtoll(value, &end, 10);
	return !errno && end != value && !*end;
}

static int number_value(struct filter_node *node, const char *value, int64_t now_ms, struct arena *arena,
			struct err *err)
{
	const char *dots = strstr(value, "..");
	enum filter_type type = filter_field_type(node->field);
	bool age;

	node->match = FILTER_RANGE;
	if (stored(node, value))
		return 0;
	if (*value == '<' || *value == '>')
		return compared(node, value, now_ms, err);
	if (dots)
		return ranged(node, value, dots, now_ms, arena, err);
	if (bounds(node, value + (*value == '='), now_ms, &node->low, &node->high, &age, err) < 0)
		return -(int)ERR_USAGE;
	if (age) { /* within the last, or the next, 7 days */
		node->high = type == FILTER_TYPE_DATE ? MOST : node->low;
		node->low = type == FILTER_TYPE_DATE ? node->low : now_ms;
	}
	return 0;
}

/* ---- texts ---- */

static const char *alias(const char *value, const char *const (*table)[2], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(table[i][0], value) == 0)
			return table[i][1];
	return value;
}

static int text_value(struct filter_node *node, const char *value, bool quoted, struct arena *arena)
{
	enum filter_type type = filter_field_type(node->field);
	char *text;

	if (!quoted && *value == '=' && value[1]) {
		value++;
		node->match = FILTER_EXACT;
	} else if (!quoted && strchr(value, '*')) {
		node->match = FILTER_PATTERN;
	} else {
		node->match = quoted || type != FILTER_TYPE_TEXT ? FILTER_EXACT : FILTER_CONTAINS;
	}
	if (type == FILTER_TYPE_KIND)
		value = alias(value, kinds, ARRAY_LEN(kinds));
	if (type == FILTER_TYPE_CODEC)
		value = alias(value, codecs, ARRAY_LEN(codecs));
	text = arena_strdup(arena, value);
	for (char *c = text; type == FILTER_TYPE_KIND && *c; c++)
		*c = (char)tolower((unsigned char)*c);
	node->text = text;
	return 0;
}

static bool is_comparison(const char *value)
{
	return *value == '<' || *value == '>' || *value == '#' || strstr(value, "..");
}

int filter_value(struct filter_node *node, const char *value, bool quoted, int64_t now_ms,
		 struct arena *arena, struct err *err)
{
	enum filter_type type = filter_field_type(node->field);

	if (type == FILTER_TYPE_IS || type == FILTER_TYPE_HAS)
		return filter_word_value(node, value, err);
	if ((!quoted && strcasecmp(value, "none") == 0) || !*value) {
		node->match = FILTER_NONE;
		return 0;
	}
	if (!quoted && strcasecmp(value, "any") == 0) {
		node->match = FILTER_SOME;
		return 0;
	}
	if (type == FILTER_TYPE_RATING && !quoted && is_comparison(value))
		return number_value(node, value, now_ms, arena, err);
	if (type <= FILTER_TYPE_ROOT)
		return text_value(node, value, quoted, arena);
	return number_value(node, value, now_ms, arena, err);
}
