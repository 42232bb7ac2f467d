/* scan_rows.c - see scan_rows.h. */
#include "store/scan_rows.h"

#include <string.h>

#include "base/clock.h"

/* Paths at or below a folder: from "folder/" up to, not including, "folder0" ('0' follows '/'). */
static void range_of(const char *under, struct arena *arena, const char **ret_from, const char **ret_to)
{
	*ret_from = *under ? arena_printf(arena, "%s/", under) : "";
	*ret_to = *under ? arena_printf(arena, "%s0", under) : NULL;
}

/* The whole root is read in the order of the table, which costs a third of going through the index on paths. */
static sqlite3_stmt *query_known(struct db *db, int64_t root_id, const char *under, struct arena *arena,
				 struct err *err)
{
	const char *from, *to;
	sqlite3_stmt *stmt;

	if (!*under) {
		stmt = db_query(db,
				"SELECT id, path, dev, inode, size, mtime_ns, state = 'missing' FROM files "
				"WHERE +root_id = ?",
				err);
		if (stmt)
			db_bind(stmt, "i", root_id);
		return stmt;
	}
	stmt = db_query(db,
			"SELECT id, path, dev, inode, size, mtime_ns, state = 'missing' FROM files "
			"WHERE root_id = ? AND path >= ? AND path < ?",
			err);
	range_of(under, arena, &from, &to);
	if (stmt)
		db_bind(stmt, "ibb", root_id, from, (int64_t)strlen(from), to, (int64_t)strlen(to));
	return stmt;
}

int scan_rows_known(struct db *db, int64_t root_id, const char *under, struct arena *arena, struct known_list *ret,
		    struct err *err)
{
	sqlite3_stmt *stmt = query_known(db, root_id, under, arena, err);
	struct known_list list = { 0 };
	size_t cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.files, list.count, cap);
		list.files[list.count++] = (struct known_file){
			.id = sqlite3_column_int64(stmt, 0),
			.path = db_blob(stmt, 1, arena),
			.identity = { sqlite3_column_int64(stmt, 2), sqlite3_column_int64(stmt, 3),
				      sqlite3_column_int64(stmt, 4), sqlite3_column_int64(stmt, 5) },
			.missing = sqlite3_column_int(stmt, 6) != 0,
		};
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int scan_rows_add(struct db *db, int64_t root_id, const char *path, const struct file_identity *identity,
		  int64_t *ret_id, struct err *err)
{
	int64_t now = clock_wall_ms();
	int rc = db_run(db, err,
			"INSERT INTO files (root_id, path, dev, inode, size, mtime_ns, added_ms, seen_ms) "
			"VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			"ibiiiiii", root_id, path, (int64_t)strlen(path), identity->dev, identity->inode,
			identity->size, identity->mtime_ns, now, now);

	if (rc == 0)
		*ret_id = db_last_id(db);
	return rc;
}

int scan_rows_seen(struct db *db, int64_t id, const struct file_identity *identity, bool changed, struct err *err)
{
	if (changed)
		return db_run(db, err,
			      "UPDATE files SET dev = ?, inode = ?, size = ?, mtime_ns = ?, seen_ms = ?, "
			      "state = 'present', media_state = 'new', media_error = NULL, sample_hash = NULL, "
			      "full_hash = NULL, essence_hash = NULL, hash_error = NULL, essence_error = NULL "
			      "WHERE id = ?",
			      "iiiiii", identity->dev, identity->inode, identity->size, identity->mtime_ns,
			      clock_wall_ms(), id);
	return db_run(db, err,
		      "UPDATE files SET dev = ?, inode = ?, size = ?, mtime_ns = ?, seen_ms = ?, "
		      "state = 'present' WHERE id = ?",
		      "iiiiii", identity->dev, identity->inode, identity->size, identity->mtime_ns,
		      clock_wall_ms(), id);
}

int scan_rows_move(struct db *db, int64_t id, int64_t root_id, const char *path, const struct file_identity *identity,
		   struct err *err)
{
	return db_run(db, err,
		      "UPDATE files SET root_id = ?, path = ?, dev = ?, inode = ?, seen_ms = ?, "
		      "state = 'present' WHERE id = ?",
		      "ibiiii", root_id, path, (int64_t)strlen(path), identity->dev, identity->inode,
		      clock_wall_ms(), id);
}

int scan_rows_missing(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, err, "UPDATE files SET state = 'missing' WHERE id = ?", "i", id);
}

static int read_places(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct place_list *ret, struct err *err)
{
	struct place_list list = { 0 };
	size_t cap = 0;
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0) {
		const char *root = db_blob(stmt, 1, arena);

		ARENA_GROW(arena, list.places, list.count, cap);
		list.places[list.count++] = (struct file_place){
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

int scan_rows_same(struct db *db, const struct file_identity *identity, struct arena *arena, struct place_list *ret,
		   struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT f.id, r.path, f.path FROM files f JOIN roots r ON r.id = f.root_id "
				      "WHERE f.dev = ? AND f.inode = ? AND f.size = ? AND f.mtime_ns = ? "
				      "ORDER BY f.id LIMIT 16",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iiii", identity->dev, identity->inode, identity->size, identity->mtime_ns);
	return read_places(db, stmt, arena, ret, err);
}

int scan_rows_to_probe(struct db *db, int64_t root_id, const char *under, bool all, int64_t after, int64_t limit,
		       struct arena *arena, struct place_list *ret, struct err *err)
{
	sqlite3_stmt *stmt;
	const char *from, *to;

	if (all)
		stmt = db_query(db,
				"SELECT f.id, r.path, f.path FROM files f NOT INDEXED JOIN roots r "
				"ON r.id = f.root_id WHERE f.id > ?1 AND f.state = 'present' AND f.root_id = ?2 "
				"AND f.path >= ?3 AND (?4 IS NULL OR f.path < ?4) ORDER BY f.id LIMIT ?5",
				err);
	else
		stmt = db_query(db,
				"SELECT f.id, r.path, f.path FROM files f INDEXED BY files_new JOIN roots r "
				"ON r.id = f.root_id WHERE f.id > ?1 AND f.state = 'present' AND f.root_id = ?2 "
				"AND f.path >= ?3 AND (?4 IS NULL OR f.path < ?4) AND f.media_state = 'new' "
				"ORDER BY f.id LIMIT ?5",
				err);
	if (!stmt)
		return -(int)ERR_STORE;
	range_of(under, arena, &from, &to);
	db_bind(stmt, "iibbi", after, root_id, from, (int64_t)strlen(from), to, (int64_t)(to ? strlen(to) : 0),
		limit);
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
		rc = db_int(db, ret, 0, err,
			    "SELECT count(*) FROM files WHERE state = 'present' AND root_id = ?1 AND path >= ?2 "
			    "AND (?3 IS NULL OR path < ?3)",
			    "ibb", root_id, from, (int64_t)strlen(from), to, (int64_t)(to ? strlen(to) : 0));
	else
		rc = db_int(db, ret, 0, err,
			    "SELECT count(*) FROM files INDEXED BY files_new WHERE state = 'present' AND "
			    "media_state = 'new' AND root_id = ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3)",
			    "ibb", root_id, from, (int64_t)strlen(from), to, (int64_t)(to ? strlen(to) : 0));
	arena_free(&arena);
	return rc;
}
