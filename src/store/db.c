/* db.c - see db.h. Statements are cached by the address of their SQL literal in a small open hash. */
#include "store/db.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/migrate.h"

/* Pages (32 MB) after which the writer puts its log into the file, without waiting for the next db_checkpoint(); bytes
 * of the log that stay on the disk. */
#define WAL_BOUNDS "PRAGMA wal_autocheckpoint=8192; PRAGMA journal_size_limit=67108864"
#define CACHE_SLOTS 512 /* far above the number of statements; a power of two */
#define WRITER_CACHE "PRAGMA cache_size=-8000" /* KiB: building touches many places; given back every minute */
#define BUSY_MAX 32	/* statements of the cache in use at once; one more is prepared for itself */
#define GIVE_WAY_US 100
#define GIVE_WAY_TRIES 200

struct cached {
	const char *sql;
	sqlite3_stmt *stmt;
	bool busy;
};

struct db {
	sqlite3 *sqlite;
	enum db_mode mode;
	pthread_mutex_t lock; /* recursive; the writer's turn */
	_Atomic int waiting;  /* threads that wait for it */
	int depth;	      /* of nested transactions */
	bool doomed;	      /* an inner transaction rolled back: the outer one must too */
	struct search_index *search; /* borrowed; see db_set_search() */
	struct cached cache[CACHE_SLOTS];
	struct cached *busy[BUSY_MAX]; /* the last one taken is mostly the first one given back */
	size_t busy_count;
};

static int failed(struct db *db, struct err *err, const char *what)
{
	int rc = sqlite3_extended_errcode(db->sqlite);
	enum err_code code = ERR_STORE;

	if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY)
		code = ERR_EXISTS;
	else if ((rc & 0xFF) == SQLITE_CONSTRAINT)
		code = ERR_CONFLICT;
	else if ((rc & 0xFF) == SQLITE_FULL)
		code = ERR_NO_SPACE;
	else if ((rc & 0xFF) == SQLITE_BUSY || (rc & 0xFF) == SQLITE_LOCKED)
		code = ERR_BUSY;
	return err_set(err, code, "database: %s: %s", what, sqlite3_errmsg(db->sqlite));
}

static int execute(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
		return failed(db, err, sql);
	return 0;
}

static int keep_checkpoints_to_the_writer(struct db *db, struct err *err)
{
	if (sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK)
		return failed(db, err, "turn off checkpoint on close");
	return execute(db, "PRAGMA wal_autocheckpoint=0", err);
}

static int prepare_connection(struct db *db, const char *path, struct err *err)
{
	sqlite3_busy_timeout(db->sqlite, 5000);
	sqlite3_extended_result_codes(db->sqlite, 1);
	if (execute(db, "PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY", err) < 0)
		return -(int)ERR_STORE;
	if (db->mode == DB_READ) {
		if (keep_checkpoints_to_the_writer(db, err) < 0 || migrate_check(db, path, err) < 0)
			return -(int)ERR_STORE;
		return 0;
	}
	if (execute(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; " WRITER_CACHE "; " WAL_BOUNDS,
		    err) < 0)
		return -(int)ERR_STORE;
	return migrate_up(db, err);
}

void db_prepare_process(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct db *db_open(const char *data_dir, enum db_mode mode, struct err *err)
{
	CLEANUP(cleanup_free) char *path = fs_join(data_dir, "matinee.db");
	int flags = SQLITE_OPEN_NOMUTEX |
		    (mode == DB_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	pthread_mutexattr_t attr;
	struct db *db;

	if (mode == DB_WRITE && fs_is_network(data_dir)) {
		err_set(err, ERR_UNSUPPORTED,
			"open the database in '%s': it is on a network file system, where SQLite can lose "
			"data; choose a local folder with --data",
			data_dir);
		return NULL;
	}
	db = calloc(1, sizeof(*db));
	if (!db)
		abort();
	db->mode = mode;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&db->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	if (mode == DB_READ && access(path, R_OK) < 0) {
		err_set(err, ERR_NOT_FOUND,
			"there is no library in '%s' yet; add a folder with 'matinee root add PATH'", data_dir);
		db_close(db);
		return NULL;
	}
	if (sqlite3_open_v2(path, &db->sqlite, flags, NULL) != SQLITE_OK) {
		failed(db, err, path);
		db_close(db);
		return NULL;
	}
	if (prepare_connection(db, path, err) < 0) {
		db_close(db);
		return NULL;
	}
	return db;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < CACHE_SLOTS; i++)
		sqlite3_finalize(db->cache[i].stmt);
	if (db->mode == DB_WRITE && db->sqlite)
		db_checkpoint(db);
	sqlite3_close(db->sqlite);
	pthread_mutex_destroy(&db->lock);
	free(db);
}

void db_set_search(struct db *db, struct search_index *index)
{
	db->search = index;
}

struct search_index *db_search(const struct db *db)
{
	return db->search;
}

void db_lock(struct db *db)
{
	if (pthread_mutex_trylock(&db->lock) == 0)
		return;
	db->waiting++;
	pthread_mutex_lock(&db->lock);
	db->waiting--;
}

void db_unlock(struct db *db)
{
	pthread_mutex_unlock(&db->lock);
}

void db_give_way(struct db *db)
{
	for (int i = 0; i < GIVE_WAY_TRIES && db->waiting > 0; i++)
		usleep(GIVE_WAY_US);
}

int db_begin(struct db *db, struct err *err)
{
	db_lock(db);
	if (db->depth == 0) {
		db->doomed = false;
		if (execute(db, db->mode == DB_READ ? "BEGIN" : "BEGIN IMMEDIATE", err) < 0) {
			db_unlock(db);
			return -(int)ERR_STORE;
		}
	}
	db->depth++;
	return 0;
}

int db_commit(struct db *db, struct err *err)
{
	int rc = 0;

	if (--db->depth == 0) {
		if (db->doomed)
			rc = err_set(err, ERR_STORE, "database: an inner transaction was rolled back");
		else
			rc = execute(db, "COMMIT", err);
		if (rc < 0)
			sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	}
	db_unlock(db);
	return rc;
}

void db_rollback(struct db *db)
{
	if (--db->depth == 0)
		sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
	else
		db->doomed = true;
	db_unlock(db);
}

static struct cached *slot_of(struct db *db, const char *sql)
{
	size_t at = (((uintptr_t)sql >> 3) * UINT64_C(0x9E3779B97F4A7C15)) >> 55;

	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		struct cached *c = &db->cache[(at + i) % CACHE_SLOTS];

		if (c->sql == sql || !c->sql)
			return c;
	}
	return NULL;
}

