/* search_rank.c - the items that have all words of a search, the best first; see search_index.h.
 *
 * 1. Each word asked for is looked for in the list of all terms: the whole term, its beginning, inside it.
 * That is a score for each (word, term).
 * 2. One pass over the items: those that have a term for every word, or whose title begins with these
 * initials.
 * 3. Of these each gets the sum of its words' best scores, and something for order, title and kind.
 *
 * If nothing is found, the first step is done again with terms that are spelt like the words, and words that
 * are written together or apart. Not here: terms and items (search_index.c), conditions (filter_sql.c). */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "store/search_fold.h"
#include "store/search_index.h"

#define MAX_WORDS 16

enum score { WHOLE = 100, BEGINS = 70, INSIDE = 40, INITIALS = 95, ALIKE = 60, OUTSIDE_TITLE = 15 };

struct asked {
	struct search_word word;
	bool follows;		 /* right after the word before, in quotes */
	uint64_t initials, mask; /* packed as in the entries; which of their bytes count */
	uint64_t letters;
	uint8_t *scores; /* of each term */
	size_t terms;	 /* that have one */
};

struct search {
	const struct search_index *index;
	struct asked asked[MAX_WORDS];
	size_t count;
	uint16_t *hits; /* of each term: bit of each word that it has a score for */
	struct arena scratch;
};

/* ---- what is asked ---- */

static void pack_initials(struct asked *a)
{
	a->mask = 0;
	a->initials = 0;
	if (a->word.len < 2 || a->word.len > 8)
		return;
	for (size_t i = 0; i < a->word.len; i++) {
		a->initials |= (uint64_t)(unsigned char)a->word.text[i] << (56 - 8 * i);
		a->mask |= UINT64_C(255) << (56 - 8 * i);
	}
	if (a->word.len == 2) /* of two letters only the whole of a title's initials */
		a->mask = UINT64_MAX;
}

static void add_asked(struct search *s, const struct search_word *word, bool follows)
{
	struct asked *a;

	if (s->count == MAX_WORDS)
		return;
	a = &s->asked[s->count++];
	*a = (struct asked) { .word = *word,
			      .follows = follows,
			      .letters = search_letters(word->text, word->len) };
	pack_initials(a);
}

static void take_words(struct search *s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct search_word parts[MAX_WORDS];
		size_t n = search_fold(words[i], false, parts, MAX_WORDS);
		bool phrase = strpbrk(words[i], " \t") != NULL;

		for (size_t j = 0; j < n; j++)
			add_asked(s, &parts[j], phrase && j > 0);
	}
}

/* ---- words and terms ---- */

static void set_score(struct search *s, size_t word, size_t term, int score)
{
	struct asked *a = &s->asked[word];

	if (!a->scores[term])
		a->terms++;
	if (score > a->scores[term])
		a->scores[term] = (uint8_t)score;
	s->hits[term] |= (uint16_t)(1U << word);
}

static void exact_terms(struct search *s, size_t word)
{
	const struct search_index *index = s->index;
	struct asked *a = &s->asked[word];
	size_t len = a->word.len;

	for (size_t i = 0; i < index->term_count; i++) {
		const struct search_term *term = &index->terms[i];
		const char *text = index->text + term->at;

		if ((term->letters & a->letters) != a->letters || term->len < len)
			continue;
		if (memcmp(text, a->word.text, len) == 0)
			set_score(s, word, i,
				  term->len == len ? WHOLE : BEGINS + (int)(len * 20 / term->len));
		else if (term->len > len && memmem(text + 1, term->len - 1U, a->word.text, len))
			set_score(s, word, i, INSIDE + (int)(len * 10 / term->len));
	}
}

/* Edits that make the word the term, or its beginning when the word may be unfinished; transpositions are
 * one. More than `most`: most + 1. Rows of the table that cannot get better end it. */
static int distance(const struct search_word *word, const char *text, size_t len, int most, bool begins)
{
	int rows[3][SEARCH_WORD_MAX + 2];
	size_t n = word->len;
	int best;

	for (size_t j = 0; j <= len; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= n; i++) {
		int *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3],
		    least = row[0] = (int)i;

		for (size_t j = 1; j <= len; j++) {
			int cost = above[j - 1] + (word->text[i - 1] != text[j - 1]);

			cost = above[j] + 1 < cost ? above[j] + 1 : cost;
			cost = row[j - 1] + 1 < cost ? row[j - 1] + 1 : cost;
			if (i > 1 && j > 1 && word->text[i - 2] == text[j - 1] &&
			    word->text[i - 1] == text[j - 2] && before[j - 2] + 1 < cost)
				cost = before[j - 2] + 1;
			row[j] = cost;
			least = cost < least ? cost : least;
		}
		if (least > most)
			return most + 1;
	}
	best = rows[n % 3][len];
	for (size_t j = n > 1 ? n - 1 : 0; begins && j < len && j <= n + 1; j++)
		best = rows[n % 3][j] < best ? rows[n % 3][j] : best;
	return best;
}

