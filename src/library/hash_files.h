/* hash_files.h - hashes a list of files in worker processes and stores the hashes.
 *
 * Blocking and long; runs on a thread that may wait. What is hashed already costs nothing, so that a stopped
 * run goes on where it was; a file with several names is read once; a disk that turns is read by one worker
 * at a time. The disk is for others first. A file that changes while it is read keeps no hash; one that
 * cannot be read gets the reason. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/file_hashes.h"
#include "store/store.h"

struct hash_progress {
	int64_t files, files_done, failed; /* names with one inode are one */
	int64_t bytes, bytes_done;	   /* sizes of those files */
};

struct hash_files {
	struct store *store;
	enum file_hash hash;
	const int64_t *ids; /* files; NULL: all of root_id that wait */
	size_t count;
	int64_t root_id;  /* with ids NULL; 0: all roots */
	unsigned workers; /* 0: 2 */
	bool waited_for;  /* by a person: the disk is not for others first */
	void *context;
	void (*progress)(void *context,
			 const struct hash_progress *progress); /* about once a second; may be NULL */
	volatile bool *cancelled; /* may be NULL; ERR_BUSY then, what was stored stays */
};

int hash_files_run(const struct hash_files *hash, struct hash_progress *ret, struct err *err);
