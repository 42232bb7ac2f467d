/* worker.c - the supervisor's side of one worker, see worker.h.
 *
 * The child may be taken over by the file it reads, so nothing that it sends is believed further than it must be:
 * frames have a maximum, messages are checked, sentences lose their control characters, and whatever breaks the
 * protocol makes the worker dead: it is killed and never read again.
 * Not here: starting it (worker_spawn.c), framing (worker_frame.c), the child's side (worker_child.c). */
#include "jobs/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "jobs/worker_frame.h"
#include "jobs/worker_spawn.h"

#define SEND_WAIT_MS 5000 /* a worker that waits for work reads at once */
#define READ_TURNS 16
#define EXIT_WAIT_MS 200  /* between the end of its socket and the end of the process */
#define DIE_WAIT_MS 1000  /* between the signal and the end of the process */

struct worker {
	pid_t pid; /* 0 once it was waited for */
	int fd;
	struct frame_reader reader;
	bool ready, busy, cancelling, dead;
	int signal; /* that ended it */
	int64_t since_ms;
	worker_hear *hear; /* text; may be NULL */
	void *hear_context;
	char what[300]; /* "probe '/a/b.mkv'", for sentences */
};

struct worker *worker_start(const struct worker_limits *limits, struct err *err)
{
	struct worker *worker;
	int fd;
	pid_t pid = worker_spawn(limits, &fd, err);

	if (pid < 0)
		return NULL;
	worker = calloc(1, sizeof(*worker));
	if (!worker)
		abort();
	worker->pid = pid;
	worker->fd = fd;
	frame_reader_init(&worker->reader);
	return worker;
}

void worker_on_text(struct worker *worker, worker_hear *hear, void *context)
{
	worker->hear = hear;
	worker->hear_context = context;
}

int worker_fd(const struct worker *worker)
{
	return worker->fd;
}

pid_t worker_pid(const struct worker *worker)
{
	return worker->pid;
}

bool worker_busy(const struct worker *worker)
{
	return worker->busy;
}

bool worker_ready(const struct worker *worker)
{
	return worker->ready;
}

int64_t worker_since_ms(const struct worker *worker)
{
	return worker->since_ms;
}

static void describe(struct worker *worker, const json_t *request)
{
	const char *path = json_text(request, "path", NULL);
	const char *job = json_text(request, "job", "work");
	char text[sizeof(worker->what)];

	if (path)
		snprintf(text, sizeof(text), "%s '%s'", job, path);
	else
		snprintf(text, sizeof(text), "%s", job);
	utf8_clean(worker->what, sizeof(worker->what), text);
}

int worker_send(struct worker *worker, const json_t *request, struct err *err)
{
	int rc;

	if (worker->dead)
		return err_set(err, ERR_WORKER, "the worker has ended");
	if (worker->busy)
		return err_set(err, ERR_BUSY, "the worker is busy with %s", worker->what);
	describe(worker, request);
	worker->cancelling = false;
	worker->since_ms = clock_boot_ns() / CLOCK_MS;
	rc = frame_write(worker->fd, request, SEND_WAIT_MS, err);
	if (rc < 0)
		return err_under(err, "send a worker %s", worker->what);
	worker->busy = true;
	return 0;
}

void worker_cancel(struct worker *worker)
{
	CLEANUP(json_cleanup) json_t *message = NULL;

	if (!worker->busy || worker->cancelling || worker->dead)
		return;
	message = json_pack("{s:b}", "cancel", 1);
	if (frame_write(worker->fd, message, 0, NULL) == 0)
		worker->cancelling = true;
}

void worker_shorten(struct worker *worker, int64_t until)
{
	CLEANUP(json_cleanup) json_t *message = NULL;

	if (!worker->busy || worker->dead)
		return;
	message = json_pack("{s:I}", "until", (json_int_t)until);
	frame_write(worker->fd, message, 0, NULL); /* else it meets the other, and one thing is made twice */
}

