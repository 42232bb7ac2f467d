/* watch_poll.h - the times of all folders of a root, and which have changed since the last look. Private to
 * watch*.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "jobs/worker.h"

/* Worker: {"job":"folders","root":path}; reports {"event":"folders","text":lines} (walk_text.h). */
int folders_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);

struct watch_poll; /* of one root */
struct watch_poll *watch_poll_new(const char *root);
void watch_poll_free(struct watch_poll *poll); /* NULL is fine */
/* Looks once, in a child; blocks, but not longer than 10 s without an answer (ERR_TIMEOUT). The first look
 * only learns. changed() is called for each folder that is new or has another time, and for the parent of one
 * that is gone. */
int watch_poll_look(struct watch_poll *poll, volatile bool *cancelled, void *context,
		    void (*changed)(void *context, const char *folder), struct err *err);
