/* name_words.c - cuts one part of a path into words, brackets and the gaps between.
 *
 * A word's key is its text in lower case, without accents, apostrophes and marks. The keys of a part lie one
 * behind the other, so that the key of several words together is one slice: "web", "dl" and "webdl" are the
 * same to the tables. What is written in one run but says two things ("S01Extras", "07v2", "HDTVx264",
 * "DD51") is cut too.
 *
 * Not here: what the words mean (the other name_*.c). */
#include "media/name_parts.h"

#include <string.h>

#include "base/utf8.h"

#define BRACKETS_DEEP 32

/* U+00C0 to U+017F without their accents. */
static const char unaccented[] = "aaaaaaaceeeeiiiidnoooooxouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy"
				 "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
				 "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof(unaccented) == 0x180 - 0xC0 + 1, "one letter each");

/* Writes the folded form of the character at `from`; returns the bytes written, *used those read. */
static size_t fold(char *to, const char *from, size_t left, size_t *used)
{
	unsigned code;

	*used = utf8_char(from, left);
	if (*used <= 1) {
		*used = 1;
		if (*from == '\'' || *from == '!' || *from == '?' || *from == '`')
			return 0;
		*to = name_lower(*from);
		return 1;
	}
	if (*used == 2) {
		code = ((unsigned)(from[0] & 0x1F) << 6) | (unsigned)(from[1] & 0x3F);
		if (code >= 0xC0 && code < 0xC0 + sizeof(unaccented) - 1) {
			*to = unaccented[code - 0xC0];
			return 1;
		}
		if (code >= 0x300 && code <= 0x36F)
			return 0;		    /* an accent by itself: NFD */
		if (code >= 0x410 && code <= 0x42F) /* Cyrillic capitals */
			code += 0x20;
		if (code == 0x439) /* with its accent by itself this is the letter without */
			code = 0x438;
		else if (code == 0x401 || code == 0x451)
			code = 0x435;
		to[0] = (char)(0xC0 | (code >> 6));
		to[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	} else if (*used == 3 && !memcmp(from, "\xE2\x80\x99", 3)) {
		return 0; /* right single quotation mark */
	}
	memcpy(to, from, *used);
	return *used;
}

const char *word_key(const struct part *part, size_t i)
{
	return part->keys + part->words[i].key;
}

bool word_is(const struct part *part, size_t i, const char *key)
{
	size_t len = strlen(key);

	return i < part->count && part->words[i].keylen == len && !memcmp(word_key(part, i), key, len);
}

struct cutter {
	struct part *part;
	size_t keys; /* bytes used */
	uint16_t group;
};

static void push(struct cutter *c, size_t at, size_t len, unsigned gap)
{
	struct part *part = c->part;
	struct word *w;
	const char *s = part->text + at;
	size_t start = c->keys, cut, used;
	bool ascii = true, digits = true;

	while (len) { /* one word per turn */
		c->keys = start;
		ascii = digits = true;
		for (size_t i = 0; i < len; i += used) {
			ascii = ascii && !((unsigned char)s[i] & 0x80);
			digits = digits && name_is_digit(s[i]);
			c->keys += fold(part->keys + c->keys, s + i, len - i, &used);
		}
		cut = len < 64 ? word_cut_point(s, part->keys + start, len, c->keys - start, ascii,
						gap == GAP_DASH && at + len == part->len)
			       : 0;
		*part->steps += 2;
		if (cut) {
			c->keys = start;
			push(c, at, cut, gap); /* its own cuts are before `cut`: at most a few deep */
			at += cut;
			s += cut;
			len -= cut;
			gap = GAP_NONE;
			start = c->keys;
			continue;
		}
		ARENA_GROW(part->arena, part->words, part->count, part->word_cap);
		w = &part->words[part->count++];
		*w = (struct word) { .at = (uint16_t)at,
				     .len = (uint16_t)len,
				     .key = (uint16_t)start,
				     .keylen = (uint16_t)(c->keys - start),
				     .gap = (uint16_t)gap,
				     .group = c->group,
				     .digits = digits };
		if (digits) {
			w->ndigits = len > 255 ? 255 : (uint8_t)len;
			for (size_t i = 0; i < len && w->number < 100000000; i++)
				w->number = w->number * 10 + (s[i] - '0');
		}
		return;
	}
}

static unsigned gap_of(char c)
{
	switch (c) {
	case ' ':
	case '\t':
		return GAP_SPACE;
	case '.':
		return GAP_DOT;
	case '_':
		return GAP_UNDER;
	case '-':
		return GAP_DASH;
	case '&':
	case '+':
		return GAP_AND;
	case '~':
		return GAP_TILDE;
	case ',':
	case ';':
		return GAP_COMMA;
	case '/':
	case '|':
	case '\\':
		return GAP_SLASH;
	case '#':
		return GAP_HASH;
	default:
		return GAP_OTHER;
	}
}

static bool is_word_char(const struct part *part, size_t i)
{
	char c = part->text[i];

	if (name_is_digit(c) || name_is_alpha(c) || (unsigned char)c >= 0x80)
		return true;
	if (c == '\'' || c == '!' || c == '?' || c == '@' || c == '%' || c == '$' || c == '`')
		return true;
	if (c != '+' || !i || !(name_is_digit(part->text[i - 1]) || name_is_alpha(part->text[i - 1])))
		return false;
	if (i + 1 < part->len && name_is_digit(part->text[i - 1]) && name_is_digit(part->text[i + 1]))
		return false; /* "S01E05+06"; "DD+5.1" is a word */
	return i + 1 == part->len ||
	       !(name_is_alpha(part->text[i + 1]) || (unsigned char)part->text[i + 1] >= 0x80);
}

static char closing(char open)
{
	return open == '(' ? ')' : open == '[' ? ']' : '}';
}

/* Brackets that close; an opening one that never does is a gap like any other. */
static void find_brackets(struct part *part)
{
	uint16_t stack[BRACKETS_DEEP];
	size_t deep = 0;

	for (size_t i = 0; i < part->len; i++) {
		char c = part->text[i];

		if (c == '(' || c == '[' || c == '{') {
			if (deep == BRACKETS_DEEP)
				continue;
			part->brackets[++part->bracket_count] =
				(struct bracket) { .open = (uint16_t)i, .kind = c };
			stack[deep++] = (uint16_t)part->bracket_count;
		} else if (c == ')' || c == ']' || c == '}') {
			for (size_t d = deep; d > 0; d--) {
				struct bracket *b = &part->brackets[stack[d - 1]];

				if (closing(b->kind) == c) {
					b->close = (uint16_t)i;
					deep = d - 1;
					break;
				}
			}
		}
	}
}

/* Runs of word characters, and some for what is cut inside of them. */
static size_t words_at_most(const struct part *part)
{
	size_t runs = 8;
	bool inside = false;

	for (size_t i = 0; i < part->len; i++) {
		bool now = name_is_digit(part->text[i]) || name_is_alpha(part->text[i]) ||
			   (unsigned char)part->text[i] >= 0x80;

		runs += now && !inside;
		inside = now;
	}
	return runs + runs / 4;
}

void words_cut(struct part *part)
{
	struct cutter c = { .part = part };
	uint16_t stack[BRACKETS_DEEP + 1] = { 0 };
	size_t deep = 0, next_bracket = 1, brackets = 0;
	unsigned gap = GAP_EDGE;
	bool dash_left = false;

	for (size_t i = 0; i < part->len; i++)
		brackets += part->text[i] == '(' || part->text[i] == '[' || part->text[i] == '{';
	part->brackets = arena_alloc(part->arena, (brackets + 1) * sizeof(*part->brackets));
	part->word_cap = words_at_most(part);
	part->words = arena_alloc(part->arena, part->word_cap * sizeof(*part->words));
	part->keys = arena_alloc(part->arena, part->len + 8);
	find_brackets(part);
	for (size_t i = 0; i < part->len;) {
		size_t end = i, first = part->count;
		char ch = part->text[i];

		while (end < part->len && is_word_char(part, end))
			end++;
		if (end > i) {
			c.group = deep ? stack[deep - 1] : 0;
			push(&c, i, end - i, gap);
			part->words[first].bad_dash =
				gap & GAP_DASH && (dash_left || gap & GAP_BLANK) && gap & GAP_BLANK;
			gap = GAP_NONE;
			i = end;
			continue;
		}
		if (ch == '(' || ch == '[' || ch == '{') {
			const struct bracket *b = &part->brackets[next_bracket];

			gap |= GAP_OPEN;
			if (next_bracket <= part->bracket_count && b->open == i) {
				if (b->close && deep < BRACKETS_DEEP)
					stack[deep++] = (uint16_t)next_bracket;
				next_bracket++;
			}
		} else if (deep && i == part->brackets[stack[deep - 1]].close) {
			gap |= GAP_CLOSE;
			deep--;
		} else {
			gap |= gap_of(ch);
		}
		i++;
	}
	part->tech = part->title_end = part->count;
}

bool bracket_alone(const struct part *part, size_t i)
{
	uint16_t g = part->words[i].group;

	return g && (i == 0 || part->words[i - 1].group != g) &&
	       (i + 1 == part->count || part->words[i + 1].group != g);
}

void part_claim(struct part *part, size_t first, size_t last, int claim)
{
	for (size_t i = first; i <= last && i < part->count; i++)
		part->words[i].claim = (uint8_t)claim;
}

struct name_value *part_add(struct part *part, enum name_property property, const char *text, int64_t number,
			    size_t first, size_t last, const char *rule)
{
	struct name_value *v;

	ARENA_GROW(part->arena, part->values, part->value_count, part->value_cap);
	part->said |= UINT64_C(1) << property;
	v = &part->values[part->value_count++];
	*v = (struct name_value) { .property = property, .text = text, .number = number, .rule = rule };
	*part->steps += 1;
	if (first <= last && last < part->count) {
		v->at = (uint16_t)(part->base + part->words[first].at);
		v->len = (uint16_t)(part->words[last].at + part->words[last].len - part->words[first].at);
		part_claim(part, first, last, property);
		part->words[first].value = (uint16_t)part->value_count;
	}
	return v;
}

const struct name_value *part_value(const struct part *part, enum name_property property)
{
	for (size_t i = 0; i < part->value_count; i++) {
		*part->steps += i > 8; /* few values are for nothing */
		if (part->values[i].property == property)
			return &part->values[i];
	}
	return NULL;
}

/* Asked of every word: what was never added needs no look at the values. */
_Static_assert(NAME_PROPERTY_COUNT <= 64, "part->said has a bit for each");
bool part_has(const struct part *part, enum name_property property)
{
	return part->said >> property & 1 && part_value(part, property) != NULL;
}

void part_drop(struct part *part, enum name_property property)
{
	size_t kept = 0;

	for (size_t i = 0; i < part->value_count; i++) {
		if (part->values[i].property != property)
			part->values[kept++] = part->values[i];
	}
	part->value_count = kept;
}
