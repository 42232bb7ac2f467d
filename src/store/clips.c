/* clips.c - clips as rows; declared in timeline.h. A clip is found by its key alone: what makes two clips
 * different is in the key, so a row is never changed. */
#include "store/timeline.h"

#include <string.h>

static const char *clip_path(sqlite3_stmt *stmt, int at, struct arena *arena)
{
	const char *root, *slash;

	if (sqlite3_column_type(stmt, at) == SQLITE_NULL)
		return NULL;
	root = db_blob(stmt, at, arena);
	slash = *root && root[strlen(root) - 1] == '/' ? "" : "/";
	return arena_printf(arena, "%s%s%s", root, slash, db_blob(stmt, at + 1, arena));
}

void clips_read(sqlite3_stmt *stmt, int at, struct arena *arena, struct clip_row *ret)
{
	*ret = (struct clip_row){
		.id = sqlite3_column_int64(stmt, at),
		.key = db_text(stmt, at + 1, arena),
		.file_id = sqlite3_column_int64(stmt, at + 2),
		.in_flicks = sqlite3_column_int64(stmt, at + 3),
		.frames = sqlite3_column_int64(stmt, at + 4),
		.profile = db_text(stmt, at + 5, arena),
		.fps_num = sqlite3_column_int(stmt, at + 6),
		.fps_den = sqlite3_column_int(stmt, at + 7),
		.gain_mb = sqlite3_column_int(stmt, at + 8),
		.path = clip_path(stmt, at + 9, arena),
	};
}

int clips_put(struct db *db, const struct clip_row *clip, int64_t *ret_id, struct err *err)
{
	int64_t id = 0;

	if (db_int(db, &id, 0, err, "SELECT id FROM clips WHERE key = ?", "t", clip->key) < 0)
		return -(int)ERR_STORE;
	if (id == 0) {
		if (db_run(db, err,
			   "INSERT INTO clips (key, file_id, in_flicks, frames, profile, fps_num, fps_den, "
			   "gain_mb) "
			   "VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?, ?)",
			   "tiiitiii", clip->key, clip->file_id, clip->in_flicks, clip->frames, clip->profile,
			   (int64_t)clip->fps_num, (int64_t)clip->fps_den, (int64_t)clip->gain_mb) < 0)
			return -(int)ERR_STORE;
		id = db_last_id(db);
	}
	*ret_id = id;
	return 0;
}

int clips_next_need_ms(struct db *db, const char *key, int64_t now_station_ns, int64_t *ret_station_ms,
		       struct err *err)
{
	/* One probe of timeline_clip for each channel; a row that is on now still needs its clip. 1 ms is
	 * 705,600 flicks; seconds and the rest apart, since ns times 7056 would overflow. */
	return db_int(
		db, ret_station_ms, INT64_MAX, err,
		"SELECT min(c.epoch_ns / 1000000 + t.start_flicks / 705600) "
		"FROM clips p CROSS JOIN channels c CROSS JOIN timeline t "
		"WHERE p.key = ?1 AND c.enabled AND t.clip_id = p.id AND t.channel_id = c.id AND "
		"t.start_flicks = "
		"(SELECT min(n.start_flicks) FROM timeline n INDEXED BY timeline_clip WHERE n.clip_id = p.id "
		"AND n.channel_id = c.id AND n.start_flicks > "
		"(?2 - c.epoch_ns) / 1000000000 * 705600000 + (?2 - c.epoch_ns) % 1000000000 * 7056 / 10000 "
		"- p.frames * (705600000 * p.fps_den / p.fps_num))",
		"ti", key, now_station_ns);
}
