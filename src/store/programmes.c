/* programmes.c - see programmes.h. */
#include "store/programmes.h"

#define ROW \
	"SELECT a.id, a.channel_id, a.start_flicks, a.end_flicks, coalesce(a.item_id, 0), a.kind, a.title, " \
	"c.number, c.epoch_ns, i.kind, i.title, i.episode_title, coalesce(i.season, -1), " \
	"coalesce(i.episode, -1), coalesce(i.year, -1) "

static void read_row(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct programme *)ret = (struct programme){
		.airing = {
			.id = sqlite3_column_int64(stmt, 0),
			.channel_id = sqlite3_column_int64(stmt, 1),
			.start_flicks = sqlite3_column_int64(stmt, 2),
			.end_flicks = sqlite3_column_int64(stmt, 3),
			.item_id = sqlite3_column_int64(stmt, 4),
			.kind = db_text(stmt, 5, arena),
			.title = db_text(stmt, 6, arena),
			.cursor = "",
		},
		.channel_number = sqlite3_column_int(stmt, 7),
		.channel_epoch_ns = sqlite3_column_int64(stmt, 8),
		.item_kind = db_text(stmt, 9, arena),
		.item_title = db_text(stmt, 10, arena),
		.episode_title = db_text(stmt, 11, arena),
		.season = sqlite3_column_int(stmt, 12),
		.episode = sqlite3_column_int(stmt, 13),
		.year = sqlite3_column_int(stmt, 14),
	};
}

static int read_all(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct programme_list *ret,
		    struct err *err)
{
	struct db_rows rows;
	int rc = db_rows(db, stmt, sizeof(*ret->programmes), read_row, arena, &rows, err);

	if (rc == 0)
		*ret = (struct programme_list) { rows.rows, rows.count };
	return rc;
}

int programmes_window(struct db *db, int64_t channel_id, int64_t from_flicks, int64_t to_flicks, int64_t limit,
		      struct arena *arena, struct programme_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		ROW "FROM airings a CROSS JOIN channels c ON c.id = a.channel_id "
		    "LEFT JOIN items i ON i.id = a.item_id "
		    "WHERE a.channel_id = ?1 AND a.start_flicks >= coalesce((SELECT max(start_flicks) "
		    "FROM airings WHERE channel_id = ?1 AND start_flicks <= ?2), ?2) "
		    "AND a.start_flicks < ?3 AND a.end_flicks > ?2 ORDER BY a.start_flicks LIMIT ?4",
		err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iiii", channel_id, from_flicks, to_flicks, limit);
	return read_all(db, stmt, arena, ret, err);
}

int programmes_of_item(struct db *db, int64_t item_id, int64_t now_ns, int limit, struct arena *arena,
		       struct programme_list *ret, struct err *err)
{
	/* Wall order across channels is epoch plus position; 1 ms is 705,600 flicks. */
	sqlite3_stmt *stmt =
		db_query(db,
			 ROW "FROM airings a CROSS JOIN channels c ON c.id = a.channel_id "
			     "LEFT JOIN items i ON i.id = a.item_id "
			     "WHERE a.item_id = ?1 AND c.enabled "
			     "AND c.epoch_ns / 1000000 + a.end_flicks / 705600 > ?2 / 1000000 "
			     "ORDER BY c.epoch_ns / 1000000 + a.start_flicks / 705600, c.number LIMIT ?3",
			 err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", item_id, now_ns, (int64_t)limit);
	return read_all(db, stmt, arena, ret, err);
}
