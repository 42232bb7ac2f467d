/* store.h - the store as a process holds it: the data folder, its lock, the writer, a reader for each thread.
 *
 * `matinee serve`, and commands that change something, open it for writing; other commands read only. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "store/db.h"

struct store;

/* `write`: takes data_dir/lock (ERR_BUSY when a server holds it) and opens the writer. Creates the folder. */
struct store *store_open(const char *data_dir, bool write, struct err *err);
void store_close(struct store *store); /* NULL is fine; every thread that used store_reader() has ended */

const char *store_dir(const struct store *store);
struct db *store_writer(struct store *store); /* NULL in a reading process */

/* The calling thread's read connection, opened at its first call. Not to be closed by the caller. NULL with err. */
struct db *store_reader(struct store *store, struct err *err);

/* True once when lists would be answered faster after store_warm(), which reads for a fraction of a second. */
bool store_wants_warming(struct store *store);
int store_warm(struct store *store, struct err *err);
