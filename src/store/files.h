/* files.h - roots and the files below them, as rows. Paths are bytes as the file system has them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct root {
	int64_t id;
	const char *path, *kind, *state;		 /* state: new ok missing stalled */
	int64_t scanned_ms;				 /* 0 never */
	const char *volume, *mount_source, *mount_point; /* where it was last seen; "" unknown */
	int64_t sentinel;				 /* inode of the folder itself; 0 unknown */
	const char *watch;  /* what a running server does to hear of changes; "" nothing */
	int64_t stalled_ms; /* since when its disk has not answered; 0 it does */
	int64_t vanished; /* files whose sudden absence nobody has confirmed; they are kept */
};

struct file {
	int64_t id, root_id;
	const char *path; /* relative to the root */
	int64_t dev, inode, size, mtime_ns;
	const char *sample_hash; /* "" unknown */
	const char *state;	 /* present missing */
	const char *media_state; /* new ok failed */
	const char *media_error; /* "" none */
};

struct root_list {
	struct root *roots;
	size_t count;
};

int roots_add(struct db *db, const char *path, const char *kind, int64_t *ret_id, struct err *err);
int roots_list(struct db *db, struct arena *arena, struct root_list *ret, struct err *err);
int roots_get(struct db *db, int64_t id, struct arena *arena, struct root *ret, struct err *err);
int roots_count_files(struct db *db, int64_t id, int64_t *ret, struct err *err);
/* Forgets the root, its files, and the items that had no file elsewhere. ERR_NOT_FOUND. */
int roots_remove(struct db *db, int64_t id, struct err *err);
int roots_set_state(struct db *db, int64_t id, const char *state, int64_t scanned_ms, struct err *err);

/* Where it is seen to be now: written when it differs. */
int roots_set_volume(struct db *db, const struct root *seen, struct err *err);
int roots_set_watch(struct db *db, int64_t id, const char *watch, struct err *err);
int roots_forget_watch(struct db *db, struct err *err); /* of a server that has ended */
int roots_set_vanished(struct db *db, int64_t id, int64_t files, struct err *err);
/* The same root at another place; its files keep their rows. ERR_EXISTS when another root is there. `carry`: it is the same
 * folder, so what batches moved and put into the trash lies there as well. */
int roots_set_path(struct db *db, int64_t id, const char *path, bool carry, struct err *err);
/* Counts of its rows, for people. */
struct root_counts {
	int64_t files, present, bytes; /* bytes: names of one file count once */
	int64_t to_probe, unsampled, unhashed, unhashed_bytes, failed;
};
int roots_counts(struct db *db, int64_t id, struct root_counts *ret, struct err *err);

int files_get(struct db *db, int64_t id, struct arena *arena, struct file *ret, struct err *err);
/* Absolute path of a file; in the arena. ERR_NOT_FOUND. */
int files_path(struct db *db, int64_t id, struct arena *arena, const char **ret, struct err *err);
