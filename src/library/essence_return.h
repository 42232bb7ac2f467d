/* essence_return.h - items follow files that were copied elsewhere and changed in between, by their essence hash.
 *
 * To be asked after essence hashes came in, and after files were found to be missing: whichever is later completes a pair.
 * Which pairs count: store/essence_rows.h. */
#pragma once

#include "store/db.h"

/* `db` is the writer. *ret_count: how many did; may be NULL. Each in a short transaction of its own. */
int essence_return_run(struct db *db, int64_t *ret_count, struct err *err);
