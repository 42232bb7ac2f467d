/* buf.c - see buf.h. */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/utf8.h"

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ .max = buf->max };
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

char *buf_reserve(struct buf *buf, size_t extra)
{
	size_t max = buf->max ? buf->max : BUF_DEFAULT_MAX;
	size_t want, size;
	char *data;

	if (buf->failed)
		return NULL;
	if (extra > max || buf->len > max - extra) {
		buf->failed = true;
		return NULL;
	}
	want = buf->len + extra + 1;
	if (want <= buf->size)
		return buf->data + buf->len;
	size = buf->size ? buf->size : 64;
	while (size < want)
		size *= 2;
	data = realloc(buf->data, size);
	if (!data)
		abort();
	buf->data = data;
	buf->size = size;
	return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	char *to = buf_reserve(buf, len);

	if (!to)
		return;
	if (len)
		memcpy(to, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_adds(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_addc(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_addf(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	int len;
	char *to;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	to = len < 0 ? NULL : buf_reserve(buf, (size_t)len);
	if (to) {
		vsnprintf(to, (size_t)len + 1, format, again);
		buf->len += (size_t)len;
	}
	va_end(again);
}

#define REPLACEMENT "\xEF\xBF\xBD"

/* What XML 1.0 (2.2, Char) has no place for: one of it, and a reader refuses the whole document. */
static bool no_xml_char(const char *text, size_t n)
{
	unsigned char c = (unsigned char)*text;

	return !n || (n == 1 && c < 0x20 && c != '\t' && c != '\n' && c != '\r') ||
	       (n == 3 && c == 0xEF && (unsigned char)text[1] == 0xBF && (unsigned char)text[2] >= 0xBE); /* U+FFFE, U+FFFF */
}

void buf_add_xml(struct buf *buf, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		size_t n = utf8_char(text, left);
		unsigned char c = (unsigned char)text[0];

		if (no_xml_char(text, n)) {
			buf_adds(buf, REPLACEMENT);
			n = n ? n : 1;
		} else if (c == '&') {
			buf_adds(buf, "&amp;");
		} else if (c == '<') {
			buf_adds(buf, "&lt;");
		} else if (c == '>') {
			buf_adds(buf, "&gt;");
		} else if (c == '"') {
			buf_adds(buf, "&quot;");
		} else {
			buf_add(buf, text, n);
		}
		text += n;
		left -= n;
	}
}

/* Bytes that stand for themselves in JSON. */
static size_t plain_ascii(const char *text)
{
	size_t n = 0;

	while ((unsigned char)(text[n] - 0x20) < 0x60 && text[n] != '"' && text[n] != '\\')
		n++;
	return n;
}

void buf_add_json(struct buf *buf, const char *text)
{
	size_t left = strlen(text);

	buf_addc(buf, '"');
	while (left) {
		size_t plain = plain_ascii(text), n;
		unsigned char c;

		buf_add(buf, text, plain);
		text += plain;
		left -= plain;
		if (!left)
			break;
		n = utf8_char(text, left);
		c = (unsigned char)text[0];

		if (!n) {
			buf_adds(buf, REPLACEMENT);
			n = 1;
		} else if (c == '"' || c == '\\') {
			buf_addc(buf, '\\');
			buf_addc(buf, (char)c);
		} else if (c < 0x20) {
			buf_addf(buf, "\\u%04x", c);
		} else {
			buf_add(buf, text, n);
		}
		text += n;
		left -= n;
	}
	buf_addc(buf, '"');
}

int buf_read_all(struct buf *buf, FILE *file, struct err *err)
{
	char part[16384];
	size_t n;

	while ((n = fread(part, 1, sizeof(part), file)) > 0) {
		buf_add(buf, part, n);
		if (buf->failed)
			return err_set(err, ERR_TOO_LARGE, "larger than %zu bytes",
				       buf->max ? buf->max : BUF_DEFAULT_MAX);
	}
	if (ferror(file))
		return err_errno(err, "read");
	return 0;
}

static void close_stream(FILE **file)
{
	if (*file)
		fclose(*file);
}

int buf_read_file(struct buf *buf, const char *path, struct err *err)
{
	CLEANUP(close_stream) FILE *file = fopen(path, "rbe");

	if (!file)
		return err_errno(err, "open '%s'", path);
	if (buf_read_all(buf, file, err) < 0)
		return err_under(err, "read '%s'", path);
	return 0;
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
