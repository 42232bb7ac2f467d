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
#include "store/item_query.h"
#include "store/rating.h"

/* Where a field's value is. */
enum scope {
	OF_ITEM,   /* an expression on i */
	INHERITED, /* a column of items: the item's own, or its parents' */
	OF_SHOW,
	OF_FILE, /* an expression on f, p and r: one of the item's files */
	LISTED,	 /* a row of a table with item_id */
	STREAMS, /* a language of one of the streams */
};

static const struct column {
	enum scope scope;
	const char *sql, *more; /* LISTED: the table and its column; STREAMS: the type */
} columns[FILTER_FIELD_COUNT] = {
	[FILTER_KIND] = { OF_ITEM, "i.kind", NULL },
	[FILTER_ID] = { OF_ITEM, "i.id", NULL },
	[FILTER_TITLE] = { OF_ITEM, "i.title", NULL },
	[FILTER_SHOW] = { OF_SHOW, "s.title", NULL },
	[FILTER_EPISODE_TITLE] = { OF_ITEM, "i.episode_title", NULL },
	[FILTER_YEAR] = { INHERITED, "year", NULL },
	[FILTER_SEASON] = { OF_ITEM, "i.season", NULL },
	[FILTER_EPISODE] = { OF_ITEM, "i.episode", NULL },
	[FILTER_AIRED] = { OF_ITEM, "i.air_date", NULL },
	[FILTER_DAYPART] = { INHERITED, "daypart", NULL },
	[FILTER_AIR_SEASON] = { INHERITED, "air_season", NULL },
	[FILTER_RATING] = { INHERITED, "rating", NULL },
	[FILTER_COMPANY] = { INHERITED, "company", NULL },
	[FILTER_CATEGORY] = { INHERITED, "category", NULL },
	[FILTER_AUDIENCE] = { INHERITED, "audience", NULL },
	[FILTER_WARNINGS] = { INHERITED, "warnings", NULL },
	[FILTER_NOTES] = { OF_ITEM, "i.notes", NULL },
	[FILTER_EXPIRES] = { INHERITED, "expires_ms", NULL },
	[FILTER_TAG] = { LISTED, "item_tags", "tag" },
	[FILTER_PERSON] = { LISTED, "item_people", "name" },
	[FILTER_SOURCE] = { OF_ITEM, "i.source", NULL },
	[FILTER_ADDED] = { OF_ITEM, "i.added_ms", NULL },
	[FILTER_CHANGED] = { OF_ITEM, "i.changed_ms", NULL },
	[FILTER_CHECKED] = { OF_FILE, "(SELECT v.checked_ms FROM validations v WHERE v.file_id = f.id)",
			     NULL },
	[FILTER_DURATION] = { OF_ITEM, "i.duration_ms", NULL },
	[FILTER_SIZE] = { OF_ITEM,
			  "(SELECT sum(f.size) FROM item_files x JOIN files f ON f.id = x.file_id WHERE "
			  "x.item_id = i.id)",
			  NULL },
	[FILTER_HEIGHT] = { OF_FILE, "p.height", NULL },
	[FILTER_WIDTH] = { OF_FILE, "p.width", NULL },
	[FILTER_FPS] = { OF_FILE, "(p.fps_num * 1000 / p.fps_den)", NULL },
	[FILTER_BITRATE] = { OF_FILE, "p.bit_rate", NULL },
	[FILTER_CHANNELS] = { OF_FILE, "p.audio_channels", NULL },
	[FILTER_CODEC] = { OF_FILE, "p.video_codec", "p.audio_codec" },
	[FILTER_VIDEO] = { OF_FILE, "p.video_codec", NULL },
	[FILTER_AUDIO] = { OF_FILE, "p.audio_codec", NULL },
	[FILTER_CONTAINER] = { OF_FILE, "p.container", NULL },
	[FILTER_LANG] = { STREAMS, "audio", NULL },
	[FILTER_SUBTITLES] = { STREAMS, "subtitle", NULL },
	[FILTER_ROOT] = { OF_FILE, "CAST(r.path AS TEXT)", NULL },
	[FILTER_PATH] = { OF_FILE, "CAST(r.path || '/' || f.path AS TEXT)", NULL },
};

#define OF_FILES "SELECT 1 FROM item_files x JOIN files f ON f.id = x.file_id WHERE x.item_id = i.id"

/* What few files are is looked for from the files, by the partial indexes; what most are from the item. */
#define BY_FILES "i.id IN (SELECT x.item_id FROM files f JOIN item_files x ON x.file_id = f.id WHERE "

