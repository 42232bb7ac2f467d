/* as_run.c - see as_run.h. */
#include "store/as_run.h"

#define TRIM_ROWS 500 /* in a transaction */

int as_run_watched(struct db *db, int64_t channel_id, int64_t first_seq, int64_t now_ms, struct err *err)
{
	return db_run(db, err, "INSERT OR IGNORE INTO as_run (channel_id, first_seq, watched_ms) VALUES (?, ?, ?)", "iii",
		      channel_id, first_seq, now_ms);
}

int as_run_late(struct db *db, int64_t channel_id, int64_t first_seq, int64_t segments, int64_t now_ms, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO as_run (channel_id, first_seq, late, watched_ms) VALUES (?, ?, ?, ?) "
		      "ON CONFLICT (channel_id, first_seq) DO UPDATE SET late = late + excluded.late",
		      "iiii", channel_id, first_seq, segments, now_ms);
}

int as_run_get(struct db *db, int64_t channel_id, int64_t first_seq, struct as_run *ret, struct err *err)
{
	int64_t late;
	int rc = db_int(db, &late, -1, err, "SELECT late FROM as_run WHERE channel_id = ? AND first_seq = ?", "ii",
			channel_id, first_seq);

	*ret = (struct as_run){ .watched = late >= 0, .late = late > 0 ? late : 0 };
	return rc;
}

int as_run_log_add(struct db *db, const struct as_run_entry *e, struct err *err)
{
	return db_run(db, err,
		      "INSERT OR REPLACE INTO as_run_log (channel_id, first_seq, start_ms, end_ms, kind, title, item_id, "
		      "segments, status, replaced, note, watched) VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?)",
		      "iiiittiititi", e->channel_id, e->first_seq, e->start_ms, e->end_ms, e->kind, e->title, e->item_id,
		      e->segments, e->status, e->replaced, e->note, (int64_t)e->watched);
}

static void read_entry(sqlite3_stmt *stmt, struct arena *arena, struct as_run_entry *ret)
{
	*ret = (struct as_run_entry){
		.channel_id = sqlite3_column_int64(stmt, 0),
		.first_seq = sqlite3_column_int64(stmt, 1),
		.start_ms = sqlite3_column_int64(stmt, 2),
		.end_ms = sqlite3_column_int64(stmt, 3),
		.kind = db_text(stmt, 4, arena),
		.title = db_text(stmt, 5, arena),
		.item_id = sqlite3_column_int64(stmt, 6),
		.segments = sqlite3_column_int64(stmt, 7),
		.status = db_text(stmt, 8, arena),
		.replaced = sqlite3_column_int64(stmt, 9),
		.note = db_text(stmt, 10, arena),
		.watched = sqlite3_column_int(stmt, 11) != 0,
	};
}

int as_run_log_window(struct db *db, int64_t channel_id, int64_t from_ms, int64_t to_ms, int64_t limit,
		      struct arena *arena, struct as_run_entries *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT channel_id, first_seq, start_ms, end_ms, kind, title, coalesce(item_id, 0), "
				      "segments, status, replaced, note, watched FROM as_run_log WHERE channel_id = ?1 AND "
				      "end_ms > ?2 AND start_ms < ?3 ORDER BY first_seq LIMIT ?4",
				      err);
	struct as_run_entries list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iiii", channel_id, from_ms, to_ms, limit);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.entries, list.count, cap);
		read_entry(stmt, arena, &list.entries[list.count++]);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int as_run_log_trim(struct db *db, int64_t before_ms, struct err *err)
{
	int rc = db_run(db, err,
			"DELETE FROM as_run_log WHERE (channel_id, first_seq) IN (SELECT channel_id, first_seq FROM as_run_log "
			"WHERE end_ms < ? ORDER BY end_ms LIMIT ?)",
			"ii", before_ms, (int64_t)TRIM_ROWS);

	return rc < 0 ? rc : db_changes(db) == TRIM_ROWS;
}
