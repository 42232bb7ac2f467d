/* backup.h - a copy of the library's database in one file, made while a server runs.
 *
 * The copy is what the database was at one instant. It is written beside its place as "NAME.part", checked, and put in its place
 * whole: however it ends, NAME is not there, or what it was, or the whole copy. Not here: the cache, which is made anew, and
 * media. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

/* `replace`: over what is there; without, ERR_EXISTS. watch NULL: without a word. ERR_CONFLICT when the watch ended it. */
int backup_write(struct db *db, const char *path, bool replace, const struct db_backup_watch *watch, int64_t *ret_bytes,
		 struct err *err);
