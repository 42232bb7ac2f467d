/* journal_fixture.h - a batch whose process dies in the middle, and what the next start makes of it. */
#pragma once

#include "lib/scan_fixture.h"

#include "library/journal.h"

enum dies_at { DIES_AT_CALL, DIES_AT_STEP }; /* any word of progress; one that names a file */

/* Runs the batch in a process that dies at its word number `left`, the first is 0; true when it did. The store is opened
 * anew. */
bool run_and_die(struct fixture *f, int64_t batch, enum dies_at at, int left);

/* Settles what was left; takes a batch back, if anything can be. Both must succeed. */
void recover(struct fixture *f);
void undo(struct fixture *f, int64_t batch);
