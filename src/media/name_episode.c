/* name_episode.c - seasons and episodes that are spelled out: S01E02, 1x02, S01, E02 and their chains and
 * ranges.
 *
 * A dash makes a range and is filled, anything else a list. The first find wins; a repetition is claimed and
 * adds nothing. Not here: "Season 2", "Part 3" (name_keyword.c), numbers without a mark (name_number.c). */
#include "media/name_parts.h"

#include <string.h>

#define EPISODES_MAX 64 /* listed one by one in one name */
#define RANGE_MAX 400	/* filled up to that many */

struct episodes {
	int season; /* -1: none */
	int list[EPISODES_MAX];
	size_t count;
	bool marked; /* not a bare number */
};

/* Up to `most` digits at *k; -1. */
static int read_number(const char **k, const char *end, int most)
{
	int n = 0, seen = 0;

	while (*k < end && **k >= '0' && **k <= '9') {
		if (++seen > most)
			return -1;
		n = n * 10 + (*(*k)++ - '0');
	}
	return seen ? n : -1;
}

static bool push_episode(struct episodes *e, int n)
{
	if (n < 0 || e->count == EPISODES_MAX)
		return false;
	e->list[e->count++] = n;
	return true;
}

/* "e01e02", "ep01", with an optional letter for half an episode at the end. */
static bool read_marked(const char *k, const char *end, struct episodes *e)
{
	while (k < end && (*k == 'e' || *k == 'x')) {
		k += k + 1 < end && ((k[0] == 'e' && k[1] == 'p') || (k[0] == 'x' && k[1] == 'e')) ? 2 : 1;
		if (!push_episode(e, read_number(&k, end, 5)))
			return false;
	}
	return e->count && (k == end || (k + 1 == end && *k >= 'a' && *k <= 'i'));
}

/* "s01e02": season and episodes of one word. */
static bool read_full(const struct part *part, size_t i, struct episodes *e)
{
	const char *k = word_key(part, i), *end = k + part->words[i].keylen;

	*e = (struct episodes) { .season = -1 };
	if (k == end || *k != 's')
		return false;
	k++;
	e->season = read_number(&k, end, 4);
	return e->season >= 0 && k < end && read_marked(k, end, e);
}

/* "1x02x03"; a picture size is none. */
static bool read_cross(const struct part *part, size_t i, struct episodes *e)
{
	const char *k = word_key(part, i), *end = k + part->words[i].keylen;

	*e = (struct episodes) { .season = -1 };
	e->season = read_number(&k, end, 4);
	if (e->season < 0 || k == end || *k != 'x')
		return false;
	while (k < end && *k == 'x') {
		k++;
		if (!push_episode(e, read_number(&k, end, 3)))
			return false;
	}
	if (k != end && !(k + 1 == end && *k >= 'a' && *k <= 'd')) /* "6x01b": a half */
		return false;
	return e->season < 100 || (e->season >= 1900 && e->season < 2100);
}

/* "s01" alone. */
static int read_season(const struct part *part, size_t i)
{
	const char *k = word_key(part, i), *end = k + part->words[i].keylen;
	int n;

	if (k == end || *k++ != 's')
		return -1;
	n = read_number(&k, end, 4);
	if (k != end || (n >= 200 && (n < 1900 || n >= 2100)))
		return -1;
	return n;
}

/* "e02", "ep02", "e01e02". */
static bool read_episode(const struct part *part, size_t i, struct episodes *e)
{
	const char *k = word_key(part, i), *end = k + part->words[i].keylen;

	*e = (struct episodes) { .season = -1 };
	return part->words[i].keylen >= 2 && *k == 'e' && read_marked(k, end, e);
}

static void add_season(struct part *part, int season, size_t i, size_t last, const char *rule)
{
	for (size_t v = 0; v < part->value_count; v++) {
		*part->steps += 1;
		if (part->values[v].property == NAME_SEASON && part->values[v].number == season) {
			part_claim(part, i, last, NAME_SEASON);
			return;
		}
	}
	if (season >= 1900 && !part_has(part, NAME_YEAR))
		part_add(part, NAME_YEAR, NULL, season, i, last, "the season is a year");
	part_add(part, NAME_SEASON, NULL, season, i, last, rule);
}

static void add_episode(struct part *part, int episode, size_t i, size_t last, const char *rule)
{
	for (size_t v = 0; v < part->value_count; v++) {
		*part->steps += 1;
		if (part->values[v].property == NAME_EPISODE && part->values[v].number == episode)
			return;
	}
	part_add(part, NAME_EPISODE, NULL, episode, i, last, rule);
}

