/* name_group.c - the release group: "-GROUP" at the end, "[Group]" in front or behind, "by Group", or what is
 * left. */
#include "media/name_parts.h"

#include <string.h>

/* "(Group) Title", not "(Un)seen". */
static bool in_front_of_words(const struct part *part)
{
	size_t i = 0;

	while (i < part->count && part->words[i].at < part->brackets[part->words[0].group].close)
		i++;
	return i < part->count && part->words[i].gap & GAP_BLANK;
}

/* "[Group] Title": the bracket in front. Returns the first word behind it, 0 when there is none. */
/* "[REC] (2007)" is a title: behind a group comes more than a year. */
static bool more_follows(const struct part *part, size_t i)
{
	while (i < part->count && part->words[i].claim == NAME_YEAR)
		i++;
	return i < part->count && (i < part->tech || part->tech == 0 || !part_has(part, NAME_YEAR));
}

static size_t leading_bracket(const struct part *part)
{
	size_t end = 0;
	bool free = false;

	if (!part->count || !(part->words[0].gap & GAP_OPEN) || !part->words[0].group ||
	    part->brackets[part->words[0].group].kind == '{')
		return 0;
	if (part->brackets[part->words[0].group].kind == '(' &&
	    (part->words[0].digits || !in_front_of_words(part)))
		return 0;
	while (end < part->count && part->words[end].at < part->brackets[part->words[0].group].close) {
		if (claim_is_tech(part->words[end].claim) || part->words[end].claim == NAME_WEBSITE)
			return 0;
		free = free || !part->words[end].claim;
		end++;
	}
	return free && end < part->count && more_follows(part, end) ? end : 0;
}

static void add_group(struct part *part, size_t first, size_t last, const char *rule)
{
	size_t at = part->words[first].at, end = part->words[last].at + part->words[last].len;
	bool dashes = false;

	if (at > 0 && part->text[at - 1] == '-' && end < part->len && part->text[end] == '-' &&
	    part->words[first].gap & GAP_OPEN)
		dashes = true; /* "[-ZR-]" */
	while (end > at && strchr(" ._-'", part->text[end - 1]))
		end--;
	at -= dashes;
	end += dashes;
	part_drop(part, NAME_RELEASE_GROUP);
	part_add(part, NAME_RELEASE_GROUP, arena_strndup(part->arena, part->text + at, end - at), 0, first,
		 last, rule);
}

static bool is_free(const struct part *part, size_t i)
{
	return i < part->count && !part->words[i].claim;
}

/* "-GROUP": free words behind a dash, joined by anything but blanks, outside parentheses. */
static bool dashed_group(struct part *part, bool inside)
{
	size_t from = part->tech < part->count ? part->tech : 1;

	for (size_t i = part->count; i-- > from;) {
		const struct word *w = &part->words[i];
		size_t first = i, last = i;
		int before;

		*part->steps += 1;
		if (w->claim || !(w->gap & GAP_DASH) || i == 0 || (w->group && !inside && w->gap & GAP_OPEN))
			continue;
		if (w->group && !inside)
			continue;
		before = part->words[i - 1].claim;
		if (!before || before == NAME_EPISODE || before == NAME_SEASON || before == NAME_TITLE)
			continue;
		if (part->tech == part->count &&
		    (w->bad_dash ||
		     !(claim_is_tech(before) || before == NAME_LANGUAGE || before == NAME_ABSOLUTE_EPISODE)))
			continue;
		while (is_free(part, last + 1) && !(part->words[last + 1].gap & (GAP_BRACKET | GAP_SPACE)) &&
		       part->words[last + 1].group == w->group)
			last++;
		if (part->tech == part->count && last + 1 != part->count)
			continue;
		if (last + 1 < part->count && part->words[last + 1].gap == GAP_SPACE &&
		    is_free(part, last + 1) && !part->words[last + 1].claim && w->bad_dash)
			continue;
		add_group(part, first, last, "-GROUP");
		return true;
	}
	if (!inside && part->tech + 1 < part->count && part->words[part->count - 1].gap == GAP_DASH &&
	    !part->words[part->count - 1].claim && !part->words[part->count - 1].group) {
		add_group(part, part->count - 1, part->count - 1, "-GROUP");
		return true;
	}
	return false;
}

static bool by_group(struct part *part)
{
	for (size_t i = part->count; i-- > 1;) {
		size_t last;

		*part->steps += 1;
		if (!is_free(part, i) || !word_is(part, i - 1, "by") || part->words[i - 1].claim)
			continue;
		if (i - 1 < part->tech)
			return false;
		last = i;
		while (is_free(part, last + 1) && !(part->words[last + 1].gap & GAP_BRACKET))
			last++;
		part_claim(part, i - 1, i - 1, NAME_RELEASE_GROUP);
		add_group(part, i, last, "by Group");
		return true;
	}
	return false;
}

/* "[Tri Audio]", "[Fan Subs]": what the file holds, nobody's name. */
static bool says_what_is_inside(const struct part *part, size_t last)
{
	static const char *const words[] = { "audio",	  "audios", "subs",  "subtitles",
					     "subtitled", "dub",    "dubbed" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (word_is(part, last, words[i]))
			return true;
	}
	return false;
}

/* "Title - 07v2 [Group]" */
static bool behind_number(const struct part *part, size_t i)
{
	int before = part->words[i - 1].claim;

	return before == NAME_ABSOLUTE_EPISODE || before == NAME_EPISODE ||
	       (before == NAME_VERSION && part_has(part, NAME_EPISODE));
}

