/* metadata_history.c - what was changed on items, edits of many at once, and the values in use; see
 * metadata.h. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/item_query.h"
#include "store/item_rows.h"
#include "store/metadata.h"

static json_t *column_json(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);
	json_t *json = text ? json_parse(text, strlen(text), NULL) : NULL;

	return json ? json : json_null();
}

static json_t *page_json(struct db *db, sqlite3_stmt *stmt, int64_t total, json_t *(*row)(sqlite3_stmt *stmt),
			 struct err *err)
{
	json_t *items = json_array();
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0)
		json_array_append_new(items, row(stmt));
	db_done(db, stmt);
	if (rc == 0)
		return json_pack("{s:I,s:o}", "total", (json_int_t)total, "items", items);
	json_decref(items);
	return NULL;
}

static json_t *history_row(sqlite3_stmt *stmt)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "at", item_time_json(sqlite3_column_int64(stmt, 0)),
			 "who", item_column_text(stmt, 1), "what", item_column_text(stmt, 2), "before",
			 column_json(stmt, 3), "after", column_json(stmt, 4), "edit",
			 item_column_number(stmt, 5));
}

json_t *metadata_history_json(struct db *db, int64_t item_id, int64_t limit, int64_t offset, struct err *err)
{
	int64_t total, exists;
	sqlite3_stmt *stmt;

	if (db_int(db, &exists, 0, err, "SELECT count(*) FROM items WHERE id = ?", "i", item_id) < 0 ||
	    db_int(db, &total, 0, err, "SELECT count(*) FROM item_history WHERE item_id = ?", "i", item_id) <
		    0)
		return NULL;
	if (!exists) {
		err_set(err, ERR_NOT_FOUND, "there is no item %lld", (long long)item_id);
		return NULL;
	}
	stmt = db_query(db,
			"SELECT at_ms, who, what, before, after, edit_id FROM item_history WHERE item_id = ? "
			"ORDER BY id DESC LIMIT ? OFFSET ?",
			err);
	if (!stmt)
		return NULL;
	db_bind(stmt, "iii", item_id, limit, offset);
	return page_json(db, stmt, total, history_row, err);
}

static json_t *edit_json(sqlite3_stmt *stmt)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id", item_column_number(stmt, 0), "at",
			 item_time_json(sqlite3_column_int64(stmt, 1)), "who", item_column_text(stmt, 2),
			 "query", item_column_text(stmt, 3), "changes", column_json(stmt, 4), "undone",
			 item_time_json(sqlite3_column_int64(stmt, 5)), "changed",
			 item_column_number(stmt, 6));
}

json_t *edits_json(struct db *db, int64_t limit, int64_t offset, struct err *err)
{
	int64_t total;
	sqlite3_stmt *stmt;

	if (db_int(db, &total, 0, err, "SELECT count(*) FROM edits", "") < 0)
		return NULL;
	stmt = db_query(db,
			"SELECT e.id, e.at_ms, e.who, e.query, e.changes, e.undone_ms, (SELECT count(*) FROM "
			"item_history h "
			"WHERE h.edit_id = e.id AND h.what = 'bulk') FROM edits e ORDER BY e.id DESC LIMIT ? "
			"OFFSET ?",
			err);
	if (!stmt)
		return NULL;
	db_bind(stmt, "ii", limit, offset);
	return page_json(db, stmt, total, edit_json, err);
}

/* ---- values ---- */

static int add_values(struct db *db, json_t *to, const char *name, const char *sql, struct err *err)
{
	sqlite3_stmt *stmt = db_query_text(db, sql, err);
	json_t *list = json_array();
	int rc;

	json_object_set_new(to, name, list);
	if (!stmt)
		return -(int)ERR_STORE;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	while ((rc = db_step(db, stmt, err)) > 0)
		json_array_append_new(list, item_column_text(stmt, 0));
	db_done(db, stmt);
	return rc;
}

json_t *metadata_used_json(struct db *db, struct err *err)
{
	CLEANUP(json_cleanup) json_t *values = json_object();

	for (const struct metadata_field *f = metadata_fields; f->name; f++) {
		CLEANUP(buf_free) struct buf sql = { 0 };

		if (!f->listed)
			continue;
		buf_addf(&sql,
			 "SELECT value FROM metadata_values WHERE field = ? UNION SELECT %s COLLATE NOCASE "
			 "FROM items WHERE %s <> '' "
			 "ORDER BY 1 LIMIT 1000",
			 f->column, f->column);
		if (add_values(db, values, f->name, buf_text(&sql), err) < 0)
			return NULL;
	}
	if (add_values(db, values, "tags",
		       "SELECT value FROM metadata_values WHERE field = ? UNION SELECT tag FROM item_tags "
		       "ORDER BY 1 LIMIT 1000",
		       err) < 0)
		return NULL;
	return json_incref(values);
}

