/* name_title.c - what nothing else claimed: the title, further titles behind spaced dashes, the episode's
 * title. */
#include "media/name_parts.h"

#include <string.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '.' || c == '_' || c == '*' || c == '<' || c == '>' || c == '\t';
}

/* The dot at i belongs to an acronym ("S.H.I.E.L.D.") or an abbreviation ("St. Vincent"). */
static bool keep_dot(const char *s, size_t len, size_t i)
{
	bool single = i > 0 && is_letter(s[i - 1]) && (i == 1 || !is_letter(s[i - 2])) &&
		      !(i > 1 && s[i - 2] >= '0' && s[i - 2] <= '9');
	bool next_single = i + 1 < len && is_letter(s[i + 1]) && (i + 2 == len || !is_letter(s[i + 2]));
	bool last = i >= 3 && s[i - 2] == '.' && is_letter(s[i - 3]) && (i == 3 || !is_letter(s[i - 4]));

	if (single && (next_single || last))
		return true;
	return i >= 2 && i <= 64 && i + 1 < len && s[i + 1] == ' ' && s[i - 1] >= 'a' && s[i - 1] <= 'z' &&
	       (i == 2 || (i >= 3 && (s[i - 3] == ' ' || i == 3))) && s[i - 2] >= 'A' && s[i - 2] <= 'Z';
}

char *title_text(struct arena *arena, const char *text, size_t len)
{
	char *to = arena_alloc(arena, len + len / 2 + 2);
	size_t used = 0;

	while (len && strchr(" ._-,:;/|~+*&#=", text[0]))
		text++, len--;
	while (len && strchr(" _-,:;/|~+*&#=[({", text[len - 1]))
		len--;
	while (len && text[len - 1] == '.' && !keep_dot(text, len, len - 1))
		len--;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (is_blank(c) && !(c == '.' && keep_dot(text, len, i)))
			c = ' ';
		if (c == ' ' && (!used || to[used - 1] == ' '))
			continue;
		to[used++] = c;
		if (c == '.' && i + 2 < len && is_letter(text[i + 1]) && is_letter(text[i + 2]))
			to[used++] = ' '; /* "S.H.I.E.L.D. Again" */
	}
	while (used && strchr(" -,:;", to[used - 1]))
		used--;
	to[used] = '\0';
	return to;
}

static size_t bracket_end(const struct part *part, size_t i)
{
	uint16_t close = part->brackets[part->words[i].group].close;

	while (i < part->count && part->words[i].at < close)
		i++;
	return i;
}

/* Brackets inside a title: "(Not) Alone" goes on behind, "(The Lincoln Lawyer) 2011" does not. */
static bool bracket_goes_on(const struct part *part, size_t i, size_t *end)
{
	if (!part->words[i].group || part->brackets[part->words[i].group].kind != '(')
		return false;
	*end = bracket_end(part, i);
	for (size_t j = i; j < *end; j++) {
		if (part->words[j].claim)
			return false;
	}
	return *end < part->count && *end < part->tech && !part->words[*end].claim &&
	       !part->words[*end].bad_dash && !(part->words[*end].gap & GAP_OPEN);
}

/* "(500) Days of Summer": what closes at word i is the beginning of the title. */
static bool begins_in_parentheses(const struct part *part, size_t start, size_t i)
{
	return start == 0 && part->brackets[part->words[0].group].kind == '(' &&
	       !(part->words[i].gap & GAP_OPEN) && !part->words[i].bad_dash;
}

/* The end of free words that begin at `start`. */
static size_t run_end(const struct part *part, size_t start, size_t limit)
{
	size_t i = start, end;

	while (i < limit && !part->words[i].claim) {
		*part->steps += 1;
		if (i > start && part->words[i].gap & GAP_OPEN) {
			if (!bracket_goes_on(part, i, &end) || end <= i)
				break;
			i = end;
			continue;
		}
		if (i > start && part->words[i].gap & GAP_CLOSE && part->words[start].group &&
		    part->words[i].group != part->words[start].group &&
		    !begins_in_parentheses(part, start, i))
			break;
		i++;
	}
	return i;
}

/* Text of words [first, end), with the marks that stick to the last one. */
static char *words_text(const struct part *part, size_t first, size_t end)
{
	size_t at = part->words[first].at, stop = part->words[end - 1].at + part->words[end - 1].len;
	bool acronym = end >= first + 2 && part->words[end - 1].len == 1 && part->words[end - 2].len == 1 &&
		       part->words[end - 1].gap == GAP_DOT;

	if (acronym && stop < part->len && part->text[stop] == '.')
		stop++;
	while (stop < part->len && (part->text[stop] == '!' || part->text[stop] == '?'))
		stop++;
	if (part->words[end - 1].group && stop < part->len && part->text[stop] == ')' &&
	    part->words[first].group != part->words[end - 1].group)
		stop++;
	if (first == 0 && part->words[0].group && at && part->brackets[part->words[0].group].kind == '(' &&
	    part->brackets[part->words[0].group].open + 1U == at &&
	    part->brackets[part->words[0].group].close < stop)
		at--; /* "(500) Days of Summer" */
	return title_text(part->arena, part->text + at, stop - at);
}

