/* filing.h - items as the library writes them. Everything runs in the caller's transaction.
 *
 * An item made from files has source 'file' and may be rewritten or removed by them; any other source is people's
 * work and is left as it is. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/items.h"

int filing_add(struct db *db, const struct item *item, int64_t *ret_id, struct err *err);
/* Rewrites what the name says; nothing happens when it says the same, or when the item is not of source 'file'. */
int filing_set(struct db *db, const struct item *item, struct err *err);

/* The item is people's work from now on: source 'manual'. */
int filing_claim(struct db *db, int64_t item_id, struct err *err);

/* A show with this sort title and year, or a season with this number below parent_id. A year that is unknown on
 * either side matches; a known one is then kept. 0 in *ret_id: none. */
int filing_find_parent(struct db *db, const struct item *like, int64_t *ret_id, struct err *err);

/* Another file's item that this one is a version or part of; 0: none. Episodes: same parent and number (or date).
 * Movies: same title and year; without a year same title and in the same folder ("a/b/", "" for the root itself). */
int filing_find_episode(struct db *db, const struct item *like, int64_t *ret_id, struct err *err);
int filing_find_movie(struct db *db, const struct item *like, int64_t root_id, const char *folder, int64_t *ret_id,
		      struct err *err);

/* Files straight in a folder ("a/b/") of films that people changed by hand: their titles are not what files are named by
 * any more. At most 64 files of the folder are looked at. */
struct filing_sibling {
	int64_t item_id;
	const char *path;
};
struct filing_siblings {
	struct filing_sibling *files;
	size_t count;
};
int filing_find_siblings(struct db *db, int64_t root_id, const char *folder, struct arena *arena,
			 struct filing_siblings *ret, struct err *err);

int filing_link(struct db *db, int64_t item_id, int64_t file_id, int part, struct err *err);
int filing_unlink(struct db *db, int64_t item_id, int64_t file_id, struct err *err);
/* The item of a file (0: none) and how many files that item has. */
int filing_of_file(struct db *db, int64_t file_id, int64_t *ret_item, int64_t *ret_files, struct err *err);
/* Removes an item of source 'file' without files and children, then its parents that are empty by that. */
int filing_prune(struct db *db, int64_t item_id, struct err *err);
/* The same when the file is another item's now, or that item's child: what people set on those that go (fields, tags,
 * markers, collections, history) goes over to `heir`, or to what is above it of their kind; with `same_kind` false, what is
 * set on `item_id` itself goes to `heir` whatever it is. */
int filing_prune_for(struct db *db, int64_t item_id, int64_t heir, bool same_kind, struct err *err);
int filing_carry(struct db *db, int64_t from, int64_t to, struct err *err);

/* An item that only this file has is found by no other file until it is brought back, in the same transaction. 0 in
 * *ret_item: there is none. */
int filing_set_aside(struct db *db, int64_t file_id, int64_t *ret_item, struct err *err);
int filing_bring_back(struct db *db, int64_t item_id, struct err *err);

/* Replaces the item's markers of one source (title and kind never NULL). */
int filing_replace_markers(struct db *db, int64_t item_id, const char *source, const struct marker *markers,
			   size_t count, struct err *err);
/* The item whose chapters a file decides: it is the first file of an item in one part; 0: none. */
int filing_item_for_chapters(struct db *db, int64_t file_id, int64_t *ret_item, struct err *err);

/* Writes the search text of an item anew. */
int search_update(struct db *db, int64_t item_id, struct err *err);
