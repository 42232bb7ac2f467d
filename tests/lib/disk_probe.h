/* disk_probe.h - nobody asks a disk while he holds a lock that others need. Each call that may wait for a disk or for a worker goes
 * through here, and a thread of its own must get the lock meanwhile. Functions, so that the program's calls come here and not to
 * the C library: for one source of a test, before any other would be asked. */
#pragma once

#include "lib/testlib.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_S 2

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*_Atomic take)(void *context); /* takes the lock and gives it back; NULL: nothing is asked */
	void *context;
	const char *disk;
	int64_t asked, answered, calls;
	bool ends;
	char held[300]; /* the first call that was made under the lock */
} probe = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void *run_probe(void *context)
{
	(void)context;
	pthread_mutex_lock(&probe.lock);
	while (!probe.ends) {
		int64_t number = probe.asked;

		if (number == probe.answered) {
			pthread_cond_wait(&probe.changed, &probe.lock);
			continue;
		}
		pthread_mutex_unlock(&probe.lock);
		probe.take(probe.context);
		pthread_mutex_lock(&probe.lock);
		probe.answered = number;
		pthread_cond_broadcast(&probe.changed);
	}
	pthread_mutex_unlock(&probe.lock);
	return NULL;
}

static void look(const char *call, const char *what)
{
	int before = errno;
	struct timespec until;
	int64_t number;

	pthread_mutex_lock(&probe.lock);
	if (probe.take && !pthread_equal(pthread_self(), probe.thread)) {
		probe.calls++;
		number = ++probe.asked;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += PATIENCE_S;
		pthread_cond_broadcast(&probe.changed);
		while (!*probe.held && probe.answered < number)
			if (pthread_cond_timedwait(&probe.changed, &probe.lock, &until) != 0)
				snprintf(probe.held, sizeof(probe.held), "%s %s", call, what);
	}
	pthread_mutex_unlock(&probe.lock);
	errno = before;
}

static bool is_on_disk(const char *path)
{
	return probe.take && strncmp(path, probe.disk, strlen(probe.disk)) == 0;
}

static void look_path(const char *call, int dir, const char *path)
{
	char whole[8192], link[64];
	ssize_t n = 0;

	if (!probe.take)
		return;
	if (*path != '/' && dir != AT_FDCWD) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
		n = readlink(link, whole, 4000);
	}
	snprintf(whole + (n > 0 ? n : 0), 4096, "%s%s", n > 0 ? "/" : "", path);
	if (is_on_disk(whole))
		look(call, whole);
}

/* The functions of the C library, by their own names: the program's calls come here first. */
#define REAL(name, type)                                              \
	static type real;                                             \
	if (!real)                                                    \
		real = (type)(uintptr_t)dlsym(RTLD_NEXT, name)

typedef int stat_function(const char *, struct stat *);
typedef int fstatat_function(int, const char *, struct stat *, int);
typedef int open_function(const char *, int, ...);
typedef int openat_function(int, const char *, int, ...);
typedef int renameat2_function(int, const char *, int, const char *, unsigned);
typedef int unlinkat_function(int, const char *, int);
typedef int mkdirat_function(int, const char *, mode_t);
typedef int path_function(const char *);
typedef int fd_function(int);
typedef int utimensat_function(int, const char *, const struct timespec *, int);
typedef DIR *opendir_function(const char *);
typedef FILE *fopen_function(const char *, const char *);
typedef int poll_function(struct pollfd *, nfds_t, int);
typedef int sleep_function(const struct timespec *, struct timespec *);

int lstat(const char *path, struct stat *st)
{
	REAL("lstat64", stat_function *);
	look_path("lstat", AT_FDCWD, path);
	return real(path, st);
}

int stat(const char *path, struct stat *st)
{
	REAL("stat64", stat_function *);
	look_path("stat", AT_FDCWD, path);
	return real(path, st);
}

int fstatat(int dir, const char *path, struct stat *st, int flags)
{
	REAL("fstatat64", fstatat_function *);
	look_path("fstatat", dir, path);
	return real(dir, path, st, flags);
}

int open(const char *path, int flags, ...)
{
	REAL("open64", open_function *);
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	look_path("open", AT_FDCWD, path);
	return real(path, flags, mode);
}

int openat(int dir, const char *path, int flags, ...)
{
	REAL("openat64", openat_function *);
	va_list args;
	mode_t mode = 0;

	va_start(args, flags);
	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(args, mode_t);
	va_end(args);
	look_path("openat", dir, path);
	return real(dir, path, flags, mode);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	REAL("renameat2", renameat2_function *);
	look_path("renameat2", from_dir, from);
	return real(from_dir, from, to_dir, to, flags);
}

int unlinkat(int dir, const char *path, int flags)
{
	REAL("unlinkat", unlinkat_function *);
	look_path("unlinkat", dir, path);
	return real(dir, path, flags);
}

int unlink(const char *path)
{
	REAL("unlink", path_function *);
	look_path("unlink", AT_FDCWD, path);
	return real(path);
}

int rmdir(const char *path)
{
	REAL("rmdir", path_function *);
	look_path("rmdir", AT_FDCWD, path);
	return real(path);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	REAL("mkdirat", mkdirat_function *);
	look_path("mkdirat", dir, path);
	return real(dir, path, mode);
}

int utimensat(int dir, const char *path, const struct timespec times[2], int flags)
{
	REAL("utimensat", utimensat_function *);
	look_path("utimensat", dir, path);
	return real(dir, path, times, flags);
}

int fsync(int fd)
{
	REAL("fsync", fd_function *);
	look_path("fsync", fd, "");
	return real(fd);
}

int syncfs(int fd)
{
	REAL("syncfs", fd_function *);
	look_path("syncfs", fd, "");
	return real(fd);
}

DIR *opendir(const char *path)
{
	REAL("opendir", opendir_function *);
	look_path("opendir", AT_FDCWD, path);
	return real(path);
}

FILE *fopen(const char *path, const char *mode)
{
	REAL("fopen64", fopen_function *);
	look_path("fopen", AT_FDCWD, path);
	return real(path, mode);
}

int poll(struct pollfd *fds, nfds_t count, int timeout)
{
	REAL("poll", poll_function *);
	if (timeout)
		look("poll", "(a worker)");
	return real(fds, count, timeout);
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	REAL("nanosleep", sleep_function *);
	look("nanosleep", "");
	return real(wanted, left);
}

/* Until probe_ends(): each call for something below `disk`, and each wait, must let `take` through. */
static void probe_begins(const char *disk, void (*take)(void *context), void *context)
{
	probe.disk = disk;
	probe.calls = 0;
	*probe.held = '\0';
	probe.context = context;
	pthread_create(&probe.thread, NULL, run_probe, NULL);
	probe.take = take;
}

/* Fails the test when a call did not; `least`: so many were made, or nothing was tried. */
static void probe_ends(int64_t least)
{
	probe.take = NULL;
	pthread_mutex_lock(&probe.lock);
	probe.ends = true;
	pthread_cond_broadcast(&probe.changed);
	pthread_mutex_unlock(&probe.lock);
	pthread_join(probe.thread, NULL);
	probe.ends = false;
	if (*probe.held)
		fail_msg("under the lock: %s", probe.held);
	assert_in_range(probe.calls, least, INT64_MAX);
}
