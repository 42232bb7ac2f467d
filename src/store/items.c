/* items.c - single items, and what can be put on the air; see items.h.
 *
 * items_playable() reads the rows in the order of the table and sorts in memory: a library of 100,000 is one pass.
 * Not here: JSON (items_json.c), writing (filing.c), search (search.c), markers (markers.c). */
#include "store/items.h"

#include <stdlib.h>
#include <string.h>

#include "base/by_id.h"
#include "store/collections.h"
#include "store/item_query.h"

#define FLICKS_PER_MS INT64_C(705600)
#define MIN_DURATION (INT64_C(1000) * FLICKS_PER_MS)

static int number(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? -1 : sqlite3_column_int(stmt, column);
}

int items_get(struct db *db, int64_t id, struct arena *arena, struct item *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT id, parent_id, kind, title, sort_title, year, season, episode, "
				      "episode_last, absolute_episode, part, air_date, episode_title, duration_ms, "
				      "hidden FROM items WHERE id = ?",
				      err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", id);
	rc = db_step(db, stmt, err);
	if (rc > 0)
		*ret = (struct item){
			.id = id,
			.parent_id = sqlite3_column_int64(stmt, 1),
			.kind = db_text(stmt, 2, arena),
			.title = db_text(stmt, 3, arena),
			.sort_title = db_text(stmt, 4, arena),
			.year = number(stmt, 5),
			.season = number(stmt, 6),
			.episode = number(stmt, 7),
			.episode_last = number(stmt, 8),
			.absolute_episode = number(stmt, 9),
			.part = number(stmt, 10),
			.air_date = db_text(stmt, 11, arena),
			.episode_title = db_text(stmt, 12, arena),
			.duration_ms = sqlite3_column_int64(stmt, 13),
			.hidden = sqlite3_column_int(stmt, 14) != 0,
		};
	db_done(db, stmt);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no item %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

/* ---- shows, by the id of themselves or of one of their seasons ---- */

struct show {
	int64_t parent_id; /* what an episode's parent_id may be */
	int64_t show_id;
	int year;
	const char *title, *sort_title;
	const char *daypart, *air_season, *rating; /* of the season, or of the show */
	int64_t expires_ms;
};

struct shows {
	struct show *rows; /* by parent_id */
	size_t count;
};

static int load_shows(struct db *db, struct arena *arena, struct shows *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT i.id, ifnull(s.id, i.id), ifnull(s.title, i.title), "
				      "ifnull(s.sort_title, i.sort_title), ifnull(s.year, i.year), "
				      "ifnull(i.daypart, s.daypart), ifnull(i.rating, s.rating), "
				      "ifnull(i.expires_ms, s.expires_ms), ifnull(i.air_season, s.air_season) FROM items i "
				      "LEFT JOIN items s ON s.id = i.parent_id WHERE i.kind IN ('show', 'season') "
				      "ORDER BY i.id",
				      err);
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, ret->rows, ret->count, cap);
		ret->rows[ret->count++] = (struct show){
			.parent_id = sqlite3_column_int64(stmt, 0),
			.show_id = sqlite3_column_int64(stmt, 1),
			.title = db_text(stmt, 2, arena),
			.sort_title = db_text(stmt, 3, arena),
			.year = number(stmt, 4),
			.daypart = db_text(stmt, 5, arena),
			.rating = db_text(stmt, 6, arena),
			.expires_ms = sqlite3_column_int64(stmt, 7),
			.air_season = db_text(stmt, 8, arena),
		};
	}
	db_done(db, stmt);
	return rc;
}

static int compare_shows(const void *a, const void *b)
{
	const struct show *x = a, *y = b;

	return (x->parent_id > y->parent_id) - (x->parent_id < y->parent_id);
}

static const struct show *find_show(const struct shows *shows, int64_t parent_id)
{
	struct show key = { .parent_id = parent_id };

	return parent_id ? bsearch(&key, shows->rows, shows->count, sizeof(key), compare_shows) : NULL;
}

/* ---- playable ---- */

