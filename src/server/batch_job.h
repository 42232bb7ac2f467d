/* batch_job.h - batches of moves as jobs: long work that the page starts and looks at. */
#pragma once

#include "jobs/queue.h"
#include "server/http.h"
#include "store/moves.h"

/* Kinds of job_kinds.c: {"batch": id}; {"before_ms": n}. */
int batch_job(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err);
/* {}: settles batches that were cut; their roots are not scanned before. Their disk may hang: nothing waits for it. */
int recover_job(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err);
int empty_trash_job(struct queue_job *job, const json_t *payload, json_t **ret_result, struct err *err);

/* Writes the moves as a batch, queues it, and answers 202 {"batch", "job", "files", "bytes"}; without moves or with
 * dry_run nothing is written and batch and job are null. */
int batch_job_answer(struct http_request *req, const char *kind, const char *title, struct move *moves, size_t count,
		     bool dry_run, struct err *err);
/* Queues a batch that is written already and answers 202 {"batch", "job"}. */
int batch_job_start(struct http_request *req, int64_t batch, struct err *err);
