/* db_values.c - values in and out of statements, and whole statements in one call; declared in db.h. */
#include <stdarg.h>

#include "store/db.h"

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

/* NULL with err. */
static sqlite3_stmt *query_bound(struct db *db, const char *sql, const char *types, va_list args, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, sql, err);

	if (stmt)
		bind_all(stmt, types, args);
	return stmt;
}

int db_run(struct db *db, struct err *err, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt;
	va_list args;
	int rc;

	va_start(args, types);
	stmt = query_bound(db, sql, types, args, err);
	va_end(args);
	if (!stmt)
		return -(int)ERR_STORE;
	do
		rc = db_step(db, stmt, err);
	while (rc > 0);
	db_done(db, stmt);
	return rc;
}

int db_int(struct db *db, int64_t *ret, int64_t fallback, struct err *err, const char *sql,
	   const char *types, ...)
{
	sqlite3_stmt *stmt;
	va_list args;
	int rc;

	va_start(args, types);
	stmt = query_bound(db, sql, types, args, err);
	va_end(args);
	if (!stmt)
		return -(int)ERR_STORE;
	rc = db_step(db, stmt, err);
	if (rc >= 0)
		*ret = rc && sqlite3_column_type(stmt, 0) != SQLITE_NULL ? sqlite3_column_int64(stmt, 0) :
									   fallback;
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

int db_rows(struct db *db, sqlite3_stmt *stmt, size_t size, db_reader *read, struct arena *arena, struct db_rows *ret,
	    struct err *err)
{
	char *rows = NULL;
	size_t count = 0, cap = 0;
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(db, stmt, err)) > 0) {
		rows = arena_grow(arena, rows, count, &cap, size);
		read(stmt, arena, rows + count++ * size);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = (struct db_rows) { rows, count };
	return rc;
}

int db_row(struct db *db, sqlite3_stmt *stmt, db_reader *read, struct arena *arena, void *ret, struct err *err)
{
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	rc = db_step(db, stmt, err);
	if (rc > 0)
		read(stmt, arena, ret);
	db_done(db, stmt);
	return rc;
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
