/* columns.c - see columns.h. Widths are those of wcwidth() in C.UTF-8, which main() sets. */
#include "cli/columns.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "base/utf8.h"

#define ELLIPSIS "\xE2\x80\xA6"

/* The character at `text`, and its bytes; a bad byte is one character that is shown as U+FFFD. */
static uint32_t next(const char *text, size_t len, size_t *ret_bytes)
{
	static const unsigned char masks[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
	size_t n = utf8_char(text, len);
	uint32_t c = n ? (unsigned char)text[0] & masks[n] : 0xFFFD;

	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3F);
	*ret_bytes = n ? n : 1;
	return c;
}

/* C0, C1, line separators, and what turns the direction of the rest of the line. */
static bool drives(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

static size_t columns_of_char(uint32_t c)
{
	int n = drives(c) ? 1 : wcwidth((wchar_t)c);

	return n < 0 ? 1 : (size_t)n;
}

size_t columns_of(const char *text)
{
	size_t left = strlen(text), sum = 0, n;

	for (; left; text += n, left -= n)
		sum += columns_of_char(next(text, left, &n));
	return sum;
}

/* Bytes at the front of the text that take `width` columns at most, accents behind them too. */
static size_t bytes_in(const char *text, size_t width, size_t *ret_columns)
{
	size_t left = strlen(text), used = 0, bytes = 0, n;

	for (; left; bytes += n, left -= n) {
		size_t w = columns_of_char(next(text + bytes, left, &n));

		if (used + w > width)
			break;
		used += w;
	}
	*ret_columns = used;
	return bytes;
}

static void put(FILE *out, const char *text, size_t bytes)
{
	for (size_t n; bytes; text += n, bytes -= n) {
		uint32_t c = next(text, bytes, &n);

		if (c == 0xFFFD)
			fputs("\xEF\xBF\xBD", out);
		else if (drives(c))
			fputc(' ', out);
		else
			fwrite(text, 1, n, out);
	}
}

size_t columns_put(FILE *out, const char *text, size_t width, bool cut_front)
{
	size_t all = columns_of(text), used, bytes;

	if (all <= width) {
		put(out, text, strlen(text));
		return all;
	}
	if (!width)
		return 0;
	if (!cut_front) {
		bytes = bytes_in(text, width - 1, &used);
		put(out, text, bytes);
		fputs(ELLIPSIS, out);
		return used + 1;
	}
	bytes = bytes_in(text, all - (width - 1), &used);
	if (used < all - (width - 1)) { /* half of a wide character would stay */
		size_t n;

		used += columns_of_char(next(text + bytes, strlen(text + bytes), &n));
		bytes += n;
	}
	fputs(ELLIPSIS, out);
	put(out, text + bytes, strlen(text + bytes));
	return all - used + 1;
}

void columns_wrap(FILE *out, const char *text, size_t width, size_t indent)
{
	size_t room = width > indent + 20 ? width - indent : 20;

	for (;;) {
		size_t used, bytes = bytes_in(text, room, &used), end = bytes;

		if (text[bytes]) {
			while (end && text[end] != ' ' && text[end - 1] != '|')
				end--;
			if (!end)
				end = strcspn(text, " "); /* a word that is longer than a line */
		}
		put(out, text, end);
		text += end + strspn(text + end, " ");
		if (!*text)
			return;
		fprintf(out, "\n%*s", (int)indent, "");
	}
}
