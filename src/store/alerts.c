/* alerts.c - see alerts.h. */
#include "store/alerts.h"

#include "base/clock.h"

#define COLUMNS \
	"SELECT id, text, channels, priority, for_ms, start_ns, end_ns, coalesce(cancelled_ns, 0), resume FROM alerts "

static void read_row(sqlite3_stmt *stmt, struct arena *arena, struct alert *ret)
{
	*ret = (struct alert){
		.id = sqlite3_column_int64(stmt, 0),
		.text = db_text(stmt, 1, arena),
		.channels = sqlite3_column_type(stmt, 2) == SQLITE_NULL ? NULL : db_text(stmt, 2, arena),
		.priority = sqlite3_column_int64(stmt, 3),
		.for_ms = sqlite3_column_int64(stmt, 4),
		.start_ns = sqlite3_column_int64(stmt, 5),
		.end_ns = sqlite3_column_int64(stmt, 6),
		.cancelled_ns = sqlite3_column_int64(stmt, 7),
		.resume = sqlite3_column_int(stmt, 8) != 0,
	};
}

/* All rows of a statement. Takes it. */
static int read_all(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct alert_list *ret, struct err *err)
{
	struct alert_list list = { 0 };
	size_t cap = 0;
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.alerts, list.count, cap);
		read_row(stmt, arena, &list.alerts[list.count++]);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int alerts_add(struct db *db, const struct alert *alert, int64_t *ret_id, struct err *err)
{
	int rc = db_run(db, err,
			"INSERT INTO alerts (text, channels, priority, for_ms, start_ns, end_ns, created_ms, resume) "
			"VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			"ttiiiiii", alert->text, alert->channels, alert->priority, alert->for_ms, alert->start_ns,
			alert->end_ns, clock_wall_ms(), (int64_t)alert->resume);

	if (rc == 0)
		*ret_id = db_last_id(db);
	return rc;
}

int alerts_get(struct db *db, int64_t id, struct arena *arena, struct alert *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, COLUMNS "WHERE id = ?", err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", id);
	rc = db_step(db, stmt, err);
	if (rc > 0)
		read_row(stmt, arena, ret);
	db_done(db, stmt);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no alert %lld; 'matinee alert list' shows those there are",
			       (long long)id);
	return rc < 0 ? rc : 0;
}

int alerts_set_cancelled(struct db *db, int64_t id, int64_t now_ns, struct err *err)
{
	return db_run(db, err, "UPDATE alerts SET cancelled_ns = ?2 WHERE id = ?1", "ii", id, now_ns);
}

int alerts_list(struct db *db, int64_t limit, int64_t offset, struct arena *arena, struct alert_list *ret,
		int64_t *ret_total, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc = db_int(db, ret_total, 0, err, "SELECT count(*) FROM alerts", "");

	if (rc < 0)
		return rc;
	stmt = db_query(db, COLUMNS "ORDER BY id DESC LIMIT ? OFFSET ?", err);
	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", limit, offset);
	return read_all(db, stmt, arena, ret, err);
}

int alerts_running(struct db *db, int64_t now_ns, struct arena *arena, struct alert_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, COLUMNS "WHERE end_ns > ? AND cancelled_ns IS NULL ORDER BY id", err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", now_ns);
	return read_all(db, stmt, arena, ret, err);
}

int alerts_channels(struct db *db, const struct alert *alert, struct arena *arena, struct alert_channels *ret,
		    struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "SELECT id FROM channels WHERE ?1 IS NULL OR id IN (SELECT value FROM json_each(?1)) "
			 "ORDER BY number",
			 err);
	struct alert_channels list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "t", alert->channels);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.ids, list.count, cap);
		list.ids[list.count++] = sqlite3_column_int64(stmt, 0);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int alerts_trim(struct db *db, int64_t before_ns, struct err *err)
{
	return db_run(db, err,
		      "DELETE FROM alerts WHERE end_ns < ? AND id NOT IN (SELECT alert_id FROM overrides WHERE alert_id IS NOT "
		      "NULL)",
		      "i", before_ns);
}
