/* hash_jobs.h - worker handlers that hash a file. Worker only.
 *
 * Both answer with the identity of what they read, so that a hash is never stored for a file that has become
 * another: done {"hash", "dev", "inode", "size", "mtime_ns"}. Both report
 * {"event":"progress","done":bytes,"total":bytes} about once a second and can be cancelled. */
#pragma once

#include "jobs/worker.h"

/* {"job":"hash","path":p,"what":"sample"|"full","ahead":[{"path":p}]}; ahead: samples that come next, for
 * the disk to know; may be missing */
int hash_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);

/* {"job":"essence","path":p} */
int essence_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);
