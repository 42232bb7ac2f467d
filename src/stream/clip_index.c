/* clip_index.c - the cache's table of clips, and of the segments of each: 64 bytes for a folder, 32 for a segment once
 * somebody asks for that clip. Open addressing, at most half full; all of it under the cache's lock.
 *
 * Invariant: `bytes` and `count` of a clip agree with its index once it is loaded, and the totals are their sums. Where it is
 * read from: clip_folder.c. */
#include "stream/clip_cache_private.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static size_t slot_of(const struct clip_cache *c, const char *key)
{
	uint64_t hash = XXH3_64bits(key, CLIP_KEY_SIZE - 1);
	size_t at = (size_t)hash & (c->slots - 1);

	while (c->table[at] && memcmp(c->table[at]->key, key, CLIP_KEY_SIZE) != 0)
		at = (at + 1) & (c->slots - 1);
	return at;
}

static void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static void free_entry(struct entry *e)
{
	if (e)
		free(e->segments);
	free(e);
}

static bool is_live(const struct entry *e)
{
	return e && (e->count || e->busy);
}

static size_t live_entries(const struct clip_cache *c)
{
	size_t live = 0;

	for (size_t i = 0; i < c->slots; i++)
		live += is_live(c->table[i]);
	return live;
}

/* Clips of which nothing is left are dropped on the way. */
static void enlarge(struct clip_cache *c)
{
	struct entry **old = c->table;
	size_t slots = c->slots;

	c->slots = !slots ? 64 : live_entries(c) * 4 > slots ? slots * 2 : slots;
	c->table = must(calloc(c->slots, sizeof(*c->table)));
	c->entries = 0;
	for (size_t i = 0; i < slots; i++) {
		if (is_live(old[i])) {
			c->table[slot_of(c, old[i]->key)] = old[i];
			c->entries++;
		} else {
			free_entry(old[i]);
		}
	}
	free(old);
}

struct entry *cache_find_entry(struct clip_cache *c, const char *key, bool add)
{
	size_t at;

	if (!clip_file_is_key(key))
		return NULL;
	if (c->entries * 2 >= c->slots)
		enlarge(c);
	at = slot_of(c, key);
	if (!c->table[at] && add) {
		c->table[at] = must(calloc(1, sizeof(struct entry)));
		memcpy(c->table[at]->key, key, CLIP_KEY_SIZE);
		c->entries++;
	}
	return c->table[at];
}

/* Where k is or belongs. */
static uint32_t place_of(const struct entry *e, int64_t k)
{
	uint32_t low = 0, high = e->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (e->segments[middle].file.k < k)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct segment *cache_find_segment(const struct entry *e, int64_t k)
{
	uint32_t at = e ? place_of(e, k) : 0;

	return e && at < e->count && e->segments[at].file.k == k ? &e->segments[at] : NULL;
}

void cache_count(struct clip_cache *c, struct entry *e, int64_t bytes, int segments)
{
	e->bytes += bytes;
	e->count = (uint32_t)((int64_t)e->count + segments);
	c->bytes += bytes;
	c->segments += segments;
}

void cache_insert(struct clip_cache *c, struct entry *e, const struct segment *s)
{
	uint32_t at = place_of(e, s->file.k);

	if (e->count == e->room) {
		e->room = e->room ? e->room * 2 : 8;
		e->segments = must(realloc(e->segments, e->room * sizeof(*s)));
	}
	memmove(e->segments + at + 1, e->segments + at, (e->count - at) * sizeof(*s));
	e->segments[at] = *s;
	cache_count(c, e, s->file.len, 1);
}

void cache_forget(struct clip_cache *c, struct entry *e, struct segment *s)
{
	size_t at = (size_t)(s - e->segments);
	int64_t len = s->file.len;

	memmove(s, s + 1, (e->count - at - 1) * sizeof(*s));
	cache_count(c, e, -len, -1);
	e->changed = ++c->ticket;
}

void cache_free_index(struct clip_cache *c)
{
	for (size_t i = 0; i < c->slots; i++)
		free_entry(c->table[i]);
	free(c->table);
}
