/* png.h - a picture in memory as PNG (ISO 15948): 8-bit RGB, no more. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* `rgb`: width x height x 3 bytes, rows from the top. */
int png_write(struct buf *to, const uint8_t *rgb, unsigned width, unsigned height, struct err *err);
