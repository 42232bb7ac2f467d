/* station_clock.c - see station_clock.h. */
#include "store/station_clock.h"

#include <stdio.h>

int station_anchor_get(struct db *db, struct station_anchor *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db, "SELECT boot_id, boot_ns, station_ns, high_water_ns FROM station_anchor", err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	rc = db_step(db, stmt, err);
	if (rc > 0) {
		snprintf(ret->boot_id, sizeof(ret->boot_id), "%s",
			 (const char *)sqlite3_column_text(stmt, 0));
		ret->boot_ns = sqlite3_column_int64(stmt, 1);
		ret->station_ns = sqlite3_column_int64(stmt, 2);
		ret->high_water_ns = sqlite3_column_int64(stmt, 3);
	}
	db_done(db, stmt);
	return rc;
}

int station_anchor_set(struct db *db, const struct station_anchor *anchor, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO station_anchor (one, boot_id, boot_ns, station_ns, high_water_ns) "
		      "VALUES (1, ?, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET boot_id = excluded.boot_id, "
		      "boot_ns = excluded.boot_ns, station_ns = excluded.station_ns, "
		      "high_water_ns = max(high_water_ns, excluded.high_water_ns)",
		      "tiii", anchor->boot_id, anchor->boot_ns, anchor->station_ns, anchor->high_water_ns);
}

int station_anchor_raise(struct db *db, int64_t high_water_ns, struct err *err)
{
	return db_run(db, err, "UPDATE station_anchor SET high_water_ns = ?1 WHERE high_water_ns < ?1", "i",
		      high_water_ns);
}

int station_walls_list(struct db *db, struct arena *arena, struct station_walls *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		"SELECT from_station_ns, wall_minus_station_ns FROM station_wall ORDER BY from_station_ns",
		err);
	struct station_walls list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.rows, list.count, cap);
		list.rows[list.count++] = (struct station_wall) {
			.from_ns = sqlite3_column_int64(stmt, 0),
			.difference_ns = sqlite3_column_int64(stmt, 1),
		};
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int station_walls_add(struct db *db, const struct station_wall *row, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO station_wall (from_station_ns, wall_minus_station_ns) VALUES (?, ?) "
		      "ON CONFLICT (from_station_ns) DO UPDATE SET "
		      "wall_minus_station_ns = excluded.wall_minus_station_ns",
		      "ii", row->from_ns, row->difference_ns);
}