int metadata_value_add(struct db *db, const char *field, const char *value, struct err *err)
{
	const struct metadata_field *f = metadata_field(field);

	if (strcmp(field, "tags") != 0 && (!f || !f->listed))
		return err_set(err, ERR_INVALID, "'%.40s' has no list of values", field);
	if (!*value || strlen(value) > METADATA_TEXT_MAX)
		return err_set(err, ERR_INVALID, "a value of '%.40s' has 1 to %d bytes", field,
			       METADATA_TEXT_MAX);
	return db_run(db, err, "INSERT OR IGNORE INTO metadata_values (field, value) VALUES (?, ?)", "tt",
		      field, value);
}

/* ---- many at once ---- */

int items_ids(struct db *db, const struct item_query *query, struct arena *arena, struct item_ids *ret,
	      struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	struct item_condition condition = { 0 };
	struct item_ids list = { 0 };
	sqlite3_stmt *stmt = NULL;
	size_t cap = 0;
	int rc = item_condition_init(&condition, db, query, false, false, arena, err);

	if (rc == 0) {
		buf_addf(&sql, "SELECT i.id FROM items i WHERE true%s ORDER BY i.id",
			 buf_text(&condition.sql));
		stmt = db_query_text(db, buf_text(&sql), err);
		rc = stmt ? 0 : -(int)ERR_STORE;
	}
	if (rc == 0)
		item_condition_bind(&condition, stmt, 1);
	while (rc == 0 && (rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.ids, list.count, cap);
		list.ids[list.count++] = sqlite3_column_int64(stmt, 0);
		rc = 0;
		if (list.count == SIZE_MAX)
			break;
	}
	db_done(db, stmt);
	item_condition_free(&condition);
	*ret = list;
	return rc;
}

int edits_begin(struct db *db, const char *who, const char *query, const json_t *changes, int64_t *ret_id,
		struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	int rc;

	json_write(&text, changes);
	if (db_begin(db, err) < 0) /* the writer is shared, and the id is this connection's last */
		return -(int)ERR_STORE;
	rc = db_run(db, err, "INSERT INTO edits (at_ms, who, query, changes) VALUES (?, ?, ?, ?)", "ittt",
		    clock_wall_ms(), who, query, buf_text(&text));
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	*ret_id = db_last_id(db);
	return db_commit(db, err);
}

int edits_check_undo(struct db *db, int64_t edit_id, struct err *err)
{
	int64_t undone;
	int rc;

	db_lock(db);
	rc = db_int(db, &undone, -1, err, "SELECT ifnull(undone_ms, 0) FROM edits WHERE id = ?", "i",
		    edit_id);
	db_unlock(db);
	if (rc < 0)
		return rc;
	if (undone < 0)
		return err_set(err, ERR_NOT_FOUND, "there is no edit %lld", (long long)edit_id);
	return undone ? err_set(err, ERR_CONFLICT, "edit %lld has been undone already", (long long)edit_id)
		      : 0;
}

int edits_mark_undone(struct db *db, int64_t edit_id, struct err *err)
{
	return db_run(db, err, "UPDATE edits SET undone_ms = ?2 WHERE id = ?1", "ii", edit_id,
		      clock_wall_ms());
}

int edits_rows(struct db *db, int64_t edit_id, int64_t after, int64_t limit, struct arena *arena,
	       struct edit_rows *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "SELECT id, item_id, before, after FROM item_history WHERE edit_id = ? AND id > ? "
			 "AND what = 'bulk' ORDER BY id LIMIT ?",
			 err);
	struct edit_rows list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", edit_id, after, limit);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.rows, list.count, cap);
		list.rows[list.count++] = (struct edit_row) {
			.id = sqlite3_column_int64(stmt, 0),
			.item_id = sqlite3_column_int64(stmt, 1),
			.before = db_text(stmt, 2, arena),
			.after = db_text(stmt, 3, arena),
		};
	}
	db_done(db, stmt);
	*ret = list;
	return rc;
}
