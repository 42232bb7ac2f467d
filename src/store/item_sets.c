/* item_sets.c - see item_sets.h.
 *
 * Readers hold the lock for reading while they evaluate. Whoever warms reads into columns of its own, in one
 * transaction, and takes the lock for writing only to put them in place. */
#include "store/item_sets.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define KEPT_NS (600 * CLOCK_SECOND) /* a column that nobody asked for so long is dropped */
#define REST 10			      /* after warming, for so many times as long as it took */

struct item_sets {
	const struct table_marks *marks;
	pthread_rwlock_t lock;
	struct item_column columns[ITEM_COLUMN_COUNT];
	_Atomic int64_t used_ns[ITEM_COLUMN_COUNT]; /* boot clock; 0: never */
	_Atomic bool wanted;
	_Atomic int64_t rested_ns; /* boot clock: not warmed again before */
	pthread_mutex_t warming;
};

struct evaluation {
	struct item_sets *sets;
	struct db *db;
	const struct filter *filter;
	struct arena *arena;
	const struct item_column *ids;
	size_t words; /* of a set */
	struct err *err;
};

struct item_sets *item_sets_new(const struct table_marks *marks)
{
	struct item_sets *sets = calloc(1, sizeof(*sets));

	if (!sets || pthread_rwlock_init(&sets->lock, NULL) != 0 || pthread_mutex_init(&sets->warming, NULL) != 0)
		abort();
	sets->marks = marks;
	return sets;
}

void item_sets_free(struct item_sets *sets)
{
	if (!sets)
		return;
	for (int i = 0; i < ITEM_COLUMN_COUNT; i++)
		item_column_free(&sets->columns[i]);
	pthread_mutex_destroy(&sets->warming);
	pthread_rwlock_destroy(&sets->lock);
	free(sets);
}

/* ---- columns ---- */

static bool is_valid(const struct item_sets *sets, int key)
{
	const struct item_column *column = &sets->columns[key];

	return column->loaded && table_marks_sum(sets->marks, &column->reads) == column->sum;
}

/* NULL: not in memory; it is noted that somebody would like it. */
static const struct item_column *column_of(struct item_sets *sets, int key)
{
	atomic_store(&sets->used_ns[key], clock_boot_ns());
	if (is_valid(sets, key))
		return &sets->columns[key];
	atomic_store(&sets->wanted, true);
	return NULL;
}

/* ---- evaluation ---- */

static uint64_t *new_set(struct evaluation *e)
{
	return arena_alloc(e->arena, (e->words + 1) * sizeof(uint64_t));
}

static void invert(const struct evaluation *e, uint64_t *bits)
{
	size_t count = e->ids->count;

	for (size_t i = 0; i < e->words; i++)
		bits[i] = ~bits[i];
	if (count % 64)
		bits[e->words - 1] &= (UINT64_C(1) << count % 64) - 1;
}

/* What no column tells: the items that pass a condition. */
static int add_by_sql(struct evaluation *e, struct item_condition *condition, uint64_t *bits)
{
	CLEANUP(buf_free) struct buf sql = { 0 };
	sqlite3_stmt *stmt;
	int rc;

	buf_addf(&sql, "SELECT i.id FROM items i WHERE true%s", buf_text(&condition->sql));
	stmt = db_query_text(e->db, buf_text(&sql), e->err);
	if (!stmt)
		return -(int)ERR_STORE;
	item_condition_bind(condition, stmt, 1);
	while ((rc = db_step(e->db, stmt, e->err)) > 0) {
		uint32_t place = item_column_place(e->ids, sqlite3_column_int64(stmt, 0));

		if (place != ITEM_NOWHERE)
			item_bit_set(bits, place);
	}
	db_done(e->db, stmt);
	return rc;
}

static int node_by_sql(struct evaluation *e, const struct filter_node *node, uint64_t *bits)
{
	struct item_condition condition = { .arena = e->arena, .filter = *e->filter };
	int rc;

	buf_adds(&condition.sql, " AND ");
	filter_sql(&condition, node);
	rc = add_by_sql(e, &condition, bits);
	item_condition_free(&condition);
	return rc;
}

