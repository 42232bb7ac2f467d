/* name_language.c - languages beside "sub" and of subtitle files.
 *
 * Which words are languages at all is decided in name_zone.c. */
#include "media/name_parts.h"

#include <string.h>

bool part_is_subtitle(const struct part *part)
{
	static const char *const kinds[] = { "srt", "sub", "ass", "ssa", "vtt", "idx", "smi", "sup" };
	const struct name_value *v = part_value(part, NAME_CONTAINER);

	for (size_t i = 0; v && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!strcmp(v->text, kinds[i]))
			return true;
	}
	return false;
}

/* "en-US", "zh-Hans", "es-419": a code of two letters, and behind a dash where or how it is written. */
static bool code_with_region(struct part *part, size_t i)
{
	const struct word *w = &part->words[i], *code = w - 1;
	const struct name_row *row = i > 1 ? code->row : NULL;
	char text[12];
	size_t used = 2;

	if (!row || w->claim || code->claim || w->gap != GAP_DASH || !(code->gap & (GAP_DOT | GAP_UNDER)) ||
	    code->keylen != 2 || !(row->flags & ROW_LANG) || strlen(row->value) != 2 ||
	    !(w->len == 2 || w->len == 4 || (w->len == 3 && w->digits)) || w->keylen != w->len)
		return false;
	memcpy(text, row->value, 2);
	text[used++] = '-';
	for (size_t n = 0; n < w->len; n++) {
		char c = word_key(part, i)[n];

		if (!(w->digits || (c >= 'a' && c <= 'z')))
			return false;
		text[used++] = c >= 'a' && (w->len == 2 || n == 0) ? (char)(c - 32) : c;
	}
	part_add(part, NAME_SUBTITLE_LANGUAGE, arena_strndup(part->arena, text, used), 0, i - 1, i,
		 "language of a subtitle file, with region");
	return true;
}

/* The row of words [start, end) is the language of a subtitle file. */
static bool take_last_language(struct part *part, size_t start, size_t end)
{
	const struct word *w = &part->words[start];

	if (!w->row || start + w->row_words != end || !(w->row->flags & ROW_LANG) ||
	    w->row->property != NAME_LANGUAGE || w->claim || part->words[end - 1].claim || start == 0 ||
	    !(w->gap & (GAP_DOT | GAP_DASH | GAP_UNDER | GAP_BRACKET) || start > part->tech) ||
	    word_is(part, start, "hi"))
		return false;
	if (w->row_words > 1 && part->words[end - 1].gap != GAP_DASH)
		return false;
	part_add(part, NAME_SUBTITLE_LANGUAGE, w->row->value, 0, start, end - 1,
		 "language of a subtitle file");
	return true;
}

/* What else is said of a subtitle file. */
static bool is_tag(const struct part *part, size_t i)
{
	static const char *const tags[] = { "forced", "default", "sdh", "hi", "cc", "foreign" };

	for (size_t t = 0; t < sizeof(tags) / sizeof(tags[0]); t++) {
		if (word_is(part, i, tags[t]))
			return part->words[i].gap & GAP_DOT;
	}
	return false;
}

/* "Title.forced.eng.Commentary.srt": a language beside a tag, and a name of its own behind. */
static void language_beside_tag(struct part *part)
{
	for (size_t i = part->count; i-- > 1 && part->count - i < 6;) {
		size_t before = i - 1;

		if (!is_tag(part, i) || word_is(part, i, "hi"))
			continue;
		if ((i + 1 < part->count && part->words[i + 1].row_at == i + 2 &&
		     part->words[i + 1].gap == GAP_DOT && take_last_language(part, i + 1, i + 2)) ||
		    (part->words[before].row_at &&
		     take_last_language(part, part->words[before].row_at - 1u, i))) {
			for (size_t j = i; j < part->count; j++) { /* and the file's own name behind them */
				if (!part->words[j].claim)
					part_claim(part, j, j, NAME_KEY_TAG);
			}
			return;
		}
	}
}

/* "Title.eng.forced.srt": the language is the last word but for tags. */
void subtitle_file_find(struct part *part)
{
	size_t i = part->is_file && part_is_subtitle(part) ? part->count : 0;

	if (!i)
		return;
	while (i > 1) {
		const struct word *w = &part->words[i - 1];

		if (code_with_region(part, i - 1) ||
		    (w->row_at && take_last_language(part, w->row_at - 1u, i)))
			return;
		if (!w->claim && !(w->digits && bracket_alone(part, i - 1)) && !is_tag(part, i - 1))
			break;
		if (!w->claim)
			part_claim(part, i - 1, i - 1, NAME_KEY_TAG);
		i--;
	}
	language_beside_tag(part);
}

/* Nothing but languages and subtitles: "ENG.-.sub.FR". */
bool languages_alone(struct part *part)
{
	bool sub = false;

	for (size_t i = 0; i < part->count; i++) {
		const struct word *w = &part->words[i];
		const struct name_row *row = w->row_at ? part->words[w->row_at - 1].row : NULL;

		if (w->claim || !row || !(row->flags & ROW_LANG || row->property == NAME_KEY_SUB))
			return false;
		sub = sub || row->property != NAME_LANGUAGE;
	}
	if (!sub || part->count < 2)
		return false;
	for (size_t i = 0; i < part->count; i++) {
		if (part->words[i].row_at == i + 1)
			tech_apply(part, i, part->words[i].row, part->words[i].row_words, "languages only");
	}
	return true;
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
	part->said |= UINT64_C(1) << NAME_SUBTITLE_LANGUAGE;
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
		for (size_t j = last + 1;
		     beside(part, j) && (j == last + 1 || !(part->words[j].gap & GAP_BRACKET)) &&
		     make_subtitle(part, j);
		     j++)
			found = true;
		for (size_t j = i; !found && j > 0 && !(part->words[j].gap & GAP_BRACKET && j != i) &&
				   beside(part, j) && make_subtitle(part, j - 1);
		     j--)
			;
		found = found || (i > 0 && part->words[i - 1].claim == NAME_SUBTITLE_LANGUAGE);
		if (!found && (last + 1 == part->count || claim_is_tech(part->words[last + 1].claim) ||
			       part->words[last + 1].gap & (GAP_BRACKET | GAP_DASH)))
			part_add(part, NAME_SUBTITLE_LANGUAGE, "und", 0, i, last,
				 "subtitles, language not said");
		i = last;
	}
}

/* "Dubbed" beside a language says nothing new. */
void language_drop_unknown(struct part *part)
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