/* proc(5): utime and stime are the 14th and 15th field; the name before them may hold anything but ends with ')'. */
int64_t worker_cpu_ms(const struct worker *worker)
{
	char path[40], text[1024];
	unsigned long long user, system;
	const char *rest;
	FILE *file;
	size_t n;

	if (worker->pid <= 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)worker->pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	n = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[n] = '\0';
	rest = strrchr(text, ')');
	if (!rest || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user, &system) != 2)
		return -1;
	return (int64_t)((user + system) * 1000 / (unsigned long long)sysconf(_SC_CLK_TCK));
}

/* proc(5): the second number of statm, in pages. */
int64_t worker_memory(const struct worker *worker)
{
	char path[40];
	long long pages = -1;
	FILE *file;

	if (worker->pid <= 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/statm", (int)worker->pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fscanf(file, "%*d %lld", &pages) != 1)
		pages = -1;
	fclose(file);
	return pages < 0 ? -1 : pages * sysconf(_SC_PAGESIZE);
}

static bool gone_within(pid_t pid, int ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd gone = { .fd = pidfd, .events = POLLIN };
	bool yes = pidfd >= 0 && poll(&gone, 1, ms) > 0;

	if (pidfd >= 0)
		close(pidfd);
	return yes;
}

static void *wait_for_ever(void *context)
{
	const pid_t *pid = context;

	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(context);
	return NULL;
}

/* A process in the middle of a read that never returns does not even die: nobody may wait for that one but a thread of
 * its own. */
static int kill_and_reap(pid_t pid, int wait_ms)
{
	int status = 0;
	pthread_t thread;
	pid_t *late;

	kill(pid, SIGKILL);
	if (wait_ms && gone_within(pid, wait_ms)) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		return status;
	}
	late = malloc(sizeof(*late));
	if (!late)
		abort();
	*late = pid;
	if (pthread_create(&thread, NULL, wait_for_ever, late) == 0)
		pthread_detach(thread);
	else
		free(late); /* it stays a zombie until this process ends */
	return status;
}

/* Waits a moment for a child that is about to end; then ends it. *ret_killed: it was us. */
static int reap(struct worker *worker, bool *ret_killed)
{
	int status = 0;

	*ret_killed = false;
	if (worker->pid <= 0)
		return 0;
	if (waitpid(worker->pid, &status, WNOHANG) != worker->pid) {
		*ret_killed = !gone_within(worker->pid, EXIT_WAIT_MS);
		if (*ret_killed)
			kill_and_reap(worker->pid, DIE_WAIT_MS);
		else
			waitpid(worker->pid, &status, 0);
	}
	worker->pid = 0;
	return status;
}

static void put_down(struct worker *worker, int wait_ms)
{
	worker->dead = true;
	if (worker->pid <= 0)
		return;
	kill_and_reap(worker->pid, wait_ms);
	worker->pid = 0;
}

/* The socket ended: says how the process did. */
static enum worker_event ended(struct worker *worker, struct err *err)
{
	bool killed, partial = frame_partial(&worker->reader);
	int status = reap(worker, &killed);
	const char *job = worker->busy ? worker->what : "nothing";

	worker->dead = true;
	worker->signal = !killed && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (killed)
		err_set(err, ERR_WORKER, "a worker closed its connection while it did %s", job);
	else if (WIFSIGNALED(status))
		err_set(err, ERR_WORKER, "a worker was killed by signal %d (%s) while it did %s",
			WTERMSIG(status), strsignal(WTERMSIG(status)), job);
	else if (partial)
		err_set(err, ERR_WORKER, "a worker ended in the middle of a message while it did %s", job);
	else
		err_set(err, ERR_WORKER, "a worker ended with exit code %d while it did %s",
			WEXITSTATUS(status), job);
	return WORKER_DEAD;
}

static enum worker_event garbage(struct worker *worker, struct err *err)
{
	put_down(worker, DIE_WAIT_MS);
	err_under(err, "a worker broke its protocol while it did %s", worker->busy ? worker->what : "nothing");
	return WORKER_DEAD;
}

static enum err_code code_of(const char *name)
{
	for (int code = ERR_USAGE; code <= ERR_INTERNAL; code++)
		if (strcmp(err_name((enum err_code)code), name) == 0)
			return (enum err_code)code;
	return ERR_WORKER;
}

