/* item_columns.c - see item_columns.h. */
#include "store/item_columns.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/by_id.h"
#include "base/cleanup.h"
#include "store/filter_columns.h"
#include "store/filter_value.h"
#include "store/rating.h"

const char *const item_order_sql[ITEM_ORDERS + 1] = {
	[ITEM_BY_TITLE] = "i.sort_title, i.year, i.season, i.episode, i.id",
	[ITEM_BY_ADDED] = "i.added_ms DESC, i.id DESC",
	[ITEM_BY_YEAR] = "i.year DESC, i.sort_title, i.season, i.episode, i.id",
	[ITEM_BY_DURATION] = "i.duration_ms DESC, i.sort_title, i.season, i.episode, i.id",
	[ITEM_BY_MODIFIED] = "i.changed_ms DESC, i.id DESC",
	/* Positions are flicks since the channel's epoch: 7056 of them are 10 us. */
	[ITEM_BY_AIRED] = "(SELECT max(c.epoch_ns + a.start_flicks / 7056 * 10000) FROM airings a JOIN channels c "
			  "ON c.id = a.channel_id WHERE a.item_id = i.id AND c.epoch_ns + a.start_flicks / 7056 * 10000 "
			  "<= strftime('%s', 'now') * 1000000000) DESC, i.sort_title, i.year, i.season, i.episode, i.id",
};

/* ---- as SQL: item, value ---- */

static void add_of_file(struct buf *sql, const struct filter_column *column, const char *expression)
{
	bool of_probe = strstr(column->sql, "p."), of_root = strstr(column->sql, "r.path");

	buf_addf(sql, "SELECT x.item_id, %s FROM item_files x JOIN files f ON f.id = x.file_id%s%s", expression,
		 of_probe ? " JOIN probes p ON p.file_id = x.file_id" : "",
		 of_root ? " JOIN roots r ON r.id = f.root_id" : "");
}

static void field_sql(struct buf *sql, enum filter_field field)
{
	const struct filter_column *column = &filter_columns[field];
	const char *c = column->sql;

	switch (column->scope) {
	case FILTER_OF_ITEM:
		buf_addf(sql, "SELECT i.id, %s FROM items i", c);
		break;
	case FILTER_INHERITED:
		buf_addf(sql,
			 "SELECT i.id, CASE WHEN ifnull(i.%s, '') <> '' THEN i.%s ELSE ifnull(up.%s, top.%s) END FROM items i "
			 "LEFT JOIN items up ON up.id = i.parent_id LEFT JOIN items top ON top.id = up.parent_id",
			 c, c, c, c);
		break;
	case FILTER_OF_SHOW:
		buf_addf(sql,
			 "SELECT i.id, %s FROM items s JOIN items i ON i.parent_id = s.id WHERE s.kind = 'show' UNION ALL "
			 "SELECT i.id, %s FROM items s JOIN items t ON t.parent_id = s.id AND t.kind = 'season' "
			 "JOIN items i ON i.parent_id = t.id WHERE s.kind = 'show'",
			 c, c);
		break;
	case FILTER_OF_FILE:
		add_of_file(sql, column, c);
		if (column->more) {
			buf_adds(sql, " UNION ALL ");
			add_of_file(sql, column, column->more);
		}
		break;
	case FILTER_LISTED:
		buf_addf(sql,
			 "WITH l (id, v) AS MATERIALIZED (SELECT item_id, %s FROM %s) SELECT id, v FROM l UNION ALL SELECT a.id, v "
			 "FROM l JOIN items a ON a.parent_id = l.id UNION ALL SELECT b.id, v FROM l JOIN items a ON a.parent_id = "
			 "l.id JOIN items b ON b.parent_id = a.id",
			 column->more, c);
		break;
	case FILTER_STREAMS:
		buf_addf(sql,
			 "SELECT x.item_id, ifnull(s.value ->> '$.language', '') FROM item_files x JOIN probes p ON p.file_id = "
			 "x.file_id, json_each(p.streams) s WHERE s.value ->> '$.type' = '%s'",
			 c);
		break;
	}
}

static void column_sql(struct buf *sql, int key, struct arena *arena)
{
	struct item_condition condition = { .arena = arena };
	struct filter_node node = { .op = FILTER_TERM };

	if (key < FILTER_FIELD_COUNT) {
		field_sql(sql, (enum filter_field)key);
	} else if (key == ITEM_COLUMN_IDS) {
		buf_adds(sql, "SELECT i.id FROM items i ORDER BY i.id");
	} else if (key >= ITEM_COLUMN_ORDERS) {
		buf_addf(sql, "SELECT i.id FROM items i ORDER BY %s", item_order_sql[key - ITEM_COLUMN_ORDERS]);
	} else if (key == ITEM_COLUMN_STATES + FILTER_STATE_EXPIRED) {
		buf_adds(sql, "SELECT i.id, i.expires_ms FROM items i WHERE i.expires_ms IS NOT NULL");
	} else {
		node.match = key < ITEM_COLUMN_HAS ? FILTER_IN_STATE : FILTER_HAS_IT;
		node.low = key < ITEM_COLUMN_HAS ? key - ITEM_COLUMN_STATES : key - ITEM_COLUMN_HAS + FILTER_HAS_CHAPTERS;
		filter_sql(&condition, &node);
		buf_addf(sql, "SELECT i.id FROM items i WHERE %s", buf_text(&condition.sql));
	}
	item_condition_free(&condition);
}

