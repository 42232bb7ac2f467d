/* junk_walks.h - the last look at all roots for junk, kept until somebody asks for a new one or a batch has moved files:
 * lists are asked for page by page, and a walk of large disks takes long.
 *
 * A walk that found very much is not kept. Requests that come while one is made wait for it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "library/junk.h"

struct junk_walks;

struct junk_walk {
	struct junk junk;
	int64_t at_ms; /* wall clock, when it began */
};

struct junk_walks *junk_walks_new(void);
void junk_walks_free(struct junk_walks *walks); /* NULL is fine; nobody has one any more */

/* Give it back by junk_walks_put(). `db` is a reader. May block for as long as the disks do, and ten seconds for one that does not answer. */
const struct junk_walk *junk_walks_get(struct junk_walks *walks, struct db *db, const struct junk_request *request,
				       bool again, struct err *err);
void junk_walks_put(struct junk_walks *walks, const struct junk_walk *walk); /* NULL is fine */

/* Files were moved: the next one that asks looks again. */
void junk_walks_stale(struct junk_walks *walks);
