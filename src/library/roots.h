/* roots.h - roots as people give and see them. Asks the disk: for threads that may block. */
#pragma once

#include "base/json.h"
#include "store/files.h"

/* One folder has one name in the store: without symlinks, "..", or a slash at the end. ERR_INVALID when it is
 * no folder. Free it; NULL with err. `what` begins the sentence ("add root"). */
char *root_real_folder(const char *path, const char *what, struct err *err);

int root_add(struct db *db, const char *path, const char *kind, int64_t *ret_id, struct err *err);

/* The same root at another place. Unless `force`, some of its files must be there: ERR_CONFLICT. */
int root_move(struct db *db, const struct root *root, const char *path, bool force, struct err *err);

bool root_kind_known(const char *kind);
#define ROOT_KINDS "auto|movies|shows|music|commercials|bumpers|idents|promos|filler"

/* {"id","path","kind","state","scanned","files","present","bytes","failed","vanished","volume","watch","stalled_s",
 * "waiting":{"samples","probes","full_hashes","full_hash_bytes"}}. New reference. */
json_t *root_json(struct db *db, const struct root *root, struct err *err);
json_t *roots_json(struct db *db, struct err *err); /* {"total","items"} */
