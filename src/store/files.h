/* files.h - roots and the files below them, as rows. Paths are bytes as the file system has them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct root {
	int64_t id;
	const char *path, *kind, *state;
	int64_t scanned_ms; /* 0 never */
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

int files_get(struct db *db, int64_t id, struct arena *arena, struct file *ret, struct err *err);
/* Absolute path of a file; in the arena. ERR_NOT_FOUND. */
int files_path(struct db *db, int64_t id, struct arena *arena, const char **ret, struct err *err);
