/* library_thread.c - see library_thread.h. What a scan does is library/library.h. */
#include "server/library_thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/waker.h"
#include "library/library.h"
#include "library/volume.h"
#include "library/watch.h"
#include "server/builder.h"
#include "server/due_folders.h"
#include "server/events.h"
#include "server/held_roots.h"
#include "server/off_peak.h"
#include "server/parts.h"
#include "store/files.h"

#define TELL_NS CLOCK_SECOND	       /* progress to those who listen */
#define UPDATED_NS (10 * CLOCK_SECOND) /* that there is more in the library, while a long scan runs */
#define HOUR_MS (INT64_C(3600) * 1000)
#define STALLED_AGAIN_MS 30000
#define UNREAD_AGAIN_MS 60000 /* what its disk refused is tried again, each time after twice as long */

struct library_thread {
	struct server *server;
	struct server_library settings;
	struct off_peak *off_peak;
	struct watch *watch;	/* NULL: nothing is heard of */
	char *watched;		/* the roots and states that it was told of */
	struct due_folders due; /* under the lock */
	int64_t whole_ms;	/* boot clock: when all is scanned again */
	struct waker waker;
	pthread_mutex_t lock;
	bool poked, running;
	bool asked; /* the scan at hand was */
	struct held_roots *held;
	volatile bool cancelled;
	char root[4096]; /* being walked */
	int64_t seen, probed, to_probe;
	int64_t root_id, silent_ms; /* being walked; its disk is silent */
	const char *phase;
	int64_t unread_ms; /* until what could not be read is tried again; the thread's own */
	bool unread;	   /* the scan at hand met some */
	int64_t told_ns, updated_ns, updated_probed; /* the thread's own */
};

static json_t *progress_json(struct library_thread *library)
{
	json_t *root, *json;

	pthread_mutex_lock(&library->lock);
	root = *library->root ? json_from_path(library->root) : json_null();
	json = json_pack("{s:b, s:o, s:I, s:I, s:I}", "running", library->running, "root", root, "seen",
			 (json_int_t)library->seen, "probed", (json_int_t)library->probed, "to_probe",
			 (json_int_t)library->to_probe);
	pthread_mutex_unlock(&library->lock);
	return json;
}

json_t *library_thread_json(struct library_thread *library)
{
	if (library)
		return progress_json(library);
	return json_pack("{s:b, s:n, s:i, s:i, s:i}", "running", 0, "root", "seen", 0, "probed", 0,
			 "to_probe", 0);
}

json_t *library_thread_root_json(struct library_thread *library, int64_t root_id)
{
	json_t *json = NULL;

	if (!library)
		return json_null();
	pthread_mutex_lock(&library->lock);
	if (library->running && library->root_id == root_id)
		json = json_pack("{s:s, s:I, s:I}", "phase", library->phase, "seen",
				 (json_int_t)library->seen, "silent_s",
				 (json_int_t)(library->silent_ms / 1000));
	pthread_mutex_unlock(&library->lock);
	return json ? json : json_null();
}

static void updated(struct library_thread *library)
{
	events_publish(library->server->events, "library_updated", json_object());
}

static void on_progress(void *context, const struct library_progress *progress)
{
	struct library_thread *library = context;
	int64_t now = clock_boot_ns();

	pthread_mutex_lock(&library->lock);
	snprintf(library->root, sizeof(library->root), "%s", progress->root ? progress->root : "");
	library->seen = progress->seen;
	library->root_id = progress->root_id;
	library->silent_ms = progress->silent_ms;
	library->phase = progress->phase;
	library->probed = progress->probed;
	library->to_probe = progress->to_probe;
	pthread_mutex_unlock(&library->lock);
	if (now - library->told_ns >= TELL_NS) {
		library->told_ns = now;
		events_publish(library->server->events, "scan", progress_json(library));
	}
	if (now - library->updated_ns >= UPDATED_NS && progress->probed > library->updated_probed) {
		library->updated_ns = now;
		library->updated_probed = progress->probed;
		updated(library);
	}
}

/* ---- what waits ---- */

static int64_t now_ms(void)
{
	return clock_boot_ns() / CLOCK_MS;
}

static void add_folder(struct library_thread *library, const char *path, int64_t in_ms)
{
	int64_t due = now_ms() + in_ms;

	pthread_mutex_lock(&library->lock);
	if (!due_folders_add(&library->due, path, due) && due < library->whole_ms)
		library->whole_ms = due;
	pthread_mutex_unlock(&library->lock);
	waker_poke(&library->waker);
}

static void on_unsettled(void *context, const char *folder)
{
	struct library_thread *library = context;

	add_folder(library, folder, library->settings.settle_ms);
}

