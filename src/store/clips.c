/* clips.c - clips as rows; declared in timeline.h. A clip is found by its key alone: what makes two clips
 * different is in the key, so a row is never changed. */
#include "store/timeline.h"

#include <string.h>

#include "base/cleanup.h"

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
		.away = sqlite3_column_int(stmt, at + 12) != 0,
		.size = sqlite3_column_int64(stmt, at + 13),
		.mtime_ns = sqlite3_column_int64(stmt, at + 14),
		.sample_hash = db_text(stmt, at + 15, arena),
	};
	/* Damaged ones are none: the row is then one that no clip can be (station/on_air.c). */
	if (!lengths_read(sqlite3_column_blob(stmt, at + 11), (size_t)sqlite3_column_bytes(stmt, at + 11), arena,
			  &ret->lengths))
		ret->frames = 0;
}

int clips_put(struct db *db, const struct clip_row *clip, int64_t *ret_id, struct err *err)
{
	CLEANUP(buf_free) struct buf lengths = { 0 };
	int64_t id = 0;

	lengths_write(&lengths, &clip->lengths);
	if (db_int(db, &id, 0, err, "SELECT id FROM clips WHERE key = ?", "t", clip->key) < 0)
		return -(int)ERR_STORE;
	if (id == 0) {
		if (db_run(db, err,
			   "INSERT INTO clips (key, file_id, in_flicks, frames, profile, fps_num, fps_den, "
			   "gain_mb, lengths) "
			   "VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?, ?, nullif(?, x''))",
			   "tiiitiiib", clip->key, clip->file_id, clip->in_flicks, clip->frames, clip->profile,
			   (int64_t)clip->fps_num, (int64_t)clip->fps_den, (int64_t)clip->gain_mb, buf_text(&lengths),
			   (int64_t)lengths.len) < 0)
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

/* Where a channel may change: its position (flicks) at a station time ?N, at or after it; seconds and the rest apart, as above.
 * All of it when nobody has watched it yet. */
#define FREE_FROM(n) \
	"iif(c.watched_ms IS NULL, 0, (" n " - c.epoch_ns) / 1000000000 * 705600000 + " \
	"((" n " - c.epoch_ns) % 1000000000 * 7056 + 9999) / 10000)"

int clips_ahead(struct db *db, int64_t file_id, int64_t from_station_ns, struct arena *arena, struct clips_ahead *ret,
		struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT p.id, p.key, p.in_flicks, p.frames, p.profile, p.fps_num, p.fps_den, "
				      "p.gain_mb, f.sample_hash, p.lengths FROM clips p JOIN files f ON f.id = p.file_id WHERE "
				      "p.file_id = ?1 AND EXISTS (SELECT 1 FROM timeline t JOIN channels c ON c.id = "
				      "t.channel_id WHERE t.clip_id = p.id AND t.start_flicks >= " FREE_FROM("?2") ")",
				      err);
	struct clips_ahead list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "ii", file_id, from_station_ns);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.clips, list.count, cap);
		list.clips[list.count++] = (struct clip_ahead) {
			.clip = { .id = sqlite3_column_int64(stmt, 0),
				  .key = db_text(stmt, 1, arena),
				  .file_id = file_id,
				  .in_flicks = sqlite3_column_int64(stmt, 2),
				  .frames = sqlite3_column_int64(stmt, 3),
				  .profile = db_text(stmt, 4, arena),
				  .fps_num = sqlite3_column_int(stmt, 5),
				  .fps_den = sqlite3_column_int(stmt, 6),
				  .gain_mb = sqlite3_column_int(stmt, 7) },
			.sample_hash = db_text(stmt, 8, arena),
		};
		lengths_read(sqlite3_column_blob(stmt, 9), (size_t)sqlite3_column_bytes(stmt, 9), arena,
			     &list.clips[list.count - 1].clip.lengths);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int timeline_exchange_clip(struct db *db, int64_t clip_id, int64_t other_id, int64_t from_station_ns, int64_t *channel_id,
			   struct err *err)
{
	if (db_int(db, channel_id, 0, err, "SELECT min(channel_id) FROM timeline WHERE clip_id = ? AND channel_id > ?", "ii",
		   clip_id, *channel_id) < 0)
		return -(int)ERR_STORE;
	if (!*channel_id)
		return 0;
	return db_run(db, err,
		      "UPDATE timeline SET clip_id = ?2 WHERE clip_id = ?1 AND channel_id = ?4 AND start_flicks >= (SELECT "
		      FREE_FROM("?3") " FROM channels c WHERE c.id = ?4)",
		      "iiii", clip_id, other_id, from_station_ns, *channel_id);
}

int clips_next_file(struct db *db, int64_t after, int64_t *ret, struct err *err)
{
	return db_int(db, ret, 0, err, "SELECT min(file_id) FROM clips WHERE file_id > ?", "i", after);
}

#define FLICKS(ns) "((" ns " - h.epoch_ns) / 1000000000 * 705600000)" /* to a second */

int clips_slow(struct db *db, double below, int64_t from_station_ns, int64_t to_station_ns, struct arena *arena,
	       struct clip_rows *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		"SELECT " CLIPS_COLUMNS " FROM probes p CROSS JOIN clips c ON c.file_id = p.file_id " CLIPS_FILES
		"WHERE p.decode_speed < ?1 AND c.lengths IS NULL AND EXISTS (SELECT 1 FROM timeline t JOIN channels h ON h.id = t.channel_id "
		"WHERE t.clip_id = c.id AND h.enabled AND t.start_flicks < " FLICKS("?3") " AND t.start_flicks + "
		"c.frames * (705600000 * c.fps_den / c.fps_num) > " FLICKS("?2") ")",
		err);
	struct clip_rows list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "dii", below, from_station_ns, to_station_ns);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.clips, list.count, cap);
		clips_read(stmt, 0, arena, &list.clips[list.count++]);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}