/* The first word that is no number begins with a Latin letter. */
static bool has_latin(const struct part *part, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		char c = part->text[part->words[i].at];
		unsigned char lead = (unsigned char)c; /* of U+00C0 to U+024F: with accents */

		if (!part->words[i].digits)
			return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			       (lead >= 0xC3 && lead <= 0xC9);
	}
	return false;
}

static void add_text(struct part *part, enum name_property property, size_t first, size_t end,
		     const char *rule)
{
	char *text = words_text(part, first, end);

	if (*text)
		part_add(part, property, text, 0, first, end - 1, rule);
}

/* Splits [first, end) at spaced dashes: the first piece and the rest. */
static void add_pieces(struct part *part, enum name_property first_is, enum name_property rest_is,
		       size_t first, size_t end, const char *rule)
{
	size_t from = first;
	enum name_property property = first_is;

	for (size_t i = first + 1; i <= end; i++) {
		if (i < end && !part->words[i].bad_dash)
			continue;
		add_text(part, property, from, i, rule);
		property = rest_is;
		from = i;
	}
}

/* "Другое / Title": the piece in Latin letters when the first is not. */
static void choose_piece(const struct part *part, size_t *first, size_t *end)
{
	size_t from = *first;

	for (size_t i = *first + 1; i <= *end; i++) {
		if (i < *end &&
		    !((part->words[i].gap & GAP_SLASH || (part->anime && part->words[i].gap == GAP_UNDER)) &&
		      !(part->words[i].gap & GAP_BRACKET)))
			continue;
		if (i < *end && part->words[i].gap == GAP_UNDER &&
		    (has_latin(part, from, i) || part->words[i - 1].digits))
			continue;
		if (has_latin(part, from, i) || i == *end) {
			if (i == *end && !has_latin(part, from, i))
				return;
			*first = from;
			*end = i;
			return;
		}
		from = i;
	}
}

static bool is_episode_claim(int claim)
{
	return claim == NAME_EPISODE || claim == NAME_SEASON || claim == NAME_DATE ||
	       claim == NAME_ABSOLUTE_EPISODE || claim == NAME_EPISODE_COUNT || claim == NAME_KEY_SEASON;
}

/* "铜谷 第二季 / Copper Valley S02": the season of one language, and then the title in another. */
static bool title_follows(const struct part *part, size_t i)
{
	return i + 1 < part->count && part->words[i].claim == NAME_SEASON && !part->words[i + 1].claim &&
	       part->words[i + 1].gap & GAP_SLASH;
}

/* The first word that says which episode; a date in front of a title does not count. */
static size_t episode_words(const struct part *part)
{
	size_t i = 0;

	if (part->count && part->words[0].claim == NAME_DATE) {
		while (i < part->count && part->words[i].claim == NAME_DATE)
			i++;
		if (i == part->count || (!part->has_episode && !part_has(part, NAME_YEAR)))
			return 0;
	}
	while (i < part->count && (!is_episode_claim(part->words[i].claim) || title_follows(part, i)))
		i++;
	return i;
}

/* "Title 2014 Special": an episode outside the seasons. */
static bool special_behind_year(struct part *part)
{
	size_t year = 0, end;

	while (year < part->count && part->words[year].claim != NAME_YEAR)
		year++;
	if (!year || year + 1 >= part->count || part->has_episode || part->words[year + 1].claim ||
	    part->words[year + 1].gap & GAP_BRACKET)
		return false;
	end = run_end(part, year + 1, part->tech);
	for (size_t i = year + 1; i < end; i++) {
		const struct word *w = &part->words[i];

		if (!w->row || w->row_words != 1 || w->row->property != NAME_EPISODE_DETAILS ||
		    !word_is(part, i, "special"))
			continue;
		part_add(part, NAME_EPISODE_DETAILS, w->row->value, 0, i, i, "special behind the year");
		part_claim(part, i, i, 0);
		add_text(part, NAME_EPISODE_TITLE, year + 1, end, "special behind the year");
		return true;
	}
	return false;
}

/* "LA X, Pt. 1_s06e32": the part belongs to the title. */
static void part_in_title(struct part *part, size_t first)
{
	bool found = false;

	for (size_t i = 0; i < first && first < part->count && part->has_episode; i++) {
		if (part->words[i].claim != NAME_PART)
			continue;
		part->words[i].claim = 0;
		found = true;
	}
	if (found)
		part_drop(part, NAME_PART);
}

