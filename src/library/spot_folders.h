/* spot_folders.h - folders that were changed and are to be synced together, each once.
 *
 * Not here: what changes them (spot.c). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SPOT_FOLDERS_MAX 200 /* held open at a time */

struct spot_folders {
	struct spot_folder {
		int fd;
		int64_t dev, inode;
	} list[SPOT_FOLDERS_MAX];
	size_t count;
	int failed; /* errno of one that could not be taken: told at the end */
};

/* Keeps the folder open by a descriptor of its own. When there are too many it is synced at once. What fails here fails
 * spot_folders_sync(), too. */
int spot_folders_add(struct spot_folders *folders, int dir_fd, struct err *err);

/* Syncs all, several at a time, and lets go of them, also when one fails; one failure is told. */
int spot_folders_sync(struct spot_folders *folders, struct err *err);

/* The file system of this path brings renames to the disk whole, each at its old or its new name, whatever the moment of a
 * power cut: it has a journal, copies on write, or does them elsewhere. What is not known for that (FAT, FUSE) is not. */
bool spot_folders_whole(const char *path);
