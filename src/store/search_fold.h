/* search_fold.h - texts as search compares them: words of small letters and digits without accents. Private
 * to src/store. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SEARCH_WORD_MAX 40 /* bytes; longer words are cut */

struct search_word {
	char text[SEARCH_WORD_MAX + 1];
	size_t len;
	bool joined; /* not in the text by itself: "spiderman" of "Spider-Man" */
};

/* Up to `max` words of a text, in order; how many. Apostrophes vanish, everything else that is no letter or
 * digit parts words. With `joins`, words that only punctuation parts follow joined as well. */
size_t search_fold(const char *text, bool joins, struct search_word *words, size_t max);
