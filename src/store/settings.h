/* settings.h - small values that belong to the store and not to the configuration file (clock, seeds, ids). */
#pragma once

#include "base/arena.h"
#include "store/db.h"

/* NULL in *ret when unset. */
int settings_get(struct db *db, const char *name, struct arena *arena, const char **ret, struct err *err);
int settings_set(struct db *db, const char *name, const char *value, struct err *err);
