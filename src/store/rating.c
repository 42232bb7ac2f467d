/* rating.c - see rating.h. */
#include "store/rating.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/buf.h"

static const struct {
	const char *name; /* without spaces, '-' and '_' */
	int age;
} ages[] = {
	{ "G", 0 },	 { "TVY", 0 },	  { "TVG", 0 },	   { "U", 0 },	   { "FSK0", 0 },   { "FSK6", 6 },
	{ "TVY7", 7 },	 { "TVY7FV", 7 }, { "PG", 8 },	   { "TVPG", 8 },  { "12", 12 },    { "12A", 12 },
	{ "FSK12", 12 }, { "PG13", 13 },  { "TV14", 14 },  { "15", 15 },   { "M", 15 },	    { "MA15+", 15 },
	{ "16", 16 },	 { "FSK16", 16 }, { "R", 17 },	   { "TVMA", 17 }, { "NC17", 18 },  { "18", 18 },
	{ "R18", 18 },	 { "R18+", 18 },  { "FSK18", 18 }, { "X", 18 },	   { "ADULT", 18 },
};

const char *const rating_names[] = { "G",     "TV-Y", "TV-G",  "TV-Y7", "PG",	 "TV-PG", "PG-13",
				     "TV-14", "R",    "TV-MA", "NC-17", "Adult", NULL };

int rating_age(const char *rating)
{
	char plain[16];
	size_t n = 0;

	for (; rating && *rating; rating++) {
		if (strchr(" -_", *rating))
			continue;
		if (n + 1 == sizeof(plain))
			return -1;
		plain[n++] = (char)toupper((unsigned char)*rating);
	}
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		if (strcmp(ages[i].name, plain) == 0)
			return ages[i].age;
	return -1;
}

void rating_sql(struct buf *sql, const char *expression)
{
	buf_addf(sql, "(CASE upper(replace(replace(replace(%s, ' ', ''), '-', ''), '_', ''))", expression);
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		buf_addf(sql, " WHEN '%s' THEN %d", ages[i].name, ages[i].age);
	buf_adds(sql, " END)");
}
