/* break_looks.c - see break_looks.h. */
#include "store/break_looks.h"

#include "base/clock.h"

#define SIZE_OF_FILES "(SELECT total(f.size) FROM item_files x JOIN files f ON f.id = x.file_id WHERE x.item_id = i.id)"

static void read_id(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	(void)arena;
	*(int64_t *)ret = sqlite3_column_int64(stmt, 0);
}

int break_looks_wanted(struct db *db, int64_t longer_ms, struct arena *arena, struct item_ids *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "SELECT i.id FROM items i WHERE i.kind IN ('movie', 'episode') AND i.duration_ms >= ? AND EXISTS (SELECT 1 FROM "
			 "item_files x JOIN files f ON f.id = x.file_id JOIN roots r ON r.id = f.root_id WHERE x.item_id = i.id AND "
			 "f.state = 'present' AND f.media_state = 'ok' AND r.stalled_ms IS NULL) AND NOT EXISTS (SELECT 1 FROM markers m WHERE m.item_id = i.id AND m.kind = 'break') AND "
			 "NOT EXISTS (SELECT 1 FROM break_looks l WHERE l.item_id = i.id AND l.size = " SIZE_OF_FILES ") "
			 "ORDER BY i.id NOT IN (SELECT item_id FROM airings WHERE item_id IS NOT NULL), i.id",
			 err);
	struct db_rows found = { 0 };

	if (stmt)
		db_bind(stmt, "i", longer_ms);
	if (db_rows(db, stmt, sizeof(int64_t), read_id, arena, &found, err) < 0)
		return -(int)ERR_STORE;
	*ret = (struct item_ids){ .ids = found.rows, .count = found.count };
	return 0;
}

int break_looks_set(struct db *db, int64_t item_id, const char *error, struct err *err)
{
	return db_run(db, err,
		      "INSERT OR REPLACE INTO break_looks (item_id, size, error, looked_ms) SELECT i.id, " SIZE_OF_FILES
		      ", ?2, ?3 FROM items i WHERE i.id = ?1",
		      "iti", item_id, error, clock_wall_ms());
}
