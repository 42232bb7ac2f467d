/* name_cut.c - where a run of characters that says two things is cut: "S01Extras", "07v2", "HDTVx264",
 * "DD51".
 *
 * Looks at one run alone; name_words.c calls it again for what is left behind the cut. */
#include "media/name_parts.h"

#include <string.h>

static size_t digits_at(const char *s, size_t len, size_t at)
{
	size_t n = 0;

	while (at + n < len && name_is_digit(s[at + n]))
		n++;
	return n;
}

/* "S01E02tail": where the tail begins, or 0. */
static size_t cut_behind_episode(const char *s, size_t len)
{
	size_t d, at;

	if (name_lower(s[0]) != 's' || (d = digits_at(s, len, 1)) < 1 || d > 4 || 1 + d == len)
		return 0;
	at = 1 + d;
	if (name_lower(s[at]) == 'e' || name_lower(s[at]) == 'x') {
		while (at < len && (name_lower(s[at]) == 'e' || name_lower(s[at]) == 'x')) {
			size_t p = at + 1 < len && (name_lower(s[at + 1]) == 'p' ||
						    (name_lower(s[at]) == 'x' && name_lower(s[at + 1]) == 'e'))
					   ? 2
					   : 1;

			d = digits_at(s, len, at + p);
			if (!d)
				break;
			at += p + d;
		}
		if (at == 1 + digits_at(s, len, 1))
			return len - at >= 3 ? at : 0;
		if (at == len || (at + 1 == len && name_lower(s[at]) >= 'a' && name_lower(s[at]) <= 'i'))
			return 0;
		return at;
	}
	return d == 2 && len - at >= 3 && s[0] == 'S' && s[at] >= 'A' && s[at] <= 'Z' && name_is_alpha(s[at + 1])
		       ? at
		       : 0;
}

/* "1x05tail", but not "1280x720p". */
static size_t cut_behind_cross(const char *s, size_t len)
{
	size_t d = digits_at(s, len, 0), at = d, n;

	if (!d || d > 4 || at >= len || name_lower(s[at]) != 'x')
		return 0;
	while (at < len && name_lower(s[at]) == 'x' && (n = digits_at(s, len, at + 1)) > 0)
		at += 1 + n;
	if (at == d || at == len ||
	    (at + 1 == len && (strchr("piPI", s[at]) || (name_lower(s[at]) >= 'a' && name_lower(s[at]) <= 'd'))))
		return 0;
	return at;
}

/* "1080pHD", "720p24" behind the p; "Bluray720p" before the 7. */
static size_t cut_at_height(const char *s, size_t len)
{
	size_t d = digits_at(s, len, 0), at = len;

	if (d >= 3 && d <= 4 && d + 1 < len && strchr("piPI", s[d]) && name_lower(s[d + 1]) != 'x')
		return d + 1;
	if (len > 5 && strchr("piPI", s[len - 1]) && name_is_digit(s[len - 2])) {
		at = len - 1;
		while (at > 0 && name_is_digit(s[at - 1]))
			at--;
		if (at > 1 && len - 1 - at >= 3 && len - 1 - at <= 4 && name_is_alpha(s[at - 1]) &&
		    name_lower(s[at - 1]) != 'x')
			return at;
	}
	return 0;
}

/* "NameS10E06": before the S. */
static size_t cut_before_episode(const char *s, size_t len)
{
	for (size_t i = 2; i + 3 < len; i++) {
		size_t d;

		if (s[i] != 'S' || !(s[i - 1] >= 'a' && s[i - 1] <= 'z'))
			continue;
		d = digits_at(s, len, i + 1);
		if (d >= 1 && d <= 2 && i + 1 + d < len && s[i + 1 + d] == 'E' &&
		    digits_at(s, len, i + 2 + d))
			return i;
	}
	return 0;
}

/* Between digits and the characters of Chinese, Japanese and Korean. */
static size_t cut_at_script(const char *s, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		bool digit = name_is_digit(s[i]), wide = (unsigned char)s[i] >= 0xE3;

		if (wide && name_is_digit(s[i - 1]))
			return i;
		if (digit && i >= 3 && ((unsigned char)s[i - 1] & 0xC0) == 0x80 &&
		    (unsigned char)s[i - 3] >= 0xE3)
			return i;
	}
	return 0;
}

/* "Episode20", "DD51", "2cd": between letters and digits when the letters are a key word or an audio codec.
 */
