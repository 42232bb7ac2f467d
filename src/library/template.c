/* template.c - see template.h. A recursive descent over the text into a list of nodes; rendering walks it once.
 *
 * '/' inside a value never makes a folder: it is replaced before the parts of the path are split. */
#include "library/template.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"

#define MAX_DEPTH 8
#define MAX_WIDTH 200
#define MAX_PATH 4000

enum node_type { NODE_TEXT, NODE_FIELD, NODE_GROUP };

struct format {
	char fill[5]; /* one UTF-8 character */
	char align;   /* < > ^ = or 0 */
	char type;    /* d x X s or 0 */
	bool zero;
	int width, precision; /* -1: none */
};

struct node {
	enum node_type type;
	const char *text;
	enum template_field field;
	char conversion; /* s u l d or 0 */
	struct format format;
	struct node *inside; /* of a group: its first alternative */
	struct node *other;  /* of the first node of an alternative: the next alternative */
	struct node *next;
};

struct template {
	struct node *first;
};

struct parser {
	const char *start, *at;
	struct arena *arena;
	int depth;
};

static const struct {
	const char *name;
	bool number;
	const char *help;
} fields[] = {
#define X(id, text, number, help) { text, number, help },
	TEMPLATE_FIELDS(X)
#undef X
};

const char *template_field_name(enum template_field field)
{
	return fields[field].name;
}

const char *template_field_help(enum template_field field)
{
	return fields[field].help;
}

void template_values_init(struct template_values *values)
{
	for (int i = 0; i < TEMPLATE_FIELD_COUNT; i++) {
		values->text[i] = NULL;
		values->number[i] = -1;
	}
}

/* ---- parsing ---- */

static int fail(const struct parser *p, struct err *err, const char *what)
{
	return err_set(err, ERR_USAGE, "template, at character %d of '%.200s': %s", (int)(p->at - p->start) + 1, p->start,
		       what);
}

static struct node *new_node(struct parser *p, enum node_type type)
{
	struct node *node = arena_alloc(p->arena, sizeof(*node));

	node->type = type;
	return node;
}

/* A whole number of at most three digits; -1: none. */
static int small_number(struct parser *p)
{
	int n = 0, digits = 0;

	for (; isdigit((unsigned char)*p->at) && digits < 3; digits++)
		n = n * 10 + (*p->at++ - '0');
	return digits ? n : -1;
}

static int parse_format(struct parser *p, struct node *node, struct err *err)
{
	struct format *f = &node->format;
	size_t len = utf8_char(p->at, strlen(p->at));

	if (len && p->at[len] && strchr("<>^=", p->at[len])) {
		memcpy(f->fill, p->at, len);
		f->align = p->at[len];
		p->at += len + 1;
	} else if (*p->at && strchr("<>^=", *p->at)) {
		f->align = *p->at++;
	}
	if (*p->at == '0') {
		f->zero = true;
		p->at++;
	}
	f->width = small_number(p);
	if (*p->at == '.') {
		p->at++;
		f->precision = small_number(p);
		if (f->precision < 0)
			return fail(p, err, "a number must follow the '.'");
	}
	if (*p->at && strchr("dxXs", *p->at))
		f->type = *p->at++;
	if (f->width > MAX_WIDTH || f->precision > MAX_WIDTH)
		return fail(p, err, "that is too wide");
	if (fields[node->field].number && (f->type == 's' || f->precision >= 0))
		return fail(p, err, "this field is a number; formats like 02d fit it");
	if (!fields[node->field].number && (f->zero || f->align == '=' || (f->type && f->type != 's')))
		return fail(p, err, "this field is a text; formats like .20 and >10 fit it");
	return 0;
}

