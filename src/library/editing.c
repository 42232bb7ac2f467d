/* editing.c - see editing.h. */
#include "library/editing.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "library/title.h"
#include "store/filing.h"
#include "store/rating.h"

#define BATCH 100 /* items in one transaction: some 20 ms */
#define MAX_IDS 100000

/* The usual values, a list of words each. People add to them by using others. */
static const struct {
	const char *field, *values[12];
} usual[] = {
	{ "daypart", { "morning", "afternoon", "evening", "late_night" } },
	{ "air_season", { "spring", "summer", "fall", "winter", "holiday" } },
	{ "rating", { "G", "PG", "PG-13", "R", "Adult" } },
	{ "category", { "food", "automotive", "retail" } },
	{ "audience", { "family", "adult", "children", "seniors" } },
	{ "warnings", { "violence", "language", "adult_themes" } },
	{ "tags", { "15s", "30s", "60s" } },
	{ "company", { NULL } },
};

/* The usual spelling of a value that is usual. */
static const char *usual_spelling(const char *field, const char *value)
{
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		for (size_t j = 0; strcmp(usual[i].field, field) == 0 && usual[i].values[j]; j++)
			if (strcasecmp(usual[i].values[j], value) == 0)
				return usual[i].values[j];
	return value;
}

/* What is stored for what is said: usual spellings, and a sort title for a title. */
static json_t *complete(const json_t *changes)
{
	json_t *full = json_copy((json_t *)changes);
	struct arena arena = { 0 };
	const char *title = json_text(changes, "title", NULL), *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(full, next, key, value) if (json_is_string(value) && metadata_field(key) &&
							     metadata_field(key)->listed)
		json_object_set_new(full, key, json_string(usual_spelling(key, json_string_value(value))));
	if (title && !json_object_get(changes, "sort_title"))
		json_object_set_new(full, "sort_title", json_string(title_sort(title, &arena)));
	arena_free(&arena);
	return full;
}

int editing_change(struct db *db, int64_t item_id, const json_t *changes, const char *who, bool *ret_changed,
		   struct err *err)
{
	CLEANUP(json_cleanup) json_t *full = NULL;
	struct metadata_author author = { .who = who, .what = "edit" };
	int rc = metadata_check(changes, err);

