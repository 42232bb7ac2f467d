/* moves.c - see moves.h. */
#include "store/moves.h"

#include <string.h>

#include "store/filing.h"

#define COLUMNS \
	"id, batch_id, team, file_id, action, from_base, from_path, to_base, to_path, to_dev, dev, inode, size, " \
	"mtime_ns, strict, new_inode, old_value, new_value, undoes, state, message"

static int64_t len_of(const char *text)
{
	return text ? (int64_t)strlen(text) : 0;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* An empty blob that is not NULL needs an address. */
int moves_add(struct db *db, const struct move *m, struct err *err)
{
	const char *to_base = or_empty(m->to_base), *to_path = or_empty(m->to_path);
	sqlite3_stmt *stmt = db_query(
		db,
		"INSERT INTO moves (batch_id, team, file_id, action, from_base, from_path, to_base, to_path, to_dev, "
		"dev, inode, size, mtime_ns, strict, old_value, new_value, undoes) "
		"VALUES (?, ?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0))",
		err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iiitbbbbiiiiiitti", m->batch_id, m->team, m->file_id, m->action, m->from_base,
		len_of(m->from_base), m->from_path, len_of(m->from_path), to_base, len_of(to_base), to_path,
		len_of(to_path), m->to_dev, m->dev, m->inode, m->size, m->mtime_ns, (int64_t)m->strict, m->old_value,
		m->new_value, m->undoes);
	rc = db_step(db, stmt, err);
	db_done(db, stmt);
	return rc;
}

static void read_move(sqlite3_stmt *stmt, struct arena *arena, struct move *ret)
{
	*ret = (struct move){
		.id = sqlite3_column_int64(stmt, 0),
		.batch_id = sqlite3_column_int64(stmt, 1),
		.team = sqlite3_column_int64(stmt, 2),
		.file_id = sqlite3_column_int64(stmt, 3),
		.action = db_text(stmt, 4, arena),
		.from_base = db_blob(stmt, 5, arena),
		.from_path = db_blob(stmt, 6, arena),
		.to_base = db_blob(stmt, 7, arena),
		.to_path = db_blob(stmt, 8, arena),
		.to_dev = sqlite3_column_int64(stmt, 9),
		.dev = sqlite3_column_int64(stmt, 10),
		.inode = sqlite3_column_int64(stmt, 11),
		.size = sqlite3_column_int64(stmt, 12),
		.mtime_ns = sqlite3_column_int64(stmt, 13),
		.strict = sqlite3_column_int(stmt, 14) != 0,
		.new_inode = sqlite3_column_int64(stmt, 15),
		.old_value = db_text(stmt, 16, arena),
		.new_value = db_text(stmt, 17, arena),
		.undoes = sqlite3_column_int64(stmt, 18),
		.state = db_text(stmt, 19, arena),
		.message = db_text(stmt, 20, arena),
	};
}

static int read_list(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct move_list *ret, struct err *err)
{
	struct move_list list = { 0 };
	size_t cap = 0;
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0) {
		ARENA_GROW(arena, list.moves, list.count, cap);
		read_move(stmt, arena, &list.moves[list.count++]);
	}
	db_done(db, stmt);
	if (rc == 0)
		*ret = list;
	return rc;
}

int moves_list(struct db *db, int64_t batch_id, int64_t after, bool backwards, int64_t limit, struct arena *arena,
	       struct move_list *ret, struct err *err)
{
	sqlite3_stmt *stmt;

	if (backwards)
		stmt = db_query(db,
				"SELECT " COLUMNS " FROM moves WHERE batch_id = ?1 AND (?2 = 0 OR id < ?2) "
				"ORDER BY id DESC LIMIT ?3",
				err);
	else
		stmt = db_query(db,
				"SELECT " COLUMNS " FROM moves WHERE batch_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
				err);
	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "iii", batch_id, after, limit);
	return read_list(db, stmt, arena, ret, err);
}

int moves_taken_back_by_copy(struct db *db, int64_t after, struct arena *arena, struct move_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT " COLUMNS " FROM moves WHERE +id > ? AND undoes IS NOT NULL AND state = 'done' AND "
				      "action = 'move' AND (inode, dev) <> (new_inode, to_dev) ORDER BY id",
				      err);

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "i", after);
	return read_list(db, stmt, arena, ret, err);
}

int moves_begin(struct db *db, int64_t batch_id, int64_t first, int64_t last, struct err *err)
{
	return db_run(db, err,
		      "UPDATE moves SET state = 'begun' WHERE batch_id = ? AND id BETWEEN ? AND ? AND state = 'planned'", "iii",
		      batch_id, first, last);
}

int moves_unbegin(struct db *db, int64_t batch_id, struct err *err)
{
	return db_run(db, err, "UPDATE moves SET state = 'planned' WHERE batch_id = ? AND state = 'begun'", "i", batch_id);
}

int moves_set_state(struct db *db, int64_t id, const char *state, const char *message, struct err *err)
{
	return db_run(db, err, "UPDATE moves SET state = ?, message = ? WHERE id = ?", "tti", state, message, id);
}

int moves_set_copying(struct db *db, int64_t id, int64_t dev, int64_t inode, struct err *err)
{
	return db_run(db, err, "UPDATE moves SET state = 'copying', to_dev = ?, new_inode = ? WHERE id = ?", "iii", dev,
		      inode, id);
}

