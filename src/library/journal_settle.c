/* journal_settle.c - what a step came to whose process died or whose power went; see journal_step.h. The disk is asked: the file has its
 * identity at the one place or at the other. */
#include "library/journal_step.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/spot_copy.h"

static bool is(const struct move *m, const char *action)
{
	return journal_step_is(m, action);
}

static bool at_target(struct journal_work *w, struct file_identity *ret)
{
	const struct move *m = w->m;
	bool copied = m->new_inode != 0;

	if (w->to.dir_fd < 0 || spot_stat(&w->to, ret, NULL, NULL) < 0)
		return false;
	if (copied)
		return ret->inode == m->new_inode && ret->dev == m->to_dev && ret->size == w->m->size;
	return ret->inode == m->inode && ret->dev == m->dev;
}

static int settle_move(struct journal_work *w, bool *ret_done, struct file_identity *now, struct err *err)
{
	const struct move *m = w->m;
	const struct file_identity want = journal_step_planned(m);
	bool second = is(m, "copy") || is(m, "hardlink") || is(m, "reflink");
	struct file_identity source;
	bool here;

	if (w->from.dir_fd >= 0)
		spot_repair_case(&w->from, &want);
	/* of a copy, the source must be what was copied; a file that was renamed is itself, whoever wrote into it since */
	here = w->from.dir_fd >= 0 && spot_stat(&w->from, &source, NULL, NULL) == 0 &&
	       spot_same(&source, &want, m->strict && m->new_inode);
	*ret_done = at_target(w, now);
	if (*ret_done && here && !second && m->new_inode)
		return spot_unlink(&w->from, &want, true, err); /* the copy was whole before it had its name */
	if (*ret_done && here && !second)
		*ret_done = false; /* a rename by link and unlink, half way: two names of one file */
	if (!*ret_done && here && !second && !m->new_inode && at_target(w, now))
		return spot_unlink(&w->to, now, true, err);
	if (!*ret_done && w->to.dir_fd >= 0)
		spot_copy_discard(&w->to, m->id);
	if (!*ret_done && !here)
		return err_set(err, ERR_NOT_FOUND, "'%s' is neither there nor at '%s'; is a disk missing?", m->from_path,
			       m->to_path);
	return 0;
}

/* What was made or removed is there or not; if its disk is. */
static int settle_folder(const struct move *m, bool *ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = fs_join(m->from_base, m->from_path);
	struct stat st;
	int rc = lstat(path, &st);

	if (rc < 0 && errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, "folder '%s'", path);
	if (lstat(m->from_base, &st) < 0)
		return err_errno(err, "folder '%s'", m->from_base);
	*ret_done = is(m, "mkdir") ? rc == 0 : rc < 0;
	return 0;
}

/* The file of a step in place has its name, or the other one of the move that was begun with it. */
static bool find_moved(const struct journal_work *w, const struct move_list *group, struct file_identity *ret)
{
	const struct move *m = w->m;

	for (size_t i = 0; i < group->count; i++) {
		const struct move *o = &group->moves[i];
		const char *base, *path;
		struct spot spot = { .dir_fd = -1 };
		bool found;

		if (!*o->to_base || o->dev != m->dev || o->inode != m->inode)
			continue;
		if (strcmp(o->from_base, m->from_base) == 0 && strcmp(o->from_path, m->from_path) == 0)
			base = o->to_base, path = o->to_path;
		else if (strcmp(o->to_base, m->from_base) == 0 && strcmp(o->to_path, m->from_path) == 0)
			base = o->from_base, path = o->from_path;
		else
			continue;
		found = spot_open(&spot, base, path, NULL, NULL) == 0 && spot_stat(&spot, ret, NULL, NULL) == 0 &&
			ret->dev == m->dev && ret->inode == m->inode;
		spot_close(&spot);
		if (found)
			return true;
	}
	return false;
}

static int settle_in_place(struct journal_work *w, const struct move_list *group, bool *ret_done,
			   struct file_identity *now, char hash[HASH_TEXT_SIZE], struct err *err)
{
	const struct move *m = w->m;
	bool there = w->from.dir_fd >= 0 && spot_stat(&w->from, now, NULL, NULL) == 0 &&
		     (now->inode == m->inode || !is(m, "mtime"));

	if (is(m, "rmdir") || is(m, "mkdir"))
		return settle_folder(m, ret_done, err);
	if (!there && is(m, "mtime"))
		there = find_moved(w, group, now);
	if (!there) {
		*ret_done = is(m, "remove");
		return *ret_done ? settle_folder(m, ret_done, err) : 0;
	}
	if (is(m, "mtime"))
		*ret_done = now->mtime_ns == strtoll(m->new_value, NULL, 10);
	else if (is(m, "title"))
		*ret_done = strcmp(m->state, "copying") == 0 && now->inode == m->inode;
	if (*ret_done && is(m, "title")) {
		if (journal_step_hash(w, hash, err) < 0)
			return journal_step_code(err);
		*now = w->identity;
	}
	return 0;
}

/* Folders that were made for it and are empty go. */
static void tidy_made(struct db *db, const struct move *m)
{
	CLEANUP(cleanup_free) char *folder = strdup(m->to_path);
	char *slash;

	while (folder && (slash = strrchr(folder, '/'))) {
		bool made = false;

		*slash = '\0';
		db_lock(db);
		if (batch_folders_has(db, m->batch_id, m->to_base, folder, &made, NULL) < 0)
			made = false;
		db_unlock(db);
		if (!made || !spot_rmdir(m->to_base, folder, NULL))
			return;
	}
}

int journal_step_skip(struct db *db, const struct move *move, struct err *err)
{
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = moves_set_state(db, move->id, "skipped", "it was interrupted before this", err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

int journal_step_settle(struct journal_step *step, const struct move *move, const struct move_list *group,
			struct err *err)
{
	struct journal_work w = { .step = step, .m = move, .from = { .dir_fd = -1 }, .to = { .dir_fd = -1 } };
	char hash[HASH_TEXT_SIZE] = "";
	struct file_identity now = journal_step_planned(move);
	bool done = false;
	int rc;

	spot_open(&w.from, move->from_base, move->from_path, NULL, NULL);
	if (*move->to_base)
		spot_open(&w.to, move->to_base, move->to_path, NULL, NULL);
	if (*move->to_base && !is(move, "remove"))
		rc = settle_move(&w, &done, &now, err);
	else
		rc = settle_in_place(&w, group, &done, &now, hash, err);
	spot_close(&w.from);
	spot_close(&w.to);
	if (rc < 0)
		return rc;
	if (done)
		return journal_step_write(step, move, &now, *hash ? hash : NULL, err);
	if (*move->to_base && !is(move, "remove"))
		tidy_made(step->db, move);
	return journal_step_skip(step->db, move, err);
}
