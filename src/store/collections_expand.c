/* collections_expand.c - smart collections in filters; see collections.h.
 *
 * A term that names collections becomes "that term, or one of these filters": the term itself finds the items
 * that were put in by hand. Trees that name none are not touched, and cost nothing. */
#include "store/collections.h"

#include <strings.h>

#include "base/clock.h"
#include "store/item_query.h"

#define MAX_DEPTH 8
#define MAX_TERMS 1000 /* of all that is put in */

struct smart {
	int64_t id;
	const char *name, *filter;
};

struct expansion {
	struct db *db;
	struct arena *arena;
	struct err *err;
	const struct smart *smart;
	size_t count, terms;
	int64_t inside[MAX_DEPTH]; /* whose filters this one stands in */
	int depth;
};

static const struct filter_node *expand(struct expansion *e, const struct filter_node *node);

static void read_smart(sqlite3_stmt *stmt, struct arena *arena, void *ret)
{
	*(struct smart *)ret = (struct smart) { .id = sqlite3_column_int64(stmt, 0),
						.name = db_text(stmt, 1, arena),
						.filter = db_text(stmt, 2, arena) };
}

static bool is_meant(const struct expansion *e, const struct filter_node *node, const char *name)
{
	if (node->match == FILTER_EXACT)
		return sqlite3_stricmp(node->text, name) == 0;
	if (node->match == FILTER_PATTERN || node->match == FILTER_CONTAINS)
		return sqlite3_strlike(filter_like(e->arena, node->text, node->match == FILTER_PATTERN,
						   node->match == FILTER_CONTAINS),
				       name, '\\') == 0;
	return true; /* any, none, has: */
}

static struct filter_node *node_new(struct expansion *e, enum filter_op op, size_t room)
{
	struct filter_node *node = arena_alloc(e->arena, sizeof(*node));

	node->op = op;
	node->children = arena_alloc(e->arena, (room + 1) * sizeof(*node->children));
	return node;
}

/* What the collection's filter is; NULL with err. */
static const struct filter_node *filter_of(struct expansion *e, const struct smart *smart)
{
	const struct filter_node *root;
	struct filter filter;

	for (int i = 0; i < e->depth; i++)
		if (e->inside[i] == smart->id) {
			err_set(e->err, ERR_CONFLICT, "the collection '%s' asks for itself: %s", smart->name,
				smart->filter);
			return NULL;
		}
	if (e->depth == MAX_DEPTH) {
		err_set(e->err, ERR_CONFLICT, "the collection '%s' stands more than %d collections deep",
			smart->name, MAX_DEPTH);
		return NULL;
	}
	if (filter_parse(smart->filter, clock_wall_ms(), e->arena, &filter, e->err) < 0) {
		err_under(e->err, "the collection '%s'", smart->name);
		return NULL;
	}
	e->inside[e->depth++] = smart->id;
	root = expand(e, filter.root);
	e->depth--;
	return root;
}

/* The term, or what the collections' filters find. */
static const struct filter_node *any_of_them(struct expansion *e, const struct filter_node *node)
{
	struct filter_node *any = node_new(e, FILTER_ANY, e->count + 1),
			   *by_hand = node_new(e, FILTER_TERM, 0), *not ;

	*by_hand = *node;
	if (node->match == FILTER_NONE)
		by_hand->match = FILTER_SOME;
	any->children[any->count++] = by_hand;
	for (size_t i = 0; i < e->count; i++) {
		const struct filter_node *child;

		if (!is_meant(e, node, e->smart[i].name))
			continue;
		child = filter_of(e, &e->smart[i]);
		if (!child)
			return NULL;
		any->children[any->count++] = child;
	}
	if (any->count == 1)
		return node;
	if (node->match != FILTER_NONE)
		return any;
	not = node_new(e, FILTER_NOT, 1);
	not ->children[not ->count++] = any;
	return not ;
}

static const struct filter_node *expand(struct expansion *e, const struct filter_node *node)
{
	struct filter_node *copy;

	if (node->op == FILTER_TERM && ++e->terms > MAX_TERMS) {
		err_set(e->err, ERR_TOO_LARGE, "with its collections the search has more than %d terms",
			MAX_TERMS);
		return NULL;
	}
	if (node->op == FILTER_TERM && (node->field == FILTER_COLLECTION ||
					(node->match == FILTER_HAS_IT && node->low == FILTER_COLLECTION)))
		return any_of_them(e, node);
	if (!node->count)
		return node;
	copy = node_new(e, node->op, node->count);
	copy->at = node->at;
	for (size_t i = 0; i < node->count; i++) {
		const struct filter_node *child = expand(e, node->children[i]);

		if (!child)
			return NULL;
		copy->children[copy->count++] = child;
	}
	return copy;
}

int collections_expand(struct db *db, struct filter *filter, struct arena *arena, struct err *err)
{
	struct expansion e = { .db = db, .arena = arena, .err = err };
	const struct filter_node *root;
	struct db_rows smart = { 0 };
	sqlite3_stmt *stmt;

	if (!filter_names(filter, FILTER_COLLECTION) && !filter_names(filter, FILTER_HAS))
		return 0;
	stmt = db_query(db, "SELECT id, name, filter FROM collections WHERE filter IS NOT NULL ORDER BY id",
			err);
	if (db_rows(db, stmt, sizeof(struct smart), read_smart, arena, &smart, err) < 0)
		return -(int)ERR_STORE;
	e.smart = smart.rows;
	e.count = smart.count;
	root = e.count ? expand(&e, filter->root) : filter->root;
	if (!root)
		return -(int)err->code;
	filter->root = root;
	return 0;
}
