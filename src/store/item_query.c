/* item_query.c - see item_query.h. */
#include "store/item_query.h"

#include <string.h>

#include "base/clock.h"
#include "store/collections.h"

static void add(struct item_condition *c, const char *sql)
{
	buf_adds(&c->sql, sql);
}

void item_condition_text(struct item_condition *c, char type, const char *text)
{
	ARENA_GROW(c->arena, c->values, c->count, c->cap);
	c->values[c->count++] = (struct item_value) { .type = type, .text = text };
}

void item_condition_number(struct item_condition *c, int64_t number)
{
	ARENA_GROW(c->arena, c->values, c->count, c->cap);
	c->values[c->count++] = (struct item_value) { .type = 'i', .number = number };
}

static bool given(const char *text)
{
	return text && *text;
}

/* A show by its title: itself, its seasons' episodes, and episodes without a season. */
static void add_show(struct item_condition *c, const char *show)
{
	add(c, " AND i.parent_id IN (SELECT s.id FROM items s WHERE s.kind = 'show' AND s.title = ? COLLATE "
	       "NOCASE "
	       "UNION ALL SELECT t.id FROM items s JOIN items t ON t.parent_id = s.id WHERE s.kind = 'show' "
	       "AND s.title = ? COLLATE NOCASE)");
	item_condition_text(c, 't', show);
	item_condition_text(c, 't', show);
}

static void add_root(struct item_condition *c, const struct item_query *query, bool with_files)
{
	bool by_path = given(query->root_path);

	if (!query->root_id && !by_path)
		return;
	if (!with_files)
		add(c, " AND EXISTS (SELECT 1 FROM item_files x JOIN files f ON f.id = x.file_id "
		       "WHERE x.item_id = i.id");
	if (query->root_id) {
		add(c, " AND f.root_id = ?");
		item_condition_number(c, query->root_id);
	}
	if (by_path) {
		add(c, " AND f.root_id = (SELECT id FROM roots WHERE path = ?)");
		item_condition_text(c, 'b', query->root_path);
	}
	if (!with_files)
		add(c, ")");
}

static void add_filter(struct item_condition *c, bool without_words)
{
	const struct filter_node *root = c->filter.root;

	if (!c->filter.hidden)
		add(c, " AND i.hidden = 0");
	for (size_t i = 0; i < root->count; i++) {
		if (without_words && root->children[i]->op == FILTER_WORD)
			continue;
		add(c, " AND ");
		filter_sql(c, root->children[i]);
	}
}

void item_condition_place(struct item_condition *c, const struct item_query *query, bool with_files)
{
	if (given(query->show))
		add_show(c, query->show);
	add_root(c, query, with_files);
}

int item_condition_init(struct item_condition *ret, struct db *db, const struct item_query *query, bool with_files,
			bool without_words, struct arena *arena, struct err *err)
{
	int rc;

	*ret = (struct item_condition) { .arena = arena };
	if (filter_parse(query->search, clock_wall_ms(), arena, &ret->filter, err) < 0)
		return -(int)ERR_USAGE;
	rc = collections_expand(db, &ret->filter, arena, err);
	if (rc < 0)
		return rc;
	if (given(query->kind)) {
		add(ret, " AND i.kind = ?");
		item_condition_text(ret, 't', query->kind);
	} else if (!filter_names(&ret->filter, FILTER_KIND)) {
		add(ret, " AND i.kind <> 'season'");
	}
	item_condition_place(ret, query, with_files);
	add_filter(ret, without_words);
	return 0;
}

void item_condition_bind(const struct item_condition *condition, sqlite3_stmt *stmt, int first)
{
	for (size_t i = 0; i < condition->count; i++) {
		const struct item_value *value = &condition->values[i];

		if (value->type == 'i')
			sqlite3_bind_int64(stmt, (int)i + first, value->number);
		else if (value->type == 'b')
			sqlite3_bind_blob(stmt, (int)i + first, value->text, (int)strlen(value->text),
					  SQLITE_STATIC);
		else
			sqlite3_bind_text(stmt, (int)i + first, value->text, -1, SQLITE_STATIC);
	}
}

void item_condition_free(struct item_condition *condition)
{
	buf_free(&condition->sql);
}

int item_query_rows(struct db *db, const char *select, const char *order, const struct item_query *query, size_t size,
		    db_reader *read, struct arena *arena, struct db_rows *ret, struct err *err)
{
	struct item_condition condition = { .arena = arena };
	sqlite3_stmt *stmt = NULL;
	int rc = query ? item_condition_init(&condition, db, query, true, false, arena, err) : 0;

	if (rc == 0) {
		stmt = db_query_text(db, arena_printf(arena, "%s%s ORDER BY %s", select, buf_text(&condition.sql), order), err);
		if (stmt)
			item_condition_bind(&condition, stmt, 1);
		rc = db_rows(db, stmt, size, read, arena, ret, err);
	}
	item_condition_free(&condition);
	return rc;
}