int moves_set_old_value(struct db *db, int64_t id, const char *value, struct err *err)
{
	return db_run(db, err, "UPDATE moves SET old_value = ? WHERE id = ?", "ti", value, id);
}

int moves_set_done(struct db *db, int64_t id, int64_t dev, int64_t inode, struct err *err)
{
	if (db_run(db, err, "UPDATE moves SET state = 'done', message = '', to_dev = ?, new_inode = ? WHERE id = ?", "iii",
		   dev, inode, id) < 0)
		return -(int)ERR_STORE;
	return db_run(db, err,
		      "UPDATE moves SET state = 'undone' WHERE id = (SELECT undoes FROM moves WHERE id = ?)", "i", id);
}

int batch_folders_add(struct db *db, int64_t batch_id, const char *base, const char *path, struct err *err)
{
	return db_run(db, err, "INSERT OR IGNORE INTO batch_folders (batch_id, base, path) VALUES (?, ?, ?)", "ibb",
		      batch_id, base, len_of(base), path, len_of(path));
}

int batch_folders_has(struct db *db, int64_t batch_id, const char *base, const char *path, bool *ret, struct err *err)
{
	int64_t n;
	int rc = db_int(db, &n, 0, err, "SELECT count(*) FROM batch_folders WHERE batch_id = ? AND base = ? AND path = ?",
			"ibb", batch_id, base, len_of(base), path, len_of(path));

	if (rc == 0)
		*ret = n > 0;
	return rc;
}

static void read_folder(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct batch_folder *)ret = (struct batch_folder){ db_blob(stmt, 0, arena), db_blob(stmt, 1, arena) };
}

int batch_folders_list(struct db *db, int64_t batch_id, struct arena *arena, struct batch_folder_list *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, "SELECT base, path FROM batch_folders WHERE batch_id = ? ORDER BY length(path) DESC", err);
	struct db_rows found = { 0 };

	if (stmt)
		db_bind(stmt, "i", batch_id);
	if (db_rows(db, stmt, sizeof(struct batch_folder), read_folder, arena, &found, err) < 0)
		return -(int)ERR_STORE;
	*ret = (struct batch_folder_list){ found.rows, found.count };
	return 0;
}

/* ---- rows of files ---- */

int moves_root_of(struct db *db, const char *base, int64_t *ret_id, struct err *err)
{
	return db_int(db, ret_id, 0, err, "SELECT id FROM roots WHERE path = ?", "b", base, len_of(base));
}

int moves_forget_file(struct db *db, int64_t file_id, struct err *err)
{
	int64_t item, files;

	if (filing_of_file(db, file_id, &item, &files, err) < 0)
		return -(int)ERR_STORE;
	if (item && filing_unlink(db, item, file_id, err) < 0)
		return -(int)ERR_STORE;
	if (db_run(db, err, "DELETE FROM files WHERE id = ?", "i", file_id) < 0)
		return -(int)ERR_STORE;
	return item && files == 1 ? filing_prune(db, item, err) : 0;
}

int moves_clear_path(struct db *db, int64_t root_id, const char *path, int64_t but_file_id, struct err *err)
{
	int64_t other;

	if (db_int(db, &other, 0, err, "SELECT id FROM files WHERE root_id = ? AND path = ? AND id <> ?", "ibi",
		   root_id, path, len_of(path), but_file_id) < 0)
		return -(int)ERR_STORE;
	return other ? moves_forget_file(db, other, err) : 0;
}

int moves_path_is_kept(struct db *db, int64_t root_id, const char *path, int64_t but_item_id, bool *ret, struct err *err)
{
	int64_t n;
	int rc = db_int(db, &n, 0, err,
			"SELECT count(*) FROM files f JOIN item_files x ON x.file_id = f.id WHERE f.root_id = ? AND "
			"f.path = ? AND f.state = 'missing' AND x.item_id <> ? AND NOT EXISTS "
			"(SELECT 1 FROM item_files y WHERE y.item_id = x.item_id AND y.file_id <> f.id)",
			"ibi", root_id, path, len_of(path), but_item_id);

	if (rc == 0)
		*ret = n > 0;
	return rc;
}

int moves_target_is_kept(struct db *db, const char *base, const char *path, int64_t file_id, bool *ret, struct err *err)
{
	int64_t root, item, files;

	*ret = false;
	if (moves_root_of(db, base, &root, err) < 0 || filing_of_file(db, file_id, &item, &files, err) < 0)
		return -(int)ERR_STORE;
	return root ? moves_path_is_kept(db, root, path, item, ret, err) : 0;
}

int moves_set_content(struct db *db, int64_t file_id, int64_t size, int64_t mtime_ns, const char *sample_hash,
		      struct err *err)
{
	return db_run(db, err,
		      "UPDATE files SET size = ?, mtime_ns = ?, sample_hash = ?, full_hash = NULL, hash_error = NULL "
		      "WHERE id = ?",
		      "iiti", size, mtime_ns, sample_hash, file_id);
}

int moves_set_mtime(struct db *db, int64_t file_id, int64_t mtime_ns, struct err *err)
{
	return db_run(db, err, "UPDATE files SET mtime_ns = ? WHERE id = ?", "ii", mtime_ns, file_id);
}
