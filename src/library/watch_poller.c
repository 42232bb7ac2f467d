/* watch_poller.c - the thread that looks at the times of folders where inotify tells nothing; see watch.h. A
 * share that hangs holds this thread for ten seconds a turn, and nobody else. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/waker.h"
#include "library/watch_poll.h"
#include "library/watch_private.h"

#define POLL_MS (5 * 60 * 1000)

struct polled {
	int64_t id;
	char path[PATH_MAX];
	struct watch_poll *poll;
};

struct poller {
	struct watch *watch;
	struct polled *list;
	size_t count, cap;
	int64_t root_id; /* being looked at */
};

static void on_polled(void *context, const char *folder)
{
	struct poller *p = context;

	p->watch->config.changed(p->watch->config.context, p->root_id, folder);
}

static struct polled *polled_of(struct poller *p, int64_t id, const char *path)
{
	struct polled *one = NULL;

	for (size_t i = 0; i < p->count; i++)
		if (p->list[i].id == id)
			one = &p->list[i];
	if (!one) {
		if (p->count == p->cap) {
			p->cap = p->cap ? p->cap * 2 : 8;
			p->list = realloc(p->list, p->cap * sizeof(*p->list));
			if (!p->list)
				abort();
		}
		one = &p->list[p->count++];
		*one = (struct polled) { .id = id };
	}
	if (!one->poll || strcmp(one->path, path) != 0) {
		watch_poll_free(one->poll);
		one->poll = watch_poll_new(path);
		snprintf(one->path, sizeof(one->path), "%s", path);
	}
	return one;
}

static void poll_root(struct poller *p, int64_t id, const char *path)
{
	struct polled *one = polled_of(p, id, path);
	struct watch *w = p->watch;
	struct err err = { 0 };
	struct watched_root *root;
	int rc;

	p->root_id = id;
	rc = watch_poll_look(one->poll, &w->stopping, p, on_polled, &err);
	if (rc < 0 && err.code != ERR_BUSY && err.code != ERR_TIMEOUT)
		on_polled(p, ""); /* it is gone: the scan says so */
	pthread_mutex_lock(&w->lock);
	root = watch_find_root(w, id);
	if (root)
		root->stalled = err.code == ERR_TIMEOUT;
	pthread_mutex_unlock(&w->lock);
	watch_tell_state(w, id);
}

static void poll_all(struct poller *p)
{
	struct watch *w = p->watch;

	for (int i = 0; !w->stopping; i++) {
		char path[PATH_MAX];
		bool polled;
		int64_t id;

		pthread_mutex_lock(&w->lock);
		if (i >= w->count) {
			pthread_mutex_unlock(&w->lock);
			return;
		}
		id = w->roots[i].id;
		polled = w->roots[i].network || w->roots[i].partial || w->roots[i].mounts || w->config.poll_only;
		snprintf(path, sizeof(path), "%s", w->roots[i].path);
		pthread_mutex_unlock(&w->lock);
		if (polled)
			poll_root(p, id, path);
	}
}

void *watch_poll_run(void *context)
{
	struct poller p = { .watch = context };
	struct watch *w = context;
	int64_t every = w->config.poll_ms ? w->config.poll_ms : POLL_MS;

	while (!w->stopping) {
		poll_all(&p);
		pthread_mutex_lock(&w->lock);
		if (!w->stopping)
			waker_wait(&w->poke, &w->lock, every * CLOCK_MS);
		pthread_mutex_unlock(&w->lock);
	}
	for (size_t i = 0; i < p.count; i++)
		watch_poll_free(p.list[i].poll);
	free(p.list);
	return NULL;
}
