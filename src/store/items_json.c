/* items_json.c - one item, and counts of all, as the API and the commands show them; see items.h. Lists: items_list.c. */
#include "base/cleanup.h"
#include "store/collections.h"
#include "store/copy_plans.h"
#include "store/item_rows.h"
#include "store/items.h"
#include "store/loudness.h"
#include "store/metadata.h"

#include <string.h>

static const char base_sql[] = ITEM_COLUMNS "FROM items i " ITEM_PARENTS;

static json_t *stored_json(sqlite3_stmt *stmt, int column)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);
	json_t *json = text ? json_parse(text, strlen(text), NULL) : NULL;

	return json ? json : json_array();
}

static json_t *fps_json(sqlite3_stmt *stmt, int num, int den)
{
	int d = sqlite3_column_int(stmt, den), n = sqlite3_column_int(stmt, num);

	return d > 0 && n > 0 ? json_real((double)n / d) : json_null();
}

/* null: never, or the file has changed since. */
static json_t *validation_json(sqlite3_stmt *stmt, int result)
{
	if (sqlite3_column_type(stmt, result) == SQLITE_NULL)
		return json_null();
	return json_pack("{s:o,s:o,s:o}", "result", item_column_text(stmt, result), "problems", stored_json(stmt, result + 1),
			 "checked", item_time_json(sqlite3_column_int64(stmt, result + 2)));
}

static json_t *file_json(struct db *db, sqlite3_stmt *stmt)
{
	const char *missing = (const char *)sqlite3_column_text(stmt, 5);
	const char *media = (const char *)sqlite3_column_text(stmt, 6);
	bool probed = sqlite3_column_type(stmt, 8) != SQLITE_NULL;
	json_t *copy = copy_plans_json(db, sqlite3_column_int64(stmt, 0), NULL);
	json_t *loudness = loudness_json(db, sqlite3_column_int64(stmt, 0), NULL);

	return json_pack("{s:o,s:o,s:o,s:o,s:s,s:o,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id",
			 item_column_number(stmt, 0), "path", item_column_path(stmt, 1, 2), "size", item_column_number(stmt, 3),
			 "mtime", item_time_json(sqlite3_column_int64(stmt, 4) / 1000000), "state",
			 strcmp(missing, "missing") == 0 ? missing : media, "error", item_column_text(stmt, 7), "part",
			 sqlite3_column_int(stmt, 20), "container", item_column_text(stmt, 8), "duration_ms",
			 item_column_positive(stmt, 9), "video_codec", item_column_text(stmt, 10), "width",
			 item_column_positive(stmt, 11), "height", item_column_positive(stmt, 12), "fps",
			 fps_json(stmt, 13, 14), "interlaced",
			 probed ? json_boolean(sqlite3_column_int(stmt, 15)) : json_null(), "audio_codec",
			 item_column_text(stmt, 16), "audio_channels", item_column_positive(stmt, 17), "bit_rate",
			 item_column_positive(stmt, 18), "streams", stored_json(stmt, 19),
			 "loudness", loudness ? loudness : json_null(), "validation", validation_json(stmt, 21), "copy",
			 copy ? copy : json_null());
}

static json_t *files_json(struct db *db, int64_t item_id, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT f.id, r.path, f.path, f.size, f.mtime_ns, f.state, f.media_state, "
				      "f.media_error, p.container, p.duration_ms, p.video_codec, p.width, p.height, "
				      "p.fps_num, p.fps_den, p.interlaced, p.audio_codec, p.audio_channels, p.bit_rate, "
				      "p.streams, x.part, v.result, v.report, v.checked_ms FROM item_files x JOIN files f ON f.id = x.file_id "
				      "JOIN roots r ON r.id = f.root_id LEFT JOIN probes p ON p.file_id = f.id "
				      "LEFT JOIN validations v ON v.file_id = f.id AND v.size = f.size AND v.mtime_ns = f.mtime_ns "
				      "WHERE x.item_id = ? ORDER BY x.part, f.id",
				      err);
	json_t *files;
	int rc;

	if (!stmt)
		return NULL;
	files = json_array();
	db_bind(stmt, "i", item_id);
	while ((rc = db_step(db, stmt, err)) > 0)
		json_array_append_new(files, file_json(db, stmt));
	db_done(db, stmt);
	if (rc == 0)
		return files;
	json_decref(files);
	return NULL;
}

static json_t *markers_json(struct db *db, int64_t item_id, struct err *err)
{
	struct arena arena = { 0 };
	struct marker_list list;
	json_t *markers = NULL;

	if (markers_list(db, item_id, &arena, &list, err) == 0) {
		markers = json_array();
		for (size_t i = 0; i < list.count; i++)
			json_array_append_new(markers, marker_json(&list.markers[i]));
	}
	arena_free(&arena);
	return markers;
}

