/* folders.h - the folders in a place, for a person who chooses one: what can be opened, what is out of the way, and where
 * to begin.
 *
 * Reads names and rights, opens nothing but the folder that was asked for, and touches no mount point below it: a network disk
 * that does not answer holds up only those who open it. Asks the disk: for threads that may block.
 * Not here: who may ask (server/api_folders.c), making a folder a root (roots.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/files.h"

#define FOLDERS_MAX 1000	/* of one place, in one answer */
#define FOLDERS_READ_MAX 200000 /* names read of one place */

struct folder {
	const char *name, *path;
	bool hidden;  /* by its name, or made by the system for itself */
	bool link;    /* a symlink to a folder; the path is the link's, not yet where it points */
	bool closed;  /* we may not read it */
	bool mounted; /* another disk begins here */
};

struct folder_list {
	const char *path;   /* absolute, without symlinks and ".." */
	const char *parent; /* NULL for "/" */
	struct folder *folders; /* by name */
	size_t count, total; /* given, and there are (without those that were not asked for) */
	size_t hidden;	     /* left out because they are hidden */
	size_t videos, sounds; /* files right in it */
	bool more; /* reading ended at FOLDERS_READ_MAX names */
};

struct folders_request {
	const char *path;  /* absolute */
	const char *start; /* only names that begin so, in any case; "" all */
	bool hidden;	   /* those too */
};

/* ERR_INVALID, ERR_NOT_FOUND, ERR_DENIED with what to do. Results are in the arena. */
int folders_list(const struct folders_request *request, struct arena *arena, struct folder_list *ret, struct err *err);

struct folder_place {
	const char *name; /* "home", "disks", "root": what it is */
	const char *path;
};

/* Where people keep films, as far as it is there: home, where disks are mounted, the folders of the library. Never asks
 * a disk of the library. Returns their number. */
size_t folders_places(const char *home, const struct root_list *roots, struct arena *arena, struct folder_place **ret);
