/* utf8.c - see utf8.h. */
#include "base/utf8.h"

#include <string.h>

static bool tail(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

size_t utf8_char(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;

	if (!len)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xC2 && s[0] <= 0xDF)
		return len >= 2 && tail(s[1]) ? 2 : 0;
	if (s[0] >= 0xE0 && s[0] <= 0xEF) {
		if (len < 3 || !tail(s[1]) || !tail(s[2]))
			return 0;
		if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F))
			return 0;
		return 3;
	}
	if (s[0] >= 0xF0 && s[0] <= 0xF4) {
		if (len < 4 || !tail(s[1]) || !tail(s[2]) || !tail(s[3]))
			return 0;
		if ((s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
			return 0;
		return 4;
	}
	return 0;
}

bool utf8_valid(const char *text, size_t len)
{
	while (len) {
		size_t n = utf8_char(text, len);

		if (!n)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

char *utf8_clean(char *to, size_t size, const char *text)
{
	size_t left = strlen(text), used = 0;

	while (left) {
		size_t n = utf8_char(text, left);
		const char *from = n ? text : "\xEF\xBF\xBD";
		size_t bytes = n ? n : 3;

		if (used + bytes + 1 > size)
			break;
		memcpy(to + used, from, bytes);
		used += bytes;
		text += n ? n : 1;
		left -= n ? n : 1;
	}
	if (size)
		to[used] = '\0';
	return to;
}

char *utf8_line(char *to, size_t size, const char *text)
{
	utf8_clean(to, size, text);
	for (char *c = to; size && *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7F)
			*c = '?';
	return to;
}
