/* migrate.c - see migrate.h. The steps are in schema_sql.h, made by tools/embed.py from schema/NNN.sql. */
#include "store/migrate.h"

#include <stdio.h>

#include "schema_sql.h" /* generated: static const char *const schema_steps[]; SCHEMA_STEPS */
#include "store/db.h"

int db_schema_version(void)
{
	return SCHEMA_STEPS;
}

static int run_script(struct db *db, const char *sql, struct err *err)
{
	while (*sql) {
		sqlite3_stmt *stmt = NULL;
		const char *rest = sql;

		if (sqlite3_prepare_v2(db_sqlite(db), sql, -1, &stmt, &rest) != SQLITE_OK)
			return err_set(err, ERR_STORE, "%s in: %.80s", sqlite3_errmsg(db_sqlite(db)), sql);
		if (stmt && sqlite3_step(stmt) == SQLITE_ERROR) {
			err_set(err, ERR_STORE, "%s in: %.80s", sqlite3_errmsg(db_sqlite(db)), sql);
			sqlite3_finalize(stmt);
			return -(int)ERR_STORE;
		}
		sqlite3_finalize(stmt);
		sql = rest;
	}
	return 0;
}

static int step_up(struct db *db, int version, struct err *err)
{
	char mark[48];

	snprintf(mark, sizeof(mark), "PRAGMA user_version=%d", version);
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	if (run_script(db, schema_steps[version - 1], err) < 0 || run_script(db, mark, err) < 0) {
		db_rollback(db);
		return err_under(err, "migrate the database to version %d", version);
	}
	return db_commit(db, err);
}

static int newer(int64_t have, struct err *err)
{
	return err_set(err, ERR_UNSUPPORTED,
		       "the database was written by a newer matinee (schema %d, this one knows %d) and is left as it is; install the "
		       "newer one, or play back a backup from before",
		       (int)have, SCHEMA_STEPS);
}

int migrate_up_to(struct db *db, int version, struct err *err)
{
	int64_t have;

	if (db_int(db, &have, 0, err, "PRAGMA user_version", "") < 0)
		return -(int)ERR_STORE;
	if (have > SCHEMA_STEPS)
		return newer(have, err);
	while (have < version)
		if (step_up(db, (int)++have, err) < 0)
			return -(int)ERR_STORE;
	return 0;
}

int migrate_up(struct db *db, struct err *err)
{
	return migrate_up_to(db, SCHEMA_STEPS, err);
}

int migrate_check(struct db *db, const char *path, struct err *err)
{
	int64_t have;

	if (db_int(db, &have, 0, err, "PRAGMA user_version", "") < 0)
		return -(int)ERR_STORE;
	if (have > SCHEMA_STEPS)
		return newer(have, err);
	if (have != SCHEMA_STEPS)
		return err_set(err, ERR_UNSUPPORTED,
			       "'%s' has schema %d and this matinee needs %d; run a command that writes, such as "
			       "'matinee scan', once",
			       path, (int)have, SCHEMA_STEPS);
	return 0;
}
