/* item_rows.c - see item_rows.h. */
#include "store/item_rows.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

#define MAX_TEXT 8192 /* bytes of a path or title at most */

/* Texts in the store may come from file names of any bytes. */
json_t *item_text_json(const char *text)
{
	char clean[MAX_TEXT * 3];

	return text && *text ? json_string(utf8_clean(clean, sizeof(clean), text)) : json_null();
}

json_t *item_column_text(sqlite3_stmt *stmt, int column)
{
	return item_text_json((const char *)sqlite3_column_text(stmt, column));
}

json_t *item_column_path(sqlite3_stmt *stmt, int root, int path)
{
	struct arena arena = { 0 };
	const char *dir = db_blob(stmt, root, &arena);
	json_t *json = item_text_json(arena_printf(&arena, "%s%s%s", dir, strcmp(dir, "/") == 0 ? "" : "/",
					      db_blob(stmt, path, &arena)));

	arena_free(&arena);
	return json;
}

json_t *item_column_number(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? json_null() :
								 json_integer(sqlite3_column_int64(stmt, column));
}

/* The same, with 0 for unknown. */
json_t *item_column_positive(sqlite3_stmt *stmt, int column)
{
	int64_t n = sqlite3_column_int64(stmt, column);

	return n > 0 ? json_integer(n) : json_null();
}

json_t *item_time_json(int64_t ms)
{
	char text[40];

	return ms > 0 ? json_string(clock_format(text, sizeof(text), ms)) : json_null();
}

static json_t *row_json(sqlite3_stmt *stmt)
{
	int64_t id = sqlite3_column_int64(stmt, 0);

	return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id", (json_int_t)id, "kind",
			 item_column_text(stmt, 1), "title", item_column_text(stmt, 2), "sort_title", item_column_text(stmt, 3),
			 "year", item_column_number(stmt, 4), "show", item_column_text(stmt, 9), "show_id",
			 item_column_number(stmt, 10), "season", item_column_number(stmt, 5), "episode",
			 item_column_number(stmt, 6), "episode_title", item_column_text(stmt, 7), "air_date",
			 item_column_text(stmt, 11), "duration_ms", item_column_positive(stmt, 8), "added",
			 item_time_json(sqlite3_column_int64(stmt, 12)), "thumbnail",
			 json_sprintf("/media/%lld/thumbnail.jpg", (long long)id));
}

static int rank_of(const char *state, const char *media_state)
{
	if (strcmp(state, "missing") == 0)
		return 0;
	if (strcmp(media_state, "failed") == 0)
		return 1;
	return strcmp(media_state, "ok") == 0 ? 3 : 2;
}

/* What the item's best file is; sizes add up. A show has no file of its own. */
static int add_file_summary(struct db *db, json_t *item, struct err *err)
{
	static const char *const states[] = { "missing", "failed", "new", "ok" };
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT f.size, f.state, f.media_state, p.width, p.height, p.video_codec, "
				      "p.audio_codec FROM item_files x JOIN files f ON f.id = x.file_id "
				      "LEFT JOIN probes p ON p.file_id = f.id WHERE x.item_id = ? "
				      "ORDER BY p.height DESC, x.part, f.id",
				      err);
	int64_t size = 0;
	int rc, best = -1;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", (int64_t)json_int(item, "id", 0));
	while ((rc = db_step(db, stmt, err)) > 0) {
		int rank = rank_of((const char *)sqlite3_column_text(stmt, 1),
				   (const char *)sqlite3_column_text(stmt, 2));

		size += sqlite3_column_int64(stmt, 0);
		if (rank <= best)
			continue;
		best = rank;
		json_object_set_new(item, "width", item_column_positive(stmt, 3));
		json_object_set_new(item, "height", item_column_positive(stmt, 4));
		json_object_set_new(item, "video_codec", item_column_text(stmt, 5));
		json_object_set_new(item, "audio_codec", item_column_text(stmt, 6));
	}
	db_done(db, stmt);
	if (best < 0) {
		json_object_set_new(item, "width", json_null());
		json_object_set_new(item, "height", json_null());
		json_object_set_new(item, "video_codec", json_null());
		json_object_set_new(item, "audio_codec", json_null());
	}
	json_object_set_new(item, "size", best < 0 ? json_null() : json_integer(size));
	json_object_set_new(item, "state", json_string(best < 0 ? "ok" : states[best]));
	return rc;
}

/* Reads all rows of stmt as items into an array; ends the statement. */
json_t *item_rows_json(struct db *db, sqlite3_stmt *stmt, struct err *err)
{
	json_t *items = json_array();
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0)
		json_array_append_new(items, row_json(stmt));
	db_done(db, stmt);
	for (size_t i = 0; rc == 0 && i < json_array_size(items); i++)
		rc = add_file_summary(db, json_array_get(items, i), err);
	if (rc == 0)
		return items;
	json_decref(items);
	return NULL;
}
