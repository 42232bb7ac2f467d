/* trashed.h - what lies in the trash, as moves that were done and not taken back. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/db.h"

struct trashed {
	int64_t batch_id, move_id, file_id, dev, inode, size;
	const char *base, *path; /* in the trash */
};
struct trashed_list {
	struct trashed *files;
	size_t count;
};

/* Of batches made before that time, with move_id > after. */
int trashed_page(struct db *db, int64_t before_ms, int64_t after, int64_t limit, struct arena *arena,
		 struct trashed_list *ret, struct err *err);

/* After files of a batch were deleted for good: it is 'emptied' when none of its files is in the trash any more, and says how
 * many of them are gone. In the caller's transaction. */
int trashed_emptied(struct db *db, int64_t batch_id, struct err *err);

/* {"total", "bytes", "items": [{batch, file_id, path, trash, size, at}]} */
json_t *trashed_json(struct db *db, int64_t before_ms, struct err *err);
