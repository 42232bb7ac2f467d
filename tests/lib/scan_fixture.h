/* scan_fixture.h - a store, a folder of files, and scans of it. The test binary is its own worker: a "probe" that reads
 * the file's first word: "ok" and "chapters" are media, "crash" kills the worker, all else is no media; while there is a file
 * .sick beside it, its disk fails. A root with a
 * file .hang stops its walk for ever. */
#pragma once

#include "lib/testlib.h"

#include "library/library.h"
#include "store/files.h"
#include "store/items.h"
#include "store/store.h"

struct fixture {
	char *dir;	/* temporary; data/ and media/ in it */
	char *media;	/* the first root */
	int64_t root_id;
	struct store *store;
	struct db *db;
	struct library_progress totals; /* of the last scan */
	volatile bool cancelled;
	int64_t cancel_after; /* files added; 0: never */
	bool dry_run, full, accept_missing;
	int64_t silent_ms;
	char unread[4096]; /* folder of the last file whose disk failed */
	const char *const *paths;
	char told[65536]; /* "new path\n" of the last scan */
};

struct fixture *fixture_new(const char *kind);
void fixture_free(struct fixture *f);
int64_t fixture_add_root(struct fixture *f, const char *name, const char *kind);

/* Paths are relative to the temporary folder, such as "media/a.mkv"; folders are made. */
void put_file(struct fixture *f, const char *path, const char *content);
void move_file(struct fixture *f, const char *from, const char *to);
void remove_file(struct fixture *f, const char *path);

void scan(struct fixture *f); /* must succeed */
int try_scan(struct fixture *f, struct err *err);

/* One integer from the store. */
int64_t ask(struct fixture *f, const char *sql);
char *ask_text(struct fixture *f, const char *sql); /* free it; "" for NULL or no row */

/* Runs the tests, or the worker when the arguments say so. */
int fixture_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count);
