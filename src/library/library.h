/* library.h - brings the store up to date with the roots: walk, file, probe.
 *
 * Blocking and long; runs in a command or on the server's library thread. Writes in short transactions. A root that
 * cannot be seen is marked missing and nothing below it is touched. A moved file (same device, inode, size, mtime) keeps its
 * row and its item. Scans of one store take turns: this waits for one that runs. Stops early when *cancelled; what was
 * committed stays. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct library_progress {
	const char *phase; /* "walk", "file", "probe" */
	const char *root;  /* path */
	int64_t seen, added, changed, moved, missing, probed, to_probe, failed;
};

struct library_scan {
	struct store *store;
	const char *const *paths; /* only these roots or folders below them; NULL: all roots */
	bool full;		  /* probe again what is unchanged */
	bool dry_run;		  /* report only */
	unsigned workers;	  /* probing; 0: 2 */
	void *context;
	void (*progress)(void *context, const struct library_progress *progress); /* now and then; may be NULL */
	/* dry run and --verbose: kind is "new" "changed" "moved" "missing" */
	void (*change)(void *context, const char *kind, const char *path);
	volatile bool *cancelled;
};

int library_scan(const struct library_scan *scan, struct library_progress *ret_totals, struct err *err);

/* Worker handlers: {"job":"probe","path":p} -> probe_to_json(); {"job":"thumbnail","path","at_ms","width","to"}. */
struct worker_job;
