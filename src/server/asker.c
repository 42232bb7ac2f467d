/* asker.c - see asker.h. The waker is that of the thread that asks. An answer that comes after the asker was stopped is kept until it is freed. */
#include "server/asker.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/waker.h"

struct asker {
	struct waker waker;
	pthread_mutex_t lock; /* for what follows */
	bool answered;
	json_t *done; /* what the job gave; NULL: err */
	struct err err;
};

struct asker *asker_new(void)
{
	struct asker *asker = calloc(1, sizeof(*asker));

	if (!asker)
		abort();
	pthread_mutex_init(&asker->lock, NULL);
	waker_init(&asker->waker);
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
	waker_poke(&asker->waker); /* under the lock: who sees the answer may free the asker */
	pthread_mutex_unlock(&asker->lock);
}

static bool has_answer(struct asker *asker)
{
	bool answered;

	pthread_mutex_lock(&asker->lock);
	answered = asker->answered;
	pthread_mutex_unlock(&asker->lock);
	return answered;
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
	while (!has_answer(asker) && waker_rest(&asker->waker, -1))
		;
	pthread_mutex_lock(&asker->lock);
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
	waker_end(&asker->waker);
}

void asker_free(struct asker *asker)
{
	if (!asker)
		return;
	json_decref(asker->done);
	waker_free(&asker->waker);
	pthread_mutex_destroy(&asker->lock);
	free(asker);
}
