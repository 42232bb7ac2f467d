/* essence_return.c - see essence_return.h. */
#include "library/essence_return.h"

#include "base/log.h"
#include "library/file_items.h"
#include "store/essence_rows.h"
#include "store/files.h"
#include "store/filing.h"

static int follow(struct db *db, const struct returned_file *file, struct arena *arena, struct err *err)
{
	struct root root;
	int64_t item, other, count;
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	rc = roots_get(db, file->root_id, arena, &root, err);
	if (rc == 0)
		rc = filing_of_file(db, file->missing_id, &item, &count, err);
	if (rc == 0)
		rc = filing_of_file(db, file->present_id, &other, &count, err);
	if (rc == 0)
		rc = essence_rows_follow(db, file, item, other, err);
	if (rc == 0 && item != other)
		rc = filing_prune(db, other, err);
	if (rc == 0)
		rc = file_items_put(db, &root, file->present_id, file->path, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

int essence_return_run(struct db *db, int64_t *ret_count, struct err *err)
{
	struct arena arena = { 0 };
	struct returned_list list = { 0 };
	size_t done = 0;
	int rc;

	db_lock(db);
	rc = essence_rows_returned(db, &arena, &list, err);
	db_unlock(db);
	for (; rc == 0 && done < list.count; done++)
		rc = follow(db, &list.files[done], &arena, err);
	if (rc == 0 && done)
		log_info("library", "%zu files were known again by their pictures and sound", done);
	if (ret_count)
		*ret_count = (int64_t)done;
	arena_free(&arena);
	return rc;
}
