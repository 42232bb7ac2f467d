/* metadata.c - see metadata.h. History and edits: metadata_history.c. */
#include "store/metadata.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "store/filing.h"
#include "store/item_rows.h"

const struct metadata_field metadata_fields[] = {
	{ "kind", "kind", METADATA_KIND, true, false },
	{ "title", "title", METADATA_TEXT, true, false },
	{ "sort_title", "sort_title", METADATA_TEXT, true, false },
	{ "year", "year", METADATA_NUMBER, true, false },
	{ "season", "season", METADATA_NUMBER, true, false },
	{ "episode", "episode", METADATA_NUMBER, true, false },
	{ "episode_title", "episode_title", METADATA_TEXT, true, false },
	{ "daypart", "daypart", METADATA_TEXT, false, true },
	{ "air_season", "air_season", METADATA_TEXT, false, true },
	{ "rating", "rating", METADATA_TEXT, false, true },
	{ "company", "company", METADATA_TEXT, false, true },
	{ "category", "category", METADATA_TEXT, false, true },
	{ "audience", "audience", METADATA_TEXT, false, true },
	{ "warnings", "warnings", METADATA_TEXT, false, true },
	{ "notes", "notes", METADATA_NOTES, false, false },
	{ "expires", "expires_ms", METADATA_TIME, false, false },
	{ NULL, NULL, METADATA_TEXT, false, false },
};

static const char *const kinds[] = { "movie",  "show",	       "season",   "episode", "commercial",
				     "bumper", "ident",	       "promo",	   "filler",  "intro",
				     "outro",  "interstitial", "track",	   "podcast", "article",
				     "book",   "image",	       "document", "other" };
static const char *const list_keys[] = { "tags", "people", "add_tags", "remove_tags" };

const struct metadata_field *metadata_field(const char *name)
{
	for (const struct metadata_field *f = metadata_fields; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* ---- checks ---- */

/* UTF-8 without control characters; notes may have lines. */
static bool text_fits(const json_t *value, size_t max, bool lines)
{
	const char *text = json_string_value(value);

	if (!text || strlen(text) != json_string_length(value) || strlen(text) > max ||
	    !utf8_valid(text, strlen(text)))
		return false;
	for (; *text; text++)
		if (((unsigned char)*text < 0x20 && !(lines && strchr("\n\r\t", *text))) || *text == 0x7f)
			return false;
	return true;
}

static int check_text(const struct metadata_field *f, const json_t *value, struct err *err)
{
	size_t max = f->type == METADATA_NOTES ? METADATA_NOTES_MAX : METADATA_TEXT_MAX;

	if (!text_fits(value, max, f->type == METADATA_NOTES))
		return err_set(err, ERR_INVALID, "'%s' takes a text of at most %zu bytes, or null", f->name,
			       max);
	if (strcmp(f->name, "title") == 0 && !json_string_value(value)[strspn(json_string_value(value), " \t\n")])
		return err_set(err, ERR_INVALID, "'title' cannot be empty");
	return 0;
}

static int check_kind(const json_t *value, struct err *err)
{
	for (size_t i = 0; json_is_string(value) && i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i], json_string_value(value)) == 0)
			return 0;
	return err_set(err, ERR_INVALID,
		       "'kind' takes movie, episode, commercial, bumper, ident, promo, filler or the like");
}

static int check_field(const struct metadata_field *f, const json_t *value, struct err *err)
{
	int64_t ms;

	if (json_is_null(value) && f->type != METADATA_KIND && strcmp(f->name, "title") != 0 &&
	    strcmp(f->name, "sort_title") != 0)
		return 0;
	switch (f->type) {
	case METADATA_KIND:
		return check_kind(value, err);
	case METADATA_NUMBER:
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		    json_integer_value(value) > 99999)
			return err_set(err, ERR_INVALID, "'%s' takes a whole number from 0 to 99999, or null",
				       f->name);
		return 0;
	case METADATA_TIME:
		if (!json_is_string(value) || clock_parse(json_string_value(value), &ms, NULL) < 0)
			return err_set(err, ERR_INVALID, "'%s' takes a time as 2026-12-31T23:59:59Z, or null",
				       f->name);
		return 0;
	default:
		return check_text(f, value, err);
	}
}

