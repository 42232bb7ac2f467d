/* filter.c - see filter.h. Recursive descent, bounded in depth, terms and bytes; linear in the length. */
#include "store/filter.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/filter_value.h"

struct parser {
	const char *text, *at;
	int64_t now_ms;
	struct arena *arena;
	struct err *err;
	size_t terms;
	int depth;
	uint64_t fields;
	bool hidden;
};

static const struct filter_node *any_of(struct parser *p);

/* ---- errors ---- */

static size_t place(const struct parser *p, const char *at)
{
	size_t n = 1;

	for (const char *c = p->text; c < at; c++)
		n += ((unsigned char)*c & 0xc0) != 0x80;
	return n;
}

__attribute__((format(printf, 3, 4))) static struct filter_node *fail(struct parser *p, const char *at,
								      const char *format, ...)
{
	char text[300];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	err_set(p->err, ERR_USAGE, "search, at character %zu: %s", place(p, at), text);
	return NULL;
}

static struct filter_node *node_new(struct parser *p, enum filter_op op, const char *at)
{
	struct filter_node *node = arena_alloc(p->arena, sizeof(*node));

	node->op = op;
	node->at = (size_t)(at - p->text);
	return node;
}

static void adopt(struct parser *p, struct filter_node *parent, const struct filter_node *child, size_t *cap)
{
	ARENA_GROW(p->arena, parent->children, parent->count, *cap);
	parent->children[parent->count++] = child;
}

/* ---- pieces ---- */

static void skip_spaces(struct parser *p)
{
	while (*p->at && isspace((unsigned char)*p->at))
		p->at++;
}

/* The text between quotes, in which \" and \\ stand for themselves; one that is not closed ends with the
 * text, since it is still being typed. */
static const char *quoted(struct parser *p)
{
	char *to = arena_alloc(p->arena, strlen(p->at) + 1);
	size_t n = 0;

	for (p->at++; *p->at && *p->at != '"'; p->at++) {
		if (*p->at == '\\' && (p->at[1] == '"' || p->at[1] == '\\'))
			p->at++;
		to[n++] = *p->at;
	}
	if (*p->at == '"')
		p->at++;
	to[n] = '\0';
	return to;
}

static bool ends_word(char c)
{
	return !c || isspace((unsigned char)c) || c == '(' || c == ')' || c == '"' || c == '|';
}

static size_t word_length(const char *at)
{
	size_t n = 0;

	while (!ends_word(at[n]))
		n++;
	return n;
}

/* FIELD: with a value right behind it; the length of the name, or 0. "Mission: Impossible" has no field. */
static size_t field_length(const char *at)
{
	size_t n = 0;

	while (isalpha((unsigned char)at[n]) || at[n] == '_')
		n++;
	return n && at[n] == ':' && at[n + 1] && !isspace((unsigned char)at[n + 1]) && at[n + 1] != ')' ? n
													: 0;
}

static bool is_operator(const char *at, const char *word)
{
	size_t len = strlen(word);

	return strncmp(at, word, len) == 0 && ends_word(at[len]);
}

/* ---- terms ---- */

/* One value, up to a comma or the end; commas within quotes belong to it. */
static const struct filter_node *one_value(struct parser *p, enum filter_field field, const char *begin)
{
	struct filter_node *node = node_new(p, FILTER_TERM, begin);
	const char *at = p->at;
	bool in_quotes = *at == '"' || (*at == '=' && at[1] == '"');
	const char *value;
	struct err why = { 0 };
	size_t n = 0;

	if (in_quotes) {
		p->at += *at == '=';
		value = quoted(p);
	} else {
		while (!ends_word(p->at[n]) && p->at[n] != ',')
			n++;
		value = arena_strndup(p->arena, p->at, n);
		p->at += n;
	}
	node->field = field;
	if (!*value && !in_quotes)
		return fail(p, at, "a value is wanted after '%s:'", filter_field_name(field));
	if (filter_value(node, value, in_quotes, p->now_ms, p->arena, &why) < 0)
		return fail(p, at, "%s", why.text);
	if (++p->terms > FILTER_MAX_TERMS)
		return fail(p, at, "more than %d terms", FILTER_MAX_TERMS);
	p->hidden |= node->match == FILTER_IN_STATE && node->low == FILTER_STATE_HIDDEN;
	return node;
}

static const struct filter_node *field_term(struct parser *p, size_t len)
{
	const char *begin = p->at;
	enum filter_field field = filter_field_find(begin, len);
	const char *near = filter_field_near(begin, len);
	const struct filter_node *first;
	struct filter_node *any;
	size_t cap = 0;

	if (field == FILTER_FIELD_COUNT && near)
		return fail(p, begin, "there is no field '%.*s'; did you mean '%s:'?",
			    (int)(len > 40 ? 40 : len), begin, near);
	if (field == FILTER_FIELD_COUNT)
		return fail(p, begin, "there is no field '%.*s'; put the words in quotes to look for them",
			    (int)(len > 40 ? 40 : len), begin);
	p->fields |= UINT64_C(1) << field;
	p->at += len + 1;
	first = one_value(p, field, begin);
	if (!first || *p->at != ',')
		return first;
	any = node_new(p, FILTER_ANY, begin);
	adopt(p, any, first, &cap);
	while (*p->at == ',') {
		p->at++;
		first = one_value(p, field, begin);
		if (!first)
			return NULL;
		adopt(p, any, first, &cap);
	}
	return any;
}

