/* watch_private.h - what the two threads of a watch share: watch.c (inotify) and watch_poller.c. */
#pragma once

#include <pthread.h>
#include <stddef.h>

#include "library/watch.h"

struct watch_table;

struct watched_root {
	int64_t id;
	char *path;
	bool network;
	bool partial; /* the limit of watches was met */
	size_t mounts; /* of the network, below it */
	bool stalled; /* its last poll had no answer */
	size_t folders;
	char told[160];
};

struct place { /* of something that changed */
	int64_t root_id;
	char *folder;
};

struct watch {
	struct watch_config config;
	int fd, wake; /* inotify, eventfd */
	pthread_t listener, poller;
	pthread_mutex_t lock;
	pthread_cond_t poke; /* of the poller */
	volatile bool stopping;
	struct watched_root *roots;
	int count;
	bool changed; /* the roots, since the listener looked */
	/* the listener's own */
	struct watch_table *table;
	struct place *mine; /* roots that have watches, with their paths */
	size_t mine_count;
	struct place *dirty;
	size_t dirty_count, dirty_cap;
	int64_t dirty_since_ms;
	unsigned watches;
};

/* With the lock held. NULL: not a root (any more). */
struct watched_root *watch_find_root(struct watch *w, int64_t id);
/* Without it. Tells when it differs from what was told. */
void watch_tell_state(struct watch *w, int64_t id);

void *watch_poll_run(void *watch); /* watch_poller.c: the poller's thread */
