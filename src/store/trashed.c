/* trashed.c - see trashed.h. */
#include "store/trashed.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

#define FROM_TRASH \
	" FROM moves m JOIN batches b ON b.id = m.batch_id WHERE m.action = 'trash' AND m.state = 'done' AND b.created_ms < ?1 "

int trashed_page(struct db *db, int64_t before_ms, int64_t after, int64_t limit, struct arena *arena,
		 struct trashed_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT m.batch_id, m.id, m.file_id, m.to_dev, m.new_inode, m.size, m.to_base, m.to_path" FROM_TRASH
				      "AND m.id > ?2 ORDER BY m.id LIMIT ?3",
				      err);
	struct trashed_list list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", before_ms, after, limit);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.files, list.count, cap);
		list.files[list.count++] = (struct trashed){ .batch_id = sqlite3_column_int64(stmt, 0),
							     .move_id = sqlite3_column_int64(stmt, 1),
							     .file_id = sqlite3_column_int64(stmt, 2),
							     .dev = sqlite3_column_int64(stmt, 3),
							     .inode = sqlite3_column_int64(stmt, 4),
							     .size = sqlite3_column_int64(stmt, 5),
							     .base = db_blob(stmt, 6, arena),
							     .path = db_blob(stmt, 7, arena) };
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int trashed_emptied(struct db *db, int64_t batch_id, struct err *err)
{
	return db_run(db, err,
		      "UPDATE batches SET state = iif(n.here = 0, 'emptied', state), message = printf(iif(n.gone = n.here + n.gone, "
		      "'deleted for good', '%d of %d files are deleted for good'), n.gone, n.here + n.gone), changed_ms = ?2 "
		      "FROM (SELECT total(state = 'done') AS here, total(state = 'emptied') AS gone FROM moves WHERE "
		      "batch_id = ?1 AND action = 'trash') n WHERE id = ?1 AND state IN ('done', 'stopped') AND n.gone > 0",
		      "ii", batch_id, clock_wall_ms());
}

static json_t *path_json(sqlite3_stmt *stmt, int base, int path)
{
	struct arena arena = { 0 };
	const char *folder = db_blob(stmt, base, &arena);
	char clean[PATH_MAX * 3];
	json_t *json = json_string(utf8_clean(clean, sizeof(clean),
					      arena_printf(&arena, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/",
							   db_blob(stmt, path, &arena))));

	arena_free(&arena);
	return json;
}

json_t *trashed_json(struct db *db, int64_t before_ms, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT m.batch_id, m.file_id, m.size, b.created_ms, m.from_base, m.from_path, "
				      "m.to_base, m.to_path" FROM_TRASH "ORDER BY m.id",
				      err);
	json_t *items = json_array();
	int64_t bytes = 0;
	char time[40];
	int rc = stmt ? 1 : -(int)ERR_STORE;

	if (stmt)
		db_bind(stmt, "i", before_ms);
	while (rc > 0 && (rc = db_step(db, stmt, err)) > 0) {
		int64_t file = sqlite3_column_int64(stmt, 1);

		bytes += sqlite3_column_int64(stmt, 2);
		json_array_append_new(items,
				      json_pack("{s:I, s:o, s:o, s:o, s:I, s:s}", "batch",
						(json_int_t)sqlite3_column_int64(stmt, 0), "file_id",
						file ? json_integer(file) : json_null(), "path", path_json(stmt, 4, 5),
						"trash", path_json(stmt, 6, 7), "size",
						(json_int_t)sqlite3_column_int64(stmt, 2), "at",
						clock_format(time, sizeof(time), sqlite3_column_int64(stmt, 3))));
	}
	db_done(db, stmt);
	if (rc == 0)
		return json_pack("{s:I, s:I, s:o}", "total", (json_int_t)json_array_size(items), "bytes", (json_int_t)bytes,
				 "items", items);
	json_decref(items);
	return NULL;
}
