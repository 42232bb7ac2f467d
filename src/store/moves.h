/* moves.h - the steps of a batch as rows: the journal. Everything that writes runs in the caller's transaction. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct move {
	int64_t id, batch_id, team, file_id; /* file_id 0: a sidecar */
	const char *action;
	const char *from_base, *from_path, *to_base, *to_path; /* "" for actions in one place */
	int64_t to_dev;
	int64_t dev, inode, size, mtime_ns;
	bool strict;
	int64_t new_inode;
	const char *old_value, *new_value; /* "" none */
	int64_t undoes;			   /* 0: none */
	const char *state, *message;
};
struct move_list {
	struct move *moves;
	size_t count;
};

int moves_add(struct db *db, const struct move *move, struct err *err);
/* Moves of a batch with id > after (or < after, going down from the end with after 0), at most `limit`. */
int moves_list(struct db *db, int64_t batch_id, int64_t after, bool backwards, int64_t limit, struct arena *arena,
	       struct move_list *ret, struct err *err);
/* Moves with id > after that took another one back by a copy: what they moved is another file to the file system than it
 * was. By id. */
int moves_taken_back_by_copy(struct db *db, int64_t after, struct arena *arena, struct move_list *ret, struct err *err);
/* What is planned of a batch between two steps is about to be done: it may be done, or not, after a crash. */
int moves_begin(struct db *db, int64_t batch_id, int64_t first, int64_t last, struct err *err);
/* What was begun and not tried is planned again. */
int moves_unbegin(struct db *db, int64_t batch_id, struct err *err);
int moves_set_state(struct db *db, int64_t id, const char *state, const char *message, struct err *err);
/* The copy that was begun: its inode on the target's disk. */
int moves_set_copying(struct db *db, int64_t id, int64_t dev, int64_t inode, struct err *err);
int moves_set_old_value(struct db *db, int64_t id, const char *value, struct err *err);
/* What it came to, for undoing it; the move that it takes back is undone by it. */
int moves_set_done(struct db *db, int64_t id, int64_t dev, int64_t inode, struct err *err);

int batch_folders_add(struct db *db, int64_t batch_id, const char *base, const char *path, struct err *err);
/* All of a batch, those that lie deepest first. In the arena. */
struct batch_folder {
	const char *base, *path;
};
struct batch_folder_list {
	struct batch_folder *folders;
	size_t count;
};
int batch_folders_list(struct db *db, int64_t batch_id, struct arena *arena, struct batch_folder_list *ret, struct err *err);
int batch_folders_has(struct db *db, int64_t batch_id, const char *base, const char *path, bool *ret, struct err *err);

/* ---- rows of files, as moves leave them ---- */

/* The root whose path is exactly this; 0: none. */
int moves_root_of(struct db *db, const char *base, int64_t *ret_id, struct err *err);
/* Makes room at a path for another row: the row that stands there (a scan came in between, or it is missing) goes, its
 * item with it unless it has other files. */
int moves_clear_path(struct db *db, int64_t root_id, const char *path, int64_t but_file_id, struct err *err);
/* A file that is missing is known by this path and its item has no other: nothing may take its place. */
int moves_path_is_kept(struct db *db, int64_t root_id, const char *path, int64_t but_item_id, bool *ret, struct err *err);
/* The same for a file of the store and any folder to move it below. */
int moves_target_is_kept(struct db *db, const char *base, const char *path, int64_t file_id, bool *ret, struct err *err);
/* Content was touched in a way that changes no picture or sound. sample_hash NULL: unknown. */
int moves_set_content(struct db *db, int64_t file_id, int64_t size, int64_t mtime_ns, const char *sample_hash,
		      struct err *err);
int moves_set_mtime(struct db *db, int64_t file_id, int64_t mtime_ns, struct err *err);
/* The file is no more: its row goes, and its item when that was its only one and was made from it. */
int moves_forget_file(struct db *db, int64_t file_id, struct err *err);