/* The column that tells, and what to ask of it. */
static int key_of(const struct filter_node *node, struct filter_node *ret)
{
	*ret = *node;
	if (node->match == FILTER_IN_STATE) {
		ret->match = node->low == FILTER_STATE_EXPIRED ? FILTER_RANGE : FILTER_SOME;
		ret->low = INT64_MIN;
		ret->high = clock_wall_ms();
		return ITEM_COLUMN_STATES + (int)node->low;
	}
	if (node->match == FILTER_HAS_IT || node->match == FILTER_NONE)
		ret->match = FILTER_SOME;
	if (node->match == FILTER_HAS_IT && node->low >= FILTER_HAS_CHAPTERS)
		return ITEM_COLUMN_HAS + (int)(node->low - FILTER_HAS_CHAPTERS);
	if (node->match == FILTER_HAS_IT)
		ret->field = (enum filter_field)node->low;
	return (int)ret->field;
}

/* That all of it is wanted. */
static void note_node(struct item_sets *sets, const struct filter_node *node)
{
	struct filter_node asked;

	if (node->op == FILTER_TERM)
		column_of(sets, key_of(node, &asked));
	for (size_t i = 0; i < node->count; i++)
		note_node(sets, node->children[i]);
}

static int add_term(struct evaluation *e, const struct filter_node *node, uint64_t *bits)
{
	struct filter_node asked;
	const struct item_column *column = column_of(e->sets, key_of(node, &asked));

	if (!column || !item_column_match(column, &asked, bits, e->arena))
		return node_by_sql(e, node, bits);
	if (node->match == FILTER_NONE)
		invert(e, bits);
	return 0;
}

static int add_node(struct evaluation *e, const struct filter_node *node, uint64_t *bits);

/* `skip_words`: the root's own words were looked for before. */
static int add_children(struct evaluation *e, const struct filter_node *node, bool skip_words, uint64_t *bits)
{
	if (node->op == FILTER_ALL)
		invert(e, bits);
	for (size_t i = 0; i < node->count; i++) {
		uint64_t *child;
		int rc;

		if (skip_words && node->children[i]->op == FILTER_WORD)
			continue;
		child = new_set(e);
		rc = add_node(e, node->children[i], child);
		if (rc < 0)
			return rc;
		for (size_t j = 0; j < e->words; j++)
			bits[j] = node->op == FILTER_ALL ? bits[j] & child[j] : bits[j] | child[j];
	}
	return 0;
}

/* Into an empty set. */
static int add_node(struct evaluation *e, const struct filter_node *node, uint64_t *bits)
{
	int rc;

	switch (node->op) {
	case FILTER_WORD:
		return node_by_sql(e, node, bits);
	case FILTER_TERM:
		return add_term(e, node, bits);
	case FILTER_NOT:
		rc = add_node(e, node->children[0], bits);
		if (rc == 0)
			invert(e, bits);
		return rc;
	case FILTER_ALL:
	case FILTER_ANY:
		break;
	}
	return add_children(e, node, false, bits);
}

static int keep_term(struct evaluation *e, struct filter_node node, bool not, uint64_t *bits)
{
	uint64_t *found = new_set(e);
	int rc;

	node.op = FILTER_TERM;
	rc = add_term(e, &node, found);
	for (size_t i = 0; rc == 0 && i < e->words; i++)
		bits[i] &= not ? ~found[i] : found[i];
	return rc;
}

static int keep_place(struct evaluation *e, const struct item_query *query, uint64_t *bits)
{
	struct item_condition condition = { .arena = e->arena };
	uint64_t *found = new_set(e);
	int rc = 0;

	item_condition_place(&condition, query, false);
	if (condition.sql.len) {
		rc = add_by_sql(e, &condition, found);
		for (size_t i = 0; rc == 0 && i < e->words; i++)
			bits[i] &= found[i];
	}
	item_condition_free(&condition);
	return rc;
}