static const struct filter_node *word_term(struct parser *p)
{
	struct filter_node *node = node_new(p, FILTER_WORD, p->at);

	if (++p->terms > FILTER_MAX_TERMS)
		return fail(p, p->at, "more than %d terms", FILTER_MAX_TERMS);
	if (*p->at == '"') {
		node->text = quoted(p);
		return node;
	}
	node->text = arena_strndup(p->arena, p->at, word_length(p->at));
	p->at += word_length(p->at);
	return node;
}

static const struct filter_node *group(struct parser *p)
{
	const char *begin = p->at++;
	const struct filter_node *node = any_of(p);

	if (!node)
		return NULL;
	skip_spaces(p);
	if (*p->at != ')')
		return fail(p, begin, "this parenthesis is not closed");
	p->at++;
	return node;
}

static const struct filter_node *term(struct parser *p)
{
	const char *begin = p->at;
	const struct filter_node *child;
	struct filter_node *node;
	size_t cap = 0, len;
	bool negated =
		(*begin == '-' && begin[1] && !isspace((unsigned char)begin[1])) || is_operator(begin, "NOT");

	if (p->depth > FILTER_MAX_DEPTH)
		return fail(p, begin, "more than %d levels of parentheses and negations", FILTER_MAX_DEPTH);
	if (!negated && *begin == '(') {
		p->depth++;
		child = group(p);
		p->depth--;
		return child;
	}
	if (!negated) {
		len = field_length(begin);
		return len ? field_term(p, len) : word_term(p);
	}
	p->at += *begin == '-' ? 1 : 3;
	skip_spaces(p);
	if (!*p->at || *p->at == ')' || *p->at == '|')
		return fail(p, begin, "something is wanted after this");
	p->depth++;
	child = term(p);
	p->depth--;
	if (!child)
		return NULL;
	node = node_new(p, FILTER_NOT, begin);
	adopt(p, node, child, &cap);
	return node;
}

/* ---- lists ---- */

static bool is_words(const struct filter_node *all)
{
	return all->count && all->children[all->count - 1]->op == FILTER_WORD;
}

/* Small "or" is an operator beside a field or a parenthesis: "Truth or Dare" is a title. */
static bool small_or(const struct parser *p, const struct filter_node *before)
{
	const char *next = p->at + 2;

	if (!is_operator(p->at, "or") || !before->count)
		return false;
	while (isspace((unsigned char)*next))
		next++;
	if (!*next || *next == ')')
		return false;
	return !is_words(before) || *next == '(' || field_length(next + (*next == '-')) > 0;
}

static size_t or_length(const struct parser *p, const struct filter_node *before)
{
	if (*p->at == '|')
		return p->at[1] == '|' ? 2 : 1;
	return is_operator(p->at, "OR") || small_or(p, before) ? 2 : 0;
}

static struct filter_node *all_of(struct parser *p)
{
	struct filter_node *all = node_new(p, FILTER_ALL, p->at);
	const struct filter_node *child;
	size_t cap = 0;

	for (;;) {
		skip_spaces(p);
		if (!*p->at || *p->at == ')' || or_length(p, all))
			return all;
		if (is_operator(p->at, "AND")) {
			p->at += 3;
			continue;
		}
		child = term(p);
		if (!child)
			return NULL;
		adopt(p, all, child, &cap);
	}
}

/* One of one is itself. */
static const struct filter_node *plain(const struct filter_node *node)
{
	return node->op == FILTER_ALL && node->count == 1 ? node->children[0] : node;
}

static const struct filter_node *any_of(struct parser *p)
{
	struct filter_node *all = all_of(p), *any;
	size_t cap = 0, len;

	if (!all || !*p->at || *p->at == ')')
		return all ? plain(all) : NULL;
	any = node_new(p, FILTER_ANY, p->at);
	for (;;) {
		const char *at = p->at;

		if (!all->count)
			return fail(p, at, "something is wanted before and after 'OR'");
		adopt(p, any, plain(all), &cap);
		len = or_length(p, all);
		if (!len)
			return any;
		p->at += len;
		all = all_of(p);
		if (!all)
			return NULL;
	}
}

/* ---- the whole ---- */

static const struct filter_node *whole(struct parser *p)
{
	const struct filter_node *root = any_of(p);
	struct filter_node *all;
	size_t cap = 0;

	if (root && *p->at == ')')
		return fail(p, p->at, "there is no parenthesis that this one closes");
	if (!root || root->op == FILTER_ALL)
		return root;
	all = node_new(p, FILTER_ALL, p->text);
	adopt(p, all, root, &cap);
	return all;
}

int filter_parse(const char *text, int64_t now_ms, struct arena *arena, struct filter *ret, struct err *err)
{
	struct err why = { 0 };
	struct parser p = { .now_ms = now_ms, .arena = arena, .err = &why };
	struct filter filter = { 0 };
	const struct filter_node *root;
	size_t cap = 0;

	if (strlen(text ? text : "") > FILTER_MAX_BYTES)
		return err_set(err, ERR_TOO_LARGE, "search: longer than %d bytes", FILTER_MAX_BYTES);
	p.text = p.at = arena_strdup(arena, text ? text : "");
	root = whole(&p);
	if (!root)
		return err_set(err, why.code, "%s", why.text);
	filter.root = root;
	filter.fields = p.fields;
	filter.hidden = p.hidden;
	for (size_t i = 0; i < root->count; i++)
		if (root->children[i]->op == FILTER_WORD) {
			ARENA_GROW(arena, filter.words, filter.word_count, cap);
			filter.words[filter.word_count++] = root->children[i]->text;
		}
	*ret = filter;
	return 0;
}
