/* trash.h - files are never deleted but renamed to .matinee-trash/<batch>/ on their own file system, never across.
 *
 * What is in the trash comes back by undoing its batch. Only trash_empty() deletes, and only what batches put there. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "store/moves.h"
#include "store/store.h"

#define TRASH_FOLDER ".matinee-trash"

/* Fills to_base, to_path and to_dev of a move of action "trash": the topmost folder of the root that lies on the file's
 * own disk. In the arena. journal_write() puts the number of the batch into the path. */
int trash_place(struct move *move, struct arena *arena, struct err *err);

/* {"total", "bytes", "items": [{batch, file_id, path, trash, size, at}]} */
json_t *trash_json(struct db *db, int64_t before_ms, struct err *err);

struct trash_totals {
	int64_t files, bytes, failed;
};

/* Deletes for good what was put there before `before_ms`; rows of those files go, too. */
int trash_empty(struct store *store, int64_t before_ms, volatile bool *cancelled, struct trash_totals *ret,
		struct err *err);
