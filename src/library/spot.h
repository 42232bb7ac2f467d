/* spot.h - one name in a folder below a base, and what can be done to it without ever losing a file.
 *
 * The folder is opened beneath its base and through no symlink (openat2), and held: what is done after that is done
 * there, whatever becomes of the path. Nothing here overwrites: a name that is taken is ERR_EXISTS. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "store/scan_rows.h"

struct spot_folders;

struct spot {
	int dir_fd;	  /* -1: not open */
	const char *name; /* in the path that it was opened with */
	const char *path; /* relative to the base, for messages */
	struct spot_folders *later; /* what is changed here is synced with these; NULL, as it is opened: at once */
};

/* Told of each folder that is made, by its path relative to the base. */
struct spot_make {
	void *context;
	int (*made)(void *context, const char *folder, struct err *err);
	struct spot_folders *later; /* as in struct spot */
	int64_t dev;		    /* the disk that they are to be on: on another, as below a mount that has gone, none is made */
};

/* `make` NULL: the folder must be there. ERR_NOT_FOUND, ERR_DENIED (a symlink on the way, or out of the base). */
int spot_open(struct spot *ret, const char *base, const char *path, const struct spot_make *make, struct err *err);
void spot_close(struct spot *spot); /* a zeroed or failed one is fine */

/* The disk on which `path`, or the nearest folder above it that is there, lies. */
int spot_device(const char *base, const char *path, int64_t *ret_dev, struct err *err);

/* A regular file; ERR_NOT_FOUND, ERR_INVALID. `*ret_links` may be NULL. */
int spot_stat(const struct spot *spot, struct file_identity *ret, int64_t *ret_links, struct err *err);
bool spot_same(const struct file_identity *a, const struct file_identity *b, bool strict); /* strict: size and time too */

/* Renames, and syncs both folders. *ret_across: nothing was done, it is another file system. A name that differs from
 * the old one in capitals only, where the file system takes them for one, goes by way of a third. */
int spot_rename(const struct spot *from, const struct spot *to, bool *ret_across, struct err *err);
/* Takes back the first half of such a rename that was interrupted; nothing happens when there is none. */
void spot_repair_case(const struct spot *from, const struct file_identity *identity);

int spot_hardlink(const struct spot *from, const struct spot *to, struct err *err);
/* Removes the name if it is still this file; ERR_CONFLICT. Syncs the folder. */
int spot_unlink(const struct spot *spot, const struct file_identity *identity, bool strict, struct err *err);
int spot_set_mtime(const struct spot *spot, int64_t mtime_ns, struct err *err);
int spot_sync(const struct spot *spot, struct err *err);

/* Removes the folder `path` below the base if it is empty; true when it went. Never the base itself. */
bool spot_rmdir(const char *base, const char *path, struct spot_folders *later);