static void add_range(struct part *part, int first, int last, size_t i, const char *rule)
{
	if (last - first > RANGE_MAX || last < first)
		first = last - 1;
	for (int n = first + 1; n <= last; n++)
		part_add(part, NAME_EPISODE, NULL, n, i, i, rule);
}

/* One more episode at word i after `last`? Its number, and whether it closes a range. */
static bool chain_link(const struct part *part, size_t i, const struct episodes *first, int last,
		       bool marked_only, struct episodes *ret, bool *range)
{
	const struct word *w = &part->words[i];
	unsigned gap = w->gap;
	bool same;

	*range = gap & (GAP_DASH | GAP_TILDE);
	if (w->claim || gap & (GAP_BRACKET | GAP_SLASH | GAP_OTHER))
		return false;
	if (((read_full(part, i, ret) || read_cross(part, i, ret)) && ret->season == first->season) ||
	    read_episode(part, i, ret))
		return ret->marked = true;
	if (w->keylen >= 2 && *word_key(part, i) == 'x' && gap & GAP_DASH && !w->row &&
	    !(w->keylen == 4 && !memcmp(word_key(part, i), "x26", 3))) { /* no codec */
		const char *k = word_key(part, i) + 1;

		*ret = (struct episodes) { .season = -1 };
		return push_episode(ret, read_number(&k, word_key(part, i) + w->keylen, 3)) &&
		       k == word_key(part, i) + w->keylen;
	}
	if (!w->digits || w->ndigits > 5 || w->number <= last)
		return false;
	*ret = (struct episodes) { .season = -1, .list = { w->number }, .count = 1 };
	same = w->ndigits == part->words[i - 1].ndigits ||
	       w->ndigits == (last < 10	   ? 1
			      : last < 100 ? 2
					   : 3) ||
	       (w->ndigits == 2 && last < 10);
	if (gap == GAP_DASH || gap == GAP_TILDE)
		return same && w->number - last <= RANGE_MAX;
	if (gap == GAP_AND || gap & GAP_COMMA)
		return same;
	return w->ndigits == 2 && w->number == last + 1 &&
	       (gap == GAP_UNDER || (marked_only && gap & GAP_BLANK));
}

/* "S01E01 and S01E02", "S01E01 to E03" */
static bool says_and(const struct part *part, size_t j)
{
	return j + 1 < part->count && !part->words[j].claim &&
	       (word_is(part, j, "and") || word_is(part, j, "und") || word_is(part, j, "et") ||
		word_is(part, j, "to"));
}

/* ", of 10" behind the episodes. Returns the word after. */
static size_t read_count(struct part *part, size_t i)
{
	if (i + 1 < part->count && word_is(part, i, "of") && !(part->words[i].gap & GAP_BRACKET)) {
		if (part->words[i + 1].digits) {
			part_add(part, NAME_EPISODE_COUNT, NULL, part->words[i + 1].number, i, i + 1,
				 "of count");
			return i + 2;
		}
		if (word_is(part, i + 1, "xx")) {
			part_claim(part, i, i + 1, NAME_EPISODE_COUNT);
			return i + 2;
		}
	}
	return i;
}

/* "313-314" behind "s16e03-04", "(233)" behind "s10e15". */
static void read_absolute(struct part *part, size_t i, size_t episodes)
{
	const struct word *w = &part->words[i];
	int first, last;

	if (i >= part->count || !w->digits || w->ndigits < 3 || w->ndigits > 4 || w->claim)
		return;
	first = w->number;
	if (episodes == 1 && part_value(part, NAME_EPISODE)->number == first) {
		part_claim(part, i, i, NAME_EPISODE); /* "S2010E994 [0994]" says it again */
		return;
	}
	if (i + 1 < part->count && part->words[i + 1].digits && part->words[i + 1].gap == GAP_DASH) {
		last = part->words[i + 1].number;
		if (last - first + 1 != (int)episodes)
			return;
		for (int n = first; n <= last; n++)
			part_add(part, NAME_ABSOLUTE_EPISODE, NULL, n, i, i + 1, "absolute numbers behind");
		return;
	}
	if (episodes == 1 && !(w->gap & GAP_BRACKET) && w->gap & (GAP_SPACE | GAP_UNDER) && first != 720 &&
	    first != 1080 && first != 480 && first != 576 && (first < 1900 || first > 2100) &&
	    (i + 1 == part->count || part->words[i + 1].gap & GAP_OPEN)) {
		part_add(part, NAME_ABSOLUTE_EPISODE, NULL, first, i, i, "absolute number behind");
		return;
	}
	if (bracket_alone(part, i) && (first < 1900 || first > 2100) && episodes == 1)
		part_add(part, NAME_ABSOLUTE_EPISODE, NULL, first, i, i, "absolute number behind");
}

