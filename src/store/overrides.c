/* overrides.c - see overrides.h. The index begins with the end, so that a look at the present passes over none of
 * those that have ended. */
#include "store/overrides.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"

#define REASON_MAX 512

#define COLUMNS \
	"SELECT o.id, o.channel_id, o.seq_from, o.seq_to, coalesce(o.alert_id, 0), o.priority, o.kind, a.text, " \
	"o.reason, o.k0, " CLIPS_COLUMNS " FROM overrides o LEFT JOIN alerts a ON a.id = o.alert_id " \
	"LEFT JOIN clips c ON c.id = o.clip_id " CLIPS_FILES

static void read_row(sqlite3_stmt *stmt, struct arena *arena, struct override *ret)
{
	*ret = (struct override){
		.id = sqlite3_column_int64(stmt, 0),
		.channel_id = sqlite3_column_int64(stmt, 1),
		.seq_from = sqlite3_column_int64(stmt, 2),
		.seq_to = sqlite3_column_int64(stmt, 3),
		.alert_id = sqlite3_column_int64(stmt, 4),
		.priority = sqlite3_column_int64(stmt, 5),
		.kind = db_text(stmt, 6, arena),
		.card = sqlite3_column_type(stmt, 7) == SQLITE_NULL ? NULL : db_text(stmt, 7, arena),
		.reason = db_text(stmt, 8, arena),
		.k0 = sqlite3_column_int64(stmt, 9),
	};
	if (sqlite3_column_type(stmt, 10) != SQLITE_NULL)
		clips_read(stmt, 10, arena, &ret->clip);
}

/* All rows. Takes the statement. */
static int all_rows(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct override_list *ret, struct err *err)
{
	struct override_list list = { 0 };
	size_t cap = 0;
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.overrides, list.count, cap);
		read_row(stmt, arena, &list.overrides[list.count++]);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

/* The first row or none. Takes the statement. */
static int one_row(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct override *ret, struct err *err)
{
	int rc = db_step(db, stmt, err);

	if (rc > 0)
		read_row(stmt, arena, ret);
	else if (rc == 0)
		*ret = (struct override){ 0 };
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

int overrides_at(struct db *db, int64_t channel_id, int64_t seq, struct arena *arena, struct override *ret,
		 struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      COLUMNS "WHERE o.channel_id = ?1 AND o.seq_to > ?2 AND o.seq_from <= ?2 "
					      "ORDER BY o.priority DESC, o.id DESC LIMIT 1",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", channel_id, seq);
	return one_row(db, stmt, arena, ret, err);
}

int overrides_window(struct db *db, int64_t channel_id, int64_t seq_from, int64_t seq_to, struct arena *arena,
		     struct override_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      COLUMNS "WHERE o.channel_id = ?1 AND o.seq_to > ?2 AND o.seq_from < ?3 "
					      "ORDER BY o.priority DESC, o.id DESC",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", channel_id, seq_from, seq_to);
	return all_rows(db, stmt, arena, ret, err);
}

int overrides_of_clip(struct db *db, int64_t channel_id, int64_t clip_id, int64_t seq, struct arena *arena,
		      struct override_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      COLUMNS "WHERE o.clip_id = ?2 AND o.channel_id = ?1 AND o.seq_to > ?3 "
					      "ORDER BY o.seq_from",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", channel_id, clip_id, seq);
	return all_rows(db, stmt, arena, ret, err);
}

int overrides_of_alert(struct db *db, int64_t alert_id, int64_t channel_id, struct arena *arena,
		       struct override *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, COLUMNS "WHERE o.alert_id = ? AND o.channel_id = ?", err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", alert_id, channel_id);
	return one_row(db, stmt, arena, ret, err);
}

int overrides_of_kind(struct db *db, const char *kind, struct arena *arena, struct override_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, COLUMNS "WHERE o.kind = ? ORDER BY o.channel_id, o.seq_from", err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "t", kind);
	return all_rows(db, stmt, arena, ret, err);
}