static int find_field(struct parser *p, struct node *node, struct err *err)
{
	size_t len = strspn(p->at, "abcdefghijklmnopqrstuvwxyz_");

	for (int i = 0; i < TEMPLATE_FIELD_COUNT; i++)
		if (strlen(fields[i].name) == len && memcmp(fields[i].name, p->at, len) == 0) {
			node->field = (enum template_field)i;
			p->at += len;
			return 0;
		}
	return fail(p, err, "there is no such field; 'matinee organize --fields' lists them");
}

static int parse_field(struct parser *p, struct node **ret, struct err *err)
{
	struct node *node = new_node(p, NODE_FIELD);

	p->at++;
	node->format.width = node->format.precision = -1;
	if (find_field(p, node, err) < 0)
		return -(int)ERR_USAGE;
	if (*p->at == '!') {
		p->at++;
		if (!*p->at || !strchr("suld", *p->at))
			return fail(p, err, "a conversion is !s, !u, !l or !d");
		node->conversion = *p->at++;
	}
	if (*p->at == ':') {
		p->at++;
		if (parse_format(p, node, err) < 0)
			return -(int)ERR_USAGE;
	}
	if (*p->at != '}')
		return fail(p, err, "a field ends with '}'");
	p->at++;
	*ret = node;
	return 0;
}

static int parse_nodes(struct parser *p, struct node **ret, struct err *err);

static int parse_group(struct parser *p, struct node **ret, struct err *err)
{
	struct node *group = new_node(p, NODE_GROUP);
	struct node **to = &group->inside;

	if (++p->depth > MAX_DEPTH)
		return fail(p, err, "groups lie too deep");
	do {
		struct node *head = new_node(p, NODE_TEXT); /* also an empty alternative has a node */

		head->text = "";
		p->at++;
		if (parse_nodes(p, &head->next, err) < 0)
			return -(int)ERR_USAGE;
		*to = head;
		to = &head->other;
	} while (*p->at == '|');
	if (*p->at != '>')
		return fail(p, err, "a group ends with '>'");
	p->at++;
	p->depth--;
	*ret = group;
	return 0;
}

/* A doubled character stands for itself; inside a group only braces do, so that groups can end together. */
static bool is_doubled(const struct parser *p)
{
	return p->at[0] == p->at[1] && (!p->depth || *p->at == '{' || *p->at == '}');
}

/* Plain characters up to the next that means something. */
static int parse_text(struct parser *p, struct node **ret, struct err *err)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct node *node;

	for (; *p->at; p->at++) {
		if (strchr("{}<>|", *p->at)) {
			if (!is_doubled(p)) {
				if (*p->at == '}')
					return fail(p, err, "a '}' alone is written '}}'");
				break;
			}
			p->at++;
		}
		buf_addc(&text, *p->at);
	}
	node = new_node(p, NODE_TEXT);
	node->text = arena_strdup(p->arena, buf_text(&text));
	*ret = node;
	return 0;
}

static int parse_nodes(struct parser *p, struct node **ret, struct err *err)
{
	struct node **to = ret;

	*to = NULL;
	while (*p->at) {
		bool doubled = is_doubled(p);
		int rc;

		if ((*p->at == '>' || *p->at == '|') && !doubled) {
			if (p->depth)
				return 0;
			return fail(p, err, *p->at == '>' ? "a '>' alone is written '>>'" : "a '|' alone is written '||'");
		}
		if (*p->at == '{' && !doubled)
			rc = parse_field(p, to, err);
		else if (*p->at == '<' && !doubled)
			rc = parse_group(p, to, err);
		else
			rc = parse_text(p, to, err);
		if (rc < 0)
			return rc;
		to = &(*to)->next;
	}
	return 0;
}

const struct template *template_parse(const char *text, struct arena *arena, struct err *err)
{
	struct parser p = { .start = text, .at = text, .arena = arena };
	struct template *t = arena_alloc(arena, sizeof(*t));

	if (!*text || strlen(text) > TEMPLATE_MAX_BYTES) {
		err_set(err, ERR_USAGE, "a template has 1 to %d bytes", TEMPLATE_MAX_BYTES);
		return NULL;
	}
	if (*text == '/') {
		err_set(err, ERR_USAGE, "a template begins below its folder and not with '/'; --to says which folder");
		return NULL;
	}
	return parse_nodes(&p, &t->first, err) < 0 ? NULL : t;
}