static json_t *episodes_json(struct db *db, int64_t show_id, struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	sqlite3_stmt *stmt;

	buf_adds(&sql, base_sql);
	buf_adds(&sql, "WHERE i.hidden = 0 AND i.kind <> 'season' AND i.parent_id IN (SELECT ?1 UNION ALL "
		       "SELECT id FROM items WHERE parent_id = ?1) ORDER BY ifnull(i.season, 99999), "
		       "ifnull(i.episode, i.absolute_episode), i.air_date, i.episode_title, i.id");
	stmt = db_query_text(db, buf_text(&sql), err);
	if (!stmt)
		return NULL;
	db_bind(stmt, "i", show_id);
	return item_rows_json(db, stmt, err);
}

static int add_details(struct db *db, json_t *item, int64_t id, struct err *err)
{
	json_t *files = files_json(db, id, err);
	json_t *markers = files ? markers_json(db, id, err) : NULL;
	json_t *collections = markers ? collections_of_item_json(db, id, err) : NULL;
	json_t *episodes = NULL;

	if (!files || !markers || !collections) {
		json_decref(files);
		json_decref(markers);
		return -(int)ERR_STORE;
	}
	json_object_set_new(item, "files", files);
	json_object_set_new(item, "markers", markers);
	json_object_set_new(item, "collections", collections);
	if (metadata_add_json(db, id, item, err) < 0)
		return -(int)err->code;
	if (strcmp(json_text(item, "kind", ""), "show") != 0)
		return 0;
	episodes = episodes_json(db, id, err);
	return episodes ? json_object_set_new(item, "episodes", episodes) : -(int)ERR_STORE;
}

json_t *items_json(struct db *db, int64_t id, struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	CLEANUP(json_cleanup) json_t *found = NULL;
	sqlite3_stmt *stmt;
	json_t *item;

	buf_adds(&sql, base_sql);
	buf_adds(&sql, "WHERE i.id = ?");
	stmt = db_query_text(db, buf_text(&sql), err);
	if (!stmt)
		return NULL;
	db_bind(stmt, "i", id);
	found = item_rows_json(db, stmt, err);
	if (!found)
		return NULL;
	item = json_array_get(found, 0);
	if (!item) {
		err_set(err, ERR_NOT_FOUND, "there is no item %lld", (long long)id);
		return NULL;
	}
	return add_details(db, item, id, err) < 0 ? NULL : json_incref(item);
}

/* ---- counts ---- */

static int count_into(struct db *db, json_t *counts, const char *key, const char *sql, struct err *err)
{
	int64_t n;

	if (db_int(db, &n, 0, err, sql, "") < 0)
		return -(int)ERR_STORE;
	return json_object_set_new(counts, key, json_integer(n));
}

static json_t *kinds_json(struct db *db, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT kind, count(*) FROM items WHERE hidden = 0 GROUP BY kind", err);
	json_t *kinds;
	int rc;

	if (!stmt)
		return NULL;
	kinds = json_object();
	while ((rc = db_step(db, stmt, err)) > 0)
		json_object_set_new(kinds, (const char *)sqlite3_column_text(stmt, 0), item_column_number(stmt, 1));
	db_done(db, stmt);
	if (rc == 0)
		return kinds;
	json_decref(kinds);
	return NULL;
}

json_t *items_counts_json(struct db *db, struct err *err)
{
	CLEANUP(json_cleanup) json_t *counts = json_object();
	json_t *kinds;

	if (count_into(db, counts, "items",
		       "SELECT count(*) FROM items WHERE hidden = 0 AND kind NOT IN ('show', 'season')", err) < 0 ||
	    count_into(db, counts, "files", "SELECT count(*) FROM files", err) < 0 ||
	    count_into(db, counts, "missing", "SELECT count(*) FROM files WHERE state = 'missing'", err) < 0 ||
	    count_into(db, counts, "failed", "SELECT count(*) FROM files WHERE media_state = 'failed'", err) < 0 ||
	    count_into(db, counts, "unprobed",
		       "SELECT count(*) FROM files WHERE media_state = 'new' AND state = 'present'", err) < 0 ||
	    count_into(db, counts, "roots", "SELECT count(*) FROM roots", err) < 0)
		return NULL;
	kinds = kinds_json(db, err);
	if (!kinds)
		return NULL;
	json_object_set_new(counts, "kinds", kinds);
	return json_incref(counts);
}
