/* validations.c - see validations.h. Whether it was the disk is told by the first word of the report: it is the store's own. */
#include "store/validations.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/json.h"

#define UNREAD "unread: "

#define FILES_HERE \
	"SELECT f.id, r.path, f.path, f.size, f.mtime_ns FROM files f JOIN roots r ON r.id = f.root_id " \
	"WHERE f.id > ?1 AND f.state = 'present' AND f.media_state = 'ok' "
#define AS_IT_IS "v.file_id = f.id AND v.size = f.size AND v.mtime_ns = f.mtime_ns"

/* Steps the statement once. */
static int first_file(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct item_media *ret, struct err *err)
{
	int rc = db_step(db, stmt, err);

	if (rc > 0) {
		const char *root = db_blob(stmt, 1, arena);

		*ret = (struct item_media){ .file_id = sqlite3_column_int64(stmt, 0),
					    .path = arena_printf(arena, "%s%s%s", root, strcmp(root, "/") == 0 ? "" : "/",
								 db_blob(stmt, 2, arena)),
					    .size = sqlite3_column_int64(stmt, 3),
					    .mtime_ns = sqlite3_column_int64(stmt, 4) };
	}
	db_done(db, stmt);
	return rc < 0 ? rc : rc > 0 ? 0 : -(int)ERR_NOT_FOUND;
}

int validation_next(struct db *db, bool airing, int64_t after, struct arena *arena, struct item_media *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      FILES_HERE "AND (NOT ?2 OR EXISTS (SELECT 1 FROM clips c WHERE c.file_id = f.id)) AND "
						 "NOT EXISTS (SELECT 1 FROM validations v WHERE " AS_IT_IS
						 ") ORDER BY f.id LIMIT 1",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", after, (int64_t)airing);
	return first_file(db, stmt, arena, ret, err);
}

int validation_next_unread(struct db *db, int64_t before_ms, int64_t after, struct arena *arena, struct item_media *ret,
			   struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      FILES_HERE "AND f.id IN (SELECT v.file_id FROM validations v WHERE v.result = 'failed' "
						 "AND v.report LIKE '[\"" UNREAD "%' AND v.checked_ms < ?2 AND " AS_IT_IS
						 ") ORDER BY f.id LIMIT 1",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", after, before_ms);
	return first_file(db, stmt, arena, ret, err);
}

static int is_failed(struct db *db, int64_t file_id, int64_t *ret, struct err *err)
{
	return db_int(db, ret, 0, err,
		      "SELECT count(*) FROM validations v JOIN files f ON " AS_IT_IS " WHERE v.file_id = ? AND v.result = 'failed'",
		      "i", file_id);
}

int validation_set(struct db *db, const struct item_media *file, bool sound, const char *report, int64_t now_ms, struct err *err)
{
	int64_t failed;
	int rc = is_failed(db, file->file_id, &failed, err);

	if (rc == 0)
		rc = db_run(db, err,
			    "INSERT OR REPLACE INTO validations (file_id, result, report, size, mtime_ns, checked_ms) "
			    "SELECT id, ?2, ?3, ?4, ?5, ?6 FROM files WHERE id = ?1",
			    "ittiii", file->file_id, sound ? "ok" : "failed", report, file->size, file->mtime_ns, now_ms);
	return rc < 0 ? rc : sound && failed;
}

int validation_set_unread(struct db *db, int64_t file_id, const char *why, int64_t now_ms, struct err *err)
{
	CLEANUP(buf_free) struct buf sentence = { 0 }, report = { 0 };
	CLEANUP(json_cleanup) json_t *list = NULL;
	int64_t failed;
	int rc = is_failed(db, file_id, &failed, err);

	buf_addf(&sentence, UNREAD "%s", why);
	list = json_pack("[o]", json_from_path(buf_text(&sentence)));
	json_write(&report, list);
	if (rc == 0)
		rc = db_run(db, err,
			    "INSERT OR REPLACE INTO validations (file_id, result, report, size, mtime_ns, checked_ms) "
			    "SELECT id, 'failed', ?2, size, mtime_ns, ?3 FROM files WHERE id = ?1",
			    "iti", file_id, buf_text(&report), now_ms);
	return rc < 0 ? rc : !failed;
}