static bool has_numbers(int key)
{
	if (key >= FILTER_FIELD_COUNT)
		return key == ITEM_COLUMN_STATES + FILTER_STATE_EXPIRED;
	return key != FILTER_AIRED && filter_field_type((enum filter_field)key) >= FILTER_TYPE_NUMBER;
}

/* ---- reading ---- */

struct loading {
	struct item_column *column;
	size_t cap, blob_cap, starts_cap;
	uint32_t *slots; /* number of a text + 1 */
	size_t slot_count;
};

static void *room(void *array, size_t count, size_t more, size_t *cap, size_t element)
{
	if (count + more <= *cap)
		return array;
	*cap = (count + more) * 2 + 64;
	array = realloc(array, *cap * element);
	if (!array)
		abort();
	return array;
}

static uint64_t text_hash(const struct item_column *c, size_t number)
{
	size_t end = number + 1 < c->text_count ? c->starts[number + 1] : c->blob_len;

	return XXH3_64bits(c->blob + c->starts[number], end - 1 - c->starts[number]);
}

static void grow_slots(struct loading *l)
{
	const struct item_column *c = l->column;

	if (l->slot_count > c->text_count * 2 + 2)
		return;
	l->slot_count = l->slot_count ? l->slot_count * 4 : 1024;
	free(l->slots);
	l->slots = calloc(l->slot_count, sizeof(*l->slots));
	if (!l->slots)
		abort();
	for (size_t i = 0; i < c->text_count; i++) {
		size_t slot = text_hash(c, i) & (l->slot_count - 1);

		while (l->slots[slot])
			slot = (slot + 1) & (l->slot_count - 1);
		l->slots[slot] = (uint32_t)i + 1;
	}
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The number of a text, which is put at the end of the blob and stays there when it is new. */
static uint32_t text_number(struct loading *l, const char *text, size_t len)
{
	struct item_column *c = l->column;
	size_t at = c->blob_len ? c->blob_len : 1, slot;

	grow_slots(l);
	c->blob = room(c->blob, at, len + 1, &l->blob_cap, 1);
	c->blob[0] = '\0';
	for (size_t i = 0; i < len; i++)
		c->blob[at + i] = small(text[i]);
	c->blob[at + len] = '\0';
	slot = XXH3_64bits(c->blob + at, len) & (l->slot_count - 1);
	for (; l->slots[slot]; slot = (slot + 1) & (l->slot_count - 1)) {
		uint32_t number = l->slots[slot] - 1;

		if (memcmp(c->blob + c->starts[number], c->blob + at, len + 1) == 0)
			return number;
	}
	c->starts = room(c->starts, c->text_count, 1, &l->starts_cap, sizeof(*c->starts));
	c->starts[c->text_count++] = (uint32_t)at;
	c->blob_len = at + len + 1;
	l->slots[slot] = (uint32_t)c->text_count;
	return (uint32_t)c->text_count - 1;
}

static void take_row(struct loading *l, int key, uint32_t place, sqlite3_stmt *stmt)
{
	struct item_column *c = l->column;
	bool numbers = has_numbers(key), texts = !numbers && key < FILTER_FIELD_COUNT;
	const char *text = texts ? (const char *)sqlite3_column_text(stmt, 1) : NULL;
	size_t cap = l->cap;

	if (numbers ? sqlite3_column_type(stmt, 1) == SQLITE_NULL
		    : texts && (!text || (!*text && filter_columns[key].scope != FILTER_STREAMS)))
		return;
	c->places = room(c->places, c->count, 1, &cap, sizeof(*c->places));
	if (numbers && cap != l->cap)
		c->numbers = realloc(c->numbers, cap * sizeof(*c->numbers));
	if (texts && cap != l->cap)
		c->texts = realloc(c->texts, cap * sizeof(*c->texts));
	if ((numbers && !c->numbers) || (texts && !c->texts))
		abort();
	l->cap = cap;
	c->places[c->count] = place;
	if (numbers)
		c->numbers[c->count] = sqlite3_column_int64(stmt, 1);
	else if (texts)
		c->texts[c->count] = text_number(l, text, strlen(text));
	c->count++;
}

static void take_id(struct loading *l, sqlite3_stmt *stmt)
{
	struct item_column *c = l->column;

	c->ids = room(c->ids, c->count, 1, &l->cap, sizeof(*c->ids));
	c->ids[c->count++] = sqlite3_column_int64(stmt, 0);
}

static int read_rows(struct loading *l, int key, const struct item_column *ids, struct db *db, sqlite3_stmt *stmt,
		     struct err *err)
{
	uint32_t place = 0;
	int rc;

	while ((rc = db_step(db, stmt, err)) > 0) {
		int64_t id = sqlite3_column_int64(stmt, 0);

		if (key == ITEM_COLUMN_IDS) {
			take_id(l, stmt);
			continue;
		}
		/* Mostly they come in order. */
		if (place < ids->count && ids->ids[place] != id)
			place++;
		if (place >= ids->count || ids->ids[place] != id)
			place = item_column_place(ids, id);
		if (place != ITEM_NOWHERE)
			take_row(l, key, place, stmt);
		else
			place = 0;
	}
	return rc;
}

int item_column_load(struct item_column *ret, int key, const struct item_column *ids, const uint64_t *counts,
		     struct db *db, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf sql = { 0 };
	struct item_column column = { 0 };
	struct loading loading = { .column = &column };
	sqlite3_stmt *stmt;
	int rc;

	column_sql(&sql, key, &arena);
	db_note_reads(db, &column.reads);
	stmt = db_query_text(db, buf_text(&sql), err);
	db_note_reads(db, NULL);
	if (!stmt)
		return -(int)ERR_STORE;
	rc = read_rows(&loading, key, ids, db, stmt, err);
	db_done(db, stmt);
	free(loading.slots);
	if (rc < 0) {
		item_column_free(&column);
		return rc;
	}
	table_mask_add(&column.reads, "items", NULL); /* places are those of all items */
	column.sum = table_counts_sum(counts, &column.reads);
	column.loaded = true;
	*ret = column;
	return 0;
}

void item_column_free(struct item_column *column)
{
	free(column->ids);
	free(column->places);
	free(column->numbers);
	free(column->texts);
	free(column->blob);
	free(column->starts);
	*column = (struct item_column) { 0 };
}

uint32_t item_column_place(const struct item_column *ids, int64_t id)
{
	size_t low = by_id_place(ids->ids, ids->count, sizeof(*ids->ids), id);

	return low < ids->count && ids->ids[low] == id ? (uint32_t)low : ITEM_NOWHERE;
}

/* ---- matching ---- */

/* The text that has this byte of the blob. */
static size_t text_at(const struct item_column *c, size_t at)
{
	size_t low = 0, high = c->text_count;

	while (low + 1 < high) {
		size_t middle = low + (high - low) / 2;

		if (c->starts[middle] <= at)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Marks the texts that contain this one, or with `whole` are it. */
static void mark_found(const struct item_column *c, const char *text, bool whole, uint8_t *marks, struct arena *arena)
{
	size_t len = strlen(text), size = len + (whole ? 2 : 0);
	char *wanted = arena_alloc(arena, len + 2);
	const char *at = c->blob, *end = c->blob + c->blob_len;

	for (size_t i = 0; i < len; i++)
		wanted[i + whole] = small(text[i]);
	while (at < end && (at = memmem(at, (size_t)(end - at), wanted, size))) {
		size_t number = text_at(c, (size_t)(at - c->blob) + whole);

		marks[number] = 1;
		at = c->blob + c->starts[number] + strlen(c->blob + c->starts[number]);
	}
}

/* False: SQL has to say. */
static bool mark_texts(const struct item_column *c, const struct filter_node *node, uint8_t *marks, struct arena *arena)
{
	bool streams = filter_columns[node->field].scope == FILTER_STREAMS;
	const char *pattern;

	if (node->match == FILTER_RANGE && node->field == FILTER_RATING) {
		for (size_t i = 0; i < c->text_count; i++) {
			int age = rating_age(c->blob + c->starts[i]);

			marks[i] = age >= 0 && age >= node->low && age <= node->high;
		}
		return true;
	}
	if (!node->text || !*node->text || node->field == FILTER_ROOT || node->match == FILTER_RANGE)
		return false;
	if (node->match == FILTER_PATTERN) {
		pattern = filter_like(arena, node->text, true, false);
		for (size_t i = 0; i < c->text_count; i++)
			marks[i] = sqlite3_strlike(pattern, c->blob + c->starts[i], '\\') == 0;
		return true;
	}
	mark_found(c, node->text, node->match == FILTER_EXACT, marks, arena);
	if (streams && node->match == FILTER_EXACT)
		mark_found(c, filter_language(node->text), true, marks, arena);
	return true;
}

bool item_column_match(const struct item_column *c, const struct filter_node *node, uint64_t *bits, struct arena *arena)
{
	uint8_t *marks;

	if (node->match == FILTER_SOME) {
		for (size_t i = 0; i < c->count; i++)
			item_bit_set(bits, c->places[i]);
		return true;
	}
	if (c->numbers) {
		if (node->match != FILTER_RANGE)
			return false;
		for (size_t i = 0; i < c->count; i++)
			if (c->numbers[i] >= node->low && c->numbers[i] <= node->high)
				item_bit_set(bits, c->places[i]);
		return true;
	}
	if (!c->count)
		return node->field != FILTER_ROOT || node->match != FILTER_EXACT;
	marks = arena_alloc(arena, c->text_count + 1);
	if (!mark_texts(c, node, marks, arena))
		return false;
	for (size_t i = 0; i < c->count; i++)
		if (marks[c->texts[i]])
			item_bit_set(bits, c->places[i]);
	return true;
}
