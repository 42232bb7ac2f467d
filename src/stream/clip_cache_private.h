/* clip_cache_private.h - what clip_cache.c, clip_folder.c (what lies on the disk), clip_index.c (what is known of it) and clip_trim.c (what goes)
 * share. Not for others. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stream/clip_cache.h"
#include "stream/clip_file.h"
#include "stream/clip_memory.h"

struct segment {
	struct clip_file file;
	bool verified;
	int64_t read_ns; /* boot clock; 0: never in this process */
};

#define SPOILT_MAX 64

struct spoilt { /* a file; could not be read, nor removed */
	char key[CLIP_KEY_SIZE];
	struct clip_file file;
};

struct entry { /* a clip's folder */
	char key[CLIP_KEY_SIZE];
	bool loaded;
	uint32_t busy; /* its folder is being read: it stays */
	uint32_t count, room;
	int64_t bytes;
	struct segment *segments; /* sorted by k, when loaded */
	uint64_t changed;	  /* the ticket of the last change of what is known of it */
};

struct clip_cache {
	char *dir;
	int64_t limit;
	pthread_mutex_t lock;
	struct entry **table; /* open addressing by key; a power of two, at most half full */
	size_t slots, entries;
	int64_t bytes, segments, hits, misses, evicted, write_errors, short_bytes;
	uint64_t ticket; /* one for each reading of a folder and each change: which came first */
	bool full; /* the disk would not take something since the last trim */
	bool refuses;			   /* the disk did not take the last one */
	char refused[CLIP_CACHE_WHY_SIZE]; /* why it did not take one, the last time that it did not */
	struct clip_memory *memory;
	struct spoilt spoilt[SPOILT_MAX]; /* the oldest first */
	size_t spoilt_count;
	struct spoilt *stale; /* files in whose place others stand: they are to go */
	size_t stale_count, stale_room;
};

/* clip_index.c. All under the lock. */
struct entry *cache_find_entry(struct clip_cache *c, const char *key, bool add); /* NULL when the key is none */
struct segment *cache_find_segment(const struct entry *e, int64_t k);		 /* NULL; of NULL too */
void cache_insert(struct clip_cache *c, struct entry *e, const struct segment *s);
void cache_forget(struct clip_cache *c, struct entry *e, struct segment *s);
void cache_count(struct clip_cache *c, struct entry *e, int64_t bytes, int segments);
void cache_free_index(struct clip_cache *c);

bool cache_is_spoilt(const struct clip_cache *c, const char *key, const struct clip_file *file);

/* clip_folder.c. Under the lock, which is given up while a folder is read: what was found before may be another then. */
struct entry *cache_entry(struct clip_cache *c, const char *key); /* loaded; NULL when the key is none or unknown */
void cache_load(struct clip_cache *c, struct entry *e);		  /* again */
/* Without the lock. */
int cache_walk(struct clip_cache *c, struct err *err); /* counts all clips; before there are threads */
bool cache_remove_file(const struct clip_cache *c, const char *key, const struct clip_file *file); /* it is gone */
