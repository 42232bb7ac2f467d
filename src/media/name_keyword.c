/* name_keyword.c - numbers behind (or before) a word that says what they are: "Season 2", "Episode 10",
 * "Cap.408", "Part VI", "CD1", "3of9", bonus "-x02-" and film "-f21-". */
#include "media/name_parts.h"

#include <string.h>

static int roman(const char *k, size_t len)
{
	static const char *const numerals[] = { "i",  "ii", "iii", "iv",  "v",	  "vi",	 "vii", "viii",
						"ix", "x",  "xi",  "xii", "xiii", "xiv", "xv",	"xvi" };

	for (size_t i = 0; i < sizeof(numerals) / sizeof(numerals[0]); i++) {
		if (strlen(numerals[i]) == len && !memcmp(numerals[i], k, len))
			return (int)i + 1;
	}
	return -1;
}

static int spelled(const char *k, size_t len)
{
	static const struct {
		const char *word;
		int number;
	} rows[] = {
		{ "one", 1 },	  { "two", 2 },	  { "three", 3 },  { "four", 4 },  { "five", 5 },
		{ "six", 6 },	  { "seven", 7 }, { "eight", 8 },  { "nine", 9 },  { "ten", 10 },
		{ "un", 1 },	  { "une", 1 },	  { "deux", 2 },   { "trois", 3 }, { "quatre", 4 },
		{ "cinq", 5 },	  { "sept", 7 },  { "huit", 8 },   { "neuf", 9 },  { "dix", 10 },
		{ "eins", 1 },	  { "zwei", 2 },  { "drei", 3 },   { "vier", 4 },  { "funf", 5 },
		{ "uno", 1 },	  { "dos", 2 },	  { "tres", 3 },   { "due", 2 },   { "tre", 3 },
		{ "quattro", 4 }, { "first", 1 }, { "second", 2 }, { "third", 3 }, { "fourth", 4 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strlen(rows[i].word) == len && !memcmp(rows[i].word, k, len))
			return rows[i].number;
	}
	return -1;
}

int word_number(const struct part *part, size_t i)
{
	const struct word *w;
	int n;

	if (i >= part->count)
		return -1;
	w = &part->words[i];
	if (w->digits)
		return w->ndigits <= 4 ? w->number : -1;
	if (w->keylen > 8)
		return -1;
	n = roman(word_key(part, i), w->keylen);
	return n > 0 ? n : spelled(word_key(part, i), w->keylen);
}

static bool joined(const struct part *part, size_t i)
{
	return i < part->count && !part->words[i].claim &&
	       !(part->words[i].gap & (GAP_BRACKET | GAP_SLASH | GAP_OTHER | GAP_COMMA)) &&
	       !part->words[i].bad_dash;
}

/* "2of5": both numbers of one word. */
static bool read_of(const struct part *part, size_t i, int *number, int *count)
{
	const char *k = word_key(part, i);
	size_t len = part->words[i].keylen, d = 0;

	*number = *count = 0;
	if (len < 4 || len > 7)
		return false;
	while (d < len && k[d] >= '0' && k[d] <= '9')
		*number = *number * 10 + (k[d++] - '0');
	if (!d || d > 3 || d + 3 > len || k[d] != 'o' || k[d + 1] != 'f')
		return false;
	for (d += 2; d < len; d++) {
		if (k[d] < '0' || k[d] > '9')
			return false;
		*count = *count * 10 + (k[d] - '0');
	}
	return true;
}

static void add_once(struct part *part, enum name_property property, int number, size_t i, size_t last,
		     const char *rule)
{
	for (size_t v = 0; v < part->value_count; v++) {
		*part->steps += 1;
		if (part->values[v].property == property && part->values[v].number == number) {
			part_claim(part, i, last, property);
			return;
		}
	}
	part_add(part, property, NULL, number, i, last, rule);
}

/* More numbers of the same kind behind word i: "1-3", "1&3", "1.3.4", "1 a 3". */
static void more_numbers(struct part *part, size_t i, enum name_property property, int most, const char *rule)
{
	int last = part->words[i].digits ? part->words[i].number : -1;

	for (size_t j = i + 1; last >= 0 && j < part->count && !part->words[j].claim; j++) {
		const struct word *w = &part->words[j];
		bool range = w->gap & (GAP_DASH | GAP_TILDE);
		size_t at = j;

		*part->steps += 1;
		if (w->gap & (GAP_BRACKET | GAP_SLASH))
			return;
		if ((word_is(part, j, "a") || word_is(part, j, "to")) && j + 1 < part->count) {
			range = true;
			at = j + 1;
		}
		w = &part->words[at];
		if (!w->digits || w->ndigits > 3 || w->number <= last || w->number - last > most)
			return;
		if (!range && !(w->gap & GAP_AND) &&
		    !(w->gap == GAP_DOT && w->ndigits == 1 && part->words[i].ndigits == 1) &&
		    !(w->gap & GAP_COMMA) && w->gap != GAP_UNDER)
			return;
		if (range && w->gap & GAP_BLANK &&
		    (property == NAME_EPISODE || w->ndigits != part->words[i].ndigits ||
		     part->text[w->at] == '0'))
			return; /* "Season 2 - 05" */
		for (int n = range ? last + 1 : w->number; n <= w->number; n++)
			add_once(part, property, n, j, at, rule);
		last = w->number;
		j = at;
	}
}

