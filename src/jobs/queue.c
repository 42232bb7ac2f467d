/* queue.c - see queue.h. One mutex; each thread looks through the kinds whose lane is free for the oldest
 * row.
 *
 * The rows are the truth: what a thread holds in memory is only which job it runs and whether that is to
 * stop. */
#include "jobs/queue.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "store/jobs.h"

#define THREADS 5 /* one for each lane that there is */
#define MAX_THREADS 16
#define ATTEMPTS 3
#define TELL_MS 1000

struct queue_job {
	struct queue *queue;
	const struct queue_kind *kind; /* NULL: its thread is idle */
	int64_t id;
	volatile bool cancelled;
	bool by_person; /* and not because the server stops */
	int64_t told_ms;
};

struct queue {
	struct queue_config config;
	pthread_mutex_t lock;
	pthread_cond_t poke;
	bool stopping;
	uint64_t pokes; /* counts what may be news to a thread that is about to wait */
	unsigned count;
	pthread_t threads[MAX_THREADS];
	struct queue_job jobs[MAX_THREADS]; /* by thread */
};

static struct db *writer(const struct queue *queue)
{
	return store_writer(queue->config.store);
}

static void tell(struct queue *queue, int64_t id)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct job job;
	int rc;

	if (!queue->config.changed)
		return;
	db_lock(writer(queue));
	rc = jobs_get(writer(queue), id, &arena, &job, NULL);
	db_unlock(writer(queue));
	if (rc == 0)
		queue->config.changed(queue->config.context, job_json(&job));
}

const struct queue_kind *queue_kind_find(const struct queue *queue, const char *kind)
{
	for (const struct queue_kind *k = queue->config.kinds; k->kind; k++)
		if (strcmp(k->kind, kind) == 0)
			return k;
	return NULL;
}

void queue_poke(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->pokes++;
	pthread_cond_broadcast(&queue->poke);
	pthread_mutex_unlock(&queue->lock);
}

int queue_add(struct queue *queue, const char *kind, const json_t *payload, int64_t *ret_id, struct err *err)
{
	const struct queue_kind *known = queue_kind_find(queue, kind);
	CLEANUP(json_cleanup) json_t *empty = json_object();
	struct err why = { 0 };

	if (!payload)
		payload = empty;
	if (!known)
		return err_set(err, ERR_NOT_FOUND, "there is no job '%.60s'", kind);
	if (known->check && known->check(payload, &why) < 0)
		return err_set(err, why.code, "%s", why.text);
	if (jobs_add(writer(queue), kind, payload, ret_id, &why) < 0)
		return err_set(err, why.code, "%s", why.text);
	tell(queue, *ret_id);
	queue_poke(queue);
	return 0;
}

int queue_cancel(struct queue *queue, int64_t id, struct err *err)
{
	int rc = jobs_cancel(writer(queue), id, err);

	if (rc < 0)
		return rc;
	if (rc == 0) {
		pthread_mutex_lock(&queue->lock);
		for (unsigned i = 0; i < queue->count; i++)
			if (queue->jobs[i].kind && queue->jobs[i].id == id)
				queue->jobs[i].cancelled = queue->jobs[i].by_person = true;
		pthread_mutex_unlock(&queue->lock);
	}
	tell(queue, id);
	return 0;
}

/* ---- running ---- */

static bool lane_is_free(const struct queue *queue, const struct queue_kind *kind)
{
	for (unsigned i = 0; i < queue->count; i++)
		if (queue->jobs[i].kind && strcmp(queue->jobs[i].kind->lane, kind->lane) == 0)
			return false;
	return true;
}

/* With the lock held, so that a lane is taken by one thread. */
static bool take(struct queue *queue, struct queue_job *mine, struct arena *arena, struct job *ret)
{
	for (const struct queue_kind *kind = queue->config.kinds; kind->kind; kind++) {
		struct err err = { 0 };
		int rc;

		if (!lane_is_free(queue, kind))
			continue;
		rc = jobs_take(writer(queue), kind->kind, arena, ret, &err);
		if (rc < 0)
			log_warning("jobs", "take a job: %s", err.text);
		if (rc <= 0)
			continue;
		*mine = (struct queue_job) { .queue = queue, .kind = kind, .id = ret->id };
		return true;
	}
	return false;
}

static void end(struct queue *queue, struct queue_job *job, int rc, const json_t *result,
		const struct err *why)
{
	const char *state = rc == 0				      ? "done"
			    : why->code == ERR_BUSY && job->cancelled ? "cancelled"
								      : "failed";
	const char *message = rc == 0 ? json_text(result, "message", "") : why->text;
	struct err err = { 0 };

	if (rc < 0 && job->cancelled && !job->by_person) {
		state = job->kind->again ? "queued" : "failed";
		message = job->kind->again ? "the server was stopped; it goes on when it runs again"
					   : "the server was stopped before it was done";
	}
	if (strcmp(state, "failed") == 0)
		log_warning("jobs", "job %lld (%s): %s", (long long)job->id, job->kind->kind, message);
	if (jobs_end(writer(queue), job->id, state, message, result, &err) < 0)
		log_error("jobs", "end job %lld: %s", (long long)job->id, err.text);
	tell(queue, job->id);
}

