/* journal.c - see journal.h. One step is journal_step.c, steps that are done together journal_group.c. */
#include "library/journal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "library/journal_group.h"
#include "library/known_disk.h"
#include "library/spot.h"
#include "library/trash.h"

#define WRITE_AT 200 /* rows a transaction */

static int take_lock(struct store *store, struct err *err)
{
	CLEANUP(cleanup_free) char *path = fs_join(store_dir(store), "organize.lock");
	struct err why = { 0 };
	int fd = fs_lock(path, &why);

	if (fd >= 0)
		return fd;
	if (why.code == ERR_BUSY)
		return err_set(err, ERR_BUSY, "files are being moved already; 'matinee undo --list' shows by what");
	return err_set(err, why.code, "%s", why.text);
}

/* ---- writing a batch ---- */

/* The trash has a folder for each batch; its number is known only now. */
static void name_trash(struct move *move, struct arena *arena)
{
	static const char start[] = TRASH_FOLDER "/@/";

	if (strcmp(move->action, "trash") == 0 && strncmp(move->to_path, start, strlen(start)) == 0)
		move->to_path = arena_printf(arena, TRASH_FOLDER "/%lld/%s", (long long)move->batch_id,
					     move->to_path + strlen(start));
}

static int write_part(struct db *db, int64_t batch, struct move *moves, size_t count, struct err *err)
{
	struct arena arena = { 0 };
	int64_t bytes = 0;
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		moves[i].batch_id = batch;
		bytes += moves[i].size;
		name_trash(&moves[i], &arena);
		rc = moves_add(db, &moves[i], err);
		moves[i].to_path = NULL; /* it may be in this arena */
	}
	arena_free(&arena);
	if (rc == 0)
		rc = batches_plan(db, batch, (int64_t)count, bytes, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

int journal_write(struct store *store, const char *kind, const char *title, int64_t undoes, struct move *moves,
		  size_t count, int64_t *ret_batch, struct err *err)
{
	struct db *db = store_writer(store);
	int64_t batch;
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = batches_add(db, kind, title, undoes, &batch, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	rc = db_commit(db, err);
	for (size_t i = 0; rc == 0 && i < count; i += WRITE_AT)
		rc = write_part(db, batch, moves + i, count - i < WRITE_AT ? count - i : WRITE_AT, err);
	if (rc == 0)
		*ret_batch = batch;
	return rc;
}

/* ---- running it ---- */

static int set_state(struct db *db, int64_t batch, const char *state, const char *message, struct err *err)
{
	int rc;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = batches_set_state(db, batch, state, message, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

static int do_all(struct journal_run *run, int64_t batch, struct err *err)
{
	struct known_disks disks = { .db = run->step.db };
	int64_t after = 0;
	int rc = 0;

	while (rc == 0) {
		struct arena arena = { 0 };
		struct move_list list;
		size_t taken;

		db_lock(run->step.db);
		rc = moves_list(run->step.db, batch, after, false, JOURNAL_PAGE, &arena, &list, err);
		db_unlock(run->step.db);
		for (size_t i = 0; rc == 0 && i < list.count; i++)
			known_disks_adopt(&disks, &list.moves[i], false);
		for (size_t i = 0; rc == 0 && i < list.count; i += taken)
			rc = journal_group_run(run, list.moves + i, list.count - i, &taken, err);
		if (rc == 0 && list.count)
			after = list.moves[list.count - 1].id;
		run->totals.path = NULL;
		arena_free(&arena);
		if (rc < 0 || !list.count)
			break;
		db_checkpoint(run->step.db);
	}
	known_disks_free(&disks);
	return rc;
}

/* Folders that were made for steps which were never done are still there, when the disk would not have them removed then. */
static void remove_made(struct db *db, int64_t batch_id)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct batch_folder_list list = { 0 };
	int rc;

	db_lock(db);
	rc = batch_folders_list(db, batch_id, &arena, &list, NULL);
	db_unlock(db);
	for (size_t i = 0; rc == 0 && i < list.count; i++)
		spot_rmdir(list.folders[i].base, list.folders[i].path, NULL);
}

/* Nothing of the undone batch is left: it is undone. */
static int close_undone(struct db *db, int64_t undoes, struct err *err)
{
	int64_t left;
	int rc;

	if (!undoes)
		return 0;
	db_lock(db);
	rc = batches_undoable(db, undoes, &left, err);
	db_unlock(db);
	if (rc < 0 || left)
		return rc;
	remove_made(db, undoes);
	return set_state(db, undoes, "undone", "", err);
}

static int begin(struct journal_run *run, int64_t batch_id, struct err *err)
{
	struct arena arena = { 0 };
	struct batch batch;
	int rc;

	db_lock(run->step.db);
	rc = batches_get(run->step.db, batch_id, &arena, &batch, err);
	db_unlock(run->step.db);
	if (rc == 0 && strcmp(batch.state, "planned") != 0)
		rc = err_set(err, ERR_CONFLICT, "batch %lld is not to be done; it is %s", (long long)batch_id,
			     batch.state);
	if (rc == 0) {
		run->step.undoes = batch.undoes;
		run->totals = (struct journal_progress){ .batch_id = batch_id, .files = batch.files, .bytes = batch.bytes };
		rc = set_state(run->step.db, batch_id, "running", "", err);
	}
	arena_free(&arena);
	return rc;
}

static int recover(struct store *store, struct err *err);

static int run_locked(struct journal_run *run, int64_t batch_id, struct err *err)
{
	struct err ignored = { 0 };
	int rc;

	if (recover(run->journal->store, err) < 0 || begin(run, batch_id, err) < 0)
		return -(int)(err ? err->code : ERR_STORE);
	rc = do_all(run, batch_id, err);
	if (run->unsettled)
		return rc; /* it stays 'running', which is what a dead one is found by */
	if (set_state(run->step.db, batch_id, rc < 0 ? "stopped" : "done", rc < 0 && err ? err->text : "", &ignored) < 0 &&
	    rc == 0)
		rc = err_set(err, ignored.code, "%s", ignored.text);
	if (close_undone(run->step.db, run->step.undoes, &ignored) < 0 && rc == 0)
		rc = err_set(err, ignored.code, "%s", ignored.text);
	db_checkpoint(run->step.db);
	return rc;
}

int journal_run(const struct journal *journal, int64_t batch_id, struct journal_progress *ret, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = take_lock(journal->store, err);
	struct db *db = store_writer(journal->store);
	struct journal_run run = { .journal = journal };
	int rc;

	if (lock < 0)
		return -(int)(err ? err->code : ERR_BUSY);
	run.step = (struct journal_step){ .journal = journal,
					  .db = db,
					  .busy = busy_files_new(db, journal->station_now_ns),
					  .totals = &run.totals };
	rc = run_locked(&run, batch_id, err);
	busy_files_free(run.step.busy);
	if (ret)
		*ret = run.totals;
	return rc;
}

/* ---- undo ---- */

static const char *reverse_of(const char *action)
{
	static const char *const pairs[][2] = {
		{ "move", "move" },	  { "trash", "restore" },  { "restore", "trash" }, { "copy", "remove" },
		{ "hardlink", "remove" }, { "reflink", "remove" }, { "mtime", "mtime" },   { "title", "title" },
		{ "rmdir", "mkdir" },	  { "mkdir", "rmdir" },
	};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (strcmp(pairs[i][0], action) == 0)
			return pairs[i][1];
	return NULL;
}

/* The move that takes `m` back. It need only be the same file: who edited it meanwhile gets it back all the same. */
static int reverse(const struct move *m, struct arena *arena, struct move *ret, struct err *err)
{
	bool in_place = !*m->to_base;

	*ret = (struct move){ .file_id = m->file_id,
			      .action = reverse_of(m->action),
			      .from_base = in_place ? m->from_base : m->to_base,
			      .from_path = in_place ? m->from_path : m->to_path,
			      .to_base = in_place ? "" : m->from_base,
			      .to_path = in_place ? "" : m->from_path,
			      .dev = m->to_dev,
			      .inode = m->new_inode,
			      .size = m->size,
			      .mtime_ns = m->mtime_ns,
			      .strict = strcmp(reverse_of(m->action), "remove") == 0,
			      .old_value = m->new_value,
			      .new_value = m->old_value,
			      .undoes = m->id };
	if (strcmp(m->action, "mtime") == 0)
		ret->mtime_ns = strtoll(m->new_value, NULL, 10);
	if (strcmp(ret->action, "remove") == 0)
		ret->new_value = arena_printf(arena, JOURNAL_ORIGINAL, (long long)m->inode, (long long)m->mtime_ns);
	if (in_place)
		return 0;
	return spot_device(m->from_base, m->from_path, &ret->to_dev, err);
}

/* A later batch had moved it on to another disk, and was taken back by copying: the file at this place is the copy. */
static void find_copied(struct move *reversed, const struct move_list *copied)
{
	for (size_t i = copied->count; i-- > 0;) {
		const struct move *c = &copied->moves[i];

		if (c->id > reversed->undoes && strcmp(c->to_path, reversed->from_path) == 0 &&
		    strcmp(c->to_base, reversed->from_base) == 0) {
			reversed->dev = c->to_dev;
			reversed->inode = c->new_inode;
			return;
		}
	}
}

static bool can_reverse(const struct move *m)
{
	return strcmp(m->state, "done") == 0 && reverse_of(m->action);
}

static int add_reversed(struct db *db, int64_t batch_id, struct arena *arena, struct move **ret, size_t *ret_count,
			struct err *err)
{
	struct move_list list, copied = { 0 };
	struct err first = { 0 };
	size_t cap = 0;
	int rc;

	*ret = NULL;
	*ret_count = 0;
	db_lock(db);
	rc = moves_list(db, batch_id, 0, true, INT64_MAX, arena, &list, err);
	if (rc == 0 && list.count)
		rc = moves_taken_back_by_copy(db, list.moves[0].id, arena, &copied, err);
	db_unlock(db);
	for (size_t i = 0; rc == 0 && i < list.count; i++) {
		if (!can_reverse(&list.moves[i]))
			continue;
		ARENA_GROW(arena, *ret, *ret_count, cap);
		if (reverse(&list.moves[i], arena, &(*ret)[*ret_count], &first) == 0) {
			find_copied(&(*ret)[*ret_count], &copied);
			++*ret_count;
		}
	}
	if (rc == 0 && !*ret_count)
		rc = first.code ? err_set(err, first.code, "undo: %s", first.text) :
				  err_set(err, ERR_NOT_FOUND, "batch %lld has nothing to undo", (long long)batch_id);
	return rc;
}

int journal_undo(struct store *store, int64_t batch_id, int64_t *ret_batch, struct err *err)
{
	struct db *db = store_writer(store);
	struct arena arena = { 0 };
	struct batch batch;
	struct move *moves;
	size_t count;
	int rc;

	db_lock(db);
	rc = batches_get(db, batch_id, &arena, &batch, err);
	db_unlock(db);
	if (rc == 0 && strcmp(batch.state, "running") == 0) {
		rc = journal_recover(store, err);
		rc = rc < 0 ? rc : 0;
	}
	if (rc == 0)
		rc = add_reversed(db, batch_id, &arena, &moves, &count, err);
	if (rc == 0)
		rc = journal_write(store, "undo", arena_printf(&arena, "undo of batch %lld", (long long)batch_id),
				   batch_id, moves, count, ret_batch, err);
	arena_free(&arena);
	return rc;
}

/* ---- recovery ---- */

static bool is_begun(const struct move *m)
{
	return strcmp(m->state, "begun") == 0 || strcmp(m->state, "copying") == 0;
}

/* Those that were begun are asked of the disk. What is planned was not begun; but for the first when none was, for a step
 * that is done alone is not marked. The disk may hang: it is asked without the writer's lock. */
static int settle_list(struct journal_step *step, const struct move_list *list, bool *settled, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		const struct move *m = &list->moves[i];

		if (!is_begun(m) && strcmp(m->state, "planned") != 0)
			continue;
		if (is_begun(m) || !*settled)
			rc = journal_step_settle(step, m, list, err);
		else
			rc = journal_step_skip(step->db, m, err);
		*settled = true;
	}
	return rc;
}

/* A group is never cut by a page, for pages are those of do_all(). */
static int settle_batch(struct journal_step *step, const struct batch *batch, struct err *err)
{
	struct known_disks disks = { .db = step->db };
	int64_t after = 0;
	bool settled = false;
	int rc = 0;

	while (rc == 0) {
		struct arena arena = { 0 };
		struct move_list list;

		db_lock(step->db);
		rc = moves_list(step->db, batch->id, after, false, JOURNAL_PAGE, &arena, &list, err);
		db_unlock(step->db);
		for (size_t i = 0; rc == 0 && i < list.count; i++)
			known_disks_adopt(&disks, &list.moves[i], true);
		if (rc == 0 && list.count) {
			after = list.moves[list.count - 1].id;
			rc = settle_list(step, &list, &settled, err);
		}
		arena_free(&arena);
		if (rc < 0 || !list.count)
			break;
	}
	known_disks_free(&disks);
	return rc;
}

static int close_batch(struct db *db, const struct batch *batch, const struct err *why, struct err *err)
{
	if (why->code)
		return set_state(db, batch->id, "waiting", why->text, err);
	if (set_state(db, batch->id, "stopped", "it was interrupted; what had not begun was left", err) < 0)
		return -(int)ERR_STORE;
	log_warning("organize", "batch %lld was interrupted and is settled now", (long long)batch->id);
	return close_undone(db, batch->undoes, err);
}

/* A batch that cannot be settled now, for its disk is away, keeps nobody waiting: it is tried again each time. */
static int recover(struct store *store, struct err *err)
{
	struct db *db = store_writer(store);
	struct journal journal = { .store = store };
	struct journal_progress totals = { 0 };
	struct journal_step step = { .journal = &journal, .db = db, .totals = &totals };
	int64_t id = 0;
	int count = 0, rc;

	do {
		struct arena arena = { 0 };
		struct err none = { 0 }, why = { 0 };
		struct batch batch;

		db_lock(db);
		rc = batches_interrupted(db, id, &id, &none);
		if (rc == 0)
			rc = batches_get(db, id, &arena, &batch, &none);
		db_unlock(db);
		if (rc == 0) {
			settle_batch(&step, &batch, &why);
			rc = close_batch(db, &batch, &why, err);
			count += rc == 0 && !why.code;
		} else if (none.code == ERR_NOT_FOUND) {
			arena_free(&arena);
			return count;
		} else {
			err_set(err, none.code, "%s", none.text);
		}
		arena_free(&arena);
	} while (rc == 0);
	return rc;
}

int journal_recover(struct store *store, struct err *err)
{
	CLEANUP(cleanup_fd) int lock = take_lock(store, err);

	return lock < 0 ? -(int)(err ? err->code : ERR_BUSY) : recover(store, err);
}
