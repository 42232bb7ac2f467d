/* essence_rows.c - see essence_rows.h. */
#include "store/essence_rows.h"

#define UNTOUCHED \
	"i.source = 'file' AND coalesce(i.daypart, i.air_season, i.rating, i.company, i.category, i.audience, i.warnings, " \
	"i.notes, i.expires_ms) IS NULL " \
	"AND NOT EXISTS (SELECT 1 FROM markers k WHERE k.item_id = i.id AND k.source = 'manual') " \
	"AND NOT EXISTS (SELECT 1 FROM item_tags k WHERE k.item_id = i.id) " \
	"AND NOT EXISTS (SELECT 1 FROM item_history k WHERE k.item_id = i.id AND k.who <> 'folder') " \
	"AND NOT EXISTS (SELECT 1 FROM collection_items k WHERE k.item_id = i.id) " \
	"AND NOT EXISTS (SELECT 1 FROM external_ids k WHERE k.item_id = i.id)"

int essence_rows_returned(struct db *db, struct arena *arena, struct returned_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		"SELECT m.id, f.id, f.root_id, f.path, f.dev, f.inode, f.size, f.mtime_ns, f.links, 0 FROM files m INDEXED BY files_missing "
		"JOIN roots r ON r.id = m.root_id AND r.state = 'ok' AND r.stalled_ms IS NULL "
		"JOIN files f ON f.essence_hash = m.essence_hash AND f.state = 'present' "
		"JOIN item_files mx ON mx.file_id = m.id JOIN item_files fx ON fx.file_id = f.id JOIN items i ON i.id = fx.item_id "
		"WHERE m.state = 'missing' AND m.essence_hash IS NOT NULL "
		"AND (f.added_ms > m.seen_ms OR (f.added_ms > m.seen_ms - ?1 AND f.added_ms > m.added_ms + 3600000)) "
		"AND (SELECT count(*) FROM files g WHERE g.essence_hash = m.essence_hash) = 2 "
		"AND NOT EXISTS (SELECT 1 FROM moves v WHERE v.file_id = m.id AND v.action = 'trash' AND v.state = 'done') "
		"AND (fx.item_id = mx.item_id OR (" UNTOUCHED " AND NOT EXISTS (SELECT 1 FROM item_files y WHERE "
		"(y.item_id = mx.item_id AND y.file_id <> m.id) OR (y.item_id = fx.item_id AND y.file_id <> f.id)))) "
		"AND NOT EXISTS (SELECT 1 FROM item_files y WHERE (y.file_id = m.id AND y.item_id <> mx.item_id) OR "
		"(y.file_id = f.id AND y.item_id <> fx.item_id)) ORDER BY m.id",
		err);

	if (stmt)
		db_bind(stmt, "i", SCAN_ROWS_COPY_MS);
	return scan_rows_read_returned(db, stmt, arena, ret, err);
}

int essence_rows_follow(struct db *db, const struct returned_file *file, int64_t item_id, int64_t other_id, struct err *err)
{
	static const char *const items[] = {
		"UPDATE airings SET item_id = ?1 WHERE item_id = ?2",
		"DELETE FROM item_files WHERE item_id = ?2 AND ?1 <> ?2",
	};
	static const char *const files[] = {
		"UPDATE OR IGNORE item_files SET file_id = ?2 WHERE file_id = ?1",
		"UPDATE clips SET file_id = ?2 WHERE file_id = ?1",
		"UPDATE moves SET file_id = ?2 WHERE file_id = ?1",
		"DELETE FROM files WHERE id = ?1 AND ?2 <> ?1",
	};

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (db_run(db, err, items[i], "ii", item_id, other_id) < 0)
			return -(int)ERR_STORE;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (db_run(db, err, files[i], "ii", file->missing_id, file->present_id) < 0)
			return -(int)ERR_STORE;
	return 0;
}
