/* busy_files.c - see busy_files.h. Links below /proc/PID/fd are read and never followed: a file on a mount that hangs costs
 * nothing. */
#include "library/busy_files.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "jobs/worker_name.h"
#include "store/aired_files.h"

#define FRESH_NS CLOCK_SECOND		 /* how long a look at /proc is good for */
#define BEFORE_NS (10 * CLOCK_SECOND)	 /* what viewers still fetch */
#define AHEAD_NS (120 * CLOCK_SECOND)	 /* what is being prepared */
#define MAX_OPEN 200000

struct open_file {
	const char *path;
	int pid;
};

struct busy_files {
	struct db *db;
	int64_t station_now_ns, started_ns;
	int64_t looked_ns; /* 0: never */
	struct arena arena;
	struct open_file *files; /* by path */
	size_t count, cap;
	char why[128];
};

struct busy_files *busy_files_new(struct db *db, int64_t station_now_ns)
{
	struct busy_files *busy = calloc(1, sizeof(*busy));

	if (!busy)
		abort();
	busy->db = db;
	busy->station_now_ns = station_now_ns;
	busy->started_ns = clock_boot_ns();
	return busy;
}

void busy_files_free(struct busy_files *busy)
{
	if (!busy)
		return;
	arena_free(&busy->arena);
	free(busy);
}

static void add_open(struct busy_files *busy, int pid, int dir_fd, const char *fd)
{
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir_fd, fd, path, sizeof(path) - 1);

	if (n <= 0 || path[0] != '/' || busy->count == MAX_OPEN)
		return;
	path[n] = '\0';
	if (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0)
		return;
	ARENA_GROW(&busy->arena, busy->files, busy->count, busy->cap);
	busy->files[busy->count++] = (struct open_file){ arena_strdup(&busy->arena, path), pid };
}

static void look_at(struct busy_files *busy, const char *pid)
{
	char path[64];
	const struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			add_open(busy, atoi(pid), dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct open_file *)a)->path, ((const struct open_file *)b)->path);
}

static void look(struct busy_files *busy)
{
	const struct dirent *entry;
	DIR *dir;

	if (busy->looked_ns && clock_boot_ns() - busy->looked_ns < FRESH_NS)
		return;
	arena_free(&busy->arena);
	busy->files = NULL;
	busy->count = busy->cap = 0;
	dir = opendir("/proc");
	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at(busy, entry->d_name);
	if (dir)
		closedir(dir);
	if (busy->count)
		qsort(busy->files, busy->count, sizeof(*busy->files), by_path);
	busy->looked_ns = clock_boot_ns();
}

static void program_of(int pid, char *to, size_t size)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (!file || !fgets(to, (int)size, file))
		snprintf(to, size, "a program");
	to[strcspn(to, "\n")] = '\0';
	if (file)
		fclose(file);
}

static bool is_on_air(const struct busy_files *busy, int64_t file_id)
{
	int64_t now = busy->station_now_ns + clock_boot_ns() - busy->started_ns;
	bool on_air = false;

	if (!busy->station_now_ns || !busy->db || !file_id)
		return false;
	db_lock(busy->db);
	/* what cannot be asked counts as on the air */
	if (aired_files_has(busy->db, file_id, now - BEFORE_NS, now + AHEAD_NS, &on_air, NULL) < 0)
		on_air = true;
	db_unlock(busy->db);
	return on_air;
}

/* Of all that have it open, `found` being any of them, one that is in its way; NULL: none. */
static const struct open_file *who_needs_it(const struct busy_files *busy, const struct open_file *found)
{
	const struct open_file *end = busy->files + busy->count, *at = found;

	while (at > busy->files && strcmp(at[-1].path, found->path) == 0)
		at--;
	for (; at < end && strcmp(at->path, found->path) == 0; at++)
		if (!worker_only_looks(at->pid))
			return at;
	return NULL;
}

const char *busy_files_why(struct busy_files *busy, const char *base, const char *path, int64_t file_id, bool contents)
{
	CLEANUP(cleanup_free) char *whole = fs_join(base, path);
	const struct open_file key = { whole, 0 };
	const struct open_file *found;
	char program[32];

	if (is_on_air(busy, file_id))
		return "it is on the air";
	look(busy);
	found = busy->count ? bsearch(&key, busy->files, busy->count, sizeof(key), by_path) : NULL;
	if (found && !contents)
		found = who_needs_it(busy, found);
	if (!found)
		return NULL;
	program_of(found->pid, program, sizeof(program));
	snprintf(busy->why, sizeof(busy->why), "%s (%d) has it open", program, found->pid);
	return busy->why;
}
