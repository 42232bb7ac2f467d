/* journal_step.c - see journal_step.h. What is done to the disk stands in spot.c and spot_copy.c, what is written in
 * store/moves.c; here is the order of both, which is what survives a crash. */
#include "library/journal_step.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/file_items.h"
#include "library/journal_copy.h"
#include "library/journal_keeper.h"
#include "store/scan_rows.h"

#define BUSY_TRIES 6 /* a look of a second each: our own workers let go of a file soon */

static bool is(const struct move *m, const char *action)
{
	return journal_step_is(m, action);
}

static int code_of(const struct err *err)
{
	return journal_step_code(err);
}

struct file_identity journal_step_planned(const struct move *m)
{
	return (struct file_identity){ m->dev, m->inode, m->size, m->mtime_ns };
}

/* ---- rows ---- */

/* The file's row follows it to its new place. */
static int follow(struct db *db, const struct move *m, const char *base, const char *path,
		  const struct file_identity *now, struct err *err)
{
	int64_t root;

	if (!m->file_id)
		return 0;
	if (moves_root_of(db, base, &root, err) < 0)
		return -(int)ERR_STORE;
	if (!root)
		return scan_rows_missing(db, m->file_id, err);
	if (moves_clear_path(db, root, path, m->file_id, err) < 0 ||
	    scan_rows_move(db, m->file_id, root, path, now, err) < 0)
		return -(int)ERR_STORE;
	return now->mtime_ns != m->mtime_ns && m->strict ? moves_set_mtime(db, m->file_id, now->mtime_ns, err) : 0;
}

/* A second file: a new row, filed by its name. */
static int add_row(struct db *db, const struct move *m, const struct file_identity *now, struct err *err)
{
	struct arena arena = { 0 };
	struct root root;
	int64_t root_id, id;
	int rc = moves_root_of(db, m->to_base, &root_id, err);

	if (rc < 0 || !root_id || !m->file_id)
		return rc;
	rc = roots_get(db, root_id, &arena, &root, err);
	if (rc == 0)
		rc = moves_clear_path(db, root_id, m->to_path, 0, err);
	if (rc == 0)
		rc = scan_rows_add(db, root_id, m->to_path, now, is(m, "hardlink") ? 2 : 1, &id, err); /* or more: a scan knows */
	if (rc == 0)
		rc = file_items_put(db, &root, id, m->to_path, err);
	arena_free(&arena);
	return rc;
}

static int forget_row(struct db *db, const struct move *m, struct err *err)
{
	int64_t root;

	if (moves_root_of(db, m->from_base, &root, err) < 0)
		return -(int)ERR_STORE;
	return root ? moves_clear_path(db, root, m->from_path, 0, err) : 0;
}

static int put_rows(struct db *db, const struct move *m, const struct file_identity *now, struct err *err)
{
	if (is(m, "move") || is(m, "restore"))
		return follow(db, m, m->to_base, m->to_path, now, err);
	if (is(m, "trash"))
		return m->file_id ? scan_rows_missing(db, m->file_id, err) : 0;
	if (is(m, "remove"))
		return forget_row(db, m, err);
	if (is(m, "copy") || is(m, "hardlink") || is(m, "reflink"))
		return add_row(db, m, now, err);
	if (is(m, "mtime") && m->file_id)
		return moves_set_mtime(db, m->file_id, now->mtime_ns, err);
	return 0;
}

int journal_step_put(struct db *db, const struct move *m, const struct file_identity *now, const char *sample_hash,
		     struct err *err)
{
	int rc = put_rows(db, m, now, err);

	if (rc == 0 && is(m, "title") && m->file_id)
		rc = moves_set_content(db, m->file_id, now->size, now->mtime_ns, sample_hash, err);
	if (rc == 0)
		rc = moves_set_done(db, m->id, now->dev, now->inode, err);
	return rc < 0 ? err_under(err, "write down what became of '%s'", m->from_path) : 0;
}

