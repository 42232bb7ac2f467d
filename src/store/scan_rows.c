/* scan_rows.c - see scan_rows.h. */
#include "store/scan_rows.h"

#include <string.h>

#include "base/clock.h"
#include "store/filing.h"

/* Paths at or below a folder: from "folder/" up to, not including, "folder0" ('0' follows '/'). */
static void range_of(const char *under, struct arena *arena, const char **ret_from, const char **ret_to)
{
	*ret_from = *under ? arena_printf(arena, "%s/", under) : "";
	*ret_to = *under ? arena_printf(arena, "%s0", under) : NULL;
}

/* The whole root is read in the order of the table, which costs a third of going through the index on paths.
 */
static sqlite3_stmt *query_known(struct db *db, int64_t root_id, const char *under, struct arena *arena,
				 struct err *err)
{
	const char *from, *to;
	sqlite3_stmt *stmt;

	if (!*under) {
		stmt = db_query(
			db,
			"SELECT id, path, dev, inode, size, mtime_ns, state = 'missing', links FROM files "
			"WHERE +root_id = ?",
			err);
		if (stmt)
			db_bind(stmt, "i", root_id);
		return stmt;
	}
	stmt = db_query(db,
			"SELECT id, path, dev, inode, size, mtime_ns, state = 'missing', links FROM files "
			"WHERE root_id = ? AND path >= ? AND path < ?",
			err);
	range_of(under, arena, &from, &to);
	if (stmt)
		db_bind(stmt, "ibb", root_id, from, (int64_t)strlen(from), to, (int64_t)strlen(to));
	return stmt;
}

int scan_rows_known(struct db *db, int64_t root_id, const char *under, struct arena *arena,
		    struct known_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = query_known(db, root_id, under, arena, err);
	struct known_list list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.files, list.count, cap);
		list.files[list.count++] = (struct known_file) {
			.id = sqlite3_column_int64(stmt, 0),
			.path = db_blob(stmt, 1, arena),
			.identity = { sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3),
				      sqlite3_column_int64(stmt, 4), sqlite3_column_int64(stmt, 5) },
			.missing = sqlite3_column_int(stmt, 6) != 0,
			.links = sqlite3_column_int64(stmt, 7),
		};
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

/* One more name of a file that is known: its bytes are not read again. */
static int share_hashes(struct db *db, int64_t id, struct err *err)
{
	return db_run(
		db, err,
		"UPDATE files SET (sample_hash, full_hash, essence_hash) = (SELECT g.sample_hash, "
		"g.full_hash, "
		"g.essence_hash FROM files g WHERE g.dev = files.dev AND g.inode = files.inode AND g.size = "
		"files.size "
		"AND g.mtime_ns = files.mtime_ns AND g.id <> files.id ORDER BY g.full_hash IS NULL LIMIT 1) "
		"WHERE id = ?",
		"i", id);
}

int scan_rows_add(struct db *db, int64_t root_id, const char *path, const struct file_identity *identity,
		  int64_t links, int64_t *ret_id, struct err *err)
{
	int64_t now = clock_wall_ms();
	int rc = db_run(
		db, err,
		"INSERT INTO files (root_id, path, dev, inode, size, mtime_ns, links, added_ms, seen_ms) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"ibiiiiiii", root_id, path, (int64_t)strlen(path), identity->dev, identity->inode,
		identity->size, identity->mtime_ns, links, now, now);

	if (rc < 0)
		return rc;
	*ret_id = db_last_id(db);
	return links > 1 ? share_hashes(db, *ret_id, err) : 0;
}

int scan_rows_seen(struct db *db, int64_t id, const struct file_identity *identity, int64_t links,
		   bool changed, struct err *err)
{
	if (changed &&
	    db_run(db, err,
		   "UPDATE probes SET true_duration_flicks = NULL, decode_speed = NULL WHERE file_id = ?",
		   "i", id) < 0)
		return -(int)ERR_STORE;
	/* Its samples may be the same while what lies between them is not. */
	if (changed && db_run(db, err, "DELETE FROM copy_plans WHERE file_id = ?", "i", id) < 0)
		return -(int)ERR_STORE;
	if (changed)
		return db_run(
			db, err,
			"UPDATE files SET dev = ?, inode = ?, size = ?, mtime_ns = ?, links = ?, seen_ms = "
			"?, "
			"state = 'present', media_state = 'new', media_error = NULL, sample_hash = NULL, "
			"full_hash = NULL, essence_hash = NULL, hash_error = NULL, essence_error = NULL "
			"WHERE id = ?",
			"iiiiiii", identity->dev, identity->inode, identity->size, identity->mtime_ns, links,
			clock_wall_ms(), id);
	return db_run(db, err,
		      "UPDATE files SET dev = ?, inode = ?, size = ?, mtime_ns = ?, links = ?, seen_ms = ?, "
		      "state = 'present' WHERE id = ?",
		      "iiiiiii", identity->dev, identity->inode, identity->size, identity->mtime_ns, links,
		      clock_wall_ms(), id);
}

