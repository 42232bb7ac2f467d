/* hash_jobs.c - see hash_jobs.h. Only checks requests and watches; the work is in media/. */
#include "library/hash_jobs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "media/essence.h"
#include "media/hash.h"

#define TELL_MS 1000

struct task {
	struct worker_job *job;
	int64_t told_ms;
	const json_t *ahead; /* may be NULL */
};

static int open_regular(const char *path, struct stat *ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return err_errno(err, "open '%s'", path);
	if (fstat(fd, ret) < 0 || !S_ISREG(ret->st_mode)) {
		cleanup_fd(&fd);
		return err_set(err, ERR_MEDIA, "open '%s': it is not a regular file", path);
	}
	return fd;
}

/* Only helps: what cannot be opened is told when its turn comes. */
static void look_ahead(const json_t *ahead)
{
	for (size_t i = 0; i < json_array_size(ahead); i++) {
		CLEANUP(cleanup_free) char *path = json_path(json_array_get(ahead, i), "path");
		CLEANUP(cleanup_fd) int fd = -1;
		struct stat st;

		if (path && *path == '/')
			fd = open_regular(path, &st, NULL);
		if (fd >= 0)
			hash_sample_ahead(fd, st.st_size);
	}
}

static bool go_on(void *context, int64_t done, int64_t total)
{
	struct task *task = context;
	int64_t now = clock_boot_ns() / CLOCK_MS;

	if (now - task->told_ms < TELL_MS)
		return true;
	task->told_ms = now;
	worker_report(task->job, json_pack("{s:s, s:I, s:I}", "event", "progress", "done", (json_int_t)done,
					   "total", (json_int_t)total));
	return !worker_cancelled(task->job);
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int read_hash(struct task *task, const char *what, const char *path, int fd, const struct stat *st,
		     char ret[HASH_TEXT_SIZE], struct err *err)
{
	const struct hash_watch watch = { .context = task, .go_on = go_on };

	task->told_ms = clock_boot_ns() / CLOCK_MS;
	if (strcmp(what, "essence") == 0)
		return essence_hash(path, &watch, ret, err);
	if (strcmp(what, "full") == 0)
		return hash_full(fd, st->st_size, &watch, ret, err);
	look_ahead(task->ahead);
	return hash_sample(fd, st->st_size, ret, err);
}

static int hash_file(struct task *task, const char *what, const char *path, json_t **ret_done,
		     struct err *err)
{
	struct stat before, after;
	char text[HASH_TEXT_SIZE];
	struct err why = { 0 };
	CLEANUP(cleanup_fd) int fd = open_regular(path, &before, err);

	if (fd < 0)
		return fd;
	if (read_hash(task, what, path, fd, &before, text, &why) < 0)
		return err_set(err, why.code, "hash '%s': %s", path, why.text);
	if (stat(path, &after) < 0 || !same(&before, &after))
		return err_set(err, ERR_CONFLICT, "'%s' changed while it was hashed", path);
	*ret_done =
		json_pack("{s:s, s:I, s:I, s:I, s:I}", "hash", text, "dev", (json_int_t)before.st_dev,
			  "inode", (json_int_t)before.st_ino, "size", (json_int_t)before.st_size, "mtime_ns",
			  (json_int_t)before.st_mtim.tv_sec * 1000000000 + before.st_mtim.tv_nsec);
	return 0;
}

int hash_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	struct task task = { .job = job, .ahead = json_object_get(request, "ahead") };
	const char *what = json_text(request, "what", "");

	if (!path || *path != '/' || (strcmp(what, "sample") != 0 && strcmp(what, "full") != 0))
		return err_set(err, ERR_INVALID,
			       "a hash job needs an absolute \"path\" and \"what\": sample or full");
	return hash_file(&task, what, path, ret_done, err);
}

int essence_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	struct task task = { .job = job };

	if (!path || *path != '/')
		return err_set(err, ERR_INVALID, "an essence job needs an absolute \"path\"");
	return hash_file(&task, "essence", path, ret_done, err);
}
