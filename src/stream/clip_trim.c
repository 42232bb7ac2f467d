/* clip_trim.c - what goes from the cache when there is too much: what was made with less effort and is no longer fresh, then
 * what is needed farthest away. The lock is held for some files at a time, and never while a question is asked or a file
 * removed. */
#include "stream/clip_cache_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define GRACE (600 * CLOCK_SECOND) /* what was made or read stays this long */
#define LATER_MS (600 * 1000)	 /* room is made of what is needed so much later, so that two never take turns */
#define TRIM_BATCH 16		   /* files removed at a time */

struct victim {
	char key[CLIP_KEY_SIZE];
	int64_t need;
};

struct taken { /* no longer known; its file is to go */
	char key[CLIP_KEY_SIZE];
	struct segment segment;
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

/* Takes it out of what is known; the file goes when the lock is given up. Under the lock. */
static void take(struct clip_cache *c, struct entry *e, struct segment *s, struct taken *to)
{
	memcpy(to->key, e->key, CLIP_KEY_SIZE);
	to->segment = *s;
	cache_forget(c, e, s);
}

/* False when it cannot go; it is known again then. */
static bool remove_taken(struct clip_cache *c, const struct taken *t)
{
	bool gone = cache_remove_file(c, t->key, &t->segment.file);
	struct segment *now;
	struct entry *e;

	pthread_mutex_lock(&c->lock);
	e = cache_entry(c, t->key);
	now = cache_find_segment(e, t->segment.file.k);
	if (gone && now && clip_file_same(&now->file, &t->segment.file))
		cache_forget(c, e, now); /* made anew meanwhile, under the same name: it went, too */
	else if (!gone && e && !now)
		cache_insert(c, e, &t->segment);
	pthread_mutex_unlock(&c->lock);
	return gone;
}

static void remove_folder_if_empty(struct clip_cache *c, const char *key)
{
	char path[PATH_MAX];
	const struct entry *e;
	bool empty;

	pthread_mutex_lock(&c->lock);
	e = cache_find_entry(c, key, false);
	empty = e && !e->count;
	pthread_mutex_unlock(&c->lock);
	if (empty && clip_file_path(path, c->dir, key, NULL, NULL) == 0)
		rmdir(path);
}

/* Removes up to a batch from a clip's end, which is needed last; true when there may be more. */
static bool trim_batch(struct clip_cache *c, const char *key, int64_t limit)
{
	struct taken taken[TRIM_BATCH];
	int64_t now = clock_boot_ns();
	int count = 0, removed = 0;
	struct entry *e;

	pthread_mutex_lock(&c->lock);
	e = cache_entry(c, key);
	for (uint32_t i = e ? e->count : 0; i-- > 0 && c->bytes > limit && count < TRIM_BATCH;)
		if (!e->segments[i].read_ns || now - e->segments[i].read_ns >= GRACE)
			take(c, e, &e->segments[i], &taken[count++]);
	pthread_mutex_unlock(&c->lock);
	for (int i = 0; i < count; i++)
		removed += remove_taken(c, &taken[i]);
	pthread_mutex_lock(&c->lock);
	c->evicted += removed;
	pthread_mutex_unlock(&c->lock);
	remove_folder_if_empty(c, key);
	return removed == TRIM_BATCH;
}

/* What was made with less effort, as far as it is known, and nobody has read for long: up to a batch, from *at on. */
static int take_lesser(struct clip_cache *c, size_t *at, struct taken *to)
{
	int64_t now = clock_boot_ns();
	int count = 0;

	pthread_mutex_lock(&c->lock);
	for (; *at < c->slots && count < TRIM_BATCH; ++*at) {
		struct entry *e = c->table[*at];

		for (uint32_t i = e && e->loaded ? e->count : 0; i-- > 0 && count < TRIM_BATCH;)
			if (e->segments[i].file.effort && now - e->segments[i].read_ns >= GRACE)
				take(c, e, &e->segments[i], &to[count++]);
		if (count == TRIM_BATCH)
			break; /* there may be more of this clip */
	}
	pthread_mutex_unlock(&c->lock);
	return count;
}

/* The next need makes it better. */
static void drop_lesser(struct clip_cache *c)
{
	struct taken taken[TRIM_BATCH];
	size_t at = 0;
	int count, removed;

	do {
		count = take_lesser(c, &at, taken);
		removed = 0;
		for (int i = 0; i < count; i++)
			removed += remove_taken(c, &taken[i]);
		at += removed < count; /* what cannot go is not tried again at once */
	} while (count);
}

/* In whose place others stand by now. */
static void remove_stale(struct clip_cache *c)
{
	CLEANUP(cleanup_free) struct spoilt *stale = NULL;
	size_t count;

	pthread_mutex_lock(&c->lock);
	stale = c->stale;
	count = c->stale_count;
	c->stale = NULL;
	c->stale_count = c->stale_room = 0;
	pthread_mutex_unlock(&c->lock);
	for (size_t i = 0; i < count; i++) {
		const struct segment *known;
		bool counts;

		pthread_mutex_lock(&c->lock);
		known = cache_find_segment(cache_find_entry(c, stale[i].key, false), stale[i].file.k);
		counts = known && clip_file_same(&known->file, &stale[i].file); /* it was written once more */
		pthread_mutex_unlock(&c->lock);
		if (!counts)
			cache_remove_file(c, stale[i].key, &stale[i].file);
	}
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
		while (trim_batch(cache, list[i].key, limit))
			;
	}
}

void clip_cache_trim(struct clip_cache *cache, int64_t (*need_ms)(void *context, const char *key),
		     void *context)
{
	int64_t limit = limit_now(cache);

	clip_memory_tidy(cache->memory);
	remove_stale(cache);
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
