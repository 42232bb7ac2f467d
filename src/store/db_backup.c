/* db_backup.c - a copy of the database while it is in use; declared in db.h. */
#include "store/db.h"

int db_backup(struct db *db, const char *path, struct err *err)
{
	sqlite3 *to = NULL;
	sqlite3_backup *backup;
	int rc = sqlite3_open(path, &to);

	if (rc == SQLITE_OK) {
		backup = sqlite3_backup_init(to, "main", db_sqlite(db), "main");
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