/* ---- rendering ---- */

static size_t characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

/* "Mr. Show: A Day" becomes "Mr.Show.A.Day". */
static void add_dotted(struct buf *to, const char *text)
{
	size_t start = to->len;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (strchr("'\"?!:;,*<>|\\", c))
			continue;
		if (c == ' ' || c == '.' || c == '_') {
			if (to->len > start && to->data[to->len - 1] != '.')
				buf_addc(to, '.');
		} else {
			buf_addc(to, (char)c);
		}
	}
	while (to->len > start && to->data[to->len - 1] == '.')
		to->data[--to->len] = '\0';
}

static void add_converted(struct buf *to, const char *text, char conversion)
{
	size_t start = to->len;

	if (conversion == 'd')
		add_dotted(to, text);
	else
		buf_adds(to, text);
	for (size_t i = start; i < to->len; i++) {
		unsigned char c = (unsigned char)to->data[i];

		if (conversion == 'u' && c < 0x80)
			to->data[i] = (char)toupper(c);
		else if (conversion == 'l' && c < 0x80)
			to->data[i] = (char)tolower(c);
		if (to->data[i] == '/')
			to->data[i] = '-'; /* a value makes no folder */
	}
}

static void add_fill(struct buf *to, const struct format *f, size_t count, const char *fallback)
{
	while (count--)
		buf_adds(to, *f->fill ? f->fill : fallback);
}

static void add_padded(struct buf *to, const struct format *f, const char *text, bool number)
{
	size_t len = characters(text), width = f->width > 0 ? (size_t)f->width : 0;
	size_t pad = width > len ? width - len : 0;
	char align = f->align ? f->align : number ? '>' : '<';
	const char *fill = f->zero ? "0" : " ";
	size_t before = align == '^' ? pad / 2 : align == '<' ? 0 : pad;

	add_fill(to, f, before, fill);
	buf_adds(to, text);
	add_fill(to, f, pad - before, fill);
}

static void add_field(struct buf *to, const struct node *node, const struct template_values *values)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	const struct format *f = &node->format;

	if (fields[node->field].number) {
		long long n = values->number[node->field];

		buf_addf(&text, f->type == 'x' ? "%llx" : f->type == 'X' ? "%llX" : "%lld", n);
	} else {
		add_converted(&text, values->text[node->field], node->conversion);
	}
	if (f->precision >= 0 && text.data) {
		size_t at = 0;

		for (int n = 0; n < f->precision && text.data[at]; n++) {
			size_t len = utf8_char(text.data + at, text.len - at);

			at += len ? len : 1;
		}
		text.data[at] = '\0';
	}
	add_padded(to, f, buf_text(&text), fields[node->field].number);
}

static bool is_missing(const struct node *node, const struct template_values *values)
{
	if (fields[node->field].number)
		return values->number[node->field] < 0;
	return !values->text[node->field] || !*values->text[node->field];
}

/* NULL, or the first field that is missing; what was added so far is then to be dropped. */
static const struct node *add_nodes(struct buf *to, const struct node *node, const struct template_values *values)
{
	for (; node; node = node->next) {
		if (node->type == NODE_TEXT) {
			buf_adds(to, node->text);
		} else if (node->type == NODE_FIELD) {
			if (is_missing(node, values))
				return node;
			add_field(to, node, values);
		} else {
			size_t start = to->len;

			for (const struct node *way = node->inside; way; way = way->other) {
				if (!add_nodes(to, way, values))
					break;
				to->len = start;
				to->data[start] = '\0';
			}
		}
	}
	return NULL;
}

static bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && memcmp(text + a - b, end, b) == 0;
}

