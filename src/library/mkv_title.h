/* mkv_title.h - the title inside a Matroska file, by mkvmerge and mkvpropedit (mkvtoolnix).
 *
 * Setting it changes bytes and time of the file in place, under all its names at once, and neither pictures nor sound. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"

bool mkv_title_can(const char *path); /* by its extension */

/* "" when it has none. `path` is absolute. ERR_UNSUPPORTED: mkvtoolnix is not installed. */
int mkv_title_get(const char *path, struct arena *arena, const char **ret, struct err *err);
int mkv_title_set(const char *path, const char *title, struct err *err); /* "": none */
