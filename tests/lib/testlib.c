/* testlib.c - see testlib.h. */
#include "lib/testlib.h"

#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *dirs[64];
static int dir_count;

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

void test_media(const char *path, const char *args)
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
