/* airings.c - the coarse log as rows; declared in timeline.h. */
#include "store/timeline.h"

#define COLUMNS \
	"SELECT a.id, a.channel_id, a.start_flicks, a.end_flicks, coalesce(a.item_id, 0), a.kind, a.title, " \
	"a.cursor " \
	"FROM airings a "

static void read_airing(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct airing *)ret = (struct airing) {
		.id = sqlite3_column_int64(stmt, 0),
		.channel_id = sqlite3_column_int64(stmt, 1),
		.start_flicks = sqlite3_column_int64(stmt, 2),
		.end_flicks = sqlite3_column_int64(stmt, 3),
		.item_id = sqlite3_column_int64(stmt, 4),
		.kind = db_text(stmt, 5, arena),
		.title = db_text(stmt, 6, arena),
		.cursor = db_text(stmt, 7, arena),
	};
}

/* Ends the statement. */
static int read_list(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct airing_list *ret, struct err *err)
{
	struct db_rows rows;
	int rc = db_rows(db, stmt, sizeof(struct airing), read_airing, arena, &rows, err);

	if (rc == 0)
		*ret = (struct airing_list) { rows.rows, rows.count };
	return rc;
}

int airings_add(struct db *db, const struct airing *airing, int64_t *ret_id, struct err *err)
{
	int rc = db_run(
		db, err,
		"INSERT INTO airings (channel_id, start_flicks, end_flicks, item_id, kind, title, cursor) "
		"VALUES (?, ?, ?, nullif(?, 0), ?, ?, ?)",
		"iiiittt", airing->channel_id, airing->start_flicks, airing->end_flicks, airing->item_id,
		airing->kind, airing->title, airing->cursor);

	if (rc == 0)
		*ret_id = db_last_id(db);
	return rc;
}

int airings_set_end(struct db *db, int64_t id, int64_t end_flicks, struct err *err)
{
	return db_run(db, err, "UPDATE airings SET end_flicks = ?2 WHERE id = ?1", "ii", id, end_flicks);
}

int airings_window(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks,
		   struct arena *arena, struct airing_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		COLUMNS "WHERE a.channel_id = ?1 AND a.start_flicks >= coalesce((SELECT "
			"max(start_flicks) FROM airings WHERE channel_id = ?1 AND start_flicks <= ?2), "
			"?2) AND a.start_flicks < ?3 AND a.end_flicks > ?2 ORDER BY a.start_flicks",
		err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", channel_id, from_flicks, to_flicks);
	return read_list(db, stmt, arena, ret, err);
}

int airings_put_off(struct db *db, int64_t id, struct arena *arena, const char **ret_cursor, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db, "SELECT cursor FROM airings WHERE id = ? AND cursor LIKE '%\"put_off_now\"%'", err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", id);
	rc = db_step(db, stmt, err);
	*ret_cursor = rc > 0 ? db_text(stmt, 0, arena) : NULL;
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

#define FLICKS_AT(n) /* of a channel, at a station time; seconds and the rest apart, since ns times 7056 would overflow */ \
	"((" n " - h.epoch_ns) / 1000000000 * 705600000 + (" n " - h.epoch_ns) % 1000000000 * 7056 / 10000)"

int airings_slow(struct db *db, double below, int64_t from_station_ns, int64_t to_station_ns, struct arena *arena,
		 struct airing_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		COLUMNS "JOIN channels h ON h.id = a.channel_id WHERE h.enabled AND a.start_flicks >= " FLICKS_AT("?2")
			" AND a.start_flicks < " FLICKS_AT("?3") " AND EXISTS (SELECT 1 FROM timeline t JOIN clips c ON "
			"c.id = t.clip_id JOIN probes p ON p.file_id = c.file_id WHERE t.channel_id = h.id AND "
			"t.start_flicks >= a.start_flicks AND t.start_flicks < a.end_flicks AND c.lengths IS NULL AND "
			"p.decode_speed < ?1) ORDER BY a.channel_id, a.start_flicks",
		err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "dii", below, from_station_ns, to_station_ns);
	return read_list(db, stmt, arena, ret, err);
}

static int one_airing(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct airing *ret,
		      struct err *err)
{
	int rc = db_step(db, stmt, err);

	if (rc > 0)
		read_airing(stmt, arena, ret);
	db_done(db, stmt);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "the channel has no such airing");
	return rc < 0 ? rc : 0;
}

int airings_last(struct db *db, int64_t channel_id, struct arena *arena, struct airing *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db, COLUMNS "WHERE a.channel_id = ? ORDER BY a.start_flicks DESC LIMIT 1", err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", channel_id);
	return one_airing(db, stmt, arena, ret, err);
}

int airings_has(struct db *db, int64_t channel_id, const char *kind, bool *ret, struct err *err)
{
	int64_t any = 0;
	int rc = db_int(db, &any, 0, err,
			"SELECT EXISTS (SELECT 1 FROM airings WHERE channel_id = ?1 AND kind = ?2) OR (?2 = 'programme' AND "
			"EXISTS (SELECT 1 FROM timeline_begin WHERE channel_id = ?1 AND aired))",
			"it", channel_id, kind);

	*ret = any != 0;
	return rc;
}

int airings_back(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t count, int64_t *ret, struct err *err)
{
	return db_int(db, ret, from_flicks, err,
		      "SELECT start_flicks FROM airings WHERE channel_id = ? AND start_flicks >= ? ORDER BY start_flicks DESC "
		      "LIMIT 1 OFFSET ?",
		      "iii", channel_id, from_flicks, count - 1);
}

int airings_cut(struct db *db, int64_t channel_id, int64_t from_flicks, struct arena *arena,
		struct airing *ret_first, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      COLUMNS "WHERE a.channel_id = ? AND a.start_flicks >= ? "
					      "ORDER BY a.start_flicks LIMIT 1",
				      err);
	struct airing first = { 0 };
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", channel_id, from_flicks);
	rc = one_airing(db, stmt, arena, &first, err);
	if (rc < 0)
		return rc;
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	/* Rows follow their airings without a gap: one range. */
	if (db_run(db, err, "DELETE FROM timeline WHERE channel_id = ? AND start_flicks >= ?", "ii",
		   channel_id, first.start_flicks) < 0 ||
	    db_run(db, err, "DELETE FROM airings WHERE channel_id = ? AND start_flicks >= ?", "ii",
		   channel_id, first.start_flicks) < 0) {
		db_rollback(db);
		return -(int)ERR_STORE;
	}
	if (db_commit(db, err) < 0)
		return -(int)ERR_STORE;
	*ret_first = first;
	return 0;
}
