/* file_hashes.h - the three hashes of a file as columns: sample, full, essence.
 *
 * A hash belongs to bytes, not to a name: it is stored for every row with the identity that was read (hard
 * links), and for none when the file has become another meanwhile. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/scan_rows.h"

enum file_hash { FILE_HASH_SAMPLE, FILE_HASH_FULL, FILE_HASH_ESSENCE };

struct unhashed_file {
	int64_t id;
	const char *path; /* absolute */
	struct file_identity identity;
};
struct unhashed_list {
	struct unhashed_file *files;
	size_t count;
};

/* Of these files, those that are present and have neither this hash nor a reason why not, in that order. */
int file_hashes_of(struct db *db, enum file_hash hash, const int64_t *ids, size_t count, struct arena *arena,
		   struct unhashed_list *ret, struct err *err);

/* The same of a root's files (0: all roots), by id after `after`, at most `limit`: what still waits is the
 * cursor. */
int file_hashes_waiting(struct db *db, enum file_hash hash, int64_t root_id, int64_t after, int64_t limit,
			struct arena *arena, struct unhashed_list *ret, struct err *err);
int file_hashes_count(struct db *db, enum file_hash hash, int64_t root_id, int64_t *ret_files,
		      int64_t *ret_bytes, struct err *err);

/* In the caller's transaction. */
int file_hashes_put(struct db *db, enum file_hash hash, const struct file_identity *identity,
		    const char *text, struct err *err);
int file_hashes_fail(struct db *db, enum file_hash hash, const struct file_identity *identity,
		     const char *why, struct err *err);
