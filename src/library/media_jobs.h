/* media_jobs.h - worker handlers that say what a file is and take a picture of it. Worker only. */
#pragma once

#include "jobs/worker.h"

/* {"job":"probe","path":...}; done: probe_to_json(). */
int probe_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);

/* {"job":"frames","path":...}; reports {"progress":0..1}; done: {"duration_ms", "places": [{"at_ms", "black_ms", "luma",
 * "silence_ms", "level_db"}]}. */
int frames_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);

/* {"job":"validate","path":...}; done: {"problems": ["sentence", ...]}. */
int validate_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);

/* {"job":"thumbnail","path":...,"at_ms":n,"width":n,"to":path}; done: {"to":path}. */
int thumbnail_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);
