/* waker.c - see waker.h. */
#include "base/waker.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

void waker_condition_init(pthread_cond_t *condition)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(condition, &attr);
	pthread_condattr_destroy(&attr);
}

/* What nobody lives to see is no end either. */
static bool is_for_ever(int64_t ns)
{
	return ns < 0 || ns > INT64_MAX / 2;
}

static struct timespec in_ns(int64_t ns)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	ns += until.tv_nsec;
	until.tv_sec += ns / CLOCK_SECOND;
	until.tv_nsec = ns % CLOCK_SECOND;
	return until;
}

bool waker_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t ns)
{
	struct timespec until;

	if (is_for_ever(ns))
		return pthread_cond_wait(condition, lock) == 0;
	until = in_ns(ns);
	return pthread_cond_timedwait(condition, lock, &until) == 0;
}

void waker_init(struct waker *waker)
{
	*waker = (struct waker){ 0 };
	pthread_mutex_init(&waker->lock, NULL);
	waker_condition_init(&waker->poke);
}

void waker_free(struct waker *waker)
{
	pthread_cond_destroy(&waker->poke);
	pthread_mutex_destroy(&waker->lock);
}

void waker_start(struct waker *waker, const char *name, void *(*run)(void *context), void *context)
{
	if (pthread_create(&waker->thread, NULL, run, context) != 0)
		abort();
	pthread_setname_np(waker->thread, name);
	waker->runs = true;
}

bool waker_rest(struct waker *waker, int64_t ns)
{
	bool for_ever = is_for_ever(ns), goes_on, in_time = true;
	int64_t until_ns = for_ever ? 0 : clock_boot_ns() + ns;

	pthread_mutex_lock(&waker->lock);
	while (!waker->poked && !waker->ends && in_time) {
		int64_t left = for_ever ? -1 : until_ns - clock_boot_ns();

		in_time = (for_ever || left > 0) && waker_wait(&waker->poke, &waker->lock, left);
	}
	waker->poked = false;
	goes_on = !waker->ends;
	pthread_mutex_unlock(&waker->lock);
	return goes_on;
}

bool waker_ends(struct waker *waker)
{
	bool ends;

	pthread_mutex_lock(&waker->lock);
	ends = waker->ends;
	pthread_mutex_unlock(&waker->lock);
	return ends;
}

void waker_poke(struct waker *waker)
{
	pthread_mutex_lock(&waker->lock);
	waker->poked = true;
	pthread_cond_signal(&waker->poke);
	pthread_mutex_unlock(&waker->lock);
}

void waker_end(struct waker *waker)
{
	pthread_mutex_lock(&waker->lock);
	waker->ends = true;
	pthread_cond_signal(&waker->poke);
	pthread_mutex_unlock(&waker->lock);
}

void waker_stop(struct waker *waker)
{
	waker_end(waker);
	if (waker->runs)
		pthread_join(waker->thread, NULL);
	waker->runs = false;
}
