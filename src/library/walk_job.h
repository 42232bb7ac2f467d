/* walk_job.h - a walk in a worker, so that a mount that hangs holds a child and nobody else.
 *
 * {"job":"walk","root":path,"under":folder,"skip":[paths below the root]}. Reports lines of text
 * (walk_text.h), at least once a second while the disk answers. Done: {"entries":n,"volume":..,"source":..,
 * "mount_point":..,"dev":n,"inode":n,"network":bool}. An error: the root itself cannot be opened. With "volume",
 * "mount_point" and "inode" of the last time, a root that is not there and whose disk is mounted elsewhere is
 * {"elsewhere":path}. */
#pragma once

#include "jobs/worker.h"

int walk_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);

/* {"job":"stat","path":p}: done {"there":bool, "regular":bool, "dev","inode","size","mtime_ns"}. An error
 * when that cannot be known. */
int stat_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);
