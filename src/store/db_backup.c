/* db_backup.c - a copy of the database while it is in use; declared in db.h. */
#include <string.h>

#include "store/db.h"

#define PAGES_A_STEP 256 /* 1 MB */

static int failed(sqlite3 *to, int rc, const char *path, struct err *err)
{
	return err_set(err, rc == SQLITE_FULL ? ERR_NO_SPACE : ERR_IO, "copy the database to '%s': %s", path,
		       rc == SQLITE_FULL ? "the disk is full" : rc == sqlite3_errcode(to) ? sqlite3_errmsg(to) : sqlite3_errstr(rc));
}

static int copy(struct db *db, sqlite3 *to, const char *path, const struct db_backup_watch *watch, struct err *err)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", db_sqlite(db), "main");
	int rc = backup ? SQLITE_OK : sqlite3_errcode(to);
	bool on = true;

	while (on && rc == SQLITE_OK) {
		rc = sqlite3_backup_step(backup, watch ? PAGES_A_STEP : -1);
		if (watch)
			on = watch->go_on(watch->context, sqlite3_backup_pagecount(backup) - sqlite3_backup_remaining(backup),
					  sqlite3_backup_pagecount(backup));
	}
	if (backup)
		sqlite3_backup_finish(backup);
	if (rc != SQLITE_OK && rc != SQLITE_DONE)
		return failed(to, rc, path, err);
	return rc == SQLITE_DONE ? 0 : err_set(err, ERR_CONFLICT, "interrupted before the copy was whole");
}

/* What was written, as the disk gives it back. */
static int check(sqlite3 *to, const char *path, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(to, "PRAGMA quick_check(1)", -1, &stmt, NULL);
	const char *said = rc == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL;

	if (!said || strcmp(said, "ok") != 0)
		err_set(err, ERR_STORE, "the copy of the database, '%s', is damaged: %s", path, said ? said : sqlite3_errmsg(to));
	rc = said && strcmp(said, "ok") == 0 ? 0 : -(int)ERR_STORE;
	sqlite3_finalize(stmt);
	return rc;
}

int db_backup(struct db *db, const char *path, const struct db_backup_watch *watch, struct err *err)
{
	sqlite3 *to = NULL;
	sqlite3_stmt *hold = NULL;
	int rc = sqlite3_open(path, &to);

	if (rc != SQLITE_OK) {
		rc = failed(to, rc, path, err);
		sqlite3_close(to);
		return rc;
	}
	/* A statement that is not at its end holds the database as it is now: what is written meanwhile does not begin the copy anew. */
	if (sqlite3_prepare_v2(db_sqlite(db), "SELECT 1 FROM sqlite_schema", -1, &hold, NULL) == SQLITE_OK)
		sqlite3_step(hold);
	sqlite3_exec(to, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", NULL, NULL, NULL); /* the whole file is synced at its end */
	rc = copy(db, to, path, watch, err);
	sqlite3_finalize(hold);
	if (rc == 0) /* without a log beside it, until it is opened to be written */
		sqlite3_exec(to, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	if (rc == 0)
		rc = check(to, path, err);
	sqlite3_close(to);
	return rc;
}