int scan_rows_move(struct db *db, int64_t id, int64_t root_id, const char *path,
		   const struct file_identity *identity, struct err *err)
{
	return db_run(db, err,
		      "UPDATE files SET root_id = ?, path = ?, dev = ?, inode = ?, seen_ms = ?, "
		      "state = 'present' WHERE id = ?",
		      "ibiiii", root_id, path, (int64_t)strlen(path), identity->dev, identity->inode,
		      clock_wall_ms(), id);
}

int scan_rows_set_aside(struct db *db, int64_t id, const char *path, struct err *err)
{
	return db_run(db, err, "UPDATE files SET path = ? WHERE id = ?", "bi", path, (int64_t)strlen(path), id);
}

int scan_rows_missing(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, err,
		      "UPDATE files SET state = 'missing', seen_ms = max(seen_ms, coalesce((SELECT r.scanned_ms FROM roots r "
		      "WHERE r.id = files.root_id), 0)) WHERE id = ? AND state <> 'missing'",
		      "i", id);
}

int scan_rows_count_present(struct db *db, int64_t root_id, int64_t *ret, struct err *err)
{
	return db_int(db, ret, 0, err, "SELECT count(*) FROM files WHERE root_id = ? AND state = 'present'",
		      "i", root_id);
}

static void read_returned(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct returned_file *)ret = (struct returned_file){
		.missing_id = sqlite3_column_int64(stmt, 0),
		.present_id = sqlite3_column_int64(stmt, 1),
		.root_id = sqlite3_column_int64(stmt, 2),
		.path = db_blob(stmt, 3, arena),
		.identity = { sqlite3_column_int64(stmt, 4), sqlite3_column_int64(stmt, 5),
			      sqlite3_column_int64(stmt, 6), sqlite3_column_int64(stmt, 7) },
		.links = sqlite3_column_int64(stmt, 8),
		.appeared = sqlite3_column_int(stmt, 9) != 0,
	};
}

int scan_rows_read_returned(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct returned_list *ret, struct err *err)
{
	struct db_rows found = { 0 };

	if (db_rows(db, stmt, sizeof(struct returned_file), read_returned, arena, &found, err) < 0)
		return -(int)ERR_STORE;
	*ret = (struct returned_list){ found.rows, found.count };
	return 0;
}

int scan_rows_returned(struct db *db, int64_t since_ms, struct arena *arena, struct returned_list *ret,
		       struct err *err)
{
	/* One pair for each hash and scan. A copy that stood beside it for long is a duplicate, and no
	 * return. */
	sqlite3_stmt *stmt = db_query(
		db,
		"SELECT m.id, f.id, f.root_id, f.path, f.dev, f.inode, f.size, f.mtime_ns, f.links, f.added_ms >= ?1 FROM "
		"(SELECT max(id) AS id, added_ms, sample_hash, size FROM files INDEXED BY files_missing "
		"WHERE state = "
		"'missing' AND sample_hash IS NOT NULL AND size > 0 GROUP BY sample_hash, size) m JOIN files "
		"f ON f.id = "
		"(SELECT min(g.id) FROM files g WHERE g.sample_hash = m.sample_hash AND g.size = m.size AND "
		"g.state = 'present' AND (g.added_ms >= ?1 OR (g.added_ms > ?2 AND g.added_ms > "
		"m.added_ms + "
		"3600000))) JOIN item_files mx ON mx.file_id = m.id JOIN item_files fx ON fx.file_id = f.id "
		"JOIN items i "
		"ON i.id = fx.item_id WHERE fx.item_id = mx.item_id OR (NOT EXISTS (SELECT 1 FROM item_files y JOIN "
		"files z ON z.id = y.file_id WHERE y.item_id = mx.item_id AND z.state = 'present' AND z.id <> f.id) "
		"AND i.source = 'file' AND coalesce(i.daypart, i.air_season, i.rating, i.company, i.category, "
		"i.audience, i.warnings, i.notes, i.expires_ms) IS NULL AND NOT EXISTS (SELECT 1 FROM markers k WHERE "
		"k.item_id = i.id "
		"AND k.source = 'manual') AND NOT EXISTS (SELECT 1 FROM item_history h WHERE h.item_id = i.id))",
		err);

