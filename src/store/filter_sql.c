/* filter_sql.c - a filter's tree as an SQL condition on `items i`; every value is bound.
 *
 * What a show or a season says holds for its episodes, unless they say otherwise. Words are looked for in the
 * trigram index; those under three characters, which it does not have, in its rows.
 *
 * Not here: the language (filter.c), ranking (search_rank.c). */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "store/filter_columns.h"
#include "store/item_query.h"
#include "store/rating.h"

/* ---- values ---- */

const char *filter_like(struct arena *arena, const char *text, bool wild, bool around)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	if (around)
		buf_addc(&b, '%');
	for (; *text; text++) {
		if (wild && *text == '*') {
			buf_addc(&b, '%');
			continue;
		}
		if (strchr("%_\\", *text))
			buf_addc(&b, '\\');
		buf_addc(&b, *text);
	}
	if (around)
		buf_addc(&b, '%');
	return arena_strdup(arena, buf_text(&b));
}

/* "expression is as the node says"; never asked for FILTER_NONE. */
static void add_test(struct item_condition *c, const struct filter_node *node, const char *expression)
{
	CLEANUP(buf_free) struct buf number = { 0 };

	if (node->match == FILTER_RANGE) {
		if (node->field == FILTER_RATING)
			rating_sql(&number, expression);
		buf_addf(&c->sql, "(%s", number.len ? buf_text(&number) : expression);
		buf_adds(&c->sql, " BETWEEN ");
		buf_adds(&c->sql, node->field == FILTER_AIRED
					  ? "date(? / 1000, 'unixepoch', 'localtime') AND "
					    "date(? / 1000, 'unixepoch', 'localtime'))"
					  : "? AND ?)");
		item_condition_number(c, node->field == FILTER_AIRED && node->low < -50000000000000
						 ? -50000000000000
						 : node->low);
		item_condition_number(c, node->field == FILTER_AIRED && node->high > 200000000000000
						 ? 200000000000000
						 : node->high);
	} else if (node->match == FILTER_EXACT) {
		/* Kinds are small letters, and have an index. */
		buf_addf(&c->sql, node->field == FILTER_KIND ? "(%s = ?)" : "(%s = ? COLLATE NOCASE)",
			 expression);
		item_condition_text(c, 't', node->text);
	} else if (node->match == FILTER_CONTAINS || node->match == FILTER_PATTERN) {
		buf_addf(&c->sql, "(%s LIKE ? ESCAPE '\\')", expression);
		item_condition_text(c, 't',
				    filter_like(c->arena, node->text, node->match == FILTER_PATTERN,
						 node->match == FILTER_CONTAINS));
	} else {
		buf_addf(&c->sql, "(ifnull(%s, '') <> '')", expression);
	}
}

static void add_inherited(struct item_condition *c, const struct filter_node *node, const char *column)
{
	const char *own = arena_printf(c->arena, "i.%s", column);
	const char *theirs = arena_printf(c->arena, "ifnull(up.%s, top.%s)", column, column);

	buf_adds(&c->sql, "(");
	add_test(c, node, own);
	buf_addf(&c->sql,
		 " OR (ifnull(%s, '') = '' AND i.parent_id IS NOT NULL AND EXISTS (SELECT 1 FROM items up "
		 "LEFT JOIN items top "
		 "ON top.id = up.parent_id WHERE up.id = i.parent_id AND ",
		 own);
	add_test(c, node, theirs);
	buf_adds(&c->sql, ")))");
}

static void add_of_show(struct item_condition *c, const struct filter_node *node)
{
	buf_adds(&c->sql, "(i.parent_id IN (SELECT s.id FROM items s WHERE s.kind = 'show' AND ");
	add_test(c, node, "s.title");
	buf_adds(&c->sql, " UNION ALL SELECT t.id FROM items s JOIN items t ON t.parent_id = s.id AND t.kind "
			  "= 'season' "
			  "WHERE s.kind = 'show' AND ");
	add_test(c, node, "s.title");
	buf_adds(&c->sql, "))");
}

