/* garbage_words.c - see garbage_words.h. */
#include "library/garbage_words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"

#define FILE_MAX ((size_t)1 << 20)
#define WORDS_MAX 10000

static int longest_first(const void *a, const void *b)
{
	size_t x = strlen(*(const char *const *)a), y = strlen(*(const char *const *)b);

	return (x < y) - (x > y);
}

int garbage_words_load(const char *path, struct arena *arena, struct garbage_words *ret, struct err *err)
{
	CLEANUP(buf_free) struct buf text = BUF_MAX(FILE_MAX);
	struct garbage_words list = { 0 };
	size_t cap = 0;
	char *line, *rest;

	if (buf_read_file(&text, path, err) < 0)
		return err_under(err, "garbage words");
	rest = text.data;
	while (rest && (line = strsep(&rest, "\r\n"))) {
		char *end = line + strlen(line);

		while (isspace((unsigned char)*line))
			line++;
		while (end > line && isspace((unsigned char)end[-1]))
			*--end = '\0';
		if (!*line || *line == '#')
			continue;
		if (list.count == WORDS_MAX)
			return err_set(err, ERR_TOO_LARGE, "'%s' has more than %d garbage words", path, WORDS_MAX);
		ARENA_GROW(arena, list.words, list.count, cap);
		list.words[list.count++] = arena_strdup(arena, line);
	}
	if (list.count)
		qsort(list.words, list.count, sizeof(*list.words), longest_first);
	*ret = list;
	return 0;
}

static bool is_gap(char c)
{
	return c == ' ' || c == '.' || c == '_';
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Bytes of `at` that are the word, 0 if it is not there as a word of its own. */
static size_t match(const char *start, const char *at, const char *word)
{
	size_t i = 0;

	if (at > start && is_word(at[-1]) && is_word(*word))
		return 0;
	for (; word[i]; i++)
		if (!at[i] || (tolower((unsigned char)at[i]) != tolower((unsigned char)word[i]) &&
			       !(is_gap(at[i]) && word[i] == ' ')))
			return 0;
	return is_word(at[i]) && is_word(word[i - 1]) ? 0 : i;
}

static size_t longest(const struct garbage_words *garbage, const char *start, const char *at)
{
	for (size_t i = 0; i < garbage->count; i++) {
		size_t len = match(start, at, garbage->words[i]);

		if (len)
			return len;
	}
	return 0;
}

const char *garbage_words_clean(const struct garbage_words *garbage, const char *title, struct arena *arena)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	size_t start = 0;

	if (!garbage->count || !title)
		return title;
	for (const char *at = title; *at;) {
		size_t len = longest(garbage, title, at);

		if (len)
			at += len;
		else if (*at == ' ' && (!out.len || out.data[out.len - 1] == ' '))
			at++;
		else
			buf_addc(&out, *at++);
	}
	while (out.len && strchr(" -_.,", out.data[out.len - 1]) && out.data[out.len - 1])
		out.data[--out.len] = '\0';
	while (start < out.len && strchr(" -_.,", out.data[start]))
		start++;
	return start < out.len ? arena_strdup(arena, out.data + start) : title;
}