	if (stmt)
		db_bind(stmt, "ii", since_ms, since_ms - SCAN_ROWS_COPY_MS);
	return scan_rows_read_returned(db, stmt, arena, ret, err);
}

/* What folders say of the new item, and what is not asked about above. */
static int keep_what_is_set(struct db *db, const struct returned_file *file, struct err *err)
{
	int64_t item, other, files, others;

	if (filing_of_file(db, file->missing_id, &item, &files, err) < 0 ||
	    filing_of_file(db, file->present_id, &other, &others, err) < 0)
		return -(int)ERR_STORE;
	return item && other && item != other && others == 1 ? filing_carry(db, other, item, err) : 0;
}

int scan_rows_adopt(struct db *db, const struct returned_file *file, struct err *err)
{
	if (keep_what_is_set(db, file, err) < 0)
		return -(int)ERR_STORE;
	if (db_run(db, err,
		   "DELETE FROM item_search WHERE rowid IN (SELECT x.item_id FROM item_files x JOIN items i "
		   "ON "
		   "i.id = x.item_id WHERE x.file_id = ?1 AND i.source = 'file' AND NOT EXISTS (SELECT 1 "
		   "FROM item_files y "
		   "WHERE y.item_id = x.item_id AND y.file_id <> ?1))",
		   "i", file->present_id) < 0 ||
	    db_run(db, err,
		   "DELETE FROM items WHERE source = 'file' AND id IN (SELECT x.item_id FROM item_files x "
		   "WHERE "
		   "x.file_id = ?1 AND NOT EXISTS (SELECT 1 FROM item_files y WHERE y.item_id = x.item_id "
		   "AND "
		   "y.file_id <> ?1))",
		   "i", file->present_id) < 0 ||
	    db_run(db, err, "DELETE FROM files WHERE id = ?", "i", file->present_id) < 0)
		return -(int)ERR_STORE;
	return db_run(
		db, err,
		/* copied with another time: the hashes of all its bytes are found again */
		"UPDATE files SET root_id = ?1, path = ?2, dev = ?3, inode = ?4, "
		"full_hash = CASE WHEN mtime_ns = ?5 THEN full_hash END, "
		"essence_hash = CASE WHEN mtime_ns = ?5 THEN essence_hash END, mtime_ns = ?5, seen_ms = ?6, "
		"links = ?7, state = 'present' WHERE id = ?8",
		"ibiiiiii", file->root_id, file->path, (int64_t)strlen(file->path), file->identity.dev,
		file->identity.inode, file->identity.mtime_ns, clock_wall_ms(), file->links,
		file->missing_id);
}