/* A root also by its number or by the last part of its path. */
static void add_root_test(struct item_condition *c, const struct filter_node *node)
{
	const char *path = filter_columns[FILTER_ROOT].sql;

	buf_adds(&c->sql, "(");
	add_test(c, node, path);
	if (node->match == FILTER_EXACT) {
		buf_addf(&c->sql, " OR CAST(r.id AS TEXT) = ? OR %s LIKE ? ESCAPE '\\'", path);
		item_condition_text(c, 't', node->text);
		item_condition_text(
			c, 't', arena_printf(c->arena, "%%/%s", filter_like(c->arena, node->text, false, false)));
	}
	buf_adds(&c->sql, ")");
}

/* By what the probe says: from its indexes, or along the narrow one. */
static void add_of_probe(struct item_condition *c, const struct filter_node *node, const struct filter_column *column)
{
	buf_adds(&c->sql, "(i.id IN (SELECT x.item_id FROM probes p JOIN item_files x ON x.file_id = p.file_id WHERE ");
	add_test(c, node, column->sql);
	if (column->more) {
		buf_adds(&c->sql, " UNION ALL SELECT x.item_id FROM probes p JOIN item_files x ON x.file_id = p.file_id "
				  "WHERE ");
		add_test(c, node, column->more);
	}
	buf_adds(&c->sql, "))");
}

static void add_of_file(struct item_condition *c, const struct filter_node *node)
{
	const struct filter_column *column = &filter_columns[node->field];
	bool of_root = strstr(column->sql, "r.path");

	if (strncmp(column->sql, "p.", 2) == 0 || strncmp(column->sql, "(p.", 3) == 0) {
		add_of_probe(c, node, column);
		return;
	}
	buf_addf(&c->sql,
		 "(EXISTS (SELECT 1 FROM item_files x JOIN files f ON f.id = x.file_id%s WHERE x.item_id = i.id AND (",
		 of_root ? " JOIN roots r ON r.id = f.root_id" : "");
	if (node->field == FILTER_ROOT)
		add_root_test(c, node);
	else
		add_test(c, node, column->sql);
	buf_adds(&c->sql, ")))");
}

static void add_listed(struct item_condition *c, const struct filter_node *node)
{
	const struct filter_column *column = &filter_columns[node->field];

	buf_addf(&c->sql, "(i.id IN (WITH l AS MATERIALIZED (SELECT item_id AS id FROM %s WHERE ", column->sql);
	add_test(c, node, column->more);
	buf_adds(&c->sql, ") SELECT id FROM l UNION ALL SELECT a.id FROM l JOIN items a ON a.parent_id = l.id UNION ALL "
			  "SELECT b.id FROM l JOIN items a ON a.parent_id = l.id JOIN items b ON b.parent_id = a.id))");
}

static void add_streams(struct item_condition *c, const struct filter_node *node)
{
	struct filter_node wanted = *node;

	if (node->match == FILTER_EXACT)
		wanted.text = filter_language(node->text);
	buf_addf(&c->sql,
		 "(EXISTS (SELECT 1 FROM item_files x JOIN probes p ON p.file_id = x.file_id, "
		 "json_each(p.streams) s "
		 "WHERE x.item_id = i.id AND s.value ->> '$.type' = '%s' AND (",
		 filter_columns[node->field].sql);
	if (node->match == FILTER_SOME) {
		buf_adds(&c->sql, "true)))");
		return;
	}
	add_test(c, node, "(s.value ->> '$.language')");
	buf_adds(&c->sql, " OR ");
	add_test(c, &wanted, "(s.value ->> '$.language')");
	buf_adds(&c->sql, ")))");
}

static void add_scope(struct item_condition *c, const struct filter_node *node)
{
	const struct filter_column *column = &filter_columns[node->field];

	switch (column->scope) {
	case FILTER_OF_ITEM:
		add_test(c, node, column->sql);
		break;
	case FILTER_INHERITED:
		add_inherited(c, node, column->sql);
		break;
	case FILTER_OF_SHOW:
		add_of_show(c, node);
		break;
	case FILTER_OF_FILE:
		add_of_file(c, node);
		break;
	case FILTER_LISTED:
		add_listed(c, node);
		break;
	case FILTER_STREAMS:
		add_streams(c, node);
		break;
	}
}

