/* waits.c - see waits.h. */
#include "server/waits.h"

#include <sys/socket.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/waker.h"

struct waits {
	pthread_mutex_t lock;
	pthread_cond_t sooner; /* the nearest wake-up may have come nearer, or the end */
	struct wait_node *first;
	int64_t next_ns; /* when the timer means to wake */
	bool ended;
	pthread_t timer;
};

static int64_t wake_at(int64_t wake_ms)
{
	return wake_ms < 0 ? INT64_MAX : clock_boot_ns() + wake_ms * CLOCK_MS;
}

static void resume(struct wait_node *node)
{
	node->suspended = false;
	*node->back = node->next;
	if (node->next)
		node->next->back = node->back;
	MHD_resume_connection(node->connection);
}

/* Resumes what is due; the next instant that something will be. */
static int64_t wake_due(struct waits *waits, int64_t now)
{
	int64_t next_ns = INT64_MAX;

	for (struct wait_node *node = waits->first, *next; node; node = next) {
		next = node->next;
		if (node->wake_ns <= now)
			resume(node);
		else if (node->wake_ns < next_ns)
			next_ns = node->wake_ns;
	}
	return next_ns;
}

static void *run_timer(void *context)
{
	struct waits *waits = context;

	pthread_mutex_lock(&waits->lock);
	while (!waits->ended) {
		int64_t now = clock_boot_ns();

		waits->next_ns = wake_due(waits, now);
		waker_wait(&waits->sooner, &waits->lock, waits->next_ns - now);
	}
	pthread_mutex_unlock(&waits->lock);
	return NULL;
}

struct waits *waits_start(void)
{
	struct waits *waits = calloc(1, sizeof(*waits));

	if (!waits)
		abort();
	pthread_mutex_init(&waits->lock, NULL);
	waker_condition_init(&waits->sooner);
	waits->next_ns = INT64_MAX;
	if (pthread_create(&waits->timer, NULL, run_timer, waits) != 0)
		abort();
	pthread_setname_np(waits->timer, "timer");
	return waits;
}

static void set_wake(struct waits *waits, struct wait_node *node, int64_t wake_ms)
{
	node->wake_ns = wake_at(wake_ms);
	if (node->wake_ns < waits->next_ns)
		pthread_cond_signal(&waits->sooner);
}

bool waits_suspend(struct waits *waits, struct wait_node *node, enum wait_class class, int64_t wake_ms)
{
	bool ok;

	pthread_mutex_lock(&waits->lock);
	ok = !waits->ended;
	if (ok && !node->suspended) {
		node->suspended = true;
		node->class = class;
		node->next = waits->first;
		node->back = &waits->first;
		if (node->next)
			node->next->back = &node->next;
		waits->first = node;
		MHD_suspend_connection(node->connection);
	}
	if (ok)
		set_wake(waits, node, wake_ms);
	pthread_mutex_unlock(&waits->lock);
	return ok;
}

void waits_wake_in(struct waits *waits, struct wait_node *node, int64_t wake_ms)
{
	pthread_mutex_lock(&waits->lock);
	if (node->suspended)
		set_wake(waits, node, wake_ms);
	pthread_mutex_unlock(&waits->lock);
}

void waits_resume(struct waits *waits, struct wait_node *node)
{
	pthread_mutex_lock(&waits->lock);
	if (node->suspended)
		resume(node);
	pthread_mutex_unlock(&waits->lock);
}

void waits_resume_class(struct waits *waits, enum wait_class class)
{
	pthread_mutex_lock(&waits->lock);
	for (struct wait_node *node = waits->first, *next; node; node = next) {
		next = node->next;
		if (node->class == class)
			resume(node);
	}
	pthread_mutex_unlock(&waits->lock);
}

void waits_end(struct waits *waits)
{
	pthread_mutex_lock(&waits->lock);
	waits->ended = true;
	while (waits->first)
		resume(waits->first);
	pthread_cond_signal(&waits->sooner);
	pthread_mutex_unlock(&waits->lock);
	pthread_join(waits->timer, NULL);
}

void waits_free(struct waits *waits)
{
	if (!waits)
		return;
	pthread_cond_destroy(&waits->sooner);
	pthread_mutex_destroy(&waits->lock);
	free(waits);
}
