/* timeline.c - see timeline.h. Every query is one range of a primary key or of an index, whatever the number
 * of rows: the row that holds a position is the last one that starts at or before it. */
#include "store/timeline.h"

#define ROW \
	"SELECT t.channel_id, t.start_flicks, t.frames, t.first_seq, t.segments, t.clip_id, t.k0, " \
	"coalesce(t.item_id, 0), t.airing_id, t.kind, t.title, " CLIPS_COLUMNS ", coalesce(t.discontinuity, 0) " \
	"FROM timeline t CROSS JOIN clips c ON c.id = t.clip_id " CLIPS_FILES

static void read_row(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	struct timeline_row *row = ret;

	*row = (struct timeline_row){
		.channel_id = sqlite3_column_int64(stmt, 0),
		.start_flicks = sqlite3_column_int64(stmt, 1),
		.frames = sqlite3_column_int64(stmt, 2),
		.first_seq = sqlite3_column_int64(stmt, 3),
		.segments = sqlite3_column_int64(stmt, 4),
		.clip_id = sqlite3_column_int64(stmt, 5),
		.k0 = sqlite3_column_int64(stmt, 6),
		.item_id = sqlite3_column_int64(stmt, 7),
		.airing_id = sqlite3_column_int64(stmt, 8),
		.kind = db_text(stmt, 9, arena),
		.title = db_text(stmt, 10, arena),
	};
	clips_read(stmt, 11, arena, &row->clip);
	row->discontinuity = sqlite3_column_int64(stmt, 27);
}

int64_t timeline_row_end(const struct timeline_row *row)
{
	int64_t num = row->clip.fps_num, den = row->clip.fps_den;

	return row->start_flicks + (num > 0 && den > 0 ? row->frames * (INT64_C(705600000) * den / num) : 0);
}

int timeline_window(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, size_t limit,
		    struct arena *arena, struct timeline_rows *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 ROW "WHERE t.channel_id = ?1 AND t.start_flicks >= coalesce((SELECT "
			     "max(start_flicks) FROM timeline WHERE channel_id = ?1 AND start_flicks <= ?2), "
			     "?2) AND t.start_flicks < ?3 ORDER BY t.start_flicks LIMIT ?4",
			 err);
	struct timeline_rows list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iiii", channel_id, from_flicks, to_flicks,
		limit < INT64_MAX - 1 ? (int64_t)limit + 1 : -1);
	while (list.count < limit && (rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.rows, list.count, cap);
		read_row(stmt, arena, &list.rows[list.count]);
		if (timeline_row_end(&list.rows[list.count]) > from_flicks)
			list.count++;
	}
	db_done(db, stmt);
	if (list.count == limit || rc == 0) {
		*ret = list;
		return 0;
	}
	return rc;
}

int timeline_away(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, struct arena *arena,
		  struct timeline_rows *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      ROW "WHERE t.channel_id = ?1 AND t.start_flicks >= ?2 AND t.start_flicks < ?3 "
					  "AND f.state IS NOT 'present' AND t.kind NOT IN ('slate', 'offair') "
					  "ORDER BY t.start_flicks",
				      err);
	struct db_rows found = { 0 };

	if (stmt)
		db_bind(stmt, "iii", channel_id, from_flicks, to_flicks);
	if (db_rows(db, stmt, sizeof(struct timeline_row), read_row, arena, &found, err) < 0)
		return -(int)ERR_STORE;
	*ret = (struct timeline_rows){ found.rows, found.count };
	return 0;
}

static void read_id(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	(void)arena;
	*(int64_t *)ret = sqlite3_column_int64(stmt, 0);
}

int timeline_channels_of_clip(struct db *db, int64_t clip_id, struct arena *arena, struct channel_ids *ret, struct err *err)
{
	/* A clip may have thousands of rows a channel: the least channel, then the least above it, and so on. */
	sqlite3_stmt *stmt = db_query(db,
				      "WITH RECURSIVE on_air (id) AS ("
				      "SELECT min(channel_id) FROM timeline WHERE clip_id = ?1 UNION ALL "
				      "SELECT (SELECT min(channel_id) FROM timeline WHERE clip_id = ?1 AND channel_id > id) "
				      "FROM on_air WHERE id IS NOT NULL) "
				      "SELECT id FROM on_air WHERE id IS NOT NULL UNION "
				      "SELECT channel_id FROM overrides WHERE clip_id = ?1",
				      err);
	struct db_rows found = { 0 };

	if (stmt)
		db_bind(stmt, "i", clip_id);
	if (db_rows(db, stmt, sizeof(int64_t), read_id, arena, &found, err) < 0)
		return -(int)ERR_STORE;
	*ret = (struct channel_ids){ found.rows, found.count };
	return 0;
}

