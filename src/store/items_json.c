/* items_json.c - items as the API and the commands show them; see items.h and docs/api.md.
 *
 * The rows of a page are found first, then each item's files: a page of fifty in a library of 100,000 touches fifty. */
#include "base/clock.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "store/item_query.h"
#include "store/loudness.h"
#include "store/items.h"

#include <string.h>

#define MANY 2000     /* found: more than that are not sorted */
#define MAX_TEXT 8192 /* bytes of a path or title at most */

static const char base_sql[] =
	"SELECT i.id, i.kind, i.title, i.sort_title, i.year, i.season, i.episode, i.episode_title, i.duration_ms, "
	"CASE a.kind WHEN 'show' THEN a.title WHEN 'season' THEN b.title END, "
	"CASE a.kind WHEN 'show' THEN a.id WHEN 'season' THEN b.id END, i.air_date, i.added_ms "
	"FROM items i LEFT JOIN items a ON a.id = i.parent_id LEFT JOIN items b ON b.id = a.parent_id ";

/* Texts in the store may come from file names of any bytes. */
static json_t *text_json(const char *text)
{
	char clean[MAX_TEXT * 3];

	return text && *text ? json_string(utf8_clean(clean, sizeof(clean), text)) : json_null();
}

static json_t *column_text(sqlite3_stmt *stmt, int column)
{
	return text_json((const char *)sqlite3_column_text(stmt, column));
}

static json_t *column_path(sqlite3_stmt *stmt, int root, int path)
{
	struct arena arena = { 0 };
	const char *dir = db_blob(stmt, root, &arena);
	json_t *json = text_json(arena_printf(&arena, "%s%s%s", dir, strcmp(dir, "/") == 0 ? "" : "/",
					      db_blob(stmt, path, &arena)));

	arena_free(&arena);
	return json;
}

static json_t *column_number(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? json_null() :
								 json_integer(sqlite3_column_int64(stmt, column));
}

/* The same, with 0 for unknown. */
static json_t *column_positive(sqlite3_stmt *stmt, int column)
{
	int64_t n = sqlite3_column_int64(stmt, column);

	return n > 0 ? json_integer(n) : json_null();
}

static json_t *time_json(int64_t ms)
{
	char text[40];

	return ms > 0 ? json_string(clock_format(text, sizeof(text), ms)) : json_null();
}

