/* worker_spawn.c - see worker_spawn.h.
 *
 * vfork, because the supervisor has threads and may hold gigabytes: between vfork and exec only system calls happen,
 * on values that were computed before, with every signal blocked. The child shares this process's memory until exec,
 * which is also how it reports why exec failed.
 *
 * A process that never had a second thread (a command) may fork instead, when the worker's jobs are named: that
 * saves loading a hundred libraries. Such a child closes what it inherited and never leaves worker_main().
 *
 * No PR_SET_PDEATHSIG: it fires when the *thread* that started the child ends, and any thread may start one. The
 * child ends by itself when its socket closes (worker_child.c). */
#include "jobs/worker_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

#define CHILD_FD 3
#define CHILD_FILES 256
#define DEFAULT_MEMORY ((uint64_t)4 << 30)

extern char **environ;

/* AddressSanitizer and ThreadSanitizer reserve terabytes of address space: no such limit there. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define LIMIT_MEMORY false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LIMIT_MEMORY false
#endif
#endif
#ifndef LIMIT_MEMORY
#define LIMIT_MEMORY true
#endif

#define WORKER_MARK "MATINEE_WORKER" /* in a worker's environment */

struct plan { /* all that the child needs; nothing is computed after vfork */
	const char *program;
	char *argv[3];
	char **environment;
	int socket, null; /* both above CHILD_FD */
	struct rlimit memory;
	int nice;
	bool idle_io;
	const struct worker_handler *handlers; /* fork; NULL: vfork and exec */
	volatile int error; /* errno of exec */
};

static void set_limit(__rlimit_resource_t what, rlim_t value)
{
	struct rlimit limit = { value, value };

	setrlimit(what, &limit);
}

/* What cannot be set is left: a worker with fewer fences is better than none, except for privileges. */
static void fence(const struct plan *plan)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (write(fd, "1000", 4) < 0)
			errno = 0;
		close(fd);
	}
	setpgid(0, 0); /* the terminal's Ctrl-C is for the supervisor, which decides */
	setpriority(PRIO_PROCESS, 0, plan->nice);
	if (plan->idle_io)
		syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
	set_limit(RLIMIT_CORE, 0);
	set_limit(RLIMIT_NOFILE, CHILD_FILES);
	if (LIMIT_MEMORY)
		setrlimit(RLIMIT_AS, &plan->memory);
}

_Noreturn static void become_worker(struct plan *plan, const sigset_t *none)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };

	for (int number = 1; number < 32; number++)
		sigaction(number, &normal, NULL);
	if (dup2(plan->null, STDIN_FILENO) < 0 ||
	    (dup2(STDERR_FILENO, STDOUT_FILENO) < 0 && dup2(plan->null, STDOUT_FILENO) < 0) ||
	    dup2(plan->socket, CHILD_FD) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		plan->error = errno;
		_exit(127);
	}
	syscall(SYS_close_range, CHILD_FD + 1, ~0U, 0); /* where it is missing close-on-exec does it */
	fence(plan);
	sigprocmask(SIG_SETMASK, none, NULL);
	if (plan->handlers)
		_exit(worker_main(CHILD_FD, plan->handlers));
	execve(plan->program, plan->argv, plan->environment);
	plan->error = errno;
	_exit(127);
}

/* The parent's log file must not get the number of the socket. */
static pid_t start_fork(struct plan *plan, const sigset_t *none)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	log_set_file(NULL, NULL);
	setenv(WORKER_MARK, "1", 1);
	become_worker(plan, none);
}

__attribute__((noinline)) static pid_t start(struct plan *plan)
{
	sigset_t all, before, none;
	pid_t pid;

	sigfillset(&all);
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = plan->handlers ? start_fork(plan, &none) : vfork();
	if (pid == 0)
		become_worker(plan, &none);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return pid;
}

/* Descriptors 0 to 3 are given a meaning in the child: ours stay clear of them. */
static int move_up(int fd)
{
	int up = fcntl(fd, F_DUPFD_CLOEXEC, CHILD_FD + 1);
	int number = errno;

	close(fd);
	errno = number;
	return up;
}

static int open_ends(int *ret_ours, struct plan *plan, struct err *err)
{
	int pair[2];
	int null;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(err, "start a worker: make a socket");
	*ret_ours = pair[0];
	plan->socket = move_up(pair[1]);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	plan->null = null < 0 ? -1 : move_up(null);
	if (plan->socket < 0 || plan->null < 0)
		return err_errno(err, "start a worker: open its descriptors");
	return 0;
}

/* Ours and the mark by which a worker knows itself; a new array over the same strings. */
static char **marked_environment(char *mark)
{
	size_t count = 0;
	char **list;

	while (environ[count])
		count++;
	list = calloc(count + 2, sizeof(*list));
	if (!list)
		abort();
	list[0] = mark;
	memcpy(list + 1, environ, count * sizeof(*list));
	return list;
}

pid_t worker_spawn(const struct worker_limits *limits, int *ret_fd, struct err *err)
{
	uint64_t memory = limits && limits->memory_bytes ? limits->memory_bytes : DEFAULT_MEMORY;
	static char name[] = "matinee", job[] = "worker", mark[] = WORKER_MARK "=1";
	CLEANUP(cleanup_free) char **environment = marked_environment(mark);
	struct plan plan = {
		.program = limits && limits->program ? limits->program : "/proc/self/exe",
		.argv = { name, job, NULL },
		.environment = environment,
		.socket = -1,
		.null = -1,
		.memory = { (rlim_t)memory, (rlim_t)memory },
		.nice = limits ? limits->nice : 0,
		.idle_io = limits && limits->idle_io,
		.handlers = limits && __libc_single_threaded ? limits->handlers : NULL,
	};
	CLEANUP(cleanup_fd) int ours = -1;
	pid_t pid = -1;

	if (getenv(WORKER_MARK)) /* a program that takes "worker" for something else would start itself for ever */
		return err_set(err, ERR_WORKER, "start a worker: this is one itself, and workers start none");
	if (open_ends(&ours, &plan, err) == 0) {
		pid = start(&plan);
		if (pid < 0)
			err_errno(err, "start a worker: vfork");
	}
	cleanup_fd(&plan.socket);
	cleanup_fd(&plan.null);
	if (pid < 0)
		return -(int)ERR_WORKER;
	if (plan.error) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		return err_set(err, ERR_WORKER, "start a worker: run '%s': %s", plan.program,
			       strerror(plan.error));
	}
	*ret_fd = ours;
	ours = -1;
	return pid;
}
