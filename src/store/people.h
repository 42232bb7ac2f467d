/* people.h - who took part in an item, as its files say it (probes.people). What a person has set stays as it
 * is. */
#pragma once

#include <stdint.h>

#include "store/db.h"

/* Brings the item's people to what its files say, and the search with them. In the caller's transaction. */
int people_refresh(struct db *db, int64_t item_id, struct err *err);

/* The same for every item of a file. */
int people_refresh_of_file(struct db *db, int64_t file_id, struct err *err);
