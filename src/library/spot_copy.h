/* spot_copy.h - a copy that is whole or is not there: written under a name of its own, synced, read back and compared
 * with what was read, then renamed. The source is not touched. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <xxhash.h>

#include "library/safe_name.h"
#include "library/spot.h"

struct spot_copy {
	int64_t id;   /* makes the name of the partial copy: ".name.partial-<id>" */
	bool reflink; /* share the blocks, or fail with ERR_UNSUPPORTED */
	void *context;
	/* The partial copy exists now, empty: the journal writes down which file it is. May be NULL. */
	int (*begun)(void *context, int64_t dev, int64_t inode, struct err *err);
	void (*progress)(void *context, int64_t bytes); /* written since the last call; may be NULL */
	volatile bool *cancelled;			/* may be NULL */
};

/* ERR_EXISTS, ERR_NO_SPACE, ERR_CONFLICT (the source changed meanwhile), ERR_IO; the partial copy is removed then. */
int spot_copy(const struct spot_copy *copy, const struct spot *from, const struct spot *to,
	      const struct file_identity *identity, struct err *err);

/* The same in its parts, for many at a time, in this order; each is over when one fails. */
struct spot_copying {
	int in, out;	    /* out may be synced by others, too */
	int64_t dev, inode; /* of the partial copy */
	const struct spot *from, *to;
	struct file_identity identity;
	XXH128_hash_t hash;
	bool reflink;
	char partial[SAFE_NAME_MAX + 1]; /* "": it has its name, or is gone */
};
int spot_copy_begin(const struct spot_copy *copy, const struct spot *from, const struct spot *to,
		    const struct file_identity *identity, struct spot_copying *ret, struct err *err);
int spot_copy_sync(const struct spot_copying *c, struct err *err);
int spot_copy_check(const struct spot_copying *c, struct err *err); /* what the disk has of it is what was read, and the source the same */
int spot_copy_name(struct spot_copying *c, struct spot_folders *later, struct err *err);
void spot_copy_end(struct spot_copying *c); /* removes a partial copy that has no name yet; may be asked twice */

/* Removes a partial copy that a dead process left. */
void spot_copy_discard(const struct spot *to, int64_t id);
