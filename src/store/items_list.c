/* items_list.c - lists of items by a filter, as JSON; see items.h.
 *
 * The rows of a page are found first, then each item's files: a page of fifty in a library of 100,000 touches
 * fifty. Words go through the search in memory where the connection has one, all else through the columns in memory
 * (item_sets.c) where it has those; what they do not know is asked by SQL. */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/collections.h"
#include "store/item_sets.h"
#include "store/item_rows.h"
#include "store/items.h"
#include "store/metadata.h"
#include "store/search_index.h"

static const char *const sort_names[] = { "title", "added", "year", "duration", "modified", "aired" };

static bool given(const char *text)
{
	return text && *text;
}

/* In the order of enum item_order. *ret_ranked: the best first; without words by title. */
static int order_of(const char *sort, enum item_order *ret, bool *ret_ranked, struct err *err)
{
	*ret = ITEM_BY_TITLE;
	*ret_ranked = !given(sort) || strcmp(sort, "relevance") == 0;
	if (*ret_ranked)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(sort_names); i++)
		if (strcmp(sort_names[i], sort) == 0) {
			*ret = (enum item_order)i;
			return 0;
		}
	return err_set(err, ERR_USAGE, "sort by '%.40s': choose relevance, title, added, year, duration, modified or aired",
		       sort);
}

static int count_items(struct db *db, const struct item_condition *condition, const char *ids, int64_t *ret,
		       struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	sqlite3_stmt *stmt;
	int rc;

	buf_addf(&sql, "SELECT count(*) FROM %s WHERE true%s",
		 ids ? "json_each(?) c CROSS JOIN items i ON i.id = c.value" : "items i",
		 buf_text(&condition->sql));
	stmt = db_query_text(db, buf_text(&sql), err);
	if (!stmt)
		return -(int)ERR_STORE;
	if (ids)
		sqlite3_bind_text(stmt, 1, ids, -1, SQLITE_STATIC);
	item_condition_bind(condition, stmt, ids ? 2 : 1);
	rc = db_step(db, stmt, err);
	if (rc > 0)
		*ret = sqlite3_column_int64(stmt, 0);
	db_done(db, stmt);
	return rc < 0 ? rc : 0;
}

/* Of all items, or of `ids` in their order when `order` is NULL. */
static json_t *page_of(struct db *db, const struct item_condition *condition, const char *ids,
		       const char *order, const struct item_query *query, struct err *err)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	int first = ids ? 2 : 1;
	sqlite3_stmt *stmt;

	buf_addf(&sql, ITEM_COLUMNS "FROM %s " ITEM_PARENTS "WHERE true%s ORDER BY %s LIMIT ? OFFSET ?",
		 ids ? "json_each(?) c CROSS JOIN items i ON i.id = c.value" : "items i",
		 buf_text(&condition->sql), order ? order : "c.key");
	stmt = db_query_text(db, buf_text(&sql), err);
	if (!stmt)
		return NULL;
	if (ids)
		sqlite3_bind_text(stmt, 1, ids, -1, SQLITE_STATIC);
	item_condition_bind(condition, stmt, first);
	sqlite3_bind_int64(stmt, (int)condition->count + first, query->limit > 0 ? query->limit : -1);
	sqlite3_bind_int64(stmt, (int)condition->count + first + 1, query->offset > 0 ? query->offset : 0);
	return item_rows_json(db, stmt, err);
}

static json_t *list_of(int64_t total, bool fuzzy, json_t *items /* stolen */)
{
	json_t *list = items ? json_pack("{s:I,s:o}", "total", (json_int_t)total, "items", items) : NULL;

	if (list && fuzzy)
		json_object_set_new(list, "fuzzy", json_true());
	return list;
}

static const char *ids_json(const struct search_hits *hits, size_t from, struct arena *arena)
{
	CLEANUP(buf_free) struct buf ids = { 0 };

	buf_addc(&ids, '[');
	for (size_t i = from; i < hits->count; i++)
		buf_addf(&ids, "%s%lld", i > from ? "," : "", (long long)hits->hits[i].id);
	buf_addc(&ids, ']');
	return arena_strdup(arena, buf_text(&ids));
}

/* From the columns in memory; 0 when not all that decides is there. */
static int list_in_memory(struct db *db, const struct item_query *query, const struct filter *filter,
			  const struct search_hits *hits, bool ranked, enum item_order order, struct arena *arena,
			  json_t **ret, struct err *err)
{
	static const struct item_condition none = { 0 };
	CLEANUP(buf_free) struct buf ids = { 0 };
	struct item_query page = { 0 };
	struct item_page found;
	int rc = 0;

	if (db_item_sets(db))
		rc = item_sets_page(db_item_sets(db), db, query, filter, hits, ranked, order, arena, &found, err);
	if (rc <= 0)
		return rc;
	for (size_t i = 0; i < found.count; i++)
		buf_addf(&ids, "%c%lld", i ? ',' : '[', (long long)found.ids[i]);
	buf_adds(&ids, found.count ? "]" : "[]");
	*ret = list_of(found.total, hits && hits->fuzzy, page_of(db, &none, buf_text(&ids), NULL, &page, err));
	return *ret ? 1 : -(int)ERR_STORE;
}

