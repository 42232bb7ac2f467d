/* name_tech.c - applies the tables: finds the row of every word, claims the rows that mean it wherever they
 * stand.
 *
 * Everyday words among the rows wait for name_zone.c, which knows where the title ends. */
#include "media/name_parts.h"

#include <stdlib.h>
#include <string.h>

#define ROW_WORDS_MAX 5

bool claim_is_tech(int claim)
{
	switch (claim) {
	case NAME_SCREEN_SIZE:
	case NAME_FRAME_RATE:
	case NAME_SOURCE:
	case NAME_VIDEO_CODEC:
	case NAME_COLOR_DEPTH:
	case NAME_AUDIO_CODEC:
	case NAME_AUDIO_CHANNELS:
	case NAME_AUDIO_BIT_RATE:
	case NAME_VIDEO_BIT_RATE:
	case NAME_OTHER:
	case NAME_SUBTITLE_LANGUAGE:
	case NAME_VERSION:
	case NAME_EDITION:
	case NAME_CRC32:
	case NAME_SIZE:
		return true;
	default:
		return false;
	}
}

/* The longest row of one table that begins at word i. */
static const struct name_row *longest(const struct part *part, enum name_table table, size_t i, size_t *words)
{
	const struct name_row *best = NULL;
	const char *key = word_key(part, i);
	bool more = true;

	*words = 0;
	for (size_t n = 1; n <= ROW_WORDS_MAX && i + n <= part->count && more; n++) {
		const struct word *last = &part->words[i + n - 1];
		const struct name_row *row;
		size_t len = (size_t)(last->key + last->keylen - part->words[i].key);
		bool fits = true;

		if (last->claim || len > 40 ||
		    (n > 1 && (last->gap & (GAP_BRACKET | GAP_SLASH) || last->bad_dash)))
			break;
		*part->steps += 1;
		row = name_row_find(table, key, len, &more);
		if (!row)
			continue;
		for (size_t w = i + 1; w < i + n && fits; w++)
			fits = name_row_may_cut(row, (size_t)(part->words[w].key - part->words[i].key));
		if (fits) {
			best = row;
			*words = n;
		}
	}
	return best;
}

static void find_rows(struct part *part)
{
	static const enum name_table tables[] = { NAME_TABLE_TECH, NAME_TABLE_OTHER, NAME_TABLE_LANGUAGE };

	for (size_t i = 0; i < part->count; i++) {
		struct word *w = &part->words[i];
		size_t n;

		if (w->claim || !w->keylen)
			continue;
		w->service = longest(part, NAME_TABLE_SERVICE, i, &n);
		w->service_words = (uint8_t)n;
		for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
			const struct name_row *row = longest(part, tables[t], i, &n);

			if (row && row->flags & ROW_KEY && word_number(part, i + 1) < 0 && t == 0)
				row = NULL; /* "PT" is a language then */
			if (row && n > w->row_words) {
				w->row = row;
				w->row_words = (uint8_t)n;
			}
		}
	}
	for (size_t i = 0; i < part->count; i++) {
		size_t n = part->words[i].row ? part->words[i].row_words : 0;

		for (size_t j = i; j < i + n; j++)
			part->words[j].row_at = (uint16_t)(i + 1);
		if (n)
			i += n - 1;
	}
}

/* "5.1" or "51" behind an audio codec. */
static void channels_behind(struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	int front, low;
	size_t last = i;

	if (i >= part->count || w->claim || !w->digits || w->gap & GAP_BRACKET)
		return;
	if (w->ndigits == 2 && w->gap == GAP_NONE) {
		front = w->number / 10;
		low = w->number % 10;
	} else if (w->ndigits == 1 && i + 1 < part->count && part->words[i + 1].digits &&
		   part->words[i + 1].ndigits == 1 &&
		   part->words[i + 1].gap & (GAP_DOT | GAP_SPACE | GAP_UNDER | GAP_DASH) &&
		   !(part->words[i + 1].gap & GAP_BRACKET)) {
		front = w->number;
		low = part->words[i + 1].number;
		last = i + 1;
	} else {
		return;
	}
	if (front < 1 || low > 4)
		return;
	if (front == 6 && low == 0)
		front = 5, low = 1;
	part_add(part, NAME_AUDIO_CHANNELS, arena_printf(part->arena, "%d.%d", front, low), 0, i, last,
		 "DD5.1");
}

