/* worker_name.h - what a worker is called in the system's list of processes, and what that says of it: whether it reads a
 * file only to know it, or makes something for the air of it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* In the worker: the name for the job at hand; each job begins as one that looks. At most 15 bytes are shown. */
#define WORKER_NAME_LOOKS "matinee-worker"
#define WORKER_NAME_AIRS "matinee-airs"
void worker_name_set(const char *name);

/* A worker of this very program, whoever started it, that only looks: what it has open may be renamed or removed meanwhile,
 * for it holds a descriptor, and what it comes to is taken by the file's identity. A process that cannot be told is none. */
bool worker_only_looks(pid_t pid);
