/* metadata.h - what people say of items: scheduling metadata, tags, people, and the history of it.
 *
 * Changes are a JSON object: the fields of metadata_fields, "tags" and "people" (lists that replace),
 * "add_tags" and "remove_tags". Values are as the API has them; null unsets. metadata_check() first:
 * metadata_apply() takes what it is given. Which values are usual and how titles are sorted is in
 * library/editing.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "store/db.h"
#include "store/items.h"

#define METADATA_TEXT_MAX 200
#define METADATA_NOTES_MAX 20000
#define METADATA_TAGS_MAX 64

enum metadata_type { METADATA_TEXT, METADATA_NOTES, METADATA_NUMBER, METADATA_TIME, METADATA_KIND };

struct metadata_field {
	const char *name;   /* in JSON */
	const char *column; /* of items */
	enum metadata_type type;
	bool identity; /* what the file's name says otherwise: the item is people's from then on */
	bool listed;   /* has a list of values */
};
extern const struct metadata_field metadata_fields[];	       /* ends with name NULL */
const struct metadata_field *metadata_field(const char *name); /* NULL: none */

/* Who changes, and as part of what. */
struct metadata_author {
	const char *who;  /* command api folder */
	const char *what; /* edit bulk undo add */
	int64_t edit_id;  /* 0: by itself */
};

/* ERR_INVALID with the field and what it takes. */
int metadata_check(const json_t *changes, struct err *err);

/* In the caller's transaction. What is so already is not changed and not noted. ERR_NOT_FOUND. */
int metadata_apply(struct db *db, int64_t item_id, const json_t *changes,
		   const struct metadata_author *author, bool *ret_changed, struct err *err);

/* Adds the item's fields, "tags", "people" and "source" to an object. */
int metadata_add_json(struct db *db, int64_t item_id, json_t *item, struct err *err);

/* The item's values of the fields (and "tags", "people") that `like` has, into `to`. */
int metadata_read(struct db *db, int64_t item_id, const json_t *like, json_t *to, struct err *err);

/* {"total", "items": [{"at", "who", "what", "before", "after", "edit"}]}, the newest first. */
json_t *metadata_history_json(struct db *db, int64_t item_id, int64_t limit, int64_t offset, struct err *err);

/* Values that are in use or were added, by field: {"daypart": ["evening", ...], ..., "tags": [...]}. */
json_t *metadata_used_json(struct db *db, struct err *err);
int metadata_value_add(struct db *db, const char *field, const char *value, struct err *err);

/* Fills what is unset; nothing else, and no history: what folders say. Texts may be NULL. */
struct metadata_hints {
	const char *company, *category, *daypart, *air_season, *rating, *tag;
};
int metadata_fill(struct db *db, int64_t item_id, const struct metadata_hints *hints, struct err *err);

/* ---- many at once ---- */

struct item_ids {
	int64_t *ids;
	size_t count;
};
/* Ids of all that pass, hidden ones only when they are asked for. Words must be in the text as they are
 * typed. */
int items_ids(struct db *db, const struct item_query *query, struct arena *arena, struct item_ids *ret,
	      struct err *err);

int edits_begin(struct db *db, const char *who, const char *query, const json_t *changes, int64_t *ret_id,
		struct err *err);
int edits_check_undo(struct db *db, int64_t edit_id,
		     struct err *err); /* there is one, not undone: ERR_NOT_FOUND, ERR_CONFLICT */
int edits_mark_undone(struct db *db, int64_t edit_id, struct err *err);
/* Rows of history of an edit after `after`, at most `limit`. */
struct edit_row {
	int64_t id, item_id;
	const char *before, *after; /* JSON */
};
struct edit_rows {
	struct edit_row *rows;
	size_t count;
};
int edits_rows(struct db *db, int64_t edit_id, int64_t after, int64_t limit, struct arena *arena,
	       struct edit_rows *ret, struct err *err);
json_t *edits_json(struct db *db, int64_t limit, int64_t offset, struct err *err); /* the newest first */
