/* name_number.c - bare numbers as episodes: "Title - 07 [720p]", "[01]", "#957", "Title 102", "07 - Title",
 * "01-12".
 *
 * Only when nothing spelled out an episode. With leading zeros, a fansub's brackets or a spaced dash before
 * it a number is absolute; three digits behind a title are season and episode. A single digit belongs to the
 * title. */
#include "media/name_parts.h"

#include <string.h>

#include <string.h>

#define EPISODES_A_SEASON 60 /* "Title 889" is no episode 89 */

/* Nothing of a title follows word i: end, bracket, technical word. */
static bool title_over(const struct part *part, size_t i)
{
	const struct word *w = i < part->count ? &part->words[i] : NULL;

	return !w || w->gap & GAP_BRACKET || (w->claim && w->claim != NAME_YEAR && w->claim != NAME_PART) ||
	       i >= part->tech;
}

static bool is_candidate(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i];

	return w->digits && !w->claim && w->ndigits <= 4 && !(w->gap & GAP_AND);
}

static void add_absolute(struct part *part, int first, int last, size_t i, size_t end, const char *rule)
{
	for (int n = first; n <= last; n++) {
		part_add(part, NAME_EPISODE, NULL, n, i, end, rule);
		if (!part_has(part, NAME_SEASON))
			part_add(part, NAME_ABSOLUTE_EPISODE, NULL, n, i, end, rule);
	}
}

/* What the numbering of the episodes does not count: no absolute number, and the words say which one it is.
 */
static void add_special(struct part *part, int number, size_t first, size_t last, const char *rule)
{
	const struct word *a = &part->words[first], *b = &part->words[last];

	part->special = arena_strndup(part->arena, part->text + a->at, (size_t)(b->at + b->len - a->at));
	part_add(part, NAME_EPISODE, NULL, number, first, last, rule);
}

/* Three digits are season and episode unless something says absolute. */
static void add_number(struct part *part, size_t i, bool absolute, const char *rule)
{
	const struct word *w = &part->words[i];
	size_t end = i;

	if (w->ndigits == 3 && w->number >= 100 && !absolute &&
	    (part->folder_season < 0 || part->folder_season == w->number / 100) &&
	    (w->number % 100 <= EPISODES_A_SEASON || (w->gap == GAP_DOT && part->tech < part->count)) &&
	    (!part_has(part, NAME_SEASON) || part_value(part, NAME_SEASON)->number == w->number / 100)) {
		part_add(part, NAME_SEASON, NULL, w->number / 100, i, i, "102: season 1, episode 2");
		part_add(part, NAME_EPISODE, NULL, w->number % 100, i, i, "102: season 1, episode 2");
		return;
	}
	if (w->ndigits == 4 && w->number < 1000 && !absolute && !part_has(part, NAME_SEASON)) {
		part_add(part, NAME_SEASON, NULL, w->number / 100, i, i, "0308: season 3, episode 8");
		part_add(part, NAME_EPISODE, NULL, w->number % 100, i, i, "0308: season 3, episode 8");
		return;
	}
	while (end + 1 < part->count && part->words[end + 1].digits && part->words[end + 1].ndigits == 1 &&
	       part->words[end + 1].gap == GAP_DOT && !part->words[end + 1].claim && end < i + 2)
		end++;
	if (end > i) {
		add_special(part, w->number, i, end, "12.5: between the episodes");
		if (!part_has(part, NAME_EPISODE_DETAILS))
			part_add(part, NAME_EPISODE_DETAILS, "Special", 0, 1, 0,
				 "12.5: between the episodes");
		return;
	}
	add_absolute(part, w->number, w->number, i, i, rule);
	if (i + 1 < part->count && part->words[i + 1].digits && part->words[i + 1].ndigits >= 2 &&
	    w->ndigits >= 2 && !part->words[i + 1].claim && bracket_alone(part, i + 1) &&
	    part->words[i + 1].number > w->number && part->words[i + 1].number < 1900) { /* "017 (115)" */
		part_drop(part, NAME_ABSOLUTE_EPISODE);
		part_add(part, NAME_ABSOLUTE_EPISODE, NULL, part->words[i + 1].number, i + 1, i + 1,
			 "017 (115)");
	}
}

static bool year_bracketed_film(const struct part *part)
{
	return part->year_bracketed && !part->anime && part->hint != NAME_AS_SHOW;
}

