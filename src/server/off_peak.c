/* off_peak.c - see off_peak.h. */
#include "server/off_peak.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jobs/queue.h"
#include "library/media_work.h"
#include "library/window.h"
#include "server/parts.h"
#include "store/break_looks.h"
#include "store/file_hashes.h"

#define LOOK_MS 30000

struct off_peak {
	struct server *server;
	struct window full_hash, find_breaks;
	int64_t due_ms;
	int64_t hash_job, essence_job, breaks_job; /* that were asked for here; 0 none */
};

struct off_peak *off_peak_new(struct server *server, const char *full_hash, const char *find_breaks)
{
	struct off_peak *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	o->server = server;
	o->full_hash = o->find_breaks = (struct window){ -1, -1 };
	if (full_hash)
		window_parse(full_hash, &o->full_hash, NULL);
	if (find_breaks)
		window_parse(find_breaks, &o->find_breaks, NULL);
	return o;
}

void off_peak_free(struct off_peak *off_peak)
{
	free(off_peak);
}

int64_t off_peak_due_ms(const struct off_peak *off_peak)
{
	return off_peak->due_ms;
}

static bool has_unhashed(struct off_peak *o, enum file_hash hash)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(o->server->store, NULL);
	struct unhashed_list list = { 0 };

	return db && file_hashes_waiting(db, hash, 0, 0, 1, &arena, &list, NULL) == 0 && list.count;
}

static bool has_unlooked(struct off_peak *o)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(o->server->store, NULL);
	struct item_ids ids = { 0 };

	return db && break_looks_wanted(db, BREAKS_LONGER_MS, &arena, &ids, NULL) == 0 && ids.count;
}

/* True when the job is to be begun; one that runs past its part of the day is ended. */
static bool is_open(struct off_peak *o, const struct window *window, int64_t *job)
{
	bool open = window_open(window, clock_wall_ms());

	if (!open && *job)
		queue_cancel(o->server->queue, *job, NULL);
	*job = 0;
	return open;
}

static void look_at_hash(struct off_peak *o, enum file_hash hash, const char *what, int64_t *job)
{
	CLEANUP(json_cleanup) json_t *payload = NULL;

	if (!is_open(o, &o->full_hash, job) || !has_unhashed(o, hash))
		return;
	payload = json_pack("{s:s}", "what", what);
	queue_add(o->server->queue, "hash", payload, job, NULL);
}

static void look_at_breaks(struct off_peak *o)
{
	CLEANUP(json_cleanup) json_t *payload = NULL;

	if (!is_open(o, &o->find_breaks, &o->breaks_job) || !has_unlooked(o))
		return;
	payload = json_object();
	queue_add(o->server->queue, "breaks", payload, &o->breaks_job, NULL);
}

/* Hashes of all bytes first, then of pictures and sound: jobs of one lane. */
void off_peak_look(struct off_peak *off_peak)
{
	int64_t now_ms = clock_boot_ns() / CLOCK_MS;

	if (now_ms < off_peak->due_ms)
		return;
	off_peak->due_ms = now_ms + LOOK_MS;
	look_at_hash(off_peak, FILE_HASH_FULL, "full", &off_peak->hash_job);
	look_at_hash(off_peak, FILE_HASH_ESSENCE, "essence", &off_peak->essence_job);
	look_at_breaks(off_peak);
}
