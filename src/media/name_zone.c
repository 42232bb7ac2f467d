/* name_zone.c - everyday words: "French", "Proper", "Limited", "it", "CC" are meant only outside the titles.
 *
 * Behind the first technical word all of them are. From there back towards the title each is taken while nothing
 * else stands between; never through an episode, never the first word of the title. In brackets that hold nothing
 * else they are taken too. Then languages beside "sub" become subtitle languages. */
#include "media/name_parts.h"

#include <string.h>

static bool is_service(const struct part *part, size_t i, size_t *words)
{
	const struct word *w = &part->words[i];
	const struct word *next;
	size_t after;

	if (!w->service)
		return false;
	*words = w->service_words;
	after = i + w->service_words;
	next = after < part->count ? &part->words[after] : NULL;
	if (next && !(next->gap & GAP_BRACKET) && next->claim == NAME_SOURCE)
		return true;
	if (next && !next->claim && next->row && next->row->property == NAME_SOURCE && !(next->gap & GAP_BRACKET) &&
	    word_is(part, after, "web"))
		return true;
	if (next && next->claim == NAME_OTHER && after + 1 < part->count && part->words[after + 1].claim == NAME_SOURCE &&
	    i > 0 && claim_is_tech(part->words[i - 1].claim))
		return true;
	if (i > 0 && part->words[i - 1].claim == NAME_SOURCE && w->service_words == 1 && w->keylen <= 5 &&
	    word_is_upper(part, i) && !(w->gap & GAP_DASH) && next)
		return !w->row;
	return next && w->keylen >= 3 && !w->row && i > 0 && part->words[i - 1].claim == NAME_SCREEN_SIZE &&
	       (claim_is_tech(next->claim) || next->gap & GAP_CLOSE) && !(w->gap & GAP_DASH);
}

/* The last word of the name behind a dash is the release group, whatever it spells. */
static bool group_place(const struct part *part, size_t i, size_t words)
{
	const struct word *w = &part->words[i];
	size_t after = i + words;

	if (w->gap != GAP_DASH || i == 0 || w->row->flags & ROW_JUNK || w->row->property == NAME_KEY_SUB)
		return false;
	return (after == part->count || part->words[after].gap & GAP_OPEN) && part->words[i - 1].claim != 0 &&
	       part->words[i - 1].claim != NAME_LANGUAGE;
}

/* Codes of two or three letters are words, too: how must they be written? */
static bool code_written_as_code(const struct part *part, size_t i, bool behind)
{
	const struct name_row *row = part->words[i].row;

	if (!(row->flags & ROW_SHORT) && row->property != NAME_COUNTRY)
		return true;
	if (row->flags & ROW_TWO || row->property == NAME_COUNTRY)
		return word_is_upper(part, i) ||
		       (behind && !word_has_lower(part, i) && i > 0 &&
			(part->words[i - 1].claim == NAME_LANGUAGE || part->words[i - 1].claim == NAME_KEY_SUB ||
			 part->words[i].group)) ||
		       (behind && i + 1 < part->count && part->words[i + 1].claim == NAME_KEY_SUB);
	return behind || !word_has_lower(part, i) || word_is_upper(part, i);
}

static bool take_behind(struct part *part, size_t i, size_t *words)
{
	const struct word *w = &part->words[i];

	if (is_service(part, i, words)) {
		tech_apply(part, i, w->service, *words, "service beside a source");
		return true;
	}
	if (!w->row || w->row_at != i + 1 || w->row->flags & ROW_KEY)
		return false;
	*words = w->row_words;
	if (group_place(part, i, *words) || !code_written_as_code(part, i, true) || w->row->property == NAME_COUNTRY)
		return false;
	tech_apply(part, i, w->row, *words, "behind the title");
	return true;
}

