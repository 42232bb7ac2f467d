/* scan_rows.h - the rows as a scan reads and writes them. Everything that writes runs in the caller's transaction. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

/* What a file is to the file system; a row whose identity is unchanged is not written. */
struct file_identity {
	int64_t dev, inode, size, mtime_ns;
};

struct known_file {
	int64_t id;
	const char *path; /* relative to the root; bytes */
	struct file_identity identity;
	bool missing;
};
struct known_list {
	struct known_file *files;
	size_t count;
};

/* All files of a root at or below the folder `under` ("": the whole root), in no order. */
int scan_rows_known(struct db *db, int64_t root_id, const char *under, struct arena *arena, struct known_list *ret,
		    struct err *err);

int scan_rows_add(struct db *db, int64_t root_id, const char *path, const struct file_identity *identity,
		  int64_t *ret_id, struct err *err);
/* It is there (again). `changed`: its content may be another; it is to be probed again. */
int scan_rows_seen(struct db *db, int64_t id, const struct file_identity *identity, bool changed, struct err *err);
int scan_rows_move(struct db *db, int64_t id, int64_t root_id, const char *path, const struct file_identity *identity,
		   struct err *err);
int scan_rows_missing(struct db *db, int64_t id, struct err *err);

/* Files that had this identity when they were last seen, with their absolute paths: where a new file may come from. */
struct file_place {
	int64_t id;
	const char *path; /* absolute */
};
struct place_list {
	struct file_place *places;
	size_t count;
};
int scan_rows_same(struct db *db, const struct file_identity *identity, struct arena *arena, struct place_list *ret,
		   struct err *err);

/* Present files of a root below `under` with id > after that wait for a probe (`all`: every one), by id. */
int scan_rows_to_probe(struct db *db, int64_t root_id, const char *under, bool all, int64_t after, int64_t limit,
		       struct arena *arena, struct place_list *ret, struct err *err);
int scan_rows_count_to_probe(struct db *db, int64_t root_id, const char *under, bool all, int64_t *ret,
			     struct err *err);
