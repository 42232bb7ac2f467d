/* essence_rows.h - files that are missing, and came back as others: copied elsewhere and given other tags or another container
 * in between, so that nothing but the pictures and the sound says which file it was. Everything runs in the caller's
 * transaction.
 *
 * A wrong pair would put one film's break points into another, so a pair is one only when: one missing file and one present
 * file have this essence; the missing one's root is there, and it did not go to the trash; the other one appeared when the
 * first had been seen for the last time, or up to SCAN_ROWS_COPY_MS before; the item of the missing one has no other
 * file; and nobody has touched the item of the other one.
 * Not here: files that are equal to the byte (scan_rows_returned()). */
#pragma once

#include "store/scan_rows.h"

/* missing_id, present_id, root_id and path of the present one, its identity and links; by the missing one's id. */
int essence_rows_returned(struct db *db, struct arena *arena, struct returned_list *ret, struct err *err);

/* The present file takes the place of the missing one in its item `item_id`, and in what is planned for channels; `other_id`
 * has no file then, unless it is the same, and the missing row goes. */
int essence_rows_follow(struct db *db, const struct returned_file *file, int64_t item_id, int64_t other_id, struct err *err);