static bool like_year(const struct word *w)
{
	return w->digits && w->ndigits == 4 && w->number >= 1900 && w->number < 2040;
}

/* "Hunting.Season.2013.1080p": the year of a film; "Season 2013" by itself and before an episode is one. */
static bool year_behind_season(const struct part *part, size_t i)
{
	return i > 0 && like_year(&part->words[i + 1]) && part->words[i + 1].gap != GAP_NONE &&
	       !(i + 2 < part->count &&
		 (part->words[i + 2].claim == NAME_EPISODE ||
		  (part->words[i + 2].row_at == 0 && word_is(part, i + 2, "episode"))));
}

static bool season_word(struct part *part, size_t i)
{
	int number, count;

	if (joined(part, i + 1) && read_of(part, i + 1, &number, &count)) {
		add_once(part, NAME_SEASON, number, i, i + 1, "Season 1of3");
		part_add(part, NAME_SEASON_COUNT, NULL, count, i + 1, i + 1, "Season 1of3");
		part->has_episode = true;
		return true;
	}
	if (joined(part, i + 1) && (number = word_number(part, i + 1)) >= 0 && !year_behind_season(part, i) &&
	    (number < 200 || (number >= 1900 && number < 2100))) {
		add_once(part, NAME_SEASON, number, i, i + 1, "Season 1");
		more_numbers(part, i + 1, NAME_SEASON, 60, "Season 1-3");
		part->has_episode = true;
		return true;
	}
	if (i > 0 && joined(part, i)) { /* "2nd Season" */
		const char *k = word_key(part, i - 1);
		size_t len = part->words[i - 1].keylen;

		if (!part->words[i - 1].claim && len == 3 && k[0] >= '1' && k[0] <= '9' &&
		    (!memcmp(k + 1, "st", 2) || !memcmp(k + 1, "nd", 2) || !memcmp(k + 1, "rd", 2) ||
		     !memcmp(k + 1, "th", 2))) {
			add_once(part, NAME_SEASON, k[0] - '0', i - 1, i, "2nd Season");
			part->has_episode = true;
			return true;
		}
		if (part->words[i - 1].claim == NAME_SEASON) {
			part_claim(part, i, i, NAME_KEY_SEASON);
			return true;
		}
	}
	return false;
}

/* "Cap.408": season 4, episode 8. */
static void episode_with_season(struct part *part, size_t i, int number)
{
	const struct word *next = i + 2 < part->count ? &part->words[i + 2] : NULL;
	int last = number;

	add_once(part, NAME_SEASON, number / 100, i, i + 1, "Cap.408");
	if (next && next->digits && next->number / 100 == number / 100 && next->number > number &&
	    next->gap & (GAP_UNDER | GAP_DASH)) {
		last = next->number;
		part_claim(part, i + 2, i + 2, NAME_EPISODE);
	}
	for (int n = number; n <= last; n++)
		add_once(part, NAME_EPISODE, n % 100, i, i + 1, "Cap.408");
}

static bool episode_word(struct part *part, size_t i)
{
	const struct word *w = i + 1 < part->count ? &part->words[i + 1] : NULL;
	int number, count;

	if (part_has(part, NAME_EPISODE) || !w || w->claim || w->gap & (GAP_BRACKET | GAP_SLASH) ||
	    w->bad_dash)
		return false;
	if (read_of(part, i + 1, &number, &count)) {
		add_once(part, NAME_EPISODE, number, i, i + 1, "Episode 1of3");
		part_add(part, NAME_EPISODE_COUNT, NULL, count, i + 1, i + 1, "Episode 1of3");
		return part->has_episode = true;
	}
	if (!w->digits || w->ndigits > 5)
		return false;
	if (like_year(w))
		return false; /* "Episodes 2017" */
	if (word_is(part, i, "cap") && w->number >= 100) {
		episode_with_season(part, i, w->number);
	} else {
		add_once(part, NAME_EPISODE, w->number, i, i + 1, "Episode 10");
		more_numbers(part, i + 1, NAME_EPISODE, 400, "Episode 1-12");
	}
	return part->has_episode = true;
}