/* The kind, where words and at most that are asked for; false: other terms decide, too. */
static bool words_and_kind(const struct item_query *q, const struct filter *filter, const char **ret_kind)
{
	const struct filter_node *other = NULL;

	*ret_kind = given(q->kind) ? q->kind : NULL;
	if (given(q->show) || q->root_id || given(q->root_path))
		return false;
	for (size_t i = 0; i < filter->root->count; i++) {
		const struct filter_node *node = filter->root->children[i];

		if (node->op == FILTER_WORD)
			continue;
		if (other || *ret_kind || node->op != FILTER_TERM || node->field != FILTER_KIND ||
		    node->match != FILTER_EXACT)
			return false;
		other = node;
	}
	if (other)
		*ret_kind = other->text;
	return true;
}

/* The items that were found, by SQL: in their order, or in another. */
static json_t *list_of_hits(struct db *db, const struct item_query *query, const struct item_condition *condition,
			    const struct search_hits *hits, bool simple, const char *order, struct arena *arena,
			    struct err *err)
{
	const char *ids = ids_json(hits, simple ? (size_t)query->offset : 0, arena);
	struct item_query page = *query;
	int64_t total = (int64_t)hits->total;

	if (simple)
		page.offset = 0;
	else if (count_items(db, condition, ids, &total, err) < 0)
		return NULL;
	return list_of(total, hits->fuzzy, page_of(db, condition, ids, simple ? NULL : order, &page, err));
}

/* By words, through the search in memory: only the items of the page are read from the store, unless other
 * terms decide, too. 0 when the words are nothing that it could look for. */
static int search_list(struct db *db, const struct item_query *query, bool ranked, enum item_order order,
		       struct arena *arena, json_t **ret, struct err *err)
{
	struct item_condition condition = { 0 };
	struct search_hits hits;
	const char *kind;
	bool simple;
	int rc = -(int)ERR_STORE;

	if (item_condition_init(&condition, db, query, false, true, arena, err) == 0 &&
	    search_index_refresh(db_search(db), db, err) == 0) {
		simple = words_and_kind(query, &condition.filter, &kind) && (ranked || order == ITEM_BY_TITLE);
		rc = search_find(db_search(db), condition.filter.words, condition.filter.word_count, kind,
				 ranked,
				 simple && query->limit > 0 ? (size_t)(query->limit + query->offset) : 0,
				 arena, &hits);
	}
	if (rc > 0 && !simple)
		rc = list_in_memory(db, query, &condition.filter, &hits, ranked, order, arena, ret, err) < 0 ? -(int)ERR_STORE : 1;
	if (rc > 0 && !*ret)
		*ret = list_of_hits(db, query, &condition, &hits, simple, ranked ? NULL : item_order_sql[order], arena, err);
	item_condition_free(&condition);
	return rc > 0 && !*ret ? -(int)ERR_STORE : rc;
}

static json_t *plain_list(struct db *db, const struct item_query *query, enum item_order order, struct arena *arena,
			  struct err *err)
{
	struct item_condition condition = { 0 };
	json_t *list = NULL;
	int64_t total = 0;
	int rc = item_condition_init(&condition, db, query, false, false, arena, err);

	if (rc == 0)
		rc = list_in_memory(db, query, &condition.filter, NULL, false, order, arena, &list, err);
	if (rc == 0 && count_items(db, &condition, NULL, &total, err) == 0)
		list = list_of(total, false, page_of(db, &condition, NULL, item_order_sql[order], query, err));
	item_condition_free(&condition);
	return list;
}

static int add_metadata(struct db *db, json_t *items, struct err *err)
{
	for (size_t i = 0; i < json_array_size(items); i++) {
		json_t *item = json_array_get(items, i);

		if (metadata_add_json(db, json_int(item, "id", 0), item, err) < 0)
			return -(int)err->code;
	}
	return 0;
}

json_t *items_list_json(struct db *db, const struct item_query *query, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct filter filter;
	enum item_order order;
	bool ranked;
	json_t *list = NULL;
	int rc = 0;

	if (order_of(query->sort, &order, &ranked, err) < 0 ||
	    filter_parse(query->search, clock_wall_ms(), &arena, &filter, err) < 0 ||
	    (filter.word_count && collections_expand(db, &filter, &arena, err) < 0))
		return NULL;
	if (db_search(db) && filter.word_count && !filter.hidden &&
	    strcmp(query->kind ? query->kind : "", "season") != 0)
		rc = search_list(db, query, ranked, order, &arena, &list, err);
	if (!rc)
		list = plain_list(db, query, order, &arena, err);
	if (list && query->metadata && add_metadata(db, json_object_get(list, "items"), err) < 0) {
		json_decref(list);
		list = NULL;
	}
	return list;
}
