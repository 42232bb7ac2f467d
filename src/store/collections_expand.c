/* collections_expand.c - smart collections in filters; see collections.h.
 *
 * A term that names collections becomes "that term, or one of these filters": the term itself finds the items
 * that were put in by hand. Trees that name none are not touched, and cost nothing.
 *
 * What a filter leaves out without a word, hidden items and seasons, is its own affair, in a collection as outside: each filter
 * that is put in says it in so many words, and the filter that asks leaves out nothing that it has from a collection whose
 * filter asks for such items. */
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

/* What a filter leaves out when it does not name it, and the collections in it that do. */
enum { HIDDEN, SEASONS, LEFT_OUT };
struct level {
	const struct filter_node **shown[LEFT_OUT];
	size_t count[LEFT_OUT], cap[LEFT_OUT];
};

struct expansion {
	struct db *db;
	struct arena *arena;
	struct err *err;
	const struct smart *smart;
	size_t count, terms;
	int64_t inside[MAX_DEPTH]; /* whose filters this one stands in */
	struct level *level;
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

/* ---- what is left out ---- */

static const struct filter_node *left_out(struct expansion *e, int which)
{
	struct filter_node *node = node_new(e, FILTER_TERM, 0), *not = node_new(e, FILTER_NOT, 1);

	node->field = which == HIDDEN ? FILTER_IS : FILTER_KIND;
	node->match = which == HIDDEN ? FILTER_IN_STATE : FILTER_EXACT;
	node->low = FILTER_STATE_HIDDEN;
	node->text = "season";
	not->children[not->count++] = node;
	return not;
}

static bool names_it(const struct filter *filter, int which)
{
	return which == HIDDEN ? filter->hidden : filter_names(filter, FILTER_KIND);
}

/* None of it, but by the collections of this level that ask for it. */
static const struct filter_node *but_by_collections(struct expansion *e, const struct level *level, int which)
{
	struct filter_node *any = node_new(e, FILTER_ANY, level->count[which] + 1);

	any->children[any->count++] = left_out(e, which);
	for (size_t i = 0; i < level->count[which]; i++)
		any->children[any->count++] = level->shown[which][i];
	return any;
}

static void show(struct expansion *e, struct level *level, int which, const struct filter_node *node)
{
	ARENA_GROW(e->arena, level->shown[which], level->count[which], level->cap[which]);
	level->shown[which][level->count[which]++] = node;
}

/* The filter of a collection with all that it means; the level above is told what it shows. */
static const struct filter_node *whole(struct expansion *e, const struct filter *filter, const struct filter_node *root,
				       const struct level *level, struct level *above)
{
	struct filter_node *all = node_new(e, FILTER_ALL, 1 + LEFT_OUT);

	all->children[all->count++] = root;
	for (int which = 0; which < LEFT_OUT; which++) {
		bool named = names_it(filter, which);

		if (!named)
			all->children[all->count++] = but_by_collections(e, level, which);
		if (named || level->count[which])
			show(e, above, which, all);
	}
	return all;
}

/* The filter that asks says what it leaves out by itself; where a collection shows it, it is said here instead. */
static void settle(struct expansion *e, struct filter *filter, const struct filter_node *root, const struct level *level)
{
	struct filter_node *all = node_new(e, FILTER_ALL, root->count + LEFT_OUT);

	for (size_t i = 0; i < root->count; i++)
		all->children[all->count++] = root->children[i];
	for (int which = 0; which < LEFT_OUT; which++) {
		if (!level->count[which] || names_it(filter, which))
			continue;
		all->children[all->count++] = but_by_collections(e, level, which);
		if (which == HIDDEN)
			filter->hidden = true;
		else
			filter->fields |= UINT64_C(1) << FILTER_KIND;
	}
	filter->root = all;
}

/* ---- the filters ---- */

/* What the collection's filter is; NULL with err. */
static const struct filter_node *filter_of(struct expansion *e, const struct smart *smart)
{
	struct level *above = e->level, level = { 0 };
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
	e->level = &level;
	root = expand(e, filter.root);
	e->level = above;
	e->depth--;
	return root ? whole(e, &filter, root, &level, above) : NULL;
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
	struct level level = { 0 };
	struct expansion e = { .db = db, .arena = arena, .err = err, .level = &level };
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
	if (!e.count)
		return 0;
	root = expand(&e, filter->root);
	if (!root)
		return -(int)err->code;
	settle(&e, filter, root, &level);
	return 0;
}
