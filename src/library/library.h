/* library.h - brings the store up to date with the roots: walk, file, sample, probe.
 *
 * Blocking and long; runs in a command or on the server's library thread. Writes in short transactions. A
 * root that cannot be seen is marked missing, one whose disk does not answer stalled, and nothing below it is
 * touched. A moved file (same device, inode, size, mtime; or gone here and new there with the same sample of
 * its bytes) keeps its row and its item. When more than a share of a root's files is gone at once, none of
 * them is marked missing (root.vanished). Scans of one store take turns: this waits for one that runs. Stops
 * early when *cancelled; what was committed stays. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

#define LIBRARY_MISSING_SHARE 20 /* per cent of a root's files */
#define LIBRARY_MISSING_LEAST 10 /* fewer files than this may always go */

struct library_progress {
	const char *phase; /* "walk", "file", "sample", "probe" */
	const char *root;  /* path */
	int64_t root_id;   /* 0: none or all */
	int64_t silent_ms; /* the root's disk has not answered for so long */
	int64_t seen, added, changed, moved, missing, vanished, probed, to_probe, failed;
	int64_t sampled, to_sample;
};

struct library_scan {
	struct store *store;
	const char *const *paths; /* only these roots or folders below them; NULL: all roots */
	bool full;		  /* probe again what is unchanged */
	bool dry_run;		  /* report only */
	bool accept_missing;	  /* however many are gone */
	int missing_share;	  /* per cent; 0: LIBRARY_MISSING_SHARE; 100: any number may go */
	bool folders;		  /* paths are folders for sure, nothing is asked */
	int64_t settle_ms;	  /* files that changed so short a time ago are left; 0: none */
	/* The folder of such files, absolute: to be scanned again. May be NULL. */
	void (*unsettled)(void *context, const char *folder);
	/* The folder of a file whose disk failed while it was probed, absolute: to be scanned again, later each time. May be NULL. */
	void (*unread)(void *context, const char *folder);
	bool foreground;	  /* a person waits, and this process does nothing else */
	int64_t silent_ms;	  /* a root's disk is given up after; 0: 10 s */
	unsigned workers;	  /* probing; 0: 2 */
	void *context;
	void (*progress)(void *context,
			 const struct library_progress *progress); /* now and then; may be NULL */
	/* dry run and --verbose: kind is "new" "changed" "moved" "missing" */
	void (*change)(void *context, const char *kind, const char *path);
	volatile bool *cancelled;
};

int library_scan(const struct library_scan *scan, struct library_progress *ret_totals, struct err *err);

/* Worker handlers: {"job":"probe","path":p} -> probe_to_json();
 * {"job":"thumbnail","path","at_ms","width","to"}. */
struct worker_job;