/* ---- the watch ---- */

static void on_unread(void *context, const char *folder)
{
	struct library_thread *library = context;

	library->unread = true;
	add_folder(library, folder, library->unread_ms);
}

static void on_changed(void *context, int64_t root_id, const char *folder)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct library_thread *library = context;
	struct db *db = store_reader(library->server->store, NULL);
	CLEANUP(cleanup_free) char *path = NULL;
	struct root root;

	if (!db || roots_get(db, root_id, &arena, &root, NULL) < 0)
		return;
	path = *folder ? fs_join(root.path, folder) : strdup(root.path);
	add_folder(library, path, 0);
}

static void on_state(void *context, int64_t root_id, const char *text)
{
	struct library_thread *library = context;
	struct db *db = store_writer(library->server->store);

	db_lock(db);
	roots_set_watch(db, root_id, text, NULL);
	db_unlock(db);
}

static bool is_network(const struct root *root)
{
	return volume_is_network_type(root->volume); /* the type stands first in its id; it was looked up by a worker */
}

/* Tells the watch of the roots when they, or whether they are there, have changed. */
static void set_watch(struct library_thread *library)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf text = { 0 };
	struct db *db = store_reader(library->server->store, NULL);
	struct watch_root *roots;
	struct root_list list;
	int count = 0;

	if (!library->watch || !db || roots_list(db, &arena, &list, NULL) < 0)
		return;
	roots = arena_alloc(&arena, (list.count + 1) * sizeof(*roots));
	for (size_t i = 0; i < list.count; i++) {
		const struct root *root = &list.roots[i];

		buf_addf(&text, "%lld %s %s\n", (long long)root->id, root->state, root->path);
		if (strcmp(root->state, "ok") == 0)
			roots[count++] = (struct watch_root) { root->id, root->path, is_network(root) };
		else
			on_state(library, root->id, "");
	}
	if (library->watched && strcmp(library->watched, buf_text(&text)) == 0)
		return;
	free(library->watched);
	library->watched = strdup(buf_text(&text));
	watch_set_roots(library->watch, roots, count);
}

static void ask_stalled_again(struct library_thread *library)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(library->server->store, NULL);
	struct root_list list;

	if (!db || roots_list(db, &arena, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.roots[i].state, "stalled") == 0)
			add_folder(library, list.roots[i].path, STALLED_AGAIN_MS);
}

/* ---- roots that wait ---- */

void library_thread_hold(struct library_thread *library, const int64_t *root_ids, size_t count)
{
	held_roots_set(library->held, root_ids, count);
}

void library_thread_release(struct library_thread *library)
{
	if (!held_roots_clear(library->held))
		return;
	pthread_mutex_lock(&library->lock);
	library->whole_ms = now_ms();
	pthread_mutex_unlock(&library->lock);
	waker_poke(&library->waker);
}

/* ---- scanning ---- */

static void scan(struct library_thread *library, char **folders)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const struct server_library *settings = &library->settings;
	struct library_scan request = { .store = library->server->store,
					.paths = held_roots_without(library->held, store_reader(library->server->store, NULL), folders, &arena),
					.folders = true,
					.workers = settings->probe_workers,
					.missing_share = settings->missing_share,
					.settle_ms = settings->settle_ms,
					.silent_ms = settings->stall_ms,
					.unsettled = settings->settle_ms ? on_unsettled : NULL,
					.unread = on_unread,
					.context = library,
					.progress = on_progress,
					.cancelled = &library->cancelled };
	struct library_progress totals = { 0 };
	struct err err = { 0 };

	library->updated_ns = clock_boot_ns();
	library->updated_probed = 0;
	library->unread = false;
	library->unread_ms = !library->unread_ms ? UNREAD_AGAIN_MS : library->unread_ms < HOUR_MS / 2 ? 2 * library->unread_ms : HOUR_MS;
	/* a folder may be of a root that was removed since */
	if (library_scan(&request, &totals, &err) < 0 && !library->cancelled &&
	    !(folders && err.code == ERR_NOT_FOUND))
		log_warning("library", "%s", err.text);
	if (!library->unread)
		library->unread_ms = 0;
	set_watch(library);
	ask_stalled_again(library);
	if (totals.added || totals.changed || totals.moved || totals.missing || totals.probed)
		log_info("library",
			 "%lld files seen: %lld new, %lld changed, %lld moved, %lld missing, %lld failed",
			 (long long)totals.seen, (long long)totals.added, (long long)totals.changed,
			 (long long)totals.moved, (long long)totals.missing, (long long)totals.failed);
	else if (!library->asked)
		return;
	updated(library);
	if (!library->cancelled)
		builder_library_changed(library->server->builder);
}