/* "Title - 214 - S10E14", "[Group] Title 214 10x14": absolute before the episode. */
static void absolute_before(struct part *part, size_t i)
{
	const struct word *w;

	if (i < 2 || part_has(part, NAME_ABSOLUTE_EPISODE))
		return;
	w = &part->words[i - 1];
	if (w->digits && !w->claim && w->ndigits >= 2 && w->ndigits <= 4 && w->bad_dash &&
	    part->words[0].gap & GAP_OPEN &&
	    part->words[i].gap & GAP_OPEN) { /* "[Group] Title - 01 (S01E01)" */
		part_add(part, NAME_ABSOLUTE_EPISODE, NULL, w->number, i - 1, i - 1,
			 "absolute number before");
		return;
	}
	if (!w->digits || w->claim || w->ndigits != 3 || w->gap & GAP_BRACKET ||
	    !((w->bad_dash && part->words[i].bad_dash) ||
	      (part->words[0].gap & GAP_OPEN && part->words[i].gap & GAP_BLANK &&
	       part->words[i].gap & GAP_SPACE)))
		return;
	part_add(part, NAME_ABSOLUTE_EPISODE, NULL, w->number, i - 1, i - 1, "absolute number before");
}

/* Takes the episodes of word i and what is chained to it. */
static void take(struct part *part, size_t i, const struct episodes *first, bool marked_only,
		 const char *rule)
{
	size_t before, last_word = i;
	bool known = part_has(part, NAME_EPISODE);
	int last = first->list[first->count - 1];
	struct episodes link;
	bool range;

	if (first->season >= 0)
		add_season(part, first->season, i, i, rule);
	before = part->value_count;
	part_claim(part, i, i, NAME_EPISODE);
	if (!known) {
		for (size_t n = 0; n < first->count; n++)
			add_episode(part, first->list[n], i, i, rule);
	}
	for (size_t j = i + 1; j < part->count; j++) {
		*part->steps += 1;
		if (says_and(part, j) && chain_link(part, j + 1, first, last, true, &link, &range) &&
		    link.marked) {
			part_claim(part, j, j, NAME_EPISODE);
			range = word_is(part, j, "to");
			j++;
		} else if (!chain_link(part, j, first, last, marked_only, &link, &range)) {
			break;
		}
		part_claim(part, j, j, NAME_EPISODE);
		last_word = j;
		if (known)
			continue;
		if (range && link.list[0] > last)
			add_range(part, last, link.list[0], j, rule);
		else
			add_episode(part, link.list[0], j, j, rule);
		for (size_t n = 1; n < link.count; n++)
			add_episode(part, link.list[n], j, j, rule);
		last = link.list[link.count - 1];
	}
	part->has_episode = true;
	before = part->value_count - before;
	if (first->season >= 0 && !known)
		absolute_before(part, i);
	read_absolute(part, read_count(part, last_word + 1), before);
}

/* "S01-05", "S01-S04", "S01.to.S04", "S01 S02". Returns the word after. */
static size_t season_chain(struct part *part, size_t i, int season)
{
	size_t j = i + 1;

	add_season(part, season, i, i, "S01");
	part->has_episode = true;
	for (; j < part->count && !part->words[j].claim; j++) {
		const struct word *w = &part->words[j];
		bool range = w->gap & (GAP_DASH | GAP_TILDE);
		size_t at = j;
		int next;

		if (w->gap & (GAP_BRACKET | GAP_SLASH))
			break;
		if (word_is(part, j, "to") && j + 1 < part->count) {
			range = true;
			at = j + 1;
		}
		next = read_season(part, at);
		if (next < 0 && at == j && w->digits && w->ndigits == 2 &&
		    (w->gap == GAP_DASH || w->gap == GAP_AND))
			next = w->number;
		if (next <= season || next - season > 60)
			break;
		for (int n = range ? season + 1 : next; n <= next; n++)
			add_season(part, n, j, at, "S01-S04");
		season = next;
		j = at;
	}
	return j;
}

