/* jobs.h - long work as rows: what was asked for, how far it is, how it ended. Who runs it: jobs/queue.h.
 *
 * States: queued -> running -> done | failed | cancelled. A row that ended never changes again; the newest
 * 1,000 of them are kept. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "store/db.h"

struct job {
	int64_t id;
	const char *kind, *state, *message;
	const char *payload, *result;		  /* JSON objects */
	double progress;			  /* 0..1; < 0 unknown */
	int64_t created_ms, started_ms, ended_ms; /* 0 not yet */
	int64_t attempts;			  /* times it was begun */
};
struct job_list {
	struct job *jobs;
	size_t count;
};

#define JOB_PAYLOAD_MAX ((size_t)1 << 20)

/* Queues one; payload NULL: {}. Long work is asked for once: the same kind with the same payload that still
 * waits or runs is given back instead of a second one. In a transaction of its own. */
int jobs_add(struct db *db, const char *kind, const json_t *payload, int64_t *ret_id, struct err *err);

int jobs_get(struct db *db, int64_t id, struct arena *arena, struct job *ret,
	     struct err *err); /* ERR_NOT_FOUND */
/* Newest first. state: one of them, "open" (queued and running) or NULL: all. */
int jobs_list(struct db *db, const char *state, int64_t limit, int64_t offset, struct arena *arena,
	      struct job_list *ret, int64_t *ret_total, struct err *err);

/* {"id","kind","state","progress","message","payload","result","created","started","ended"}; progress and
 * times null when unknown. New reference. */
json_t *job_json(const struct job *job);
json_t *jobs_list_json(struct db *db, const char *state, int64_t limit, int64_t offset, struct err *err);

/* ---- for the queue ---- */

/* The oldest one of a kind that waits becomes running: 1, 0 when there is none. */
int jobs_take(struct db *db, const char *kind, struct arena *arena, struct job *ret, struct err *err);
int jobs_set_progress(struct db *db, int64_t id, double progress, const char *message, struct err *err);
/* Of a running one. state: done failed cancelled, or queued: it is to be begun again. result may be NULL. */
int jobs_end(struct db *db, int64_t id, const char *state, const char *message, const json_t *result,
	     struct err *err);
/* One that waits is cancelled at once: 1. One that runs: 0, its runner must stop it. ERR_NOT_FOUND,
 * ERR_CONFLICT when it has ended. */
int jobs_cancel(struct db *db, int64_t id, struct err *err);
/* Ids of those that say they run: at a start they belong to a server that is dead. */
int jobs_running(struct db *db, struct arena *arena, struct job_list *ret, struct err *err);
