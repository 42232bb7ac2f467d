/* watch_poll.c - see watch_poll.h. Lists are sorted by path and merged. */
#include "library/watch_poll.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "library/walk.h"
#include "library/walk_text.h"

#define SILENT_MS 10000
#define LOOK_MS 100
#define SEND_BYTES ((size_t)64 << 10)
#define SEND_MS 500

/* ---- the worker's side ---- */

struct task {
	struct worker_job *job;
	const char *root;
	struct buf text, stack; /* folders to come, each with its NUL */
	int64_t sent_ms;
};

static void send_text(struct task *t)
{
	json_t *list = json_stringn_nocheck(buf_text(&t->text), t->text.len);

	worker_report(t->job, json_pack("{s:s, s:o}", "event", "folders", "text", list));
	buf_reset(&t->text);
	t->sent_ms = clock_boot_ns() / CLOCK_MS;
}

static bool is_folder(int fd, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type == DT_DIR;
	return fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static void read_folder(struct task *t, const char *path)
{
	char whole[PATH_MAX];
	struct stat st;
	DIR *dir;

	if (snprintf(whole, sizeof(whole), "%s%s%s", t->root, *path ? "/" : "", path) >= (int)sizeof(whole))
		return;
	dir = opendir(whole);
	if (!dir || fstat(dirfd(dir), &st) < 0) {
		if (dir)
			closedir(dir);
		return;
	}
	walk_text_folder(&t->text, path, fs_mtime_ns(&st));
	for (struct dirent *e; (e = readdir(dir));) {
		if (walk_leaves_out(e->d_name) || !is_folder(dirfd(dir), e))
			continue;
		buf_adds(&t->stack, path);
		if (*path)
			buf_addc(&t->stack, '/');
		buf_add(&t->stack, e->d_name, strlen(e->d_name) + 1);
	}
	closedir(dir);
}

int folders_job(struct worker_job *job, const json_t *request, json_t **ret_done, struct err *err)
{
	CLEANUP(cleanup_free) char *root = json_path(request, "root");
	struct task t = { .job = job, .root = root, .sent_ms = clock_boot_ns() / CLOCK_MS };

	(void)ret_done;
	if (!root || *root != '/')
		return err_set(err, ERR_INVALID, "a folders job needs an absolute \"root\"");
	if (access(root, R_OK | X_OK) < 0)
		return err_errno(err, "open '%s'", root);
	buf_addc(&t.stack, '\0');
	while (t.stack.len) {
		size_t end = t.stack.len - 1, from = end;
		char path[PATH_MAX];

		while (from > 0 && t.stack.data[from - 1])
			from--;
		snprintf(path, sizeof(path), "%s", t.stack.data + from);
		t.stack.len = from;
		read_folder(&t, path);
		if (t.text.len > SEND_BYTES || clock_boot_ns() / CLOCK_MS - t.sent_ms > SEND_MS)
			send_text(&t);
	}
	send_text(&t);
	buf_free(&t.text);
	buf_free(&t.stack);
	return 0;
}

/* ---- our side ---- */

struct folder {
	char *path;
	int64_t mtime_ns;
};

struct folders {
	struct folder *list;
	size_t count, cap;
};

struct watch_poll {
	char *root;
	struct folders known;
	bool learned;
};

static void folders_free(struct folders *f)
{
	for (size_t i = 0; i < f->count; i++)
		free(f->list[i].path);
	free(f->list);
	*f = (struct folders) { 0 };
}

struct watch_poll *watch_poll_new(const char *root)
{
	struct watch_poll *p = calloc(1, sizeof(*p));

	if (!p || !(p->root = strdup(root)))
		abort();
	return p;
}

void watch_poll_free(struct watch_poll *p)
{
	if (!p)
		return;
	folders_free(&p->known);
	free(p->root);
	free(p);
}

static void on_folder(void *context, const char *path, int64_t mtime_ns)
{
	struct folders *f = context;

	if (f->count == f->cap) {
		f->cap = f->cap ? f->cap * 2 : 256;
		f->list = realloc(f->list, f->cap * sizeof(*f->list));
		if (!f->list)
			abort();
	}
	f->list[f->count] = (struct folder) { strdup(path), mtime_ns };
	if (!f->list[f->count++].path)
		abort();
}

static int compare_folders(const void *a, const void *b)
{
	return strcmp(((const struct folder *)a)->path, ((const struct folder *)b)->path);
}

static int hear(const struct watch_poll *p, struct worker *worker, struct folders *now,
		volatile bool *cancelled, struct err *err)
{
	const struct walk_text_sink sink = { .context = now, .folder = on_folder };
	int64_t heard = clock_boot_ns();

	for (;;) {
		CLEANUP(json_cleanup) json_t *message = NULL;
		struct pollfd fd = { .fd = worker_fd(worker), .events = POLLIN };

		switch (worker_receive(worker, &message, err)) {
		case WORKER_REPORT:
			heard = clock_boot_ns();
			if (walk_text_parse(json_text(message, "text", ""), &sink, err) < 0)
				return -(int)ERR_WORKER;
			continue;
		case WORKER_DONE:
			return 0;
		case WORKER_FAILED:
		case WORKER_DEAD:
			return -(int)ERR_IO;
		case WORKER_NOTHING:
			break;
		}
		if (*cancelled)
			return err_set(err, ERR_BUSY, "stopped");
		if (clock_boot_ns() - heard > SILENT_MS * CLOCK_MS)
			return err_set(err, ERR_TIMEOUT, "'%s' has not answered for %d s", p->root,
				       SILENT_MS / 1000);
		poll(&fd, 1, LOOK_MS);
	}
}

static void tell_parent(const char *path, void *context, void (*changed)(void *context, const char *folder))
{
	CLEANUP(cleanup_free) char *copy = strdup(path);
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (slash)
		*slash = '\0';
	changed(context, slash ? copy : "");
}

static void diff(const struct folders *was, const struct folders *now, void *context,
		 void (*changed)(void *context, const char *folder))
{
	size_t i = 0, j = 0;

	while (i < was->count || j < now->count) {
		int order = i == was->count   ? 1
			    : j == now->count ? -1
					      : strcmp(was->list[i].path, now->list[j].path);

		if (order < 0)
			tell_parent(was->list[i++].path, context, changed);
		else if (order > 0)
			changed(context, now->list[j++].path);
		else if (was->list[i++].mtime_ns != now->list[j++].mtime_ns)
			changed(context, now->list[j - 1].path);
	}
}

int watch_poll_look(struct watch_poll *p, volatile bool *cancelled, void *context,
		    void (*changed)(void *context, const char *folder), struct err *err)
{
	const struct worker_limits limits = { .nice = 10, .idle_io = true };
	CLEANUP(json_cleanup)
	json_t *request = json_pack("{s:s, s:o}", "job", "folders", "root", json_from_path(p->root));
	struct worker *worker = worker_start(&limits, err);
	struct folders now = { 0 };
	int rc = worker ? worker_send(worker, request, err) : -(int)ERR_WORKER;

	if (rc == 0)
		rc = hear(p, worker, &now, cancelled, err);
	worker_free(worker);
	if (rc < 0) {
		folders_free(&now);
		return err && err->code ? -(int)err->code : rc;
	}
	if (now.count)
		qsort(now.list, now.count, sizeof(*now.list), compare_folders);
	if (p->learned)
		diff(&p->known, &now, context, changed);
	folders_free(&p->known);
	p->known = now;
	p->learned = true;
	return 0;
}