/* A sentence from the child may be chosen by the file it read: no control characters reach a terminal. */
static void take_sentence(const char *sentence, enum err_code code, struct err *err)
{
	char text[400];

	err_set(err, code, "%s", utf8_line(text, sizeof(text), sentence));
}

/* It lacks what such jobs need: others would fare no better. Believed before it has seen a file, not after. */
static enum worker_event unfit(struct worker *worker, const char *why, struct err *err)
{
	put_down(worker, DIE_WAIT_MS);
	take_sentence(why, ERR_WORKER, err);
	return WORKER_DEAD;
}

static enum worker_event take(struct worker *worker, json_t *message, json_t **ret, struct err *err)
{
	json_t *done = json_object_get(message, "done");
	json_t *error = json_object_get(message, "error");
	const char *why = json_text(message, "unfit", NULL);

	if (!worker->ready && json_is_true(json_object_get(message, "ready"))) {
		worker->ready = true;
		return WORKER_NOTHING;
	}
	if (!worker->ready && why)
		return unfit(worker, why, err);
	if (!worker->busy) {
		err_set(err, ERR_WORKER, "it spoke without being asked");
		return garbage(worker, err);
	}
	if (error) {
		worker->busy = false;
		take_sentence(json_text(error, "message", "it gave no reason"), code_of(json_text(error, "code", "")), err);
		return WORKER_FAILED;
	}
	if (done) {
		worker->busy = false;
		*ret = json_incref(done);
		return WORKER_DONE;
	}
	if (json_is_string(json_object_get(message, "event"))) {
		*ret = json_incref(message);
		return WORKER_REPORT;
	}
	err_set(err, ERR_WORKER, "it sent neither event, done nor error");
	return garbage(worker, err);
}

/* Hands on all text that is here. */
static int take_text(struct worker *worker, struct err *err)
{
	const char *text;
	size_t len;
	int rc;

	while ((rc = frame_take_text(&worker->reader, &text, &len, err)) > 0) {
		if (!worker->hear || !worker->busy)
			return err_set(err, ERR_WORKER, "it sent text that nobody asked for");
		worker->hear(worker->hear_context, text, len);
	}
	return rc;
}

/* A message that is here already, or WORKER_NOTHING. */
static enum worker_event take_next(struct worker *worker, json_t **ret, struct err *err)
{
	for (;;) {
		CLEANUP(json_cleanup) json_t *message = NULL;
		int rc = take_text(worker, err);
		enum worker_event event;

		if (rc == 0)
			rc = frame_take(&worker->reader, &message, err);
		if (rc < 0)
			return garbage(worker, err);
		if (rc == 0)
			return WORKER_NOTHING;
		event = take(worker, message, ret, err);
		if (event != WORKER_NOTHING)
			return event;
	}
}

enum worker_event worker_receive(struct worker *worker, json_t **ret, struct err *err)
{
	enum worker_event event;

	*ret = NULL;
	if (worker->dead) {
		err_set(err, ERR_WORKER, "the worker has ended");
		return WORKER_DEAD;
	}
	event = take_next(worker, ret, err);
	/* Bounded: a child that never stops sending cannot hold the caller in one long message. */
	for (int turn = 0; turn < READ_TURNS && event == WORKER_NOTHING; turn++) {
		ssize_t n = frame_fill(&worker->reader, worker->fd, false);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return WORKER_NOTHING;
		if (n <= 0)
			return ended(worker, err);
		event = take_next(worker, ret, err);
	}
	return event;
}

void worker_pause(struct worker *worker, bool pause)
{
	if (worker->pid > 0 && !worker->dead)
		kill(worker->pid, pause ? SIGSTOP : SIGCONT);
}

int worker_signal(const struct worker *worker)
{
	return worker->signal;
}

static void end(struct worker *worker, int wait_ms)
{
	if (!worker)
		return;
	put_down(worker, wait_ms);
	cleanup_fd(&worker->fd);
	frame_reader_free(&worker->reader);
	free(worker);
}

void worker_free(struct worker *worker)
{
	end(worker, DIE_WAIT_MS);
}

void worker_leave(struct worker *worker)
{
	end(worker, 0);
}
