/* worker.h - one child process that opens media so that the supervisor never has to.
 *
 * The child is this same binary, `matinee worker`, with a socketpair on descriptor 3, no new privileges, limits on
 * memory and CPU, the lowest OOM rank of the family, and death with its parent. Messages both ways are frames: a
 * little-endian uint32 length (at most WORKER_MESSAGE_MAX), then JSON. A worker does one job at a time:
 *
 *	-> {"job": "probe", ...}			the request
 *	<- {"ready": true}			before the first job; or {"unfit": "..."}: it lacks what the job needs, and ends
 *	<- {"event": "...", ...}			any number of reports
 *	<- T lines				text instead of JSON, where somebody hears it
 *	<- {"done": {...}}  or  {"error": {"code": "media", "message": "..."}}
 *
 * Paths in messages go through json_from_path()/json_path(). Large results are files, never messages.
 * Non-blocking on the supervisor's side: poll worker_fd() for reading. Nothing here is thread-safe for one worker;
 * different workers may live in different threads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/json.h"

#define WORKER_MESSAGE_MAX ((size_t)4 << 20)

struct worker_limits {
	uint64_t memory_bytes; /* RLIMIT_AS; 0: 4 GiB */
	int nice;	       /* 0..19 */
	bool idle_io;	       /* the disk is for others first */
	const char *program;   /* path of the binary; NULL: this program itself */
	/* All that this worker will be asked. With it a process of one thread forks instead of starting the
	 * program again. NULL: never. */
	const struct worker_handler *handlers;
};

struct worker;
struct worker_handler;

struct worker *worker_start(const struct worker_limits *limits, struct err *err);
int worker_fd(const struct worker *worker);
pid_t worker_pid(const struct worker *worker);
bool worker_busy(const struct worker *worker); /* a job was sent and has not ended */
int64_t worker_cpu_ms(const struct worker *worker); /* processor time it has used; -1 unknown */
int64_t worker_memory(const struct worker *worker); /* resident bytes; -1 unknown */
int64_t worker_since_ms(const struct worker *worker); /* boot clock ms when the job was sent */

/* Begins a job. ERR_BUSY when one runs. */
int worker_send(struct worker *worker, const json_t *request, struct err *err);

enum worker_event {
	WORKER_NOTHING, /* no whole message yet */
	WORKER_REPORT,	/* *ret is the report */
	WORKER_DONE,	/* *ret is the value of "done" */
	WORKER_FAILED,	/* the job failed with err; the worker lives and takes another */
	WORKER_DEAD,	/* the process ended; err says how ("killed by signal 11 while it read ..."): free it */
};

/* Next event without blocking. *ret is a new reference or NULL. Call until WORKER_NOTHING before polling again:
 * messages that were read already are not seen by poll. */
enum worker_event worker_receive(struct worker *worker, json_t **ret, struct err *err);

/* Where a child's text goes, within worker_receive(); without it text is a breach of the protocol. */
typedef void worker_hear(void *context, const char *text, size_t len);
void worker_on_text(struct worker *worker, worker_hear *hear, void *context);

/* Asks the running job to stop at the next good place ({"cancel": true}); it then ends with done or error. */
void worker_cancel(struct worker *worker);
/* Of what the running job makes one after the other, `until` and all behind it is another's ({"until": n}). It counts from the
 * job's next look at its messages. */
void worker_shorten(struct worker *worker, int64_t until);

/* Stops it where it is (SIGSTOP), and lets it go on. It can be freed while it is stopped. */
void worker_pause(struct worker *worker, bool pause);

/* After WORKER_DEAD: the signal that ended it; 0 none, or not known. */
int worker_signal(const struct worker *worker);

/* Kills -9 what still runs; NULL is fine. One that the kernel holds (a disk that hangs) is not waited for. */
void worker_free(struct worker *worker);  /* waits for its end, a second at most */
void worker_leave(struct worker *worker); /* does not wait */

/* ---- the child's side ---- */

struct worker_job; /* the job at hand */

struct worker_handler {
	const char *job; /* "probe" */
	/* Does the job; *ret_done (may stay NULL) goes back under "done". */
	int (*run)(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err);
	/* Fetches what the job needs in this process (a library); called before each run. A worker that lacks it for its
	 * first job ends without having been ready: neither job nor file is to blame. May be NULL. */
	int (*prepare)(struct err *err);
};

void worker_report(struct worker_job *job, json_t *report /* stolen */);
bool worker_has_room(const struct worker_job *job); /* a report would not wait for the supervisor */
void worker_report_text(struct worker_job *job, const char *text, size_t len);
bool worker_cancelled(struct worker_job *job); /* reads pending messages without blocking */
int64_t worker_until(struct worker_job *job); /* the same: where to end; INT64_MAX where its request says, INT64_MIN now */

/* Runs until the socket closes. `handlers` ends with job NULL. Exit code. */
int worker_main(int fd, const struct worker_handler *handlers);

/* ---- many at once, for callers that may block (scan in a terminal, the library thread) ---- */

/* Runs requests on `count` workers. next() gives the next request (new reference) or NULL when there is none;
 * result() is called in the caller's thread for each ended job: `done` or an err, never both. A worker that dies or
 * is silent longer than timeout_ms is replaced and its job fails. Stops early when *cancelled; jobs that ran then, or
 * when no worker can be had at all, end with ERR_BUSY: they were not to blame. */
struct worker_batch {
	unsigned count;
	int64_t timeout_ms;
	struct worker_limits limits;
	void *context;
	json_t *(*next)(void *context, void **ret_tag);
	void (*result)(void *context, void *tag, const json_t *done, const struct err *err);
	void (*report)(void *context, void *tag, const json_t *report); /* may be NULL */
	/* next() gave NULL, but it will have more once a running job has ended. May be NULL: NULL is the end. */
	bool (*more)(void *context);
	volatile bool *cancelled;
};
int worker_batch_run(const struct worker_batch *batch, struct err *err);
