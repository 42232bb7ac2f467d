/* past.c - see past.h. */
#include "store/past.h"

#include <string.h>

int timeline_begin_get(struct db *db, int64_t channel_id, struct timeline_begin *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db, "SELECT start_flicks, first_seq, aired FROM timeline_begin WHERE channel_id = ?", err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", channel_id);
	rc = db_step(db, stmt, err);
	*ret = (struct timeline_begin){ .first_seq = -1 };
	if (rc > 0)
		*ret = (struct timeline_begin){ .start_flicks = sqlite3_column_int64(stmt, 0),
						.first_seq = sqlite3_column_int64(stmt, 1),
						.aired = sqlite3_column_int(stmt, 2) != 0 };
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

int timeline_oldest(struct db *db, int64_t channel_id, int64_t before_flicks, int64_t airings, struct arena *arena,
		    struct timeline_rows *ret, int64_t *ret_end, struct err *err)
{
	int64_t end = 0;
	int rc = db_int(db, &end, -1, err,
			"SELECT max(end_flicks) FROM (SELECT end_flicks FROM airings WHERE channel_id = ?1 AND end_flicks <= ?2 "
			"AND start_flicks < ?2 AND start_flicks < (SELECT max(start_flicks) FROM airings WHERE channel_id = ?1) "
			"ORDER BY start_flicks LIMIT ?3)",
			"iii", channel_id, before_flicks, airings);

	*ret = (struct timeline_rows){ 0 };
	*ret_end = end;
	if (rc < 0 || end <= 0)
		return rc;
	return timeline_window(db, channel_id, INT64_MIN / 2, end, SIZE_MAX, arena, ret, err);
}

static int set_begin(struct db *db, int64_t channel_id, const struct timeline_rows *rows, int64_t end, struct err *err)
{
	const struct timeline_row *last = &rows->rows[rows->count - 1];
	bool aired = false;

	for (size_t i = 0; i < rows->count; i++)
		aired |= strcmp(rows->rows[i].kind, "programme") == 0;
	return db_run(db, err,
		      "INSERT INTO timeline_begin (channel_id, start_flicks, first_seq, aired) VALUES (?, ?, ?, ?) "
		      "ON CONFLICT (channel_id) DO UPDATE SET start_flicks = excluded.start_flicks, "
		      "first_seq = excluded.first_seq, aired = max(aired, excluded.aired)",
		      "iiii", channel_id, end, last->first_seq + last->segments, (int64_t)aired);
}

/* A clip that airs again later is made anew by then: its key, and so its folder in the cache, is the same. */
static int drop_clips(struct db *db, const struct timeline_rows *rows, struct err *err)
{
	int64_t seen[64] = { 0 }; /* of the last ones: most of what airs airs again */
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < rows->count; i++) {
		int64_t id = rows->rows[i].clip_id, *place = &seen[(uint64_t)id % (sizeof(seen) / sizeof(seen[0]))];

		if (*place == id)
			continue;
		*place = id;
		rc = db_run(db, err,
			    "DELETE FROM clips WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM timeline WHERE clip_id = ?1) "
			    "AND NOT EXISTS (SELECT 1 FROM overrides WHERE clip_id = ?1)",
			    "i", id);
	}
	return rc;
}

int timeline_collapse(struct db *db, int64_t channel_id, const struct timeline_rows *rows, int64_t end,
		      struct err *err)
{
	const struct timeline_row *last;
	int64_t seq;

	if (!rows->count)
		return 0;
	last = &rows->rows[rows->count - 1];
	seq = last->first_seq + last->segments;
	if (set_begin(db, channel_id, rows, end, err) < 0 ||
	    db_run(db, err, "DELETE FROM timeline WHERE channel_id = ? AND start_flicks < ?", "ii", channel_id, end) < 0 ||
	    db_run(db, err, "DELETE FROM airings WHERE channel_id = ? AND start_flicks < ?", "ii", channel_id, end) < 0 ||
	    db_run(db, err, "DELETE FROM as_run WHERE channel_id = ? AND first_seq < ?", "ii", channel_id, seq) < 0 ||
	    db_run(db, err, "DELETE FROM overrides WHERE channel_id = ? AND seq_to <= ?", "ii", channel_id, seq) < 0)
		return -(int)ERR_STORE;
	return drop_clips(db, rows, err);
}

static void read_reach(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	(void)arena;
	*(struct timeline_reach *)ret = (struct timeline_reach){
		.channel_id = sqlite3_column_int64(stmt, 0),
		.begin_flicks = sqlite3_column_int64(stmt, 1),
		.any = sqlite3_column_int(stmt, 2) != 0,
	};
}

int timeline_reach(struct db *db, int64_t now_ns, struct arena *arena, struct timeline_reaches *ret, struct err *err)
{
	/* Rows in the order of time: mostly the first is one. 1 ms is 705,600 flicks. */
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT h.id, coalesce((SELECT b.start_flicks FROM timeline_begin b WHERE b.channel_id = h.id), 0), "
				      "EXISTS (SELECT 1 FROM timeline t CROSS JOIN clips c ON c.id = t.clip_id "
				      "CROSS JOIN files f ON f.id = c.file_id WHERE t.channel_id = h.id AND "
				      "t.start_flicks < (?1 - h.epoch_ns) / 1000000 * 705600 AND t.kind = 'programme' AND "
				      "f.state = 'present') FROM channels h WHERE h.enabled ORDER BY h.number",
				      err);
	struct db_rows rows;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", now_ns);
	rc = db_rows(db, stmt, sizeof(*ret->reaches), read_reach, arena, &rows, err);
	if (rc == 0)
		*ret = (struct timeline_reaches){ rows.rows, rows.count };
	return rc;
}