/* Where the title begins: the first free word, or among brackets the first one that reads Latin. */
static size_t title_start(const struct part *part, size_t limit)
{
	size_t start = 0, fallback;

	while (start < limit && part->words[start].claim)
		start++;
	fallback = start;
	if (!part->anime)
		return start;
	for (size_t i = start; i < limit;) {
		size_t end = run_end(part, i, limit);

		if (end == i) {
			i++;
			continue;
		}
		if (has_latin(part, i, end) && !bracket_alone(part, i))
			return i;
		if (has_latin(part, i, end))
			return part->words[fallback].group || !has_latin(part, fallback, fallback + 1)
				       ? i
				       : fallback;
		i = end;
	}
	return fallback;
}

static void find_episode_title(struct part *part, size_t first)
{
	size_t start = first + 1, end;

	while (start < part->count && start < part->tech && part->words[start].claim)
		start++;
	if (start >= part->count || start >= part->tech) {
		size_t behind = first + 1;

		while (behind < part->count && is_episode_claim(part->words[behind].claim))
			behind++;
		if (behind < part->count && word_is(part, behind, "pilot"))
			add_text(part, NAME_EPISODE_TITLE, behind, behind + 1, "a pilot's title");
		return;
	}
	end = run_end(part, start, part->tech);
	if (end < part->tech && part->words[end].claim == NAME_PART) { /* "Elements Part 1 Skyhooks" */
		size_t behind = end;

		while (behind < part->tech && part->words[behind].claim == NAME_PART)
			behind++;
		if (behind < part->tech && !part->words[behind].claim &&
		    !(part->words[behind].gap & GAP_BRACKET)) {
			part_drop(part, NAME_PART);
			part_claim(part, end, behind - 1, 0);
			end = run_end(part, start, part->tech);
		}
	}
	if (end == start)
		return;
	if (!part_has(part, NAME_TITLE) && part->words[0].claim && !part->has_episode) {
		add_pieces(part, NAME_TITLE, NAME_EPISODE_TITLE, start, end, "behind the number");
		part->title_behind = true;
	} else {
		add_text(part, NAME_EPISODE_TITLE, start, end, "behind the episode");
	}
}

static size_t claimed_word(const struct part *part, int claim)
{
	size_t i = 0;

	while (i < part->count && part->words[i].claim != claim)
		i++;
	return i;
}

/* "James Bond-f21-Casino Royale-x02-Stunts" */
static void film_and_bonus(struct part *part)
{
	size_t film = claimed_word(part, NAME_FILM), bonus = claimed_word(part, NAME_BONUS), end;

	if (film + 1 < part->count && film > 0) {
		add_text(part, NAME_FILM_TITLE, 0, film, "before -f21-");
		end = run_end(part, film + 1, part->count);
		if (end > film + 1)
			add_text(part, NAME_TITLE, film + 1, end, "behind -f21-");
	}
	if (bonus + 1 < part->count) {
		end = run_end(part, bonus + 1, part->count);
		if (end < part->count && part->words[end].claim == NAME_YEAR) {
			part_claim(part, end, end, 0);
			end = run_end(part, bonus + 1, part->count);
		}
		if (end > bonus + 1)
			add_text(part, NAME_BONUS_TITLE, bonus + 1, end, "behind -x02-");
	}
}

void title_find(struct part *part)
{
	size_t first = episode_words(part), limit, start, end;

	film_and_bonus(part);
	part_in_title(part, first);
	if (part->count > 1 && part->words[0].digits && part->words[0].ndigits < 3 &&
	    bracket_alone(part, 0) && !part->words[0].claim &&
	    part->brackets[part->words[0].group].kind == '(')
		part_claim(part, 0, 0, NAME_KEY_PART); /* "(1)Title" */
	limit = first > 0 && first < part->count ? first : part->count;
	if (limit > part->tech && part->tech > 0)
		limit = part->tech;
	if (!part_has(part, NAME_TITLE) && !(first == 0 && part->has_episode)) {
		start = title_start(part, limit);
		if (first == 0)
			start = limit; /* numbers in front: see below */
		if (start < limit) {
			end = run_end(part, start, limit);
			choose_piece(part, &start, &end);
			add_pieces(part, NAME_TITLE, NAME_ALTERNATIVE_TITLE, start, end,
				   "what is left in front");
		}
	}
	if (first < part->count)
		find_episode_title(part, first);
	else
		special_behind_year(part);
	if (!part_has(part, NAME_TITLE) && first == part->count) { /* "[h265] Title French 1080p" */
		start = 0;
		while (start < part->count && part->words[start].claim)
			start++;
		if (start < part->count) {
			end = run_end(part, start, part->count);
			add_pieces(part, NAME_TITLE, NAME_ALTERNATIVE_TITLE, start, end, "what is left");
		}
	}
}
