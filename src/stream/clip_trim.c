/* clip_trim.c - what goes from the cache when there is too much: what was made with less effort and is no longer fresh, then
 * what is needed farthest away. The lock is held for some files at a time, and never while a question is asked. */
#include "stream/clip_cache_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define GRACE (600 * CLOCK_SECOND) /* what was made or read stays this long */
#define LATER_MS (600 * 1000)	 /* room is made of what is needed so much later, so that two never take turns */
#define TRIM_BATCH 16		   /* files removed under one hold of the lock */

struct victim {
	char key[CLIP_KEY_SIZE];
	int64_t need;
};

static int by_need(const void *a, const void *b)
{
	const struct victim *x = a, *y = b;

	if (x->need != y->need)
		return x->need > y->need ? -1 : 1;
	return memcmp(x->key, y->key, CLIP_KEY_SIZE);
}

/* The keys of all clips that hold something; free it. */
static struct victim *list_clips(struct clip_cache *c, size_t *ret_count)
{
	struct victim *list;

	*ret_count = 0;
	pthread_mutex_lock(&c->lock);
	list = calloc(c->entries + 1, sizeof(*list));
	if (!list)
		abort();
	for (size_t i = 0; i < c->slots; i++)
		if (c->table[i] && c->table[i]->count)
			memcpy(list[(*ret_count)++].key, c->table[i]->key, CLIP_KEY_SIZE);
	pthread_mutex_unlock(&c->lock);
	return list;
}

/* Removes up to a batch from a clip's end, which is needed last; true when there may be more. Under the lock.
 */
static bool trim_batch(struct clip_cache *c, const char *key, int64_t limit)
{
	struct entry *e = cache_entry(c, key);
	int64_t now = clock_boot_ns();
	int removed = 0;

	for (uint32_t i = e ? e->count : 0; i-- > 0 && c->bytes > limit && removed < TRIM_BATCH;) {
		struct segment *s = &e->segments[i];

		if (s->read_ns && now - s->read_ns < GRACE)
			continue;
		if (!cache_remove_file(c, key, s))
			break; /* nor will the others go */
		cache_forget(c, e, s);
		removed++;
	}
	c->evicted += removed;
	if (e && !e->count) {
		char path[PATH_MAX];

		if (clip_file_path(path, c->dir, key, NULL, NULL) == 0)
			rmdir(path);
	}
	return removed == TRIM_BATCH;
}

/* What was made with less effort, as far as it is known, and nobody has read for long: the next need makes it better. */
static void drop_lesser(struct clip_cache *c)
{
	int64_t now = clock_boot_ns();

	pthread_mutex_lock(&c->lock);
	for (size_t at = 0; at < c->slots; at++) {
		struct entry *e = c->table[at];

		for (uint32_t i = e && e->loaded ? e->count : 0; i-- > 0;) {
			struct segment *s = &e->segments[i];

			if (!s->file.effort || now - s->read_ns < GRACE)
				continue;
			if (cache_remove_file(c, e->key, s))
				cache_forget(c, e, s);
		}
	}
	pthread_mutex_unlock(&c->lock);
}

static int64_t limit_now(struct clip_cache *c)
{
	int64_t limit;

	pthread_mutex_lock(&c->lock);
	limit = c->full && c->bytes / 10 * 9 < c->limit ? c->bytes / 10 * 9 : c->limit;
	c->full = false;
	pthread_mutex_unlock(&c->lock);
	return limit;
}

/* Until there is no more than `limit`, of what is needed after after_ms. */
static void make_less(struct clip_cache *cache, int64_t limit, int64_t after_ms,
		      int64_t (*need_ms)(void *context, const char *key), void *context)
{
	CLEANUP(cleanup_free) struct victim *list = NULL;
	size_t count;

	list = list_clips(cache, &count);
	for (size_t i = 0; i < count; i++)
		list[i].need = need_ms(context, list[i].key);
	qsort(list, count, sizeof(*list), by_need);
	for (size_t i = 0; i < count && list[i].need > after_ms && clip_cache_totals(cache).bytes > limit; i++) {
		bool more = true;

		while (more) {
			pthread_mutex_lock(&cache->lock);
			more = trim_batch(cache, list[i].key, limit);
			pthread_mutex_unlock(&cache->lock);
		}
	}
}

void clip_cache_trim(struct clip_cache *cache, int64_t (*need_ms)(void *context, const char *key),
		     void *context)
{
	int64_t limit = limit_now(cache);

	clip_memory_tidy(cache->memory);
	drop_lesser(cache);
	if (clip_cache_totals(cache).bytes > limit)
		make_less(cache, limit < cache->limit ? limit : limit / 20 * 19, INT64_MIN, need_ms, context);
}

int64_t clip_cache_make_room(struct clip_cache *cache, int64_t bytes, int64_t due_ms,
			     int64_t (*need_ms)(void *context, const char *key), void *context)
{
	int64_t most = cache->limit / 10 * 9, room = most - clip_cache_totals(cache).bytes;

	if (bytes > 0 && room < bytes) {
		make_less(cache, most > bytes ? most - bytes : 0, due_ms + LATER_MS, need_ms, context);
		room = most - clip_cache_totals(cache).bytes;
	}
	room = room < 0 ? 0 : room < bytes ? room : bytes;
	pthread_mutex_lock(&cache->lock);
	cache->short_bytes = bytes - room;
	pthread_mutex_unlock(&cache->lock);
	return room;
}
