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
	struct apply_gone *gone; /* in memory of the caller's arena */
	struct arena *arena;
};
struct apply_gone { /* rows that this scan marked missing */
	int64_t *ids;
	size_t count, cap;
};

/* Sets `vanished` of a compare whose files are kept although they are not there; `gone` has these then. */
int apply_run(const struct apply *apply, struct compare *compares, size_t count, struct err *err);

/* Looks again at what apply_run() kept, and at roots that are `emptied`, after the samples of new files are hashed: a file
 * whose bytes appeared elsewhere was moved by a copy, and is marked missing for apply_returned(); the rest is judged by
 * itself. Corrects `vanished` and `away`. */
int apply_copied(const struct apply *apply, struct compare *compares, size_t count, struct err *err);

/* Missing rows that came back elsewhere as new files with the same bytes take their places; after the samples
 * of new files are hashed. */
int apply_returned(const struct apply *apply, const struct root_list *roots, struct err *err);
