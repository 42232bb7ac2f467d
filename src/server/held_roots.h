/* held_roots.h - roots that are not to be scanned now: files in them were being moved when the server died,
 * and what became of them is to be settled first. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct held_roots;

struct held_roots *held_roots_new(void);
void held_roots_free(struct held_roots *held); /* NULL is fine */

void held_roots_set(struct held_roots *held, const int64_t *ids, size_t count);
bool held_roots_clear(struct held_roots *held); /* whether there were some */

/* Of the folders (NULL: all roots) those that are in no root that is held, NULL at the end; `folders` itself
 * when none is held. In the arena. */
const char *const *held_roots_without(struct held_roots *held, struct db *reader, char **folders,
				      struct arena *arena);
