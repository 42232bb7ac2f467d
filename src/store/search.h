/* search.h - what a search text means in SQL. Private to src/store; writing is in filing.h. */
#pragma once

#include "base/arena.h"

/* Words of a search, all of which must be found in any place of the text. Words of three characters and more go to
 * the trigram index, shorter ones are compared one by one. */
struct search_words {
	const char *match;	 /* FTS5 expression, or NULL: no word is long enough */
	const char *like[8];	 /* LIKE patterns with '\' as escape */
	int like_count;
};

void search_words(const char *text, struct arena *arena, struct search_words *ret);

/* Conditions on item_search, each begun with " AND "; bind match, then each like, in this order, as text. "" when there
 * are no words. */
const char *search_condition(const struct search_words *words, struct arena *arena);
