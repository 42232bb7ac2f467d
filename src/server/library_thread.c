/* library_thread.c - see library_thread.h. What a scan does is library/library.h. */
#include "server/library_thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "library/library.h"
#include "server/builder.h"
#include "server/events.h"
#include "server/json_clean.h"
#include "server/parts.h"

#define TELL_NS CLOCK_SECOND	       /* progress to those who listen */
#define UPDATED_NS (10 * CLOCK_SECOND) /* that there is more in the library, while a long scan runs */
#define HOUR_MS (INT64_C(3600) * 1000)

struct library_thread {
	struct server *server;
	int64_t every_ms;
	unsigned workers;
	pthread_mutex_t lock;
	pthread_cond_t poke;
	bool poked, running, started;
	bool asked; /* the scan at hand was */
	volatile bool cancelled;
	char root[4096]; /* being walked */
	int64_t seen, probed, to_probe;
	int64_t root_id, silent_ms; /* being walked; its disk is silent */
	const char *phase;
	int64_t told_ns, updated_ns, updated_probed; /* the thread's own */
	pthread_t thread;
};

static json_t *progress_json(struct library_thread *library)
{
	json_t *root, *json;

	pthread_mutex_lock(&library->lock);
	root = *library->root ? json_clean(library->root) : json_null();
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
		json = json_pack("{s:s, s:I, s:I}", "phase", library->phase, "seen", (json_int_t)library->seen,
				 "silent_s", (json_int_t)(library->silent_ms / 1000));
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

static void scan(struct library_thread *library)
{
	struct library_scan request = { .store = library->server->store,
					.workers = library->workers,
					.context = library,
					.progress = on_progress,
					.cancelled = &library->cancelled };
	struct library_progress totals = { 0 };
	struct err err = { 0 };

	library->updated_ns = clock_boot_ns();
	library->updated_probed = 0;
	if (library_scan(&request, &totals, &err) < 0 && !library->cancelled)
		log_warning("library", "%s", err.text);
	if (totals.added || totals.changed || totals.moved || totals.missing || totals.probed)
		log_info("library",
			 "%lld files seen: %lld new, %lld changed, %lld moved, %lld missing, %lld failed",
			 (long long)totals.seen, (long long)totals.added, (long long)totals.changed,
			 (long long)totals.moved, (long long)totals.missing, (long long)totals.failed);
	else if (!library->asked)
		return;
	updated(library);
	if (!library->cancelled)
		builder_changed(library->server->builder, 0);
}

/* Until it is poked or an hour has passed; false at the end. */
static bool rest(struct library_thread *library)
{
	struct timespec until;
	bool go_on;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += library->every_ms / 1000;
	pthread_mutex_lock(&library->lock);
	while (!library->poked && !library->cancelled)
		if (pthread_cond_timedwait(&library->poke, &library->lock, &until) != 0)
			break;
	library->asked = library->poked;
	library->poked = false;
	library->running = true;
	go_on = !library->cancelled;
	pthread_mutex_unlock(&library->lock);
	return go_on;
}

static void *run(void *context)
{
	struct library_thread *library = context;

	do {
		scan(library);
		pthread_mutex_lock(&library->lock);
		library->running = false;
		library->root[0] = '\0';
		pthread_mutex_unlock(&library->lock);
		events_publish(library->server->events, "scan", progress_json(library));
	} while (rest(library));
	return NULL;
}

struct library_thread *library_thread_new(struct server *server, int64_t every_ms, unsigned workers)
{
	struct library_thread *library = calloc(1, sizeof(*library));
	pthread_condattr_t attr;

	if (!library)
		abort();
	library->server = server;
	library->every_ms = every_ms ? every_ms : HOUR_MS;
	library->workers = workers;
	library->running = true;
	pthread_mutex_init(&library->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&library->poke, &attr);
	pthread_condattr_destroy(&attr);
	return library;
}

void library_thread_start(struct library_thread *library)
{
	if (pthread_create(&library->thread, NULL, run, library) != 0)
		abort();
	pthread_setname_np(library->thread, "library");
	library->started = true;
}

void library_thread_stop(struct library_thread *library)
{
	if (!library)
		return;
	pthread_mutex_lock(&library->lock);
	library->cancelled = true;
	pthread_cond_signal(&library->poke);
	pthread_mutex_unlock(&library->lock);
	if (library->started)
		pthread_join(library->thread, NULL);
	library->started = false;
}

void library_thread_free(struct library_thread *library)
{
	if (!library)
		return;
	pthread_cond_destroy(&library->poke);
	pthread_mutex_destroy(&library->lock);
	free(library);
}

void library_thread_poke(struct library_thread *library)
{
	pthread_mutex_lock(&library->lock);
	library->poked = true;
	pthread_cond_signal(&library->poke);
	pthread_mutex_unlock(&library->lock);
}

bool library_thread_rested(struct library_thread *library)
{
	bool rested;

	pthread_mutex_lock(&library->lock);
	rested = !library->running && !library->poked;
	pthread_mutex_unlock(&library->lock);
	return rested;
}
