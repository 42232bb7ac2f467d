/* name_date.c - dates and years. Day first unless impossible; two-digit years lie in this century up to 2039.
 */
#include "media/name_parts.h"

#include <stdio.h>
#include <string.h>

#define YEAR_FIRST 1900
#define FILM_FIRST 1888 /* only in parentheses of its own */
#define YEAR_LAST 2039

static bool valid(int y, int m, int d)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return y >= YEAR_FIRST && y <= 2100 && m >= 1 && m <= 12 && d >= 1 && d <= days[m - 1];
}

/* "2018_03_24_19_00_00": the time of a recording behind its date. The last word of it. */
static size_t time_behind(const struct part *part, size_t last)
{
	static const int most[] = { 23, 59, 59 };
	size_t n = 0;

	while (n < 3 && last + 1 + n < part->count) {
		const struct word *w = &part->words[last + 1 + n];

		if (!w->digits || w->claim || w->ndigits != 2 || w->number > most[n] ||
		    !(w->gap == GAP_UNDER || w->gap == GAP_DASH))
			break;
		n++;
	}
	return n == 3 || (n == 2 && last + 3 == part->count) ? last + n : last;
}

static void add_date(struct part *part, int y, int m, int d, size_t first, size_t last, const char *rule)
{
	last = last == first + 2 ? time_behind(part, last) : last;
	part_add(part, NAME_DATE, arena_printf(part->arena, "%04d-%02d-%02d", y, m, d), 0, first, last, rule);
}

static int century(int y)
{
	return y + (y < 40 ? 2000 : 1900);
}

/* Three numbers with the same mark between. */
static bool three_numbers(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	int a, b, c;
	unsigned gap = w[1].gap;

	if (!w[0].digits || !w[1].digits || !w[2].digits || w[0].claim || w[1].claim || w[2].claim ||
	    gap != w[2].gap || !(gap == GAP_DOT || gap == GAP_DASH || gap == GAP_UNDER || gap == GAP_SPACE))
		return false;
	a = w[0].number, b = w[1].number, c = w[2].number;
	if (w[0].ndigits == 4 && w[1].ndigits <= 2 && w[2].ndigits <= 2 && w[1].ndigits + w[2].ndigits >= 3) {
		if (valid(a, b, c))
			add_date(part, a, b, c, i, i + 2, "2008-03-09");
		else if (valid(a, c, b))
			add_date(part, a, c, b, i, i + 2, "2008-09-03, month impossible");
		return part_has(part, NAME_DATE);
	}
	if (w[2].ndigits == 4 && w[0].ndigits <= 2 && w[1].ndigits <= 2 && w[0].ndigits + w[1].ndigits >= 3) {
		if (valid(c, b, a))
			add_date(part, c, b, a, i, i + 2, "09-03-2008, day first");
		else if (valid(c, a, b))
			add_date(part, c, a, b, i, i + 2, "03-29-2008, month first");
		return part_has(part, NAME_DATE);
	}
	if (w[0].ndigits == 2 && w[1].ndigits == 2 && w[2].ndigits == 2 &&
	    (gap == GAP_DOT || gap == GAP_DASH)) {
		if (valid(century(c), b, a))
			add_date(part, century(c), b, a, i, i + 2, "09.03.08, day first");
		else if (valid(century(a), b, c))
			add_date(part, century(a), b, c, i, i + 2, "08.03.09, year first");
		return part_has(part, NAME_DATE);
	}
	return false;
}

/* Which month a word of letters names, "mar", "March"; 0: none. */
static int month_of(const struct part *part, size_t i)
{
	static const char *const months[] = { "january",   "february", "march",	   "april",
					      "may",	   "june",     "july",	   "august",
					      "september", "october",  "november", "december" };
	const struct word *w = &part->words[i];

	if (w->claim || w->keylen < 3 || w->keylen > 9)
		return 0;
	for (int m = 0; m < 12; m++) {
		if (!memcmp(months[m], word_key(part, i),
			    w->keylen > 3 && strlen(months[m]) >= w->keylen ? w->keylen : 3))
			return m + 1;
	}
	return 0;
}

