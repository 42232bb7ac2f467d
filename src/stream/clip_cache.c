/* clip_cache.c - see clip_cache.h.
 *
 * The folder (clip_folder.c), and what is known of it (clip_index.c). What is known is under one lock that is never held while
 * the disk or anybody else is asked. Names that are not ours are left alone; our own unfinished ones (a writer that was
 * killed) are removed when the cache is opened and they are old.
 *
 * Not here: what goes when there is too much (clip_trim.c), deciding what is needed (station/, through need_ms),
 * writing order and leases (producer.c).
 */
#include "stream/clip_cache_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"

#define DEFAULT_LIMIT INT64_C(20000000000)

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

/* ---- what cannot be read, nor removed: it lies there, and does not count ---- */

bool cache_is_spoilt(const struct clip_cache *c, const char *key, const struct clip_file *file)
{
	for (size_t i = 0; i < c->spoilt_count; i++)
		if (clip_file_same(&c->spoilt[i].file, file) && strcmp(c->spoilt[i].key, key) == 0)
			return true;
	return false;
}

static void forget_spoilt(struct clip_cache *c, size_t at)
{
	c->spoilt_count--;
	memmove(&c->spoilt[at], &c->spoilt[at + 1], (c->spoilt_count - at) * sizeof(*c->spoilt));
}

static void note_spoilt(struct clip_cache *c, const char *key, const struct clip_file *file)
{
	struct spoilt *s;

	if (cache_is_spoilt(c, key, file))
		return;
	if (c->spoilt_count == SPOILT_MAX)
		forget_spoilt(c, 0);
	s = &c->spoilt[c->spoilt_count++];
	memcpy(s->key, key, CLIP_KEY_SIZE);
	s->file = *file;
}

/* It was written anew, perhaps under the same name. */
static void not_spoilt(struct clip_cache *c, const char *key, int64_t k)
{
	for (size_t i = c->spoilt_count; i-- > 0;)
		if (c->spoilt[i].file.k == k && strcmp(c->spoilt[i].key, key) == 0)
			forget_spoilt(c, i);
}

struct clip_cache *clip_cache_open(const char *dir, int64_t limit_bytes, struct err *err)
{
	struct clip_cache *c;

	if (fs_mkdirs(dir, err) < 0)
		return NULL;
	c = must(calloc(1, sizeof(*c)));
	c->dir = must(strdup(dir));
	c->limit = limit_bytes > 0 ? limit_bytes : DEFAULT_LIMIT;
	pthread_mutex_init(&c->lock, NULL);
	c->memory = clip_memory_new();
	if (cache_walk(c, err) < 0) {
		clip_cache_close(c);
		return NULL;
	}
	return c;
}