/* Is the row whose last word is `end` - 1 meant, with nothing but meant words behind it? Its first word. */
static bool take_before(struct part *part, size_t end, bool anchored, size_t *first)
{
	const struct word *w = &part->words[end - 1];
	const struct name_row *row;
	size_t start, words;

	if (w->row_at == 0)
		return false;
	start = w->row_at - 1u;
	row = part->words[start].row;
	if (start + part->words[start].row_words != end || row->flags & ROW_KEY || start == 0)
		return false;
	if (is_service(part, start, &words) && start + words == end) {
		tech_apply(part, start, part->words[start].service, words, "service before a source");
		*first = start;
		return true;
	}
	if (row->property == NAME_COUNTRY || (row->flags & ROW_WEAK && !anchored) || group_place(part, start, end - start) ||
	    !code_written_as_code(part, start, false))
		return false;
	if (row->property == NAME_EPISODE_DETAILS && !part->has_episode)
		return false;
	tech_apply(part, start, row, end - start, "before the technical words");
	*first = start;
	return true;
}

static bool is_stop(int claim)
{
	return claim == NAME_EPISODE || claim == NAME_SEASON || claim == NAME_PART;
}

/* From word `from` back while every word is meant. */
static void chain_back(struct part *part, size_t from, bool anchored)
{
	size_t end = from, words;

	while (end > 0) {
		size_t first = end - 1;
		struct word *w = &part->words[end - 1];

		*part->steps += 1;
		if (is_stop(w->claim))
			return;
		if (!w->claim && is_service(part, end - 1, &words) && words == 1 && end > 1)
			tech_apply(part, end - 1, w->service, 1, "service before a source");
		else if (!w->claim && !take_before(part, end, anchored, &first))
			return;
		end = first;
		anchored = true;
	}
}

/* Brackets that hold nothing but rows and claimed words. */
static void take_brackets(struct part *part)
{
	for (size_t i = 0; i < part->count;) {
		uint16_t group = part->words[i].group;
		size_t end = i;
		bool all = group && i > 0;

		while (end < part->count && part->words[end].group == group) {
			const struct word *w = &part->words[end];

			if (!w->claim && !(w->row_at && w->row_at > i && !(part->words[w->row_at - 1].row->flags & ROW_KEY)))
				all = false;
			end++;
		}
		for (size_t j = i; all && j < end; j++) {
			const struct word *w = &part->words[j];

			if (!w->claim && w->row && (!(w->row->flags & ROW_TWO) || word_is_upper(part, j)) &&
			    !(w->row->flags & ROW_WEAK && end - i == 1 && end == part->count && i > 0 &&
			      !(w->row->flags & ROW_LANG) && part->words[i].gap & GAP_DASH))
				tech_apply(part, j, w->row, w->row_words, "alone in brackets");
		}
		*part->steps += 1;
		i = end;
	}
}

/* "Show.US.S01", "The Office (US)" */
static void find_country(struct part *part)
{
	for (size_t i = 1; i < part->count && i < part->tech; i++) {
		struct word *w = &part->words[i];
		bool ends = i + 1 < part->count && (part->words[i + 1].claim == NAME_EPISODE ||
						    part->words[i + 1].claim == NAME_SEASON ||
						    part->words[i + 1].claim == NAME_DATE || part->words[i + 1].claim == NAME_YEAR);

		if (w->claim || !w->row || !word_is_upper(part, i))
			continue;
		if (w->row->property != NAME_COUNTRY)
			continue;
		if (bracket_alone(part, i) || (ends && part->has_episode) ||
		    (ends && part->words[i + 1].claim == NAME_DATE))
			tech_apply(part, i, w->row, 1, "country behind the title");
	}
}

static void single_row(struct part *part)
{
	const struct word *w = &part->words[0];

	if (w->claim || !w->row || w->row_words != part->count || w->row->flags & ROW_KEY)
		return;
	if (w->row->flags & (ROW_STRONG | ROW_TECH) || w->row->property == NAME_EDITION ||
	    (w->row->property == NAME_OTHER && w->len <= 2))
		tech_apply(part, 0, w->row, w->row_words, "nothing else");
}