static void add_state(struct item_condition *c, int64_t state)
{
	buf_adds(&c->sql, filter_states[state]);
	if (state == FILTER_STATE_EXPIRED)
		item_condition_number(c, clock_wall_ms());
}

static void add_has(struct item_condition *c, int64_t what)
{
	struct filter_node some = { .op = FILTER_TERM,
				    .field = (enum filter_field)what,
				    .match = FILTER_SOME };

	if (what == FILTER_HAS_CHAPTERS)
		buf_adds(&c->sql,
			 "(EXISTS (SELECT 1 FROM item_files x JOIN probes p ON p.file_id = x.file_id "
			 "WHERE x.item_id = i.id AND p.chapters <> '[]'))");
	else if (what == FILTER_HAS_BREAKS)
		buf_adds(&c->sql,
			 "(EXISTS (SELECT 1 FROM markers m WHERE m.item_id = i.id AND m.kind = 'break'))");
	else if (what == FILTER_HAS_FILES)
		buf_adds(&c->sql, "(EXISTS (" FILTER_FILES "))");
	else
		add_scope(c, &some);
}

static void add_term(struct item_condition *c, const struct filter_node *node)
{
	struct filter_node some = *node;

	if (node->match == FILTER_IN_STATE) {
		add_state(c, node->low);
	} else if (node->match == FILTER_HAS_IT) {
		add_has(c, node->low);
	} else if (node->match == FILTER_NONE) {
		some.match = FILTER_SOME;
		buf_adds(&c->sql, "(NOT ifnull(");
		add_scope(c, &some);
		buf_adds(&c->sql, ", 0))");
	} else {
		add_scope(c, node);
	}
}

/* ---- words ---- */

static size_t characters(const char *text)
{
	size_t n = 0;

	while (*text) {
		size_t bytes = utf8_char(text, strlen(text));

		text += bytes ? bytes : 1;
		n++;
	}
	return n;
}

static void add_word(struct item_condition *c, const struct filter_node *node)
{
	size_t size = strlen(node->text) * 3 + 1;
	const char *word = utf8_clean(arena_alloc(c->arena, size), size, node->text);

	if (c->filter.hidden) { /* they are not among what is searched */
		buf_adds(&c->sql, "(i.title || ifnull(' ' || i.episode_title, '') LIKE ? ESCAPE '\\' OR ");
		item_condition_text(c, 't', filter_like(c->arena, word, false, true));
	}
	if (characters(word) >= 3) {
		CLEANUP(buf_free) struct buf match = { 0 };

		/* An FTS5 string, quotes doubled: no operator of its query language is in it. */
		buf_addc(&match, '"');
		for (; *word; word++) {
			if (*word == '"')
				buf_addc(&match, '"');
			buf_addc(&match, *word);
		}
		buf_addc(&match, '"');
		buf_adds(&c->sql, "(i.id IN (SELECT rowid FROM item_search WHERE item_search MATCH ?))");
		item_condition_text(c, 't', arena_strdup(c->arena, buf_text(&match)));
	} else {
		buf_adds(&c->sql,
			 "(i.id IN (SELECT id FROM item_search_content WHERE c0 LIKE ? ESCAPE '\\'))");
		item_condition_text(c, 't', filter_like(c->arena, word, false, true));
	}
	if (c->filter.hidden)
		buf_addc(&c->sql, ')');
}

void filter_sql(struct item_condition *c, const struct filter_node *node)
{
	switch (node->op) {
	case FILTER_WORD:
		add_word(c, node);
		return;
	case FILTER_TERM:
		add_term(c, node);
		return;
	case FILTER_NOT:
		/* What has no value is not what was asked for either: `-rating:R` has the unrated, too. */
		buf_adds(&c->sql, "(NOT ifnull(");
		filter_sql(c, node->children[0]);
		buf_adds(&c->sql, ", 0))");
		return;
	case FILTER_ALL:
	case FILTER_ANY:
		break;
	}
	buf_adds(&c->sql, node->op == FILTER_ANY ? "(false" : "(true");
	for (size_t i = 0; i < node->count; i++) {
		buf_adds(&c->sql, node->op == FILTER_ANY ? " OR " : " AND ");
		filter_sql(c, node->children[i]);
	}
	buf_addc(&c->sql, ')');
}