static bool has_digit(const struct search_word *word)
{
	for (size_t i = 0; i < word->len; i++)
		if (isdigit((unsigned char)word->text[i]))
			return true;
	return false;
}

/* Numbers are never mistyped: S01E02 is not S01E03. */
static void similar_terms(struct search *s, size_t word)
{
	const struct search_index *index = s->index;
	struct asked *a = &s->asked[word];
	int most = a->word.len >= 6 ? 2 : a->word.len >= 3 ? 1 : 0;

	if (!most || has_digit(&a->word))
		return;
	for (size_t i = 0; i < index->term_count; i++) {
		const struct search_term *term = &index->terms[i];
		const char *text = index->text + term->at;
		int far;

		if (term->len + (size_t)most < a->word.len ||
		    __builtin_popcountll(a->letters & ~term->letters) > most ||
		    (term->len > a->word.len + (size_t)most && a->word.len < 5))
			continue;
		if (a->word.len == 3 && text[0] != a->word.text[0])
			continue;
		far = distance(&a->word, text, term->len, most, a->word.len >= 5);
		if (far <= most)
			set_score(s, word, i,
				  ALIKE - 15 * far + (text[0] == a->word.text[0] ? 8 : 0) +
					  (term->len <= a->word.len + (size_t)most ? 5 : 0));
	}
}

/* "starwars": two terms that are there, one after the other. */
static bool split_word(struct search *s, size_t word)
{
	struct search_word whole = s->asked[word].word, first = whole, second = { 0 };

	if (s->count == MAX_WORDS || whole.len < 6)
		return false;
	for (size_t at = 3; at + 3 <= whole.len; at++) {
		if (search_index_term(s->index, whole.text, at) < 0 ||
		    search_index_term(s->index, whole.text + at, whole.len - at) < 0)
			continue;
		first.len = at;
		first.text[at] = '\0';
		second.len = whole.len - at;
		memcpy(second.text, whole.text + at, second.len + 1);
		memmove(&s->asked[word + 1], &s->asked[word], (s->count - word) * sizeof(s->asked[0]));
		s->count++;
		s->asked[word] =
			(struct asked) { .word = first, .letters = search_letters(first.text, first.len) };
		s->asked[word + 1] = (struct asked) { .word = second,
						      .letters = search_letters(second.text, second.len),
						      .follows = true };
		return true;
	}
	return false;
}

/* "bat man": one term. */
static bool join_words(struct search *s, size_t word)
{
	struct search_word joined = s->asked[word].word;
	const struct search_word *next = &s->asked[word + 1].word;

	if (word + 1 >= s->count || joined.len + next->len > SEARCH_WORD_MAX)
		return false;
	memcpy(joined.text + joined.len, next->text, next->len + 1);
	joined.len += next->len;
	if (search_index_term(s->index, joined.text, joined.len) < 0)
		return false;
	s->asked[word] =
		(struct asked) { .word = joined, .letters = search_letters(joined.text, joined.len) };
	memmove(&s->asked[word + 1], &s->asked[word + 2], (s->count - word - 2) * sizeof(s->asked[0]));
	s->count--;
	return true;
}

static void score_terms(struct search *s, bool similar)
{
	size_t terms = s->index->term_count;

	s->hits = arena_alloc(&s->scratch, (terms + 1) * sizeof(*s->hits));
	for (size_t i = 0; i < s->count; i++) {
		s->asked[i].scores = arena_alloc(&s->scratch, terms + 1);
		s->asked[i].terms = 0;
		exact_terms(s, i);
		if (similar)
			similar_terms(s, i);
	}
}

/* ---- items ---- */

static int initials_score(const struct asked *a, const struct search_entry *e)
{
	if (!a->mask)
		return 0;
	if (a->initials == e->initials || a->initials == e->rest)
		return INITIALS + (a->word.len > 2 ? 12 : 0);
	return (a->initials == (e->initials & a->mask) || a->initials == (e->rest & a->mask)) ? INITIALS - 20
											      : 0;
}

/* The best place of a word in an item; -1: none. */
static int best_place(const struct search_index *index, const struct search_entry *e, const struct asked *a,
		      int *ret_score, int after)
{
	int place = -1, best = 0;

	for (int i = 0; i < e->count; i++) {
		int score = a->scores[index->words[e->words + (uint32_t)i]];

		if (!score)
			continue;
		if (i >= e->title && score > OUTSIDE_TITLE)
			score -= OUTSIDE_TITLE;
		if (after >= 0 && (i == after + 1 || i == after + 2))
			score += 8;
		if (score > best) {
			best = score;
			place = i;
		}
	}
	*ret_score = best;
	return place;
}