/* How often the release was corrected. */
static void count_propers(struct part *part)
{
	int count = 0;
	bool real = false;
	size_t first = part->count;

	for (size_t i = 0; i < part->count; i++) {
		const struct word *w = &part->words[i];

		if (w->claim != NAME_OTHER || !w->row || w->row_at != i + 1 || !(w->row->flags & ROW_PROPER))
			continue;
		count += w->row_words;
		real = real || word_is(part, i, "real");
		if (first == part->count)
			first = i;
	}
	if (count)
		part_add(part, NAME_PROPER_COUNT, NULL, count == 1 && real ? 2 : count, 1, 0, "corrections counted");
}

static bool beside(const struct part *part, size_t i)
{
	return i < part->count && !part->words[i].bad_dash && !(part->words[i].gap & GAP_SLASH);
}

static bool make_subtitle(struct part *part, size_t i)
{
	struct word *w = &part->words[i];

	if (w->claim != NAME_LANGUAGE || !w->value)
		return false;
	w->claim = NAME_SUBTITLE_LANGUAGE;
	part->values[w->value - 1].property = NAME_SUBTITLE_LANGUAGE;
	return true;
}

void language_find(struct part *part)
{
	for (size_t i = 0; i < part->count; i++) {
		bool found = false;
		size_t last = i;

		*part->steps += 1;
		if (part->words[i].claim != NAME_KEY_SUB)
			continue;
		while (last + 1 < part->count && part->words[last + 1].claim == NAME_KEY_SUB)
			last++;
		for (size_t j = last + 1; beside(part, j) && (j == last + 1 || !(part->words[j].gap & GAP_BRACKET)) &&
					  make_subtitle(part, j); j++)
			found = true;
		for (size_t j = i; !found && j > 0 && !(part->words[j].gap & GAP_BRACKET && j != i) && beside(part, j) &&
				   make_subtitle(part, j - 1); j--)
			;
		for (size_t j = i; j > 0 && !found; j--) {
			found = part->words[j - 1].claim == NAME_SUBTITLE_LANGUAGE;
			break;
		}
		if (!found && (last + 1 == part->count || claim_is_tech(part->words[last + 1].claim) ||
			       part->words[last + 1].gap & (GAP_BRACKET | GAP_DASH)))
			part_add(part, NAME_SUBTITLE_LANGUAGE, "und", 0, i, last, "subtitles, language not said");
		i = last;
	}
}

/* "Dubbed" beside a language says nothing new. */
static void drop_unknown(struct part *part)
{
	bool known = false;
	size_t kept = 0;

	for (size_t i = 0; i < part->value_count; i++) {
		const struct name_value *v = &part->values[i];

		known = known || (v->property == NAME_LANGUAGE && strcmp(v->text, "und"));
	}
	for (size_t i = 0; known && i < part->value_count; i++) {
		const struct name_value *v = &part->values[i];

		if (!(v->property == NAME_LANGUAGE && !strcmp(v->text, "und")))
			part->values[kept++] = *v;
	}
	if (known)
		part->value_count = kept;
}

void zone_find(struct part *part)
{
	size_t words;
	bool anchored = part->has_episode || part_has(part, NAME_YEAR) || part_has(part, NAME_DATE);

	if (!part->count)
		return;
	single_row(part);
	take_brackets(part);
	for (size_t i = part->tech; i < part->count; i++) {
		*part->steps += 1;
		if (!part->words[i].claim && take_behind(part, i, &words))
			i += words - 1;
	}
	if (part->tech < part->count)
		chain_back(part, part->tech, true);
	else
		chain_back(part, part->count, anchored);
	find_country(part);
	language_find(part);
	count_propers(part);
	drop_unknown(part);
	for (size_t i = 1; i < part->tech; i++) { /* the zone may begin earlier now */
		if (claim_is_tech(part->words[i].claim) && part->words[i].claim != NAME_EDITION &&
		    !part->words[i - 1].claim) {
			part->tech = i;
			break;
		}
	}
}
