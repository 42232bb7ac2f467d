/* clip_file.c - see clip_file.h; and clip_cache_write() of clip_cache.h, which needs no more than this. */
#include "stream/clip_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "stream/clip_cache.h"

#define LONGEST ((int64_t)1 << 30) /* bytes of a segment */
#define MOST_K INT64_C(100000000)
#define LEFTOVER_SECONDS 3600 /* an unfinished file as old as this has no writer */
#define PART 65536	      /* read at once */

bool clip_file_is_key(const char *key)
{
	return strlen(key) == CLIP_KEY_SIZE - 1 && strspn(key, "0123456789abcdef") == CLIP_KEY_SIZE - 1;
}

void clip_file_format(char to[CLIP_FILE_NAME_SIZE], const struct clip_file *file)
{
	snprintf(to, CLIP_FILE_NAME_SIZE, "%" PRIi64 "-%" PRIu32 "-%016" PRIx64 "%.*s.ts", file->k, file->len, file->hash,
		 file->effort ? 2 : 0, file->effort == 1 ? "-1" : "-2");
}

/* Digits without a leading zero; moves *at past them. -1 when there are none or too many. */
static int64_t parse_digits(const char **at)
{
	const char *p = *at;
	int64_t value = 0;

	if (*p == '0' && p[1] >= '0' && p[1] <= '9')
		return -1;
	for (; *p >= '0' && *p <= '9' && p - *at < 12; p++)
		value = value * 10 + (*p - '0');
	if (p == *at)
		return -1;
	*at = p;
	return value;
}

const char *clip_file_parse(const char *name, struct clip_file *ret)
{
	int64_t k = parse_digits(&name), len;
	char *end;

	if (k < 0 || k > MOST_K || *name++ != '-')
		return NULL;
	len = parse_digits(&name);
	if (len <= 0 || len > LONGEST || *name++ != '-' || strspn(name, "0123456789abcdef") != 16)
		return NULL;
	*ret = (struct clip_file) { .k = k, .len = (uint32_t)len, .hash = strtoull(name, &end, 16) };
	if (end[0] == '-' && (end[1] == '1' || end[1] == '2')) {
		ret->effort = end[1] - '0';
		end += 2;
	}
	return strncmp(end, ".ts", 3) == 0 ? end + 3 : NULL;
}

int clip_file_path(char to[PATH_MAX], const char *dir, const char *key, const char *name, struct err *err)
{
	if (!clip_file_is_key(key))
		return err_set(err, ERR_INVALID, "clip cache: '%.40s' is not a clip's key", key);
	if (snprintf(to, PATH_MAX, "%s/%.2s/%s%s%s", dir, key, key, name ? "/" : "", name ? name : "") >=
	    PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "clip cache: the path of its folder is too long");
	return 0;
}

bool clip_file_is_leftover(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime < time(NULL) - LEFTOVER_SECONDS;
}

bool clip_file_same(const struct clip_file *a, const struct clip_file *b)
{
	return a->k == b->k && a->len == b->len && a->hash == b->hash && a->effort == b->effort;
}

static void free_state(XXH3_state_t **state)
{
	XXH3_freeState(*state);
}

bool clip_file_is_long(int fd, const struct clip_file *file)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == (off_t)file->len;
}

bool clip_file_is_whole(int fd, const struct clip_file *file)
{
	CLEANUP(free_state) XXH3_state_t *state = XXH3_createState();
	char part[PART];
	off_t at = 0;

	if (!state || !clip_file_is_long(fd, file))
		return false;
	XXH3_64bits_reset(state);
	while (at < (off_t)file->len) {
		ssize_t n = pread(fd, part, sizeof(part), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		XXH3_64bits_update(state, part, (size_t)n);
		at += n;
	}
	return at == (off_t)file->len && XXH3_64bits_digest(state) == file->hash;
}

struct clip_file clip_file_of(int64_t k, const void *data, size_t len, int effort)
{
	return (struct clip_file){ .k = k, .hash = XXH3_64bits(data, len), .len = (uint32_t)len, .effort = effort };
}

int clip_cache_write(const char *dir, const char *key, int64_t k, const void *data, size_t len,
		     struct err *err)
{
	return clip_cache_write_less(dir, key, k, data, len, 0, err);
}

int clip_cache_write_less(const char *dir, const char *key, int64_t k, const void *data, size_t len, int effort,
			  struct err *err)
{
	struct err own = { 0 };
	struct err *e = err ? err : &own;
	struct clip_file file;
	char name[CLIP_FILE_NAME_SIZE], path[PATH_MAX];

	if (k < 0 || k > MOST_K || !len || len > LONGEST)
		return err_set(e, ERR_INVALID, "clip cache: segment %" PRIi64 " of %zu bytes", k, len);
	file = clip_file_of(k, data, len, effort);
	clip_file_format(name, &file);
	/* Twice: the folder may be trimmed away between its making and the file's. */
	for (int attempt = 0; attempt < 2; attempt++) {
		err_clear(&own);
		if (clip_file_path(path, dir, key, NULL, e) < 0 || fs_mkdirs(path, e) < 0 ||
		    clip_file_path(path, dir, key, name, e) < 0)
			return -(int)e->code;
		if (fs_write_atomic(path, data, len, &own) == 0)
			return 0;
		if (own.code != ERR_NOT_FOUND)
			break;
	}
	return err_set(e, own.code, "%s", own.text);
}
