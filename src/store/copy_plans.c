/* copy_plans.c - see copy_plans.h. */
#include "store/copy_plans.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

int copy_plans_get(struct db *db, int64_t file_id, const char *codec, struct arena *arena, struct copy_plan_row *ret,
		   struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT p.width, p.height, p.error, p.lengths FROM copy_plans p JOIN files f ON "
				      "f.id = p.file_id WHERE p.file_id = ?1 AND p.sample_hash = f.sample_hash AND p.version = ?2 "
				      "AND p.codec = coalesce(?3, p.codec) ORDER BY p.lengths IS NULL LIMIT 1",
				      err);
	struct copy_plan_row row = { 0 };
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iit", file_id, (int64_t)COPY_PLAN_VERSION, codec);
	rc = db_step(db, stmt, err);
	if (rc > 0) {
		row.width = sqlite3_column_int(stmt, 0);
		row.height = sqlite3_column_int(stmt, 1);
		row.error = sqlite3_column_type(stmt, 2) == SQLITE_NULL ? NULL : db_text(stmt, 2, arena);
		if (!lengths_read(sqlite3_column_blob(stmt, 3), (size_t)sqlite3_column_bytes(stmt, 3), arena, &row.lengths))
			row = (struct copy_plan_row){ .error = "its copy plan is damaged" };
		*ret = row;
	}
	db_done(db, stmt);
	return rc < 0 ? rc : rc > 0 ? 0 : -(int)ERR_NOT_FOUND;
}

int copy_plans_set(struct db *db, int64_t file_id, const char *codec, const char *sample_hash,
		   const struct copy_plan_row *row, struct err *err)
{
	CLEANUP(buf_free) struct buf bytes = { 0 };

	lengths_write(&bytes, &row->lengths);
	return db_run(db, err,
		      "INSERT OR REPLACE INTO copy_plans (file_id, sample_hash, width, height, lengths, error, made_ms, version, codec) "
		      "SELECT ?1, ?2, ?3, ?4, nullif(?5, x''), ?6, ?7, ?8, ?9 WHERE EXISTS (SELECT 1 FROM files WHERE id = ?1)",
		      "itiibtiit", file_id, sample_hash, (int64_t)row->width, (int64_t)row->height, buf_text(&bytes),
		      (int64_t)bytes.len, row->error, clock_wall_ms(), (int64_t)COPY_PLAN_VERSION, codec);
}

json_t *copy_plans_json(struct db *db, int64_t file_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct copy_plan_row row;
	int rc = copy_plans_get(db, file_id, NULL, &arena, &row, err);

	if (rc == -(int)ERR_NOT_FOUND)
		return json_null();
	if (rc < 0)
		return NULL;
	return json_pack("{s:b, s:I, s:s?}", "possible", row.lengths.count > 0, "segments",
			 (json_int_t)row.lengths.count, "why", row.error);
}

int copy_plans_next(struct db *db, const char *profile, const char *codec, int64_t after, struct arena *arena, struct copy_plan_wanted *ret,
		    struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		"SELECT c.id, f.id, r.path, f.path, f.sample_hash, c.lengths IS NOT NULL FROM clips c JOIN files f ON f.id = c.file_id "
		"JOIN roots r ON r.id = f.root_id LEFT JOIN copy_plans p ON p.file_id = f.id AND p.sample_hash = "
		"f.sample_hash AND p.version = ?3 AND p.codec = ?4 WHERE c.id > ?1 AND c.profile = ?2 AND f.state = 'present' AND f.media_state = 'ok' AND "
		"f.sample_hash IS NOT NULL AND r.stalled_ms IS NULL AND p.file_id IS NULL ORDER BY c.id LIMIT 1",
		err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "itit", after, profile, (int64_t)COPY_PLAN_VERSION, codec);
	rc = db_step(db, stmt, err);
	if (rc > 0) {
		const char *root = db_blob(stmt, 2, arena);

		ret->clip_id = sqlite3_column_int64(stmt, 0);
		ret->file_id = sqlite3_column_int64(stmt, 1);
		ret->path = arena_printf(arena, "%s%s%s", root, *root && root[strlen(root) - 1] == '/' ? "" : "/",
					 db_blob(stmt, 3, arena));
		ret->sample_hash = db_text(stmt, 4, arena);
		ret->copied = sqlite3_column_int(stmt, 5) != 0;
	}
	db_done(db, stmt);
	return rc < 0 ? rc : rc > 0 ? 0 : -(int)ERR_NOT_FOUND;
}

int copy_plans_late(struct db *db, int64_t channel_id, const char *codec, int64_t before_flicks, bool *ret, struct err *err)
{
	int64_t late = 0;
	int rc = db_int(db, &late, 0, err,
			"SELECT EXISTS (SELECT 1 FROM timeline t JOIN clips c ON c.id = t.clip_id JOIN files f ON f.id = c.file_id "
			"JOIN copy_plans p ON p.file_id = f.id AND p.sample_hash = f.sample_hash AND p.version = ?3 AND p.codec = ?4 WHERE t.channel_id = ?1 AND "
			"t.start_flicks < ?2 AND c.lengths IS NULL AND p.lengths IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM "
			"timeline t JOIN clips c ON c.id = t.clip_id WHERE t.channel_id = ?1 AND t.start_flicks < ?2 AND c.lengths "
			"IS NOT NULL)",
			"iiit", channel_id, before_flicks, (int64_t)COPY_PLAN_VERSION, codec);

	*ret = late != 0;
	return rc;
}
