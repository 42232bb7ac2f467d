/* thumbnail.h - one picture of a file as JPEG. Worker only. */
#pragma once

#include <stdint.h>

#include "base/err.h"

/* Takes a telling frame near at_ms (skips black and near-uniform ones for some seconds), scales to `width` with the
 * display aspect kept, and writes a JPEG to `to` by fs_write_atomic(). For audio files: the attached picture. */
int thumbnail_write(const char *path, int64_t at_ms, int width, const char *to, struct err *err);