/* How long there is nothing to do. */
static int64_t idle_ns(struct library_thread *library)
{
	int64_t due_ms;

	pthread_mutex_lock(&library->lock);
	due_ms = due_folders_next(&library->due, library->whole_ms);
	if (library->poked)
		due_ms = 0;
	pthread_mutex_unlock(&library->lock);
	if (off_peak_due_ms(library->off_peak) < due_ms)
		due_ms = off_peak_due_ms(library->off_peak);
	due_ms -= now_ms();
	return due_ms > 0 ? due_ms * CLOCK_MS : 0;
}

/* Until it is poked or something is due. False at the end; *ret_folders NULL: all is to be scanned; else what
 * is, which may be nothing. */
static bool rest(struct library_thread *library, char ***ret_folders)
{
	bool goes_on = true, whole;
	int64_t ns;

	while (goes_on && (ns = idle_ns(library)) > 0)
		goes_on = waker_rest(&library->waker, ns);
	pthread_mutex_lock(&library->lock);
	whole = library->poked || library->whole_ms <= now_ms();
	library->asked = library->poked;
	library->poked = false;
	*ret_folders = due_folders_take(&library->due, now_ms(), whole);
	if (whole) {
		due_folders_free_list(*ret_folders);
		*ret_folders = NULL;
		library->whole_ms = now_ms() + library->settings.scan_every_ms;
	}
	library->running = whole || **ret_folders;
	pthread_mutex_unlock(&library->lock);
	return goes_on && !waker_ends(&library->waker);
}

static void scan_and_tell(struct library_thread *library, char **folders)
{
	scan(library, folders);
	pthread_mutex_lock(&library->lock);
	library->running = false;
	library->root[0] = '\0';
	library->root_id = 0;
	pthread_mutex_unlock(&library->lock);
	events_publish(library->server->events, "scan", progress_json(library));
}

static void start_watch(struct library_thread *library)
{
	const struct watch_config config = { .poll_only = library->settings.poll_only,
					     .poll_ms = library->settings.poll_ms,
					     .context = library,
					     .changed = on_changed,
					     .state = on_state };

	db_lock(store_writer(library->server->store));
	roots_forget_watch(store_writer(library->server->store), NULL);
	db_unlock(store_writer(library->server->store));
	if (library->settings.watch)
		library->watch = watch_start(&config);
	set_watch(library); /* before the first scan: nothing falls between */
}

static void *run(void *context)
{
	struct library_thread *library = context;
	char **folders = NULL;

	start_watch(library);
	do {
		if (library->running)
			scan_and_tell(library, folders);
		due_folders_free_list(folders);
		folders = NULL;
		off_peak_look(library->off_peak);
	} while (rest(library, &folders));
	due_folders_free_list(folders);
	watch_stop(library->watch);
	library->watch = NULL;
	return NULL;
}

struct library_thread *library_thread_new(struct server *server, const struct server_library *settings)
{
	struct library_thread *library = calloc(1, sizeof(*library));

	if (!library)
		abort();
	library->server = server;
	library->settings = *settings;
	library->held = held_roots_new();
	library->off_peak = off_peak_new(server, settings->full_hash, settings->find_breaks);
	if (!library->settings.scan_every_ms)
		library->settings.scan_every_ms = HOUR_MS;
	library->whole_ms = now_ms() + library->settings.scan_every_ms;
	library->running = true;
	pthread_mutex_init(&library->lock, NULL);
	waker_init(&library->waker);
	return library;
}

void library_thread_start(struct library_thread *library)
{
	waker_start(&library->waker, "library", run, library);
}

void library_thread_stop(struct library_thread *library)
{
	if (!library)
		return;
	library->cancelled = true;
	waker_stop(&library->waker);
}

void library_thread_free(struct library_thread *library)
{
	if (!library)
		return;
	due_folders_free(&library->due);
	free(library->watched);
	held_roots_free(library->held);
	off_peak_free(library->off_peak);
	waker_free(&library->waker);
	pthread_mutex_destroy(&library->lock);
	free(library);
}

void library_thread_poke(struct library_thread *library)
{
	pthread_mutex_lock(&library->lock);
	library->poked = true;
	pthread_mutex_unlock(&library->lock);
	waker_poke(&library->waker);
}

bool library_thread_rested(struct library_thread *library)
{
	bool rested;

	pthread_mutex_lock(&library->lock);
	rested = !library->running && !library->poked;
	pthread_mutex_unlock(&library->lock);
	return rested;
}
