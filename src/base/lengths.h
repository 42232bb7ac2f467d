/* lengths.h - the lengths of a copied clip's segments as a few bytes each: LEB128 numbers, one after the other. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

struct lengths { /* in 1/90,000 s */
	const int32_t *list;
	size_t count;
};

#define LENGTHS_MAX ((size_t)1 << 20) /* segments of a file */

void lengths_write(struct buf *to, const struct lengths *lengths);
/* False for bytes that no lengths_write() made. An empty list is fine. */
bool lengths_read(const void *data, size_t len, struct arena *arena, struct lengths *ret);
int64_t lengths_sum(const struct lengths *lengths, size_t count); /* of the first `count` */
