/* hash.c - see hash.h. */
#include "media/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/cleanup.h"

#define PART (64 * 1024)
#define READ_BYTES ((size_t)1 << 20)

static void to_text(XXH128_hash_t hash, char ret[HASH_TEXT_SIZE])
{
	XXH128_canonical_t bytes;

	XXH128_canonicalFromHash(&bytes, hash);
	for (size_t i = 0; i < sizeof(bytes.digest); i++)
		snprintf(ret + 2 * i, 3, "%02x", bytes.digest[i]);
}

void hash_text(const void *data, size_t len, char ret[HASH_TEXT_SIZE])
{
	to_text(XXH3_128bits(data, len), ret);
}

static int read_at(int fd, void *to, size_t len, int64_t at, struct err *err)
{
	char *p = to;

	while (len) {
		ssize_t n = pread(fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "read at byte %lld", (long long)at);
		if (n == 0)
			return err_set(err, ERR_IO, "read at byte %lld: the file has become shorter",
				       (long long)at);
		p += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static size_t sample_places(int64_t size, int64_t ret_at[3], size_t *ret_len)
{
	*ret_len = size < 3 * PART ? (size_t)size : PART;
	ret_at[0] = 0;
	ret_at[1] = (size - PART) / 2;
	ret_at[2] = size - PART;
	return size < 3 * PART ? 1 : 3;
}

void hash_sample_ahead(int fd, int64_t size)
{
	int64_t at[3];
	size_t len, count = sample_places(size, at, &len);

	for (size_t i = 0; i < count; i++)
		posix_fadvise(fd, at[i], (off_t)len, POSIX_FADV_WILLNEED);
}

/* What is hashed: the size, 8 bytes little-endian, so that equal samples of unlike files differ, then the
 * parts. */
int hash_sample(int fd, int64_t size, char ret[HASH_TEXT_SIZE], struct err *err)
{
	CLEANUP(cleanup_free) unsigned char *bytes = malloc(8 + 3 * PART);
	size_t used = 8, count, len;
	int64_t at[3];

	if (!bytes)
		abort();
	if (size < 0)
		return err_set(err, ERR_INVALID, "hash: a size of %lld bytes", (long long)size);
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)((uint64_t)size >> (8 * i));
	count = sample_places(size, at, &len);
	for (size_t i = 0; i < count; i++, used += len)
		if (read_at(fd, bytes + used, len, at[i], err) < 0)
			return err ? -(int)err->code : -ERR_IO;
	hash_text(bytes, used, ret);
	return 0;
}

bool hash_go_on(const struct hash_watch *watch, int64_t done, int64_t total)
{
	return !watch || !watch->go_on || watch->go_on(watch->context, done, total);
}

/* The first read is as long as a sample: where that is in memory already, the system sees that reading goes on from there and
 * fetches ahead of it; a longer one would look like a leap to what is missing. */
static int read_whole(int fd, int64_t size, const struct hash_watch *watch, XXH3_state_t *state, char *bytes,
		      struct err *err)
{
	int64_t done = 0;

	for (;;) {
		ssize_t n = pread(fd, bytes, done ? READ_BYTES : PART, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "read at byte %lld", (long long)done);
		if (n == 0)
			break;
		XXH3_128bits_update(state, bytes, (size_t)n);
		done += n;
		if (done > size)
			break;
		if (!hash_go_on(watch, done, size))
			return err_set(err, ERR_BUSY, "hashing was stopped");
	}
	if (done != size)
		return err_set(err, ERR_CONFLICT, "the file changed while it was hashed");
	return 0;
}

int hash_full(int fd, int64_t size, const struct hash_watch *watch, char ret[HASH_TEXT_SIZE], struct err *err)
{
	CLEANUP(cleanup_free) char *bytes = malloc(READ_BYTES);
	XXH3_state_t *state = XXH3_createState();
	int rc;

	if (!bytes || !state)
		abort();
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	XXH3_128bits_reset(state);
	rc = read_whole(fd, size, watch, state, bytes, err);
	if (rc == 0)
		to_text(XXH3_128bits_digest(state), ret);
	XXH3_freeState(state);
	return rc < 0 ? (err ? -(int)err->code : -(int)ERR_IO) : 0;
}