static size_t cut_at_number(const char *s, const char *key, size_t len)
{
	size_t a = 0, d;
	const struct name_row *row;

	if (name_is_digit(s[0])) {
		d = digits_at(s, len, 0);
		return d == 1 && len == 3 && name_lower(s[1]) == 'c' && name_lower(s[2]) == 'd' ? d : 0;
	}
	while (a < len && !name_is_digit(s[a]))
		a++;
	d = digits_at(s, len, a);
	if (!d || a < 2 || (a == 2 && !memcmp(key, "ep", 2)))
		return 0;
	if (a == 3 && len == 4 && !memcmp(key, "dvd", 3) && key[3] >= '1' && key[3] <= '8' && key[3] != '5')
		return a; /* the second of several; "DVD5" is a size */
	row = name_row_any(key, a);
	if (!row)
		return 0;
	if (row->property == NAME_OTHER && a == 3 && d <= 2 && a + d == len &&
	    !strncmp(row->value, "Original ", 9))
		return a; /* "OVA2" */
	if (row->flags & ROW_KEY && row->property != NAME_KEY_SUB)
		return a + d == len || name_lower(s[a + d]) == 'o' || name_lower(s[a + d]) == 'v' ? a : 0;
	return row->flags & ROW_AUDIO && a + d == len && d <= 2 ? a : 0;
}

/* "HDTVx264", "NetflixUHDRip": between two rows. */
static size_t cut_between_rows(const char *key, size_t len)
{
	static const enum name_table first[] = { NAME_TABLE_TECH, NAME_TABLE_SERVICE, NAME_TABLE_OTHER };

	if (len < 5 || len > 24)
		return 0;
	for (size_t t = 0; t < sizeof(first) / sizeof(first[0]); t++) {
		bool more = true, unused;

		for (size_t n = 2; n + 2 <= len && more; n++) {
			const struct name_row *a = name_row_find(first[t], key, n, &more), *b;

			if (!a || (first[t] == NAME_TABLE_SERVICE && n < 5) ||
			    (first[t] == NAME_TABLE_OTHER && !(a->flags & (ROW_STRONG | ROW_TECH))))
				continue;
			b = name_row_find(NAME_TABLE_TECH, key + n, len - n, &unused);
			if (!b || !(b->flags & (ROW_STRONG | ROW_TECH)))
				b = name_row_find(NAME_TABLE_OTHER, key + n, len - n, &unused);
			if (b &&
			    (a->flags & ROW_STRONG || b->flags & ROW_STRONG ||
			     first[t] == NAME_TABLE_SERVICE) &&
			    b->flags & (ROW_STRONG | ROW_TECH))
				return n;
		}
	}
	return 0;
}

/* "FRSUB", "EngSubs": before the "sub". */
static size_t cut_before_sub(const char *key, size_t len)
{
	size_t sub = len > 4 && key[len - 1] == 's' ? 4 : 3;
	bool more;

	if (len < 5 || len > 7 || memcmp(key + len - sub, "sub", 3))
		return 0;
	return name_row_find(NAME_TABLE_LANGUAGE, key, len - sub, &more) ? len - sub : 0;
}

/* Only words with digits, a capital inside or "sub" at the end say two things in one. */
static bool may_be_two(const char *s, const char *key, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (name_is_digit(s[i]) || (i && s[i] >= 'A' && s[i] <= 'Z'))
			return true;
	}
	return len > 4 && (!memcmp(key + len - 3, "sub", 3) || !memcmp(key + len - 4, "subs", 4));
}

size_t word_cut_point(const char *s, const char *key, size_t len, size_t keylen, bool ascii, bool last)
{
	size_t at;

	if (!ascii)
		return cut_at_script(s, len);
	if ((at = cut_behind_episode(s, len)) || (at = cut_behind_cross(s, len)) ||
	    (at = cut_at_height(s, len)))
		return at;
	if (len >= 3 && name_lower(s[len - 2]) == 'v' && name_is_digit(s[len - 1]) && name_is_digit(s[len - 3]))
		return len - 2;
	if ((at = cut_before_episode(s, len)))
		return at;
	if (keylen != len || !may_be_two(s, key, len) || name_row_any(key, keylen))
		return 0;
	if ((at = cut_at_number(s, key, len)) || (at = cut_before_sub(key, len)))
		return at;
	return last ? 0 : cut_between_rows(key, len);
}