int timeline_of_clip(struct db *db, int64_t channel_id, int64_t clip_id, int64_t from_flicks, int64_t to_flicks,
		     struct arena *arena, struct timeline_rows *ret, struct err *err)
{
	/* No row of the clip is longer than the clip. */
	sqlite3_stmt *stmt = db_query(db,
				      ROW "WHERE t.clip_id = ?2 AND t.channel_id = ?1 AND t.start_flicks < ?4 AND "
					  "t.start_flicks > ?3 - c.frames * (705600000 * c.fps_den / c.fps_num) "
					  "ORDER BY t.start_flicks",
				      err);
	struct timeline_rows list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iiii", channel_id, clip_id, from_flicks, to_flicks);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.rows, list.count, cap);
		read_row(stmt, arena, &list.rows[list.count]);
		list.count += timeline_row_end(&list.rows[list.count]) > from_flicks;
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int timeline_slow(struct db *db, const struct airing *airing, double below, struct arena *arena, struct timeline_rows *ret,
		  struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		ROW "WHERE t.channel_id = ?1 AND t.start_flicks >= ?2 AND t.start_flicks < ?3 AND c.lengths IS NULL AND "
		    "EXISTS (SELECT 1 FROM probes p WHERE p.file_id = c.file_id AND p.decode_speed < ?4) "
		    "ORDER BY t.start_flicks",
		err);
	struct timeline_rows list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iiid", airing->channel_id, airing->start_flicks, airing->end_flicks, below);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.rows, list.count, cap);
		read_row(stmt, arena, &list.rows[list.count++]);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

/* One row or ERR_NOT_FOUND with the sentence `none`. Takes the statement. */
static int one_row(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct timeline_row *ret,
		   const char *none, struct err *err)
{
	int rc = db_step(db, stmt, err);

	if (rc > 0)
		read_row(stmt, arena, ret);
	db_done(db, stmt);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "%s", none);
	return rc < 0 ? rc : 0;
}

int timeline_by_seq(struct db *db, int64_t channel_id, int64_t seq, struct arena *arena,
		    struct timeline_row *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 ROW "WHERE t.channel_id = ?1 AND t.first_seq = (SELECT max(first_seq) FROM timeline "
			     "WHERE channel_id = ?1 AND first_seq <= ?2) AND ?2 < t.first_seq + t.segments",
			 err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", channel_id, seq);
	return one_row(db, stmt, arena, ret, "the channel has no segment with that number", err);
}

int timeline_last(struct db *db, int64_t channel_id, struct arena *arena, struct timeline_row *ret,
		  struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db, ROW "WHERE t.channel_id = ? ORDER BY t.start_flicks DESC LIMIT 1", err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", channel_id);
	return one_row(db, stmt, arena, ret, "nothing has been built for the channel yet", err);
}

int timeline_add(struct db *db, const struct timeline_row *row, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO timeline (channel_id, start_flicks, frames, first_seq, segments, clip_id, "
		      "k0, kind, "
		      "item_id, airing_id, title, discontinuity) VALUES (?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?, "
		      "nullif(?, 0))",
		      "iiiiiiitiiti", row->channel_id, row->start_flicks, row->frames, row->first_seq,
		      row->segments, row->clip_id, row->k0, row->kind, row->item_id, row->airing_id,
		      row->title, row->discontinuity);
}

int timeline_shift_discontinuity(struct db *db, int64_t channel_id, int64_t first_seq, int64_t by, struct err *err)
{
	return db_run(db, err,
		      "UPDATE timeline SET discontinuity = coalesce(discontinuity, 0) + ?3 WHERE channel_id = ?1 AND first_seq >= ?2",
		      "iii", channel_id, first_seq, by);
}

int timeline_cut(struct db *db, int64_t channel_id, int64_t from_flicks, struct err *err)
{
	return db_run(db, err, "DELETE FROM timeline WHERE channel_id = ? AND start_flicks >= ?", "ii", channel_id,
		      from_flicks);
}
