/* compare.h - one root (or a folder below it) on disk against its rows: what is new, changed, gone.
 *
 * Reads the rows once, walks once, writes nothing. What cannot be judged is left out of all lists: files
 * below a folder that could not be read, and files on a device that is not there at all (an unmounted disk
 * below the root). A root that is not there, or empty where many files were, is `away`: all its lists are
 * empty. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/files.h"
#include "library/walk_child.h"
#include "store/scan_rows.h"

struct seen_file {
	const char *path;		/* relative to the root; in the arena */
	struct file_identity identity;	/* as it is now */
	int64_t links;			/* names of it on its disk */
	const struct known_file *known; /* its row, or NULL: new */
};
struct seen_list {
	struct seen_file *files;
	size_t count, cap;
};

struct compare {
	struct root root;
	const char *under;	  /* "": all of it */
	bool away;		  /* all lists are empty, but for `gone` when it is `emptied` */
	bool emptied;		  /* away because it is empty where many files were; its disk is there */
	bool stalled;		  /* away because its disk does not answer */
	struct err why;		  /* of `away` */
	struct walk_facts facts;  /* where it is now; zeroed when away */
	int64_t blind;		  /* folders that could not be read */
	int64_t seen;		  /* files that can be media */
	struct seen_list fresh;	  /* not in the store by their path; by path */
	struct seen_list changed; /* size or time differ: to be probed again */
	struct seen_list touched; /* only inode or device differ, or it was missing and is back */
	struct seen_list unsettled; /* new or changed so short a time ago that they may still be written */
	const struct known_file **gone;
	size_t gone_count, gone_cap;
	int64_t vanished; /* apply.h: so many of them at once that they are kept */
};

struct compare_watch { /* while it walks */
	void *context;
	void (*progress)(void *context, int64_t seen); /* every thousand files; may be NULL */
	void (*silent)(void *context, int64_t ms); /* the disk has not answered for so long; may be NULL */
	int64_t silent_ms;			   /* and when it is given up; 0: 10 s */
	const struct root_list *roots;		   /* all roots: one inside another is walked on its own */
	int64_t settle_ms; /* files that changed so short a time ago are left; 0: none */
	bool foreground; /* a person waits: the walk forks, and runs at once */
	volatile bool *cancelled;
};

/* `compare` has root and under set; the rest is filled, with memory of the arena. ERR_BUSY when cancelled. */
int compare_run(struct compare *compare, struct db *db, const struct compare_watch *watch,
		struct arena *arena, struct err *err);
