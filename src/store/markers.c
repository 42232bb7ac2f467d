/* markers.c - break points and chapters of an item; see items.h and filing.h. */
#include <string.h>
#include <xxhash.h>

#include "store/filing.h"
#include "store/item_rows.h"
#include "store/items.h"

#define MARKER_MAX_MS (INT64_C(7) * 24 * 3600 * 1000)

int markers_list(struct db *db, int64_t item_id, struct arena *arena, struct marker_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT id, start_ms, end_ms, kind, title, source FROM markers "
				      "WHERE item_id = ? ORDER BY start_ms, kind",
				      err);
	struct marker_list list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", item_id);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.markers, list.count, cap);
		list.markers[list.count++] = (struct marker){
			.id = sqlite3_column_int64(stmt, 0),
			.start_ms = sqlite3_column_int64(stmt, 1),
			.end_ms = sqlite3_column_int64(stmt, 2),
			.kind = db_text(stmt, 3, arena),
			.title = db_text(stmt, 4, arena),
			.source = db_text(stmt, 5, arena),
		};
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int markers_digest(struct db *db, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db, "SELECT item_id, start_ms, end_ms FROM markers WHERE kind = 'break' ORDER BY item_id, start_ms, id", err);
	uint64_t digest = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(db, stmt, err)) > 0) {
		int64_t row[] = { sqlite3_column_int64(stmt, 0), sqlite3_column_int64(stmt, 1),
				  sqlite3_column_int64(stmt, 2) };

		digest = XXH3_64bits_withSeed(row, sizeof(row), digest);
	}
	db_done(db, stmt);
	*ret = digest;
	return rc;
}

