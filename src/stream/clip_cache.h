/* clip_cache.h - prepared segments on disk: <dir>/<key[0..1]>/<key>/<k>-<length>-<XXH3-64 hex>[-<effort>].ts
 *
 * The folder is the truth; the index in memory is read from it, lazily per clip. Files appear by write, fsync,
 * rename. A file is verified (length and hash) at its first open in a process; one that is wrong is removed and
 * counts as absent. Bounded in bytes: the least needed go first, never one that was made or read in the last 10 minutes.
 * Segments that were made with less effort stay only so long, and what the disk would not take is held in memory
 * (clip_memory.h); to who asks it is all the same.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/clip.h"

#define CLIP_CACHE_WHY_SIZE 512

struct clip_cache;

struct clip_cache_totals {
	int64_t bytes, limit, segments, hits, misses;
	int64_t evicted;      /* segments that were removed to make room */
	int64_t write_errors; /* segments that the disk would not take */
	int64_t memory_bytes; /* of those that are held in memory */
	int64_t short_bytes;  /* that there was no room for when it was last asked for */
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

/* An open descriptor of the segment (close it) and its length; -ERR_NOT_FOUND without touching err when absent, as one that
 * cannot be opened or has another length counts from now on (clip_cache_spoilt()). ERR_BUSY: this process has no descriptor
 * left; ask again. */
int clip_cache_get(struct clip_cache *cache, const char *key, int64_t k, int64_t *ret_len, struct err *err);

/* Its file cannot be read: it is removed, and absent even where that is not possible, until it is written anew. */
void clip_cache_spoilt(struct clip_cache *cache, const char *key, int64_t k);
/* Some file of the clip lies there that does not count. */
bool clip_cache_has_spoilt(struct clip_cache *cache, const char *key);

/* The effort that was left off in making the segment that is there; 0 also when there is none. */
int clip_cache_effort(struct clip_cache *cache, const char *key, int64_t k);

/* The writer's side, also in worker processes: needs no cache object. */
int clip_cache_write(const char *dir, const char *key, int64_t k, const void *data, size_t len, struct err *err);

int clip_cache_write_less(const char *dir, const char *key, int64_t k, const void *data, size_t len, int effort,
			  struct err *err);

/* The disk would not take a segment, and why: remembered until it takes one again (clip_cache_note()). */
void clip_cache_refused(struct clip_cache *cache, const char *why);
/* It did not take the last one; the sentence in why, which may be NULL. */
bool clip_cache_refuses(struct clip_cache *cache, char why[CLIP_CACHE_WHY_SIZE]);
/* How many it did not take so far, and why the last of them; also of what it has taken one again since. */
int64_t clip_cache_refusals(struct clip_cache *cache, char why[CLIP_CACHE_WHY_SIZE]);

/* Held in memory instead. Takes fd (clip_memory_add()). */
int clip_cache_hold(struct clip_cache *cache, const char *key, int64_t k, int fd, int64_t len, int effort,
		    struct err *err);

/* Another process wrote it: look again. Asks the disk. */
void clip_cache_note(struct clip_cache *cache, const char *key, int64_t k);
/* The same where the name of its file is known (clip_file.h): asks no disk. False when that is not enough, for the name is none,
 * or the clip's folder was never read. A file that it takes the place of goes with the next clip_cache_trim(). */
bool clip_cache_take(struct clip_cache *cache, const char *key, int64_t k, const char *name);

/* Removes what was made with less effort and is no longer fresh; then, when there is more than the limit, what is needed
 * farthest away until there is a twentieth less; a tenth less than there is when the disk was full. need_ms(context, key): when the clip is next needed
 * (wall ms), INT64_MAX never; called without the cache's lock. */
void clip_cache_trim(struct clip_cache *cache, int64_t (*need_ms)(void *context, const char *key), void *context);

/* For something that is needed at due_ms: how many of `bytes` may be put in so that nine tenths of the limit are not passed.
 * Removes for it what is needed a good while later than that, farthest first. need_ms() as above. */
int64_t clip_cache_make_room(struct clip_cache *cache, int64_t bytes, int64_t due_ms,
			     int64_t (*need_ms)(void *context, const char *key), void *context);

struct clip_cache_totals clip_cache_totals(struct clip_cache *cache);
const char *clip_cache_dir(const struct clip_cache *cache);
