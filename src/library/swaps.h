/* swaps.h - files on paths whose rows belong to other files: names that were exchanged, or a name that was
 * given to another file. Pure: in which order rows can take their new paths. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct swap {
	int64_t known;	      /* the row that has the path */
	int64_t source;	      /* the row of the file that is there now */
	size_t compare, file; /* which file that is, for the caller */
	bool first;	      /* filled: `known` must leave its path before this */
	bool ring;	      /* filled: and takes the path of the last of these */
	bool last;	      /* filled */
};

/* Orders them so that each path is free when its turn comes, but for the first of each chain or ring. Of two
 * that have one source, one stays. The count that is left. */
size_t swaps_order(struct swap *swaps, size_t count);