/* "S07D1-3&5": discs of a season. */
static bool season_disc(struct part *part, size_t i)
{
	const char *k = word_key(part, i), *end = k + part->words[i].keylen;
	int season, disc;

	if (k == end || *k++ != 's')
		return false;
	season = read_number(&k, end, 2);
	if (season < 0 || k == end || *k++ != 'd')
		return false;
	disc = read_number(&k, end, 2);
	if (disc < 0 || k != end)
		return false;
	add_season(part, season, i, i, "S01D01");
	part_add(part, NAME_DISC, NULL, disc, i, i, "S01D01");
	part->has_episode = true;
	for (size_t j = i + 1; j < part->count; j++) {
		const struct word *w = &part->words[j];

		if (!w->digits || w->ndigits > 2 || w->number <= disc ||
		    !(w->gap == GAP_DASH || w->gap == GAP_AND))
			break;
		for (int n = w->gap == GAP_DASH ? disc + 1 : w->number; n <= w->number; n++)
			part_add(part, NAME_DISC, NULL, n, j, j, "S01D01");
		disc = w->number;
	}
	return true;
}

/* "S01 E02", "s03-e02", "S01.E.02", "S06.P1" behind a season at i; the word after what it took. */
static void behind_season(struct part *part, size_t i, int season)
{
	struct episodes e;
	size_t j = i + 1;

	if (j >= part->count || part->words[j].gap & GAP_SLASH)
		return;
	if (read_episode(part, j, &e)) {
		e.season = season;
		take(part, j, &e, false, "S01 E02");
	} else if (word_is(part, j, "e") && j + 1 < part->count && part->words[j + 1].digits &&
		   !(part->words[j + 1].gap & GAP_BRACKET)) {
		e = (struct episodes) { .season = season, .list = { part->words[j + 1].number }, .count = 1 };
		part_claim(part, j, j, NAME_EPISODE);
		take(part, j + 1, &e, false, "S01 E 02");
	} else if (part->words[j].digits && part->words[j].ndigits == 2 && !part->words[j].claim &&
		   (part->words[j].gap == GAP_DOT || part->words[j].gap == GAP_SPACE ||
		    part->words[j].gap == GAP_UNDER)) {
		e = (struct episodes) { .season = season, .list = { part->words[j].number }, .count = 1 };
		take(part, j, &e, false, "S01 02");
	} else if (part->words[j].keylen == 2 && word_key(part, j)[0] == 'p' && word_key(part, j)[1] >= '1' &&
		   word_key(part, j)[1] <= '9') {
		part_add(part, NAME_PART, NULL, word_key(part, j)[1] - '0', j, j, "S01P1");
	}
}

/* "1xAll" */
static bool season_all(struct part *part, size_t i)
{
	const char *k = word_key(part, i);
	size_t len = part->words[i].keylen;

	if (len < 5 || len > 6 || memcmp(k + len - 4, "xall", 4))
		return false;
	add_season(part, len == 5 ? k[0] - '0' : (k[0] - '0') * 10 + k[1] - '0', i, i, "1xAll");
	part_add(part, NAME_OTHER, "Complete", 0, i, i, "1xAll");
	part->has_episode = true;
	return true;
}

void episode_find(struct part *part)
{
	struct episodes e;
	int season;

	for (size_t i = 0; i < part->count; i++) {
		const struct word *w = &part->words[i];
		char c = w->keylen ? *word_key(part, i) : '\0';

		*part->steps += 1;
		if (w->claim || w->keylen > 40 || !(c == 's' || c == 'e' || (c >= '0' && c <= '9')))
			continue;
		if (read_full(part, i, &e)) {
			take(part, i, &e, false, "S01E02");
		} else if (c != 's' && c != 'e') {
			if (w->gap != GAP_NONE && read_cross(part, i, &e))
				take(part, i, &e, false, "1x02");
			else if (c >= '0' && c <= '9')
				season_all(part, i);
		} else if ((season = read_season(part, i)) >= 0 && !part_has(part, NAME_EPISODE)) {
			behind_season(part, season_chain(part, i, season) - 1, season);
		} else if (c == 's') {
			season_disc(part, i);
		}
	}
	for (size_t i = 0; i < part->count && !part_has(part, NAME_EPISODE); i++) {
		const struct word *w = &part->words[i];

		*part->steps += 1;
		if (!w->claim && w->keylen >= 3 && w->keylen < 40 && *word_key(part, i) == 'e' &&
		    read_episode(part, i, &e))
			take(part, i, &e, true, "E02");
	}
}
