/* name_end.c - whether a word that the tables know ends a title: "Burden of Proof (1998)", "Dark Web.mkv",
 * "The Welsh".
 *
 * Asked of single words before a year, before the technical words and at the end of a name without any. How
 * they are written and what stands before them decides; in doubt they are the title's when people wrote the
 * name, and are meant when a release did. Not here: codes of languages (name_code.c), which words are asked
 * about (name_zone.c). */
#include "media/name_parts.h"

/* Written to be seen, "FRENCH", "iNTERNAL", behind a word that is not. */
bool stands_out(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	size_t capitals = 0;

	for (size_t n = 0; n < w->len; n++)
		capitals += part->text[w->at + n] >= 'A' && part->text[w->at + n] <= 'Z';
	return capitals >= 2 &&
	       (i == 0 || !word_is_upper(part, i - 1) || part->words[i - 1].digits ||
		part->words[i - 1].claim || part->words[i - 1].row_at || part->words[i - 1].service);
}

/* A title goes on behind these. */
static bool wants_a_noun(const struct part *part, size_t i)
{
	static const char *const words[] = { "the", "a",   "an",   "of", "in",	"my", "to",  "for",
					     "and", "on",  "with", "at", "le",	"la", "les", "der",
					     "die", "das", "el",   "il", "del", "de" };

	for (size_t n = 0; n < sizeof(words) / sizeof(words[0]); n++) {
		if (word_is(part, i, words[n]))
			return true;
	}
	return false;
}

/* "Copper.Web.1998", "Burden of Proof (1998)": the word before the year. */
static bool is_end_before_year(const struct part *part, size_t start, const struct name_row *row,
			       bool bracketed)
{
	if (part->words[start - 1].claim)
		return false;
	if (bracketed || wants_a_noun(part, start - 1))
		return true;
	return !stands_out(part, start) &&
	       !(start - part->title_first >= 3 &&
		 (row->property == NAME_EDITION || row->property == NAME_LANGUAGE));
}

static bool has_digit(const struct part *part, size_t i)
{
	for (size_t n = 0; n < part->words[i].keylen; n++) {
		if (word_key(part, i)[n] >= '0' && word_key(part, i)[n] <= '9')
			return true;
	}
	return false;
}

/* "Show - S01E02 - The Welsh.mkv", "Dark Web.mkv": in a name without technical words. */
static bool is_end_of_plain(const struct part *part, size_t start, const struct name_row *row)
{
	const struct word *w = &part->words[start];
	int before = part->words[start - 1].claim;

	if (start + 1 < part->count && part->words[start + 1].claim)
		return false; /* "Title English DVD": something is meant behind it */
	if (!before && part->words[start - 1].row_at)
		return false; /* "german.Dubbed" */

	if (row->flags & ROW_JUNK)
		return w->gap != GAP_DASH;
	if (stands_out(part, start) || has_digit(part, start))
		return false;
	if (before)
		return w->bad_dash && (before == NAME_EPISODE || before == NAME_DATE);
	if (part->is_file && !part_has(part, NAME_CONTAINER) && !part->has_episode && row->flags & ROW_TECH)
		return false; /* a release's name */
	return !(row->property == NAME_EDITION && row->flags & ROW_TECH);
}

/* Is the single word the last one of a title? */
bool title_ends_with(const struct part *part, size_t start, size_t end, const struct name_row *row, int year)
{
	bool free = !part->words[start - 1].claim;

	if (end - start > 1 || part->words[start].group || part->words[start].gap & GAP_BRACKET)
		return false;
	if (year)
		return is_end_before_year(part, start, row, year > 1);
	if (free && wants_a_noun(part, start - 1))
		return !stands_out(part, start);
	if (part->tech == part->count)
		return is_end_of_plain(part, start, row);
	return free && row->property == NAME_OTHER && row->flags & ROW_WEAK && !(row->flags & ROW_JUNK) &&
	       !stands_out(part, start); /* "Burden.of.Proof.1080p" */
}
