/* search_fold.c - see search_fold.h. Latin letters lose their accents, Greek and Cyrillic ones become small;
 * letters of other scripts stay as they are. */
#include "store/search_fold.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* U+00C0 to U+017F, a letter or '-' (two letters, or none) each. */
static const char latin[] = "aaaaaa-ceeeeiiiidnooooo-ouuuuy--aaaaaa-ceeeeiiiidnooooo-ouuuuy-y"
			    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii--jjkkklllllll"
			    "lllnnnnnnnnnoooooo--rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static uint32_t decode(const char *at, size_t bytes)
{
	const unsigned char *c = (const unsigned char *)at;

	switch (bytes) {
	case 1:
		return c[0];
	case 2:
		return (uint32_t)(c[0] & 31) << 6 | (c[1] & 63);
	case 3:
		return (uint32_t)(c[0] & 15) << 12 | (uint32_t)(c[1] & 63) << 6 | (c[2] & 63);
	default:
		return (uint32_t)(c[0] & 7) << 18 | (uint32_t)(c[1] & 63) << 12 | (uint32_t)(c[2] & 63) << 6 |
		       (c[3] & 63);
	}
}

static const char *two_letters(uint32_t c)
{
	switch (c) {
	case 0xc6:
	case 0xe6:
		return "ae";
	case 0xde:
	case 0xfe:
		return "th";
	case 0xdf:
		return "ss";
	case 0x132:
	case 0x133:
		return "ij";
	case 0x152:
	case 0x153:
		return "oe";
	default:
		return NULL;
	}
}

static size_t put_small(char *to, uint32_t c)
{
	if ((c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
		c += 32;
	else if (c >= 0x400 && c <= 0x40f)
		c += 80;
	to[0] = (char)(0xc0 | c >> 6);
	to[1] = (char)(0x80 | (c & 63));
	return 2;
}

/* The character as it is compared: how many bytes of `to` (4 at least); 0: it parts words; -1: it vanishes.
 */
static int fold_one(const char *at, size_t bytes, char *to)
{
	uint32_t c = bytes ? decode(at, bytes) : ' ';
	const char *two = two_letters(c);

	if (c < 128) {
		*to = (char)tolower((int)c);
		return isalnum((int)c) ? 1 : c == '\'' || c == '`' ? -1 : 0;
	}
	if (c == 0x2019 || c == 0x2018 || c == 0xb4 || (c >= 0x300 && c <= 0x36f) || c == 0x200d)
		return -1;
	if (two) {
		memcpy(to, two, 2);
		return 2;
	}
	if (c >= 0xc0 && c < 0xc0 + sizeof(latin) - 1 && latin[c - 0xc0] != '-') {
		*to = latin[c - 0xc0];
		return 1;
	}
	if (c < 0xc0 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x3000 && c <= 0x303f) || c == 0xd7 ||
	    c == 0xf7 || c == 0xfffd)
		return 0;
	if (c >= 0x370 && c <= 0x52f)
		return (int)put_small(to, c);
	memcpy(to, at, bytes);
	return (int)bytes;
}

struct folding {
	struct search_word *words;
	size_t count, max;
	size_t run; /* first word of the run that only punctuation parts */
	bool open;  /* a word is being written */
};

static void add_bytes(struct folding *f, const char *bytes, size_t len)
{
	struct search_word *word;

	if (!f->open) {
		if (f->count == f->max)
			return;
		f->words[f->count++] = (struct search_word) { 0 };
		f->open = true;
	}
	word = &f->words[f->count - 1];
	if (word->len + len > SEARCH_WORD_MAX)
		return;
	memcpy(word->text + word->len, bytes, len);
	word->len += len;
}

static void end_run(struct folding *f, bool joins)
{
	size_t last = f->count;

	f->open = false;
	if (joins && last > f->run + 1) {
		for (size_t i = f->run; i < last; i++)
			add_bytes(f, f->words[i].text, f->words[i].len);
		if (f->count > last)
			f->words[last].joined = true;
		f->open = false;
	}
	f->run = f->count;
}

size_t search_fold(const char *text, bool joins, struct search_word *words, size_t max)
{
	struct folding f = { .words = words, .max = max };
	size_t left = strlen(text);

	while (left) {
		size_t bytes = utf8_char(text, left);
		char folded[4];
		int n = fold_one(text, bytes, folded);

		if (n > 0)
			add_bytes(&f, folded, (size_t)n);
		else if (n == 0 && isspace((unsigned char)*text))
			end_run(&f, joins);
		else if (n == 0)
			f.open = false;
		text += bytes ? bytes : 1;
		left -= bytes ? bytes : 1;
	}
	end_run(&f, joins);
	return f.count;
}