void clip_cache_close(struct clip_cache *cache)
{
	if (!cache)
		return;
	cache_free_index(cache);
	clip_memory_free(cache->memory);
	free(cache->stale);
	free(cache->dir);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

bool clip_cache_has(struct clip_cache *cache, const char *key, int64_t k)
{
	bool has;

	pthread_mutex_lock(&cache->lock);
	has = cache_find_segment(cache_entry(cache, key), k) != NULL;
	pthread_mutex_unlock(&cache->lock);
	return has || clip_memory_has(cache->memory, key, k);
}

int clip_cache_effort(struct clip_cache *cache, const char *key, int64_t k)
{
	const struct segment *known;
	int64_t len;
	int effort = -1, fd;

	pthread_mutex_lock(&cache->lock);
	known = cache_find_segment(cache_entry(cache, key), k);
	if (known)
		effort = known->file.effort;
	pthread_mutex_unlock(&cache->lock);
	if (effort >= 0)
		return effort;
	fd = clip_memory_get(cache->memory, key, k, &len, &effort);
	if (fd < 0)
		return 0;
	close(fd);
	return effort;
}

int clip_cache_hold(struct clip_cache *cache, const char *key, int64_t k, int fd, int64_t len, int effort,
		    struct err *err)
{
	return clip_memory_add(cache->memory, key, k, fd, len, effort, err);
}

void clip_cache_refused(struct clip_cache *cache, const char *why)
{
	pthread_mutex_lock(&cache->lock);
	cache->write_errors++;
	cache->full = true;
	snprintf(cache->refused, sizeof(cache->refused), "%s", why);
	cache->refuses = true;
	pthread_mutex_unlock(&cache->lock);
}

bool clip_cache_refuses(struct clip_cache *cache, char why[CLIP_CACHE_WHY_SIZE])
{
	bool refuses;

	pthread_mutex_lock(&cache->lock);
	refuses = cache->refuses;
	if (why)
		snprintf(why, CLIP_CACHE_WHY_SIZE, "%s", refuses ? cache->refused : "");
	pthread_mutex_unlock(&cache->lock);
	return refuses;
}

int64_t clip_cache_refusals(struct clip_cache *cache, char why[CLIP_CACHE_WHY_SIZE])
{
	int64_t count;

	pthread_mutex_lock(&cache->lock);
	count = cache->write_errors;
	memcpy(why, cache->refused, sizeof(cache->refused));
	pthread_mutex_unlock(&cache->lock);
	return count;
}

/* Sorted by k, each once: they are all there when the last one stands as far behind the first as it must. */
bool clip_cache_has_all(struct clip_cache *cache, const char *key, int64_t from, int64_t to)
{
	const struct segment *first;
	struct entry *e;
	bool all = from >= to;

	pthread_mutex_lock(&cache->lock);
	e = cache_entry(cache, key);
	first = cache_find_segment(e, from);
	if (!all && first && to - from <= e->segments + e->count - first)
		all = first[to - from - 1].file.k == to - 1;
	pthread_mutex_unlock(&cache->lock);
	return all;
}

bool clip_cache_touch(struct clip_cache *cache, const char *key, int64_t k)
{
	struct segment *known;
	bool whole;

	pthread_mutex_lock(&cache->lock);
	known = cache_find_segment(cache_entry(cache, key), k);
	whole = known && known->verified;
	if (whole) {
		known->read_ns = clock_boot_ns();
		cache->hits++;
	}
	pthread_mutex_unlock(&cache->lock);
	return whole;
}

/* The index was right or wrong about the segment: remember it. */
static void settle(struct clip_cache *c, const char *key, const struct segment *s, bool good)
{
	bool gone = good || cache_remove_file(c, key, &s->file);
	struct segment *now;
	struct entry *e;

	pthread_mutex_lock(&c->lock);
	if (!gone)
		note_spoilt(c, key, &s->file);
	e = cache_find_entry(c, key, false);
	now = e && e->loaded ? cache_find_segment(e, s->file.k) : NULL;
	if (now && clip_file_same(&now->file, &s->file)) {
		if (good)
			now->verified = true;
		else
			cache_forget(c, e, now);
	}
	c->hits += good;
	c->misses += !good;
	pthread_mutex_unlock(&c->lock);
}

static int get_from_memory(struct clip_cache *c, const char *key, int64_t k, int64_t *ret_len)
{
	int effort, fd = clip_memory_get(c->memory, key, k, ret_len, &effort);

	pthread_mutex_lock(&c->lock);
	c->hits += fd >= 0;
	c->misses += fd < 0;
	pthread_mutex_unlock(&c->lock);
	return fd < 0 ? -ERR_NOT_FOUND : fd;
}

int clip_cache_get(struct clip_cache *cache, const char *key, int64_t k, int64_t *ret_len, struct err *err)
{
	char name[CLIP_FILE_NAME_SIZE], path[PATH_MAX];
	struct segment s = { 0 }, *known;
	int fd;

	pthread_mutex_lock(&cache->lock);
	known = cache_find_segment(cache_entry(cache, key), k);
	if (known) {
		known->read_ns = clock_boot_ns();
		s = *known;
	}
	pthread_mutex_unlock(&cache->lock);
	if (!known)
		return get_from_memory(cache, key, k, ret_len);
	clip_file_format(name, &s.file);
	if (clip_file_path(path, cache->dir, key, name, err) < 0)
		return err ? -(int)err->code : -ERR_INVALID;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EINTR))
		return err_set(err, ERR_BUSY, "open the prepared segment '%s': %s", path, strerror(errno));
	if (fd < 0 || !(s.verified ? clip_file_is_long(fd, &s.file) : clip_file_is_whole(fd, &s.file))) {
		cleanup_fd(&fd);
		settle(cache, key, &s, false);
		return -ERR_NOT_FOUND;
	}
	settle(cache, key, &s, true);
	*ret_len = s.file.len;
	return fd;
}

