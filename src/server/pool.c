/* pool.c - see pool.h. */
#include "server/pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 64

struct job {
	struct job *next;
	void (*run)(void *context);
	void *context;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct job *first, **last; /* waiting */
	unsigned waiting, limit;
	bool stopping;
	char name[16];
	unsigned count, idle, most;
	pthread_t threads[THREADS_MAX];
};

static struct job *take(struct pool *pool)
{
	struct job *job;

	pthread_mutex_lock(&pool->lock);
	pool->idle++;
	while (!pool->first && !pool->stopping)
		pthread_cond_wait(&pool->more, &pool->lock);
	pool->idle--;
	job = pool->first;
	if (job) {
		pool->first = job->next;
		if (!pool->first)
			pool->last = &pool->first;
		pool->waiting--;
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

static void *work(void *context)
{
	struct job *job;

	while ((job = take(context))) {
		job->run(job->context);
		free(job);
	}
	return NULL;
}

/* Locked, or before anybody else knows the pool. False when the system has no thread left. */
static bool add_thread(struct pool *pool)
{
	if (pthread_create(&pool->threads[pool->count], NULL, work, pool) != 0)
		return false;
	pthread_setname_np(pool->threads[pool->count++], pool->name);
	return true;
}

struct pool *pool_start(const char *name, unsigned threads, unsigned most, unsigned limit)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		abort();
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	pool->last = &pool->first;
	pool->limit = limit;
	pool->most = most < THREADS_MAX ? most : THREADS_MAX;
	snprintf(pool->name, sizeof(pool->name), "%s", name);
	while (pool->count < threads && pool->count < THREADS_MAX)
		if (!add_thread(pool))
			abort();
	return pool;
}

bool pool_submit(struct pool *pool, void (*run)(void *context), void *context)
{
	struct job *job = NULL;

	pthread_mutex_lock(&pool->lock);
	if (!pool->stopping && pool->waiting < pool->limit) {
		job = calloc(1, sizeof(*job));
		if (!job)
			abort();
		*job = (struct job) { .run = run, .context = context };
		*pool->last = job;
		pool->last = &job->next;
		pool->waiting++;
		if (pool->waiting > pool->idle && pool->count < pool->most)
			add_thread(pool);
		pthread_cond_signal(&pool->more);
	}
	pthread_mutex_unlock(&pool->lock);
	return job;
}

void pool_stop(struct pool *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->stopping = true;
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->count; i++)
		pthread_join(pool->threads[i], NULL);
	pthread_cond_destroy(&pool->more);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
