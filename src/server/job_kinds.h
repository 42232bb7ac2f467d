/* job_kinds.h - the kinds of long work that this server does; the table of jobs/queue.h. */
#pragma once

#include "jobs/queue.h"

extern const struct queue_kind job_kinds[]; /* ends with kind NULL */
