/* journal_keeper.c - see journal_keeper.h. */
#include "library/journal_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define BLOCK ((size_t)1 << 18)

struct keeper {
	long long dev, inode, size, mtime_ns;
	char how[16]; /* "known": equal by hashes of both; "compare" */
};

static ssize_t read_full(int fd, char *to)
{
	size_t have = 0;

	while (have < BLOCK) {
		ssize_t n = read(fd, to + have, BLOCK - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static int same_bytes(int a, int b, const char *path, volatile bool *cancelled, struct err *err)
{
	CLEANUP(cleanup_free) char *x = malloc(BLOCK);
	CLEANUP(cleanup_free) char *y = malloc(BLOCK);

	if (!x || !y)
		abort();
	for (;;) {
		ssize_t n = read_full(a, x), m = read_full(b, y);

		if (n < 0 || m < 0)
			return err_errno(err, "compare '%s'", path);
		if (n != m || memcmp(x, y, (size_t)n) != 0)
			return err_set(err, ERR_CONFLICT, "'%s' is not the same as the copy that is kept", path);
		if (n == 0)
			return 0;
		if (cancelled && *cancelled)
			return err_set(err, ERR_BUSY, "it was stopped");
	}
}

static int open_spot(const struct spot *spot, struct err *err)
{
	int fd = openat(spot->dir_fd, spot->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? err_errno(err, "open '%s'", spot->path) : fd;
}

int journal_keeper_compare(const struct journal_work *work, const struct spot *other, struct err *err)
{
	CLEANUP(cleanup_fd) int ours = open_spot(&work->from, err);
	CLEANUP(cleanup_fd) int theirs = ours < 0 ? -1 : open_spot(other, err);

	if (ours < 0 || theirs < 0)
		return journal_step_code(err);
	return same_bytes(ours, theirs, work->m->from_path, work->step->journal->cancelled, err);
}

int journal_keeper_check(const struct journal_work *work, struct err *err)
{
	const struct move *m = work->m;
	struct keeper k;
	struct stat st;

	if (!*m->old_value)
		return 0;
	if (sscanf(m->new_value, "%lld:%lld:%lld:%lld:%15s", &k.dev, &k.inode, &k.size, &k.mtime_ns, k.how) != 5)
		return err_set(err, ERR_INTERNAL, "what is to be kept instead of '%s' is not known", m->from_path);
	{
		CLEANUP(cleanup_fd) int kept = open(m->old_value, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		CLEANUP(cleanup_fd) int ours = -1;

		if (kept < 0 || fstat(kept, &st) < 0)
			return err_set(err, ERR_CONFLICT, "the copy '%s' that was to be kept is not there any more; '%s' stays",
				       m->old_value, m->from_path);
		if ((long long)st.st_dev != k.dev || (long long)st.st_ino != k.inode || (long long)st.st_size != k.size ||
		    (long long)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec != k.mtime_ns)
			return err_set(err, ERR_CONFLICT, "the copy '%s' that was to be kept has changed; '%s' stays",
				       m->old_value, m->from_path);
		if (strcmp(k.how, "compare") != 0)
			return 0;
		ours = open_spot(&work->from, err);
		if (ours < 0)
			return ours;
		return same_bytes(ours, kept, m->from_path, work->step->journal->cancelled, err);
	}
}