/* Of what was copied there must be a plan again. */
#define RETURNED \
	"SELECT o.id, o.channel_id, o.seq_from, o.seq_to, 0, o.priority, o.kind, NULL, o.reason, o.k0, " CLIPS_COLUMNS " FROM overrides o " \
	"CROSS JOIN timeline t ON t.channel_id = o.channel_id AND t.first_seq = (SELECT max(first_seq) FROM timeline WHERE channel_id = o.channel_id " \
	"AND first_seq <= o.seq_from) " \
	"CROSS JOIN clips c ON c.id = t.clip_id " CLIPS_FILES "WHERE o.kind = 'failed' AND o.created_ms >= ?1 AND f.state = 'present' " \
	"AND f.media_state = 'ok' AND f.seen_ms >= o.created_ms AND (c.lengths IS NULL OR EXISTS (" CLIPS_PLAN "))"

int overrides_returned(struct db *db, int64_t since_ms, struct arena *arena, struct override_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, RETURNED, err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", since_ms);
	return all_rows(db, stmt, arena, ret, err);
}

int overrides_get(struct db *db, int64_t id, struct arena *arena, struct override *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, COLUMNS "WHERE o.id = ?", err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", id);
	rc = one_row(db, stmt, arena, ret, err);
	return rc == 0 && !ret->id ? err_set(err, ERR_NOT_FOUND, "there is no override %lld", (long long)id) : rc;
}

int overrides_add(struct db *db, const struct override *override, int64_t *ret_id, struct err *err)
{
	int rc = db_run(db, err,
			"INSERT INTO overrides (channel_id, seq_from, seq_to, kind, priority, alert_id, reason, "
			"created_ms, clip_id, k0) VALUES (?, ?, ?, ?, ?, nullif(?, 0), ?, ?, nullif(?, 0), ?)",
			"iiitiitiii", override->channel_id, override->seq_from, override->seq_to, override->kind,
			override->priority, override->alert_id, override->reason ? override->reason : "",
			clock_wall_ms(), override->clip.id, override->k0);

	if (rc == 0)
		*ret_id = db_last_id(db);
	return rc;
}

int overrides_move(struct db *db, int64_t id, int64_t seq_from, int64_t seq_to, struct err *err)
{
	return db_run(db, err, "UPDATE overrides SET k0 = k0 + ?2 - seq_from, seq_from = ?2, seq_to = ?3 WHERE id = ?1",
		      "iii", id, seq_from, seq_to);
}

int overrides_remove(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, err, "DELETE FROM overrides WHERE id = ?", "i", id);
}

int overrides_clear(struct db *db, int64_t channel_id, struct err *err)
{
	int rc = db_run(db, err, "DELETE FROM overrides WHERE channel_id = ?", "i", channel_id);

	return rc < 0 ? rc : db_run(db, err, "DELETE FROM timeline_begin WHERE channel_id = ?", "i", channel_id);
}

json_t *overrides_faults_json(struct db *db, int64_t since_ms, int max, struct err *err)
{
	CLEANUP(json_cleanup) json_t *list = json_array();
	CLEANUP(arena_free) struct arena arena = { 0 };
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT c.number, c.id, max(o.created_ms), o.reason, count(*), min(o.created_ms) FROM overrides o "
				      "JOIN channels c ON c.id = o.channel_id WHERE o.alert_id IS NULL AND o.kind <> 'resume' AND "
				      "o.created_ms >= ? GROUP BY c.id, o.reason ORDER BY max(o.id) DESC LIMIT ?",
				      err);
	char at[40], first[40], reason[REASON_MAX];
	int rc;

	if (!stmt)
		return NULL;
	db_bind(stmt, "ii", since_ms, (int64_t)max);
	while ((rc = db_step(db, stmt, err)) > 0) {
		clock_format(at, sizeof(at), sqlite3_column_int64(stmt, 2));
		clock_format(first, sizeof(first), sqlite3_column_int64(stmt, 5));
		json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:s, s:I, s:s, s:s}", "channel",
						      (json_int_t)sqlite3_column_int64(stmt, 0), "channel_id",
						      (json_int_t)sqlite3_column_int64(stmt, 1), "at", at, "reason",
						      utf8_clean(reason, sizeof(reason), db_text(stmt, 3, &arena)), "count",
						      (json_int_t)sqlite3_column_int64(stmt, 4), "first", first, "last", at));
	}
	db_done(db, stmt);
	return rc < 0 ? NULL : TAKE(list);
}
