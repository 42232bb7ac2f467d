/* files.c - see files.h. What a scan needs besides is in scan_rows.c. */
#include "store/files.h"

#include <string.h>

#include "base/clock.h"

#define ROOT_COLUMNS \
	"id, path, kind, state, scanned_ms, volume, mount_source, mount_point, sentinel, vanished, watch, " \
	"stalled_ms"

static void read_root(sqlite3_stmt *stmt, struct arena *arena, void *to)
{
	struct root *ret = to;

	ret->id = sqlite3_column_int64(stmt, 0);
	ret->path = db_blob(stmt, 1, arena);
	ret->kind = db_text(stmt, 2, arena);
	ret->state = db_text(stmt, 3, arena);
	ret->scanned_ms = sqlite3_column_int64(stmt, 4);
	ret->volume = db_text(stmt, 5, arena);
	ret->mount_source = db_text(stmt, 6, arena);
	ret->mount_point = db_text(stmt, 7, arena);
	ret->sentinel = sqlite3_column_int64(stmt, 8);
	ret->vanished = sqlite3_column_int64(stmt, 9);
	ret->watch = db_text(stmt, 10, arena);
	ret->stalled_ms = sqlite3_column_int64(stmt, 11);
}

int roots_add(struct db *db, const char *path, const char *kind, int64_t *ret_id, struct err *err)
{
	struct err why = { 0 };
	int rc = db_run(db, &why, "INSERT INTO roots (path, kind, added_ms) VALUES (?, ?, ?)", "bti", path,
			(int64_t)strlen(path), kind, clock_wall_ms());

	if (why.code == ERR_EXISTS)
		return err_set(err, ERR_EXISTS, "add root '%s': it is known already", path);
	if (rc < 0)
		return err_set(err, why.code, "add root '%s': %s", path, why.text);
	*ret_id = db_last_id(db);
	return 0;
}

int roots_list(struct db *db, struct arena *arena, struct root_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT " ROOT_COLUMNS " FROM roots ORDER BY id", err);
	struct db_rows rows;
	int rc = db_rows(db, stmt, sizeof(*ret->roots), read_root, arena, &rows, err);

	if (rc == 0)
		*ret = (struct root_list) { rows.rows, rows.count };
	return rc;
}

