/* copy_cuts.h - where the files of a channel may be cut whose pictures are copied: their plans, read once a build.
 * Positions are flicks from a file's first picture. Private to station/. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/lengths.h"
#include "store/db.h"

struct copy_cut { /* of one file */
	int64_t file_id;	/* first: base/by_id.h */
	struct lengths lengths; /* none: it cannot be copied, or nobody knows yet */
	int64_t *at;		/* lengths.count + 1 positions */
};

struct copy_cuts;

/* Of a channel of a profile that copies. All outlive it. */
struct copy_cuts *copy_cuts_new(struct db *db, const char *profile, struct arena *arena);

/* NULL: the file is encoded. */
const struct copy_cut *copy_cuts_find(struct copy_cuts *cuts, int64_t file_id);

size_t copy_cut_nearest(const struct copy_cut *cut, int64_t flicks); /* index in `at` */
