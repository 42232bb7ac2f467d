/* watch.c - see watch.h. Two threads: one reads inotify, one polls what cannot be watched, so that a share
 * that hangs does not make us deaf. What they share (the roots and how each is heard of) is under one lock
 * that is never held while a disk is asked. Not here: the poller (watch_poller.c), the table of descriptors
 * (watch_table.c). */
#include "library/watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/waker.h"
#include "library/walk.h"
#include "library/watch_private.h"
#include "library/volume.h"
#include "library/watch_table.h"

#define MASK \
	(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | \
	 IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK)
#define FLUSH_MS 500
#define MANY_FOLDERS 200 /* changed at once: the whole root is looked at */

static int64_t now_ms(void)
{
	return clock_boot_ns() / CLOCK_MS;
}

/* ---- states ---- */

struct watched_root *watch_find_root(struct watch *w, int64_t id)
{
	for (int i = 0; i < w->count; i++)
		if (w->roots[i].id == id)
			return &w->roots[i];
	return NULL;
}

static void describe(const struct watch *w, const struct watched_root *root, char *to, size_t size)
{
	if (root->stalled)
		snprintf(to, size, "stalled");
	else if (root->network || w->config.poll_only)
		snprintf(to, size, "polling");
	else if (root->partial)
		snprintf(to, size,
			 "watching %zu folders, polling the rest: fs.inotify.max_user_watches is reached",
			 root->folders);
	else if (root->mounts)
		snprintf(to, size, "watching %zu folder%s, polling %zu mount%s of the network", root->folders,
			 root->folders == 1 ? "" : "s", root->mounts, root->mounts == 1 ? "" : "s");
	else
		snprintf(to, size, "watching %zu folder%s", root->folders, root->folders == 1 ? "" : "s");
}

void watch_tell_state(struct watch *w, int64_t id)
{
	struct watched_root *root;
	char text[160] = "";

	pthread_mutex_lock(&w->lock);
	root = watch_find_root(w, id);
	if (root) {
		describe(w, root, text, sizeof(text));
		if (strcmp(text, root->told) == 0)
			*text = '\0';
		else
			snprintf(root->told, sizeof(root->told), "%s", text);
	}
	pthread_mutex_unlock(&w->lock);
	if (*text && w->config.state)
		w->config.state(w->config.context, id, text);
}

/* ---- what changed ---- */

static void add_dirty(struct watch *w, int64_t root_id, const char *folder)
{
	for (size_t i = 0; i < w->dirty_count; i++)
		if (w->dirty[i].root_id == root_id &&
		    (!*w->dirty[i].folder || strcmp(w->dirty[i].folder, folder) == 0))
			return;
	if (!w->dirty_count)
		w->dirty_since_ms = now_ms();
	if (w->dirty_count == w->dirty_cap) {
		w->dirty_cap = w->dirty_cap ? w->dirty_cap * 2 : 64;
		w->dirty = realloc(w->dirty, w->dirty_cap * sizeof(*w->dirty));
		if (!w->dirty)
			abort();
	}
	if (w->dirty_count >= MANY_FOLDERS)
		folder = "";
	w->dirty[w->dirty_count++] = (struct place) { root_id, strdup(folder) };
}

static void flush_dirty(struct watch *w)
{
	for (size_t i = 0; i < w->dirty_count; i++) {
		w->config.changed(w->config.context, w->dirty[i].root_id, w->dirty[i].folder);
		free(w->dirty[i].folder);
	}
	w->dirty_count = 0;
}

/* ---- watches ---- */

static bool is_other_root(struct watch *w, const char *whole)
{
	bool found = false;

	pthread_mutex_lock(&w->lock);
	for (int i = 0; i < w->count && !found; i++)
		found = strcmp(w->roots[i].path, whole) == 0;
	pthread_mutex_unlock(&w->lock);
	return found;
}

