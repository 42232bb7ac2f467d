/* walk_job.c - see walk_job.h. The walk itself is walk.c. */
#include "library/walk_job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "library/volume.h"
#include "library/walk.h"
#include "library/walk_text.h"

#define SEND_BYTES ((size_t)128 << 10)
#define HOLD_BYTES ((size_t)3 << 20) /* while the supervisor is busy, with the rows it knows; below WORKER_MESSAGE_MAX */
#define SEND_MS 500
#define CLOCK_EVERY 4

struct task {
	struct worker_job *job;
	struct buf text;
	const json_t *skip;
	size_t send_at; /* bytes of text */
	int64_t sent_ms, dev;
	unsigned lines;
	volatile bool cancelled;
};

static void send_text(struct task *t)
{
	worker_report_text(t->job, buf_text(&t->text), t->text.len);
	buf_reset(&t->text);
	t->send_at = SEND_BYTES;
	t->sent_ms = clock_boot_ns() / CLOCK_MS;
	t->cancelled = worker_cancelled(t->job);
}

/* The clock is asked now and then only: a hundred thousand lines pass. */
static void send_when_due(struct task *t)
{
	if (t->text.len < t->send_at && ++t->lines % CLOCK_EVERY)
		return;
	if (t->text.len < t->send_at && clock_boot_ns() / CLOCK_MS - t->sent_ms < SEND_MS)
		return;
	if (t->text.len >= HOLD_BYTES || worker_has_room(t->job)) {
		send_text(t);
		return;
	}
	t->send_at = t->text.len + SEND_BYTES; /* the walk goes on meanwhile */
	t->sent_ms = clock_boot_ns() / CLOCK_MS;
}

static void on_file(void *context, const char *path, size_t len, const struct file_identity *identity,
		    int64_t links)
{
	struct task *t = context;

	(void)len;
	walk_text_file(&t->text, path, identity, links);
	send_when_due(t);
}

static void on_blind(void *context, const char *folder, int error)
{
	struct task *t = context;

	walk_text_blind(&t->text, folder, error);
	send_when_due(t);
}

static void on_device(void *context, int64_t dev)
{
	struct task *t = context;

	if (dev != t->dev)
		walk_text_device(&t->text, dev);
	t->dev = dev;
	send_when_due(t);
}

static bool on_folder(void *context, const char *folder)
{
	const struct task *t = context;
	size_t i;
	json_t *one;

	json_array_foreach(t->skip, i, one)
	{
		CLEANUP(json_cleanup) json_t *object = json_pack("{s:O}", "p", one);
		CLEANUP(cleanup_free) char *path = json_path(object, "p");

		if (path && strcmp(path, folder) == 0)
			return true;
	}
	return false;
}

static json_t *done_json(const struct volume *v, int64_t entries)
{
	json_t *json = json_pack("{s:I, s:I, s:I, s:b}", "entries", (json_int_t)entries, "dev",
				 (json_int_t)v->dev, "inode", (json_int_t)v->inode, "network", v->network);

	json_object_set_new(json, "volume", json_from_path(v->id));
	json_object_set_new(json, "source", json_from_path(v->source));
	json_object_set_new(json, "mount_point", json_from_path(v->mount_point));
	return json;
}

/* The root is not where it was: is its disk mounted at another place? */
static bool find_elsewhere(const json_t *request, const char *root, json_t **ret_done)
{
	CLEANUP(cleanup_free)
	char *id = json_path(request, "volume"), *point = json_path(request, "mount_point");
	char path[PATH_MAX];
	int number = errno;
	bool found = id && point && volume_elsewhere(id, point, root, json_int(request, "inode", 0), path);

	if (found) {
		*ret_done = json_object();
		json_object_set_new(*ret_done, "elsewhere", json_from_path(path));
	}
	errno = number;
	return found;
}

static bool is_empty(int folder_fd)
{
	int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	bool empty = dir != NULL;

	if (!dir && fd >= 0)
		close(fd);
	for (struct dirent *e; empty && (e = readdir(dir));)
		empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	if (dir)
		closedir(dir);
	return empty;
}

/* What a disk leaves behind where it was mounted: an empty folder of another one. */
static bool is_left_behind(const json_t *request, int folder_fd, const struct volume *volume)
{
	CLEANUP(cleanup_free) char *id = json_path(request, "volume");

	return id && *id && strcmp(id, volume->id) != 0 && is_empty(folder_fd);
}

int walk_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *root = json_path(request, "root"), *under = json_path(request, "under");
	struct task t = { .job = job, .skip = json_object_get(request, "skip"), .send_at = SEND_BYTES, .dev = -1 };
	struct walk walk = { .under = under,
			     .context = &t,
			     .file = on_file,
			     .blind = on_blind,
			     .device = on_device,
			     .skip = json_array_size(t.skip) ? on_folder : NULL,
			     .cancelled = &t.cancelled };
	CLEANUP(cleanup_fd) int fd = -1;
	struct volume volume;
	int64_t entries;
	int rc;

	if (!root || *root != '/' || !under)
		return err_set(err, ERR_INVALID, "a walk job needs an absolute \"root\" and \"under\"");
	walk.root_fd = fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && find_elsewhere(request, root, ret_done))
		return 0;
	if (fd < 0)
		return err_errno(err, "open '%s'", root);
	if (volume_of(root, &volume, err) < 0)
		return err ? -(int)err->code : -(int)ERR_IO;
	if (is_left_behind(request, fd, &volume) && find_elsewhere(request, root, ret_done))
		return 0;
	t.sent_ms = clock_boot_ns() / CLOCK_MS;
	on_device(&t, volume.dev);
	rc = walk_run(&walk, &entries, err);
	if (rc == 0 && t.text.len)
		send_text(&t);
	buf_free(&t.text);
	if (rc == 0)
		*ret_done = done_json(&volume, entries);
	return rc;
}

int stat_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *path = json_path(request, "path");
	struct stat st = { 0 };
	bool there;

	(void)job;
	if (!path || *path != '/')
		return err_set(err, ERR_INVALID, "a stat job needs an absolute \"path\"");
	there = stat(path, &st) == 0;
	if (!there && errno != ENOENT && errno != ENOTDIR)
		return err_errno(err, "look at '%s'", path);
	*ret_done = json_pack("{s:b, s:b, s:I, s:I, s:I, s:I}", "there", there, "regular",
			      there && S_ISREG(st.st_mode), "dev", (json_int_t)st.st_dev, "inode",
			      (json_int_t)st.st_ino, "size", (json_int_t)st.st_size, "mtime_ns",
			      (json_int_t)fs_mtime_ns(&st));
	return 0;
}
