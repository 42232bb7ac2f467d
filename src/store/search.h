/* search.h - what a search text means in SQL. Private to src/store; writing is in filing.h. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

/* Words of a search, all of which must be found in any place of the text. Words of three characters and more go to
 * the trigram index, shorter ones are compared one by one. */
struct search_words {
	const char *match;	 /* FTS5 expression, or NULL: no word is long enough */
	const char *like[8];	 /* LIKE patterns with '\' as escape */
	int like_count;
};

void search_words(const char *text, struct arena *arena, struct search_words *ret);

/* A condition on `column` (the item's id) with placeholders; bind match, then each like, in this order, as text.
 * Adds nothing when there are no words. */
void search_condition(struct buf *sql, const char *column, const struct search_words *words);
