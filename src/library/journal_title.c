/* journal_title.c - the step that sets a title inside a file; see journal_step.h. It changes the file, so it has rows of its
 * own before it begins, and is never one of a group. */
#include "library/journal_step.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/mkv_title.h"

/* Time and hash after a title was set: the time is as before. */
int journal_step_hash(struct journal_work *w, char hash[HASH_TEXT_SIZE], struct err *err)
{
	CLEANUP(cleanup_fd) int fd = openat(w->from.dir_fd, w->from.name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct file_identity now;

	if (spot_set_mtime(&w->from, w->m->mtime_ns, err) < 0 || spot_stat(&w->from, &now, NULL, err) < 0)
		return journal_step_code(err);
	w->identity = now;
	if (fd < 0)
		return err_errno(err, "open '%s'", w->m->from_path);
	return hash_sample(fd, now.size, hash, err);
}

/* The title as it was is written down before it is changed. */
static int begin_title(struct journal_work *w, const char *old, struct err *err)
{
	if (db_begin(w->step->db, err) < 0)
		return -(int)ERR_STORE;
	if (moves_set_copying(w->step->db, w->m->id, w->m->dev, w->m->inode, err) < 0 ||
	    moves_set_old_value(w->step->db, w->m->id, old, err) < 0) {
		db_rollback(w->step->db);
		return -(int)ERR_STORE;
	}
	return db_commit(w->step->db, err);
}

int journal_step_title(struct journal_work *w, char hash[HASH_TEXT_SIZE], struct err *err)
{
	CLEANUP(cleanup_free) char *path = fs_join(w->m->from_base, w->m->from_path);
	struct arena arena = { 0 };
	const char *old = "";
	int64_t links;
	int rc;

	if (spot_stat(&w->from, &w->identity, &links, err) < 0)
		return journal_step_code(err);
	if (links > 1)
		return err_set(err, ERR_DENIED,
			       "'%s' has %lld names (hard links); its title would change under all of them", w->m->from_path,
			       (long long)links);
	rc = mkv_title_get(path, &arena, &old, err);
	if (rc == 0)
		rc = begin_title(w, old, err);
	if (rc == 0 && strcmp(old, w->m->new_value) != 0)
		rc = mkv_title_set(path, w->m->new_value, err);
	arena_free(&arena);
	return rc < 0 ? rc : journal_step_hash(w, hash, err);
}
