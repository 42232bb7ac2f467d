/* file_items.h - files a file: decides from root, folders and name what it is, and makes or finds its item.
 *
 * One file belongs to one item. Films in several parts, and versions of the same film or episode, share an item. A file
 * that was renamed keeps its item, unless the new name is that of another item. */
#pragma once

#include <stdint.h>

#include "store/files.h"

/* `path` is relative to the root. In the caller's transaction. */
int file_items_put(struct db *db, const struct root *root, int64_t file_id, const char *path, struct err *err);
