/* db_frozen.h - a database in a folder where no file can be made: a disk that is mounted read-only, another user's folder.
 * SQLite reads a database with a log by means of two more files; without them it can be read only as one that nobody
 * changes, which is true as long as no log lies beside it. */
#pragma once

#include "base/err.h"

/* After opening `path` in `data_dir` failed: 1, and in *ret (free it) the URI by which it can be read; 0: that is not what
 * is wrong; ERR_READ_ONLY: changes lie in the log that are not in the database yet. */
int db_frozen(const char *data_dir, const char *path, char **ret, struct err *err);