int markers_get(struct db *db, int64_t item_id, int64_t id, struct arena *arena, struct marker *ret, struct err *err)
{
	struct marker_list list = { 0 };

	if (markers_list(db, item_id, arena, &list, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < list.count; i++)
		if (list.markers[i].id == id) {
			*ret = list.markers[i];
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "item %lld has no marker %lld", (long long)item_id, (long long)id);
}

static int check(const struct marker *m, int64_t item_id, struct err *err)
{
	static const char *const kinds[] = { "break", "chapter", "intro", "credits" };
	size_t i = 0;

	while (m->kind && i < sizeof(kinds) / sizeof(kinds[0]) && strcmp(kinds[i], m->kind) != 0)
		i++;
	if (i == sizeof(kinds) / sizeof(kinds[0]))
		return err_set(err, ERR_INVALID, "a marker is a break, chapter, intro or credits, not '%.40s'", m->kind);
	if (m->start_ms < 0 || m->start_ms > MARKER_MAX_MS || m->end_ms > MARKER_MAX_MS)
		return err_set(err, ERR_INVALID, "a marker of item %lld lies between 0 and 7 days", (long long)item_id);
	if (m->end_ms && m->end_ms <= m->start_ms)
		return err_set(err, ERR_INVALID, "add a marker to item %lld: it ends before it starts", (long long)item_id);
	if (m->title && strlen(m->title) > 500)
		return err_set(err, ERR_INVALID, "the title of a marker has at most 500 bytes");
	return 0;
}

/* The same, and it lies within the item, when that has a length. */
static int check_within(struct db *db, const struct marker *m, int64_t item_id, struct err *err)
{
	int64_t duration_ms;

	if (check(m, item_id, err) < 0)
		return -(int)ERR_INVALID;
	if (db_int(db, &duration_ms, 0, err, "SELECT ifnull(duration_ms, 0) FROM items WHERE id = ?", "i", item_id) < 0)
		return -(int)ERR_STORE;
	if (duration_ms > 0 && m->start_ms >= duration_ms)
		return err_set(err, ERR_INVALID, "item %lld is over after %lld ms; a marker cannot stand at %lld ms",
			       (long long)item_id, (long long)duration_ms, (long long)m->start_ms);
	return 0;
}

int markers_set(struct db *db, int64_t item_id, const struct marker *m, struct err *err)
{
	int rc = check_within(db, m, item_id, err);

	if (rc < 0)
		return rc;
	return db_run(db, err,
		      "UPDATE markers SET kind = ?3, start_ms = ?4, end_ms = nullif(?5, 0), title = ?6, source = 'manual' "
		      "WHERE id = ?1 AND item_id = ?2",
		      "iitiit", m->id, item_id, m->kind, m->start_ms, m->end_ms, m->title);
}

int markers_remove(struct db *db, int64_t item_id, int64_t id, struct err *err)
{
	if (db_run(db, err, "DELETE FROM markers WHERE id = ? AND item_id = ?", "ii", id, item_id) < 0)
		return -(int)ERR_STORE;
	if (!db_changes(db))
		return err_set(err, ERR_NOT_FOUND, "item %lld has no marker %lld", (long long)item_id, (long long)id);
	return 0;
}

int markers_add(struct db *db, int64_t item_id, const struct marker *marker, int64_t *ret_id, struct err *err)
{
	int rc = check_within(db, marker, item_id, err);

	if (rc < 0)
		return rc;
	rc = db_run(db, err,
		    "INSERT INTO markers (item_id, kind, start_ms, end_ms, title, source) "
		    "VALUES (?, ?, ?, nullif(?, 0), ?, ?)",
		    "itiitt", item_id, marker->kind ? marker->kind : "break", marker->start_ms, marker->end_ms,
		    marker->title ? marker->title : "", marker->source ? marker->source : "manual");
	if (rc == 0 && ret_id)
		*ret_id = db_last_id(db);
	return rc;
}

int filing_replace_markers(struct db *db, int64_t item_id, const char *source, const struct marker *markers,
			   size_t count, struct err *err)
{
	int rc = db_run(db, err, "DELETE FROM markers WHERE item_id = ? AND source = ?", "it", item_id, source);

	/* One that people set at the same place stays theirs. */
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = db_run(db, err,
			    "INSERT OR IGNORE INTO markers (item_id, kind, start_ms, end_ms, title, source) "
			    "VALUES (?, ?, ?, nullif(?, 0), ?, ?)",
			    "itiitt", item_id, markers[i].kind, markers[i].start_ms, markers[i].end_ms,
			    markers[i].title, source);
	return rc;
}

json_t *marker_json(const struct marker *m)
{
	return json_pack("{s:I,s:s,s:I,s:o,s:o,s:s}", "id", (json_int_t)m->id, "kind", m->kind, "start_ms", (json_int_t)m->start_ms,
			 "end_ms", m->end_ms ? json_integer(m->end_ms) : json_null(), "title",
			 *m->title ? item_text_json(m->title) : json_string(""), "source", m->source);
}

int item_media_list(struct db *db, int64_t item_id, struct arena *arena, struct item_media_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT f.id, r.path, f.path, x.part, f.size, f.mtime_ns, ifnull(p.duration_ms, 0) FROM item_files x "
				      "JOIN files f ON f.id = x.file_id JOIN roots r ON r.id = f.root_id "
				      "LEFT JOIN probes p ON p.file_id = f.id WHERE x.item_id = ? AND f.state = 'present' "
				      "ORDER BY x.part, p.height DESC, f.id",
				      err);
	struct item_media_list list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", item_id);
	while ((rc = db_step(db, stmt, err)) > 0) {
		const char *root = db_blob(stmt, 1, arena);

		ARENA_GROW(arena, list.files, list.count, cap);
		list.files[list.count++] = (struct item_media){
			.file_id = sqlite3_column_int64(stmt, 0),
			.path = arena_printf(arena, "%s%s%s", root, strcmp(root, "/") == 0 ? "" : "/", db_blob(stmt, 2, arena)),
			.part = sqlite3_column_int(stmt, 3),
			.size = sqlite3_column_int64(stmt, 4),
			.mtime_ns = sqlite3_column_int64(stmt, 5),
			.duration_ms = sqlite3_column_int64(stmt, 6),
		};
	}
	db_done(db, stmt);
	*ret = list;
	return rc;
}
