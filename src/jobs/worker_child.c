/* worker_child.c - the child's side of a worker: reads a request, runs its handler, answers, until the socket ends.
 *
 * A thread does nothing but wait for the supervisor to go away and then ends the process at once, so that a job deep
 * in a decoder does not outlive the server that asked for it. Results appear by rename, so nothing is left half. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "jobs/worker.h"
#include "jobs/worker_frame.h"
#include "jobs/worker_name.h"

#define WATCH_STACK ((size_t)256 << 10)

struct worker_job {
	int fd;
	struct frame_reader reader;
	bool ready, cancelled;
	int64_t until; /* INT64_MAX: nothing was said */
};

static void *watch_supervisor(void *pointer)
{
	struct pollfd gone = { .fd = *(int *)pointer, .events = POLLRDHUP };

	for (;;) {
		if (poll(&gone, 1, -1) < 0 && errno == EINTR)
			continue;
		_exit(0);
	}
}

/* Without the thread a worker still ends, at its next message. */
static void start_watch(int *fd)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WATCH_STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&thread, &attr, watch_supervisor, fd);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Nobody listens any more: there is nothing left to do. */
static void answer(struct worker_job *job, json_t *message)
{
	struct err err = { 0 };

	if (!message)
		abort();
	if (frame_write(job->fd, message, -1, &err) < 0 && err.code != ERR_TOO_LARGE)
		_exit(0);
	json_decref(message);
	if (err.code == ERR_TOO_LARGE)
		answer(job, json_pack("{s:{s:s,s:s}}", "error", "code", err_name(ERR_TOO_LARGE), "message",
				      "the result is larger than a message may be"));
}

void worker_report(struct worker_job *job, json_t *report)
{
	struct err err = { 0 };

	/* One that is too large is dropped: reports are news, the result counts. */
	if (frame_write(job->fd, report, -1, &err) < 0 && err.code != ERR_TOO_LARGE)
		_exit(0);
	json_decref(report);
}

void worker_report_text(struct worker_job *job, const char *text, size_t len)
{
	struct err err = { 0 };

	if (frame_write_text(job->fd, text, len, -1, &err) < 0 && err.code != ERR_TOO_LARGE)
		_exit(0);
}

bool worker_has_room(const struct worker_job *job)
{
	struct pollfd room = { .fd = job->fd, .events = POLLOUT };

	return poll(&room, 1, 0) != 0;
}

bool worker_cancelled(struct worker_job *job)
{
	for (;;) {
		CLEANUP(json_cleanup) json_t *message = NULL;
		int rc = frame_take(&job->reader, &message, NULL);

		if (rc < 0)
			_exit(1);
		if (rc > 0) {
			job->cancelled |= json_flag(message, "cancel", false);
			job->until = json_int(message, "until", job->until);
			continue;
		}
		if (job->cancelled)
			return true;
		switch (frame_fill(&job->reader, job->fd, false)) {
		case 0:
			_exit(0);
		case -1:
			return false;
		}
	}
}

int64_t worker_until(struct worker_job *job)
{
	return worker_cancelled(job) ? INT64_MIN : job->until;
}

static const struct worker_handler *find(const struct worker_handler *handlers, const char *job)
{
	for (; handlers->job; handlers++)
		if (strcmp(handlers->job, job) == 0)
			return handlers;
	return NULL;
}

static void fail(struct worker_job *job, const struct err *err)
{
	char text[sizeof(err->text) * 3];

	utf8_clean(text, sizeof(text), err->text[0] ? err->text : err_sentence(ERR_INTERNAL));
	answer(job, json_pack("{s:{s:s,s:s}}", "error", "code",
			      err_name(err->code ? err->code : ERR_INTERNAL), "message", text));
}

/* Before the first job: says that it can be done here, or why it cannot, and ends. */
static int get_ready(struct worker_job *job, const struct worker_handler *handler, struct err *err)
{
	char text[sizeof(err->text) * 3];
	int rc = handler && handler->prepare ? handler->prepare(err) : 0;

	if (job->ready)
		return rc;
	if (rc < 0) {
		utf8_clean(text, sizeof(text), err->text);
		answer(job, json_pack("{s:s}", "unfit", text));
		_exit(1);
	}
	job->ready = true;
	answer(job, json_pack("{s:b}", "ready", 1));
	return 0;
}

static void run(struct worker_job *job, const json_t *request, const struct worker_handler *handlers)
{
	const char *name = json_text(request, "job", "");
	const struct worker_handler *handler = find(handlers, name);
	struct err err = { 0 };
	json_t *done = NULL;
	int rc = get_ready(job, handler, &err);

	job->cancelled = false;
	job->until = INT64_MAX;
	worker_name_set(WORKER_NAME_LOOKS);
	if (!handler)
		rc = err_set(&err, ERR_UNSUPPORTED, "this worker knows no job '%s'", name);
	if (rc == 0)
		rc = handler->run(job, request, &done, &err);
	if (rc < 0) {
		json_decref(done);
		fail(job, &err);
	} else {
		answer(job, json_pack("{s:o}", "done", done ? done : json_object()));
	}
}

int worker_main(int fd, const struct worker_handler *handlers)
{
	struct worker_job job = { .fd = fd };
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISSOCK(st.st_mode))
		return 2;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	worker_name_set(WORKER_NAME_LOOKS);
	frame_reader_init(&job.reader);
	start_watch(&job.fd);
	for (;;) {
		CLEANUP(json_cleanup) json_t *message = NULL;
		int rc = frame_take(&job.reader, &message, NULL);

		if (rc < 0)
			return 1;
		if (rc > 0) {
			if (json_object_get(message, "job")) /* else a cancel that came too late */
				run(&job, message, handlers);
			continue;
		}
		if (frame_fill(&job.reader, fd, true) <= 0)
			break;
	}
	frame_reader_free(&job.reader);
	return 0;
}