static int check_list(const char *key, const json_t *list, struct err *err)
{
	if (!json_is_array(list) || json_array_size(list) > METADATA_TAGS_MAX)
		return err_set(err, ERR_INVALID, "'%s' takes a list of at most %d texts", key,
			       METADATA_TAGS_MAX);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!text_fits(json_array_get(list, i), METADATA_TEXT_MAX, false) ||
		    !*json_string_value(json_array_get(list, i)))
			return err_set(err, ERR_INVALID, "'%s' takes texts of 1 to %d bytes", key,
				       METADATA_TEXT_MAX);
	return 0;
}

int metadata_check(const json_t *changes, struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(changes))
		return err_set(err, ERR_USAGE, "changes must be a JSON object");
	json_object_foreach((json_t *)changes, key, value)
	{
		const struct metadata_field *f = metadata_field(key);
		size_t i = 0;

		while (i < ARRAY_LEN(list_keys) && strcmp(list_keys[i], key) != 0)
			i++;
		if (!f && i == ARRAY_LEN(list_keys))
			return err_set(err, ERR_INVALID, "an item has no field '%.60s' that can be set", key);
		if ((f ? check_field(f, value, err) : check_list(key, value, err)) < 0)
			return -(int)ERR_INVALID;
	}
	return 0;
}

/* ---- reading ---- */

/* field of the item -> its value as the API has it. A new reference, NULL with err. */
static json_t *read_field(struct db *db, int64_t item_id, const struct metadata_field *f, struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	sqlite3_stmt *stmt;
	json_t *json = NULL;
	int rc;

	buf_addf(&sql, "SELECT %s FROM items WHERE id = ?", f->column);
	stmt = db_query_text(db, buf_text(&sql), err);
	if (!stmt)
		return NULL;
	db_bind(stmt, "i", item_id);
	rc = db_step(db, stmt, err);
	if (rc == 0)
		err_set(err, ERR_NOT_FOUND, "there is no item %lld", (long long)item_id);
	if (rc > 0 && f->type == METADATA_NUMBER)
		json = item_column_number(stmt, 0);
	else if (rc > 0 && f->type == METADATA_TIME)
		json = item_time_json(sqlite3_column_int64(stmt, 0));
	else if (rc > 0)
		json = item_column_text(stmt, 0);
	db_done(db, stmt);
	return json;
}

static json_t *read_list(struct db *db, int64_t item_id, const char *sql, struct err *err)
{
	sqlite3_stmt *stmt = db_query_text(db, sql, err);
	json_t *list;
	int rc;

	if (!stmt)
		return NULL;
	list = json_array();
	db_bind(stmt, "i", item_id);
	while ((rc = db_step(db, stmt, err)) > 0)
		json_array_append_new(list, item_column_text(stmt, 0));
	db_done(db, stmt);
	if (rc == 0)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *read_tags(struct db *db, int64_t item_id, struct err *err)
{
	return read_list(db, item_id, "SELECT tag FROM item_tags WHERE item_id = ? ORDER BY tag", err);
}

static json_t *read_people(struct db *db, int64_t item_id, struct err *err)
{
	return read_list(db, item_id, "SELECT DISTINCT name FROM item_people WHERE item_id = ? ORDER BY name", err);
}

int metadata_add_json(struct db *db, int64_t item_id, json_t *item, struct err *err)
{
	static const struct metadata_field source = { "source", "source", METADATA_TEXT, false, false };
	json_t *value;

	for (const struct metadata_field *f = metadata_fields; f->name; f++) {
		if (f->identity)
			continue;
		value = read_field(db, item_id, f, err);
		if (!value)
			return -(int)err->code;
		json_object_set_new(item, f->name, value);
	}
	value = read_field(db, item_id, &source, err);
	if (!value || json_object_set_new(item, "source", value) < 0 ||
	    !(value = read_tags(db, item_id, err)) || json_object_set_new(item, "tags", value) < 0 ||
	    !(value = read_people(db, item_id, err)))
		return -(int)err->code;
	return json_object_set_new(item, "people", value);
}

int metadata_read(struct db *db, int64_t item_id, const json_t *like, json_t *to, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)like, key, value)
	{
		const struct metadata_field *f = metadata_field(key);
		json_t *now = f				 ? read_field(db, item_id, f, err)
			      : strcmp(key, "tags") == 0 ? read_tags(db, item_id, err)
							 : read_people(db, item_id, err);

		if (!now)
			return -(int)ERR_STORE;
		json_object_set_new(to, key, now);
	}
	return 0;
}

/* ---- writing ---- */

