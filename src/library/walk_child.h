/* walk_child.h - the supervisor's side of walk_job.h: walks a root in a child and calls back here.
 *
 * Blocks the caller until the walk has ended, but no longer than `silent_ms` without a word of the child:
 * then it is given up with ERR_TIMEOUT. Nothing that the child says is trusted further than a path below the
 * root. */
#pragma once

#include "library/walk.h"

#define WALK_CHILD_SILENT_MS 10000

struct walk_facts { /* of the root's volume; in the arena given */
	int64_t entries, dev, inode;
	const char *volume, *source, *mount_point;
	bool network;
	const char *elsewhere; /* NULL, or: nothing was walked, the root's disk is here now */
};

struct walk_child {
	const char *root, *under;
	const char *const *skip;	  /* paths below the root, relative; NULL at the end; NULL: none */
	const char *volume, *mount_point; /* of the last time; "" unknown */
	int64_t inode;
	int64_t silent_ms; /* 0: WALK_CHILD_SILENT_MS */
	bool foreground; /* forked where that can be, and not behind others */
	void *context;
	void (*file)(void *context, const char *path, size_t len, const struct file_identity *identity,
		     int64_t links);
	void (*blind)(void *context, const char *folder, int error);
	void (*device)(void *context, int64_t dev);
	void (*silent)(void *context,
		       int64_t ms); /* no word for so long, about once a second; 0: it speaks again */
	volatile bool *cancelled;   /* ERR_BUSY then */
};

/* Starts the child, which walks ahead as far as the pipe holds. NULL with ERR_WORKER when none can be had.
 * What `walk` points at lives until walk_child_end(). */
struct walker;
struct walker *walk_child_begin(const struct walk_child *walk, struct err *err);
/* Hears it to its end; err: what the child said of the root. */
int walk_child_run(struct walker *walker, struct arena *arena, struct walk_facts *ret, struct err *err);
void walk_child_end(struct walker *walker); /* NULL is fine */

/* One path, in a child that is started when it is first needed. */
struct looker;
struct looker *looker_new(void);
void looker_free(struct looker *looker); /* NULL is fine */
/* 1 there with *ret, 0 not there, <0 unknown (ERR_TIMEOUT: its disk does not answer). */
int looker_stat(struct looker *looker, const char *path, struct file_identity *ret, bool *ret_regular,
		struct err *err);