/* The number straight behind "(2005)". */
static bool behind_year(const struct part *part, size_t i)
{
	return i > 0 && part->words[i - 1].claim == NAME_YEAR && part->words[i].gap & GAP_CLOSE &&
	       !(part->words[i].gap & GAP_OPEN);
}

/* "101-102": two or three episodes of one season in one file. */
static bool is_pair(const struct part *part, size_t i)
{
	const struct word *a = &part->words[i], *b = &part->words[i + 1];

	return !part->anime && a->ndigits == 3 && b->ndigits == 3 && a->number > 100 && a->number % 100 &&
	       b->gap == GAP_DASH && b->number - a->number < 3 && a->number / 100 == b->number / 100 &&
	       !part_has(part, NAME_SEASON);
}

/* "01-12", "091-123", "01 ~ 10" with the title over behind it. */
static bool find_range(struct part *part)
{
	for (size_t i = 0; i + 1 < part->count; i++) {
		const struct word *a = &part->words[i], *b = &part->words[i + 1];
		bool tight = b->gap == GAP_DASH, loose = b->bad_dash || b->gap & GAP_TILDE;

		*part->steps += 1;
		if (!is_candidate(part, i) || !is_candidate(part, i + 1) || !(tight || loose) ||
		    b->number <= a->number || b->number - a->number > 999 || b->gap & GAP_BRACKET ||
		    a->ndigits > b->ndigits || (loose && a->ndigits < 2) ||
		    (year_bracketed_film(part) && !a->bad_dash && !behind_year(part, i) &&
		     !(a->gap & GAP_OPEN)) ||
		    (a->ndigits == 4 && a->number >= 1900))
			continue;
		if (loose && !(b->gap & GAP_TILDE) &&
		    !(part->text[a->at] == '0' || a->number == 1 || a->bad_dash || a->group))
			continue; /* "[Group] 24 - 45" */
		if (!title_over(part, i + 2) && !(tight && a->bad_dash && part->words[i + 2].bad_dash) &&
		    !(i == 0 && part->words[i + 2].gap & GAP_DOT && a->ndigits > 1))
			continue;
		if (loose && !(b->gap & GAP_TILDE) && !(part->anime || i + 2 < part->count))
			continue;
		if (tight && a->ndigits < b->ndigits && part->text[b->at] == '0' && !part->anime) {
			part_add(part, NAME_SEASON, NULL, a->number, i, i, "1-05: season 1, episode 5");
			part_add(part, NAME_EPISODE, NULL, b->number, i + 1, i + 1,
				 "1-05: season 1, episode 5");
			return true;
		}
		if (is_pair(part, i)) {
			part_add(part, NAME_SEASON, NULL, a->number / 100, i, i, "101-102: season 1");
			for (int n = a->number % 100; n <= b->number % 100; n++)
				part_add(part, NAME_EPISODE, NULL, n, i, i + 1, "101-102: season 1");
			return true;
		}
		add_absolute(part, a->number, b->number, i, i + 1, "01-12");
		if (i + 2 < part->count && part->words[i + 2].digits && part->words[i + 2].gap & GAP_OPEN &&
		    i + 3 < part->count && part->words[i + 3].digits && part->words[i + 3].gap == GAP_DASH &&
		    part->words[i + 3].number - part->words[i + 2].number == b->number - a->number) {
			part_drop(part, NAME_ABSOLUTE_EPISODE);
			for (int n = part->words[i + 2].number; n <= part->words[i + 3].number; n++)
				part_add(part, NAME_ABSOLUTE_EPISODE, NULL, n, i + 2, i + 3, "(191-195)");
		}
		return true;
	}
	return false;
}

/* "Show (2005) 107 HDTV", "Show (2005).07" */
static bool find_behind_year(struct part *part)
{
	for (size_t i = 2; i < part->count; i++) {
		const struct word *w = &part->words[i];

		*part->steps += 1;
		if (!behind_year(part, i))
			continue;
		if (!is_candidate(part, i) || w->ndigits < 2 || w->ndigits > 3 || !title_over(part, i + 1) ||
		    w->number == 480 || w->number == 540 || w->number == 576 || w->number == 720)
			return false;
		add_number(part, i, w->number < 100, "(2005) 07");
		return true;
	}
	return false;
}

