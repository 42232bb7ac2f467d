/* config_file.h - a YAML mapping read as flat names: `server:\n  listen: x` is server.listen = x.
 *
 * Knows nothing of which names there are. ${VAR} and ${VAR:-default} are filled in; a `.env` beside the file is read
 * first (NAME=value lines; never overrides the environment). */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct config_value {
	const char *name; /* "server.listen" */
	const char *text;
	unsigned long line; /* from 1 */
	bool profile;	    /* from the chosen profile's overlay */
};

/* Calls value() for each, first the plain ones, then those of `profiles: <profile>:`. Errors say "FILE:LINE: ...".
 * At most 1 MB, 16 levels deep. ERR_NOT_FOUND when the profile is not there. */
int config_file_read(const char *path, const char *profile,
		     int (*value)(void *context, const struct config_value *value, struct err *err), void *context,
		     struct err *err);

/* Fills ${...} in text; ERR_USAGE when a ${ has no end. Adds to `to`. */
int config_expand(struct buf *to, const char *text, struct err *err);
