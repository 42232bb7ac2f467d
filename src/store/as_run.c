/* as_run.c - see as_run.h. */
#include "store/as_run.h"

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