static json_t *row_json(sqlite3_stmt *stmt)
{
	int64_t id = sqlite3_column_int64(stmt, 0);

	return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id", (json_int_t)id, "kind",
			 column_text(stmt, 1), "title", column_text(stmt, 2), "sort_title", column_text(stmt, 3),
			 "year", column_number(stmt, 4), "show", column_text(stmt, 9), "show_id",
			 column_number(stmt, 10), "season", column_number(stmt, 5), "episode",
			 column_number(stmt, 6), "episode_title", column_text(stmt, 7), "air_date",
			 column_text(stmt, 11), "duration_ms", column_positive(stmt, 8), "added",
			 time_json(sqlite3_column_int64(stmt, 12)), "thumbnail",
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
		json_object_set_new(item, "width", column_positive(stmt, 3));
		json_object_set_new(item, "height", column_positive(stmt, 4));
		json_object_set_new(item, "video_codec", column_text(stmt, 5));
		json_object_set_new(item, "audio_codec", column_text(stmt, 6));
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
static json_t *read_items(struct db *db, sqlite3_stmt *stmt, struct err *err)
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

static const struct sort {
	const char *name, *sql;
} sorts[] = {
	{ "title", "i.sort_title, i.year, i.season, i.episode, i.id" },
	{ "added", "i.added_ms DESC, i.id DESC" },
	{ "year", "i.year DESC, i.sort_title, i.season, i.episode, i.id" },
	{ "duration", "i.duration_ms DESC, i.sort_title, i.season, i.episode, i.id" },
};

static const char *order_of(const char *sort, struct err *err)
{
	if (!sort || !*sort)
		return sorts[0].sql;
	for (size_t i = 0; i < ARRAY_LEN(sorts); i++)
		if (strcmp(sorts[i].name, sort) == 0)
			return sorts[i].sql;
	err_set(err, ERR_USAGE, "sort by '%.40s': choose title, added, year or duration", sort);
	return NULL;
}

static bool only_search(const struct item_query *q)
{
	return q->search && *q->search && !(q->kind && *q->kind) && !(q->show && *q->show) && !q->root_id &&
	       !(q->root_path && *q->root_path);
}

static int count_items(struct db *db, const struct item_condition *condition, const struct item_query *query,
		       int64_t *ret, struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	sqlite3_stmt *stmt;
	int rc;

	/* The search text has exactly the items that such a list shows: no need to look at them. */
	if (only_search(query))
		buf_addf(&sql, "SELECT count(*) FROM %s WHERE true%s", condition->texts, condition->search);
	else
		buf_addf(&sql, "SELECT count(*) FROM items i WHERE i.hidden = 0%s", buf_text(&condition->sql));
	stmt = db_query_text(db, buf_text(&sql), err);
	if (!stmt)
		return -(int)ERR_STORE;
	item_condition_bind(condition, stmt);
	rc = db_step(db, stmt, err);
	if (rc > 0)
		*ret = sqlite3_column_int64(stmt, 0);
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

/* Many are found, and shown by title: the index by title is walked until the page is full, and nothing is sorted. */
static void add_walk(struct buf *sql, const struct item_condition *condition)
{
	buf_adds(sql, "WHERE i.hidden = 0 AND i.kind <> 'season'");
	if (strcmp(condition->texts, "item_search") == 0)
		buf_addf(sql, " AND +i.id IN (SELECT rowid FROM item_search WHERE true%s)", condition->search);
	else
		buf_addf(sql, " AND EXISTS (SELECT 1 FROM %s WHERE rowid = i.id%s)", condition->texts, condition->search);
	buf_addf(sql, " ORDER BY %s LIMIT ? OFFSET ?", sorts[0].sql);
}

static json_t *page_of(struct db *db, const struct item_condition *condition, const struct item_query *query,
		       const char *order, int64_t total, struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	sqlite3_stmt *stmt;

	buf_adds(&sql, base_sql);
	if (only_search(query) && *condition->search && order == sorts[0].sql && total > MANY)
		add_walk(&sql, condition);
	else
		buf_addf(&sql, "WHERE i.hidden = 0%s ORDER BY %s LIMIT ? OFFSET ?", buf_text(&condition->sql), order);
	stmt = db_query_text(db, buf_text(&sql), err);
	if (!stmt)
		return NULL;
	item_condition_bind(condition, stmt);
	sqlite3_bind_int64(stmt, condition->count + 1, query->limit > 0 ? query->limit : -1);
	sqlite3_bind_int64(stmt, condition->count + 2, query->offset > 0 ? query->offset : 0);
	return read_items(db, stmt, err);
}

json_t *items_list_json(struct db *db, const struct item_query *query, struct err *err)
{
	struct arena arena = { 0 };
	struct item_condition condition;
	const char *order = order_of(query->sort, err);
	json_t *items = NULL;
	int64_t total = 0;

	if (!order)
		return NULL;
	item_condition_init(&condition, query, false, &arena);
	if (count_items(db, &condition, query, &total, err) == 0)
		items = page_of(db, &condition, query, order, total, err);
	item_condition_free(&condition);
	arena_free(&arena);
	return items ? json_pack("{s:I,s:o}", "total", (json_int_t)total, "items", items) : NULL;
}

/* ---- one item ---- */

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

static json_t *file_json(struct db *db, sqlite3_stmt *stmt)
{
	const char *missing = (const char *)sqlite3_column_text(stmt, 5);
	const char *media = (const char *)sqlite3_column_text(stmt, 6);
	bool probed = sqlite3_column_type(stmt, 8) != SQLITE_NULL;
	json_t *loudness = loudness_json(db, sqlite3_column_int64(stmt, 0), NULL);

	return json_pack("{s:o,s:o,s:o,s:o,s:s,s:o,s:i,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "id",
			 column_number(stmt, 0), "path", column_path(stmt, 1, 2), "size", column_number(stmt, 3),
			 "mtime", time_json(sqlite3_column_int64(stmt, 4) / 1000000), "state",
			 strcmp(missing, "missing") == 0 ? missing : media, "error", column_text(stmt, 7), "part",
			 sqlite3_column_int(stmt, 20), "container", column_text(stmt, 8), "duration_ms",
			 column_positive(stmt, 9), "video_codec", column_text(stmt, 10), "width",
			 column_positive(stmt, 11), "height", column_positive(stmt, 12), "fps",
			 fps_json(stmt, 13, 14), "interlaced",
			 probed ? json_boolean(sqlite3_column_int(stmt, 15)) : json_null(), "audio_codec",
			 column_text(stmt, 16), "audio_channels", column_positive(stmt, 17), "bit_rate",
			 column_positive(stmt, 18), "streams", stored_json(stmt, 19),
			 "loudness", loudness ? loudness : json_null());
}

static json_t *files_json(struct db *db, int64_t item_id, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT f.id, r.path, f.path, f.size, f.mtime_ns, f.state, f.media_state, "
				      "f.media_error, p.container, p.duration_ms, p.video_codec, p.width, p.height, "
				      "p.fps_num, p.fps_den, p.interlaced, p.audio_codec, p.audio_channels, p.bit_rate, "
				      "p.streams, x.part FROM item_files x JOIN files f ON f.id = x.file_id "
				      "JOIN roots r ON r.id = f.root_id LEFT JOIN probes p ON p.file_id = f.id "
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
		for (size_t i = 0; i < list.count; i++) {
			const struct marker *m = &list.markers[i];

			json_array_append_new(markers,
					      json_pack("{s:I,s:s,s:I,s:o,s:o,s:s}", "id", (json_int_t)m->id, "kind",
							m->kind, "start_ms", (json_int_t)m->start_ms, "end_ms",
							m->end_ms ? json_integer(m->end_ms) : json_null(), "title",
							*m->title ? text_json(m->title) : json_string(""), "source",
							m->source));
		}
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
	return read_items(db, stmt, err);
}

static int add_details(struct db *db, json_t *item, int64_t id, struct err *err)
{
	json_t *files = files_json(db, id, err);
	json_t *markers = files ? markers_json(db, id, err) : NULL;
	json_t *episodes = NULL;

	if (!files || !markers) {
		json_decref(files);
		return -(int)ERR_STORE;
	}
	json_object_set_new(item, "files", files);
	json_object_set_new(item, "markers", markers);
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
	found = read_items(db, stmt, err);
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
		json_object_set_new(kinds, (const char *)sqlite3_column_text(stmt, 0), column_number(stmt, 1));
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
