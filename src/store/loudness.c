/* loudness.c - see loudness.h. */
#include "store/loudness.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

int loudness_get(struct db *db, int64_t file_id, struct arena *arena, struct loudness_row *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT l.complete, l.silent, l.integrated, l.true_peak, l.range, l.error FROM "
				      "loudness l JOIN files f ON f.id = l.file_id WHERE l.file_id = ? AND "
				      "l.sample_hash = f.sample_hash",
				      err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", file_id);
	rc = db_step(db, stmt, err);
	if (rc > 0)
		*ret = (struct loudness_row){
			.complete = sqlite3_column_int(stmt, 0) != 0,
			.silent = sqlite3_column_int(stmt, 1) != 0,
			.integrated = sqlite3_column_int(stmt, 2),
			.true_peak = sqlite3_column_int(stmt, 3),
			.range = sqlite3_column_int(stmt, 4),
			.error = sqlite3_column_type(stmt, 5) == SQLITE_NULL ? NULL : db_text(stmt, 5, arena),
		};
	db_done(db, stmt);
	return rc < 0 ? rc : rc > 0 ? 0 : -(int)ERR_NOT_FOUND;
}

int loudness_set(struct db *db, int64_t file_id, const char *sample_hash, const struct loudness_row *row,
		 struct err *err)
{
	return db_run(db, err,
		      "INSERT OR REPLACE INTO loudness (file_id, sample_hash, complete, silent, integrated, true_peak, "
		      "range, error, measured_ms) SELECT ?1, ?2, ?3, ?4, ?5, iif(?3, ?6, NULL), iif(?3, ?7, NULL), ?8, ?9 "
		      "WHERE EXISTS (SELECT 1 FROM files WHERE id = ?1)",
		      "itiiiiiti", file_id, sample_hash, (int64_t)row->complete, (int64_t)row->silent,
		      (int64_t)row->integrated, (int64_t)row->true_peak, (int64_t)row->range, row->error,
		      clock_wall_ms());
}

/* The file that a statement gives: its id, root, path, hash, the clip's id, and a row's start. Ends the statement. */
static int take_wanted(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct loudness_wanted *ret,
		       struct err *err)
{
	int rc = db_step(db, stmt, err);

	if (rc > 0) {
		const char *root = db_blob(stmt, 1, arena);

		ret->file_id = sqlite3_column_int64(stmt, 0);
		ret->path = arena_printf(arena, "%s%s%s", root, *root && root[strlen(root) - 1] == '/' ? "" : "/",
					 db_blob(stmt, 2, arena));
		ret->sample_hash = db_text(stmt, 3, arena);
		ret->clip_id = sqlite3_column_int64(stmt, 4);
		ret->start_flicks = sqlite3_column_int64(stmt, 5);
	}
	db_done(db, stmt);
	return rc < 0 ? rc : rc > 0 ? 0 : -(int)ERR_NOT_FOUND;
}

/* After "SELECT f.id, r.path, f.path, f.sample_hash, c.id, ... FROM clips c": files that can be measured. */
#define MEASURABLE \
	" JOIN files f ON f.id = c.file_id JOIN roots r ON r.id = f.root_id JOIN probes p ON p.file_id = f.id " \
	"LEFT JOIN loudness l ON l.file_id = f.id AND l.sample_hash = f.sample_hash "
#define CAN_BE_HEARD \
	" AND f.state = 'present' AND f.media_state = 'ok' AND f.sample_hash IS NOT NULL AND p.audio_codec IS NOT NULL "

int loudness_next(struct db *db, bool complete, int64_t after, struct arena *arena, struct loudness_wanted *ret,
		  struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT f.id, r.path, f.path, f.sample_hash, c.id, 0 FROM clips c" MEASURABLE
				      "WHERE c.id > ?1" CAN_BE_HEARD
				      "AND r.stalled_ms IS NULL "
				      "AND (l.file_id IS NULL OR (?2 AND NOT l.complete AND l.error IS NULL)) "
				      "ORDER BY c.id LIMIT 1",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", after, (int64_t)complete);
	return take_wanted(db, stmt, arena, ret, err);
}

int loudness_of_channel(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, struct arena *arena,
			struct loudness_wanted *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT f.id, r.path, f.path, f.sample_hash, c.id, t.start_flicks FROM timeline t "
				      "JOIN clips c ON c.id = t.clip_id" MEASURABLE
				      "WHERE t.channel_id = ?1 AND t.start_flicks >= ?2 AND t.start_flicks < ?3" CAN_BE_HEARD
				      "AND l.file_id IS NULL ORDER BY t.start_flicks LIMIT 1",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", channel_id, from_flicks, to_flicks);
	return take_wanted(db, stmt, arena, ret, err);
}

int loudness_unknown(struct db *db, int64_t channel_id, int64_t *ret, struct err *err)
{
	return db_int(db, ret, 0, err,
		      "SELECT count(DISTINCT f.id) FROM timeline t JOIN clips c ON c.id = t.clip_id" MEASURABLE
		      "WHERE t.channel_id = ?" CAN_BE_HEARD "AND l.file_id IS NULL",
		      "i", channel_id);
}

static json_t *measured(const struct loudness_row *row, bool known, int value)
{
	return !known || row->error ? json_null() : json_real(value / 100.0);
}

json_t *loudness_json(struct db *db, int64_t file_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct loudness_row row;
	int rc = loudness_get(db, file_id, &arena, &row, err);

	if (rc == -(int)ERR_NOT_FOUND)
		return json_null();
	if (rc < 0)
		return NULL;
	return json_pack("{s:o, s:o, s:o, s:b, s:b, s:s?}", "lufs", measured(&row, !row.silent, row.integrated),
			 "true_peak", measured(&row, row.complete, row.true_peak), "range",
			 measured(&row, row.complete, row.range), "complete", row.complete, "silent", row.silent,
			 "error", row.error);
}
