/* item_query.c - see item_query.h. */
#include "store/item_query.h"

#include <string.h>

#include "store/search.h"

static void add(struct item_condition *c, const char *sql)
{
	buf_adds(&c->sql, sql);
}

static void value_text(struct item_condition *c, char type, const char *text)
{
	if (c->count == ITEM_QUERY_VALUES)
		return;
	c->types[c->count] = type;
	c->values[c->count++].text = text;
}

static void value_number(struct item_condition *c, int64_t number)
{
	if (c->count == ITEM_QUERY_VALUES)
		return;
	c->types[c->count] = 'i';
	c->values[c->count++].number = number;
}

static bool given(const char *text)
{
	return text && *text;
}

/* A show by its title: itself, its seasons' episodes, and episodes without a season. */
static void add_show(struct item_condition *c, const char *show)
{
	add(c, " AND i.parent_id IN (SELECT s.id FROM items s WHERE s.kind = 'show' AND s.title = ? COLLATE NOCASE "
	       "UNION ALL SELECT t.id FROM items s JOIN items t ON t.parent_id = s.id WHERE s.kind = 'show' "
	       "AND s.title = ? COLLATE NOCASE)");
	value_text(c, 't', show);
	value_text(c, 't', show);
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
		value_number(c, query->root_id);
	}
	if (by_path) {
		add(c, " AND f.root_id = (SELECT id FROM roots WHERE path = ?)");
		value_text(c, 'b', query->root_path);
	}
	if (!with_files)
		add(c, ")");
}

void item_condition_init(struct item_condition *ret, const struct item_query *query, bool with_files,
			 struct arena *arena)
{
	struct search_words words;

	*ret = (struct item_condition){ .search = "", .texts = "item_search" };
	if (given(query->kind)) {
		add(ret, " AND i.kind = ?");
		value_text(ret, 't', query->kind);
	} else {
		add(ret, " AND i.kind <> 'season'");
	}
	if (given(query->show))
		add_show(ret, query->show);
	add_root(ret, query, with_files);
	if (given(query->search)) {
		search_words(query->search, arena, &words);
		/* Words too short for the index: its rows are read without going through it, three times as fast. */
		if (!words.match)
			ret->texts = "(SELECT id AS rowid, c0 AS text FROM item_search_content)";
		ret->search = search_condition(&words, arena);
		if (*ret->search)
			buf_addf(&ret->sql, " AND i.id IN (SELECT rowid FROM %s WHERE true%s)", ret->texts, ret->search);
		if (words.match)
			value_text(ret, 't', words.match);
		for (int i = 0; i < words.like_count; i++)
			value_text(ret, 't', words.like[i]);
	}
}

void item_condition_bind(const struct item_condition *condition, sqlite3_stmt *stmt)
{
	for (int i = 0; i < condition->count; i++) {
		const char *text = condition->values[i].text;

		if (condition->types[i] == 'i')
			sqlite3_bind_int64(stmt, i + 1, condition->values[i].number);
		else if (condition->types[i] == 'b')
			sqlite3_bind_blob(stmt, i + 1, text, (int)strlen(text), SQLITE_STATIC);
		else
			sqlite3_bind_text(stmt, i + 1, text, -1, SQLITE_STATIC);
	}
}

void item_condition_free(struct item_condition *condition)
{
	buf_free(&condition->sql);
}
