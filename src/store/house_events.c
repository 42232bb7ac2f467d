/* house_events.c - see house_events.h. */
#include "store/house_events.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define KEPT 5000

int house_events_add(struct db *db, const struct house_event *e, struct err *err)
{
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	rc = db_run(db, err, "DELETE FROM house_events WHERE from_ns = ?2 AND (kind = ?1 OR (kind IN ('down', 'stopped') AND "
				  "?1 IN ('down', 'stopped')))", "ti", e->kind, e->from_ns);
	if (rc == 0)
		rc = db_run(db, err, "INSERT INTO house_events (kind, from_ns, to_ns, at_ms, reason) VALUES (?, ?, ?, ?, ?)", "tiiit",
			    e->kind, e->from_ns, e->to_ns, e->at_ms, e->reason);
	if (rc == 0)
		rc = db_run(db, err, "DELETE FROM house_events WHERE id <= ?", "i", db_last_id(db) - KEPT);
	if (rc == 0)
		return db_commit(db, err);
	db_rollback(db);
	return rc;
}

static void read_event(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct house_event *)ret = (struct house_event){ .kind = db_text(stmt, 0, arena),
							   .from_ns = sqlite3_column_int64(stmt, 1),
							   .to_ns = sqlite3_column_int64(stmt, 2),
							   .at_ms = sqlite3_column_int64(stmt, 3),
							   .reason = db_text(stmt, 4, arena) };
}

int house_events_window(struct db *db, int64_t from_ns, int64_t to_ns, struct arena *arena, struct house_event_list *ret,
			struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT kind, from_ns, to_ns, at_ms, reason FROM house_events WHERE to_ns >= ?1 AND from_ns < ?2 "
				      "AND kind <> 'file' ORDER BY from_ns, id",
				      err);
	struct db_rows found = { 0 };

	if (stmt)
		db_bind(stmt, "ii", from_ns, to_ns);
	if (db_rows(db, stmt, sizeof(struct house_event), read_event, arena, &found, err) < 0)
		return -(int)ERR_STORE;
	*ret = (struct house_event_list){ .events = found.rows, .count = found.count };
	return 0;
}

int house_events_json(struct db *db, int64_t since_ms, int max, json_t *faults, json_t *notes, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db_rows found = { 0 };
	char at[40];
	sqlite3_stmt *stmt = db_query(
		db, "SELECT kind, from_ns, to_ns, at_ms, reason FROM house_events WHERE at_ms >= ? ORDER BY id DESC LIMIT ?", err);

	if (stmt)
		db_bind(stmt, "ii", since_ms, (int64_t)max);
	if (db_rows(db, stmt, sizeof(struct house_event), read_event, &arena, &found, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; i < found.count; i++) {
		const struct house_event *e = (const struct house_event *)found.rows + i;

		clock_format(at, sizeof(at), e->at_ms);
		json_array_append_new(strcmp(e->kind, "stopped") == 0 ? notes : faults,
				      json_pack("{s:n, s:n, s:s, s:s, s:i, s:s, s:s}", "channel", "channel_id", "at", at, "reason",
						e->reason, "count", 1, "first", at, "last", at));
	}
	return 0;
}
