/* spot_copy.h - a copy that is whole or is not there: written under a name of its own, synced, read back and compared
 * with what was read, then renamed. The source is not touched. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "library/spot.h"

struct spot_copy {
	int64_t id;   /* makes the name of the partial copy: ".name.partial-<id>" */
	bool reflink; /* share the blocks, or fail with ERR_UNSUPPORTED */
	void *context;
	/* The partial copy exists now, empty: the journal writes down which file it is. */
	int (*begun)(void *context, int64_t dev, int64_t inode, struct err *err);
	void (*progress)(void *context, int64_t bytes); /* written since the last call; may be NULL */
	volatile bool *cancelled;			/* may be NULL */
};

/* ERR_EXISTS, ERR_NO_SPACE, ERR_CONFLICT (the source changed meanwhile), ERR_IO; the partial copy is removed then. */
int spot_copy(const struct spot_copy *copy, const struct spot *from, const struct spot *to,
	      const struct file_identity *identity, struct err *err);

/* Removes a partial copy that a dead process left. */
void spot_copy_discard(const struct spot *to, int64_t id);
