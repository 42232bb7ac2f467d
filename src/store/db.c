/* db.c - see db.h. Statements are cached by the address of their SQL literal in a small open hash.
 *
 * Not here: values in and out of statements (db_values.c). */
#include "store/db.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "store/db_frozen.h"
#include "store/migrate.h"
#include "store/table_marks.h"

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
	struct table_mask *writes; /* NULL: it writes nothing */
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
	struct item_sets *sets;	     /* borrowed; see db_set_item_sets() */
	struct table_marks *marks;   /* of the writer, borrowed; NULL: nobody asks */
	struct table_mask dirty;     /* what was written since the last commit */
	struct table_mask *noting;   /* where a statement that is prepared says what it writes, or reads */
	bool is_dirty, noting_reads, told; /* told: SQLite calls note_table() */
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

static void disconnect(struct db *db)
{
	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		sqlite3_finalize(db->cache[i].stmt);
		free(db->cache[i].writes);
		db->cache[i] = (struct cached){ 0 };
	}
	if (db->mode == DB_WRITE && db->sqlite)
		db_checkpoint(db);
	sqlite3_close(db->sqlite);
	db->sqlite = NULL;
}

static int connect(struct db *db, const char *name, int flags, struct err *err)
{
	const char *path = strncmp(name, "file:", 5) == 0 ? name + 5 : name;

	if (sqlite3_open_v2(name, &db->sqlite, flags, NULL) != SQLITE_OK)
		return failed(db, err, path);
	return prepare_connection(db, path, err);
}

/* Once more, where no file can be made beside it. */
static int connect_frozen(struct db *db, const char *data_dir, const char *path, struct err *err)
{
	int rc = sqlite3_errcode(db->sqlite) & 0xFF;
	CLEANUP(cleanup_free) char *uri = NULL;
	struct err why = { 0 };

	if (rc != SQLITE_CANTOPEN && rc != SQLITE_READONLY)
		return -(int)ERR_STORE;
	rc = db_frozen(data_dir, path, &uri, &why);
	if (rc <= 0 && !why.code)
		return -(int)ERR_STORE;
	err_clear(err);
	if (rc < 0)
		return err_set(err, why.code, "%s", why.text);
	disconnect(db);
	return connect(db, uri, SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err);
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
	if (mode == DB_READ && db_there(data_dir, err) < 0) {
		db_close(db);
		return NULL;
	}
	if (connect(db, path, flags, err) < 0 && (mode == DB_WRITE || connect_frozen(db, data_dir, path, err) < 0)) {
		db_close(db);
		return NULL;
	}
	return db;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	disconnect(db);
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

void db_set_item_sets(struct db *db, struct item_sets *sets)
{
	db->sets = sets;
}

struct item_sets *db_item_sets(const struct db *db)
{
	return db->sets;
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

/* ---- what is written ---- */

/* An authorizer of SQLite: told of every table that a statement touches, those of triggers and foreign keys too. */
static int note_table(void *context, int action, const char *table, const char *column, const char *database,
		      const char *trigger)
{
	struct db *db = context;

	(void)database;
	(void)trigger;
	if (!db->noting || !table)
		return SQLITE_OK;
	if (db->noting_reads) {
		if (action == SQLITE_READ) {
			table_mask_add(db->noting, table, NULL);
			table_mask_add(db->noting, table, column);
		}
	} else if (action == SQLITE_INSERT || action == SQLITE_DELETE) {
		table_mask_add(db->noting, table, NULL);
	} else if (action == SQLITE_UPDATE) {
		table_mask_add(db->noting, table, column);
	}
	return SQLITE_OK;
}

/* Once: it makes SQLite prepare all statements again. */
static void listen_to_tables(struct db *db)
{
	if (!db->told)
		sqlite3_set_authorizer(db->sqlite, note_table, db);
	db->told = true;
}

void db_set_marks(struct db *db, struct table_marks *marks)
{
	db->marks = marks;
	listen_to_tables(db);
}

void db_note_reads(struct db *db, struct table_mask *mask)
{
	db->noting = mask;
	db->noting_reads = mask != NULL;
	if (mask)
		listen_to_tables(db);
}

static int prepare(struct db *db, const char *sql, unsigned flags, sqlite3_stmt **ret, struct table_mask *writes,
		   struct err *err)
{
	if (db->marks)
		db->noting = writes;
	if (sqlite3_prepare_v3(db->sqlite, sql, -1, flags, ret, NULL) != SQLITE_OK)
		failed(db, err, sql);
	if (db->marks)
		db->noting = NULL;
	return *ret ? 0 : -(int)ERR_STORE;
}

static void will_write(struct db *db, const struct table_mask *writes)
{
	table_mask_merge(&db->dirty, writes);
	db->is_dirty = true;
}

static bool is_empty(const struct table_mask *mask)
{
	static const struct table_mask none;

	return memcmp(mask, &none, sizeof(none)) == 0;
}

/* What was written is there for others to read: what they have kept of it is old. */
static void tell_written(struct db *db)
{
	if (!db->is_dirty || db->depth > 0)
		return;
	table_marks_bump(db->marks, &db->dirty);
	db->dirty = (struct table_mask) { 0 };
	db->is_dirty = false;
}

/* ---- transactions ---- */

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
		tell_written(db);
	}
	db_unlock(db);
	return rc;
}