/* "OVA 02", "OVA - 2", "SP1": outside of the numbering. */
static bool find_special(struct part *part)
{
	for (size_t i = 1; i < part->count; i++) {
		const struct word *w = &part->words[i], *next = i + 1 < part->count ? w + 1 : NULL;
		const char *k = word_key(part, i);

		*part->steps += 1;
		if (w->claim || w->keylen < 3 || w->keylen > 4)
			continue;
		if (w->row && w->row_at == i + 1 && w->row->property == NAME_OTHER && w->keylen == 3 &&
		    !strncmp(w->row->value, "Original ", 9) && next && is_candidate(part, i + 1) &&
		    next->ndigits <= 2 && !(next->gap & GAP_BRACKET) &&
		    (title_over(part, i + 2) || part->words[i + 2].bad_dash)) {
			add_special(part, next->number, i, i + 1, "OVA 02");
			part_add(part, NAME_OTHER, w->row->value, 0, i, i, "OVA 02");
			return true;
		}
		if (part->anime && k[0] == 's' && k[1] == 'p' && k[2] >= '0' && k[2] <= '9' &&
		    (w->keylen == 3 || (k[3] >= '0' && k[3] <= '9')) && title_over(part, i + 1)) {
			add_special(part, w->keylen == 3 ? k[2] - '0' : (k[2] - '0') * 10 + k[3] - '0', i, i,
				    "SP1");
			part_add(part, NAME_EPISODE_DETAILS, "Special", 0, 1, 0, "SP1");
			return true;
		}
	}
	return false;
}

/* "[site.com] - 24 (2011)": the number is all there is of a title. */
static bool is_whole_title(const struct part *part, size_t i)
{
	if (i + 1 >= part->count || part->words[i + 1].claim != NAME_YEAR ||
	    !(part->words[i + 1].gap & GAP_OPEN))
		return false;
	for (size_t j = 0; j < i; j++) {
		if (part->words[j].claim != NAME_WEBSITE)
			return false;
	}
	return true;
}

/* "[Group] Title [x265 Ver.] - 07 (1080p)": technical words in brackets of their own, then the number. */
static bool behind_brackets(const struct part *part, size_t i)
{
	return part->anime && part->words[i].bad_dash && part->words[i - 1].group &&
	       part->words[i].ndigits >= 2 && part->words[i - 1].group != part->words[0].group &&
	       title_over(part, i + 1);
}

/* " - 07" or "#957": the last one that has a title before it. */
static bool find_dashed(struct part *part)
{
	for (size_t i = part->count; i-- > 1;) {
		const struct word *w = &part->words[i];
		bool absolute;

		*part->steps += 1;
		if (!is_candidate(part, i) || w->ndigits > 4 || (i > part->tech && !behind_brackets(part, i)))
			continue;
		if (w->gap & GAP_HASH) {
			add_absolute(part, w->number, w->number, i, i, "#957");
			return true;
		}
		if (!w->bad_dash || is_whole_title(part, i) ||
		    (w->ndigits == 4 && w->number >= 1900 && w->number < 2040))
			continue;
		if (!title_over(part, i + 1) && !part->words[i + 1].bad_dash &&
		    part->words[i + 1].gap != GAP_DOT && !(w->ndigits >= 2 && part->anime) &&
		    !(w->ndigits == 2 && w->number < 10) &&
		    !(i + 1 < part->count && part->words[i + 1].row &&
		      part->words[i + 1].row->flags & (ROW_TECH | ROW_STRONG)))
			continue;
		absolute = part->anime || w->ndigits != 3 || w->number < 100 ||
			   (i + 1 < part->count && part->words[i + 1].bad_dash) ||
			   part_has(part, NAME_SEASON);
		if (w->ndigits == 1 && i + 1 < part->count && part->words[i + 1].claim == NAME_YEAR)
			continue; /* "Film - 2 (2006)" */
		if (w->ndigits == 1 && !title_over(part, i + 1) &&
		    !(part->hint == NAME_AS_SHOW && part->words[i + 1].bad_dash))
			continue;
		add_number(part, i, absolute, "- 07");
		if (part->anime && i + 1 < part->count && !part->words[i + 1].claim &&
		    (title_over(part, i + 2) || part->words[i + 2].bad_dash) &&
		    !(part->words[i + 1].gap & GAP_BRACKET) &&
		    (word_is(part, i + 1, "end") || word_is(part, i + 1, "fin")))
			part_claim(part, i + 1, i + 1, NAME_EPISODE); /* "- 148 END" */
		return true;
	}
	return false;
}

