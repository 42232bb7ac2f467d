/* migrate.h - brings a database from any earlier schema to the newest, each step in one transaction.
 *
 * schema/NNN.sql are embedded in order; PRAGMA user_version is the number of the last one applied. */
#pragma once

#include "base/err.h"

struct db;

int migrate_up(struct db *db, struct err *err);
int migrate_up_to(struct db *db, int version, struct err *err); /* for tests: stop at `version` */

/* A reader's check: the file has exactly our schema. */
int migrate_check(struct db *db, const char *path, struct err *err);
