/* worker_spawn.h - starts the child with its limits in place before its first instruction. Private to src/jobs. */
#pragma once

#include <sys/types.h>

#include "base/err.h"
#include "jobs/worker.h"

/* *ret_fd is the supervisor's end of the socket: non-blocking in use, close-on-exec. The pid, or <0. */
pid_t worker_spawn(const struct worker_limits *limits, int *ret_fd, struct err *err);