/* "[Group]" as the last bracket, behind what is technical or the episode. */
static bool trailing_bracket(struct part *part)
{
	size_t i = part->count;
	uint16_t group;
	size_t first, last;

	while (i > 0 && part->words[i - 1].claim && part->words[i - 1].group && i > part->tech)
		i--;
	if (i == 0 || i != part->count)
		i = part->count;
	if (!i || !(group = part->words[i - 1].group) || part->words[i - 1].claim)
		return false;
	last = first = i - 1;
	while (first > 0 && part->words[first - 1].group == group)
		first--;
	if (first == 0 || part->brackets[group].kind != '[' || last - first > 3 ||
	    says_what_is_inside(part, last))
		return false;
	for (size_t j = first; j <= last; j++) {
		if (part->words[j].claim)
			return false;
	}
	if (first <= part->tech && part->tech == part->count && !part->has_episode &&
	    !(first == last && behind_number(part, first)) &&
	    !(part->words[first - 1].group && part->words[first - 1].claim == NAME_LANGUAGE))
		return false; /* "(2019) [FRENCH] [Group]" */
	if (first <= part->tech && part->tech < part->count)
		return false;
	add_group(part, first, last, "[Group] behind");
	return true;
}

/* "Title - 07 [Group][1080p]": the bracket straight behind an absolute number, technical ones behind it. */
static bool bracket_behind_number(struct part *part)
{
	for (size_t i = 1; i + 1 < part->count; i++) {
		size_t last = i;

		*part->steps += 1;
		if (part->words[i - 1].claim != NAME_ABSOLUTE_EPISODE)
			continue;
		if (part->words[i].claim || !part->words[i].group || !(part->words[i].gap & GAP_OPEN) ||
		    part->brackets[part->words[i].group].kind != '[')
			return false;
		while (last + 1 < part->count && part->words[last + 1].group == part->words[i].group)
			last++;
		if (last - i > 2 || last + 1 >= part->count || !(part->words[last + 1].gap & GAP_OPEN) ||
		    !claim_is_tech(part->words[last + 1].claim))
			return false;
		for (size_t j = i; j <= last; j++) {
			if (part->words[j].claim || part->words[j].digits)
				return false;
		}
		add_group(part, i, last, "[Group] behind the number");
		return true;
	}
	return false;
}

/* The free end of parentheses full of technical words, "(1080p x265 Group)". */
static bool end_of_parentheses(struct part *part)
{
	for (size_t i = part->count; i-- > part->tech;) {
		const struct word *w = &part->words[i];

		*part->steps += 1;
		if (w->claim || !w->group || part->brackets[w->group].kind != '(' ||
		    (i + 1 < part->count && part->words[i + 1].group == w->group) ||
		    part->words[i - 1].group != w->group || !part->words[i - 1].claim || w->digits)
			continue;
		add_group(part, i, i, "(1080p Group)");
		return true;
	}
	return false;
}

static bool what_is_left(struct part *part)
{
	size_t first = part->count;

	if (part->tech >= part->count)
		return false;
	while (first > part->tech && !part->words[first - 1].claim && !part->words[first - 1].group)
		first--;
	if (first > 0 && first + 1 == part->count && part->words[first].gap == (GAP_CLOSE | GAP_SPACE) &&
	    part->words[first].len > 1) {
		add_group(part, first, first, "behind all");
		return true;
	}
	if (first == part->count || first == 0 || part->count - first > 3 || part->words[first].digits ||
	    part->words[first].gap & GAP_SLASH)
		return false;
	if (!(claim_is_tech(part->words[first - 1].claim) || part->words[first - 1].claim == NAME_LANGUAGE ||
	      part->words[first - 1].claim == NAME_KEY_SUB ||
	      part->words[first - 1].claim == NAME_VIDEO_API ||
	      part->words[first - 1].claim == NAME_AUDIO_PROFILE))
		return false;
	add_group(part, first, part->count - 1, "behind all");
	return true;
}

/* "MkvCage.com" at the end is a site. */
static void trailing_site(struct part *part)
{
	size_t n = part->count;

	if (n < 3 || part->tech >= n || !is_free(part, n - 1) || !is_free(part, n - 2) ||
	    part->words[n - 1].gap != GAP_DOT ||
	    !(word_is(part, n - 1, "com") || word_is(part, n - 1, "org") || word_is(part, n - 1, "net")) ||
	    n - 2 < part->tech || part->words[n - 2].gap == GAP_DASH)
		return;
	part_add(part, NAME_WEBSITE,
		 arena_strndup(
			 part->arena, part->text + part->words[n - 2].at,
			 (size_t)(part->words[n - 1].at + part->words[n - 1].len - part->words[n - 2].at)),
		 0, n - 2, n - 1, "web site");
}

/* Called before numbers are read: tells them about "[Group] Title - 01". */
void group_find(struct part *part)
{
	size_t end = leading_bracket(part);

	if (!end)
		return;
	part->anime = true;
	add_group(part, 0, end - 1, "[Group] in front");
}

void group_finish(struct part *part)
{
	if (!part->count)
		return;
	trailing_site(part);
	if (dashed_group(part, false) || by_group(part))
		return;
	if (part->anime)
		return;
	if (part->words[part->count - 1].gap == (GAP_CLOSE | GAP_SPACE) && what_is_left(part))
		return;
	if (trailing_bracket(part) || bracket_behind_number(part) || dashed_group(part, true) ||
	    end_of_parentheses(part))
		return;
	what_is_left(part);
}
