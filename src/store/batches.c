/* batches.c - see batches.h. */
#include "store/batches.h"

#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

#define COLUMNS \
	"id, coalesce(undoes, 0), kind, title, state, message, files, bytes, files_done, bytes_done, failed, created_ms"

/* What can be taken back: a copy that was removed by undoing cannot. */
#define UNDOABLE "state = 'done' AND action <> 'remove'"

int batches_add(struct db *db, const char *kind, const char *title, int64_t undoes, int64_t *ret_id, struct err *err)
{
	int64_t now = clock_wall_ms();
	int rc = db_run(db, err,
			"INSERT INTO batches (kind, title, state, undoes, created_ms, changed_ms) "
			"VALUES (?, ?, 'planned', nullif(?, 0), ?, ?)",
			"ttiii", kind, title, undoes, now, now);

	if (rc == 0)
		*ret_id = db_last_id(db);
	return rc;
}

static void read_batch(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct batch *)ret = (struct batch){
		.id = sqlite3_column_int64(stmt, 0),
		.undoes = sqlite3_column_int64(stmt, 1),
		.kind = db_text(stmt, 2, arena),
		.title = db_text(stmt, 3, arena),
		.state = db_text(stmt, 4, arena),
		.message = db_text(stmt, 5, arena),
		.files = sqlite3_column_int64(stmt, 6),
		.bytes = sqlite3_column_int64(stmt, 7),
		.files_done = sqlite3_column_int64(stmt, 8),
		.bytes_done = sqlite3_column_int64(stmt, 9),
		.failed = sqlite3_column_int64(stmt, 10),
		.created_ms = sqlite3_column_int64(stmt, 11),
	};
}

int batches_get(struct db *db, int64_t id, struct arena *arena, struct batch *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT " COLUMNS " FROM batches WHERE id = ?", err);
	int rc;

	if (stmt)
		db_bind(stmt, "i", id);
	rc = db_row(db, stmt, read_batch, arena, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no batch %lld; 'matinee undo --list' shows them",
			       (long long)id);
	return rc < 0 ? rc : 0;
}

int batches_set_state(struct db *db, int64_t id, const char *state, const char *message, struct err *err)
{
	return db_run(db, err, "UPDATE batches SET state = ?, message = ?, changed_ms = ? WHERE id = ?", "ttii", state,
		      message, clock_wall_ms(), id);
}

int batches_drop_plans(struct db *db, int64_t before_ms, struct err *err)
{
	return db_run(db, err, "DELETE FROM batches WHERE state = 'planned' AND created_ms < ?", "i", before_ms);
}

int batches_plan(struct db *db, int64_t id, int64_t files, int64_t bytes, struct err *err)
{
	return db_run(db, err, "UPDATE batches SET files = files + ?, bytes = bytes + ? WHERE id = ?", "iii", files,
		      bytes, id);
}

int batches_count(struct db *db, int64_t id, int64_t done, int64_t bytes, int64_t failed, struct err *err)
{
	return db_run(db, err,
		      "UPDATE batches SET files_done = files_done + ?, bytes_done = bytes_done + ?, "
		      "failed = failed + ?, changed_ms = ? WHERE id = ?",
		      "iiiii", done, bytes, failed, clock_wall_ms(), id);
}

int batches_last_undoable(struct db *db, int64_t *ret_id, struct err *err)
{
	int64_t id;

	if (db_int(db, &id, 0, err,
		   "SELECT b.id FROM batches b WHERE b.kind <> 'undo' AND b.state <> 'emptied' AND EXISTS "
		   "(SELECT 1 FROM moves WHERE batch_id = b.id AND " UNDOABLE ") ORDER BY b.id DESC LIMIT 1",
		   "") < 0)
		return -(int)ERR_STORE;
	if (!id)
		return err_set(err, ERR_NOT_FOUND, "there is nothing to undo");
	*ret_id = id;
	return 0;
}

int batches_undoable(struct db *db, int64_t id, int64_t *ret_moves, struct err *err)
{
	return db_int(db, ret_moves, 0, err, "SELECT count(*) FROM moves WHERE batch_id = ? AND " UNDOABLE, "i", id);
}

int batches_interrupted(struct db *db, int64_t after, int64_t *ret_id, struct err *err)
{
	int64_t id;

	if (db_int(db, &id, 0, err,
		   "SELECT id FROM batches WHERE state IN ('running', 'waiting') AND id > ? ORDER BY id LIMIT 1", "i",
		   after) < 0)
		return -(int)ERR_STORE;
	if (!id)
		return err_set(err, ERR_NOT_FOUND, "no batch was interrupted");
	*ret_id = id;
	return 0;
}

int batches_interrupted_roots(struct db *db, struct arena *arena, struct batch_roots *ret, struct err *err)
{
	struct batch_roots roots = { 0 };
	sqlite3_stmt *stmt;
	int64_t cut;
	size_t cap = 0;
	int rc;

	if (db_int(db, &cut, 0, err, "SELECT EXISTS (SELECT 1 FROM batches WHERE state IN ('running', 'waiting'))", "") < 0)
		return -(int)ERR_STORE;
	roots.cut = cut != 0;
	stmt = db_query(db,
			"SELECT id FROM roots WHERE path IN (SELECT m.from_base FROM batches b JOIN moves m ON m.batch_id = b.id "
			"WHERE b.state = 'running' UNION SELECT m.to_base FROM batches b JOIN moves m ON m.batch_id = b.id "
			"WHERE b.state = 'running')",
			err);
	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, roots.ids, roots.count, cap);
		roots.ids[roots.count++] = sqlite3_column_int64(stmt, 0);
	}
	db_done(db, stmt);
	*ret = roots;
	return rc;
}

