/* settings.c - see settings.h. */
#include "store/settings.h"

int settings_get(struct db *db, const char *name, struct arena *arena, const char **ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT value FROM settings WHERE name = ?", err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "t", name);
	rc = db_step(db, stmt, err);
	if (rc >= 0)
		*ret = rc ? db_text(stmt, 0, arena) : NULL;
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

int settings_set(struct db *db, const char *name, const char *value, struct err *err)
{
	return db_run(db, err,
		      "INSERT INTO settings (name, value) VALUES (?, ?) "
		      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		      "tt", name, value);
}
