/* jobs.c - see jobs.h. */
#include "store/jobs.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define COLUMNS \
	"id, kind, state, message, payload, result, coalesce(progress, -1), created_ms, started_ms, " \
	"ended_ms, attempts"
#define KEPT 1000 /* ended ones */

static void read_job(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct job *)ret = (struct job) {
		.id = sqlite3_column_int64(stmt, 0),
		.kind = db_text(stmt, 1, arena),
		.state = db_text(stmt, 2, arena),
		.message = db_text(stmt, 3, arena),
		.payload = db_text(stmt, 4, arena),
		.result = db_text(stmt, 5, arena),
		.progress = sqlite3_column_double(stmt, 6),
		.created_ms = sqlite3_column_int64(stmt, 7),
		.started_ms = sqlite3_column_int64(stmt, 8),
		.ended_ms = sqlite3_column_int64(stmt, 9),
		.attempts = sqlite3_column_int64(stmt, 10),
	};
}

static int read_list(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct job_list *ret,
		     struct err *err)
{
	struct db_rows rows;
	int rc = db_rows(db, stmt, sizeof(*ret->jobs), read_job, arena, &rows, err);

	if (rc == 0)
		*ret = (struct job_list) { rows.rows, rows.count };
	return rc;
}

static int add(struct db *db, const char *kind, const char *payload, int64_t *ret_id, struct err *err)
{
	int64_t id;

	if (db_int(db, &id, 0, err,
		   "SELECT id FROM jobs WHERE state IN ('queued', 'running') AND kind = ? AND payload = ? "
		   "LIMIT 1",
		   "tt", kind, payload) < 0)
		return -(int)ERR_STORE;
	if (!id) {
		if (db_run(db, err, "INSERT INTO jobs (kind, payload, created_ms) VALUES (?, ?, ?)", "tti",
			   kind, payload, clock_wall_ms()) < 0)
			return -(int)ERR_STORE;
		id = db_last_id(db);
	}
	*ret_id = id;
	return 0;
}

int jobs_add(struct db *db, const char *kind, const json_t *payload, int64_t *ret_id, struct err *err)
{
	CLEANUP(cleanup_free)
	char *text = payload ? json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS) : strdup("{}");

	if (!text)
		return err_set(err, ERR_INVALID, "a job '%s' cannot be written down", kind);
	if (strlen(text) > JOB_PAYLOAD_MAX)
		return err_set(err, ERR_TOO_LARGE,
			       "a job '%s' of %zu bytes is larger than the %zu that one may be", kind,
			       strlen(text), JOB_PAYLOAD_MAX);
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	if (add(db, kind, text, ret_id, err) < 0) {
		db_rollback(db);
		return -(int)ERR_STORE;
	}
	return db_commit(db, err);
}

