/* filing.c - see filing.h. */
#include "store/filing.h"

#include <string.h>

#include "base/clock.h"
#include "store/people.h"

/* -1 and "" mean unknown and are NULL in the table. */
#define VALUES_OF(i) \
	(i)->kind, (i)->parent_id, (i)->title, (i)->sort_title, (int64_t)(i)->year, (int64_t)(i)->season, \
		(int64_t)(i)->episode, (int64_t)(i)->episode_last, (int64_t)(i)->absolute_episode, \
		(int64_t)(i)->part, (i)->air_date, (i)->episode_title, (int64_t)(i)->hidden, clock_wall_ms()

int filing_add(struct db *db, const struct item *item, int64_t *ret_id, struct err *err)
{
	int rc = db_run(db, err,
			"INSERT INTO items (kind, parent_id, title, sort_title, year, season, episode, episode_last, "
			"absolute_episode, part, air_date, episode_title, hidden, changed_ms, added_ms) VALUES "
			"(?1, nullif(?2, 0), ?3, ?4, nullif(?5, -1), nullif(?6, -1), nullif(?7, -1), nullif(?8, -1), "
			"nullif(?9, -1), nullif(?10, -1), nullif(?11, ''), nullif(?12, ''), ?13, ?14, ?14)",
			"tittiiiiiittii", VALUES_OF(item));

	if (rc < 0)
		return rc;
	*ret_id = db_last_id(db);
	return search_update(db, *ret_id, err);
}

int filing_set(struct db *db, const struct item *item, struct err *err)
{
	int rc = db_run(db, err,
			"UPDATE items SET kind = ?1, parent_id = nullif(?2, 0), title = ?3, sort_title = ?4, "
			"year = nullif(?5, -1), season = nullif(?6, -1), episode = nullif(?7, -1), "
			"episode_last = nullif(?8, -1), absolute_episode = nullif(?9, -1), part = nullif(?10, -1), "
			"air_date = nullif(?11, ''), episode_title = nullif(?12, ''), hidden = ?13, changed_ms = ?14 "
			"WHERE id = ?15 AND source = 'file' AND (kind, ifnull(parent_id, 0), title, sort_title, "
			"ifnull(year, -1), ifnull(season, -1), ifnull(episode, -1), ifnull(episode_last, -1), "
			"ifnull(absolute_episode, -1), ifnull(part, -1), ifnull(air_date, ''), "
			"ifnull(episode_title, ''), hidden) IS NOT "
			"(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
			"tittiiiiiittiii", VALUES_OF(item), item->id);

	if (rc < 0 || db_changes(db) == 0)
		return rc;
	return search_update(db, item->id, err);
}

int filing_claim(struct db *db, int64_t item_id, struct err *err)
{
	return db_run(db, err, "UPDATE items SET source = 'manual' WHERE id = ?", "i", item_id);
}

static int keep_year(struct db *db, int64_t id, int year, struct err *err)
{
	if (db_run(db, err, "UPDATE items SET year = ?2 WHERE id = ?1 AND year IS NULL", "ii", id,
		   (int64_t)year) < 0)
		return -(int)ERR_STORE;
	return db_changes(db) ? search_update(db, id, err) : 0;
}

int filing_find_parent(struct db *db, const struct item *like, int64_t *ret_id, struct err *err)
{
	if (strcmp(like->kind, "season") == 0)
		return db_int(db, ret_id, 0, err,
			      "SELECT id FROM items WHERE parent_id = ? AND season = ? AND kind = 'season'", "ii",
			      like->parent_id, (int64_t)like->season);
	/* Same year, then none on one side; with two of them the older row. */
	if (db_int(db, ret_id, 0, err,
		   "SELECT id FROM items WHERE kind = ?1 AND sort_title = ?2 "
		   "AND (year = ?3 OR year IS NULL OR ?3 = -1) ORDER BY (year IS ?3) DESC, id LIMIT 1",
		   "tti", like->kind, like->sort_title, (int64_t)like->year) < 0)
		return -(int)ERR_STORE;
	if (*ret_id && like->year >= 0)
		return keep_year(db, *ret_id, like->year, err);
	return 0;
}

int filing_find_episode(struct db *db, const struct item *like, int64_t *ret_id, struct err *err)
{
	*ret_id = 0;
	if (like->episode >= 0)
		return db_int(db, ret_id, 0, err,
			      "SELECT id FROM items WHERE parent_id = ? AND season IS nullif(?, -1) AND episode = ? "
			      "AND ifnull(episode_last, episode) = ? AND ifnull(part, -1) = ? AND kind = 'episode' "
			      "AND hidden = 0 LIMIT 1",
			      "iiiii", like->parent_id, (int64_t)like->season, (int64_t)like->episode,
			      (int64_t)(like->episode_last >= 0 ? like->episode_last : like->episode),
			      (int64_t)like->part);
	if (like->air_date && *like->air_date)
		return db_int(db, ret_id, 0, err,
			      "SELECT id FROM items WHERE parent_id = ? AND air_date = ? AND episode IS NULL "
			      "AND ifnull(part, -1) = ? AND ifnull(episode_title, '') = ? AND kind = 'episode' "
			      "AND hidden = 0 LIMIT 1",
			      "itit", like->parent_id, like->air_date, (int64_t)like->part,
			      like->episode_title ? like->episode_title : "");
	return 0;
}

