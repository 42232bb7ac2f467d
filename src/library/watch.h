/* watch.h - hears of changes in the folders of the library, and says which folder to look at again.
 *
 * Local disks by inotify: one instance, a watch for every folder. Network mounts (where changes of other
 * machines are not told), what lies past the system's limit of watches, and everything when it is asked for:
 * by the times of folders, every so often, in a worker. It reads folders and never files; what is stored is
 * the business of who is told.
 *
 * By the facts of inotify: a watch is set before its folder is read, so nothing falls between; a new folder
 * is read whole, for what was made in it before the watch stood; a renamed folder's watches are set anew; a
 * queue that overflowed means that all is to be looked at. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct watch;

struct watch_root {
	int64_t id;
	const char *path;
	bool network;
};

struct watch_config {
	bool poll_only;
	int64_t poll_ms; /* 0: 5 minutes */
	unsigned limit;	 /* of watches; 0: the system's (for tests) */
	void *context;
	/* On a thread of the watch, at most every half second: `folder` of the root, relative, "" all of it.
	 */
	void (*changed)(void *context, int64_t root_id, const char *folder);
	/* For people: "watching 120 folders", "polling", "stalled"; when it differs from before. */
	void (*state)(void *context, int64_t root_id, const char *text);
};

struct watch *watch_start(const struct watch_config *config);
void watch_stop(struct watch *watch); /* NULL is fine */

/* The roots as they are now; copied. Those that are new are watched, others forgotten. Again after a root
 * came back. */
void watch_set_roots(struct watch *watch, const struct watch_root *roots, int count);