/* "[13 END]" in a fansub's name: the last one. */
static bool is_last_of_series(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i], *next = w + 1;

	return part->anime && i + 1 < part->count && w->ndigits >= 2 && w->ndigits <= 4 &&
	       w->gap & GAP_OPEN && w->group && next->group == w->group && !(next->gap & GAP_BRACKET) &&
	       !next->claim && (i + 2 == part->count || part->words[i + 2].group != w->group) &&
	       (word_is(part, i + 1, "end") || word_is(part, i + 1, "fin") || word_is(part, i + 1, "final"));
}

/* "[01]" behind a title. */
static bool find_bracketed(struct part *part)
{
	for (size_t i = part->count; i-- > 1;) {
		const struct word *w = &part->words[i];

		*part->steps += 1;
		if (is_candidate(part, i) && is_last_of_series(part, i)) {
			part_claim(part, i + 1, i + 1, NAME_EPISODE);
			add_absolute(part, w->number, w->number, i, i, "[13 END]");
			return true;
		}
		if (is_candidate(part, i) && w->ndigits >= 2 && bracket_alone(part, i) && w->gap & GAP_OPEN &&
		    part->brackets[w->group].kind == '[' && (part->anime || w->ndigits <= 3) &&
		    !(w->ndigits == 4 && w->number >= 1900 && w->number < 2040)) {
			add_absolute(part, w->number, w->number, i, i, "[01]");
			return true;
		}
	}
	return false;
}

/* "07 - Title", "003. Show - Title", "7 - 12 Angry Men" in a season's folder. */
static bool find_leading(struct part *part)
{
	size_t i = 0;
	const struct word *w, *next;

	if (part->anime && part->count > 1) {
		while (i < part->count && part->words[i].group == part->words[0].group)
			i++;
	}
	if (i + 1 >= part->count)
		return false;
	w = &part->words[i];
	next = &part->words[i + 1];
	if (!is_candidate(part, i) || w->ndigits > 3 || next->claim || next->gap & GAP_BRACKET)
		return false;
	if (i == 0 && w->ndigits == 1 && next->digits && next->ndigits == 2 && next->gap == GAP_DASH &&
	    i + 2 < part->count && part->words[i + 2].bad_dash) {
		part_add(part, NAME_SEASON, NULL, w->number, 0, 0, "1-12 - Title");
		part_add(part, NAME_EPISODE, NULL, next->number, 1, 1, "1-12 - Title");
		return true;
	}
	if (part->hint != NAME_AS_SHOW && !next->bad_dash && !(next->gap & GAP_DOT && next->gap & GAP_SPACE))
		return false;
	if (part->hint != NAME_AS_SHOW && (w->ndigits == 1 || part->tech < part->count) && !part->anime)
		return false;
	if (w->ndigits == 3 && w->number >= 100 && part->hint == NAME_AS_SHOW)
		add_number(part, i, false, "102 Title");
	else
		add_absolute(part, w->number, w->number, i, i, "07 - Title");
	return true;
}

/* "12 Lamps - 05 - The Flood" in the folder of "12 Lamps": the number behind the show's title. */
static bool find_behind_show(struct part *part)
{
	size_t i = part->show_words;

	if (!i || i >= part->count || !is_candidate(part, i) || part->words[i].ndigits > 3 ||
	    !(title_over(part, i + 1) || part->words[i + 1].bad_dash || part->words[i].bad_dash))
		return false;
	add_number(part, i, part->words[i].number < 100, "behind the folder's title");
	return true;
}

/* "Title.102.Name.HDTV": in a release's name with dots and no year. */
static bool in_the_middle(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i];

	return w->ndigits == 3 && w->number > 100 && w->number % 100 && w->gap == GAP_DOT &&
	       w[1].gap == GAP_DOT && part->tech < part->count && !part->anime && part->hint == NAME_AUTO &&
	       !part_has(part, NAME_YEAR) && !part_has(part, NAME_DATE) && !word_is(part, i - 1, "the");
}

/* "UFC.285.Jones.vs.Gane": the number counts events. */
static bool is_contest(const struct part *part)
{
	for (size_t i = 2; i + 1 < part->count && i < part->tech; i++) {
		if (!part->words[i].claim && (word_is(part, i, "vs") || word_is(part, i, "versus")))
			return true;
	}
	return false;
}