/* -1: not a folder that can be watched; the limit is noted. */
static int add_watch(struct watch *w, int64_t root_id, const char *whole, const char *path)
{
	int wd =
		w->config.limit && w->watches >= w->config.limit ? -1 : inotify_add_watch(w->fd, whole, MASK);
	struct watched_root *root;

	if (wd >= 0) {
		w->watches += !watch_table_get(w->table, wd);
		watch_table_put(w->table, wd, root_id, path);
		return 0;
	}
	if (errno != ENOSPC && !(w->config.limit && w->watches >= w->config.limit))
		return -1;
	pthread_mutex_lock(&w->lock);
	root = watch_find_root(w, root_id);
	if (root && !root->partial) {
		root->partial = true;
		log_warning("library",
			    "'%s': the system's limit of watches is reached (fs.inotify.max_user_watches); "
			    "the rest is polled",
			    root->path);
		pthread_cond_signal(&w->poke);
	}
	pthread_mutex_unlock(&w->lock);
	return -1;
}

static bool is_folder(int fd, const struct dirent *e)
{
	struct stat st;

	if (e->d_type != DT_UNKNOWN)
		return e->d_type == DT_DIR;
	return fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* A share below a local root: nothing tells of what others change there, and it may hang whoever looks into it. */
static void note_mounts(struct watch *w, int64_t root_id, const struct volume_mounts *mounts)
{
	struct watched_root *root;

	pthread_mutex_lock(&w->lock);
	root = watch_find_root(w, root_id);
	if (root && root->mounts != mounts->count) {
		root->mounts = mounts->count;
		pthread_cond_signal(&w->poke);
	}
	pthread_mutex_unlock(&w->lock);
}

/* The folder and all below it: a watch first, then what is in it, so that nothing is made in between unseen. Mounts of the
 * network are left out, without a look at them: they are polled. */
static void add_tree(struct watch *w, int64_t root_id, const char *root_path, const char *folder)
{
	CLEANUP(buf_free) struct buf stack = { 0 };
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct volume_mounts mounts;

	volume_network_mounts(root_path, &arena, &mounts);
	note_mounts(w, root_id, &mounts);
	buf_add(&stack, folder, strlen(folder) + 1);
	while (stack.len && !w->stopping) {
		size_t end = stack.len - 1, from = end;
		char path[PATH_MAX], whole[PATH_MAX];
		DIR *dir;

		while (from > 0 && stack.data[from - 1])
			from--;
		snprintf(path, sizeof(path), "%s", stack.data + from);
		stack.len = from;
		if (snprintf(whole, sizeof(whole), "%s%s%s", root_path, *path ? "/" : "", path) >=
			    (int)sizeof(whole) ||
		    volume_mounted_at(&mounts, whole) || (*path && is_other_root(w, whole)) || add_watch(w, root_id, whole, path) < 0)
			continue;
		dir = opendir(whole);
		for (struct dirent *e; dir && (e = readdir(dir));) {
			if (walk_leaves_out(e->d_name) || !is_folder(dirfd(dir), e))
				continue;
			buf_adds(&stack, path);
			if (*path)
				buf_addc(&stack, '/');
			buf_add(&stack, e->d_name, strlen(e->d_name) + 1);
		}
		if (dir)
			closedir(dir);
	}
}

static void on_removed(void *context, int wd)
{
	struct watch *w = context;

	inotify_rm_watch(w->fd, wd);
	w->watches--;
}

static void remove_tree(struct watch *w, int64_t root_id, const char *folder)
{
	watch_table_remove_below(w->table, root_id, folder, on_removed, w);
}

static void count_folders(struct watch *w, int64_t root_id)
{
	size_t n = watch_table_count(w->table, root_id);
	struct watched_root *root;

	pthread_mutex_lock(&w->lock);
	root = watch_find_root(w, root_id);
	if (root)
		root->folders = n;
	pthread_mutex_unlock(&w->lock);
	watch_tell_state(w, root_id);
}

static bool path_of(struct watch *w, int64_t root_id, char to[PATH_MAX])
{
	const struct watched_root *root;

	pthread_mutex_lock(&w->lock);
	root = watch_find_root(w, root_id);
	if (root)
		snprintf(to, PATH_MAX, "%s", root->path);
	pthread_mutex_unlock(&w->lock);
	return root != NULL;
}

/* ---- events ---- */

static void on_folder(struct watch *w, int64_t root_id, const char *path, uint32_t mask)
{
	char root_path[PATH_MAX];

	if (mask & (IN_DELETE | IN_MOVED_FROM))
		remove_tree(w, root_id, path);
	if ((mask & (IN_CREATE | IN_MOVED_TO)) && path_of(w, root_id, root_path))
		add_tree(w, root_id, root_path, path);
	add_dirty(w, root_id, path);
	count_folders(w, root_id);
}

static void on_event(struct watch *w, const struct inotify_event *event)
{
	const struct watch_entry *entry = watch_table_get(w->table, event->wd);
	char path[PATH_MAX], folder[PATH_MAX];
	int64_t root_id;

	if (event->mask & IN_Q_OVERFLOW) {
		log_warning("library",
			    "changes came faster than they could be heard; all folders are looked at");
		pthread_mutex_lock(&w->lock);
		w->changed = true; /* folders may have been missed, too */
		for (int i = 0; i < w->count; i++)
			add_dirty(w, w->roots[i].id, "");
		pthread_mutex_unlock(&w->lock);
		return;
	}
	if (!entry)
		return;
	root_id = entry->root_id;
	snprintf(folder, sizeof(folder), "%s", entry->path);
	if (event->mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) {
		if (event->mask & IN_IGNORED) {
			watch_table_remove(w->table, event->wd);
			w->watches--;
		}
		if (!*folder || event->mask & IN_UNMOUNT)
			add_dirty(w, root_id, folder);
		return;
	}
	if (!event->len || walk_leaves_out(event->name) ||
	    snprintf(path, sizeof(path), "%s%s%s", folder, *folder ? "/" : "", event->name) >=
		    (int)sizeof(path))
		return;
	if (event->mask & IN_ISDIR)
		on_folder(w, root_id, path, event->mask);
	else
		add_dirty(w, root_id, folder);
}

static void read_events(struct watch *w)
{
	_Alignas(struct inotify_event) char bytes[64 * 1024];
	ssize_t n = read(w->fd, bytes, sizeof(bytes));

	for (ssize_t at = 0; at < n;) {
		const struct inotify_event *event = (const struct inotify_event *)(bytes + at);

		at += (ssize_t)(sizeof(*event) + event->len);
		on_event(w, event);
	}
}

/* Roots that are not there any more, or are somewhere else now. */
static void forget_roots(struct watch *w)
{
	for (size_t i = 0; i < w->mine_count;) {
		char path[PATH_MAX];

		if (path_of(w, w->mine[i].root_id, path) && strcmp(path, w->mine[i].folder) == 0) {
			i++;
			continue;
		}
		remove_tree(w, w->mine[i].root_id, "");
		free(w->mine[i].folder);
		w->mine[i] = w->mine[--w->mine_count];
	}
}

/* True when it is new. */
static bool remember_root(struct watch *w, int64_t root_id, const char *path)
{
	for (size_t i = 0; i < w->mine_count; i++)
		if (w->mine[i].root_id == root_id)
			return false;
	w->mine = realloc(w->mine, (w->mine_count + 1) * sizeof(*w->mine));
	if (!w->mine)
		abort();
	w->mine[w->mine_count++] = (struct place) { root_id, strdup(path) };
	return true;
}

/* Watches what is new among the roots and forgets what is not there any more; a folder that is watched
 * already costs a system call. */
static void sync_roots(struct watch *w)
{
	int64_t ids[1024];
	int count = 0;

	pthread_mutex_lock(&w->lock);
	w->changed = false;
	for (int i = 0; i < w->count && count < 1024; i++)
		if (!w->roots[i].network && !w->config.poll_only)
			ids[count++] = w->roots[i].id;
	pthread_mutex_unlock(&w->lock);
	forget_roots(w);
	for (int i = 0; i < count && !w->stopping; i++) {
		char path[PATH_MAX];

		if (path_of(w, ids[i], path)) {
			bool is_new = remember_root(w, ids[i], path);

			add_tree(w, ids[i], path, "");
			if (is_new) /* for what happened before all watches stood */
				add_dirty(w, ids[i], "");
		}
		count_folders(w, ids[i]);
	}
}

static void *listen_run(void *context)
{
	struct watch *w = context;

	while (!w->stopping) {
		struct pollfd fds[2] = { { .fd = w->wake, .events = POLLIN },
					 { .fd = w->fd, .events = POLLIN } };
		uint64_t woken;

		poll(fds, 2, w->dirty_count ? FLUSH_MS / 2 : -1);
		if ((fds[0].revents & POLLIN) && read(w->wake, &woken, sizeof(woken)) < 0)
			continue;
		if (fds[1].revents & POLLIN)
			read_events(w);
		if (w->changed && !w->stopping)
			sync_roots(w);
		if (w->dirty_count && now_ms() - w->dirty_since_ms >= FLUSH_MS)
			flush_dirty(w);
	}
	return NULL;
}

/* ---- starting and stopping ---- */

static void free_roots(struct watched_root *roots, int count)
{
	for (int i = 0; i < count; i++)
		free(roots[i].path);
	free(roots);
}

static void wake(struct watch *w)
{
	uint64_t one = 1;

	if (write(w->wake, &one, sizeof(one)) < 0)
		errno = 0; /* it is awake */
}

void watch_set_roots(struct watch *w, const struct watch_root *roots, int count)
{
	struct watched_root *list = calloc((size_t)count + 1, sizeof(*list)), *before;
	int before_count;

	if (!list)
		abort();
	pthread_mutex_lock(&w->lock);
	for (int i = 0; i < count; i++) {
		const struct watched_root *known = watch_find_root(w, roots[i].id);

		if (known && strcmp(known->path, roots[i].path) == 0)
			list[i] = *known;
		list[i].id = roots[i].id;
		list[i].network = roots[i].network;
		list[i].path = strdup(roots[i].path);
	}
	before = w->roots;
	before_count = w->count;
	w->roots = list;
	w->count = count;
	w->changed = true;
	pthread_cond_signal(&w->poke);
	pthread_mutex_unlock(&w->lock);
	free_roots(before, before_count);
	wake(w);
}

struct watch *watch_start(const struct watch_config *config)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->config = *config;
	w->table = watch_table_new();
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	w->wake = eventfd(0, EFD_CLOEXEC);
	if (w->fd < 0) { /* too many instances on this machine (max_user_instances) */
		log_warning("library", "inotify cannot be had (%s); all folders are polled", strerror(errno));
		w->config.poll_only = true;
	}
	pthread_mutex_init(&w->lock, NULL);
	waker_condition_init(&w->poke);
	if (w->wake < 0 || pthread_create(&w->listener, NULL, listen_run, w) != 0 ||
	    pthread_create(&w->poller, NULL, watch_poll_run, w) != 0)
		abort();
	pthread_setname_np(w->listener, "watch");
	pthread_setname_np(w->poller, "poll");
	return w;
}

void watch_stop(struct watch *w)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->poke);
	pthread_mutex_unlock(&w->lock);
	wake(w);
	pthread_join(w->listener, NULL);
	pthread_join(w->poller, NULL);
	flush_dirty(w);
	free(w->dirty);
	for (size_t i = 0; i < w->mine_count; i++)
		free(w->mine[i].folder);
	free(w->mine);
	free_roots(w->roots, w->count);
	watch_table_free(w->table);
	cleanup_fd(&w->fd);
	cleanup_fd(&w->wake);
	pthread_cond_destroy(&w->poke);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