void db_rollback(struct db *db)
{
	if (--db->depth == 0) {
		sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
		db->dirty = (struct table_mask) { 0 };
		db->is_dirty = false;
	} else {
		db->doomed = true;
	}
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

static int prepare_cached(struct db *db, struct cached *c, const char *sql, struct err *err)
{
	struct table_mask writes = { 0 };

	if (prepare(db, sql, SQLITE_PREPARE_PERSISTENT, &c->stmt, &writes, err) < 0)
		return -(int)ERR_STORE;
	c->sql = sql;
	if (!is_empty(&writes)) {
		c->writes = malloc(sizeof(writes));
		if (!c->writes)
			abort();
		*c->writes = writes;
	}
	return 0;
}

/* Two threads in one connection break the file: a statement of the writer has its turn until it is given back, whether its
 * user took the lock before or not. */
static void enter(struct db *db)
{
	if (db->mode == DB_WRITE)
		db_lock(db);
}

static void leave(struct db *db)
{
	if (db->mode == DB_WRITE)
		db_unlock(db);
}

sqlite3_stmt *db_query(struct db *db, const char *sql, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	struct cached *c;

	enter(db);
	c = slot_of(db, sql);
	if (!c || c->busy || db->busy_count == BUSY_MAX) {
		stmt = db_query_text(db, sql, err);
	} else if (c->stmt || prepare_cached(db, c, sql, err) == 0) {
		if (c->writes)
			will_write(db, c->writes);
		c->busy = true;
		db->busy[db->busy_count++] = c;
		return c->stmt;
	}
	leave(db);
	return stmt;
}

sqlite3_stmt *db_query_text(struct db *db, const char *sql, struct err *err)
{
	struct table_mask writes = { 0 };
	sqlite3_stmt *stmt = NULL;

	enter(db);
	if (prepare(db, sql, 0, &stmt, &writes, err) < 0)
		leave(db);
	else if (!is_empty(&writes))
		will_write(db, &writes);
	return stmt;
}

static bool give_back(struct db *db, sqlite3_stmt *stmt)
{
	for (size_t i = db->busy_count; i-- > 0;) {
		struct cached *c = db->busy[i];

		if (c->stmt != stmt)
			continue;
		sqlite3_reset(stmt);
		sqlite3_clear_bindings(stmt);
		c->busy = false;
		db->busy[i] = db->busy[--db->busy_count];
		if (c->writes) /* again: another statement may have ended in between */
			will_write(db, c->writes);
		return true;
	}
	return false;
}

void db_done(struct db *db, sqlite3_stmt *stmt)
{
	if (!stmt)
		return;
	if (!give_back(db, stmt))
		sqlite3_finalize(stmt);
	tell_written(db);
	leave(db);
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

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->sqlite);
}

int64_t db_changes(struct db *db)
{
	return sqlite3_changes64(db->sqlite);
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

sqlite3 *db_sqlite(struct db *db)
{
	return db->sqlite;
}
