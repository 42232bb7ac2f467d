/* range.c - see range.h. */
#include "server/range.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

/* Digits as a number that stays at INT64_MAX when it is larger. False when there is no digit. */
static bool number(const char **at, int64_t *ret)
{
	const char *start = *at;
	int64_t value = 0;

	for (; isdigit((unsigned char)**at); (*at)++) {
		int digit = **at - '0';

		value = value > (INT64_MAX - digit) / 10 ? INT64_MAX : value * 10 + digit;
	}
	*ret = value;
	return *at > start;
}

static void blanks(const char **at)
{
	while (**at == ' ' || **at == '\t')
		(*at)++;
}

/* One "first-last", "first-" or "-suffix", and nothing behind it. */
static bool one_range(const char *at, int64_t *first, int64_t *last, bool *suffix)
{
	blanks(&at);
	*suffix = *at == '-';
	*last = INT64_MAX;
	if (!*suffix && !number(&at, first))
		return false;
	if (*at++ != '-')
		return false;
	if (*suffix && !number(&at, first))
		return false;
	if (!*suffix && isdigit((unsigned char)*at) && (!number(&at, last) || *last < *first))
		return false;
	blanks(&at);
	return !*at;
}

struct range range_parse(const char *header, int64_t size)
{
	struct range whole = { RANGE_WHOLE, 0, size }, part = { .kind = RANGE_PART };
	int64_t first, last;
	bool suffix;

	if (!header || strncasecmp(header, "bytes=", 6) != 0 ||
	    !one_range(header + 6, &first, &last, &suffix))
		return whole;
	if (suffix) {
		part.length = first < size ? first : size;
		part.first = size - part.length;
	} else if (first < size) {
		part.first = first;
		part.length = (last < size ? last + 1 : size) - first;
	}
	if (!part.length)
		return (struct range) { RANGE_UNSATISFIABLE, 0, 0 };
	return part;
}
