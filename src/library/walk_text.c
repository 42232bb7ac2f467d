/* walk_text.c - see walk_text.h. Written by hand, because a hundred thousand lines pass at every scan. */
#include "library/walk_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* ---- writing ---- */

static char *put_hex(char *at, uint64_t value)
{
	char digits[16];
	int n = 0;

	do
		digits[n++] = "0123456789abcdef"[value & 15];
	while (value >>= 4);
	while (n)
		*at++ = digits[--n];
	*at++ = ' ';
	return at;
}

static char *put_path(char *at, const char *path)
{
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c >= 0x20 && c < 0x7F && c != '%' && c != '"' && c != '\\') {
			*at++ = (char)c;
			continue;
		}
		*at++ = '%';
		*at++ = "0123456789abcdef"[c >> 4];
		*at++ = "0123456789abcdef"[c & 15];
	}
	*at++ = '\n';
	return at;
}

static char *begin(struct buf *to, char kind, const char *path)
{
	char *at = buf_reserve(to, strlen(path) * 3 + 128);

	if (!at)
		abort();
	*at++ = kind;
	*at++ = ' ';
	return at;
}

static void end(struct buf *to, const char *at)
{
	to->len = (size_t)(at - to->data);
	to->data[to->len] = '\0';
}

void walk_text_file(struct buf *to, const char *path, const struct file_identity *identity, int64_t links)
{
	char *at = begin(to, 'f', path);

	at = put_hex(at, (uint64_t)identity->dev);
	at = put_hex(at, (uint64_t)identity->inode);
	at = put_hex(at, (uint64_t)identity->size);
	at = put_hex(at, (uint64_t)identity->mtime_ns);
	at = put_hex(at, (uint64_t)links);
	end(to, put_path(at, path));
}

void walk_text_blind(struct buf *to, const char *folder, int error)
{
	end(to, put_path(put_hex(begin(to, 'b', folder), (uint64_t)error), folder));
}

void walk_text_device(struct buf *to, int64_t dev)
{
	end(to, put_path(put_hex(begin(to, 'd', ""), (uint64_t)dev), ""));
}

void walk_text_folder(struct buf *to, const char *folder, int64_t mtime_ns)
{
	end(to, put_path(put_hex(begin(to, 't', folder), (uint64_t)mtime_ns), folder));
}

/* ---- reading ---- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take_hex(const char **at, uint64_t *ret)
{
	const char *start = *at;

	for (*ret = 0; digit(**at) >= 0; (*at)++)
		*ret = *ret << 4 | (uint64_t)digit(**at);
	if (*at == start || *at - start > 16 || **at != ' ')
		return false;
	(*at)++;
	return true;
}

/* The rest of a line as bytes. False for an absolute path, a NUL or a broken escape. */
static bool take_path(struct buf *path, const char *at, const char *end_of_line)
{
	char *to;

	buf_reset(path);
	to = buf_reserve(path, (size_t)(end_of_line - at) + 1);
	if (!to || *at == '/')
		return false;
	while (at < end_of_line) {
		if (*at != '%') {
			*to++ = *at++;
			continue;
		}
		if (end_of_line - at < 3 || digit(at[1]) < 0 || digit(at[2]) < 0)
			return false;
		*to = (char)(digit(at[1]) << 4 | digit(at[2]));
		at += 3;
		if (!*to++)
			return false;
	}
	*to = '\0';
	path->len = (size_t)(to - path->data);
	return path->data[0] != '/';
}

static bool take_file(const struct walk_text_sink *sink, struct buf *path, const char *at,
		      const char *end_of_line)
{
	struct file_identity identity;
	uint64_t n[5];

	for (int i = 0; i < 5; i++)
		if (!take_hex(&at, &n[i]))
			return false;
	identity = (struct file_identity) { (int64_t)n[0], (int64_t)n[1], (int64_t)n[2], (int64_t)n[3] };
	if (!sink->file || !take_path(path, at, end_of_line) || !path->len)
		return false;
	sink->file(sink->context, path->data, path->len, &identity, (int64_t)n[4]);
	return true;
}

static bool take_line(const struct walk_text_sink *sink, struct buf *path, const char *at,
		      const char *end_of_line)
{
	char kind = *at;
	uint64_t number;

	if (end_of_line - at < 3 || at[1] != ' ')
		return false;
	at += 2;
	if (kind == 'f')
		return take_file(sink, path, at, end_of_line);
	if (!take_hex(&at, &number) || at > end_of_line || !take_path(path, at, end_of_line))
		return false;
	if (kind == 'd' && sink->device)
		sink->device(sink->context, (int64_t)number);
	else if (kind == 'b' && sink->blind)
		sink->blind(sink->context, path->data, (int)number);
	else if (kind == 't' && sink->folder)
		sink->folder(sink->context, path->data, (int64_t)number);
	else
		return false;
	return true;
}

int walk_text_parse(const char *text, const struct walk_text_sink *sink, struct err *err)
{
	CLEANUP(buf_free) struct buf path = { 0 };

	while (*text) {
		const char *end_of_line = strchr(text, '\n');

		if (!end_of_line || !take_line(sink, &path, text, end_of_line))
			return err_set(err, ERR_WORKER, "what a child says of a disk makes no sense");
		text = end_of_line + 1;
	}
	return 0;
}
