/* pool.c - see pool.h. */
#include "server/pool.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS_MAX 16

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
	unsigned count;
	pthread_t threads[THREADS_MAX];
};

static struct job *take(struct pool *pool)
{
	struct job *job;

	pthread_mutex_lock(&pool->lock);
	while (!pool->first && !pool->stopping)
		pthread_cond_wait(&pool->more, &pool->lock);
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

struct pool *pool_start(const char *name, unsigned threads, unsigned limit)
{
	struct pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		abort();
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->more, NULL);
	pool->last = &pool->first;
	pool->limit = limit;
	for (; pool->count < threads && pool->count < THREADS_MAX; pool->count++) {
		if (pthread_create(&pool->threads[pool->count], NULL, work, pool) != 0)
			abort();
		pthread_setname_np(pool->threads[pool->count], name);
	}
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