/* ---- for people ---- */

static json_t *text_json(const char *text)
{
	char clean[PATH_MAX * 3];

	return json_string(utf8_clean(clean, sizeof(clean), text));
}

static json_t *path_json(sqlite3_stmt *stmt, int base, int path)
{
	struct arena arena = { 0 };
	const char *folder = db_blob(stmt, base, &arena), *name = db_blob(stmt, path, &arena);
	json_t *json = !*folder ? json_null() :
				  text_json(arena_printf(&arena, "%s%s%s", folder, strcmp(folder, "/") == 0 ? "" : "/",
							 name));

	arena_free(&arena);
	return json;
}

static json_t *batch_json(const struct batch *b, int64_t undoable)
{
	char time[40];

	return json_pack("{s:I, s:s, s:o, s:s, s:o, s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:b}", "id", (json_int_t)b->id,
			 "kind", b->kind, "title", text_json(b->title), "state", b->state, "message",
			 text_json(b->message), "at", clock_format(time, sizeof(time), b->created_ms), "files",
			 (json_int_t)b->files, "bytes", (json_int_t)b->bytes, "files_done", (json_int_t)b->files_done,
			 "bytes_done", (json_int_t)b->bytes_done, "failed", (json_int_t)b->failed, "undoes",
			 b->undoes ? json_integer(b->undoes) : json_null(), "undoable",
			 undoable > 0 && strcmp(b->state, "running") != 0 && strcmp(b->state, "planned") != 0 &&
				 strcmp(b->state, "emptied") != 0); /* its empty folders are no loss */
}

static int read_list(struct db *db, const char *kind, int64_t limit, int64_t offset, struct arena *arena,
		     struct batch **ret, size_t *ret_count, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT " COLUMNS " FROM batches WHERE state <> 'planned' AND (?1 IS NULL OR kind = ?1) ORDER BY id DESC "
				      "LIMIT ?2 OFFSET ?3",
				      err);
	struct db_rows rows = { 0 };
	int rc;

	if (stmt)
		db_bind(stmt, "tii", kind, limit > 0 ? limit : -1, offset);
	rc = db_rows(db, stmt, sizeof(**ret), read_batch, arena, &rows, err);
	*ret = rows.rows;
	*ret_count = rows.count;
	return rc;
}

json_t *batches_json(struct db *db, const char *kind, int64_t limit, int64_t offset, struct err *err)
{
	struct arena arena = { 0 };
	json_t *items = json_array();
	struct batch *list;
	int64_t total = 0, undoable;
	size_t count;
	int rc = read_list(db, kind, limit, offset, &arena, &list, &count, err);

	if (rc == 0)
		rc = db_int(db, &total, 0, err, "SELECT count(*) FROM batches WHERE state <> 'planned' AND (?1 IS NULL OR kind = ?1)", "t", kind);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		rc = batches_undoable(db, list[i].id, &undoable, err);
		if (rc == 0)
			json_array_append_new(items, batch_json(&list[i], undoable));
	}
	arena_free(&arena);
	if (rc == 0)
		return json_pack("{s:I, s:o}", "total", (json_int_t)total, "items", items);
	json_decref(items);
	return NULL;
}

static int add_moves(struct db *db, json_t *to, int64_t id, int64_t limit, int64_t offset, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT id, file_id, action, from_base, from_path, to_base, to_path, size, state, "
				      "message FROM moves WHERE batch_id = ? ORDER BY id LIMIT ? OFFSET ?",
				      err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", id, limit > 0 ? limit : -1, offset);
	while ((rc = db_step(db, stmt, err)) > 0) {
		int64_t file = sqlite3_column_int64(stmt, 1);

		json_array_append_new(
			to, json_pack("{s:I, s:o, s:s, s:o, s:o, s:I, s:s, s:o}", "id",
				      (json_int_t)sqlite3_column_int64(stmt, 0), "file_id",
				      file ? json_integer(file) : json_null(), "action",
				      (const char *)sqlite3_column_text(stmt, 2), "from", path_json(stmt, 3, 4), "to",
				      path_json(stmt, 5, 6), "size", (json_int_t)sqlite3_column_int64(stmt, 7), "state",
				      (const char *)sqlite3_column_text(stmt, 8), "message",
				      text_json((const char *)sqlite3_column_text(stmt, 9))));
	}
	db_done(db, stmt);
	return rc;
}

json_t *batches_one_json(struct db *db, int64_t id, int64_t limit, int64_t offset, struct err *err)
{
	struct arena arena = { 0 };
	json_t *json = NULL, *moves = json_array();
	struct batch batch;
	int64_t undoable;

	if (batches_get(db, id, &arena, &batch, err) == 0 && batches_undoable(db, id, &undoable, err) == 0 &&
	    add_moves(db, moves, id, limit, offset, err) == 0) {
		json = batch_json(&batch, undoable);
		json_object_set(json, "moves", moves);
	}
	json_decref(moves);
	arena_free(&arena);
	return json;
}