int jobs_get(struct db *db, int64_t id, struct arena *arena, struct job *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT " COLUMNS " FROM jobs WHERE id = ?", err);
	int rc;

	if (stmt)
		db_bind(stmt, "i", id);
	rc = db_row(db, stmt, read_job, arena, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no job %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

int jobs_list(struct db *db, const char *state, int64_t limit, int64_t offset, struct arena *arena,
	      struct job_list *ret, int64_t *ret_total, struct err *err)
{
	const char *first = state && strcmp(state, "open") == 0 ? "queued" : state;
	const char *second = state && strcmp(state, "open") == 0 ? "running" : state;
	sqlite3_stmt *stmt;

	if (db_int(db, ret_total, 0, err, "SELECT count(*) FROM jobs WHERE ?1 IS NULL OR state IN (?1, ?2)",
		   "tt", first, second) < 0)
		return -(int)ERR_STORE;
	stmt = db_query(db,
			"SELECT " COLUMNS " FROM jobs WHERE ?1 IS NULL OR state IN (?1, ?2) ORDER BY id DESC "
			"LIMIT ?3 OFFSET ?4",
			err);
	if (stmt)
		db_bind(stmt, "ttii", first, second, limit, offset);
	return read_list(db, stmt, arena, ret, err);
}

static json_t *time_json(int64_t ms)
{
	char text[40];

	return ms ? json_string(clock_format(text, sizeof(text), ms)) : json_null();
}

static json_t *object_json(const char *text)
{
	json_t *json = json_parse(text, strlen(text), NULL);

	return json ? json : json_object();
}

json_t *job_json(const struct job *job)
{
	return json_pack("{s:I, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:I}", "id", (json_int_t)job->id,
			 "kind", job->kind, "state", job->state, "progress",
			 job->progress < 0 ? json_null() : json_real(job->progress), "message", job->message,
			 "payload", object_json(job->payload), "result", object_json(job->result), "created",
			 time_json(job->created_ms), "started", time_json(job->started_ms), "ended",
			 time_json(job->ended_ms), "attempts", (json_int_t)job->attempts);
}

json_t *jobs_list_json(struct db *db, const char *state, int64_t limit, int64_t offset, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct job_list list;
	json_t *items;
	int64_t total;

	if (jobs_list(db, state, limit, offset, &arena, &list, &total, err) < 0)
		return NULL;
	items = json_array();
	for (size_t i = 0; i < list.count; i++)
		json_array_append_new(items, job_json(&list.jobs[i]));
	return json_pack("{s:I, s:o}", "total", (json_int_t)total, "items", items);
}

/* ---- for the queue ---- */

static int take(struct db *db, const char *kind, struct arena *arena, struct job *ret, struct err *err)
{
	int64_t id;

	if (db_int(db, &id, 0, err,
		   "SELECT id FROM jobs WHERE state = 'queued' AND kind = ? ORDER BY id LIMIT 1", "t",
		   kind) < 0)
		return -(int)ERR_STORE;
	if (!id)
		return 0;
	if (db_run(db, err,
		   "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_ms = ?2, progress = "
		   "NULL "
		   "WHERE id = ?1",
		   "ii", id, clock_wall_ms()) < 0 ||
	    jobs_get(db, id, arena, ret, err) < 0)
		return -(int)ERR_STORE;
	return 1;
}

int jobs_take(struct db *db, const char *kind, struct arena *arena, struct job *ret, struct err *err)
{
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = take(db, kind, arena, ret, err);
	if (rc <= 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err) < 0 ? -(int)ERR_STORE : 1;
}

int jobs_set_progress(struct db *db, int64_t id, double progress, const char *message, struct err *err)
{
	int rc;

	db_lock(db);
	rc = db_run(
		db, err,
		"UPDATE jobs SET progress = CASE WHEN ?2 < 0 THEN NULL ELSE min(?2, 1.0) END, message = ?3 "
		"WHERE id = ?1 AND state = 'running'",
		"idt", id, progress, message ? message : "");
	db_unlock(db);
	return rc;
}

static int forget_old(struct db *db, struct err *err)
{
	return db_run(db, err,
		      "DELETE FROM jobs WHERE state IN ('done', 'failed', 'cancelled') AND id < (SELECT id "
		      "FROM jobs "
		      "WHERE state IN ('done', 'failed', 'cancelled') ORDER BY id DESC LIMIT 1 OFFSET ?)",
		      "i", (int64_t)KEPT - 1);
}

int jobs_end(struct db *db, int64_t id, const char *state, const char *message, const json_t *result,
	     struct err *err)
{
	CLEANUP(cleanup_free) char *text = result ? json_dumps(result, JSON_COMPACT) : NULL;
	bool again = strcmp(state, "queued") == 0;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	if (db_run(db, err,
		   "UPDATE jobs SET state = ?2, message = ?3, result = coalesce(?4, result), ended_ms = ?5, "
		   "progress = CASE WHEN ?2 = 'done' THEN 1.0 ELSE progress END WHERE id = ?1 AND state = "
		   "'running'",
		   again ? "itttn" : "ittti", id, state, message, text, clock_wall_ms()) < 0 ||
	    forget_old(db, err) < 0) {
		db_rollback(db);
		return -(int)ERR_STORE;
	}
	return db_commit(db, err);
}

int jobs_cancel(struct db *db, int64_t id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct job job;
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = jobs_get(db, id, &arena, &job, err);
	if (rc == 0 && strcmp(job.state, "queued") == 0) {
		rc = db_run(db, err, "UPDATE jobs SET state = 'cancelled', ended_ms = ? WHERE id = ?", "ii",
			    clock_wall_ms(), id);
		rc = rc < 0 ? rc : 1;
	} else if (rc == 0 && strcmp(job.state, "running") != 0) {
		rc = err_set(err, ERR_CONFLICT, "job %lld has ended: %s", (long long)id, job.state);
	}
	if (rc <= 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err) < 0 ? -(int)ERR_STORE : 1;
}

int jobs_running(struct db *db, struct arena *arena, struct job_list *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db, "SELECT " COLUMNS " FROM jobs WHERE state = 'running' ORDER BY id", err);

	return read_list(db, stmt, arena, ret, err);
}