/* The same as item_condition_init() says. */
static int evaluate(struct evaluation *e, const struct item_query *query, bool skip_words, uint64_t *bits)
{
	struct filter_node kind = { .field = FILTER_KIND, .match = FILTER_EXACT, .text = query->kind };
	struct filter_node hidden = { .field = FILTER_IS, .match = FILTER_IN_STATE, .low = FILTER_STATE_HIDDEN };
	bool of_kind = query->kind && *query->kind;
	int rc = add_children(e, e->filter->root, skip_words, bits);

	if (!of_kind)
		kind.text = "season";
	if (rc == 0 && (of_kind || !filter_names(e->filter, FILTER_KIND)))
		rc = keep_term(e, kind, !of_kind, bits);
	if (rc == 0)
		rc = keep_place(e, query, bits);
	if (rc == 0 && !e->filter->hidden)
		rc = keep_term(e, hidden, true, bits);
	return rc;
}

/* ---- pages ---- */

static void take(struct item_page *page, const struct item_query *query, int64_t id)
{
	int64_t at = page->total++;

	if (at >= query->offset && (query->limit <= 0 || at < query->offset + query->limit))
		page->ids[page->count++] = id;
}

/* What has aired, the latest first; the rest follows by title. */
static int take_aired(struct evaluation *e, const struct item_query *query, uint64_t *bits, struct item_page *page)
{
	sqlite3_stmt *stmt = db_query(e->db,
				      "SELECT a.item_id, max(c.epoch_ns + a.start_flicks / 7056 * 10000) AS at FROM airings a JOIN "
				      "channels c ON c.id = a.channel_id JOIN items i ON i.id = a.item_id WHERE c.epoch_ns + "
				      "a.start_flicks / 7056 * 10000 <= strftime('%s', 'now') * 1000000000 GROUP BY a.item_id "
				      "ORDER BY at DESC, i.sort_title, i.year, i.season, i.episode, i.id",
				      e->err);
	int rc;

	if (!stmt)
		return -(int)ERR_STORE;
	while ((rc = db_step(e->db, stmt, e->err)) > 0) {
		int64_t id = sqlite3_column_int64(stmt, 0);
		uint32_t place = item_column_place(e->ids, id);

		if (place == ITEM_NOWHERE || !item_bit(bits, place))
			continue;
		bits[place / 64] &= ~(UINT64_C(1) << place % 64);
		take(page, query, id);
	}
	db_done(e->db, stmt);
	return rc;
}

static void take_hits(struct evaluation *e, const struct item_query *query, const struct search_hits *hits,
		      const uint64_t *bits, struct item_page *page)
{
	for (size_t i = 0; i < hits->count; i++) {
		uint32_t place = item_column_place(e->ids, hits->hits[i].id);

		if (place != ITEM_NOWHERE && item_bit(bits, place))
			take(page, query, hits->hits[i].id);
	}
}

static void keep_hits(struct evaluation *e, const struct search_hits *hits, uint64_t *bits)
{
	uint64_t *found = new_set(e);

	for (size_t i = 0; i < hits->count; i++) {
		uint32_t place = item_column_place(e->ids, hits->hits[i].id);

		if (place != ITEM_NOWHERE)
			item_bit_set(found, place);
	}
	for (size_t i = 0; i < e->words; i++)
		bits[i] &= found[i];
}

static int find(struct evaluation *e, const struct item_query *query, const struct search_hits *hits, bool by_hits,
		enum item_order order, const struct item_column *ordered, struct item_page *page)
{
	uint64_t *bits = new_set(e);
	int rc = evaluate(e, query, hits != NULL, bits);

	if (rc < 0)
		return rc;
	if (by_hits && hits) {
		take_hits(e, query, hits, bits, page);
		return 0;
	}
	if (hits)
		keep_hits(e, hits, bits);
	if (order == ITEM_BY_AIRED && (rc = take_aired(e, query, bits, page)) < 0)
		return rc;
	for (size_t i = 0; i < ordered->count; i++)
		if (item_bit(bits, ordered->places[i]))
			take(page, query, e->ids->ids[ordered->places[i]]);
	return 0;
}

int item_sets_page(struct item_sets *sets, struct db *db, const struct item_query *query, const struct filter *filter,
		   const struct search_hits *hits, bool by_hits, enum item_order order, struct arena *arena,
		   struct item_page *ret, struct err *err)
{
	struct evaluation e = { .sets = sets, .db = db, .filter = filter, .arena = arena, .err = err };
	int by = ITEM_COLUMN_ORDERS + (order == ITEM_BY_AIRED ? ITEM_BY_TITLE : (int)order);
	const struct item_column *ordered;
	struct item_page page = { 0 };
	int rc = 0;