void tech_apply(struct part *part, size_t i, const struct name_row *row, size_t words, const char *rule)
{
	size_t last = i + words - 1;

	if (row->property >= NAME_PROPERTY_COUNT) {
		part_claim(part, i, last, row->property);
		return;
	}
	part_add(part, (enum name_property)row->property, row->value, 0, i, last, rule);
	if (row->property2)
		part_add(part, (enum name_property)row->property2, row->value2, 0, 1, 0, rule);
	if (row->flags & ROW_REENCODED)
		part_add(part, NAME_OTHER, "Reencoded", 0, 1, 0, rule);
	if (row->flags & ROW_RIP)
		part_add(part, NAME_OTHER, "Rip", 0, 1, 0, rule);
	if (row->flags & ROW_AUDIO)
		channels_behind(part, last + 1);
}

bool word_is_upper(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i];

	for (size_t n = 0; n < w->len; n++) {
		char c = part->text[w->at + n];

		if (c >= 'a' && c <= 'z')
			return false;
	}
	return true;
}

bool word_has_upper(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i];

	for (size_t n = 0; n < w->len; n++) {
		char c = part->text[w->at + n];

		if (c >= 'A' && c <= 'Z')
			return true;
	}
	return false;
}

bool word_has_lower(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i];
	char c = part->text[w->at];

	return c >= 'a' && c <= 'z';
}

/* "Xxx.1080p.BluRay-GRP": no title follows. */
static bool title_behind(const struct part *part)
{
	for (size_t i = 1; i < part->count; i++) {
		if (!part->words[i].claim && !part->words[i].row_at && part->words[i].gap != GAP_DASH)
			return true;
	}
	return false;
}

/* The first technical word that has something before it that is no such word: there the title is over. */
static void find_zone(struct part *part)
{
	bool title = false;

	part->tech = part->count;
	if (part->count > 1 && !part->words[0].claim && part->words[0].row &&
	    part->words[0].row->flags & ROW_TECH && claim_is_tech(part->words[1].claim) &&
	    part->words[1].gap & GAP_BLANK && part->words[0].row_words == 1 && title_behind(part))
		tech_apply(part, 0, part->words[0].row, 1, "technical words in front");
	for (size_t i = 0; i < part->count; i++) {
		if (!part->words[i].claim || part->words[i].claim == NAME_YEAR ||
		    part->words[i].claim == NAME_EPISODE || part->words[i].claim == NAME_SEASON ||
		    part->words[i].claim == NAME_DATE)
			title = true;
		else if (title && claim_is_tech(part->words[i].claim) &&
			 !(part->words[i].claim == NAME_VERSION && i + 1 < part->count)) {
			part->tech = i;
			return;
		}
	}
}

/* "x264-UHDTV": a second source at the very end behind a dash is the release group. */
static bool last_of_its_kind(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i];

	return w->gap == GAP_DASH && i > 0 && i + 1 == part->count &&
	       (w->row->property == NAME_OTHER || part_has(part, (enum name_property)w->row->property)) &&
	       w->row->property != NAME_VIDEO_CODEC && part->words[i - 1].claim;
}

/* "DD51" */
static bool audio_with_channels(const struct part *part, size_t i)
{
	return part->words[i].row->flags & ROW_AUDIO && i + 1 < part->count && part->words[i + 1].digits &&
	       part->words[i + 1].gap == GAP_NONE && part->words[i].row_words == 1;
}

/* "VHS.2012.1080p", "Telecine S01E02": a word with nothing in front of the year or the number is the title.
 */
static bool is_title(const struct part *part, size_t i)
{
	const struct word *w = &part->words[i], *next = i + 1 < part->count ? w + 1 : NULL;

	if (i > 0 || !next || w->row_words > 1 || w->group)
		return false;
	for (size_t n = 0; n < w->keylen; n++) {
		if (word_key(part, i)[n] >= '0' && word_key(part, i)[n] <= '9')
			return false;
	}
	return next->claim == NAME_SEASON || next->claim == NAME_EPISODE ||
	       (next->digits && next->ndigits == 4 && next->number >= 1900 && next->number < 2040);
}

void tech_find(struct part *part)
{
	find_rows(part);
	for (size_t i = 0; i < part->count; i++) {
		struct word *w = &part->words[i];

		if (w->claim || !w->row || w->row_at != i + 1 || is_title(part, i))
			continue;
		if (w->row->flags & ROW_STRONG ? !last_of_its_kind(part, i) : audio_with_channels(part, i))
			tech_apply(part, i, w->row, w->row_words, "table");
	}
	find_zone(part);
}