sqlite3_stmt *db_query(struct db *db, const char *sql, struct err *err)
{
	struct cached *c = slot_of(db, sql);

	if (!c || c->busy || db->busy_count == BUSY_MAX)
		return db_query_text(db, sql, err);
	if (!c->stmt) {
		if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &c->stmt, NULL) !=
		    SQLITE_OK) {
			failed(db, err, sql);
			return NULL;
		}
		c->sql = sql;
	}
	c->busy = true;
	db->busy[db->busy_count++] = c;
	return c->stmt;
}

sqlite3_stmt *db_query_text(struct db *db, const char *sql, struct err *err)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(db->sqlite, sql, -1, &stmt, NULL) != SQLITE_OK)
		failed(db, err, sql);
	return stmt;
}

void db_done(struct db *db, sqlite3_stmt *stmt)
{
	if (!stmt)
		return;
	for (size_t i = db->busy_count; i-- > 0;) {
		if (db->busy[i]->stmt != stmt)
			continue;
		sqlite3_reset(stmt);
		sqlite3_clear_bindings(stmt);
		db->busy[i]->busy = false;
		db->busy[i] = db->busy[--db->busy_count];
		return;
	}
	sqlite3_finalize(stmt);
}

static void bind_all(sqlite3_stmt *stmt, const char *types, va_list args)
{
	for (int i = 1; *types; types++, i++) {
		switch (*types) {
		case 'i':
			sqlite3_bind_int64(stmt, i, va_arg(args, int64_t));
			break;
		case 't':
			sqlite3_bind_text(stmt, i, va_arg(args, const char *), -1, SQLITE_STATIC);
			break;
		case 'b': {
			const void *data = va_arg(args, const void *);

			sqlite3_bind_blob64(stmt, i, data, (sqlite3_uint64)va_arg(args, int64_t),
					    SQLITE_STATIC);
			break;
		}
		case 'd':
			sqlite3_bind_double(stmt, i, va_arg(args, double));
			break;
		default:
			sqlite3_bind_null(stmt, i);
		}
	}
}

void db_bind(sqlite3_stmt *stmt, const char *types, ...)
{
	va_list args;

	va_start(args, types);
	bind_all(stmt, types, args);
	va_end(args);
}

int db_step(struct db *db, sqlite3_stmt *stmt, struct err *err)
{
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return failed(db, err, sqlite3_sql(stmt));
	}
}

int db_run(struct db *db, struct err *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = db_query(db, sql, err);
	va_list args;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	va_start(args, types);
	bind_all(stmt, types, args);
	va_end(args);
	do
		rc = db_step(db, stmt, err);
	while (rc > 0);
	db_done(db, stmt);
	return rc;
}

int db_int(struct db *db, int64_t *ret, int64_t fallback, struct err *err, const char *sql,
	   const char *types, ...)
{
	sqlite3_stmt *stmt = db_query(db, sql, err);
	va_list args;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	va_start(args, types);
	bind_all(stmt, types, args);
	va_end(args);
	rc = db_step(db, stmt, err);
	if (rc >= 0)
		*ret = rc && sqlite3_column_type(stmt, 0) != SQLITE_NULL ? sqlite3_column_int64(stmt, 0) :
									   fallback;
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}

int64_t db_changes(struct db *db)
{
	return sqlite3_changes64(db->sqlite);
}

char *db_text(sqlite3_stmt *stmt, int column, struct arena *arena)
{
	const char *text = (const char *)sqlite3_column_text(stmt, column);

	return arena_strdup(arena, text ? text : "");
}

char *db_blob(sqlite3_stmt *stmt, int column, struct arena *arena)
{
	const char *data = sqlite3_column_blob(stmt, column);
	int len = sqlite3_column_bytes(stmt, column);

	return arena_strndup(arena, data ? data : "", data ? (size_t)len : 0);
}

void db_checkpoint(struct db *db)
{
	db_lock(db);
	if (db->depth == 0) {
		sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		sqlite3_db_release_memory(db->sqlite);
	}
	db_unlock(db);
}

int db_backup(struct db *db, const char *path, struct err *err)
{
	sqlite3 *to = NULL;
	sqlite3_backup *backup;
	int rc = sqlite3_open(path, &to);

	if (rc == SQLITE_OK) {
		backup = sqlite3_backup_init(to, "main", db->sqlite, "main");
		if (backup) {
			sqlite3_backup_step(backup, -1);
			sqlite3_backup_finish(backup);
		}
		rc = sqlite3_errcode(to);
	}
	if (rc != SQLITE_OK)
		err_set(err, ERR_IO, "copy the database to '%s': %s", path, sqlite3_errmsg(to));
	sqlite3_close(to);
	return rc == SQLITE_OK ? 0 : -(int)ERR_IO;
}

sqlite3 *db_sqlite(struct db *db)
{
	return db->sqlite;
}
