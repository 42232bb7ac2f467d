/* worker_batch.c - many jobs on a few workers, for callers that may block; see worker.h.
 *
 * One thread, one poll. A worker that ends before it was ready says that the program itself cannot run: that ends the
 * batch with an error, so that a broken installation does not mark a hundred thousand files as failed. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jobs/worker.h"
#include "jobs/worker_frame.h"

#define LOOK_MS 200	   /* how soon a cancel is seen */
#define CANCEL_WAIT_MS 2000 /* for a job to end by itself */
#define MESSAGES_AT_ONCE 64
#define MAX_WORKERS 64

struct slot {
	struct worker *worker; /* NULL: to be started when there is work */
	void *tag;
	bool working, more;
	int64_t heard_ms; /* last word, or when the job was sent */
};

struct run {
	const struct worker_batch *batch;
	struct slot slots[MAX_WORKERS];
	unsigned count;
	bool drained; /* next() had no more */
};

static int64_t now_ms(void)
{
	return clock_boot_ns() / CLOCK_MS;
}

static void end_job(struct run *run, struct slot *slot, const json_t *done, const struct err *err)
{
	void *tag = slot->tag;

	slot->working = false;
	slot->tag = NULL;
	run->batch->result(run->batch->context, tag, done, err);
}

static void drop_worker(struct slot *slot)
{
	worker_free(slot->worker);
	slot->worker = NULL;
}

/* Starts a worker where there is none and sends the request; once more when the worker had died unnoticed. */
static int start_job(struct run *run, struct slot *slot, const json_t *request, struct err *err)
{
	for (int attempt = 0;; attempt++) {
		struct err why = { 0 };
		json_t *message;

		if (!slot->worker && !(slot->worker = worker_start(&run->batch->limits, err)))
			return -(int)ERR_WORKER;
		slot->heard_ms = now_ms();
		if (worker_send(slot->worker, request, &why) == 0) {
			slot->working = true;
			return 0;
		}
		while (worker_receive(slot->worker, &message, NULL) == WORKER_REPORT)
			json_decref(message);
		if (why.code == ERR_TOO_LARGE || attempt > 0 || !worker_ready(slot->worker)) {
			drop_worker(slot);
			return err_set(err, why.code, "workers cannot run: %s", why.text);
		}
		drop_worker(slot);
	}
}

/* Gives an idle slot its next job. <0 when no worker can be had at all. */
static int feed(struct run *run, struct slot *slot, struct err *err)
{
	CLEANUP(json_cleanup) json_t *request = NULL;
	struct err stopped = { 0 };
	int rc;

	if (slot->working || run->drained)
		return 0;
	request = run->batch->next(run->batch->context, &slot->tag);
	if (!request) {
		run->drained = !run->batch->more || !run->batch->more(run->batch->context);
		return 0;
	}
	rc = start_job(run, slot, request, err);
	if (rc < 0) {
		err_set(&stopped, ERR_BUSY, "stopped before it began");
		end_job(run, slot, NULL, &stopped);
	}
	return rc;
}

static int dead(struct run *run, struct slot *slot, const struct err *why, struct err *err)
{
	struct err stopped = { 0 };
	bool was_ready = worker_ready(slot->worker);

	drop_worker(slot);
	if (was_ready && slot->working)
		end_job(run, slot, NULL, why);
	if (was_ready)
		return 0;
	if (slot->working) {
		err_set(&stopped, ERR_BUSY, "stopped before it began");
		end_job(run, slot, NULL, &stopped);
	}
	return err_set(err, ERR_WORKER, "workers cannot run: %s", why->text);
}

/* Takes what a worker said, some messages at a time: a flood must not starve the others. */
static int hear(struct run *run, struct slot *slot, struct err *err)
{
	slot->more = false;
	for (int i = 0; i < MESSAGES_AT_ONCE; i++) {
		CLEANUP(json_cleanup) json_t *message = NULL;
		struct err why = { 0 };

		switch (worker_receive(slot->worker, &message, &why)) {
		case WORKER_NOTHING:
			return 0;
		case WORKER_REPORT:
			slot->heard_ms = now_ms();
			if (run->batch->report)
				run->batch->report(run->batch->context, slot->tag, message);
			break;
		case WORKER_DONE:
			end_job(run, slot, message, NULL);
			return 0;
		case WORKER_FAILED:
			end_job(run, slot, NULL, &why);
			return 0;
		case WORKER_DEAD:
			return dead(run, slot, &why, err);
		}
	}
	slot->more = true; /* it may be read already: the socket need not say so */
	return 0;
}

static void kill_silent(struct run *run, struct slot *slot)
{
	int64_t limit = run->batch->timeout_ms;
	struct err why = { 0 };

	if (!slot->working || limit <= 0 || now_ms() - slot->heard_ms < limit)
		return;
	err_set(&why, ERR_TIMEOUT, "a worker gave no sign of life for %lld s and was stopped",
		(long long)(limit + 999) / 1000);
	drop_worker(slot);
	end_job(run, slot, NULL, &why);
}

static unsigned working(const struct run *run)
{
	unsigned n = 0;

	for (unsigned i = 0; i < run->count; i++)
		n += run->slots[i].working;
	return n;
}

static int wait_and_hear(struct run *run, int wait_ms, struct err *err)
{
	struct pollfd fds[MAX_WORKERS];
	int rc = 0;

	for (unsigned i = 0; i < run->count; i++) {
		struct slot *slot = &run->slots[i];

		fds[i] = (struct pollfd){ .fd = slot->working ? worker_fd(slot->worker) : -1, .events = POLLIN };
		if (slot->working && slot->more)
			wait_ms = 0;
	}
	poll(fds, run->count, wait_ms);
	for (unsigned i = 0; i < run->count && rc == 0; i++) {
		if (run->slots[i].working && (fds[i].revents || run->slots[i].more))
			rc = hear(run, &run->slots[i], err);
		kill_silent(run, &run->slots[i]);
	}
	return rc;
}

/* Ends what runs: asks first, then kills; those jobs end with ERR_BUSY. */
static void stop_all(struct run *run)
{
	int64_t until = now_ms() + CANCEL_WAIT_MS;
	struct err why = { 0 };

	err_set(&why, ERR_BUSY, "stopped before it was done");
	for (unsigned i = 0; i < run->count; i++)
		if (run->slots[i].worker)
			worker_cancel(run->slots[i].worker);
	while (working(run) && now_ms() < until)
		if (wait_and_hear(run, LOOK_MS, NULL) < 0)
			break;
	for (unsigned i = 0; i < run->count; i++) {
		drop_worker(&run->slots[i]);
		if (run->slots[i].working)
			end_job(run, &run->slots[i], NULL, &why);
	}
}

int worker_batch_run(const struct worker_batch *batch, struct err *err)
{
	struct run run = { .batch = batch, .count = batch->count };
	int rc = 0;

	if (run.count == 0)
		run.count = 1;
	if (run.count > MAX_WORKERS)
		run.count = MAX_WORKERS;
	while (rc == 0 && !(batch->cancelled && *batch->cancelled)) {
		for (unsigned i = 0; i < run.count && rc == 0; i++)
			rc = feed(&run, &run.slots[i], err);
		if (rc < 0 || (run.drained && !working(&run)))
			break;
		rc = wait_and_hear(&run, LOOK_MS, err);
	}
	stop_all(&run);
	return rc;
}