/* "2 mar 2013" */
static bool month_name(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	int month;

	if (!w[0].digits || w[0].ndigits > 2 || !w[2].digits || w[2].ndigits != 4 ||
	    (w[1].gap | w[2].gap) & ~(unsigned)(GAP_BLANK | GAP_DASH))
		return false;
	month = month_of(part, i + 1);
	if (!month || !valid(w[2].number, month, w[0].number))
		return false;
	add_date(part, w[2].number, month, w[0].number, i, i + 2, "2 mar 2008");
	return true;
}

/* "March 7, 2019", "Mar.07.2019" */
static bool month_first(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	int month;

	if ((i == 0 && !(part->count > 3 && w[3].bad_dash)) || !w[1].digits || w[1].ndigits > 2 ||
	    w[1].claim || !w[2].digits || w[2].ndigits != 4 || w[2].claim ||
	    w[1].gap & ~(unsigned)GAP_BLANK || w[2].gap & ~(unsigned)(GAP_BLANK | GAP_COMMA))
		return false;
	month = month_of(part, i);
	if (!month || !valid(w[2].number, month, w[1].number))
		return false;
	add_date(part, w[2].number, month, w[1].number, i, i + 2, "March 7, 2008");
	return true;
}

/* "E56.190121", "221208 Title ep34", "Title.140502.HDTV" */
static bool six_digit_place(const struct part *part, size_t i)
{
	if (part->has_episode)
		return i == 0 || part->words[i - 1].claim == NAME_EPISODE;
	return i > 0 && i + 1 < part->count && part->words[i].gap == GAP_DOT &&
	       part->words[i + 1].gap == GAP_DOT && part->words[i].number >= 50000;
}

/* "20080309"; "080309" first or behind an episode. */
static bool one_number(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	int n = w->number;

	if (!w->digits)
		return false;
	if (w->ndigits == 8 && valid(n / 10000, n / 100 % 100, n % 100) && n / 10000 <= YEAR_LAST) {
		add_date(part, n / 10000, n / 100 % 100, n % 100, i, i, "20080309");
		return true;
	}
	if (w->ndigits == 6 && six_digit_place(part, i) &&
	    valid(century(n / 10000), n / 100 % 100, n % 100) && n / 10000 < 40 && w->gap != GAP_DASH) {
		add_date(part, century(n / 10000), n / 100 % 100, n % 100, i, i, "080309");
		return true;
	}
	return false;
}

/* "14th March 2024": the day as it is spoken. */
static bool spoken_day(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	const char *day = word_key(part, i);
	int number = 0, month;
	size_t n = 0;

	while (n < w[0].keylen && n < 2 && day[n] >= '0' && day[n] <= '9')
		number = number * 10 + day[n++] - '0';
	if (w[0].claim || !n || w[0].keylen != n + 2 || !w[2].digits || w[2].ndigits != 4 ||
	    (w[1].gap | w[2].gap) & ~(unsigned)(GAP_BLANK | GAP_DASH | GAP_COMMA) ||
	    (memcmp(day + n, "st", 2) && memcmp(day + n, "nd", 2) && memcmp(day + n, "rd", 2) &&
	     memcmp(day + n, "th", 2)))
		return false;
	month = month_of(part, i + 1);
	if (!month || !valid(w[2].number, month, number))
		return false;
	add_date(part, w[2].number, month, number, i, i + 2, "14th March 2024");
	return true;
}

void date_find(struct part *part)
{
	for (size_t i = 0; i < part->count && !part_has(part, NAME_DATE); i++) {
		*part->steps += 1;
		if (i + 2 < part->count && (spoken_day(part, i) || month_first(part, i)))
			break;
		if (part->words[i].claim || !part->words[i].digits)
			continue;
		if (i + 2 < part->count && (three_numbers(part, i) || month_name(part, i)))
			break;
		if (one_number(part, i))
			break;
	}
}

static bool is_year(const struct word *w)
{
	return w->digits && w->ndigits == 4 && !w->claim && w->number >= YEAR_FIRST && w->number <= YEAR_LAST;
}

