/* url.c - see url.h. */
#include "server/url.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes [from, end) into `to` (at least as long). False for what url.h refuses. */
static bool decode(char *to, const char *from, const char *end, bool query)
{
	char *start = to;

	while (from < end) {
		char c = *from++;

		if (c == '%') {
			int high = from < end ? hex(from[0]) : -1;
			int low = high >= 0 && from + 1 < end ? hex(from[1]) : -1;

			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			from += 2;
			if (c == '/' && !query)
				return false;
		} else if (c == '+' && query) {
			c = ' ';
		}
		if ((unsigned char)c < 0x20 || c == 0x7F)
			return false;
		*to++ = c;
	}
	*to = '\0';
	return utf8_valid(start, (size_t)(to - start));
}

/* No segment is "." or "..". */
static bool stays_inside(const char *path)
{
	while (*path) {
		size_t n = strcspn(path, "/");

		if ((n == 1 && path[0] == '.') || (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += n;
		if (*path)
			path++;
	}
	return true;
}

/* The whole at once: what parts the parameters is ASCII, so the text is good when each of them is. */
static bool query_ok(const char *query, struct arena *arena)
{
	size_t len = strcspn(query, "#");

	return decode(arena_alloc(arena, len + 1), query, query + len, true);
}

int url_parse(const char *target, struct arena *arena, const char **ret_path, const char **ret_query,
	      struct err *err)
{
	size_t len = strlen(target);
	const char *end;
	char *path;

	if (len > URL_MAX)
		return err_set(err, ERR_TOO_LARGE, "the address of the request is longer than %d bytes",
			       URL_MAX);
	if (strncasecmp(target, "http://", 7) == 0 || strncasecmp(target, "https://", 8) == 0) {
		target = strchr(target, ':') + 3;
		target += strcspn(target, "/?#");
	}
	end = target + strcspn(target, "?#");
	path = arena_alloc(arena, (size_t)(end - target) + 2);
	if (end == target)
		path[0] = '/';
	else if (*target != '/' || !decode(path, target, end, false) || !stays_inside(path))
		return err_set(err, ERR_USAGE, "the address of the request is not a proper path");
	*ret_path = path;
	if (*end == '?' && !query_ok(end + 1, arena))
		return err_set(err, ERR_USAGE, "the parameters of the request are not proper text");
	*ret_query = *end == '?' ? arena_strndup(arena, end + 1, strcspn(end + 1, "#")) : "";
	return 0;
}

const char *url_query(const char *query, const char *name, struct arena *arena)
{
	size_t want = strlen(name);

	while (*query) {
		size_t len = strcspn(query, "&");
		const char *equals = memchr(query, '=', len);
		size_t name_len = equals ? (size_t)(equals - query) : len;

		if (name_len == want && memcmp(query, name, want) == 0) {
			const char *value = equals ? equals + 1 : query + len;
			char *text = arena_alloc(arena, (size_t)(query + len - value) + 1);

			return decode(text, value, query + len, true) ? text : NULL;
		}
		query += len;
		if (*query)
			query++;
	}
	return NULL;
}