static int write_field(struct db *db, int64_t item_id, const struct metadata_field *f, const json_t *value,
		       struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	const char *text = json_string_value(value);
	int64_t ms = 0;
	sqlite3_stmt *stmt;
	int rc;

	buf_addf(&sql, "UPDATE items SET %s = ?2 WHERE id = ?1", f->column);
	stmt = db_query_text(db, buf_text(&sql), err);
	if (!stmt)
		return -(int)ERR_STORE;
	if (json_is_null(value) || (text && !*text))
		db_bind(stmt, "in", item_id);
	else if (f->type == METADATA_NUMBER)
		db_bind(stmt, "ii", item_id, (int64_t)json_integer_value(value));
	else if (f->type == METADATA_TIME && clock_parse(text, &ms, err) == 0)
		db_bind(stmt, "ii", item_id, ms);
	else
		db_bind(stmt, "it", item_id, text);
	rc = db_step(db, stmt, err);
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

static bool has_text(const json_t *list, const char *text)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcasecmp(json_string_value(json_array_get(list, i)), text) == 0)
			return true;
	return false;
}

/* The tags that an item has after the changes. */
static json_t *new_tags(const json_t *now, const json_t *changes)
{
	const json_t *set = json_object_get(changes, "tags"), *add = json_object_get(changes, "add_tags");
	const json_t *from[2] = { set ? set : now, add }, *gone = json_object_get(changes, "remove_tags");
	json_t *tags = json_array();

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < json_array_size(from[k]); i++) {
			const char *tag = json_string_value(json_array_get(from[k], i));

			if (!has_text(tags, tag) && !has_text(gone, tag))
				json_array_append_new(tags, json_string(tag));
		}
	return tags;
}

static int write_list(struct db *db, int64_t item_id, const json_t *list, bool tags, struct err *err)
{
	int rc = db_run(db, err,
			tags ? "DELETE FROM item_tags WHERE item_id = ?"
			     : "DELETE FROM item_people WHERE item_id = ?",
			"i", item_id);

	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++)
		rc = db_run(db, err,
			    tags ? "INSERT OR IGNORE INTO item_tags (item_id, tag) VALUES (?, ?)"
				 : "INSERT OR IGNORE INTO item_people (item_id, name) VALUES (?, ?)",
			    "it", item_id, json_string_value(json_array_get(list, i)));
	return rc;
}

static bool same_list(const json_t *a, const json_t *b)
{
	if (json_array_size(a) != json_array_size(b))
		return false;
	for (size_t i = 0; i < json_array_size(a); i++)
		if (!has_text(b, json_string_value(json_array_get(a, i))))
			return false;
	return true;
}

struct change {
	struct db *db;
	int64_t item_id;
	json_t *before, *after; /* of what differs */
	bool identity;
};

static void note(struct change *c, const char *key, json_t *before, json_t *after)
{
	json_object_set_new(c->before, key, before);
	json_object_set_new(c->after, key, after);
}

static int change_list(struct change *c, const json_t *changes, bool tags, struct err *err)
{
	json_t *now = tags ? read_tags(c->db, c->item_id, err) : read_people(c->db, c->item_id, err), *then;

	if (!now)
		return -(int)ERR_STORE;
	then = tags ? new_tags(now, changes) : json_incref(json_object_get(changes, "people"));
	if (same_list(now, then)) {
		json_decref(now);
		json_decref(then);
		return 0;
	}
	note(c, tags ? "tags" : "people", now, then);
	return write_list(c->db, c->item_id, then, tags, err);
}

static int change_field(struct change *c, const struct metadata_field *f, json_t *value, struct err *err)
{
	json_t *now = read_field(c->db, c->item_id, f, err);
	const char *text = json_string_value(value);
	json_t *then = text && !*text ? json_null() : json_incref(value);

	if (!now || json_equal(now, then)) {
		json_decref(then);
		json_decref(now);
		return now ? 0 : -(int)err->code;
	}
	note(c, f->name, now, then);
	c->identity |= f->identity;
	return write_field(c->db, c->item_id, f, then, err);
}

static int note_history(const struct change *c, const struct metadata_author *author, struct err *err)
{
	CLEANUP(buf_free) struct buf before = { 0 }, after = { 0 };

	json_write(&before, c->before);
	json_write(&after, c->after);
	if (db_run(c->db, err,
		   "UPDATE items SET changed_ms = ?2, source = CASE WHEN ?3 AND source = 'file' THEN "
		   "'manual' ELSE source END "
		   "WHERE id = ?1",
		   "iii", c->item_id, clock_wall_ms(), (int64_t)c->identity) < 0 ||
	    db_run(c->db, err,
		   "INSERT INTO item_history (item_id, at_ms, who, what, before, after, edit_id) "
		   "VALUES (?, ?, ?, ?, ?, ?, nullif(?, 0))",
		   "iitttti", c->item_id, clock_wall_ms(), author->who, author->what, buf_text(&before),
		   buf_text(&after), author->edit_id) < 0)
		return -(int)ERR_STORE;
	return search_update(c->db, c->item_id, err);
}

