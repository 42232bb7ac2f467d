/* search.c - the search text of items: written here, found by words. */
#include "store/search.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "store/filing.h"

#define MAX_WORDS 16
#define MAX_SEARCH 400 /* bytes; more than anybody types */

int search_update(struct db *db, int64_t item_id, struct err *err)
{
	if (db_run(db, err, "DELETE FROM item_search WHERE rowid = ?", "i", item_id) < 0)
		return -(int)ERR_STORE;
	return db_run(db, err,
		      "INSERT INTO item_search (rowid, text) SELECT id, title || ifnull(' ' || year, '') || "
		      "CASE WHEN season IS NOT NULL AND episode IS NOT NULL "
		      "THEN printf(' S%02dE%02d', season, episode) ELSE '' END || "
		      "ifnull(' ' || air_date, '') || ifnull(' ' || episode_title, '') "
		      "FROM items WHERE id = ? AND hidden = 0 AND kind <> 'season'",
		      "i", item_id);
}

static size_t characters(const char *word, size_t len)
{
	size_t n = 0;

	while (len) {
		size_t bytes = utf8_char(word, len);

		word += bytes ? bytes : 1;
		len -= bytes ? bytes : 1;
		n++;
	}
	return n;
}

static const char *like_pattern(const char *word, size_t len, struct arena *arena)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	buf_addc(&b, '%');
	for (size_t i = 0; i < len; i++) {
		if (strchr("%_\\", word[i]))
			buf_addc(&b, '\\');
		buf_addc(&b, word[i]);
	}
	buf_addc(&b, '%');
	return arena_strdup(arena, buf_text(&b));
}

/* Each word is an FTS5 string: quotes doubled, so that no operator of the query language is in it. */
static void add_match(struct buf *match, const char *word, size_t len)
{
	if (match->len)
		buf_addc(match, ' ');
	buf_addc(match, '"');
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '"')
			buf_addc(match, '"');
		buf_addc(match, word[i]);
	}
	buf_addc(match, '"');
}

void search_words(const char *text, struct arena *arena, struct search_words *ret)
{
	CLEANUP(buf_free) struct buf match = { 0 };
	char clean[MAX_SEARCH];
	char *rest = utf8_clean(clean, sizeof(clean), text), *word;
	int words = 0;

	*ret = (struct search_words){ 0 };
	while ((word = strsep(&rest, " \t\r\n")) && words < MAX_WORDS) {
		size_t len = strlen(word);

		if (!len)
			continue;
		words++;
		if (characters(word, len) >= 3)
			add_match(&match, word, len);
		else if (ret->like_count < (int)ARRAY_LEN(ret->like))
			ret->like[ret->like_count++] = like_pattern(word, len, arena);
	}
	if (match.len)
		ret->match = arena_strdup(arena, buf_text(&match));
}

const char *search_condition(const struct search_words *words, struct arena *arena)
{
	CLEANUP(buf_free) struct buf sql = { 0 };

	if (words->match)
		buf_adds(&sql, " AND item_search MATCH ?");
	for (int i = 0; i < words->like_count; i++)
		buf_adds(&sql, " AND text LIKE ? ESCAPE '\\'");
	return arena_strdup(arena, buf_text(&sql));
}
