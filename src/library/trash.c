/* trash.c - see trash.h. */
#include "library/trash.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "library/known_disk.h"
#include "library/spot.h"
#include "library/spot_folders.h"
#include "store/trashed.h"

#define PAGE 32 /* rows of a transaction; forgetting a file and its item takes a while */

int trash_place(struct move *move, struct arena *arena, struct err *err)
{
	char folder[PATH_MAX];
	size_t root_len = strlen(move->from_base), at = root_len;
	struct stat st;

	if (snprintf(folder, sizeof(folder), "%s/%s", move->from_base, move->from_path) >= (int)sizeof(folder))
		return err_set(err, ERR_TOO_LARGE, "the path is longer than %d bytes", PATH_MAX);
	for (;;) { /* from the root down to the first folder on the file's disk */
		char cut = folder[at];

		folder[at] = '\0';
		if (lstat(*folder ? folder : "/", &st) < 0)
			return err_errno(err, "folder '%s'", folder);
		if ((int64_t)st.st_dev == move->dev && S_ISDIR(st.st_mode))
			break;
		folder[at] = cut;
		at++;
		at += strcspn(folder + at, "/");
		if (!folder[at])
			return err_set(err, ERR_UNSUPPORTED, "'%s' lies on a disk of its own; it has no place for trash",
				       move->from_path);
	}
	move->to_base = arena_strdup(arena, *folder ? folder : "/");
	move->to_path = arena_printf(arena, TRASH_FOLDER "/@/%s", move->from_path + (at > root_len ? at - root_len : 0));
	move->to_dev = move->dev;
	return 0;
}

json_t *trash_json(struct db *db, int64_t before_ms, struct err *err)
{
	return trashed_json(db, before_ms, err);
}

/* The number that the file's disk has now; false when that disk is not there, and nothing can be said of the file. */
static bool find_disk(const struct trashed *t, struct known_disks *disks, int64_t *ret_dev)
{
	int64_t dev;

	if (spot_device(t->base, t->path, &dev, NULL) < 0)
		return false;
	*ret_dev = t->dev;
	return dev == t->dev || (known_disk_is_root(disks, t->base, t->dev, ret_dev) && *ret_dev == dev);
}

static int drop_file(const struct trashed *t, int64_t dev, struct spot_folders *later, struct err *err)
{
	const struct file_identity identity = { dev, t->inode, t->size, 0 };
	struct spot spot = { .dir_fd = -1 };
	struct file_identity now;
	int rc = spot_open(&spot, t->base, t->path, NULL, err);

	spot.later = later;
	if (rc == 0)
		rc = spot_stat(&spot, &now, NULL, err);
	if (rc == 0 && dev != t->dev && now.size != t->size)
		rc = err_set(err, ERR_CONFLICT, "'%s' is not the file that was put there", t->path);
	if (rc == 0)
		rc = spot_unlink(&spot, &identity, false, err);
	spot_close(&spot);
	return rc;
}

/* On the disk: what is not there any more is `dropped`, if its disk is. Its folder is synced when a page of them is through. */
static bool drop_one(const struct trashed *t, struct known_disks *disks, struct spot_folders *later)
{
	struct err why = { 0 };
	char folder[PATH_MAX];
	int64_t dev;
	char *slash;

	if (!find_disk(t, disks, &dev))
		return false;
	/* gone already, by whatever hand, is what was wanted; unless the disk went meanwhile */
	if (drop_file(t, dev, later, &why) < 0 && (why.code != ERR_NOT_FOUND || !find_disk(t, disks, &dev)))
		return false;
	snprintf(folder, sizeof(folder), "%s", t->path);
	while ((slash = strrchr(folder, '/'))) {
		*slash = '\0';
		if (!spot_rmdir(t->base, folder, later))
			break;
	}
	return true;
}

static int write_dropped(struct db *db, const struct trashed_list *list, const bool *dropped, struct trash_totals *totals,
			 struct err *err)
{
	int rc = 0;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		const struct trashed *t = &list->files[i];

		if (!dropped[i])
			continue;
		rc = moves_set_state(db, t->move_id, "emptied", "", err);
		if (rc == 0 && t->file_id)
			rc = moves_forget_file(db, t->file_id, err);
		totals->bytes += t->size;
		totals->files++;
	}
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

/* The disk first: rows of files that went and are not written as gone say so the next time. */
static int empty_page(struct db *db, const struct trashed_list *list, struct arena *arena, volatile bool *cancelled,
		      struct trash_totals *totals, struct err *err)
{
	bool *dropped = arena_alloc(arena, list->count + 1);
	struct spot_folders later = { 0 };
	struct known_disks disks = { .db = db };

	for (size_t i = 0; i < list->count && !(cancelled && *cancelled); i++) {
		dropped[i] = drop_one(&list->files[i], &disks, &later);
		totals->failed += !dropped[i];
	}
	known_disks_free(&disks);
	(void)spot_folders_sync(&later, NULL);
	return write_dropped(db, list, dropped, totals, err);
}

/* The batch says what became of its files. */
static int close_batch(struct db *db, int64_t batch, struct err *err)
{
	int rc;

	if (!batch)
		return 0;
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = trashed_emptied(db, batch, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

/* Batches that end in a page, and the one that goes on after it. */
static int close_batches(struct db *db, const struct trashed_list *list, int64_t *batch, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		if (list->files[i].batch_id != *batch)
			rc = close_batch(db, *batch, err);
		*batch = list->files[i].batch_id;
	}
	return rc;
}

int trash_empty(struct store *store, int64_t before_ms, volatile bool *cancelled, struct trash_totals *ret,
		struct err *err)
{
	struct db *db = store_writer(store);
	struct trash_totals totals = { 0 };
	int64_t after = 0, batch = 0;
	int rc = 0;

	while (rc == 0 && !(cancelled && *cancelled)) {
		struct arena arena = { 0 };
		struct trashed_list list;

		db_lock(db);
		rc = trashed_page(db, before_ms, after, PAGE, &arena, &list, err);
		db_unlock(db);
		if (rc == 0 && list.count) {
			after = list.files[list.count - 1].move_id;
			rc = empty_page(db, &list, &arena, cancelled, &totals, err);
			rc = rc < 0 ? rc : close_batches(db, &list, &batch, err);
		}
		arena_free(&arena);
		if (rc < 0 || !list.count)
			break;
	}
	*ret = totals;
	return rc < 0 ? rc : close_batch(db, batch, err);
}