static void run_job(struct queue *queue, struct queue_job *mine, const struct job *job)
{
	CLEANUP(json_cleanup) json_t *payload = json_parse(job->payload, strlen(job->payload), NULL);
	CLEANUP(json_cleanup) json_t *result = NULL;
	struct err err = { 0 };
	int rc;

	tell(queue, job->id);
	if (!payload)
		rc = err_set(&err, ERR_INVALID, "what was asked for cannot be read");
	else
		rc = mine->kind->run(mine, payload, &result, &err);
	end(queue, mine, rc, result, &err);
}

static void *run(void *context)
{
	struct queue_job *mine = context;
	struct queue *queue = mine->queue;
	uint64_t seen = 0;

	pthread_mutex_lock(&queue->lock);
	while (!queue->stopping) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct job job;

		if (!take(queue, mine, &arena, &job)) {
			while (seen == queue->pokes && !queue->stopping)
				pthread_cond_wait(&queue->poke, &queue->lock);
			seen = queue->pokes;
			continue;
		}
		pthread_mutex_unlock(&queue->lock);
		run_job(queue, mine, &job);
		pthread_mutex_lock(&queue->lock);
		mine->kind = NULL;
		queue->pokes++; /* its lane is free */
		pthread_cond_broadcast(&queue->poke);
	}
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

/* ---- starting and stopping ---- */

/* Jobs of a server that is dead. */
static void recover(struct queue *queue)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct job_list list = { 0 };
	struct err err = { 0 };

	db_lock(writer(queue));
	if (jobs_running(writer(queue), &arena, &list, &err) < 0)
		log_warning("jobs", "%s", err.text);
	db_unlock(writer(queue));
	for (size_t i = 0; i < list.count; i++) {
		const struct job *job = &list.jobs[i];
		const struct queue_kind *kind = queue_kind_find(queue, job->kind);
		bool again = kind && kind->again && job->attempts < ATTEMPTS;
		const char *message =
			again ? "the server ended while it ran; it is begun again"
			: kind && kind->again
				? "the server ended three times while it ran; it is not begun again"
				: "the server ended while it ran";

		log_warning("jobs", "job %lld (%s): %s", (long long)job->id, job->kind, message);
		jobs_end(writer(queue), job->id, again ? "queued" : "failed", message, NULL, &err);
	}
}

struct queue *queue_start(const struct queue_config *config)
{
	struct queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		abort();
	queue->config = *config;
	queue->pokes = 1;
	queue->count = config->threads ? config->threads : THREADS;
	if (queue->count > MAX_THREADS)
		queue->count = MAX_THREADS;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->poke, NULL);
	recover(queue);
	for (unsigned i = 0; i < queue->count; i++)
		queue->jobs[i].queue = queue;
	for (unsigned i = 0; i < queue->count; i++) {
		if (pthread_create(&queue->threads[i], NULL, run, &queue->jobs[i]) != 0)
			abort();
		pthread_setname_np(queue->threads[i], "job");
	}
	return queue;
}

void queue_stop(struct queue *queue)
{
	if (!queue)
		return;
	pthread_mutex_lock(&queue->lock);
	queue->stopping = true;
	for (unsigned i = 0; i < queue->count; i++)
		queue->jobs[i].cancelled = true;
	pthread_cond_broadcast(&queue->poke);
	pthread_mutex_unlock(&queue->lock);
	for (unsigned i = 0; i < queue->count; i++)
		pthread_join(queue->threads[i], NULL);
	pthread_cond_destroy(&queue->poke);
	pthread_mutex_destroy(&queue->lock);
	free(queue);
}

/* ---- for run() ---- */

int64_t queue_job_id(const struct queue_job *job)
{
	return job->id;
}

struct store *queue_job_store(const struct queue_job *job)
{
	return job->queue->config.store;
}

void *queue_job_context(const struct queue_job *job)
{
	return job->queue->config.context;
}

volatile bool *queue_job_cancelled(struct queue_job *job)
{
	return &job->cancelled;
}

void queue_job_progress(struct queue_job *job, double progress, const char *format, ...)
{
	int64_t now = clock_boot_ns() / CLOCK_MS;
	char text[300];
	va_list args;

	if (job->told_ms && now - job->told_ms < TELL_MS)
		return;
	job->told_ms = now;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	jobs_set_progress(writer(job->queue), job->id, progress, text, NULL);
	tell(job->queue, job->id);
}