/* Done on the disk; now in the rows. `sample_hash` is of a title's file. */
int journal_step_write(struct journal_step *step, const struct move *m, const struct file_identity *now,
		      const char *sample_hash, struct err *err)
{
	struct db *db = step->db;
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = journal_step_put(db, m, now, sample_hash, err);
	if (rc == 0)
		rc = batches_count(db, m->batch_id, 1, m->size, 0, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

/* ---- folders ---- */

uint64_t journal_step_name(const char *base, const char *path)
{
	char whole[PATH_MAX * 2];
	int len = snprintf(whole, sizeof(whole), "%s/%s", strcmp(base, "/") == 0 ? "" : base, path);

	return XXH3_64bits(whole, (size_t)(len < (int)sizeof(whole) ? len : (int)sizeof(whole) - 1));
}

/* A group has written most of them down when it began. */
static int on_made(void *context, const char *folder, struct err *err)
{
	struct journal_work *w = context;
	uint64_t name = journal_step_name(w->m->to_base, folder);
	int rc;

	for (size_t i = 0; w->step->later && i < w->step->announced_count; i++)
		if (w->step->announced[i] == name)
			return 0;
	if (db_begin(w->step->db, err) < 0)
		return -(int)ERR_STORE;
	rc = batch_folders_add(w->step->db, w->m->batch_id, w->m->to_base, folder, err);
	if (rc < 0) {
		db_rollback(w->step->db);
		return rc;
	}
	return db_commit(w->step->db, err);
}

/* When undoing, only those that the batch had made. */
void journal_step_tidy(struct journal_step *step, const struct move *m)
{
	CLEANUP(cleanup_free) char *folder = strdup(m->from_path);
	char *slash;

	while (folder && (slash = strrchr(folder, '/'))) {
		bool ours = true;

		*slash = '\0';
		if (step->undoes) {
			db_lock(step->db);
			if (batch_folders_has(step->db, step->undoes, m->from_base, folder, &ours, NULL) < 0)
				ours = false;
			db_unlock(step->db);
		}
		if (!ours || !spot_rmdir(m->from_base, folder, step->later))
			return;
	}
}

/* ---- checks just before ---- */

static int check_busy(struct journal_work *w, struct err *err)
{
	const struct move *m = w->m;
	const char *why = NULL;

	for (int i = 0; i < BUSY_TRIES; i++) {
		why = busy_files_why(w->step->busy, m->from_base, m->from_path, m->file_id, is(m, "title"));
		if (!why)
			return 0;
		usleep(300000);
	}
	return err_set(err, ERR_BUSY, "'%s': %s", m->from_path, why);
}

/* Its disk is not mounted any more: so it is with all others of the batch there. */
static int source_failed(struct journal_work *w, struct err *err)
{
	const struct move *m = w->m;
	int64_t dev;

	if (err && err->code == ERR_NOT_FOUND &&
	    (spot_device(m->from_base, m->from_path, &dev, NULL) < 0 || dev != m->dev)) {
		w->step->gone = true;
		err_clear(err);
		return err_set(err, ERR_NOT_FOUND, "the disk of '%s/%s' is not there any more; is it mounted?", m->from_base,
			       m->from_path);
	}
	return code_of(err);
}

static int check_source(struct journal_work *w, struct err *err)
{
	const struct move *m = w->m;
	const struct file_identity want = journal_step_planned(m);

	if (spot_open(&w->from, m->from_base, m->from_path, NULL, err) < 0 ||
	    spot_stat(&w->from, &w->identity, NULL, err) < 0)
		return source_failed(w, err);
	if (!spot_same(&w->identity, &want, m->strict))
		return err_set(err, ERR_CONFLICT, "'%s' is not the file any more that it was in the plan", m->from_path);
	w->from.later = w->step->later;
	return 0;
}

/* What the plan asked, again: a file may have gone missing since, and undoing has no plan. */
static int check_name(struct journal_work *w, struct err *err)
{
	const struct move *m = w->m;
	struct db *db = w->step->db;
	bool kept = false;
	int rc;

	if (!m->file_id)
		return 0;
	db_lock(db);
	rc = moves_target_is_kept(db, m->to_base, m->to_path, m->file_id, &kept, err);
	db_unlock(db);
	if (rc == 0 && kept)
		return err_set(err, ERR_CONFLICT, "a file that is missing now is known by the name '%s'", m->to_path);
	return rc;
}

/* The disk that the plan saw is still mounted there. */
static int check_target(struct journal_work *w, struct err *err)
{
	const struct move *m = w->m;
	const struct spot_make make = { w, on_made, w->step->later, m->to_dev };
	int64_t dev;

	if (spot_device(m->to_base, m->to_path, &dev, err) < 0 || dev != m->to_dev) {
		w->step->gone = true;
		return err_set(err, ERR_NOT_FOUND, "the disk at '%s' is not there any more; is it mounted?", m->to_base);
	}
	if (check_name(w, err) < 0)
		return code_of(err);
	return spot_open(&w->to, m->to_base, m->to_path, &make, err);
}

int journal_step_ready(struct journal_work *w, struct err *err)
{
	if (check_source(w, err) < 0 || (is(w->m, "move") && check_busy(w, err) < 0) || check_target(w, err) < 0)
		return code_of(err);
	return 0;
}

bool journal_step_is_end(const struct err *err)
{
	return err->code == ERR_NO_SPACE || err->code == ERR_READ_ONLY || err->code == ERR_STORE || err->code == ERR_IO;
}

/* ---- actions ---- */

static int do_move(struct journal_work *w, struct err *err)
{
	struct file_identity copied;
	bool across;

	if (check_busy(w, err) < 0 || (is(w->m, "trash") && journal_keeper_check(w, err) < 0) ||
	    check_target(w, err) < 0)
		return code_of(err);
	if (spot_rename(&w->from, &w->to, &across, err) < 0)
		return code_of(err);
	if (!across)
		return 0;
	if (w->step->later) {
		w->step->alone = true;
		return err_set(err, ERR_UNSUPPORTED, "'%s' is to be copied", w->m->from_path);
	}
	if (is(w->m, "trash"))
		return err_set(err, ERR_UNSUPPORTED, "'%s' and the trash are not on one file system", w->m->from_path);
	if (journal_copy(w, false, err) < 0)
		return code_of(err);
	if (spot_unlink(&w->from, &w->identity, true, err) == 0)
		return 0;
	if (spot_stat(&w->to, &copied, NULL, NULL) == 0)
		spot_unlink(&w->to, &copied, true, NULL); /* it stays where it was, and only there */
	return code_of(err);
}

static int do_second(struct journal_work *w, struct err *err)
{
	if (check_target(w, err) < 0)
		return code_of(err);
	if (is(w->m, "hardlink"))
		return spot_hardlink(&w->from, &w->to, err);
	return journal_copy(w, is(w->m, "reflink"), err);
}

/* The file at the original's place is the one that was copied, or has its bytes. */
static int check_original(struct journal_work *w, struct err *err)
{
	struct file_identity now;
	long long inode, mtime_ns;
	struct err why = { 0 };

	if (spot_open(&w->to, w->m->to_base, w->m->to_path, NULL, err) < 0 || spot_stat(&w->to, &now, NULL, err) < 0 ||
	    now.size != w->m->size)
		return err_set(err, ERR_CONFLICT, "the original '%s' is not there any more; the copy stays",
			       w->m->to_path);
	if (sscanf(w->m->new_value, JOURNAL_ORIGINAL, &inode, &mtime_ns) == 2 && now.dev == w->m->to_dev &&
	    now.inode == inode && now.mtime_ns == mtime_ns)
		return 0;
	if (journal_keeper_compare(w, &w->to, &why) == 0)
		return 0;
	if (why.code == ERR_CONFLICT)
		return err_set(err, ERR_CONFLICT, "'%s' is not the original any more that was copied; the copy stays",
			       w->m->to_path);
	return err_set(err, why.code, "%s", why.text);
}

/* Takes a copy back, while the original is there. */
static int do_remove(struct journal_work *w, struct err *err)
{
	if (check_busy(w, err) < 0 || check_original(w, err) < 0)
		return code_of(err);
	return spot_unlink(&w->from, &w->identity, w->m->strict, err);
}

static int do_mtime(struct journal_work *w, struct err *err)
{
	if (check_busy(w, err) < 0 || spot_set_mtime(&w->from, strtoll(w->m->new_value, NULL, 10), err) < 0)
		return code_of(err);
	return w->from.later ? spot_sync(&w->from, err) : 0;
}

/* ---- folders as files ---- */

static int do_folder(struct journal_work *w, struct err *err)
{
	struct spot spot = { .dir_fd = -1 };
	int rc = spot_open(&spot, w->m->from_base, w->m->from_path, NULL, err);

	if (rc == 0 && is(w->m, "rmdir") && unlinkat(spot.dir_fd, spot.name, AT_REMOVEDIR) < 0)
		rc = errno == ENOTEMPTY || errno == EEXIST ?
			     err_set(err, ERR_CONFLICT, "folder '%s' is not empty; it stays", w->m->from_path) :
			     err_errno(err, "remove folder '%s'", w->m->from_path);
	if (rc == 0 && is(w->m, "mkdir") && mkdirat(spot.dir_fd, spot.name, 0777) < 0 && errno != EEXIST)
		rc = err_errno(err, "make folder '%s'", w->m->from_path);
	spot.later = w->step->later;
	if (rc == 0)
		(void)spot_sync(&spot, NULL);
	spot_close(&spot);
	return rc;
}

static int act(struct journal_work *w, char hash[HASH_TEXT_SIZE], struct err *err)
{
	const struct move *m = w->m;

	if (is(m, "rmdir") || is(m, "mkdir"))
		return do_folder(w, err);
	if (check_source(w, err) < 0)
		return code_of(err);
	if (is(m, "move") || is(m, "trash") || is(m, "restore"))
		return do_move(w, err);
	if (is(m, "copy") || is(m, "hardlink") || is(m, "reflink"))
		return do_second(w, err);
	if (is(m, "remove"))
		return do_remove(w, err);
	if (is(m, "mtime"))
		return do_mtime(w, err);
	if (is(m, "title"))
		return check_busy(w, err) < 0 ? code_of(err) : journal_step_title(w, hash, err);
	return err_set(err, ERR_INTERNAL, "a move of the unknown kind '%s'", m->action);
}

/* Where the file is now: at the target, or where it was. */
static struct file_identity where(const struct journal_work *w)
{
	const struct spot *at = w->to.dir_fd >= 0 && !is(w->m, "remove") ? &w->to : &w->from;
	struct file_identity now = w->identity;

	if (at->dir_fd >= 0 && spot_stat(at, &now, NULL, NULL) < 0)
		now = w->identity;
	return now;
}

bool journal_step_groups(const struct move *m)
{
	if (is(m, "move") || is(m, "trash") || is(m, "restore"))
		return m->dev == m->to_dev;
	return is(m, "mtime") || is(m, "hardlink") || is(m, "remove") || is(m, "rmdir") || is(m, "mkdir");
}

/* With the hash of a file whose title was set. */
static int do_step(struct journal_step *step, const struct move *move, struct file_identity *ret_now,
		   char hash[HASH_TEXT_SIZE], struct err *err)
{
	struct journal_work w = { .step = step, .m = move, .from = { .dir_fd = -1 }, .to = { .dir_fd = -1 } };
	int rc;

	step->gone = step->alone = false;
	rc = act(&w, hash, err);
	if (rc == 0)
		*ret_now = where(&w);
	else if (err)
		step->gone |= journal_step_is_end(err);
	spot_close(&w.from);
	spot_close(&w.to);
	return rc;
}

bool journal_step_empties(const struct move *m)
{
	return is(m, "move") || is(m, "trash") || is(m, "remove");
}


static size_t folder_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

bool journal_step_same_folder(const struct move *a, const struct move *b)
{
	size_t len = folder_len(a->from_path);

	return len == folder_len(b->from_path) && strncmp(a->from_path, b->from_path, len) == 0 &&
	       strcmp(a->from_base, b->from_base) == 0;
}

int journal_step_do(struct journal_step *step, const struct move *move, struct file_identity *ret_now, struct err *err)
{
	char hash[HASH_TEXT_SIZE] = "";

	return do_step(step, move, ret_now, hash, err);
}

int journal_step_run(struct journal_step *step, const struct move *move, struct err *err)
{
	char hash[HASH_TEXT_SIZE] = "";
	struct file_identity now;
	int rc = do_step(step, move, &now, hash, err);

	if (rc < 0)
		return rc;
	rc = journal_step_write(step, move, &now, *hash ? hash : NULL, err);
	step->gone |= rc < 0;
	if (rc == 0 && journal_step_empties(move))
		journal_step_tidy(step, move);
	return rc;
}
