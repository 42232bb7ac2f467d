/* apply.h - writes what comparing found, in short transactions: moves first, then what is new, changed, gone. */
#pragma once

#include <stddef.h>

#include "library/compare.h"
#include "library/library.h"

struct apply {
	const struct library_scan *scan;
	struct db *db; /* the writer */
	struct library_progress *totals;
};

int apply_run(const struct apply *apply, const struct compare *compares, size_t count, struct err *err);
