/* probes.c - see probes.h. */
#include "store/probes.h"

#include "base/clock.h"
#include "store/people.h"

/* An item lasts as long as its parts together; of several versions of a part the longest counts. */
static int set_item_duration(struct db *db, int64_t file_id, struct err *err)
{
	return db_run(db, err,
		      "UPDATE items SET duration_ms = (SELECT sum(ms) FROM (SELECT max(p.duration_ms) AS ms "
		      "FROM item_files x JOIN probes p ON p.file_id = x.file_id WHERE x.item_id = items.id "
		      "GROUP BY x.part)) WHERE id IN (SELECT item_id FROM item_files WHERE file_id = ?)",
		      "i", file_id);
}

/* What was measured on the air stays while the content is the same. */
static int put(struct db *db, int64_t file_id, const struct probe *p, struct err *err)
{
	return db_run(db, err,
		      "INSERT OR REPLACE INTO probes (file_id, duration_ms, duration_flicks, container, bit_rate, "
		      "has_video, video_codec, width, height, fps_num, fps_den, interlaced, sar_num, sar_den, "
		      "pixel_format, bit_depth, color, audio_codec, audio_channels, audio_rate, audio_tracks, "
		      "subtitle_tracks, chapters, streams, probed_ms, people, true_duration_flicks, decode_speed) "
		      "VALUES (?, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
		      "(SELECT q.true_duration_flicks FROM probes q JOIN files f ON f.id = q.file_id "
		      "WHERE q.file_id = ?1 AND f.sample_hash = ?27), "
		      "(SELECT q.decode_speed FROM probes q JOIN files f ON f.id = q.file_id "
		      "WHERE q.file_id = ?1 AND f.sample_hash = ?27))",
		      "iiitiitiiiiiiitittiiiittitt", file_id, p->duration_ms,
		      p->duration_flicks, p->container ? p->container : "", p->bit_rate, (int64_t)p->has_video,
		      p->video_codec, (int64_t)p->width, (int64_t)p->height, (int64_t)p->fps_num,
		      (int64_t)p->fps_den, (int64_t)p->interlaced, (int64_t)p->sar_num, (int64_t)p->sar_den,
		      p->pixel_format, (int64_t)p->bit_depth, p->color, p->audio_codec,
		      (int64_t)p->audio_channels, (int64_t)p->audio_rate, (int64_t)p->audio_tracks,
		      (int64_t)p->subtitle_tracks, p->chapters ? p->chapters : "[]",
		      p->streams ? p->streams : "[]", clock_wall_ms(), p->people ? p->people : "[]", p->sample_hash);
}

int probes_set(struct db *db, int64_t file_id, const struct probe *probe, struct err *err)
{
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	if (put(db, file_id, probe, err) < 0 ||
	    db_run(db, err,
		   "UPDATE files SET media_state = 'ok', media_error = NULL, sample_hash = nullif(?2, '') "
		   "WHERE id = ?1",
		   "it", file_id, probe->sample_hash) < 0 ||
	    set_item_duration(db, file_id, err) < 0 || people_refresh_of_file(db, file_id, err) < 0) {
		db_rollback(db);
		return err_under(err, "store the probe of file %lld", (long long)file_id);
	}
	return db_commit(db, err);
}

int probes_fail(struct db *db, int64_t file_id, const char *why, struct err *err)
{
	return db_run(db, err, "UPDATE files SET media_state = 'failed', media_error = ?2 WHERE id = ?1", "it",
		      file_id, why);
}

int probes_unread(struct db *db, int64_t file_id, const char *why, struct err *err)
{
	return db_run(db, err, "UPDATE files SET media_error = ?2 WHERE id = ?1 AND media_state = 'new'", "it", file_id, why);
}

int probes_get(struct db *db, int64_t file_id, struct arena *arena, struct probe *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		"SELECT duration_ms, duration_flicks, container, bit_rate, has_video, video_codec, width, height, "
		"fps_num, fps_den, interlaced, sar_num, sar_den, pixel_format, bit_depth, color, audio_codec, "
		"audio_channels, audio_rate, audio_tracks, subtitle_tracks, chapters, streams, f.sample_hash, people "
		"FROM probes JOIN files f ON f.id = file_id WHERE file_id = ?",
		err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", file_id);
	rc = db_step(db, stmt, err);
	if (rc > 0)
		*ret = (struct probe){
			.duration_ms = sqlite3_column_int64(stmt, 0),
			.duration_flicks = sqlite3_column_int64(stmt, 1),
			.container = db_text(stmt, 2, arena),
			.bit_rate = sqlite3_column_int64(stmt, 3),
			.has_video = sqlite3_column_int(stmt, 4) != 0,
			.video_codec = sqlite3_column_type(stmt, 5) == SQLITE_NULL ? NULL : db_text(stmt, 5, arena),
			.width = sqlite3_column_int(stmt, 6),
			.height = sqlite3_column_int(stmt, 7),
			.fps_num = sqlite3_column_int(stmt, 8),
			.fps_den = sqlite3_column_int(stmt, 9),
			.interlaced = sqlite3_column_int(stmt, 10) != 0,
			.sar_num = sqlite3_column_int(stmt, 11),
			.sar_den = sqlite3_column_int(stmt, 12),
			.pixel_format = db_text(stmt, 13, arena),
			.bit_depth = sqlite3_column_int(stmt, 14),
			.color = db_text(stmt, 15, arena),
			.audio_codec = sqlite3_column_type(stmt, 16) == SQLITE_NULL ? NULL :
										      db_text(stmt, 16, arena),
			.audio_channels = sqlite3_column_int(stmt, 17),
			.audio_rate = sqlite3_column_int(stmt, 18),
			.audio_tracks = sqlite3_column_int(stmt, 19),
			.subtitle_tracks = sqlite3_column_int(stmt, 20),
			.chapters = db_text(stmt, 21, arena),
			.streams = db_text(stmt, 22, arena),
			.sample_hash = db_text(stmt, 23, arena),
			.people = db_text(stmt, 24, arena),
		};
	db_done(db, stmt);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "file %lld has not been probed", (long long)file_id);
	return rc < 0 ? rc : 0;
}

int probes_true_duration(struct db *db, int64_t file_id, int64_t *ret_flicks, struct err *err)
{
	return db_int(db, ret_flicks, 0, err, "SELECT ifnull(true_duration_flicks, 0) FROM probes WHERE file_id = ?", "i", file_id);
}

int probes_set_true_duration(struct db *db, int64_t file_id, int64_t flicks, struct err *err)
{
	int rc = db_run(db, err,
			"UPDATE probes SET true_duration_flicks = ?2 "
			"WHERE file_id = ?1 AND true_duration_flicks IS NOT ?2",
			"ii", file_id, flicks);

	return rc < 0 ? rc : db_changes(db) > 0;
}

int probes_fail_on_air(struct db *db, int64_t file_id, const char *why, struct err *err)
{
	int rc = db_run(db, err,
			"UPDATE files SET media_state = 'failed', media_error = ?2 "
			"WHERE id = ?1 AND media_state <> 'failed'",
			"it", file_id, why);

	return rc < 0 ? rc : db_changes(db) > 0;
}

int probes_set_decode_speed(struct db *db, int64_t file_id, double speed, struct err *err)
{
	int rc = db_run(db, err,
			"UPDATE probes SET decode_speed = ?2 WHERE file_id = ?1 AND (decode_speed IS NULL OR "
			"abs(decode_speed - ?2) > 0.2 * decode_speed)",
			"id", file_id, speed);

	return rc < 0 ? rc : db_changes(db) > 0;
}