enum {
	P_ITEM, P_FILE, P_KIND, P_TITLE, P_EPISODE_TITLE, P_SEASON, P_EPISODE, P_YEAR, P_PART, P_FLICKS,
	P_HASH, P_SORT_TITLE, P_FPS_NUM, P_FPS_DEN, P_PARENT, P_HEIGHT, P_ABSOLUTE, P_AIR_DATE,
	P_DAYPART, P_RATING, P_EXPIRES, P_AIR_SEASON
};

static const char playable_sql[] =
	"SELECT i.id, f.id, i.kind, i.title, i.episode_title, i.season, i.episode, i.year, x.part, "
	"coalesce(nullif(p.true_duration_flicks, 0), nullif(p.duration_flicks, 0), p.duration_ms * 705600), "
	"f.sample_hash, i.sort_title, p.fps_num, p.fps_den, i.parent_id, p.height, i.absolute_episode, i.air_date, "
	"i.daypart, i.rating, i.expires_ms, i.air_season "
	"FROM items i CROSS JOIN item_files x ON x.item_id = i.id CROSS JOIN files f ON f.id = x.file_id "
	"CROSS JOIN probes p ON p.file_id = f.id "
	"WHERE f.state = 'present' AND f.media_state = 'ok' "
	"AND (p.has_video <> 0 OR p.audio_codec IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM validations v "
	"WHERE v.file_id = f.id AND v.result = 'failed' AND v.size = f.size AND v.mtime_ns = f.mtime_ns)";

/* Lower numbers first, unknown ones after all known; daily shows go by their date where others have a number. */
static const char *make_sort_key(const struct playable *p, const struct show *show, const char *sort_title,
				 int absolute, const char *air_date, struct arena *arena)
{
	int season = p->season >= 0 ? p->season : 99999;
	char episode[16] = "99999999";

	if (p->episode >= 0)
		snprintf(episode, sizeof(episode), "%08d", p->episode);
	else if (absolute >= 0)
		snprintf(episode, sizeof(episode), "%08d", absolute);
	else if (strlen(air_date) == 10)
		snprintf(episode, sizeof(episode), "%.4s%.2s%.2s", air_date, air_date + 5, air_date + 8);
	return arena_printf(arena, "%s\x01%05d\x01%010lld\x01%05d\x01%s\x01%s\x01%03d\x01%012lld",
			    show ? show->sort_title : sort_title, show ? show->year + 1 : p->year + 1,
			    (long long)p->show_id, season, episode, p->episode_title, p->part,
			    (long long)p->item_id);
}

/* What a show or season says holds, unless the item says otherwise. */
static void add_metadata(sqlite3_stmt *stmt, const struct show *show, struct arena *arena, struct playable *ret)
{
	ret->daypart = db_text(stmt, P_DAYPART, arena);
	ret->air_season = db_text(stmt, P_AIR_SEASON, arena);
	ret->rating = db_text(stmt, P_RATING, arena);
	ret->expires_ms = sqlite3_column_int64(stmt, P_EXPIRES);
	if (!show)
		return;
	if (!*ret->daypart)
		ret->daypart = show->daypart;
	if (!*ret->air_season)
		ret->air_season = show->air_season;
	if (!*ret->rating)
		ret->rating = show->rating;
	if (!ret->expires_ms)
		ret->expires_ms = show->expires_ms;
}

static void read_playable(sqlite3_stmt *stmt, const struct shows *shows, struct arena *arena, struct playable *ret)
{
	const struct show *show = find_show(shows, sqlite3_column_int64(stmt, P_PARENT));

	*ret = (struct playable){
		.item_id = sqlite3_column_int64(stmt, P_ITEM),
		.file_id = sqlite3_column_int64(stmt, P_FILE),
		.show_id = show ? show->show_id : 0,
		.kind = db_text(stmt, P_KIND, arena),
		.title = db_text(stmt, P_TITLE, arena),
		.show = show ? show->title : "",
		.episode_title = db_text(stmt, P_EPISODE_TITLE, arena),
		.season = number(stmt, P_SEASON),
		.episode = number(stmt, P_EPISODE),
		.year = number(stmt, P_YEAR),
		.part = sqlite3_column_int(stmt, P_PART),
		.duration_flicks = sqlite3_column_int64(stmt, P_FLICKS),
		.sample_hash = db_text(stmt, P_HASH, arena),
		.fps_num = sqlite3_column_int(stmt, P_FPS_NUM),
		.fps_den = sqlite3_column_int(stmt, P_FPS_DEN),
	};
	add_metadata(stmt, show, arena, ret);
	ret->sort_key = make_sort_key(ret, show, db_text(stmt, P_SORT_TITLE, arena), number(stmt, P_ABSOLUTE),
				      db_text(stmt, P_AIR_DATE, arena), arena);
}

