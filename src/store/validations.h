/* validations.h - what was found when a file was looked at as a whole: whether it can be shown. One that cannot is not
 * scheduled, as long as it is as it was then.
 *
 * A disk that failed is no fault of the file: what it said is kept in the same way, but is looked at again after a while. */
#pragma once

#include <stdbool.h>

#include "store/items.h"

/* A present, playable file that was not validated as it is now, after file `after`, in order; with `airing` only those
 * in the log's clips. ERR_NOT_FOUND, err untouched, at the end. */
int validation_next(struct db *db, bool airing, int64_t after, struct arena *arena, struct item_media *ret, struct err *err);
/* The same of those that could not be read when they were looked at last, before that time. */
int validation_next_unread(struct db *db, int64_t before_ms, int64_t after, struct arena *arena, struct item_media *ret,
			   struct err *err);
/* `report`: a JSON list of sentences. 1 when the file is sound and was known as one that is not. */
int validation_set(struct db *db, const struct item_media *file, bool sound, const char *report, int64_t now_ms, struct err *err);
/* It could not be read, for the reason `why`. 1 when nothing was known against it. */
int validation_set_unread(struct db *db, int64_t file_id, const char *why, int64_t now_ms, struct err *err);