static void part_word(struct part *part, size_t i)
{
	int number;

	if (!joined(part, i + 1) || i == 0)
		return;
	number = word_number(part, i + 1);
	if (number < 0 && part->words[i + 1].keylen == 1 && *word_key(part, i + 1) >= 'a' &&
	    *word_key(part, i + 1) <= 'd')
		number = *word_key(part, i + 1) - 'a' + 1;
	if (number >= 1 && number < 100)
		part_add(part, NAME_PART, NULL, number, i, i + 1, "Part 2");
}

static void cd_word(struct part *part, size_t i)
{
	int number, count;
	enum name_property property = word_is(part, i, "cd") ? NAME_CD : NAME_DISC;

	if (i + 1 < part->count && !(part->words[i + 1].gap & GAP_BRACKET) &&
	    read_of(part, i + 1, &number, &count)) {
		part_add(part, property, NULL, number, i, i + 1, "CD1of2");
		part_add(part, NAME_CD_COUNT, NULL, count, i + 1, i + 1, "CD1of2");
	} else if (i > 0 && joined(part, i + 1) && part->words[i + 1].digits &&
		   part->words[i + 1].ndigits <= 2) {
		part_add(part, property, NULL, part->words[i + 1].number, i, i + 1, "CD1");
	} else if (i > 1 && property == NAME_CD && joined(part, i) && part->words[i - 1].digits &&
		   part->words[i - 1].number < 10 && !part->words[i - 1].claim) {
		part_add(part, NAME_CD_COUNT, NULL, part->words[i - 1].number, i - 1, i, "2 CD");
	}
}

/* "-x02-Making Of", "James Bond-f21-Casino Royale" */
static void bonus_or_film(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	const char *k = word_key(part, i);
	enum name_property property = *k == 'x' ? NAME_BONUS : NAME_FILM;

	if (i == 0 || w->keylen != 3 || !(w->gap & GAP_DASH) || w->gap & GAP_BLANK ||
	    (*k != 'x' && *k != 'f') || k[1] < '0' || k[1] > '9' || k[2] < '0' || k[2] > '9' ||
	    part->words[i - 1].claim == NAME_EPISODE)
		return;
	part_add(part, property, NULL, (k[1] - '0') * 10 + k[2] - '0', i, i, *k == 'x' ? "-x02-" : "-f21-");
}

/* "3of9", "3 of 9" */
static void of_numbers(struct part *part, size_t i)
{
	int number, count;

	if (part_has(part, NAME_EPISODE))
		return;
	if (read_of(part, i, &number, &count)) {
		part_add(part, NAME_EPISODE, NULL, number, i, i, "3of9");
		part_add(part, NAME_EPISODE_COUNT, NULL, count, i, i, "3of9");
		if (i + 1 < part->count && word_is(part, i + 1, "ep"))
			part_claim(part, i + 1, i + 1, NAME_EPISODE);
	} else if (i > 0 && i + 2 < part->count && part->words[i].digits && part->words[i].ndigits <= 3 &&
		   word_is(part, i + 1, "of") && part->words[i + 2].digits &&
		   part->words[i + 2].ndigits <= 3 && part->words[i + 2].number >= part->words[i].number) {
		part_add(part, NAME_EPISODE, NULL, part->words[i].number, i, i + 2, "3 of 9");
		part_add(part, NAME_EPISODE_COUNT, NULL, part->words[i + 2].number, i + 2, i + 2, "3 of 9");
	}
}

/* The key of word i begins with one of `count` marks of three bytes. */
static bool has_mark(const struct part *part, size_t i, size_t offset, const char *const *marks, size_t count)
{
	for (size_t m = 0; i < part->count && m < count; m++) {
		if (part->words[i].keylen >= offset + 3 && !memcmp(word_key(part, i) + offset, marks[m], 3))
			return true;
	}
	return false;
}

/* Chinese, Japanese and Korean: "第05话", "857集", "3화"; "第2期" is a season. */
static void counted(struct part *part, size_t i)
{
	static const char *const marks[] = { "话", "話", "集", "回", "화", "회" };
	static const char *const seasons[] = { "期", "季", "기" };
	const struct word *w = &part->words[i];
	bool first = i > 0 && word_is(part, i - 1, "第") && w->gap == GAP_NONE;

	if (!w->digits || w->ndigits > 4 || i + 1 >= part->count || part->words[i + 1].gap != GAP_NONE)
		return;
	if (w->ndigits <= 2 && (first || part->words[i + 1].keylen == 3) &&
	    has_mark(part, i + 1, 0, seasons, sizeof(seasons) / sizeof(seasons[0]))) {
		part_claim(part, i - first, i, NAME_SEASON);
		add_once(part, NAME_SEASON, w->number, i, i + 1, "第2期");
		part->has_episode = true;
		return;
	}
	if (part_has(part, NAME_EPISODE) ||
	    !has_mark(part, i + 1, 0, marks, sizeof(marks) / sizeof(marks[0])))
		return;
	part_claim(part, i - first, i, NAME_EPISODE);
	part_add(part, NAME_EPISODE, NULL, w->number, i, i + 1, "第1话");
	if (!part_has(part, NAME_SEASON))
		part_add(part, NAME_ABSOLUTE_EPISODE, NULL, w->number, i, i + 1, "第1话");
	part->has_episode = true;
}

