/* journal_copy.h - copies to another disk, or on the same: one, or small ones together. Private to journal*.c.
 *
 * Of those that go together, each part is done for all before the next, and the order of the parts is what is safe:
 *   1. intent ('begun'), 2. partial copies, each under a name of its own, 3. synced, read back, compared with what was read,
 *   4. one row for each says which file its copy is ('copying'), 5. all get their names, and the folders are synced,
 *   6. only now the originals go, 7. folders synced and rows written as for every group.
 * A crash before 4 leaves partial copies, which the recovery removes by their names; after it, it knows the copy at the
 * target by its inode, and as the copy was whole before it had its name, either name may stay and the other go. */
#pragma once

#include "library/journal_group.h"

#define JOURNAL_COPIES_MAX 32 /* four descriptors each */

/* One, synced and with its row. */
int journal_copy(struct journal_work *work, bool reflink, struct err *err);

/* It may be one of many; *bytes: how much they have together. */
bool journal_copies_take(const struct move *move, int64_t *bytes);

/* The group's copies, up to their outcomes; `stopped` when the batch cannot go on. */
void journal_copies_run(struct journal_group *g, struct err *stopped);
