/* collections.c - see collections.h. What they are in filters: collections_expand.c. */
#include "store/collections.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "store/item_query.h"
#include "store/item_rows.h"

#define COLLECTION_COLUMNS "SELECT id, name, filter, notes, created_ms, changed_ms FROM collections "

/* ---- one ---- */

static void read_collection(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct collection *)ret = (struct collection) {
		.id = sqlite3_column_int64(stmt, 0),
		.name = db_text(stmt, 1, arena),
		.filter = sqlite3_column_type(stmt, 2) == SQLITE_NULL ? NULL : db_text(stmt, 2, arena),
		.notes = db_text(stmt, 3, arena),
		.created_ms = sqlite3_column_int64(stmt, 4),
		.changed_ms = sqlite3_column_int64(stmt, 5),
	};
}

int collections_get(struct db *db, int64_t id, struct arena *arena, struct collection *ret, struct err *err)
{
	sqlite3_stmt *stmt = db_query(db, COLLECTION_COLUMNS "WHERE id = ?", err);
	int rc;

	if (stmt)
		db_bind(stmt, "i", id);
	rc = db_row(db, stmt, read_collection, arena, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no collection %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

int collections_find(struct db *db, const char *name, struct arena *arena, struct collection *ret,
		     struct err *err)
{
	sqlite3_stmt *stmt = db_query(db,
				      COLLECTION_COLUMNS "WHERE name = ?1 OR CAST(id AS TEXT) = ?1 "
							 "ORDER BY name = ?1 DESC LIMIT 1",
				      err);
	int rc;

	if (stmt)
		db_bind(stmt, "t", name);
	rc = db_row(db, stmt, read_collection, arena, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND,
			       "there is no collection '%.100s'; 'matinee collection list' shows them", name);
	return rc < 0 ? rc : 0;
}

static int check_text(const struct collection *c, struct err *err)
{
	size_t len = strlen(c->name);

	if (!len || len > COLLECTION_NAME_MAX)
		return err_set(err, ERR_INVALID, "the name of a collection has 1 to %d bytes",
			       COLLECTION_NAME_MAX);
	if (!utf8_valid(c->name, len) || !utf8_valid(c->notes, strlen(c->notes)))
		return err_set(err, ERR_INVALID, "the name and the notes of a collection are UTF-8");
	for (const char *at = c->name; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 127)
			return err_set(err, ERR_INVALID, "the name of a collection is one line");
	if (c->name[0] == ' ' || c->name[len - 1] == ' ')
		return err_set(err, ERR_INVALID, "the name of a collection has no space at its ends");
	if (strcasecmp(c->name, "any") == 0 || strcasecmp(c->name, "none") == 0)
		return err_set(err, ERR_INVALID, "'%s' says something else in filters; choose another name",
			       c->name);
	if (strlen(c->notes) > COLLECTION_NOTES_MAX)
		return err_set(err, ERR_INVALID, "notes have %d bytes at most", COLLECTION_NOTES_MAX);
	return 0;
}

/* In the transaction, when the row is written: so that one that asks for itself is seen as such. */
static int check_filter(struct db *db, const struct collection *c, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct filter filter;
	int64_t items;

	if (!c->filter)
		return 0;
	if (!c->filter[strspn(c->filter, " \t\n")])
		return err_set(err, ERR_INVALID,
			       "an empty filter would be the whole library; say what belongs to '%s'",
			       c->name);
	if (db_int(db, &items, 0, err, "SELECT count(*) FROM collection_items WHERE collection_id = ?", "i",
		   c->id) < 0)
		return -(int)ERR_STORE;
	if (items)
		return err_set(
			err, ERR_CONFLICT,
			"'%s' has %lld items that were put in by hand; take them out first, or make another",
			c->name, (long long)items);
	if (filter_parse(c->filter, clock_wall_ms(), &arena, &filter, err) < 0)
		return -(int)err->code;
	/* By its name, as others would ask for it. */
	filter.root = &(struct filter_node) {
		.op = FILTER_TERM, .field = FILTER_COLLECTION, .match = FILTER_EXACT, .text = c->name
	};
	filter.fields |= UINT64_C(1) << FILTER_COLLECTION;
	return collections_expand(db, &filter, &arena, err);
}

/* A statement that failed as was to be expected is that error with this sentence, else its own. */
static int fail_as(struct err *err, const struct err *why, enum err_code expected, enum err_code code,
		   const char *text)
{
	return why->code == expected ? err_set(err, code, "%s", text)
				     : err_set(err, why->code, "%s", why->text);
}

static int write_row(struct db *db, struct collection *c, struct err *err)
{
	char text[COLLECTION_NAME_MAX + 60];
	struct err why = { 0 };
	int64_t count;
	int rc;

	c->changed_ms = clock_wall_ms();
	if (c->id) {
		rc = db_run(
			db, &why,
			"UPDATE collections SET name = ?, filter = ?, notes = ?, changed_ms = ? WHERE id = ?",
			"tttii", c->name, c->filter, c->notes, c->changed_ms, c->id);
		if (rc == 0 && !db_changes(db))
			return err_set(err, ERR_NOT_FOUND, "there is no collection %lld", (long long)c->id);
	} else {
		if (db_int(db, &count, 0, err, "SELECT count(*) FROM collections", "") < 0)
			return -(int)ERR_STORE;
		if (count >= COLLECTIONS_MAX)
			return err_set(err, ERR_TOO_LARGE,
				       "there are %d collections, which is as many as there can be",
				       COLLECTIONS_MAX);
		rc = db_run(db, &why,
			    "INSERT INTO collections (name, filter, notes, created_ms, changed_ms) VALUES "
			    "(?, ?, ?, ?, ?)",
			    "tttii", c->name, c->filter, c->notes, c->changed_ms, c->changed_ms);
		if (rc == 0) {
			c->id = db_last_id(db);
			c->created_ms = c->changed_ms;
		}
	}
	snprintf(text, sizeof(text), "there is a collection '%s' already", c->name);
	return rc < 0 ? fail_as(err, &why, ERR_EXISTS, ERR_EXISTS, text) : 0;
}

int collections_set(struct db *db, struct collection *collection, struct err *err)
{
	struct collection c = *collection;
	int rc;

	if (check_text(&c, err) < 0)
		return -(int)err->code;
	rc = db_begin(db, err);
	if (rc < 0)
		return rc;
	rc = write_row(db, &c, err);
	if (rc == 0)
		rc = check_filter(db, &c, err);
	if (rc < 0) {
		db_rollback(db);
		return rc;
	}
	rc = db_commit(db, err);
	if (rc == 0)
		*collection = c;
	return rc;
}

int collections_remove(struct db *db, int64_t id, struct err *err)
{
	int rc;

	db_lock(db);
	rc = db_run(db, err, "DELETE FROM collections WHERE id = ?", "i", id);
	if (rc == 0 && !db_changes(db))
		rc = err_set(err, ERR_NOT_FOUND, "there is no collection %lld", (long long)id);
	db_unlock(db);
	return rc;
}

/* ---- items of one by hand ---- */

static int begin_by_hand(struct db *db, int64_t id, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct collection c;
	int rc = db_begin(db, err);

	if (rc < 0)
		return rc;
	rc = collections_get(db, id, &arena, &c, err);
	if (rc == 0 && c.filter)
		rc = err_set(err, ERR_CONFLICT, "'%s' is smart: its filter says what belongs to it", c.name);
	if (rc < 0)
		db_rollback(db);
	return rc;
}

static int end_by_hand(struct db *db, int64_t id, int rc, struct err *err)
{
	if (rc == 0)
		rc = db_run(db, err, "UPDATE collections SET changed_ms = ? WHERE id = ?", "ii",
			    clock_wall_ms(), id);
	if (rc == 0)
		return db_commit(db, err);
	db_rollback(db);
	return rc;
}

static int put_one(struct db *db, int64_t id, int64_t item, int64_t *added, struct err *err)
{
	char text[60];
	struct err why = { 0 };
	int rc = db_run(
		db, &why,
		"INSERT INTO collection_items (collection_id, item_id, position) SELECT ?1, ?2, "
		"1 + ifnull((SELECT max(position) FROM collection_items WHERE collection_id = ?1), 0) "
		"WHERE NOT EXISTS (SELECT 1 FROM collection_items WHERE collection_id = ?1 AND item_id = ?2)",
		"ii", id, item);

	snprintf(text, sizeof(text), "there is no item %lld", (long long)item);
	if (rc < 0)
		return fail_as(err, &why, ERR_CONFLICT, ERR_NOT_FOUND, text);
	*added += db_changes(db);
	return 0;
}

int collections_put(struct db *db, int64_t id, const int64_t *items, size_t count, int64_t *ret_added,
		    struct err *err)
{
	int64_t added = 0, there = 0;
	int rc = begin_by_hand(db, id, err);

	if (rc < 0)
		return rc;
	rc = count > COLLECTION_ITEMS_MAX ? 1 : 0;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = put_one(db, id, items[i], &added, err);
	if (rc == 0)
		rc = db_int(db, &there, 0, err,
			    "SELECT count(*) FROM collection_items WHERE collection_id = ?", "i", id);
	if (rc > 0 || there > COLLECTION_ITEMS_MAX)
		rc = err_set(err, ERR_TOO_LARGE,
			     "a collection by hand has %d items at most; give one a filter for more",
			     COLLECTION_ITEMS_MAX);
	rc = end_by_hand(db, id, rc, err);
	if (rc == 0)
		*ret_added = added;
	return rc;
}

int collections_take(struct db *db, int64_t id, const int64_t *items, size_t count, int64_t *ret_taken,
		     struct err *err)
{
	int64_t taken = 0;
	int rc = begin_by_hand(db, id, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = db_run(db, err, "DELETE FROM collection_items WHERE collection_id = ? AND item_id = ?",
			    "ii", id, items[i]);
		taken += rc == 0 ? db_changes(db) : 0;
	}
	rc = end_by_hand(db, id, rc, err);
	if (rc == 0)
		*ret_taken = taken;
	return rc;
}

int collections_place(struct db *db, int64_t id, int64_t item_id, int64_t place, struct err *err)
{
	int64_t there = 0;
	int rc = begin_by_hand(db, id, err);

	if (rc < 0)
		return rc;
	rc = db_int(db, &there, 0, err,
		    "SELECT 1 FROM collection_items WHERE collection_id = ? AND item_id = ?", "ii", id,
		    item_id);
	if (rc == 0 && !there)
		rc = err_set(err, ERR_NOT_FOUND, "item %lld is not in this collection", (long long)item_id);
	if (rc == 0) /* the others keep their order, counted from 1; this one goes between two of them */
		rc = db_run(db, err,
			    "UPDATE collection_items SET position = iif(item_id = ?2, 2 * ?3 - 1, 2 * "
			    "n.place) FROM (SELECT "
			    "item_id AS id, row_number() OVER (ORDER BY item_id = ?2, position) AS place "
			    "FROM collection_items "
			    "WHERE collection_id = ?1) n WHERE collection_id = ?1 AND item_id = n.id",
			    "iii", id, item_id,
			    place < 1			   ? 1
			    : place > COLLECTION_ITEMS_MAX ? COLLECTION_ITEMS_MAX + 1
							   : place);
	return end_by_hand(db, id, rc, err);
}

/* ---- JSON ---- */

static int count_items(struct db *db, const struct collection *c, int64_t *ret, struct err *err)
{
	struct item_query query = { .search = c->filter, .limit = 1 };
	json_t *list;

	if (!c->filter)
		return db_int(db, ret, 0, err,
			      "SELECT count(*) FROM collection_items WHERE collection_id = ?", "i", c->id);
	list = items_list_json(db, &query, err);
	*ret = json_int(list, "total", 0);
	json_decref(list);
	return list ? 0 : -(int)ERR_STORE;
}

json_t *collection_json(struct db *db, const struct collection *c, struct err *err)
{
	int64_t items;

	if (count_items(db, c, &items, err) < 0)
		return NULL;
	return json_pack("{s:I,s:s,s:b,s:o,s:s,s:I,s:o,s:o}", "id", (json_int_t)c->id, "name", c->name,
			 "smart", c->filter != NULL, "filter",
			 c->filter ? json_string(c->filter) : json_null(), "notes", c->notes, "items",
			 (json_int_t)items, "created", item_time_json(c->created_ms), "changed",
			 item_time_json(c->changed_ms));
}

json_t *collections_json(struct db *db, int64_t limit, int64_t offset, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(json_cleanup) json_t *items = json_array();
	struct db_rows found;
	sqlite3_stmt *stmt;
	int64_t total;

	if (db_int(db, &total, 0, err, "SELECT count(*) FROM collections", "") < 0)
		return NULL;
	stmt = db_query(db, COLLECTION_COLUMNS "ORDER BY name LIMIT ? OFFSET ?", err);
	if (stmt)
		db_bind(stmt, "ii", limit > 0 ? limit : -1, offset);
	if (db_rows(db, stmt, sizeof(struct collection), read_collection, &arena, &found, err) < 0)
		return NULL;
	for (size_t i = 0; i < found.count; i++) {
		json_t *one = collection_json(db, (const struct collection *)found.rows + i, err);

		if (!one)
			return NULL;
		json_array_append_new(items, one);
	}
	return json_pack("{s:I,s:O}", "total", (json_int_t)total, "items", items);
}

static json_t *by_hand_json(struct db *db, const struct collection *c, int64_t limit, int64_t offset,
			    struct err *err)
{
	sqlite3_stmt *stmt;
	int64_t total;
	json_t *items;

	if (count_items(db, c, &total, err) < 0)
		return NULL;
	stmt = db_query(db,
			ITEM_COLUMNS "FROM collection_items m JOIN items i ON i.id = m.item_id " ITEM_PARENTS
				     "WHERE m.collection_id = ? ORDER BY m.position, i.id LIMIT ? OFFSET ?",
			err);
	if (!stmt)
		return NULL;
	db_bind(stmt, "iii", c->id, limit > 0 ? limit : -1, offset);
	items = item_rows_json(db, stmt, err);
	return items ? json_pack("{s:I,s:o}", "total", (json_int_t)total, "items", items) : NULL;
}

json_t *collection_items_json(struct db *db, const struct collection *c, int64_t limit, int64_t offset,
			      struct err *err)
{
	struct item_query query = { .search = c->filter, .sort = "title", .limit = limit, .offset = offset };

	return c->filter ? items_list_json(db, &query, err) : by_hand_json(db, c, limit, offset, err);
}

json_t *collections_of_item_json(struct db *db, int64_t item_id, struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		"SELECT c.id, c.name FROM collection_items m JOIN collections c ON c.id = m.collection_id "
		"WHERE m.item_id = ? ORDER BY c.name",
		err);
	json_t *list = json_array();
	int rc = stmt ? 1 : -(int)ERR_STORE;

	if (stmt)
		db_bind(stmt, "i", item_id);
	while (rc > 0 && (rc = db_step(db, stmt, err)) > 0)
		json_array_append_new(list,
				      json_pack("{s:I,s:o}", "id", (json_int_t)sqlite3_column_int64(stmt, 0),
						"name", item_column_text(stmt, 1)));
	db_done(db, stmt);
	if (rc == 0)
		return list;
	json_decref(list);
	return NULL;
}

/* ---- order ---- */

static void read_place(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	(void)arena;
	*(struct collection_place *)ret =
		(struct collection_place) { .item_id = sqlite3_column_int64(stmt, 0),
					    .place = sqlite3_column_int64(stmt, 1) };
}

int collections_places(struct db *db, const char *name, struct arena *arena, struct collection_places *ret,
		       struct err *err)
{
	sqlite3_stmt *stmt = db_query(
		db,
		"WITH l (id, place) AS MATERIALIZED (SELECT m.item_id, row_number() OVER (ORDER BY "
		"m.position) "
		"FROM collections c JOIN collection_items m ON m.collection_id = c.id WHERE c.name = ? AND "
		"c.filter IS NULL), t (id, place) AS (SELECT id, place FROM l UNION ALL SELECT a.id, place "
		"FROM l "
		"JOIN items a ON a.parent_id = l.id UNION ALL SELECT b.id, place FROM l JOIN items a ON "
		"a.parent_id = l.id JOIN items b ON b.parent_id = a.id) SELECT id, min(place) FROM t GROUP "
		"BY id "
		"ORDER BY id",
		err);
	struct db_rows found = { 0 };

	if (stmt)
		db_bind(stmt, "t", name);
	if (db_rows(db, stmt, sizeof(struct collection_place), read_place, arena, &found, err) < 0)
		return -(int)ERR_STORE;
	*ret = (struct collection_places) { .places = found.rows, .count = found.count };
	return 0;
}