void clip_cache_spoilt(struct clip_cache *cache, const char *key, int64_t k)
{
	struct segment s = { 0 }, *known;

	pthread_mutex_lock(&cache->lock);
	known = cache_find_segment(cache_entry(cache, key), k);
	if (known)
		s = *known;
	pthread_mutex_unlock(&cache->lock);
	if (known)
		settle(cache, key, &s, false);
}

bool clip_cache_has_spoilt(struct clip_cache *cache, const char *key)
{
	bool has = false;

	pthread_mutex_lock(&cache->lock);
	for (size_t i = 0; i < cache->spoilt_count; i++)
		has = has || strcmp(cache->spoilt[i].key, key) == 0;
	pthread_mutex_unlock(&cache->lock);
	return has;
}

void clip_cache_note(struct clip_cache *cache, const char *key, int64_t k)
{
	struct segment *known;
	struct entry *e;

	pthread_mutex_lock(&cache->lock);
	cache->refuses = false;
	not_spoilt(cache, key, k);
	e = cache_find_entry(cache, key, true);
	known = e && e->loaded ? cache_find_segment(e, k) : NULL;
	if (e && (!known || known->file.effort))
		cache_load(cache, e);
	known = cache_find_segment(e, k);
	if (known && !known->read_ns)
		known->read_ns = clock_boot_ns(); /* fresh: it is wanted by somebody */
	pthread_mutex_unlock(&cache->lock);
}

/* Under the lock. */
static void add_stale(struct clip_cache *c, const char *key, const struct clip_file *file)
{
	if (c->stale_count == c->stale_room) {
		c->stale_room = c->stale_room ? c->stale_room * 2 : 16;
		c->stale = must(realloc(c->stale, c->stale_room * sizeof(*c->stale)));
	}
	memcpy(c->stale[c->stale_count].key, key, CLIP_KEY_SIZE);
	c->stale[c->stale_count++].file = *file;
}

/* Of two files for one segment the one that was made with more effort counts. */
static void take_file(struct clip_cache *c, struct entry *e, const struct clip_file *file)
{
	struct segment s = { .file = *file, .read_ns = clock_boot_ns() };
	struct segment *known = cache_find_segment(e, file->k);

	if (known && clip_file_same(&known->file, file))
		return;
	if (known && known->file.effort <= file->effort) {
		add_stale(c, e->key, file);
		return;
	}
	if (known) {
		add_stale(c, e->key, &known->file);
		cache_forget(c, e, known);
	}
	cache_insert(c, e, &s);
	e->changed = ++c->ticket;
}

bool clip_cache_take(struct clip_cache *cache, const char *key, int64_t k, const char *name)
{
	struct clip_file file;
	const char *rest = clip_file_parse(name, &file);
	struct entry *e;
	bool taken;

	if (!rest || *rest || file.k != k)
		return false;
	pthread_mutex_lock(&cache->lock);
	cache->refuses = false;
	not_spoilt(cache, key, k);
	e = cache_find_entry(cache, key, true);
	if (e && !e->count && !e->busy)
		e->loaded = true; /* it is new: nothing of it lay there */
	taken = e && e->loaded;
	if (taken)
		take_file(cache, e, &file);
	pthread_mutex_unlock(&cache->lock);
	return taken;
}

struct clip_cache_totals clip_cache_totals(struct clip_cache *cache)
{
	struct clip_cache_totals t;

	pthread_mutex_lock(&cache->lock);
	t = (struct clip_cache_totals) { cache->bytes, cache->limit, cache->segments, cache->hits,
					 cache->misses, cache->evicted, cache->write_errors, 0, cache->short_bytes };
	pthread_mutex_unlock(&cache->lock);
	t.memory_bytes = clip_memory_bytes(cache->memory);
	return t;
}

const char *clip_cache_dir(const struct clip_cache *cache)
{
	return cache->dir;
}
