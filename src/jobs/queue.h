/* queue.h - runs the jobs of the store on a few threads of the server.
 *
 * A job is a row (store/jobs.h) of a kind; a kind is a row of the table that the server gives. Jobs of one
 * lane run one after another, those of different lanes beside each other, the oldest first. A job that ran
 * when the server died is begun again if its kind says so (at most three times), else it fails with a
 * sentence. What may hang or crash runs in worker processes, as everywhere. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "store/store.h"

struct queue;
struct queue_job; /* one that runs */

struct queue_kind {
	const char *kind; /* "hash" */
	const char *lane; /* "files": kinds that must not run beside each other share one */
	bool again;	  /* begun again after a crash or a restart: it goes on where it was */
	bool open;	  /* may be asked for by POST /api/jobs */
	/* Does it, on a thread of the queue. ERR_BUSY when it was cancelled. *ret_result (may stay NULL) is
	 * kept. */
	int (*run)(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err);
	/* Says what is wrong with a payload before it is queued; NULL: any will do. */
	int (*check)(const json_t *payload, struct err *err);
};

struct queue_config {
	struct store *store;
	const struct queue_kind *kinds; /* ends with kind NULL; lives as long as the queue */
	unsigned threads;		/* 0: 3 */
	void *context;			/* queue_job_context() */
	void (*changed)(void *context,
			json_t *job /* stolen */); /* state or progress; any thread; may be NULL */
};

struct queue *queue_start(const struct queue_config *config);
void queue_stop(struct queue *queue); /* cancels what runs; kinds that go on are queued again. NULL is fine */

/* Checks and queues. ERR_NOT_FOUND for an unknown kind. Not while the writer is locked (db_lock, db_begin): the queue's
 * threads take its lock under theirs. The same holds for queue_poke() and queue_cancel(). */
int queue_add(struct queue *queue, const char *kind, const json_t *payload, int64_t *ret_id, struct err *err);
int queue_cancel(struct queue *queue, int64_t id, struct err *err); /* returns before it has ended */
void queue_poke(struct queue *queue);				    /* rows were added past queue_add() */
const struct queue_kind *queue_kind_find(const struct queue *queue, const char *kind); /* NULL: unknown */

/* ---- for run() ---- */

int64_t queue_job_id(const struct queue_job *job);
struct store *queue_job_store(const struct queue_job *job);
void *queue_job_context(const struct queue_job *job);
volatile bool *
queue_job_cancelled(struct queue_job *job); /* for library functions that take such a pointer */
/* As often as you like; it is told and stored about once a second. progress 0..1, < 0 unknown. */
void queue_job_progress(struct queue_job *job, double progress, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
