/* search_index.h - what is searched, in memory: every visible item as a list of words, words kept once.
 *
 * A store has one for all its readers. It is brought up to date when it is asked, by the stamps of
 * search_changes: what is committed is found by the next search. 100,000 items take some 12 MB and are read
 * in a fraction of a second, once.
 *
 * Private to src/store; how items are ranked: search_rank.c. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "store/db.h"

struct search_entry {
	int64_t id;
	uint64_t initials;   /* of the title's words, up to 8, the first in the highest byte */
	uint64_t rest;	     /* the same without "the", "a" or "an" at the beginning */
	uint32_t words, key; /* places in words[] and text[] */
	uint16_t count;	     /* words */
	uint16_t title;	     /* so many of them are the title's; joined ones come after them all */
	uint8_t title_plain; /* words of the title that are written there */
	uint8_t kind;	     /* in kinds[] */
	bool live;
};

struct search_term {
	uint64_t letters; /* which it has, see search_letters() */
	uint32_t at;	  /* in text[] */
	uint8_t len;
};

struct search_index {
	pthread_rwlock_t lock;
	int64_t stamp;
	struct search_entry *entries; /* by id */
	size_t count, entries_cap;
	uint32_t *words; /* numbers of terms */
	size_t word_count, words_cap;
	struct search_term *terms;
	size_t term_count, terms_cap;
	uint32_t *slots; /* hash table: number of a term + 1 */
	size_t slot_count;
	char *text; /* terms and sort keys */
	size_t text_len, text_cap;
	char kinds[32][16];
	size_t kind_count;
	size_t wasted; /* words of entries that were replaced */
};

struct search_index *search_index_new(void);
void search_index_free(struct search_index *index); /* NULL is fine */

/* Reads what has changed. Takes the lock by itself. */
int search_index_refresh(struct search_index *index, struct db *db, struct err *err);

/* One bit for each letter and digit, one for all else. */
uint64_t search_letters(const char *text, size_t len);
/* Number of a term, or -1. */
int64_t search_index_term(const struct search_index *index, const char *text, size_t len);

struct search_hit {
	int64_t id;
	const char *key;
	int score;
};
struct search_hits {
	struct search_hit *hits; /* the best first, or by title */
	size_t count, total;
	bool fuzzy; /* no item has all the words: these are like them */
};

/* The best `want` items (0: all) that have all words; kind NULL for any. Without `ranked` they come by title.
 * The last word may be unfinished. False: the words have no letter or digit in them. */
bool search_find(struct search_index *index, const char *const *words, size_t count, const char *kind,
		 bool ranked, size_t want, struct arena *arena, struct search_hits *ret);
