/* utf8.h - the little of UTF-8 that names and texts from outside need. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at `text` (1 to 4, Unicode table 3-7), or 0 if there is none. */
size_t utf8_char(const char *text, size_t len);

bool utf8_valid(const char *text, size_t len);

/* Writes text to `to` (size bytes, NUL included) with each bad byte as U+FFFD, cut at a character. Returns to. */
char *utf8_clean(char *to, size_t size, const char *text);
/* The same in one line: control characters, which could forge lines or drive a terminal, become '?'. */
char *utf8_line(char *to, size_t size, const char *text);
