/* collections.h - named groups of items: by hand, in an order, or smart, a filter that is asked anew each
 * time.
 *
 * `collection:NAME` in a filter (filter.h) asks for either; collections_expand() puts a smart one's filter in
 * its place, whole: one that asks for hidden items has them wherever it is asked for, one that does not has none. A show in a collection brings its episodes. Names are unique, ignoring case. */
#pragma once

#include <stdint.h>

#include "base/json.h"
#include "store/db.h"
#include "store/filter.h"

#define COLLECTION_NAME_MAX 200
#define COLLECTION_NOTES_MAX 20000
#define COLLECTIONS_MAX 1000
#define COLLECTION_ITEMS_MAX 10000 /* of one by hand */

struct collection {
	int64_t id;
	const char *name, *filter, *notes; /* filter NULL: by hand */
	int64_t created_ms, changed_ms;
};

/* By its name, or by its number when none has that name. ERR_NOT_FOUND. */
int collections_find(struct db *db, const char *name, struct arena *arena, struct collection *ret,
		     struct err *err);
int collections_get(struct db *db, int64_t id, struct arena *arena, struct collection *ret, struct err *err);

/* id 0: a new one, whose id is then set. ERR_INVALID for a name or notes that cannot be, ERR_USAGE for a
 * filter that cannot be understood, ERR_CONFLICT for one that asks for itself or would hide items put in by
 * hand, ERR_EXISTS. In a transaction of its own. */
int collections_set(struct db *db, struct collection *collection, struct err *err);
int collections_remove(struct db *db, int64_t id, struct err *err);

/* Puts items at the end, in their order; those that are in it stay where they are. ERR_NOT_FOUND with the
 * item's number, ERR_CONFLICT for a smart one, ERR_TOO_LARGE. All or nothing. */
int collections_put(struct db *db, int64_t id, const int64_t *items, size_t count, int64_t *ret_added,
		    struct err *err);
int collections_take(struct db *db, int64_t id, const int64_t *items, size_t count, int64_t *ret_taken,
		     struct err *err);
/* The item becomes the one at `place`, from 1; past the end: the last. */
int collections_place(struct db *db, int64_t id, int64_t item_id, int64_t place, struct err *err);

/* {"total", "items": [{"id", "name", "smart", "filter", "notes", "items", "created", "changed"}]} by name;
 * items: how many. */
json_t *collections_json(struct db *db, int64_t limit, int64_t offset, struct err *err);
json_t *collection_json(struct db *db, const struct collection *collection, struct err *err);
/* Its items as lists have them: {"total", "items"}, in its order; a smart one's by title. */
json_t *collection_items_json(struct db *db, const struct collection *collection, int64_t limit,
			      int64_t offset, struct err *err);
/* [{"id", "name"}] of those by hand that the item is in. */
json_t *collections_of_item_json(struct db *db, int64_t item_id, struct err *err);

/* Ids of the items of one by hand in its order, shows' episodes in the place of their show. */
struct collection_place {
	int64_t item_id, place; /* from 1 */
};
struct collection_places {
	struct collection_place *places; /* by item_id, each once */
	size_t count;
};
int collections_places(struct db *db, const char *name, struct arena *arena, struct collection_places *ret,
		       struct err *err);

/* Puts the filters of smart collections in the place of `collection:NAME`. ERR_CONFLICT when one asks for
 * itself. */
int collections_expand(struct db *db, struct filter *filter, struct arena *arena, struct err *err);