int filing_find_movie(struct db *db, const struct item *like, int64_t root_id, const char *folder, int64_t *ret_id,
		      struct err *err)
{
	size_t len = strlen(folder);

	if (like->year >= 0)
		return db_int(db, ret_id, 0, err,
			      "SELECT id FROM items WHERE kind = 'movie' AND sort_title = ? AND year = ? "
			      "AND hidden = 0 AND source = 'file' LIMIT 1",
			      "ti", like->sort_title, (int64_t)like->year);
	return db_int(db, ret_id, 0, err,
		      "SELECT i.id FROM items i WHERE i.kind = 'movie' AND i.sort_title = ?1 AND i.year IS NULL "
		      "AND i.hidden = 0 AND i.source = 'file' AND EXISTS (SELECT 1 FROM item_files x JOIN files f "
		      "ON f.id = x.file_id WHERE x.item_id = i.id AND f.root_id = ?2 AND "
		      "substr(f.path, 1, ?4) = ?3 AND instr(substr(f.path, ?4 + 1), x'2f') = 0) LIMIT 1",
		      "tibi", like->sort_title, root_id, folder, (int64_t)len, (int64_t)len);
}

int filing_find_siblings(struct db *db, int64_t root_id, const char *folder, struct arena *arena,
			 struct filing_siblings *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT x.item_id, f.path FROM (SELECT id, path FROM files WHERE root_id = ?1 AND path >= ?2 AND "
				      "path < ?3 LIMIT 64) f JOIN item_files x ON x.file_id = f.id JOIN items i ON i.id = x.item_id "
				      "WHERE i.kind = 'movie' AND i.hidden = 0 AND i.source <> 'file' AND "
				      "instr(substr(f.path, ?4 + 1), x'2f') = 0",
				      err);
	size_t len = strlen(folder), cap = 0;
	char *end = arena_strdup(arena, folder);
	int rc;

	*ret = (struct filing_siblings){ 0 };
	if (!stmt)
		return -(int)ERR_STORE;
	if (len)
		end[len - 1] = '0'; /* which follows '/' */
	db_bind(stmt, "ibbi", root_id, folder, (int64_t)len, end, (int64_t)len, (int64_t)len);
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, ret->files, ret->count, cap);
		ret->files[ret->count++] = (struct filing_sibling){ sqlite3_column_int64(stmt, 0), db_blob(stmt, 1, arena) };
	}
	db_done(db, stmt);
	return rc;
}

int filing_link(struct db *db, int64_t item_id, int64_t file_id, int part, struct err *err)
{
	int64_t people = 0;

	if (db_run(db, err,
		   "INSERT INTO item_files (item_id, file_id, part) VALUES (?, ?, ?) "
		   "ON CONFLICT (item_id, file_id) DO UPDATE SET part = excluded.part WHERE part <> excluded.part",
		   "iii", item_id, file_id, (int64_t)part) < 0 ||
	    db_int(db, &people, 0, err, "SELECT EXISTS (SELECT 1 FROM probes WHERE file_id = ? AND people <> '[]')", "i",
		   file_id) < 0)
		return -(int)ERR_STORE;
	return people ? people_refresh(db, item_id, err) : 0;
}

int filing_unlink(struct db *db, int64_t item_id, int64_t file_id, struct err *err)
{
	if (db_run(db, err, "DELETE FROM item_files WHERE item_id = ? AND file_id = ?", "ii", item_id, file_id) < 0)
		return -(int)ERR_STORE;
	return people_refresh(db, item_id, err);
}

int filing_of_file(struct db *db, int64_t file_id, int64_t *ret_item, int64_t *ret_files, struct err *err)
{
	if (db_int(db, ret_item, 0, err, "SELECT item_id FROM item_files WHERE file_id = ? ORDER BY item_id LIMIT 1",
		   "i", file_id) < 0)
		return -(int)ERR_STORE;
	return db_int(db, ret_files, 0, err, "SELECT count(*) FROM item_files WHERE item_id = ?", "i", *ret_item);
}

#define ASIDE "2" /* of hidden: neither shown nor hidden; the next name that it gets decides */

int filing_set_aside(struct db *db, int64_t file_id, int64_t *ret_item, struct err *err)
{
	int64_t files;

	if (filing_of_file(db, file_id, ret_item, &files, err) < 0)
		return -(int)ERR_STORE;
	if (files != 1)
		*ret_item = 0;
	return *ret_item ? db_run(db, err, "UPDATE items SET hidden = " ASIDE " WHERE id = ? AND hidden = 0", "i", *ret_item) : 0;
}

int filing_bring_back(struct db *db, int64_t item_id, struct err *err)
{
	return db_run(db, err, "UPDATE items SET hidden = 0 WHERE id = ? AND hidden = " ASIDE, "i", item_id);
}

int filing_item_for_chapters(struct db *db, int64_t file_id, int64_t *ret_item, struct err *err)
{
	return db_int(db, ret_item, 0, err,
		      "SELECT x.item_id FROM item_files x WHERE x.file_id = ?1 AND NOT EXISTS "
		      "(SELECT 1 FROM item_files y WHERE y.item_id = x.item_id AND (y.part > 1 OR y.file_id < ?1)) "
		      "LIMIT 1",
		      "i", file_id);
}
