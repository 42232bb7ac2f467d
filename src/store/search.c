/* search.c - the search text of items: written here; found by filter_sql.c word for word. */
#include "store/filing.h"

static int note_change(struct db *db, int64_t item_id, struct err *err)
{
	return db_run(db, err, "INSERT OR REPLACE INTO search_changes (item_id) VALUES (?)", "i", item_id);
}

int search_update(struct db *db, int64_t item_id, struct err *err)
{
	if (db_run(db, err, "DELETE FROM item_search WHERE rowid = ?", "i", item_id) < 0)
		return -(int)ERR_STORE;
	if (db_run(db, err,
		   "INSERT INTO item_search (rowid, text) SELECT id, title || ifnull(' ' || year, '') || "
		   "CASE WHEN season IS NOT NULL AND episode IS NOT NULL "
		   "THEN printf(' S%02dE%02d', season, episode) ELSE '' END || "
		   "ifnull(' ' || air_date, '') || ifnull(' ' || episode_title, '') || ifnull(' ' || company, '') || "
		   "ifnull((SELECT ' ' || group_concat(tag, ' ') FROM item_tags WHERE item_id = items.id), '') || "
		   "ifnull((SELECT ' ' || group_concat(name, ' ') FROM item_people WHERE item_id = items.id), '') "
		   "FROM items WHERE id = ? AND hidden = 0 AND kind <> 'season'",
		   "i", item_id) < 0)
		return -(int)ERR_STORE;
	return note_change(db, item_id, err);
}
