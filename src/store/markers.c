/* markers.c - break points and chapters of an item; see items.h and filing.h. */
#include "store/filing.h"
#include "store/items.h"

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

int markers_add(struct db *db, int64_t item_id, const struct marker *marker, int64_t *ret_id, struct err *err)
{
	int rc;

	if (marker->start_ms < 0 || (marker->end_ms && marker->end_ms <= marker->start_ms))
		return err_set(err, ERR_INVALID, "add a marker to item %lld: it ends before it starts",
			       (long long)item_id);
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
