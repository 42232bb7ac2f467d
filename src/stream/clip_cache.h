/* clip_cache.h - prepared segments on disk: <dir>/<key[0..1]>/<key>/<k>-<length>-<XXH3-64 hex>.ts
 *
 * The folder is the truth; the index in memory is read from it, lazily per clip. Files appear by write, fsync,
 * rename. A file is verified (length and hash) at its first open in a process; one that is wrong is removed and
 * counts as absent. Bounded in bytes: the least needed go first, never one that was read in the last 10 minutes.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/clip.h"

struct clip_cache;

struct clip_cache_totals {
	int64_t bytes, limit, segments, hits, misses;
};

/* limit_bytes 0: 20 GB. Counts what is there (a walk; fast). */
struct clip_cache *clip_cache_open(const char *dir, int64_t limit_bytes, struct err *err);
void clip_cache_close(struct clip_cache *cache);

bool clip_cache_has(struct clip_cache *cache, const char *key, int64_t k);

/* All of [from, to). */
bool clip_cache_has_all(struct clip_cache *cache, const char *key, int64_t from, int64_t to);

/* As clip_cache_get() for one who has the bytes of the segment already: true when it is still here, and whole. Counts
 * as read. */
bool clip_cache_touch(struct clip_cache *cache, const char *key, int64_t k);

/* An open descriptor of the segment (close it) and its length; -ERR_NOT_FOUND without touching err when absent. */
int clip_cache_get(struct clip_cache *cache, const char *key, int64_t k, int64_t *ret_len, struct err *err);

/* The writer's side, also in worker processes: needs no cache object. */
int clip_cache_write(const char *dir, const char *key, int64_t k, const void *data, size_t len, struct err *err);

/* Another process wrote it: look again. */
void clip_cache_note(struct clip_cache *cache, const char *key, int64_t k);

/* Removes what is needed farthest away until below the limit. need_ms(context, key): when the clip is next needed
 * (wall ms), INT64_MAX never; called without the cache's lock. */
void clip_cache_trim(struct clip_cache *cache, int64_t (*need_ms)(void *context, const char *key), void *context);

struct clip_cache_totals clip_cache_totals(struct clip_cache *cache);
const char *clip_cache_dir(const struct clip_cache *cache);