static int read_places(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct place_list *ret,
		       struct err *err)
{
	struct place_list list = { 0 };
	size_t cap = 0;
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0) {
		const char *root = db_blob(stmt, 1, arena);

		ARENA_GROW(arena, list.places, list.count, cap);
		list.places[list.count++] = (struct file_place) {
			.id = sqlite3_column_int64(stmt, 0),
			.path = arena_printf(arena, "%s%s%s", root, strcmp(root, "/") == 0 ? "" : "/",
					     db_blob(stmt, 2, arena)),
		};
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int scan_rows_same(struct db *db, const struct file_identity *identity, struct arena *arena,
		   struct place_list *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "SELECT f.id, r.path, f.path FROM files f JOIN roots r ON r.id = f.root_id "
			 "WHERE f.dev = ? AND f.inode = ? AND f.size = ? AND f.mtime_ns = ? "
			 "ORDER BY f.id LIMIT 16",
			 err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iiii", identity->dev, identity->inode, identity->size, identity->mtime_ns);
	return read_places(db, stmt, arena, ret, err);
}

int scan_rows_copies(struct db *db, int64_t id, int64_t since_ms, struct arena *arena, struct place_list *ret,
		     struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "SELECT g.id, r.path, g.path FROM files m JOIN files g ON g.sample_hash = m.sample_hash AND "
			 "g.size = m.size AND g.id <> m.id JOIN roots r ON r.id = g.root_id WHERE m.id = ?1 AND m.size > 0 "
			 "AND g.state = 'present' AND (g.added_ms >= ?2 OR (g.added_ms > ?3 AND g.added_ms > m.added_ms + "
			 "3600000)) LIMIT 16",
			 err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", id, since_ms, since_ms - SCAN_ROWS_COPY_MS);
	return read_places(db, stmt, arena, ret, err);
}

int scan_rows_to_probe(struct db *db, int64_t root_id, const char *under, bool all, int64_t after,
		       int64_t limit, struct arena *arena, struct place_list *ret, struct err *err)
{
	sqlite3_stmt *stmt;
	const char *from, *to;

	if (all)
		stmt = db_query(
			db,
			"SELECT f.id, r.path, f.path FROM files f NOT INDEXED JOIN roots r "
			"ON r.id = f.root_id WHERE f.id > ?1 AND f.state = 'present' AND f.root_id = ?2 "
			"AND f.path >= ?3 AND (?4 IS NULL OR f.path < ?4) ORDER BY f.id LIMIT ?5",
			err);
	else
		stmt = db_query(
			db,
			"SELECT f.id, r.path, f.path FROM files f INDEXED BY files_new JOIN roots r "
			"ON r.id = f.root_id WHERE f.id > ?1 AND f.state = 'present' AND f.root_id = ?2 "
			"AND f.path >= ?3 AND (?4 IS NULL OR f.path < ?4) AND f.media_state = 'new' "
			/* names of one file: the first speaks for all */
			"AND NOT EXISTS (SELECT 1 FROM files g WHERE g.dev = f.dev AND "
			"g.inode = f.inode AND g.size = f.size AND g.mtime_ns = f.mtime_ns AND g.id < f.id AND "
			"g.root_id = ?2 AND g.media_state = 'new' AND "
			"g.state = 'present' AND g.path >= ?3 AND (?4 IS NULL OR g.path < ?4)) "
			"ORDER BY f.id LIMIT ?5",
			err);
	if (!stmt)
		return -(int)ERR_STORE;
	range_of(under, arena, &from, &to);
	db_bind(stmt, "iibbi", after, root_id, from, (int64_t)strlen(from), to,
		(int64_t)(to ? strlen(to) : 0), limit);
	return read_places(db, stmt, arena, ret, err);
}

int scan_rows_twins(struct db *db, int64_t id, struct arena *arena, struct place_list *ret, struct err *err)
{
	sqlite3_stmt *stmt =
		db_query(db,
			 "SELECT g.id, r.path, g.path FROM files f JOIN files g ON g.dev = f.dev AND "
			 "g.inode = f.inode AND g.size = f.size AND g.mtime_ns = f.mtime_ns JOIN roots r "
			 "ON r.id = g.root_id WHERE f.id = ?1 AND g.id <> f.id AND "
			 "g.media_state = 'new' AND g.state = 'present' LIMIT 100",
			 err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", id);
	return read_places(db, stmt, arena, ret, err);
}

int scan_rows_count_to_probe(struct db *db, int64_t root_id, const char *under, bool all, int64_t *ret,
			     struct err *err)
{
	struct arena arena = { 0 };
	const char *from, *to;
	int rc;

	range_of(under, &arena, &from, &to);
	if (all)
		rc = db_int(
			db, ret, 0, err,
			"SELECT count(*) FROM files WHERE state = 'present' AND root_id = ?1 AND path >= ?2 "
			"AND (?3 IS NULL OR path < ?3)",
			"ibb", root_id, from, (int64_t)strlen(from), to, (int64_t)(to ? strlen(to) : 0));
	else
		rc = db_int(
			db, ret, 0, err,
			"SELECT count(*) FROM files INDEXED BY files_new WHERE state = 'present' AND "
			"media_state = 'new' AND root_id = ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3)",
			"ibb", root_id, from, (int64_t)strlen(from), to, (int64_t)(to ? strlen(to) : 0));
	arena_free(&arena);
	return rc;
}
