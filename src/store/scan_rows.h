/* scan_rows.h - the rows as a scan reads and writes them. Everything that writes runs in the caller's
 * transaction. */
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
	int64_t links;
	bool missing;
};
struct known_list {
	struct known_file *files;
	size_t count;
};

/* All files of a root at or below the folder `under` ("": the whole root), in no order. */
int scan_rows_known(struct db *db, int64_t root_id, const char *under, struct arena *arena,
		    struct known_list *ret, struct err *err);

/* links: names that the file has on its disk. */
int scan_rows_add(struct db *db, int64_t root_id, const char *path, const struct file_identity *identity,
		  int64_t links, int64_t *ret_id, struct err *err);
/* It is there (again). `changed`: its content may be another; it is to be probed again. */
int scan_rows_seen(struct db *db, int64_t id, const struct file_identity *identity, int64_t links,
		   bool changed, struct err *err);
int scan_rows_move(struct db *db, int64_t id, int64_t root_id, const char *path,
		   const struct file_identity *identity, struct err *err);
int scan_rows_missing(struct db *db, int64_t id, struct err *err);
int scan_rows_count_present(struct db *db, int64_t root_id, int64_t *ret, struct err *err);

/* Files that came back as others: a missing row, and a present one that appeared later with the same sample hash and
 * size. Both belong to one item; or the item of the missing one has no file left, and nobody has touched the other's:
 * a move across file systems. */
struct returned_file {
	int64_t missing_id, present_id, root_id;
	const char *path; /* of the present one, relative to its root */
	struct file_identity identity;
	int64_t links;
	bool appeared; /* the present one, in the scan at hand */
};
struct returned_list {
	struct returned_file *files;
	size_t count;
};
/* since_ms: when the scan at hand began. A library of many terabytes is copied for days before the old files go: what
 * appeared up to SCAN_ROWS_COPY_MS before counts, if it came later than the other by an hour. */
#define SCAN_ROWS_COPY_MS (INT64_C(30) * 24 * 3600 * 1000)
/* Columns in the order of the struct: ids, path, dev, inode, size, mtime_ns, links, appeared; ends the statement. */
int scan_rows_read_returned(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct returned_list *ret, struct err *err);
int scan_rows_returned(struct db *db, int64_t since_ms, struct arena *arena, struct returned_list *ret,
		       struct err *err);
/* The missing row takes the place of the other one, with all that is known of it; the other row and an item
 * that only it had go. In the caller's transaction. */
int scan_rows_adopt(struct db *db, const struct returned_file *file, struct err *err);

/* Files that had this identity when they were last seen, with their absolute paths: where a new file may come
 * from. */
struct file_place {
	int64_t id;
	const char *path; /* absolute */
};
struct place_list {
	struct file_place *places;
	size_t count;
};
int scan_rows_same(struct db *db, const struct file_identity *identity, struct arena *arena,
		   struct place_list *ret, struct err *err);

/* Its path is another file's now: it has this one until its file is found. In the caller's transaction. */
int scan_rows_set_aside(struct db *db, int64_t id, const char *path, struct err *err);

/* Where the same bytes as those of a row appeared, by the rule of scan_rows_returned(). */
int scan_rows_copies(struct db *db, int64_t id, int64_t since_ms, struct arena *arena, struct place_list *ret,
		     struct err *err);

/* Present files of a root below `under` with id > after that wait for a probe (`all`: every one), by id. */
int scan_rows_to_probe(struct db *db, int64_t root_id, const char *under, bool all, int64_t after,
		       int64_t limit, struct arena *arena, struct place_list *ret, struct err *err);
/* Other names of this file (hard links) that wait for a probe: what it gets is theirs too. */
int scan_rows_twins(struct db *db, int64_t id, struct arena *arena, struct place_list *ret, struct err *err);
int scan_rows_count_to_probe(struct db *db, int64_t root_id, const char *under, bool all, int64_t *ret,
			     struct err *err);
