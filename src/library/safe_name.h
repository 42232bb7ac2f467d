/* safe_name.h - text as the name of a file: what the file system of the target takes, and what people can handle.
 *
 * Pure but for safe_name_rules(). Whatever goes in, what comes out is one name: never "", "." or "..", no '/' and no
 * control character, valid UTF-8, no dot or '-' at its front, at most `max` bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define SAFE_NAME_MAX 255 /* bytes */

enum name_rules {
	NAME_RULES_POSIX, /* '/' and NUL only */
	NAME_RULES_DOS,	  /* vfat, exfat, ntfs, cifs: < > : " \ | ? * , reserved names, dots and spaces at the end */
};

/* By the file system of `path`, or of the nearest folder above it that is there. */
enum name_rules safe_name_rules(const char *path);

/* `keep`: bytes at the end of text that are not cut away (".en.srt"). In the arena. */
const char *safe_name(const char *text, size_t keep, enum name_rules rules, size_t max, struct arena *arena);

/* Two names that such a file system takes for one: capitals (of ASCII) do not matter there. */
bool safe_name_same(const char *a, const char *b, enum name_rules rules);
