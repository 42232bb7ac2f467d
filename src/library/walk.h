/* walk.h - walks a folder of a root and tells of every file that can be media.
 *
 * Reads names and inodes only. Folders are never entered through a symlink, so there are no loops; a symlink to a
 * regular file inside the root counts as that file. Runs in a worker (walk_job.h): the disk may hang. Left out: names that begin with a dot, folders that systems make
 * for themselves (@eaDir, lost+found, recycle bins), extensions that are no media. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/scan_rows.h"

struct walk {
	int root_fd;
	const char *under; /* folder below the root where to start; "": the root */
	void *context;
	/* A file, by its path relative to the root; valid during the call. */
	void (*file)(void *context, const char *path, size_t len, const struct file_identity *identity, int64_t links);
	/* A folder that is there but cannot be read now: what lies below is unknown. */
	void (*blind)(void *context, const char *folder, int error);
	bool (*skip)(void *context, const char *folder); /* another root; may be NULL */
	void (*device)(void *context, int64_t dev);	 /* of each folder that was read */
	volatile bool *cancelled;
};

bool walk_leaves_out(const char *name); /* a name that is never entered or looked at; "." and ".." too */

/* *ret_entries: names seen of any kind. ERR_BUSY when cancelled. */
int walk_run(const struct walk *walk, int64_t *ret_entries, struct err *err);
