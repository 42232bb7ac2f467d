/* title.h - titles as people read and sort them. */
#pragma once

#include "base/arena.h"

/* Clean for display: valid UTF-8, no control characters, single spaces, none at the ends. Never empty: `fallback`
 * (which is cleaned too), then "Untitled". */
const char *title_clean(const char *text, const char *fallback, struct arena *arena);

/* From the last part of a path: without folders and extension, dots and underscores as spaces. */
const char *title_from_path(const char *path, struct arena *arena);

/* For sorting and for telling shows apart: lower case, Latin accents off, no leading article (The A An Der Die Das Le
 * La Les), numbers padded to six digits. */
const char *title_sort(const char *title, struct arena *arena);

/* title_clean() with capitals where a name has none at all: "the wire" becomes "The Wire". */
const char *title_pretty(const char *text, const char *fallback, struct arena *arena);
