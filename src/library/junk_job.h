/* junk_job.h - the worker's side of junk.h: walks one root and says what its names and sizes make junk, or known to no rule.
 *
 *	-> {"job": "junk", "root", "skip": [paths of other roots below it], "globs", "never", "settle_ms"}
 *	<- {"event": "junk", "found": [{path, dev, inode, size, mtime_ns, folder, unknown, reason}]}	at least once in a second
 *	<- {"done": {entries}}
 *
 * Paths and texts go as json_from_path(). An empty folder is told of after what lies in it; whether the library knows files
 * below it is for the supervisor to say. */
#pragma once

#include "jobs/worker.h"

#define JUNK_REASON_MAX 256

int junk_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);