static int change_all(struct change *c, const json_t *changes, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)changes, key, value)
	{
		const struct metadata_field *f = metadata_field(key);

		if (f && change_field(c, f, value, err) < 0)
			return -(int)err->code;
	}
	if ((json_object_get(changes, "tags") || json_object_get(changes, "add_tags") ||
	     json_object_get(changes, "remove_tags")) &&
	    change_list(c, changes, true, err) < 0)
		return -(int)err->code;
	return json_object_get(changes, "people") ? change_list(c, changes, false, err) : 0;
}

/* Episodes are listed under their show's title: those that have `old` follow it. */
static int episodes_follow(struct db *db, int64_t show_id, const char *old, struct err *err)
{
	CLEANUP(buf_free) struct buf ids = { 0 };
	sqlite3_stmt *stmt = db_query(db,
				      "SELECT e.id FROM items e WHERE e.kind IN ('episode', 'season') AND e.title = ?2 AND "
				      "e.parent_id IN (SELECT s.id FROM items s WHERE s.kind IN ('show', 'season') AND "
				      "(s.id = ?1 OR s.parent_id = ?1))",
				      err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	db_bind(stmt, "it", show_id, old);
	while ((rc = db_step(db, stmt, err)) > 0) {
		int64_t id = sqlite3_column_int64(stmt, 0);

		buf_add(&ids, (const char *)&id, sizeof(id));
	}
	db_done(db, stmt);
	for (size_t i = 0; rc == 0 && i < ids.len; i += sizeof(int64_t)) {
		int64_t id;

		memcpy(&id, ids.data + i, sizeof(id));
		rc = db_run(db, err,
			    "UPDATE items SET (title, sort_title) = (SELECT title, sort_title FROM items WHERE id = ?2) "
			    "WHERE id = ?1",
			    "ii", id, show_id);
		if (rc == 0)
			rc = search_update(db, id, err);
	}
	return rc;
}

static int tell_episodes(const struct change *c, struct err *err)
{
	const char *old = json_text(c->before, "title", NULL);

	return old ? episodes_follow(c->db, c->item_id, old, err) : 0;
}

int metadata_apply(struct db *db, int64_t item_id, const json_t *changes,
		   const struct metadata_author *author, bool *ret_changed, struct err *err)
{
	struct err why = { 0 };
	struct change c = { .db = db, .item_id = item_id, .before = json_object(), .after = json_object() };
	int rc = change_all(&c, changes, &why);

	*ret_changed = rc == 0 && json_object_size(c.after) > 0;
	if (*ret_changed)
		rc = note_history(&c, author, &why);
	if (rc == 0 && *ret_changed)
		rc = tell_episodes(&c, &why);
	json_decref(c.before);
	json_decref(c.after);
	return rc < 0 ? err_set(err, why.code, "%s", why.text) : 0;
}

int metadata_fill(struct db *db, int64_t item_id, const struct metadata_hints *h, struct err *err)
{
	if (h->tag && db_run(db, err, "INSERT OR IGNORE INTO item_tags (item_id, tag) VALUES (?, ?)", "it",
			     item_id, h->tag) < 0)
		return -(int)ERR_STORE;
	if (db_run(db, err,
		   "UPDATE items SET company = ifnull(company, ?2), category = ifnull(category, ?3), daypart "
		   "= ifnull(daypart, ?4), "
		   "air_season = ifnull(air_season, ?5), rating = ifnull(rating, ?6) WHERE id = ?1 AND "
		   "((company IS NULL AND ?2 IS NOT NULL) OR (category IS NULL AND ?3 IS NOT NULL) OR "
		   "(daypart IS NULL AND ?4 IS NOT NULL) OR (air_season IS NULL AND ?5 IS NOT NULL) OR "
		   "(rating IS NULL AND ?6 IS NOT NULL))",
		   "ittttt", item_id, h->company, h->category, h->daypart, h->air_season, h->rating) < 0)
		return -(int)ERR_STORE;
	return db_changes(db) || h->tag ? search_update(db, item_id, err) : 0;
}