static int kind_bonus(const char *kind)
{
	return strcmp(kind, "show") == 0      ? 6
	       : strcmp(kind, "movie") == 0   ? 5
	       : strcmp(kind, "episode") == 0 ? 2
					      : 0;
}

/* Score of an item that has all words; 0: it does not have them in the order that quotes ask for. */
static int score_entry(const struct search *s, const struct search_entry *e)
{
	int total = 0, before = -1;
	size_t whole = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct asked *a = &s->asked[i];
		int score, initials = initials_score(a, e),
			   place = best_place(s->index, e, a, &score, before);

		if (a->follows && (place < 0 || before < 0 || (place != before + 1 && place != before + 2)))
			return 0;
		if (place >= 0 && place < e->title &&
		    a->scores[s->index->words[e->words + (uint32_t)place]] == WHOLE)
			whole++;
		total += score > initials ? score : initials;
		before = place;
	}
	if (whole == e->title_plain && whole == s->count)
		total += 60; /* the very title */
	total -= e->title_plain < 12 ? e->title_plain : 12;
	return total + kind_bonus(s->index->kinds[e->kind]);
}

static bool has_all(const struct search *s, const struct search_entry *e)
{
	unsigned wanted = (1U << s->count) - 1, have = 0;
	const uint32_t *words = &s->index->words[e->words];

	for (size_t i = 0; i < e->count; i++)
		have |= s->hits[words[i]];
	for (size_t i = 0; have != wanted && i < s->count; i++)
		if (!(have >> i & 1) && initials_score(&s->asked[i], e))
			have |= 1U << i;
	return have == wanted;
}

/* ---- the best of them ---- */

static int worse(const void *a, const void *b)
{
	const struct search_hit *x = a, *y = b;
	int order;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	order = strcmp(x->key, y->key);
	return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* A heap with the worst on top: the best `want` stay. */
static void keep(struct search_hit *heap, size_t *count, size_t want, const struct search_hit *hit)
{
	size_t at = 0, child;

	if (*count < want) {
		for (at = (*count)++; at && worse(hit, &heap[(at - 1) / 2]) > 0; at = (at - 1) / 2)
			heap[at] = heap[(at - 1) / 2];
		heap[at] = *hit;
		return;
	}
	if (worse(hit, &heap[0]) >= 0)
		return;
	while ((child = 2 * at + 1) < want) {
		if (child + 1 < want && worse(&heap[child + 1], &heap[child]) > 0)
			child++;
		if (worse(&heap[child], hit) <= 0)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = *hit;
}

static void collect(struct search *s, const char *kind, bool ranked, size_t want, struct arena *arena,
		    struct search_hits *ret)
{
	const struct search_index *index = s->index;
	size_t cap = 0;

	*ret = (struct search_hits) { 0 };
	if (want)
		ret->hits = arena_alloc(arena, want * sizeof(*ret->hits));
	for (size_t i = 0; i < index->count; i++) {
		const struct search_entry *e = &index->entries[i];
		struct search_hit hit = { .id = e->id, .key = index->text + e->key };

		if (!e->live || !has_all(s, e) || (kind && strcasecmp(index->kinds[e->kind], kind) != 0))
			continue;
		hit.score = score_entry(s, e);
		if (!hit.score)
			continue;
		if (!ranked)
			hit.score = 1;
		ret->total++;
		if (want) {
			keep(ret->hits, &ret->count, want, &hit);
		} else {
			ARENA_GROW(arena, ret->hits, ret->count, cap);
			ret->hits[ret->count++] = hit;
		}
	}
	if (ret->count)
		qsort(ret->hits, ret->count, sizeof(*ret->hits), worse);
}

/* Words that no term has, written together or apart. */
static void respell(struct search *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->asked[i].terms && !split_word(s, i) && !join_words(s, i) && i)
			join_words(s, i - 1);
}

bool search_find(struct search_index *index, const char *const *words, size_t count, const char *kind,
		 bool ranked, size_t want, struct arena *arena, struct search_hits *ret)
{
	struct search s = { .index = index };

	*ret = (struct search_hits) { 0 };
	take_words(&s, words, count);
	if (!s.count)
		return false;
	pthread_rwlock_rdlock(&index->lock);
	score_terms(&s, false);
	collect(&s, kind, ranked, want, arena, ret);
	if (!ret->total) {
		respell(&s);
		score_terms(&s, true);
		collect(&s, kind, true, want, arena, ret);
		ret->fuzzy = ret->total > 0;
	}
	for (size_t i = 0; i < ret->count; i++)
		ret->hits[i].key = NULL; /* what it points at may move once the lock is given back */
	pthread_rwlock_unlock(&index->lock);
	arena_free(&s.scratch);
	return true;
}