/* "第二季" in one word. */
static void counted_in_words(struct part *part, size_t i)
{
	static const char *const numerals[] = { "一", "二", "三", "四", "五", "六", "七", "八", "九", "十" };
	static const char *const seasons[] = { "期", "季" };

	if (part->words[i].keylen != 9 || memcmp(word_key(part, i), "第", 3) ||
	    !has_mark(part, i, 6, seasons, 2))
		return;
	for (size_t n = 0; n < sizeof(numerals) / sizeof(numerals[0]); n++) {
		if (has_mark(part, i, 3, &numerals[n], 1)) {
			add_once(part, NAME_SEASON, (int)n + 1, i, i, "第二季");
			part->has_episode = true;
			return;
		}
	}
}

/* Languages that put the number first: "2 сезон 5 серия", "2. sezon 5. odcinek". */
static bool number_first(const struct part *part, size_t i)
{
	static const char *const words[] = { "сезон",  "серия",	  "серии",  "выпуск", "эпизод",
					     "sezon",  "odcinek", "evad",   "resz",   "bolum",
					     "sezona", "serie",	  "epizod", "epizoda" };

	if (i == 0 || !joined(part, i) || !part->words[i - 1].digits || part->words[i - 1].claim ||
	    part->words[i - 1].ndigits > 3)
		return false;
	for (size_t n = 0; n < sizeof(words) / sizeof(words[0]); n++) {
		if (word_is(part, i, words[n]))
			return true;
	}
	return false;
}

/* Takes the number before word i, which says what it is, when the number behind it is another word's or none.
 */
static bool take_number_before(struct part *part, size_t i, const struct name_row *row)
{
	enum name_property property = row->property == NAME_KEY_SEASON ? NAME_SEASON : NAME_EPISODE;
	bool behind = joined(part, i + 1) && part->words[i + 1].digits;
	bool more;

	if (!number_first(part, i) || (property == NAME_EPISODE && part_has(part, NAME_EPISODE)))
		return false;
	if (behind) {
		row = i + 2 < part->count ? name_row_find(NAME_TABLE_TECH, word_key(part, i + 2),
							  part->words[i + 2].keylen, &more)
					  : NULL;
		if (!row || row->property != NAME_KEY_EPISODE)
			return false;
	}
	add_once(part, property, part->words[i - 1].number, i - 1, i, "2 сезон 5 серия");
	return part->has_episode = true;
}

void episode_keywords(struct part *part)
{
	for (size_t i = 0; i < part->count; i++) {
		const struct word *w = &part->words[i];
		const struct name_row *row;
		bool more;

		*part->steps += 1;
		if (w->claim)
			continue;
		if (w->keylen == 3)
			bonus_or_film(part, i);
		if (w->digits || (w->keylen && *word_key(part, i) >= '0' && *word_key(part, i) <= '9')) {
			counted(part, i);
			if (!part->words[i].claim)
				of_numbers(part, i);
			continue;
		}
		if (w->keylen == 9)
			counted_in_words(part, i);
		if (i > 0 && word_is(part, i, "dvd") && i + 1 < part->count &&
		    part->words[i + 1].gap == GAP_NONE &&
		    part->words[i + 1].ndigits == 1) /* see cut_at_number() */
			part_add(part, NAME_DISC, NULL, part->words[i + 1].number, i + 1, i + 1, "DVD2");
		row = name_row_find(NAME_TABLE_TECH, word_key(part, i), w->keylen, &more);
		if (!row && (word_is(part, i, "se") || word_is(part, i, "series")) && i + 2 < part->count &&
		    part->words[i + 1].digits) {
			row = name_row_find(NAME_TABLE_TECH, word_key(part, i + 2), part->words[i + 2].keylen,
					    &more);
			if (row && row->property == NAME_KEY_EPISODE)
				season_word(part, i);
			continue;
		}
		if (!row || !(row->flags & ROW_KEY))
			continue;
		if (take_number_before(part, i, row))
			continue;
		if (row->property == NAME_KEY_SEASON)
			season_word(part, i);
		else if (row->property == NAME_KEY_EPISODE)
			episode_word(part, i);
		else if (row->property == NAME_KEY_PART)
			part_word(part, i);
		else
			cd_word(part, i);
	}
}
