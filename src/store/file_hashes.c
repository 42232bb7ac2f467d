/* file_hashes.c - see file_hashes.h. The SQL of each hash stands whole, so that statements are cached and
 * indexes (files_unhashed, files_unsampled) are used. */
#include "store/file_hashes.h"

#include <string.h>

#define COLUMNS "SELECT f.id, r.path, f.path, f.dev, f.inode, f.size, f.mtime_ns FROM files f "
#define ROOTS "JOIN roots r ON r.id = f.root_id "

#define NO_SAMPLE "f.sample_hash IS NULL AND f.hash_error IS NULL AND f.state = 'present'"
#define NO_FULL "f.full_hash IS NULL AND f.hash_error IS NULL AND f.state = 'present'"
#define NO_ESSENCE "f.essence_hash IS NULL AND f.essence_error IS NULL AND f.state = 'present'"

#define AFTER "AND f.id > ?2 AND (?1 = 0 OR f.root_id = ?1) ORDER BY f.id LIMIT ?3"
#define COUNT "SELECT count(*), coalesce(sum(f.size), 0) FROM files f "
#define SAME " WHERE dev = ? AND inode = ? AND size = ? AND mtime_ns = ?"

static int read_rows(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct unhashed_list *list,
		     size_t *cap, struct err *err)
{
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0) {
		const char *root = db_blob(stmt, 1, arena);

		ARENA_GROW(arena, list->files, list->count, *cap);
		list->files[list->count++] = (struct unhashed_file) {
			.id = sqlite3_column_int64(stmt, 0),
			.path = arena_printf(arena, "%s%s%s", root, strcmp(root, "/") == 0 ? "" : "/",
					     db_blob(stmt, 2, arena)),
			.identity = { sqlite3_column_int64(stmt, 3), sqlite3_column_int64(stmt, 4),
				      sqlite3_column_int64(stmt, 5), sqlite3_column_int64(stmt, 6) },
		};
	}
	db_done(db, stmt);
	return rc;
}

static sqlite3_stmt *query_one(struct db *db, enum file_hash hash, struct err *err)
{
	switch (hash) {
	case FILE_HASH_SAMPLE:
		return db_query(db, COLUMNS ROOTS "WHERE f.id = ? AND " NO_SAMPLE, err);
	case FILE_HASH_FULL:
		return db_query(db, COLUMNS ROOTS "WHERE f.id = ? AND " NO_FULL, err);
	default:
		return db_query(db, COLUMNS ROOTS "WHERE f.id = ? AND " NO_ESSENCE, err);
	}
}

int file_hashes_of(struct db *db, enum file_hash hash, const int64_t *ids, size_t count, struct arena *arena,
		   struct unhashed_list *ret, struct err *err)
{
	struct unhashed_list list = { 0 };
	size_t cap = 0;

	for (size_t i = 0; i < count; i++) {
		sqlite3_stmt *stmt = query_one(db, hash, err);

		if (!stmt)
			return -(int)ERR_STORE;
		db_bind(stmt, "i", ids[i]);
		if (read_rows(db, stmt, arena, &list, &cap, err) < 0)
			return -(int)ERR_STORE;
	}
	*ret = list;
	return 0;
}

static sqlite3_stmt *query_waiting(struct db *db, enum file_hash hash, struct err *err)
{
	switch (hash) {
	case FILE_HASH_SAMPLE:
		return db_query(db, COLUMNS "INDEXED BY files_unsampled " ROOTS "WHERE " NO_SAMPLE " " AFTER,
				err);
	case FILE_HASH_FULL:
		return db_query(db, COLUMNS "INDEXED BY files_unhashed " ROOTS "WHERE " NO_FULL " " AFTER,
				err);
	default:
		return db_query(db, COLUMNS ROOTS "WHERE " NO_ESSENCE " " AFTER, err);
	}
}

int file_hashes_waiting(struct db *db, enum file_hash hash, int64_t root_id, int64_t after, int64_t limit,
			struct arena *arena, struct unhashed_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = query_waiting(db, hash, err);
	struct unhashed_list list = { 0 };
	size_t cap = 0;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", root_id, after, limit);
	if (read_rows(db, stmt, arena, &list, &cap, err) < 0)
		return -(int)ERR_STORE;
	*ret = list;
	return 0;
}

static sqlite3_stmt *query_count(struct db *db, enum file_hash hash, struct err *err)
{
	switch (hash) {
	case FILE_HASH_SAMPLE:
		return db_query(db, COUNT "INDEXED BY files_unsampled WHERE " NO_SAMPLE " AND f.root_id = ?",
				err);
	case FILE_HASH_FULL:
		return db_query(db, COUNT "INDEXED BY files_unhashed WHERE " NO_FULL " AND f.root_id = ?",
				err);
	default:
		return db_query(db, COUNT "WHERE " NO_ESSENCE " AND f.root_id = ?", err);
	}
}

int file_hashes_count(struct db *db, enum file_hash hash, int64_t root_id, int64_t *ret_files,
		      int64_t *ret_bytes, struct err *err)
{
	sqlite3_stmt *stmt = query_count(db, hash, err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", root_id);
	rc = db_step(db, stmt, err);
	if (rc > 0) {
		*ret_files = sqlite3_column_int64(stmt, 0);
		*ret_bytes = sqlite3_column_int64(stmt, 1);
	}
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

static const char *put_sql(enum file_hash hash)
{
	switch (hash) {
	case FILE_HASH_SAMPLE:
		return "UPDATE files SET sample_hash = ?" SAME;
	case FILE_HASH_FULL:
		return "UPDATE files SET full_hash = ?" SAME;
	default:
		return "UPDATE files SET essence_hash = ?, essence_error = NULL" SAME;
	}
}

int file_hashes_put(struct db *db, enum file_hash hash, const struct file_identity *identity,
		    const char *text, struct err *err)
{
	return db_run(db, err, put_sql(hash), "tiiii", text, identity->dev, identity->inode, identity->size,
		      identity->mtime_ns);
}

int file_hashes_fail(struct db *db, enum file_hash hash, const struct file_identity *identity,
		     const char *why, struct err *err)
{
	return db_run(db, err,
		      hash == FILE_HASH_ESSENCE ? "UPDATE files SET essence_error = ?" SAME
						: "UPDATE files SET hash_error = ?" SAME,
		      "tiiii", why, identity->dev, identity->inode, identity->size, identity->mtime_ns);
}