static const char *const state_sql[FILTER_STATE_COUNT] = {
	[FILTER_STATE_MISSING] = "(" BY_FILES "f.state = 'missing') AND NOT EXISTS (" OF_FILES " AND f.state = 'present'))",
	[FILTER_STATE_UNKNOWN] = "(i.kind = 'other')",
	[FILTER_STATE_DUPLICATE] =
		"(" BY_FILES "f.state = 'present' AND f.sample_hash IN (SELECT sample_hash FROM files "
		"WHERE state = 'present' AND sample_hash IS NOT NULL GROUP BY sample_hash "
		"HAVING count(*) > 1 AND (min(inode) <> max(inode) OR min(dev) <> max(dev))) UNION ALL "
		"SELECT x.item_id FROM item_files x WHERE EXISTS (SELECT 1 FROM item_files y WHERE y.item_id = x.item_id "
		"AND y.file_id > x.file_id AND y.part = x.part)))",
	[FILTER_STATE_HIDDEN] = "(i.hidden <> 0)",
	[FILTER_STATE_UNPROBED] = "(" BY_FILES "f.state = 'present' AND f.media_state = 'new'))",
	[FILTER_STATE_FAILED] = "(" BY_FILES "f.state = 'present' AND f.media_state = 'failed'))",
	[FILTER_STATE_INVALID] = "(i.id IN (SELECT x.item_id FROM validations v JOIN item_files x ON x.file_id = v.file_id "
				 "WHERE v.result = 'failed'))",
	[FILTER_STATE_UNCHECKED] =
		"(EXISTS (" OF_FILES " AND f.state = 'present' AND NOT EXISTS (SELECT 1 FROM "
		"validations v WHERE v.file_id = f.id)))",
	[FILTER_STATE_EXPIRED] = "(i.expires_ms <= ?)",
	[FILTER_STATE_INTERLACED] =
		"(EXISTS (SELECT 1 FROM item_files x JOIN probes p ON p.file_id = x.file_id "
		"WHERE x.item_id = i.id AND p.interlaced <> 0))",
	[FILTER_STATE_MANUAL] = "(i.source = 'manual')",
	[FILTER_STATE_PLAYABLE] = "(EXISTS (" OF_FILES " AND f.state = 'present' AND f.media_state = 'ok'))",
};

/* ---- values ---- */

/* A pattern of LIKE with '\' as escape: `wild` lets * stand for anything, `around` lets anything be on both
 * sides. */
static const char *like_pattern(struct item_condition *c, const char *text, bool wild, bool around)
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
	return arena_strdup(c->arena, buf_text(&b));
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
				    like_pattern(c, node->text, node->match == FILTER_PATTERN,
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
	const char *path = columns[FILTER_ROOT].sql;

	buf_adds(&c->sql, "(");
	add_test(c, node, path);
	if (node->match == FILTER_EXACT) {
		buf_addf(&c->sql, " OR CAST(r.id AS TEXT) = ? OR %s LIKE ? ESCAPE '\\'", path);
		item_condition_text(c, 't', node->text);
		item_condition_text(
			c, 't', arena_printf(c->arena, "%%/%s", like_pattern(c, node->text, false, false)));
	}
	buf_adds(&c->sql, ")");
}

/* By what the probe says: from its indexes, or along the narrow one. */
static void add_of_probe(struct item_condition *c, const struct filter_node *node, const struct column *column)
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
	const struct column *column = &columns[node->field];
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
	const struct column *column = &columns[node->field];

	buf_addf(&c->sql, "(i.id IN (WITH l AS MATERIALIZED (SELECT item_id AS id FROM %s WHERE ", column->sql);
	add_test(c, node, column->more);
	buf_adds(&c->sql, ") SELECT id FROM l UNION ALL SELECT a.id FROM l JOIN items a ON a.parent_id = l.id UNION ALL "
			  "SELECT b.id FROM l JOIN items a ON a.parent_id = l.id JOIN items b ON b.parent_id = a.id))");
}

/* Files say "eng", people "en". */
static const char *long_language(const char *code)
{
	static const char *const codes[][2] = {
		{ "en", "eng" }, { "de", "ger" }, { "fr", "fre" }, { "es", "spa" }, { "it", "ita" },
		{ "ja", "jpn" }, { "ko", "kor" }, { "zh", "chi" }, { "ru", "rus" }, { "pt", "por" },
		{ "nl", "dut" }, { "sv", "swe" }, { "no", "nor" }, { "da", "dan" }, { "fi", "fin" },
		{ "pl", "pol" }, { "cs", "cze" }, { "hu", "hun" }, { "tr", "tur" }, { "el", "gre" },
		{ "he", "heb" }, { "ar", "ara" }, { "hi", "hin" }, { "uk", "ukr" }, { "ro", "rum" },
		{ "th", "tha" }, { "vi", "vie" },
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcasecmp(codes[i][0], code) == 0)
			return codes[i][1];
	return code;
}

static void add_streams(struct item_condition *c, const struct filter_node *node)
{
	struct filter_node wanted = *node;

	if (node->match == FILTER_EXACT)
		wanted.text = long_language(node->text);
	buf_addf(&c->sql,
		 "(EXISTS (SELECT 1 FROM item_files x JOIN probes p ON p.file_id = x.file_id, "
		 "json_each(p.streams) s "
		 "WHERE x.item_id = i.id AND s.value ->> '$.type' = '%s' AND (",
		 columns[node->field].sql);
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
	const struct column *column = &columns[node->field];

	switch (column->scope) {
	case OF_ITEM:
		add_test(c, node, column->sql);
		break;
	case INHERITED:
		add_inherited(c, node, column->sql);
		break;
	case OF_SHOW:
		add_of_show(c, node);
		break;
	case OF_FILE:
		add_of_file(c, node);
		break;
	case LISTED:
		add_listed(c, node);
		break;
	case STREAMS:
		add_streams(c, node);
		break;
	}
}

static void add_state(struct item_condition *c, int64_t state)
{
	buf_adds(&c->sql, state_sql[state]);
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
		buf_adds(&c->sql, "(EXISTS (" OF_FILES "))");
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
		buf_adds(&c->sql, "(NOT ");
		add_scope(c, &some);
		buf_adds(&c->sql, ")");
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

	if (c->filter.hidden) {
		buf_adds(&c->sql, "(i.title || ifnull(' ' || i.episode_title, '') LIKE ? ESCAPE '\\')");
	} else if (characters(word) >= 3) {
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
		return;
	} else {
		buf_adds(&c->sql,
			 "(i.id IN (SELECT id FROM item_search_content WHERE c0 LIKE ? ESCAPE '\\'))");
	}
	item_condition_text(c, 't', like_pattern(c, word, false, true));
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
