/* filter_args.c - see filter_args.h. */
#include "cli/filter_args.h"

#include <ctype.h>
#include <string.h>

#include "store/filter.h"

/* FIELD:several words, with nothing in them that is the filter's own: the shell took the quotes away. */
static const char *lost_quotes(const char *text)
{
	const char *at = text + (*text == '-'), *value;

	while (isalpha((unsigned char)*at) || *at == '_')
		at++;
	if (at == text || *at != ':')
		return NULL;
	value = at + 1;
	if (!filter_takes_text(text + (*text == '-'), (size_t)(at - text) - (*text == '-')))
		return NULL;
	return !strstr(value, " -") && strpbrk(value, " \t") && !strpbrk(value, ":\"()|<>=,") &&
			       !strstr(value, " OR ")
		       ? value
		       : NULL;
}

struct buf filter_arguments(int argc, char *const *argv, const char *more)
{
	struct buf text = { 0 };

	for (int i = 0; i < argc; i++) {
		const char *value = lost_quotes(argv[i]);

		if (i)
			buf_addc(&text, ' ');
		if (value)
			buf_addf(&text, "%.*s\"%s\"", (int)(value - argv[i]), argv[i], value);
		else
			buf_adds(&text, argv[i]);
	}
	if (more)
		buf_addf(&text, "%s%s", argc ? " " : "", more);
	return text;
}
