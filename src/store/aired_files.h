/* aired_files.h - files that channels show. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

/* Whether an enabled channel shows the file between two station instants. */
int aired_files_has(struct db *db, int64_t file_id, int64_t from_ns, int64_t to_ns, bool *ret, struct err *err);
