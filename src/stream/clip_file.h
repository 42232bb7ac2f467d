/* clip_file.h - one file of the cache: its name, its place, whether it is whole.
 * Not here: which of them there are (clip_cache.c). */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CLIP_FILE_NAME_SIZE 64

struct clip_file {
	int64_t k;
	uint64_t hash; /* XXH3-64 of its bytes */
	uint32_t len;
	int effort; /* that was left off (profile.h): such a file is not kept for long */
};

bool clip_file_is_key(const char *key);

/* "<k>-<length>-<hash>.ts"; "<k>-<length>-<hash>-<effort>.ts" where effort was left off */
void clip_file_format(char to[CLIP_FILE_NAME_SIZE], const struct clip_file *file);

/* What stands after ".ts" ("" for a finished segment), or NULL when the name is not one of ours. */
const char *clip_file_parse(const char *name, struct clip_file *ret);

/* "<dir>/<key[0..1]>/<key>[/name]". ERR_INVALID when key is none, ERR_TOO_LARGE. */
int clip_file_path(char to[PATH_MAX], const char *dir, const char *key, const char *name, struct err *err);

/* Length and hash of the open file are those of its name. Reads all of it; the descriptor does not move. */
bool clip_file_is_whole(int fd, const struct clip_file *file);

/* A regular file of that length, no more. */
bool clip_file_is_long(int fd, const struct clip_file *file);

/* The file at `path` is a regular one that nobody has written for an hour. */
bool clip_file_is_leftover(const char *path);

/* What clip_cache_write_less() calls it. */
struct clip_file clip_file_of(int64_t k, const void *data, size_t len, int effort);

bool clip_file_same(const struct clip_file *a, const struct clip_file *b);