/* Each part of the path made safe; empty parts (of groups left out) are dropped. */
static const char *join_parts(struct buf *raw, const char *ext, const struct template_limits *limits,
			      struct arena *arena)
{
	CLEANUP(buf_free) struct buf path = { 0 };
	char *part = raw->data, *slash;

	for (; part; part = slash ? slash + 1 : NULL) {
		slash = strchr(part, '/');
		if (slash)
			*slash = '\0';
		if (!*part && slash)
			continue;
		if (path.len)
			buf_addc(&path, '/');
		if (slash)
			buf_adds(&path, safe_name(part, 0, limits->rules, SAFE_NAME_MAX, arena));
		else
			buf_adds(&path, safe_name(part, strlen(ext), limits->rules, SAFE_NAME_MAX - limits->reserve,
						  arena));
	}
	return arena_strdup(arena, buf_text(&path));
}

int template_render(const struct template *t, const struct template_values *values,
		    const struct template_limits *limits, struct arena *arena, const char **ret, struct err *err)
{
	CLEANUP(buf_free) struct buf raw = { 0 };
	const char *ext = values->text[TEMPLATE_EXT] && !strchr(values->text[TEMPLATE_EXT], '/') ?
				  values->text[TEMPLATE_EXT] :
				  "";
	const struct node *missing;
	const char *path;

	buf_reserve(&raw, 1);
	missing = add_nodes(&raw, t->first, values);
	if (missing)
		return err_set(err, ERR_INVALID, "it has no '%s'", fields[missing->field].name);
	if (!ends_with(buf_text(&raw), ext))
		buf_adds(&raw, ext);
	path = join_parts(&raw, ext, limits, arena);
	if (strlen(path) > MAX_PATH)
		return err_set(err, ERR_TOO_LARGE, "the new path would be longer than %d bytes", MAX_PATH);
	*ret = path;
	return 0;
}

/* ---- presets ---- */

#define NUMBER(s, e) s "{season:02d}" e "{episode:02d}<-" e "{episode_last:02d}>"
#define EPISODE_NUMBER(s, e) "<" NUMBER(s, e) "|{air_date}|{absolute:03d}>"
#define SEASON "<Season {season:02d}/>"

static const struct preset {
	const char *name, *episode, *movie;
} presets[] = {
	/* seed P, to the letter; it files episodes only */
	{ "perpetual", "{show!d}/{show!d}." NUMBER("S", "E") "<.{title!d}>{ext}", NULL },
	/* support.plex.tv, "Naming and organizing your TV show files", "... your movie files" */
	{ "plex",
	  "{show}< ({show_year})>/" SEASON "{show}< ({show_year})> - " EPISODE_NUMBER("s", "e") "< - {title}>{ext}",
	  "{title}< ({year})>/{title}< ({year})>< {{edition-{edition}}}>< - pt{part}>{ext}" },
	/* jellyfin.org/docs/general/server/media/shows and movies */
	{ "jellyfin",
	  "{show}< ({show_year})>/" SEASON "{show}< ({show_year})> " EPISODE_NUMBER("S", "E") "< {title}>{ext}",
	  "{title}< ({year})>/{title}< ({year})>< - {edition}>< -part{part}>{ext}" },
	/* kodi.wiki, "Naming video files" */
	{ "kodi", "{show}< ({show_year})>/" SEASON "{show} " EPISODE_NUMBER("S", "E") "< - {title}>{ext}",
	  "{title}< ({year})>/{title}< ({year})>< - {edition}><.cd{part}>{ext}" },
};

const char *template_preset(const char *preset, const char *kind, bool *ret_known)
{
	*ret_known = false;
	for (size_t i = 0; i < ARRAY_LEN(presets); i++) {
		if (strcmp(presets[i].name, preset) != 0)
			continue;
		*ret_known = true;
		if (strcmp(kind, "episode") == 0)
			return presets[i].episode;
		if (strcmp(kind, "movie") == 0)
			return presets[i].movie;
		return NULL;
	}
	return NULL;
}
