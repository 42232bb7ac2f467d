/* name_code.c - codes of two or three letters, "it", "GER", "us": they are words, too, and only how and where
 * they are written says which of both is meant.
 *
 * Not here: the zones of a name in which everyday words are asked about at all (name_zone.c). */
#include "media/name_parts.h"

static bool is_sub(const struct part *part, size_t i)
{
	return part->words[i].claim == NAME_KEY_SUB ||
	       (part->words[i].row && part->words[i].row->property == NAME_KEY_SUB);
}

/* A code of two letters at the end with free words before it belongs to them, "YTS.LT". */
static bool lonely(const struct part *part, size_t i)
{
	return i + 1 == part->count && i > 0 && !part->words[i - 1].claim && !part->words[i].group;
}

static bool is_code(const struct part *part, size_t i)
{
	const struct name_row *row = i < part->count ? part->words[i].row : NULL;

	return row && !part->words[i].claim && part->words[i].row_words == 1 && row->flags & ROW_LANG &&
	       row->property == NAME_LANGUAGE;
}

/* Words that English knows, too. */
static bool is_everyday(const struct part *part, size_t i)
{
	static const char *const words[] = { "may", "mar", "per", "tel", "ice", "cat", "ben", "fin", "lit",
					     "nor", "pol", "dan", "kan", "lat", "vie", "ind", "tam", "tur" };

	for (size_t n = 0; n < sizeof(words) / sizeof(words[0]); n++) {
		if (word_is(part, i, words[n]))
			return true;
	}
	return part->words[i].row->flags & ROW_TWO;
}

/* Several codes of three letters, "ita.eng", are nothing else. */
static bool all_of_three(const struct part *part, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++) {
		if (part->words[i].keylen != 3 || is_everyday(part, i))
			return false;
	}
	return true;
}

/* "2019.ger.1080p", "s01e02.ita.eng.720p": codes in small letters, with nothing between them and the number.
 */
static bool codes_behind_number(const struct part *part, size_t i)
{
	size_t first = i;
	int before;

	while (first > 0 && i - first < 8 && is_code(part, first - 1))
		first--;
	before = first ? part->words[first - 1].claim : 0;
	if (before == NAME_YEAR || (i - first >= 1 && all_of_three(part, first, i + 1)) ||
	    (is_code(part, i + 1) && all_of_three(part, first, i + 2)) ||
	    (i + 1 < part->count && part->words[i + 1].claim == NAME_LANGUAGE &&
	     all_of_three(part, first, i + 1)))
		return true;
	return (before == NAME_EPISODE || before == NAME_SEASON || before == NAME_DATE) &&
	       (first < i || is_code(part, i + 1) || !is_everyday(part, i) ||
		(i + 1 < part->count && is_sub(part, i + 1)));
}

/* "german.dubbed.dl": dual language, said of German releases. */
static bool german_before(const struct part *part, size_t i)
{
	if (!word_is(part, i, "dl") && !word_is(part, i, "ml"))
		return false;
	for (size_t back = 1; back <= 3 && back <= i; back++) {
		if (word_is(part, i - back, "german"))
			return true;
	}
	return false;
}

/* Codes of two or three letters are words, too: how must they be written? */
bool code_written_as_code(const struct part *part, size_t i, bool behind)
{
	const struct name_row *row = part->words[i].row;

	if (!(row->flags & ROW_SHORT) && row->property != NAME_COUNTRY)
		return true;
	if (row->property == NAME_LANGUAGE && word_has_lower(part, i) &&
	    (german_before(part, i) ||
	     (behind && i > 0 && part->words[i - 1].claim == NAME_LANGUAGE &&
	      part->words[i].gap == GAP_DOT) ||
	     (behind ? is_code(part, i + 1) && part->words[i + 1].gap == part->words[i].gap
		     : codes_behind_number(part, i))))
		return true;
	if (row->flags & ROW_TWO || row->property == NAME_COUNTRY)
		return (word_is_upper(part, i) && !(behind && lonely(part, i))) ||
		       (!word_has_lower(part, i) &&
			(word_is(part, i, "fr") || word_is(part, i, "en") || word_is(part, i, "ru"))) ||
		       (behind && !word_has_lower(part, i) && i > 0 &&
			(part->words[i - 1].claim == NAME_LANGUAGE ||
			 part->words[i - 1].claim == NAME_KEY_SUB || part->words[i].group)) ||
		       (behind && i + 1 < part->count && is_sub(part, i + 1));
	return behind || !word_has_lower(part, i) || word_has_upper(part, i);
}
