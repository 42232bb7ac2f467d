/* organize_rows.c - see organize_rows.h. */
#include "store/organize_rows.h"

#include "store/item_query.h"

static const char columns[] =
	"SELECT f.id, f.root_id, i.id, CASE a.kind WHEN 'show' THEN a.id WHEN 'season' THEN b.id ELSE 0 END, r.path, "
	"f.path, f.dev, f.inode, f.size, f.mtime_ns, i.kind, i.title, "
	"CASE a.kind WHEN 'show' THEN a.title WHEN 'season' THEN b.title END, i.episode_title, i.air_date, i.company, "
	"p.video_codec, p.audio_codec, "
	"(SELECT external_id FROM external_ids WHERE item_id = i.id AND provider = 'imdb'), "
	"(SELECT external_id FROM external_ids WHERE item_id = i.id AND provider = 'tmdb'), "
	"(SELECT external_id FROM external_ids WHERE item_id = i.id AND provider = 'tvdb'), "
	"coalesce(i.year, -1), coalesce(CASE a.kind WHEN 'show' THEN a.year WHEN 'season' THEN b.year END, -1), "
	"coalesce(i.season, -1), coalesce(i.episode, -1), coalesce(i.episode_last, -1), "
	"coalesce(i.absolute_episode, -1), x.part, (SELECT max(part) FROM item_files WHERE item_id = i.id), "
	"coalesce(p.height, 0), i.hidden "
	"FROM files f JOIN roots r ON r.id = f.root_id JOIN item_files x ON x.file_id = f.id JOIN items i "
	"ON i.id = x.item_id LEFT JOIN items a ON a.id = i.parent_id LEFT JOIN items b ON b.id = a.parent_id "
	"LEFT JOIN probes p ON p.file_id = f.id WHERE f.state = 'present'";

static void read_row(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct organize_row *)ret = (struct organize_row){
		.file_id = sqlite3_column_int64(stmt, 0),
		.root_id = sqlite3_column_int64(stmt, 1),
		.item_id = sqlite3_column_int64(stmt, 2),
		.show_id = sqlite3_column_int64(stmt, 3),
		.root_path = db_blob(stmt, 4, arena),
		.path = db_blob(stmt, 5, arena),
		.identity = { sqlite3_column_int64(stmt, 6), sqlite3_column_int64(stmt, 7),
			      sqlite3_column_int64(stmt, 8), sqlite3_column_int64(stmt, 9) },
		.kind = db_text(stmt, 10, arena),
		.title = db_text(stmt, 11, arena),
		.show = db_text(stmt, 12, arena),
		.episode_title = db_text(stmt, 13, arena),
		.air_date = db_text(stmt, 14, arena),
		.company = db_text(stmt, 15, arena),
		.video_codec = db_text(stmt, 16, arena),
		.audio_codec = db_text(stmt, 17, arena),
		.imdb = db_text(stmt, 18, arena),
		.tmdb = db_text(stmt, 19, arena),
		.tvdb = db_text(stmt, 20, arena),
		.year = sqlite3_column_int(stmt, 21),
		.show_year = sqlite3_column_int(stmt, 22),
		.season = sqlite3_column_int(stmt, 23),
		.episode = sqlite3_column_int(stmt, 24),
		.episode_last = sqlite3_column_int(stmt, 25),
		.absolute = sqlite3_column_int(stmt, 26),
		.part = sqlite3_column_int(stmt, 27),
		.parts = sqlite3_column_int(stmt, 28),
		.height = sqlite3_column_int(stmt, 29),
		.hidden = sqlite3_column_int(stmt, 30) != 0,
	};
}

int organize_rows_list(struct db *db, const struct item_query *query, struct arena *arena, struct organize_rows *ret,
		       struct err *err)
{
	struct db_rows found;
	struct organize_rows list = { 0 };
	int rc = item_query_rows(db, columns, "f.root_id, f.path, i.id", query, sizeof(*list.rows), read_row, arena, &found, err);

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
