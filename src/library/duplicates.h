/* duplicates.h - files that are there twice, with the evidence, and which of them to keep.
 *
 * Kinds, the surest first: `full` the same bytes (full hash, or short files whose sample is all of them); `sample` the same
 * size, head, middle and tail, not compared further yet; `essence` the same pictures and sound in another container or with
 * other tags; `near` another encode of the same item. Names of one file (hard links) are one file. Empty files are no
 * copies of each other. Reads sizes first, then samples, then whole files, each only within groups that are equal so far;
 * what has been hashed is not read again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "library/hash_files.h"
#include "store/duplicate_rows.h"
#include "store/moves.h"

enum duplicate_kind { DUPLICATE_FULL, DUPLICATE_SAMPLE, DUPLICATE_ESSENCE, DUPLICATE_NEAR };
#define DUPLICATE_ALL 15u /* bits 1 << kind */

enum duplicate_keep { KEEP_BEST, KEEP_OLDEST, KEEP_NEWEST, KEEP_SHORTEST };

struct duplicates_request {
	struct store *store; /* for reading files and storing their hashes; NULL: only what is known */
	unsigned kinds;
	enum duplicate_keep keep;
	struct item_query query;
	unsigned workers;
	void *context;
	void (*progress)(void *context, const struct hash_progress *progress); /* may be NULL */
	volatile bool *cancelled;
};

struct duplicate_file {
	const struct duplicate_row *row;
	const struct duplicate_row **names; /* all of its names, row is the first */
	size_t name_count;
	int64_t links; /* names on the disk, as far as is known */
	bool changed;  /* it is not what its row says any more */
	bool keep;
	const char *why;
};

struct duplicate_group {
	enum duplicate_kind kind;
	const char *id; /* "full:8f3a...", the same as long as it is the same group */
	const char *evidence;
	struct duplicate_file *files;
	size_t count;
	int64_t reclaim; /* bytes that the files not kept take */
};

struct duplicates {
	struct duplicate_group *groups;
	size_t count;
	int64_t files, reclaim;
	int64_t read_bytes; /* for this answer */
};

/* `db` is a reader, or the writer (then not locked). */
int duplicates_find(struct db *db, const struct duplicates_request *request, struct arena *arena, struct duplicates *ret,
		    struct err *err);

/* Marks which to keep of each group, with reasons. A group whose files do not agree in length keeps all. */
void duplicates_choose(struct duplicates *all, enum duplicate_keep keep, struct arena *arena);

/* A person's choice for one group: keeps these files. ERR_INVALID when none of them is in the group. */
int duplicates_keep(struct duplicate_group *group, const int64_t *file_ids, size_t count, struct err *err);

/* The steps that put what is not kept into the trash, for journal_write(). Each names the copy that is kept: it must be
 * there when the step is done, and be the same bytes where the kind says so. */
int duplicates_moves(const struct duplicates *all, struct arena *arena, struct move **ret, size_t *ret_count,
		     struct err *err);

/* {"total", "items": [...]} as docs/duplicates.md has it. */
json_t *duplicates_json(const struct duplicates *all, size_t limit, size_t offset);
const char *duplicate_kind_name(enum duplicate_kind kind);