/* "Title 12 [720p]", "title.102.hdtv": the last word of the title. */
static bool find_trailing(struct part *part)
{
	size_t date = 0;
	bool contest = !part->anime && is_contest(part);

	while (date < part->count && part->words[date].claim != NAME_DATE)
		date++;
	for (size_t i = part->count; i-- > 1;) {
		const struct word *w = &part->words[i];
		const struct word *next = i + 1 < part->count ? w + 1 : NULL;
		bool zero = w->ndigits >= 2 && part->text[w->at] == '0';

		*part->steps += 1;
		if (!is_candidate(part, i) || w->ndigits < 2 || i > part->tech || (contest && !zero) ||
		    (w->group && bracket_alone(part, i)))
			continue;
		if (w->ndigits == 4 && ((w->number >= 1900 && w->number < 2040) || (!part->anime && !zero)))
			continue;
		if (part_has(part, NAME_YEAR) && !zero && !part->anime)
			continue; /* a film, "Apollo 13 1995" */
		if (next && next->claim == NAME_DATE)
			return add_number(part, i, part->anime, "Title 102"), true;
		if (!title_over(part, i + 1) && !next->bad_dash &&
		    !(i < date && date < part->count && w->ndigits == 3 && next->gap == GAP_DOT) &&
		    !(zero && w->ndigits == 4 && next->gap == GAP_DASH) && !in_the_middle(part, i) &&
		    !((zero || (w->ndigits == 3 && part->hint == NAME_AS_SHOW)) && next->gap == GAP_DOT))
			continue;
		if (w->gap == GAP_DASH && i > 0 && part->words[i - 1].digits && !part->words[i - 1].claim)
			continue; /* "24-7" */
		if (w->ndigits == 3 && w->number % 100 == 0 && !part->anime && part->hint != NAME_AS_SHOW &&
		    date == part->count)
			continue; /* "The 100" */
		if (w->gap == GAP_DOT && part->words[i - 1].digits && next && next->gap & GAP_SPACE)
			continue; /* "Title 1.11 - More" */
		if (i > 1 && is_candidate(part, i - 1) && !part->anime && w->ndigits == 3 &&
		    part->words[i - 1].ndigits == 3 && w->number == part->words[i - 1].number + 1 &&
		    w->number / 100 == part->words[i - 1].number / 100)
			add_number(part, i - 1, zero, "103.104");
		add_number(part, i, part->anime || (zero && w->ndigits < 4), "Title 102");
		if (zero && w->ndigits == 4)
			part->has_episode = true;
		return true;
	}
	return false;
}

static bool hash_like(const struct part *part)
{
	return part->count == 1 && part->words[0].len > 10;
}

/* The whole name is one number. */
static bool find_alone(struct part *part)
{
	const struct word *w = &part->words[0];
	size_t free = 0;

	for (size_t i = 1; i < part->count; i++)
		free += !part->words[i].claim;
	if (free || !is_candidate(part, 0) || w->ndigits > 3 || part->has_episode ||
	    part_has(part, NAME_YEAR))
		return false;
	if (part->count > 1 && part->hint != NAME_AS_SHOW)
		return false;
	add_number(part, 0, part->hint == NAME_AS_SHOW && w->ndigits < 3, "102");
	return true;
}

void number_find(struct part *part)
{
	if (!part->count || part_has(part, NAME_EPISODE) || part->hint == NAME_AS_MOVIE || hash_like(part))
		return;
	if (part_has(part, NAME_SEASON)) {
		if (!find_special(part) && !find_behind_show(part) && !find_range(part) &&
		    !find_dashed(part) && !find_bracketed(part) && part->hint == NAME_AS_SHOW)
			find_leading(part);
		return;
	}
	if (part_has(part, NAME_BONUS) || part_has(part, NAME_FILM) || part_has(part, NAME_PART))
		return;
	if (part_has(part, NAME_DATE) && part->count > 3 && part->words[0].claim == NAME_DATE)
		return;
	if (find_special(part) || find_alone(part) || (part->hint == NAME_AS_SHOW && find_behind_show(part)))
		return;
	if (part->hint == NAME_AS_SHOW && find_leading(part))
		return;
	if (find_range(part) || find_dashed(part))
		return;
	if (year_bracketed_film(part))
		find_behind_year(part);
	else if (!find_bracketed(part) && !find_leading(part))
		find_trailing(part);
}
