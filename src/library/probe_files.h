/* probe_files.h - probes what waits for it, in worker processes, and stores what they say. */
#pragma once

#include "library/library.h"
#include "store/files.h"

struct probe_scope {
	int64_t root_id;
	const char *under; /* "": the whole root */
};

/* Blocks until all is probed or *cancelled. Counts in totals: to_probe, probed, failed. A file that cannot be probed is
 * marked failed with the sentence; one that is not there any more, or whose disk
 * fails or hangs, is left for the next scan (`unread` of the scan). */
int probe_files_run(const struct library_scan *scan, const struct probe_scope *scopes, size_t count,
		    struct library_progress *totals, struct err *err);
