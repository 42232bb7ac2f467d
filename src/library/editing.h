/* editing.h - items changed and made by people: one, or many at once, with an undo. The fields:
 * store/metadata.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "store/metadata.h"

/* Checks and applies changes to one item, in a transaction of its own. */
int editing_change(struct db *db, int64_t item_id, const json_t *changes, const char *who, bool *ret_changed,
		   struct err *err);

/* An item made by hand: "title" and "kind" at least; an episode's "show" by its title. */
int editing_add(struct db *db, const json_t *fields, const char *who, int64_t *ret_id, struct err *err);

struct editing_result {
	int64_t matched, changed, edit_id; /* edit 0: nothing was changed */
};

/* Changes all that pass the filter, or `ids` when query is NULL; {"set": {...}, "add_tags": [],
 * "remove_tags": []}. Some hundred items in one transaction. `reader` may be the writer. With dry_run only
 * counts: `changed` is then what would be. */
int editing_bulk(struct db *reader, struct db *writer, const char *query, const json_t *ids,
		 const json_t *changes, const char *who, bool dry_run, volatile bool *cancelled,
		 struct editing_result *ret, struct err *err);

/* Puts back what an edit changed, where it is still as the edit left it. */
int editing_undo(struct db *writer, int64_t edit_id, const char *who, struct editing_result *ret,
		 struct err *err);

/* Usual values and those in use: {"daypart": [...], ...}. New reference. */
json_t *editing_values(struct db *db, struct err *err);
