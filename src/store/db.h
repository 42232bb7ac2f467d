/* db.h - a connection to the one SQLite file, its statements, and who may write.
 *
 * One process writes (flock on data/lock), through one connection that alone checkpoints: Debian's SQLite 3.40.1
 * has the WAL-reset fault, which two checkpointers can meet. Readers are one connection a thread.
 *
 * SQL stands in src/store/ only, one file per domain: <domain>.h with functions on `struct db *`, e.g.
 *	int files_get(struct db *db, int64_t id, struct arena *arena, struct file *ret, struct err *err);
 * Errors: every function returns <0 with err filled (ERR_STORE, ERR_NOT_FOUND, ERR_EXISTS ...). */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct db;

enum db_mode {
	DB_WRITE, /* the one writer: creates, migrates, checkpoints; threads take turns by db_begin/db_lock */
	DB_READ,  /* one thread's reader: read-only, never checkpoints, not even when it closes */
};

/* Once, before the first db_open() and before any thread: SQLite does not count its memory, which would be one lock for
 * all threads. */
void db_prepare_process(void);

/* Opens data_dir/matinee.db. DB_WRITE refuses a network file system with a sentence and migrates to the newest
 * schema; DB_READ refuses a file whose schema is not this program's. */
struct db *db_open(const char *data_dir, enum db_mode mode, struct err *err);
void db_close(struct db *db); /* NULL is fine */

/* Whether data_dir holds a library that can be read: 0, or why not. */
int db_there(const char *data_dir, struct err *err);

/* The writer's lock, recursive. Everything on a shared writer happens between these: db_begin takes it too, and so does each
 * statement, from db_query() to db_done(); who needs db_last_id(), or several statements to fit each other, takes it. */
void db_lock(struct db *db);
void db_unlock(struct db *db);
/* For who takes the lock again and again: between two turns, waits some ms at most while others wait for it. */
void db_give_way(struct db *db);

/* A transaction: db_begin locks; db_commit or db_rollback unlocks. A failed commit is rolled back and unlocked.
 * Nested pairs join the outer one. Keep a transaction under 50 ms. */
int db_begin(struct db *db, struct err *err);
int db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);

/* A prepared statement from the connection's cache, reset and with bindings cleared. `sql` must be a string
 * literal (its address is the key). Aborts only never: NULL with ERR_STORE. Give it back with db_done(). */
sqlite3_stmt *db_query(struct db *db, const char *sql, struct err *err);

/* The same for SQL text put together at run time (filters); finalised by db_done(). Bound values only. */
sqlite3_stmt *db_query_text(struct db *db, const char *sql, struct err *err);
void db_done(struct db *db, sqlite3_stmt *stmt); /* NULL is fine */

/* Binds by a letter each: i int64_t, t text (const char *, NULL is null), b blob (const void *, size_t as int64_t),
 * d double, n null (takes no argument). Example: db_bind(stmt, "it", id, title). Texts must outlive the statement. */
void db_bind(sqlite3_stmt *stmt, const char *types, ...);

/* Steps: 1 a row, 0 done, <0 with err. ERR_EXISTS for a broken UNIQUE, ERR_CONFLICT for a foreign key. */
int db_step(struct db *db, sqlite3_stmt *stmt, struct err *err);

/* Query, bind, step to the end, done. For statements without rows. */
int db_run(struct db *db, struct err *err, const char *sql, const char *types, ...);

/* First column of the first row as an integer; `fallback` when there is no row. */
int db_int(struct db *db, int64_t *ret, int64_t fallback, struct err *err, const char *sql, const char *types, ...);

/* Rows as structs in the arena: read() fills one from the row that the statement stands on. Both bring the statement to
 * its end, as db_done(); stmt NULL is a statement that could not be prepared. */
typedef void db_reader(sqlite3_stmt *stmt, struct arena *arena, void *ret);
struct db_rows {
	void *rows;
	size_t count;
};
/* All of them, `size` bytes each; *ret is untouched on failure. */
int db_rows(struct db *db, sqlite3_stmt *stmt, size_t size, db_reader *read, struct arena *arena, struct db_rows *ret,
	    struct err *err);
/* The first: 1, or 0 when there is none. */
int db_row(struct db *db, sqlite3_stmt *stmt, db_reader *read, struct arena *arena, void *ret, struct err *err);

int64_t db_last_id(struct db *db);
int64_t db_changes(struct db *db);

/* Column texts: "" instead of NULL, copied into the arena. db_blob copies bytes and adds a NUL. */
char *db_text(sqlite3_stmt *stmt, int column, struct arena *arena);
char *db_blob(sqlite3_stmt *stmt, int column, struct arena *arena);

/* Copies the WAL into the file (writer only). Call every minute or so; never blocks readers. */
void db_checkpoint(struct db *db);

int db_schema_version(void); /* newest this program knows */

/* Copy of the whole database, as it is now, into `path` while it is in use (sqlite3_backup), and a look whether it is sound. The
 * watch is told of pages and says whether to go on; NULL: nobody. See backup.h for one that is whole or not there. */
struct db_backup_watch {
	bool (*go_on)(void *context, int64_t done, int64_t total);
	void *context;
};
int db_backup(struct db *db, const char *path, const struct db_backup_watch *watch, struct err *err);

/* The search in memory of the store that the connection belongs to (search_index.h); NULL: words are looked for by SQL. */
struct search_index;
void db_set_search(struct db *db, struct search_index *index);
struct search_index *db_search(const struct db *db);

/* The items in memory of the store that the connection belongs to (item_sets.h); NULL: filters are answered by SQL. */
struct item_sets;
void db_set_item_sets(struct db *db, struct item_sets *sets);
struct item_sets *db_item_sets(const struct db *db);

/* The writer counts there what it has committed (table_marks.h). */
struct table_marks;
void db_set_marks(struct db *db, struct table_marks *marks);
/* What the statements read that db_query_text() prepares from now on is added to the mask; NULL ends it. Of a reader. */
struct table_mask;
void db_note_reads(struct db *db, struct table_mask *mask);

sqlite3 *db_sqlite(struct db *db); /* for migrate.c and tests only */
