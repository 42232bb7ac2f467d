/* Nobody asks a disk while he holds the writer's lock: a mount that hangs would hold up every writer of the house. Each call
 * that may wait for a disk or for a worker goes through this program, and a thread of its own must get the lock meanwhile. */
#include "lib/scan_fixture.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/journal.h"
#include "library/trash.h"

#define PATIENCE_S 2

static struct {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct db *db; /* NULL: nothing is asked */
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
		db_lock(probe.db);
		db_unlock(probe.db);
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
	if (probe.db && !pthread_equal(pthread_self(), probe.thread)) {
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
	return probe.db && strncmp(path, probe.disk, strlen(probe.disk)) == 0;
}

static void look_path(const char *call, int dir, const char *path)
{
	char whole[8192], link[64];
	ssize_t n = 0;

	if (!probe.db)
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

static void watch(struct fixture *f)
{
	probe.disk = f->media;
	probe.calls = 0;
	*probe.held = '\0';
	pthread_create(&probe.thread, NULL, run_probe, NULL);
	probe.db = f->db;
}

static void watch_ends(int64_t least)
{
	probe.db = NULL;
	pthread_mutex_lock(&probe.lock);
	probe.ends = true;
	pthread_cond_broadcast(&probe.changed);
	pthread_mutex_unlock(&probe.lock);
	pthread_join(probe.thread, NULL);
	probe.ends = false;
	if (*probe.held)
		fail_msg("under the writer's lock: %s", probe.held);
	assert_in_range(probe.calls, least, INT64_MAX);
}

/* ---- what a house does ---- */

static struct fixture *films(int count)
{
	struct fixture *f = fixture_new("movies");

	for (int i = 0; i < count; i++) {
		char name[100], text[40];

		snprintf(name, sizeof(name), "media/in/f%d.mkv", i);
		snprintf(text, sizeof(text), "ok, film %d", i);
		put_file(f, name, text);
	}
	return f;
}

static void move_by_hand(struct fixture *f, const char *from, const char *to, int i)
{
	char old[100], new[100];

	snprintf(old, sizeof(old), from, i);
	snprintf(new, sizeof(new), to, i);
	move_file(f, old, new);
}

/* New, moved, moved along a chain, exchanged, hard links, gone: one scan after the other. */
static void scans(void **state)
{
	struct fixture *f = films(20);

	(void)state;
	watch(f);
	scan(f);
	assert_int_equal(f->totals.added, 20);
	for (int i = 0; i < 10; i++)
		move_by_hand(f, "media/in/f%d.mkv", "media/out/g%d.mkv", i);
	put_file(f, "media/in/new.mkv", "ok, another");
	scan(f);
	assert_int_equal(f->totals.moved, 10);
	assert_int_equal(f->totals.added, 1);
	for (int i = 3; i > 0; i--)
		move_by_hand(f, "media/out/g%d.mkv", i == 3 ? "media/out/h%d.mkv" : "media/out/g0%d.mkv", i);
	move_file(f, "media/in/f11.mkv", "media/x.mkv");
	move_file(f, "media/in/f12.mkv", "media/in/f11.mkv");
	move_file(f, "media/x.mkv", "media/in/f12.mkv");
	scan(f);
	assert_int_equal(f->totals.moved, 5);
	remove_file(f, "media/in/f13.mkv");
	scan(f);
	assert_int_equal(f->totals.missing, 1);
	watch_ends(3);
	fixture_free(f);
}

static int64_t planned(struct fixture *f, int count, const char *action, const char *to)
{
	struct move *moves = calloc((size_t)count, sizeof(*moves));
	char(*text)[2][200] = calloc((size_t)count, sizeof(*text));
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	int64_t batch;

	assert_true(moves && text);
	for (int i = 0; i < count; i++) {
		CLEANUP(cleanup_free) char *path = NULL;
		char sql[200];
		struct stat st;

		snprintf(text[i][0], sizeof(text[i][0]), "in/f%d.mkv", i);
		snprintf(text[i][1], sizeof(text[i][1]), "%s/g%d/f.mkv", to, i);
		path = fs_join(f->media, text[i][0]);
		assert_int_equal(lstat(path, &st), 0);
		snprintf(sql, sizeof(sql), "SELECT id FROM files WHERE path = CAST('%s' AS BLOB)", text[i][0]);
		moves[i] = (struct move){ .team = i + 1,
					  .file_id = ask(f, sql),
					  .action = action,
					  .from_base = f->media,
					  .from_path = text[i][0],
					  .to_base = f->media,
					  .to_path = text[i][1],
					  .to_dev = (int64_t)st.st_dev,
					  .dev = (int64_t)st.st_dev,
					  .inode = (int64_t)st.st_ino,
					  .size = (int64_t)st.st_size,
					  .mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
					  .strict = true };
		if (strcmp(action, "trash") == 0)
			test_ok(trash_place(&moves[i], &arena, &err), &err);
	}
	test_ok(journal_write(f->store, "organize", "", 0, moves, (size_t)count, &batch, &err), &err);
	free(moves);
	free(text);
	return batch;
}

static void run_batch(struct fixture *f, int64_t batch)
{
	const struct journal journal = { .store = f->store };
	struct journal_progress totals;
	struct err err = { 0 };

	test_ok(journal_run(&journal, batch, &totals, &err), &err);
	assert_int_equal(totals.failed, 0);
}

static void batches_and_back(void **state)
{
	static const char *const actions[] = { "move", "copy", "hardlink", "trash" };
	struct fixture *f = films(12);
	struct trash_totals totals;
	struct err err = { 0 };
	int64_t undoing;

	(void)state;
	scan(f);
	watch(f);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		char to[40];
		int64_t batch;

		snprintf(to, sizeof(to), "out/deep/%s", actions[i]);
		batch = planned(f, 12, actions[i], to);
		run_batch(f, batch);
		test_ok(journal_undo(f->store, batch, &undoing, &err), &err);
		run_batch(f, undoing);
	}
	run_batch(f, planned(f, 12, "trash", ""));
	test_ok(trash_empty(f->store, INT64_MAX, NULL, &totals, &err), &err);
	assert_int_equal(totals.files, 12);
	watch_ends(100);
	fixture_free(f);
}

/* The process died: before the step, and after it. */
static void a_batch_is_settled(void **state)
{
	struct fixture *f = films(4);
	struct err err = { 0 };

	(void)state;
	scan(f);
	planned(f, 4, "move", "out/deep");
	ask(f, "UPDATE batches SET state = 'running' RETURNING id");
	ask(f, "UPDATE moves SET state = 'begun' RETURNING id");
	for (int i = 0; i < 2; i++)
		move_by_hand(f, "media/in/f%d.mkv", "media/out/deep/g%d/f.mkv", i);
	watch(f);
	assert_int_equal(journal_recover(f->store, &err), 1);
	watch_ends(4);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(scans), cmocka_unit_test(batches_and_back),
					    cmocka_unit_test(a_batch_is_settled) };

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
