/* router.h - every path that is served: one row each. Parser, 405, OpenAPI and tests read the rows. */
#pragma once

#include "server/http.h"

enum route_flags {
	ROUTE_INLINE = 1,  /* never blocks: runs on the connection's thread; others run in a pool */
	ROUTE_FILES = 2,   /* opens media files, which may hang: a pool of its own */
	ROUTE_CORS = 4,	   /* players of other origins may read it */
	ROUTE_CHANGES = 8, /* changes something: Host and Origin are checked. Never a GET */
	ROUTE_OWN = 16,	   /* tells of this machine what only those may know who may change: checked alike */
};

/* Patterns: literal text, {name} for a number without sign, and a final * for any rest. */
struct route {
	const char *method; /* GET stands for HEAD too */
	const char *pattern;
	http_handler *run;
	unsigned flags;
	const char *query; /* "from:time limit:int": parameters, for the description */
	const char *help;  /* one sentence */
};

extern const struct route routes[]; /* ends with method NULL */

/* The numbers of the path in order. NULL when the pattern does not fit (a number past 18 digits does not). */
bool route_match(const char *pattern, const char *path, int64_t params[HTTP_PARAMS]);

/* The row for a request, NULL when there is none; then *ret_allow tells which methods the path has ("" none).
 * The text is in the arena. */
const struct route *route_find(const char *method, const char *path, int64_t params[HTTP_PARAMS],
			       struct arena *arena, const char **ret_allow);
