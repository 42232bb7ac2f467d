/* url.h - the request target as it came over the wire, taken apart. Pure; the fuzzer lives here.
 *
 * Strict on purpose: an escape that is broken, a NUL or control character, an encoded slash, a "." or ".."
 * segment, or bytes that are not UTF-8 are refused, so that nothing behind this needs to think of them again.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

#define URL_MAX 2000 /* bytes of a request target */

/* "/a/b?x=1", or the absolute form "http://host/a/b?x=1" (RFC 9112 3.2.2). The path is decoded, the query is
 * not ("" when there is none), but could be as a whole; both in the arena. ERR_TOO_LARGE past URL_MAX, ERR_USAGE. */
int url_parse(const char *target, struct arena *arena, const char **ret_path, const char **ret_query,
	      struct err *err);

/* The decoded value of the first parameter with this name, NULL when there is none. A value that cannot be
 * decoded counts as absent. */
const char *url_query(const char *query, const char *name, struct arena *arena);
