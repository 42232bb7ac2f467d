/* testlib.c - see testlib.h. */
#include "lib/testlib.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *dirs[64];
static int dir_count, media_count;

static void remove_dirs(void)
{
	while (dir_count > 0) {
		char *dir = dirs[--dir_count];
		const char *const argv[] = { "rm", "-rf", "--", dir, NULL };

		test_run(argv);
		free(dir);
	}
}

char *test_dir(void)
{
	const char *base = getenv("TMPDIR");
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/matinee-test.XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(path) || dir_count == 64)
		abort();
	if (dir_count == 0)
		atexit(remove_dirs);
	dirs[dir_count++] = strdup(path);
	return strdup(path);
}

int test_run(const char *const argv[])
{
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ) != 0)
		return 127;
	if (waitpid(pid, &status, 0) < 0)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void make_media(const char *path, const char *args)
{
	const char *argv[128] = { "ffmpeg", "-nostdin", "-v", "error", "-y" };
	char *copy = strdup(args), *rest = copy, *word;
	int n = 5;

	while ((word = strsep(&rest, " ")) && n < 125)
		if (*word)
			argv[n++] = word;
	argv[n++] = path;
	argv[n] = NULL;
	if (test_run(argv) != 0) {
		fprintf(stderr, "ffmpeg failed: %s %s\n", args, path);
		abort();
	}
	free(copy);
}

static void copy_media(const char *from, const char *to)
{
	const char *const argv[] = { "cp", "--", from, to, NULL };

	if (test_run(argv) != 0)
		abort();
}

/* A program's nth file is the same in each of its builds: with TEST_MEDIA, a folder, the first of them makes
 * it, the others wait and take a copy. Not where it is made of another file, which is elsewhere each time. */
void test_media(const char *path, const char *args)
{
	const char *folder = getenv("TEST_MEDIA"), *name = strrchr(path, '/');
	char part[1024], kept[2048];
	int lock;

	if (!folder || !*folder || strstr(args, " /") || args[0] == '/') {
		make_media(path, args);
		return;
	}
	snprintf(part, sizeof(part), "%s/%s-%d", folder, program_invocation_short_name, ++media_count);
	snprintf(kept, sizeof(kept), "%s-%s", part, name ? name + 1 : path);
	lock = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (lock < 0 || flock(lock, LOCK_EX) != 0)
		abort();
	if (access(kept, R_OK) == 0) {
		copy_media(kept, path);
	} else {
		make_media(path, args);
		copy_media(path, part); /* not to be seen before it is whole */
		if (rename(part, kept) != 0)
			abort();
	}
	close(lock);
}

char *test_made(const char *dir, const char *name, const char *args)
{
	char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	if (args)
		test_media(path, args);
	return path;
}

void test_ok(int rc, const struct err *err)
{
	if (rc < 0)
		fail_msg("%s: %s", err_name(err->code), err->text);
}
