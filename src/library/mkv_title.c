/* mkv_title.c - see mkv_title.h. No shell; paths are absolute and so begin neither with '-' nor with '@', which
 * mkvtoolnix takes for a file of options; the title is the rest of one argument that begins with "title=". */
#include "library/mkv_title.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"

#define LIMIT_NS (120 * CLOCK_SECOND)
#define OUTPUT_MAX ((size_t)16 << 20)

extern char **environ;

bool mkv_title_can(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && (strcasecmp(dot, ".mkv") == 0 || strcasecmp(dot, ".mk3d") == 0);
}

static int start(const char *const argv[], int out_fd, pid_t *ret_pid, struct err *err)
{
	posix_spawn_file_actions_t actions;
	int rc;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out_fd, 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	rc = posix_spawnp(ret_pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (rc == ENOENT)
		return err_set(err, ERR_UNSUPPORTED, "'%s' is not installed; it comes with the package mkvtoolnix",
			       argv[0]);
	errno = rc;
	return rc ? err_errno(err, "start '%s'", argv[0]) : 0;
}

/* What the program says, until it closes its output or its time is over. */
static bool read_output(int fd, struct buf *to)
{
	int64_t end = clock_boot_ns() + LIMIT_NS;

	while (clock_boot_ns() < end) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char *room;
		ssize_t n;

		if (poll(&p, 1, 500) <= 0)
			continue;
		room = buf_reserve(to, 65536);
		if (!room)
			return false;
		n = read(fd, room, 65536);
		if (n == 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			to->len += (size_t)n;
	}
	return false;
}

/* Exit status in *ret_status. */
static int run(const char *const argv[], struct buf *out, int *ret_status, struct err *err)
{
	int fds[2], status;
	bool ended;
	pid_t pid;
	int rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_errno(err, "start '%s'", argv[0]);
	rc = start(argv, fds[1], &pid, err);
	close(fds[1]);
	if (rc < 0) {
		close(fds[0]);
		return rc;
	}
	ended = read_output(fds[0], out);
	close(fds[0]);
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!ended)
		return err_set(err, ERR_TIMEOUT, "'%s' took longer than two minutes", argv[0]);
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
	return 0;
}

int mkv_title_get(const char *path, struct arena *arena, const char **ret, struct err *err)
{
	const char *const argv[] = { "mkvmerge", "-J", path, NULL };
	CLEANUP(buf_free) struct buf out = BUF_MAX(OUTPUT_MAX);
	CLEANUP(json_cleanup) json_t *json = NULL;
	const json_t *properties;
	int status;
	int rc = run(argv, &out, &status, err);

	if (rc < 0)
		return rc;
	/* track ids have 64 bits without a sign, more than jansson's integers */
	json = json_loadb(buf_text(&out), out.len, JSON_DECODE_INT_AS_REAL, NULL);
	properties = json_object_get(json_object_get(json, "container"), "properties");
	if (status > 1 || !properties)
		return err_set(err, ERR_MEDIA, "'%s': mkvmerge cannot read it", path);
	*ret = arena_strdup(arena, json_text(properties, "title", ""));
	return 0;
}

int mkv_title_set(const char *path, const char *title, struct err *err)
{
	CLEANUP(buf_free) struct buf out = BUF_MAX(OUTPUT_MAX);
	CLEANUP(buf_free) struct buf set = { 0 };
	const char *argv[] = { "mkvpropedit", path, "--edit", "info", "--set", NULL, NULL };
	int status, rc;

	buf_addf(&set, *title ? "title=%s" : "title", title);
	argv[4] = *title ? "--set" : "--delete";
	argv[5] = buf_text(&set);
	rc = run(argv, &out, &status, err);
	if (rc < 0)
		return rc;
	if (status != 0)
		return err_set(err, ERR_MEDIA, "'%s': mkvpropedit could not set the title: %.150s", path,
			       buf_text(&out));
	return 0;
}