	pthread_rwlock_rdlock(&sets->lock);
	e.ids = column_of(sets, ITEM_COLUMN_IDS);
	ordered = column_of(sets, by);
	if (e.ids && ordered) {
		e.words = (e.ids->count + 63) / 64;
		page.ids = arena_alloc(arena, ((query->limit > 0 ? (size_t)query->limit : e.ids->count) + 1) * sizeof(*page.ids));
		rc = find(&e, query, hits, by_hits, order, ordered, &page);
		rc = rc < 0 ? rc : 1;
	} else {
		note_node(sets, filter->root);
		column_of(sets, FILTER_KIND);
		column_of(sets, ITEM_COLUMN_STATES + FILTER_STATE_HIDDEN);
	}
	pthread_rwlock_unlock(&sets->lock);
	if (rc > 0)
		*ret = page;
	return rc;
}

/* ---- warming ---- */

bool item_sets_wanted(struct item_sets *sets)
{
	return atomic_load(&sets->wanted) && clock_boot_ns() >= atomic_load(&sets->rested_ns) &&
	       atomic_exchange(&sets->wanted, false);
}

static int read_columns(struct item_sets *sets, struct db *db, const bool *wanted, struct item_column *columns,
			struct err *err)
{
	uint64_t counts[TABLE_SLOTS];
	const struct item_column *ids = &sets->columns[ITEM_COLUMN_IDS];
	int rc;

	table_marks_copy(sets->marks, counts); /* before the transaction: never newer than what it reads */
	rc = db_begin(db, err);
	if (rc < 0)
		return rc;
	for (int i = ITEM_COLUMN_COUNT - 1; i >= 0 && rc >= 0; i--) { /* the ids first */
		if (wanted[i])
			rc = item_column_load(&columns[i], i, ids, counts, db, err);
		if (i == ITEM_COLUMN_IDS && columns[i].loaded)
			ids = &columns[i];
	}
	if (rc < 0)
		db_rollback(db);
	else
		rc = db_commit(db, err);
	return rc;
}

/* New ids make all other columns' places old. */
static void put_columns(struct item_sets *sets, const bool *kept, struct item_column *columns)
{
	bool anew = columns[ITEM_COLUMN_IDS].loaded;

	pthread_rwlock_wrlock(&sets->lock);
	for (int i = 0; i < ITEM_COLUMN_COUNT; i++) {
		if (anew || !kept[i] || columns[i].loaded)
			item_column_free(&sets->columns[i]);
		if (columns[i].loaded)
			sets->columns[i] = columns[i];
	}
	pthread_rwlock_unlock(&sets->lock);
}

static int warm(struct item_sets *sets, struct db *db, struct err *err)
{
	bool wanted[ITEM_COLUMN_COUNT] = { false }, kept[ITEM_COLUMN_COUNT] = { false };
	struct item_column columns[ITEM_COLUMN_COUNT] = { 0 };
	int64_t now = clock_boot_ns();
	int rc;

	for (int i = ITEM_COLUMN_COUNT - 1; i >= 0; i--) {
		int64_t used = atomic_load(&sets->used_ns[i]);

		kept[i] = used && used >= now - KEPT_NS;
		wanted[i] = kept[i] && (!is_valid(sets, i) || wanted[ITEM_COLUMN_IDS]);
		if (i == ITEM_COLUMN_IDS) /* without them there is no column */
			wanted[i] = !is_valid(sets, i);
	}
	rc = read_columns(sets, db, wanted, columns, err);
	if (rc >= 0)
		put_columns(sets, kept, columns);
	else
		for (int i = 0; i < ITEM_COLUMN_COUNT; i++)
			item_column_free(&columns[i]);
	atomic_store(&sets->rested_ns, clock_boot_ns() + (clock_boot_ns() - now) * REST);
	return rc;
}

int item_sets_warm(struct item_sets *sets, struct db *db, struct err *err)
{
	int rc = 0;

	if (pthread_mutex_trylock(&sets->warming) != 0)
		return 0; /* somebody does */
	rc = warm(sets, db, err);
	pthread_mutex_unlock(&sets->warming);
	return rc;
}
