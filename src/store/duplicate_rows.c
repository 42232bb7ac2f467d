/* duplicate_rows.c - see duplicate_rows.h. */
#include "store/duplicate_rows.h"

#include "store/item_query.h"

static const char columns[] =
	"SELECT f.id, f.root_id, i.id, r.path, f.path, f.dev, f.inode, f.size, f.mtime_ns, f.links, f.added_ms, "
	"f.sample_hash, f.full_hash, f.essence_hash, p.video_codec, p.audio_codec, x.part, coalesce(p.width, 0), "
	"coalesce(p.height, 0), coalesce(p.audio_channels, 0), coalesce(p.audio_tracks, 0), "
	"coalesce(p.subtitle_tracks, 0), coalesce(p.bit_rate, 0), coalesce(p.duration_ms, 0) "
	"FROM files f JOIN roots r ON r.id = f.root_id JOIN item_files x ON x.file_id = f.id "
	"JOIN items i ON i.id = x.item_id LEFT JOIN probes p ON p.file_id = f.id WHERE f.state = 'present'";

static void read_row(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct duplicate_row *)ret = (struct duplicate_row){
		.file_id = sqlite3_column_int64(stmt, 0),
		.root_id = sqlite3_column_int64(stmt, 1),
		.item_id = sqlite3_column_int64(stmt, 2),
		.root_path = db_blob(stmt, 3, arena),
		.path = db_blob(stmt, 4, arena),
		.identity = { sqlite3_column_int64(stmt, 5), sqlite3_column_int64(stmt, 6),
			      sqlite3_column_int64(stmt, 7), sqlite3_column_int64(stmt, 8) },
		.links = sqlite3_column_int64(stmt, 9),
		.added_ms = sqlite3_column_int64(stmt, 10),
		.sample_hash = db_text(stmt, 11, arena),
		.full_hash = db_text(stmt, 12, arena),
		.essence_hash = db_text(stmt, 13, arena),
		.video_codec = db_text(stmt, 14, arena),
		.audio_codec = db_text(stmt, 15, arena),
		.part = sqlite3_column_int(stmt, 16),
		.width = sqlite3_column_int(stmt, 17),
		.height = sqlite3_column_int(stmt, 18),
		.audio_channels = sqlite3_column_int(stmt, 19),
		.audio_tracks = sqlite3_column_int(stmt, 20),
		.subtitle_tracks = sqlite3_column_int(stmt, 21),
		.bit_rate = sqlite3_column_int64(stmt, 22),
		.duration_ms = sqlite3_column_int64(stmt, 23),
	};
}

int duplicate_rows_list(struct db *db, const struct item_query *query, struct arena *arena, struct duplicate_rows *ret,
			struct err *err)
{
	bool all = !query->kind && !query->show && !query->search && !query->root_id && !query->root_path;
	struct db_rows found;
	struct duplicate_rows list = { 0 };
	int rc = item_query_rows(db, columns, "f.id, i.id", all ? NULL : query, sizeof(*list.rows), read_row, arena, &found, err);

	if (rc < 0)
		return rc;
	/* A file of several items is listed once. */
	list.rows = found.rows;
	for (size_t i = 0; i < found.count; i++)
		if (!list.count || list.rows[list.count - 1].file_id != list.rows[i].file_id)
			list.rows[list.count++] = list.rows[i];
	*ret = list;
	return 0;
}
