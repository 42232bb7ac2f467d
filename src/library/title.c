/* title.c - see title.h. */
#include "library/title.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"

#define DIGITS 6

static bool is_separator(unsigned char c)
{
	return c <= 0x20 || c == 0x7F;
}

/* Adds text cleaned; `dots`: '.' and '_' are spaces too. */
static void add_clean(struct buf *to, const char *text, size_t len, bool dots)
{
	while (len) {
		size_t n = utf8_char(text, len);
		unsigned char c = (unsigned char)*text;
		bool space = n == 1 && (is_separator(c) || (dots && (c == '.' || c == '_')));

		if (!space)
			buf_add(to, n ? text : "\xEF\xBF\xBD", n ? n : 3);
		else if (to->len && to->data[to->len - 1] != ' ')
			buf_addc(to, ' ');
		text += n ? n : 1;
		len -= n ? n : 1;
	}
	while (to->len && to->data[to->len - 1] == ' ')
		to->data[--to->len] = '\0';
}

const char *title_clean(const char *text, const char *fallback, struct arena *arena)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	if (text)
		add_clean(&b, text, strlen(text), false);
	if (!b.len && fallback)
		add_clean(&b, fallback, strlen(fallback), false);
	return b.len ? arena_strdup(arena, b.data) : "Untitled";
}

const char *title_from_path(const char *path, struct arena *arena)
{
	CLEANUP(buf_free) struct buf b = { 0 };
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	add_clean(&b, name, dot && dot > name ? (size_t)(dot - name) : strlen(name), true);
	return b.len ? arena_strdup(arena, b.data) : "Untitled";
}

/* Latin-1 and Latin Extended-A letters without their marks, lower case, from U+00C0 and U+0100; ' ' stays as it is. */
static const char latin_1[] = "aaaaaaaceeeeiiiidnooooo ouuuuy saaaaaaaceeeeiiiidnooooo ouuuuy y";
static const char latin_a[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllll"
			      "lllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static void add_folded(struct buf *to, const char *c, size_t n)
{
	unsigned code;

	if (n == 1) {
		buf_addc(to, (char)tolower((unsigned char)*c));
		return;
	}
	code = n == 2 ? ((unsigned)(unsigned char)c[0] & 0x1F) << 6 | ((unsigned)(unsigned char)c[1] & 0x3F) : 0;
	if (code >= 0xC0 && code < 0x100 && latin_1[code - 0xC0] != ' ')
		buf_addc(to, latin_1[code - 0xC0]);
	else if (code >= 0x100 && code < 0x100 + sizeof(latin_a) - 1)
		buf_addc(to, latin_a[code - 0x100]);
	else if ((code >= 0x391 && code <= 0x3A9) || (code >= 0x410 && code <= 0x42F)) /* Greek, Cyrillic */
		buf_addf(to, "%c%c", (char)(0xC0 | (code + 32) >> 6), (char)(0x80 | ((code + 32) & 0x3F)));
	else
		buf_add(to, c, n);
}

static size_t article(const char *title)
{
	static const char *const articles[] = { "The", "A", "An", "Der", "Die", "Das", "Le", "La", "Les" };

	for (size_t i = 0; i < ARRAY_LEN(articles); i++) {
		size_t len = strlen(articles[i]);

		if (strncasecmp(title, articles[i], len) == 0 && title[len] == ' ' && title[len + 1])
			return len + 1;
	}
	return 0;
}

const char *title_sort(const char *title, struct arena *arena)
{
	CLEANUP(buf_free) struct buf b = { 0 };

	title += article(title);
	for (size_t left = strlen(title); left;) {
		size_t digits = strspn(title, "0123456789");
		size_t n = utf8_char(title, left);

		if (digits) {
			for (size_t i = digits; i < DIGITS; i++)
				buf_addc(&b, '0');
			buf_add(&b, title, digits);
			n = digits;
		} else {
			n = n ? n : 1;
			add_folded(&b, title, n);
		}
		title += n;
		left -= n;
	}
	return arena_strdup(arena, buf_text(&b));
}

const char *title_pretty(const char *text, const char *fallback, struct arena *arena)
{
	char *title = arena_strdup(arena, title_clean(text, fallback, arena));

	for (const char *c = title; *c; c++)
		if ((unsigned char)*c >= 0x80 || isupper((unsigned char)*c))
			return title;
	for (char *c = title; *c; c++)
		if (c == title || c[-1] == ' ')
			*c = (char)toupper((unsigned char)*c);
	return title;
}