	*ret_changed = false;
	if (rc < 0)
		return rc;
	full = complete(changes);
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = metadata_apply(db, item_id, full, &author, ret_changed, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

/* ---- made by hand ---- */

/* The show of this title, made when there is none; its season likewise. */
static int put_parents(struct db *db, const json_t *fields, struct arena *arena, struct item *item,
		       struct err *err)
{
	const char *title = json_text(fields, "show", item->title);
	struct item show = { .kind = "show",
			     .title = title,
			     .sort_title = title_sort(title, arena),
			     .year = -1,
			     .season = -1,
			     .episode = -1,
			     .episode_last = -1,
			     .absolute_episode = -1,
			     .part = -1 };
	struct item season = show;
	int64_t id;

	if (filing_find_parent(db, &show, &id, err) < 0 || (!id && filing_add(db, &show, &id, err) < 0))
		return -(int)ERR_STORE;
	item->title = show.title;
	item->sort_title = show.sort_title;
	item->parent_id = id;
	if (item->season < 0)
		return 0;
	season.kind = "season";
	season.parent_id = id;
	season.season = item->season;
	season.title = arena_printf(arena, "Season %d", item->season);
	season.sort_title = title_sort(season.title, arena);
	if (filing_find_parent(db, &season, &item->parent_id, err) < 0 ||
	    (!item->parent_id && filing_add(db, &season, &item->parent_id, err) < 0))
		return -(int)ERR_STORE;
	return 0;
}

static int add_in_transaction(struct db *db, const json_t *fields, const json_t *changes, const char *who,
			      int64_t *ret_id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct metadata_author author = { .who = who, .what = "add" };
	const char *title = json_text(fields, "title", "");
	struct item item = {
		.kind = json_text(fields, "kind", "movie"),
		.title = title,
		.sort_title = title_sort(title, &arena),
		.year = (int)json_int(fields, "year", -1),
		.season = (int)json_int(fields, "season", -1),
		.episode = (int)json_int(fields, "episode", -1),
		.episode_title = json_text(fields, "episode_title", ""),
		.episode_last = -1,
		.absolute_episode = -1,
		.part = -1,
	};
	bool changed;

	if (strcmp(item.kind, "episode") == 0 && put_parents(db, fields, &arena, &item, err) < 0)
		return -(int)ERR_STORE;
	if (filing_add(db, &item, ret_id, err) < 0 || filing_claim(db, *ret_id, err) < 0)
		return -(int)ERR_STORE;
	return metadata_apply(db, *ret_id, changes, &author, &changed, err);
}

int editing_add(struct db *db, const json_t *fields, const char *who, int64_t *ret_id, struct err *err)
{
	CLEANUP(json_cleanup) json_t *changes = json_is_object(fields) ? complete(fields) : NULL;
	const json_t *show = json_object_get(fields, "show");
	int rc;

	if (!changes)
		return err_set(err, ERR_USAGE, "an item must be a JSON object");
	if (show && (!json_is_string(show) || json_string_length(show) > METADATA_TEXT_MAX))
		return err_set(err, ERR_INVALID, "'show' takes a text");
	json_object_del(changes, "show");
	if (!json_object_get(fields, "title") && !show)
		return err_set(err, ERR_INVALID, "an item needs a 'title'");
	if (metadata_check(changes, err) < 0)
		return -(int)ERR_INVALID;
	if (strcmp(json_text(fields, "kind", "movie"), "season") == 0)
		return err_set(err, ERR_INVALID, "a season is made with its first episode");
	if (strcmp(json_text(fields, "kind", "movie"), "episode") == 0) { /* it is listed under its show */
		json_object_del(changes, "title");
		json_object_del(changes, "sort_title");
	}
	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	rc = add_in_transaction(db, fields, changes, who, ret_id, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

/* ---- many at once ---- */

static void set_unless_absent(json_t *to, const char *key, json_t *value)
{
	if (value)
		json_object_set(to, key, value);
}

static json_t *flat_changes(const json_t *changes, struct err *err)
{
	CLEANUP(json_cleanup) json_t *flat = json_object();
	const json_t *set = json_object_get(changes, "set");
	static const char *const lists[] = { "add_tags", "remove_tags" };

	if (set && !json_is_object(set)) {
		err_set(err, ERR_INVALID, "'set' takes an object of fields");
		return NULL;
	}
	if (set)
		json_object_update(flat, (json_t *)set);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (!json_is_array(json_object_get(changes, lists[i])) ||
		    json_array_size(json_object_get(changes, lists[i])))
			set_unless_absent(flat, lists[i], json_object_get(changes, lists[i]));
	if (metadata_check(flat, err) < 0)
		return NULL;
	if (!json_object_size(flat)) {
		err_set(err, ERR_INVALID,
			"nothing is to be changed: give 'set', 'add_tags' or 'remove_tags'");
		return NULL;
	}
	return complete(flat);
}

static int take_ids(const json_t *ids, struct arena *arena, struct item_ids *ret, struct err *err)
{
	size_t count = json_array_size(ids);

	if (!json_is_array(ids) || count > MAX_IDS)
		return err_set(err, ERR_INVALID, "'ids' takes a list of at most %d numbers", MAX_IDS);
	ret->ids = arena_alloc(arena, (count + 1) * sizeof(*ret->ids));
	for (ret->count = 0; ret->count < count; ret->count++) {
		if (!json_is_integer(json_array_get(ids, ret->count)))
			return err_set(err, ERR_INVALID, "'ids' takes numbers");
		ret->ids[ret->count] = json_integer_value(json_array_get(ids, ret->count));
	}
	return 0;
}

static int apply_batch(struct db *db, const int64_t *ids, size_t count, const json_t *changes,
		       const struct metadata_author *author, bool dry_run, int64_t *changed, struct err *err)
{
	int rc = 0;

	if (db_begin(db, err) < 0)
		return -(int)ERR_STORE;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct err why = { 0 };
		bool one;

		rc = metadata_apply(db, ids[i], changes, author, &one, &why);
		*changed += rc == 0 && one;
		if (rc < 0 && why.code == ERR_NOT_FOUND) /* gone since it was found */
			rc = 0;
		else if (rc < 0)
			err_set(err, why.code, "%s", why.text);
	}
	if (rc < 0 || dry_run) {
		db_rollback(db);
		return rc;
	}
	return db_commit(db, err);
}

int editing_bulk(struct db *reader, struct db *writer, const char *query, const json_t *ids,
		 const json_t *changes, const char *who, bool dry_run, volatile bool *cancelled,
		 struct editing_result *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *flat = flat_changes(changes, err);
	struct metadata_author author = { .who = who, .what = "bulk" };
	struct item_ids found = { 0 };
	int rc;

	*ret = (struct editing_result) { 0 };
	if (!flat)
		return -(int)ERR_INVALID;
	rc = query ? items_ids(reader, &(struct item_query) { .search = query }, &arena, &found, err)
		   : take_ids(ids, &arena, &found, err);
	if (rc < 0)
		return rc;
	ret->matched = (int64_t)found.count;
	if (!dry_run && found.count &&
	    edits_begin(writer, who, query ? query : "ids", changes, &author.edit_id, err) < 0)
		return -(int)ERR_STORE;
	for (size_t at = 0; rc == 0 && at < found.count; at += BATCH) {
		size_t count = found.count - at < BATCH ? found.count - at : BATCH;

		if (cancelled && *cancelled)
			return err_set(err, ERR_BUSY, "stopped after %lld items; edit %lld can be undone",
				       (long long)at, (long long)author.edit_id);
		rc = apply_batch(writer, found.ids + at, count, flat, &author, dry_run, &ret->changed, err);
	}
	ret->edit_id = ret->changed && !dry_run ? author.edit_id : 0;
	return rc;
}

/* The part of `before` whose fields are still as in `after`. */
static json_t *still_so(struct db *db, const struct edit_row *row, struct err *err)
{
	CLEANUP(json_cleanup)
	json_t *now = json_object(),
	       *before = json_parse(row->before, strlen(row->before), err),
	       *after = json_parse(row->after, strlen(row->after), err);
	json_t *back = json_object(), *value;
	const char *key;

	if (before && after && metadata_read(db, row->item_id, after, now, err) == 0)
		json_object_foreach(before, key, value) if (json_equal(json_object_get(now, key),
								       json_object_get(after, key)))
			json_object_set(back, key, value);
	return back;
}

int editing_undo(struct db *writer, int64_t edit_id, const char *who, struct editing_result *ret,
		 struct err *err)
{
	struct metadata_author author = { .who = who, .what = "undo", .edit_id = edit_id };
	int64_t after = 0;
	int rc;

	*ret = (struct editing_result) { .edit_id = edit_id };
	rc = edits_check_undo(writer, edit_id, err);
	while (rc == 0) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct edit_rows rows;

		if (db_begin(writer, err) < 0)
			return -(int)ERR_STORE;
		rc = edits_rows(writer, edit_id, after, BATCH, &arena, &rows, err);
		for (size_t i = 0; rc == 0 && i < rows.count; i++) {
			CLEANUP(json_cleanup) json_t *back = still_so(writer, &rows.rows[i], err);
			bool changed = false;

			after = rows.rows[i].id;
			rc = metadata_apply(writer, rows.rows[i].item_id, back, &author, &changed, err);
			ret->matched++;
			ret->changed += changed;
		}
		if (rc == 0 && rows.count < BATCH)
			rc = edits_mark_undone(writer, edit_id, err);
		if (rc < 0) {
			db_rollback(writer);
			return rc;
		}
		if (db_commit(writer, err) < 0)
			return -(int)ERR_STORE;
		if (rows.count < BATCH)
			return 0;
	}
	return rc;
}

/* ---- values ---- */

static void add_unless_there(json_t *list, const char *value)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcasecmp(json_string_value(json_array_get(list, i)), value) == 0)
			return;
	json_array_append_new(list, json_string(value));
}

json_t *editing_values(struct db *db, struct err *err)
{
	CLEANUP(json_cleanup) json_t *used = metadata_used_json(db, err);
	json_t *all;

	if (!used)
		return NULL;
	all = json_object();
	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		json_t *list = json_array();
		const json_t *theirs = json_object_get(used, usual[i].field);

		for (size_t j = 0; usual[i].values[j]; j++)
			json_array_append_new(list, json_string(usual[i].values[j]));
		for (size_t j = 0; j < json_array_size(theirs); j++)
			add_unless_there(list, json_string_value(json_array_get(theirs, j)));
		json_object_set_new(all, usual[i].field, list);
	}
	return all;
}
