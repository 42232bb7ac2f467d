/* waker.h - a thread that rests until its time comes, until it is poked, or until it is to end; and waits by a clock that nobody
 * sets. What the thread does is its owner's; what it works on has a lock of its own. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct waker {
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t poke;
	bool poked, ends;
	bool runs; /* as what follows: of who starts and stops it */
	pthread_t thread;
};

void waker_init(struct waker *waker);
void waker_free(struct waker *waker); /* not while the thread runs */

/* Aborts when no thread can be had. At most 15 bytes of name. */
void waker_start(struct waker *waker, const char *name, void *(*run)(void *context), void *context);

/* The thread's: rests for so long at most (<0: for ever), not at all when it was poked since the last rest. False: it is to end. */
bool waker_rest(struct waker *waker, int64_t ns);
bool waker_ends(struct waker *waker);

/* Any thread. */
void waker_poke(struct waker *waker);
void waker_end(struct waker *waker);  /* tells it; does not wait */
void waker_stop(struct waker *waker); /* waits for it, too; nothing when it was never started */

/* A condition whose waits run by CLOCK_MONOTONIC, and one such wait, of at most so long (<0: for ever). False: the time is over. */
void waker_condition_init(pthread_cond_t *condition);
bool waker_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t ns);