int roots_get(struct db *db, int64_t id, struct arena *arena, struct root *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT " ROOT_COLUMNS " FROM roots WHERE id = ?", err);
	int rc;

	if (stmt)
		db_bind(stmt, "i", id);
	rc = db_row(db, stmt, read_root, arena, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no root %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

/* Items whose every file lay below the root go with it; then shows and seasons that are empty now. */
static int forget_items(struct db *db, int64_t id, struct err *err)
{
	if (db_run(db, err,
		   "DELETE FROM item_search WHERE rowid IN (SELECT x.item_id FROM item_files x JOIN files f "
		   "ON "
		   "f.id = x.file_id WHERE f.root_id = ?1 AND NOT EXISTS (SELECT 1 FROM item_files y JOIN "
		   "files g ON "
		   "g.id = y.file_id WHERE y.item_id = x.item_id AND g.root_id <> ?1))",
		   "i", id) < 0 ||
	    db_run(db, err,
		   "DELETE FROM items WHERE id IN (SELECT x.item_id FROM item_files x JOIN files f ON "
		   "f.id = x.file_id WHERE f.root_id = ?1 AND NOT EXISTS (SELECT 1 FROM item_files y JOIN "
		   "files g ON "
		   "g.id = y.file_id WHERE y.item_id = x.item_id AND g.root_id <> ?1))",
		   "i", id) < 0 ||
	    db_run(db, err,
		   "DELETE FROM items WHERE kind = 'season' AND source = 'file' AND NOT EXISTS "
		   "(SELECT 1 FROM items c WHERE c.parent_id = items.id)",
		   "") < 0 ||
	    db_run(db, err,
		   "DELETE FROM item_search WHERE rowid IN (SELECT s.id FROM items s WHERE s.kind = 'show' "
		   "AND "
		   "s.source = 'file' AND NOT EXISTS (SELECT 1 FROM items c WHERE c.parent_id = s.id))",
		   "") < 0 ||
	    db_run(db, err,
		   "DELETE FROM items WHERE kind = 'show' AND source = 'file' AND NOT EXISTS "
		   "(SELECT 1 FROM items c WHERE c.parent_id = items.id)",
		   "") < 0)
		return -(int)ERR_STORE;
	return 0;
}

int roots_count_files(struct db *db, int64_t id, int64_t *ret, struct err *err)
{
	return db_int(db, ret, 0, err, "SELECT count(*) FROM files WHERE root_id = ?", "i", id);
}

int roots_remove(struct db *db, int64_t id, struct err *err)
{
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	if (forget_items(db, id, err) < 0 || db_run(db, err, "DELETE FROM roots WHERE id = ?", "i", id) < 0) {
		db_rollback(db);
		return err_under(err, "remove root %lld", (long long)id);
	}
	if (db_changes(db) == 0) {
		db_rollback(db);
		return err_set(err, ERR_NOT_FOUND, "there is no root %lld", (long long)id);
	}
	return db_commit(db, err);
}

int roots_set_state(struct db *db, int64_t id, const char *state, int64_t scanned_ms, struct err *err)
{
	return db_run(db, err,
		      "UPDATE roots SET state = ?2, scanned_ms = CASE WHEN ?3 > 0 THEN ?3 ELSE scanned_ms END, "
		      "stalled_ms = CASE WHEN ?2 = 'stalled' THEN coalesce(stalled_ms, ?4) END WHERE id = ?1",
		      "itii", id, state, scanned_ms, clock_wall_ms());
}

int roots_set_volume(struct db *db, const struct root *seen, struct err *err)
{
	return db_run(db, err,
		      "UPDATE roots SET volume = ?2, mount_source = ?3, mount_point = ?4, sentinel = ?5 "
		      "WHERE id = ?1 "
		      "AND (volume <> ?2 OR mount_source <> ?3 OR mount_point <> ?4 OR sentinel <> ?5)",
		      "ittti", seen->id, seen->volume, seen->mount_source, seen->mount_point, seen->sentinel);
}

int roots_set_watch(struct db *db, int64_t id, const char *watch, struct err *err)
{
	return db_run(db, err, "UPDATE roots SET watch = ?2 WHERE id = ?1 AND watch <> ?2", "it", id, watch);
}

int roots_forget_watch(struct db *db, struct err *err)
{
	return db_run(db, err, "UPDATE roots SET watch = '' WHERE watch <> ''", "");
}

int roots_set_vanished(struct db *db, int64_t id, int64_t files, struct err *err)
{
	return db_run(db, err, "UPDATE roots SET vanished = ?2 WHERE id = ?1 AND vanished <> ?2", "ii", id,
		      files);
}

/* What batches did below the root's old path, but not below a root inside it, lies below the new one. */
static int carry_base(struct db *db, const char *sql, int64_t id, const char *from, const char *to, struct err *err)
{
	return db_run(db, err, sql, "ibib", id, from, (int64_t)strlen(from), (int64_t)strlen(from), to, (int64_t)strlen(to));
}

#define CARRY_BASE(table, column) \
	"UPDATE OR IGNORE " table " SET " column " = CAST(?4 || substr(" column ", ?3 + 1) AS BLOB) WHERE (" column " = ?2 OR " \
	"substr(" column ", 1, ?3 + 1) = CAST(?2 || '/' AS BLOB)) AND NOT EXISTS (SELECT 1 FROM roots r WHERE r.id <> ?1 AND " \
	"length(r.path) > ?3 AND (" table "." column " = r.path OR substr(" table "." column ", 1, length(r.path) + 1) = " \
	"CAST(r.path || '/' AS BLOB)))"

static int carry_moves(struct db *db, int64_t id, const char *from, const char *to, struct err *err)
{
	static const char *const tables[] = { CARRY_BASE("moves", "from_base"), CARRY_BASE("moves", "to_base"),
					      CARRY_BASE("batch_folders", "base") };
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(tables) / sizeof(*tables); i++)
		rc = carry_base(db, tables[i], id, from, to, err);
	return rc;
}

static int set_path(struct db *db, int64_t id, const char *path, bool carry, struct err *err)
{
	struct arena arena = { 0 };
	struct err why = { 0 };
	struct root before;
	int rc = roots_get(db, id, &arena, &before, err);

	if (rc == 0) {
		rc = db_run(db, &why, "UPDATE roots SET path = ?2 WHERE id = ?1", "ib", id, path, (int64_t)strlen(path));
		if (why.code == ERR_EXISTS)
			err_set(err, ERR_EXISTS, "'%s' is a root of its own already", path);
		else if (rc < 0)
			err_set(err, why.code, "%s", why.text);
	}
	if (rc == 0 && carry)
		rc = carry_moves(db, id, before.path, path, err);
	arena_free(&arena);
	return rc;
}

int roots_set_path(struct db *db, int64_t id, const char *path, bool carry, struct err *err)
{
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = set_path(db, id, path, carry, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

int roots_counts(struct db *db, int64_t id, struct root_counts *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "SELECT count(*), sum(state = 'present'), "
			 "(SELECT coalesce(sum(size), 0) FROM (SELECT size FROM files WHERE root_id = ?1 AND "
			 "state = 'present' "
			 "GROUP BY dev, inode)), "
			 "sum(state = 'present' AND media_state = 'new'), "
			 "sum(state = 'present' AND sample_hash IS NULL AND hash_error IS NULL), "
			 "sum(state = 'present' AND full_hash IS NULL AND hash_error IS NULL), "
			 "sum(CASE WHEN state = 'present' AND full_hash IS NULL AND hash_error IS NULL THEN "
			 "size ELSE 0 END), "
			 "sum(media_state = 'failed') FROM files WHERE root_id = ?1",
			 err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", id);
	rc = db_step(db, stmt, err);
	if (rc > 0) {
		int64_t *to[] = { &ret->files,	   &ret->present,  &ret->bytes,		 &ret->to_probe,
				  &ret->unsampled, &ret->unhashed, &ret->unhashed_bytes, &ret->failed };

		for (int i = 0; i < 8; i++)
			*to[i] = sqlite3_column_int64(stmt, i);
	}
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

static void read_file(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct file *)ret = (struct file) {
		.id = sqlite3_column_int64(stmt, 0),
		.root_id = sqlite3_column_int64(stmt, 1),
		.path = db_blob(stmt, 2, arena),
		.dev = sqlite3_column_int64(stmt, 3),
		.inode = sqlite3_column_int64(stmt, 4),
		.size = sqlite3_column_int64(stmt, 5),
		.mtime_ns = sqlite3_column_int64(stmt, 6),
		.sample_hash = db_text(stmt, 7, arena),
		.state = db_text(stmt, 8, arena),
		.media_state = db_text(stmt, 9, arena),
		.media_error = db_text(stmt, 10, arena),
	};
}

int files_get(struct db *db, int64_t id, struct arena *arena, struct file *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "SELECT id, root_id, path, dev, inode, size, mtime_ns, sample_hash, state, "
			 "media_state, media_error FROM files WHERE id = ?",
			 err);
	int rc;

	if (stmt)
		db_bind(stmt, "i", id);
	rc = db_row(db, stmt, read_file, arena, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no file %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

static void read_path(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	const char *root = db_blob(stmt, 0, arena);

	*(const char **)ret = arena_printf(arena, "%s%s%s", root, strcmp(root, "/") == 0 ? "" : "/", db_blob(stmt, 1, arena));
}

int files_path(struct db *db, int64_t id, struct arena *arena, const char **ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT r.path, f.path FROM files f JOIN roots r ON r.id = f.root_id "
				      "WHERE f.id = ?",
				      err);
	int rc;

	if (stmt)
		db_bind(stmt, "i", id);
	rc = db_row(db, stmt, read_path, arena, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no file %lld", (long long)id);
	return rc < 0 ? rc : 0;
}
