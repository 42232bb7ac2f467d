/* trash.c - see trash.h. */
#include "library/trash.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "library/spot.h"
#include "store/trashed.h"

#define PAGE 200

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

static int drop_one(struct db *db, const struct trashed *t, struct trash_totals *totals, struct err *err)
{
	const struct file_identity identity = { t->dev, t->inode, t->size, 0 };
	struct spot spot = { .dir_fd = -1 };
	struct err why = { 0 };
	char folder[PATH_MAX];
	char *slash;
	int rc;

	if (spot_open(&spot, t->base, t->path, NULL, &why) == 0)
		spot_unlink(&spot, &identity, false, &why);
	spot_close(&spot);
	/* gone already, by whatever hand, is what was wanted */
	if (why.code && why.code != ERR_NOT_FOUND) {
		totals->failed++;
		return 0;
	}
	snprintf(folder, sizeof(folder), "%s", t->path);
	while ((slash = strrchr(folder, '/'))) {
		*slash = '\0';
		if (!spot_rmdir(t->base, folder))
			break;
	}
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = moves_set_state(db, t->move_id, "emptied", "", err);
	if (rc == 0 && t->file_id)
		rc = moves_forget_file(db, t->file_id, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	totals->files++;
	totals->bytes += t->size;
	return db_commit(db, err);
}

int trash_empty(struct store *store, int64_t before_ms, volatile bool *cancelled, struct trash_totals *ret,
		struct err *err)
{
	struct db *db = store_writer(store);
	struct trash_totals totals = { 0 };
	int64_t after = 0;
	int rc = 0;

	while (rc == 0 && !(cancelled && *cancelled)) {
		struct arena arena = { 0 };
		struct trashed_list list;

		db_lock(db);
		rc = trashed_page(db, before_ms, after, PAGE, &arena, &list, err);
		db_unlock(db);
		for (size_t i = 0; rc == 0 && i < list.count; i++) {
			after = list.files[i].move_id;
			rc = drop_one(db, &list.files[i], &totals, err);
		}
		arena_free(&arena);
		if (rc < 0 || !list.count)
			break;
	}
	*ret = totals;
	return rc;
}