/* "(1897)": there were films before 1900, but titles and numbers look just like that. */
static bool is_first_film(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i];

	return i > 0 && w->digits && w->ndigits == 4 && !w->claim && w->number >= FILM_FIRST &&
	       w->number < YEAR_FIRST && bracket_alone(part, i) && part->brackets[w->group].kind == '(';
}

static bool end_of_title(const struct part *part, size_t i)
{
	return i >= part->count || part->words[i].claim || part->words[i].gap & GAP_BRACKET ||
	       part->words[i].row;
}

/* A year behind the episode is one only where a title cannot go on. */
static bool year_place(const struct part *part, size_t i, bool behind_episode)
{
	return !behind_episode || bracket_alone(part, i) || end_of_title(part, i + 1);
}

/* "1917.mkv", "[Group] 1917 - 10", "1923 - S01E02": the year is all there is of a title. */
static bool is_title_itself(const struct part *part, size_t i)
{
	const struct word *next = i + 1 < part->count ? &part->words[i + 1] : NULL;

	if (i > part->title_first)
		return false;
	if (!next)
		return part_has(part, NAME_CONTAINER) || i > 0;
	if (i > 0 && claim_is_tech(next->claim))
		return false; /* "[RUN].2007.1080p" */
	return next->claim || (i == 0 && next->gap & GAP_BRACKET) || (next->digits && !is_year(next));
}

/* "1999 - Title", "1999.Title.720p" */
static bool year_in_front(const struct part *part)
{
	if (!part->count || !is_year(&part->words[0]) || is_title_itself(part, 0))
		return false;
	if (part->count == 1 || part->words[1].bad_dash)
		return true;
	return part->tech < part->count && part->count > 2 && part->tech > 1 && !part->has_episode &&
	       part->words[1].gap == GAP_DOT;
}

/* Behind technical words a year counts still: "[1080p] 2011 S02E05", "[1080p] 2011 [x264]". */
static bool before_episode(const struct part *part, size_t i)
{
	if (part->words[i].gap & GAP_CLOSE && i + 1 < part->count && part->words[i + 1].gap & GAP_OPEN)
		return true;
	return i + 1 < part->count &&
	       (part->words[i + 1].claim == NAME_SEASON || part->words[i + 1].claim == NAME_EPISODE);
}

void year_find(struct part *part)
{
	size_t best = part->count, tech = part->tech, episode = part->count;
	bool bracketed = false;

	for (size_t i = 0; i < part->count; i++) {
		const struct word *w = &part->words[i];
		bool own;

		*part->steps += 1;
		if (episode == part->count && (w->claim == NAME_EPISODE || w->claim == NAME_SEASON))
			episode = i;
		if (!is_year(w) && !is_first_film(part, i))
			continue;
		own = bracket_alone(part, i) || (w->gap & GAP_OPEN && i + 1 < part->count &&
						 part->words[i + 1].gap & (GAP_DASH | GAP_SLASH) && w->group);
		if ((i == 0 || is_title_itself(part, i)) && !own)
			continue;
		if (i > tech && !own && !before_episode(part, i) &&
		    !(i + 1 == part->count && best == part->count && i == tech + 1))
			break; /* "Title 480p 2001" */
		if (bracketed || (best < episode && i > episode) || !year_place(part, i, i > episode))
			continue;
		best = i;
		bracketed = own;
	}
	if (best == part->count && year_in_front(part))
		best = 0;
	if (best == part->count)
		return;
	if (best > 1 && is_year(&part->words[best - 1]) && part->words[best].gap == GAP_DASH && !bracketed) {
		best--; /* "1999-2005" */
		part_claim(part, best + 1, best + 1, NAME_YEAR);
	}
	part_drop(part, NAME_YEAR);
	part->year_bracketed = bracketed;
	part_add(part, NAME_YEAR, NULL, part->words[best].number, best, best, bracketed ? "(2008)" : "2008");
	if (bracketed && best + 1 < part->count && part->words[best + 1].group == part->words[best].group &&
	    is_year(&part->words[best + 1]))
		part_claim(part, best + 1, best + 1, NAME_YEAR);
}
