/* filter_field.c - the table of fields of filters, and trees as text; see filter.h and filter_value.h. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/filter_value.h"

static const struct field {
	const char *name, *other;
	enum filter_type type;
} fields[FILTER_FIELD_COUNT] = {
#define X(id, name, other, type) [FILTER_##id] = { name, other, FILTER_TYPE_##type },
	FILTER_FIELDS(X)
#undef X
};

static const char *const states[] = {
#define X(id, name) name,
	FILTER_STATES(X)
#undef X
};

static const char *const others[] = { "chapters", "breaks", "files" };

static bool is_name(const char *name, const char *text, size_t len)
{
	return name && strncasecmp(name, text, len) == 0 && !name[len];
}

enum filter_field filter_field_find(const char *name, size_t len)
{
	int i = 0;

	while (i < FILTER_FIELD_COUNT && !is_name(fields[i].name, name, len) &&
	       !is_name(fields[i].other, name, len))
		i++;
	return (enum filter_field)i;
}

enum filter_type filter_field_type(enum filter_field field)
{
	return fields[field].type;
}

bool filter_takes_text(const char *name, size_t len)
{
	enum filter_field field = filter_field_find(name, len);

	return field != FILTER_FIELD_COUNT &&
	       (fields[field].type == FILTER_TYPE_TEXT || fields[field].type == FILTER_TYPE_CODE ||
		fields[field].type == FILTER_TYPE_ROOT);
}

const char *filter_field_name(enum filter_field field)
{
	return fields[field].name;
}

/* Edits between two short words, transpositions as one. */
static int edits(const char *a, size_t n, const char *b, size_t m)
{
	int rows[3][24];

	if (n > 20 || m > 20)
		return 99;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

		row[0] = (int)i;
		for (size_t j = 1; j <= m; j++) {
			bool same = tolower((unsigned char)a[i - 1]) == b[j - 1];
			int best = above[j - 1] + !same;

			best = above[j] + 1 < best ? above[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			if (i > 1 && j > 1 && tolower((unsigned char)a[i - 2]) == b[j - 1] &&
			    tolower((unsigned char)a[i - 1]) == b[j - 2] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[n % 3][m];
}

const char *filter_field_near(const char *name, size_t len)
{
	const char *near = NULL;
	int best = len > 4 ? 3 : 2; /* less than that */

	for (int i = 0; i < FILTER_FIELD_COUNT; i++) {
		int distance = edits(name, len, fields[i].name, strlen(fields[i].name));

		if (distance < best) {
			best = distance;
			near = fields[i].name;
		}
	}
	return near;
}

/* ---- is: and has: ---- */

static int find_state(struct filter_node *node, const char *value, struct err *err)
{
	CLEANUP(buf_free) struct buf list = { 0 };

	node->match = FILTER_IN_STATE;
	for (int i = 0; i < FILTER_STATE_COUNT; i++) {
		if (strcasecmp(states[i], value) == 0) {
			node->low = i;
			return 0;
		}
		buf_addf(&list, "%s%s", i ? ", " : "", states[i]);
	}
	return err_set(err, ERR_USAGE, "'is:' takes no '%.40s', but %s", value, buf_text(&list));
}

static int find_has(struct filter_node *node, const char *value, struct err *err)
{
	enum filter_field field = filter_field_find(value, strlen(value));

	node->match = FILTER_HAS_IT;
	for (int i = 0; i < (int)ARRAY_LEN(others); i++)
		if (strcasecmp(others[i], value) == 0) {
			node->low = FILTER_HAS_CHAPTERS + i;
			return 0;
		}
	if (field == FILTER_FIELD_COUNT || field == FILTER_IS || field == FILTER_HAS)
		return err_set(err, ERR_USAGE,
			       "'has:' takes no '%.40s', but a field, chapters, breaks or files", value);
	node->low = (int64_t)field;
	return 0;
}

int filter_word_value(struct filter_node *node, const char *value, struct err *err)
{
	return filter_field_type(node->field) == FILTER_TYPE_IS ? find_state(node, value, err)
								: find_has(node, value, err);
}

/* ---- as text ---- */

static void add_quoted(struct buf *to, const char *text)
{
	buf_addc(to, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(to, '\\');
		buf_addc(to, *text);
	}
	buf_addc(to, '"');
}

/* The ends of a range as they stand in the tree, marked with '#': only filter_value() reads them so. */
static void add_term(struct buf *to, const struct filter_node *node)
{
	buf_addf(to, "%s:", fields[node->field].name);
	switch (node->match) {
	case FILTER_EXACT:
		add_quoted(to, node->text);
		break;
	case FILTER_CONTAINS:
	case FILTER_PATTERN:
		buf_adds(to, node->text);
		break;
	case FILTER_RANGE:
		buf_addf(to, "#%lld..%lld", (long long)node->low, (long long)node->high);
		break;
	case FILTER_NONE:
	case FILTER_SOME:
		buf_adds(to, node->match == FILTER_NONE ? "none" : "any");
		break;
	case FILTER_IN_STATE:
		buf_adds(to, states[node->low]);
		break;
	case FILTER_HAS_IT:
		buf_adds(to, node->low >= FILTER_HAS_CHAPTERS ? others[node->low - FILTER_HAS_CHAPTERS]
							      : fields[node->low].name);
		break;
	}
}

static void add_node(struct buf *to, const struct filter_node *node)
{
	if (node->op == FILTER_WORD) {
		add_quoted(to, node->text);
		return;
	}
	if (node->op == FILTER_TERM) {
		add_term(to, node);
		return;
	}
	buf_adds(to, node->op == FILTER_NOT ? "NOT " : "(");
	for (size_t i = 0; i < node->count; i++) {
		if (i)
			buf_adds(to, node->op == FILTER_ANY ? " OR " : " ");
		add_node(to, node->children[i]);
	}
	if (node->op != FILTER_NOT)
		buf_addc(to, ')');
}

const char *filter_format(const struct filter *filter, struct arena *arena)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	for (size_t i = 0; i < filter->root->count; i++) {
		if (i)
			buf_addc(&text, ' ');
		add_node(&text, filter->root->children[i]);
	}
	return arena_strdup(arena, buf_text(&text));
}
