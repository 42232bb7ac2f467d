/* asker.c - see asker.h. An answer that comes after the asker was stopped is kept until it is freed. */
#include "server/asker.h"

#include <pthread.h>
#include <stdlib.h>

struct asker {
	pthread_mutex_t lock; /* for what follows */
	pthread_cond_t changed;
	bool stopping, answered;
	json_t *done; /* what the job gave; NULL: err */
	struct err err;
};

struct asker *asker_new(void)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	if (!asker)
		abort();
	pthread_mutex_init(&asker->lock, NULL);
	pthread_cond_init(&asker->changed, NULL);
	return asker;
}

static void on_done(void *context, const json_t *done, const struct err *err)
{
	struct asker *asker = context;

	pthread_mutex_lock(&asker->lock);
	asker->answered = true;
	asker->done = done ? json_incref((json_t *)done) : NULL;
	if (err)
		asker->err = *err;
	pthread_cond_signal(&asker->changed);
	pthread_mutex_unlock(&asker->lock);
}

bool asker_ask(struct asker *asker, struct producer *producer, json_t *request, bool soon, json_t **ret_done, struct err *err)
{
	bool answered;

	asker->answered = false;
	asker->done = NULL;
	asker->err = (struct err){ 0 };
	if (soon)
		producer_run_soon(producer, request, on_done, asker);
	else
		producer_run(producer, request, on_done, asker);
	pthread_mutex_lock(&asker->lock);
	while (!asker->answered && !asker->stopping)
		pthread_cond_wait(&asker->changed, &asker->lock);
	answered = asker->answered;
	*ret_done = asker->done;
	if (answered && !asker->done)
		*err = asker->err;
	asker->done = NULL;
	pthread_mutex_unlock(&asker->lock);
	return answered;
}

void asker_stop(struct asker *asker)
{
	pthread_mutex_lock(&asker->lock);
	asker->stopping = true;
	pthread_cond_signal(&asker->changed);
	pthread_mutex_unlock(&asker->lock);
}

void asker_free(struct asker *asker)
{
	if (!asker)
		return;
	json_decref(asker->done);
	pthread_cond_destroy(&asker->changed);
	pthread_mutex_destroy(&asker->lock);
	free(asker);
}