/* Several files for one part are versions of it: the one with most lines is aired, then the older row. */
static bool replaces_a_version(struct playable_list *list, const int *heights, int64_t item_id, int part, int height,
			       size_t *ret_at)
{
	for (size_t i = list->count; i-- > 0 && list->items[i].item_id == item_id;)
		if (list->items[i].part == part) {
			*ret_at = i;
			return heights[i] < height;
		}
	*ret_at = list->count;
	return true;
}

static int compare_playables(const void *a, const void *b)
{
	return strcmp(((const struct playable *)a)->sort_key, ((const struct playable *)b)->sort_key);
}

static int read_playables(struct db *db, sqlite3_stmt *stmt, const struct shows *shows, struct arena *arena,
			  struct playable_list *ret, struct err *err)
{
	struct arena scratch = { 0 };
	size_t cap = 0, heights_cap = 0;
	int *heights = NULL;
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0) {
		int height = sqlite3_column_int(stmt, P_HEIGHT);
		size_t at;

		if (sqlite3_column_int64(stmt, P_FLICKS) < MIN_DURATION ||
		    !replaces_a_version(ret, heights, sqlite3_column_int64(stmt, P_ITEM),
					sqlite3_column_int(stmt, P_PART), height, &at))
			continue;
		ARENA_GROW(arena, ret->items, ret->count, cap);
		ARENA_GROW(&scratch, heights, ret->count, heights_cap);
		read_playable(stmt, shows, arena, &ret->items[at]);
		heights[at] = height;
		ret->count += at == ret->count;
	}
	arena_free(&scratch);
	return rc;
}

/* What is asked for as one collection that was put together by hand is in its order. */
static int take_places(struct db *db, const struct filter *filter, struct arena *arena, struct playable_list *list,
		       struct err *err)
{
	const struct filter_node *only = filter->root->count == 1 ? filter->root->children[0] : NULL;
	struct collection_places places = { 0 };
	int rc;

	if (!only || only->op != FILTER_TERM || only->field != FILTER_COLLECTION || only->match != FILTER_EXACT)
		return 0;
	rc = collections_places(db, only->text, arena, &places, err);
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		struct collection_place wanted = { .item_id = list->items[i].item_id };
		const struct collection_place *at =
			places.count ? bsearch(&wanted, places.places, places.count, sizeof(wanted), by_id_compare) : NULL;

		if (at)
			list->items[i].sort_key =
				arena_printf(arena, "%08lld\x01%s", (long long)at->place, list->items[i].sort_key);
	}
	return rc;
}

int items_playable(struct db *db, const struct item_query *query, struct arena *arena, struct playable_list *ret,
		   struct err *err)
{
	struct item_condition condition = { 0 };
	struct playable_list list = { 0 };
	struct shows shows = { 0 };
	struct buf sql = { 0 };
	sqlite3_stmt *stmt = NULL;
	int rc = load_shows(db, arena, &shows, err);

	if (rc == 0)
		rc = item_condition_init(&condition, db, query, true, false, arena, err);
	buf_adds(&sql, playable_sql);
	buf_adds(&sql, buf_text(&condition.sql));
	if (rc == 0)
		stmt = db_query_text(db, buf_text(&sql), err);
	if (stmt) {
		item_condition_bind(&condition, stmt, 1);
		rc = read_playables(db, stmt, &shows, arena, &list, err);
	} else if (rc == 0) {
		rc = -(int)ERR_STORE;
	}
	db_done(db, stmt);
	if (rc == 0)
		rc = take_places(db, &condition.filter, arena, &list, err);
	buf_free(&sql);
	item_condition_free(&condition);
	if (rc < 0)
		return rc;
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), compare_playables);
	*ret = list;
	return 0;
}
