/* apply.h - writes what comparing found, in short transactions: moves first, then what is new, changed, gone.
 */
#pragma once

#include <stddef.h>

#include "library/compare.h"
#include "library/library.h"
#include "library/walk_child.h"

struct apply {
	const struct library_scan *scan;
	struct db *db; /* the writer */
	struct library_progress *totals;
	struct looker *looker;
	int64_t since_ms; /* when the scan began */
};

/* Sets `vanished` of a compare whose files are kept although they are not there. */
int apply_run(const struct apply *apply, struct compare *compares, size_t count, struct err *err);

/* Missing rows that came back elsewhere as new files with the same bytes take their places; after the samples
 * of new files are hashed. */
int apply_returned(const struct apply *apply, const struct root_list *roots, struct err *err);
