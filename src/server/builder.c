/* builder.c - see builder.h. The thread, and what it does by the clock; which channel is built on next is building.c. */
#include "server/builder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/waker.h"
#include "base/memory.h"
#include "server/building.h"
#include "server/events.h"
#include "server/faults.h"
#include "server/library_pace.h"
#include "server/parts.h"
#include "server/preparer.h"
#include "server/room.h"
#include "station/alert.h"
#include "station/past.h"
#include "station/slow.h"
#include "store/channels.h"
#include "store/house_events.h"
#include "store/timeline.h"

#define TICK_NS (5 * CLOCK_SECOND)
#define PREPARE_NS (30 * CLOCK_SECOND)
#define PREPARE_SOON_NS (5 * CLOCK_SECOND)
#define PREPARED_NS (120 * CLOCK_SECOND) /* when nothing was missing */
#define SLOW_NS (60 * CLOCK_SECOND) /* shorter than what slow_exchange() looks at beyond the lock; after a start at once */
#define TIDY_NS (60 * CLOCK_SECOND)
#define PAST_NS (300 * CLOCK_SECOND) /* between two looks at what is too old */
#define PAST_LATE_NS (1800 * CLOCK_SECOND) /* after it was due it no longer waits for building */
#define PAST_BATCH_NS (10 * CLOCK_MS)	     /* of channels in one transaction */
#define PATIENT_NS (250 * CLOCK_MS)	     /* after an edit, what is not urgent waits: another edit may come */
#define CHANGED_MAX 65536		     /* edits that wait; past it, all channels are built again */

struct builder {
	struct server *server;
	struct waker waker;
	pthread_mutex_t lock; /* for what follows */
	bool all, woken;
	struct library_pace library;
	int64_t *changed;
	size_t changed_count, changed_size;
	int64_t changed_ns;	   /* boot clock: the last one */
	_Atomic size_t due;	   /* channels that wait for a turn */
	struct building *building; /* the thread's own, as what follows */
	struct faults_cache cache_faults;
	int64_t tick_ns, prepare_ns, slow_ns, tidy_ns, past_ns; /* boot clock: when it is due */
};

/* ---- the clock, the store, the cache ---- */

static void trim_cache(struct server *server)
{
	struct room room = { .reader = store_reader(server->store, NULL), .time = server->time, .cache = server->cache,
			     .past = server->past_watch };

	if (!room.reader)
		return;
	room_open(&room);
	clip_cache_trim(server->cache, room_need_ms, &room);
	room_close(&room);
}

static void note_jump(struct builder *builder, int64_t by_ns)
{
	int64_t now_ns = station_now_ns(builder->server->time);
	char by[32], reason[120];
	struct house_event event = { "clock", now_ns, now_ns, clock_wall_ms(), reason };
	struct err err = { 0 };

	snprintf(reason, sizeof(reason), "the clock of this machine has jumped %s by %s", by_ns < 0 ? "back" : "ahead",
		 clock_format_duration(by, sizeof(by), llabs(by_ns) / CLOCK_MS));
	log_warning("station", "%s; what lies ahead is built again", reason);
	if (house_events_add(store_writer(builder->server->store), &event, &err) < 0)
		log_error("station", "note that %s: %s", reason, err.text);
}

/* A machine without a battery has been told the time: now it is known how long the house was down. */
static void tell_downtime(struct server *server)
{
	struct err err = { 0 };

	if (downtime_clock_set(store_writer(server->store), server->time, &server->downtime, &err))
		log_warning("station", "%s", server->downtime.reason);
	if (err.code)
		log_error("station", "note how long the house was down: %s", err.text);
}

static void keep_time(struct builder *builder, int64_t now)
{
	const struct station_time *time = builder->server->time;
	struct err err = { 0 };
	int64_t before_ns;
	int rc;

	if (now < builder->tick_ns)
		return;
	builder->tick_ns = now + TICK_NS;
	before_ns = station_to_wall_ms(time, station_now_ns(time)) * CLOCK_MS - station_now_ns(time);
	rc = station_time_tick(builder->server->time, store_writer(builder->server->store), &err);
	if (rc < 0)
		log_error("station", "keep the clock: %s", err.text);
	if (rc > 0) {
		note_jump(builder, station_to_wall_ms(time, station_now_ns(time)) * CLOCK_MS - station_now_ns(time) - before_ns);
		tell_downtime(builder->server);
		builder_changed(builder, 0);
	}
	faults_look_at_cache(builder->server, &builder->cache_faults);
}

static bool is_there(void *context, const char *key, int64_t k)
{
	return clip_cache_has(((struct server *)context)->cache, key, k);
}

static void say_slow(void *context, int64_t channel_id, const char *sentence)
{
	struct server *server = context;

	log_warning("station", "%s", sentence);
	events_publish(server->events, "channel", json_pack("{s:I}", "id", (json_int_t)channel_id));
}

static void replace_slow(struct server *server)
{
	struct db *reader = store_reader(server->store, NULL);
	struct err err = { 0 };

	if (reader && slow_exchange(store_writer(server->store), reader, server->time, is_there, say_slow, server, &err) < 0)
		log_error("station", "%s", err.text);
	err_clear(&err);
	if (reader && slow_look(store_writer(server->store), reader, server->time, is_there, server, &err) < 0)
		log_error("station", "%s", err.text);
}

static void tidy(struct builder *builder, int64_t now)
{
	struct server *server = builder->server;
	struct err err = { 0 };

	if (now >= builder->prepare_ns) {
		struct db *reader = store_reader(server->store, &err);
		int more = -1;

		if (reader)
			more = preparer_tick(reader, server->time, server->producer, server->cache, server->past_watch,
					     &err);
		if (more < 0)
			log_warning("station", "prepare ahead: %s", err.text);
		builder->prepare_ns = now + (more > 0 ? PREPARE_NS : PREPARED_NS);
	}
	if (now >= builder->slow_ns) {
		builder->slow_ns = now + SLOW_NS;
		replace_slow(server);
	}
	if (now >= builder->tidy_ns) {
		builder->tidy_ns = now + TIDY_NS;
		db_checkpoint(store_writer(server->store));
		trim_cache(server);
		memory_settle();
	}
}

/* Some channels in one transaction; the first after them. */
static size_t collapse_some(struct builder *builder, const struct channel_list *list, size_t i, struct err *err)
{
	struct server *server = builder->server;
	struct db *writer = store_writer(server->store);
	int64_t end_ns;
	int rc = 0;

	db_give_way(writer);
	if (db_begin(writer, err) < 0)
		return SIZE_MAX;
	end_ns = clock_boot_ns() + PAST_BATCH_NS;
	while (rc >= 0 && i < list->count && clock_boot_ns() < end_ns) {
		rc = past_collapse(writer, server->time, &list->channels[i], server->catchup_ns, err);
		i += rc == 0; /* there is more of it */
	}
	if (rc >= 0)
		rc = db_commit(writer, err) < 0 ? -1 : 0;
	else
		db_rollback(writer);
	return rc < 0 ? SIZE_MAX : i;
}

/* What ended longer ago than is kept. */
static void collapse_past(struct builder *builder, int64_t now)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct server *server = builder->server;
	struct db *writer = store_writer(server->store), *db = store_reader(server->store, NULL);
	struct channel_list list;
	struct err err = { 0 };
	size_t i = 0;

	if (now < builder->past_ns || !db || channels_list(db, &arena, &list, &err) < 0)
		return;
	builder->past_ns = now + PAST_NS;
	while (i < list.count && !waker_ends(&builder->waker)) {
		keep_time(builder, clock_boot_ns());
		i = collapse_some(builder, &list, i, &err);
	}
	if (i == SIZE_MAX || past_trim(writer, server->time, &err) < 0)
		log_error("station", "%s", err.text);
}

/* ---- the thread ---- */

static void do_changed(struct builder *builder)
{
	CLEANUP(cleanup_free) int64_t *changed = NULL;
	bool all, woken, library;
	size_t count;

	pthread_mutex_lock(&builder->lock);
	all = builder->all;
	woken = builder->woken;
	builder->woken = false;
	count = builder->changed_count;
	changed = builder->changed;
	if (atomic_exchange(&builder->server->files_changed, false))
		library_pace_note(&builder->library);
	library = library_pace_take(&builder->library, clock_boot_ns());
	builder->all = false;
	builder->changed = NULL;
	builder->changed_count = builder->changed_size = 0;
	pthread_mutex_unlock(&builder->lock);
	if (woken)
		building_wake(builder->building);
	for (size_t i = 0; i < count; i++)
		building_changed(builder->building, changed[i]);
	if (all)
		building_changed(builder->building, 0);
	if (library) {
		faults_look_again(builder->server);
		building_library_changed(builder->building);
	}
}

/* Until there is something to build, or to do by the clock, or to hear of. */
static void rest(struct builder *builder, int64_t due_ns)
{
	int64_t until_ns = due_ns < builder->tick_ns ? due_ns : builder->tick_ns, library_ns, wait_ns;

	pthread_mutex_lock(&builder->lock);
	library_ns = library_pace_due(&builder->library);
	pthread_mutex_unlock(&builder->lock);
	wait_ns = (until_ns < library_ns ? until_ns : library_ns) - clock_boot_ns();
	waker_rest(&builder->waker, wait_ns > 0 ? wait_ns : 0);
}

static bool edited_just_now(struct builder *builder)
{
	bool yes;

	pthread_mutex_lock(&builder->lock);
	yes = builder->changed_ns && clock_boot_ns() - builder->changed_ns < PATIENT_NS;
	pthread_mutex_unlock(&builder->lock);
	return yes;
}

static void note_looked(struct builder *builder)
{
	builder->due = building_due(builder->building);
	if (building_unlooked(builder->building))
		return;
	pthread_mutex_lock(&builder->lock);
	library_pace_done(&builder->library, clock_boot_ns());
	pthread_mutex_unlock(&builder->lock);
}

static void *run(void *context)
{
	struct builder *builder = context;
	int64_t due_ns = 0, now;
	bool working = true; /* some channel is built on */
	struct err err = { 0 };

	if (alert_apply(store_writer(builder->server->store), builder->server->time, 0, &err) < 0)
		log_error("station", "%s", err.text); /* what a crash may have left half done */
	while (!waker_ends(&builder->waker)) {
		keep_time(builder, clock_boot_ns());
		do_changed(builder);
		now = clock_boot_ns();
		due_ns = building_turn(builder->building, edited_just_now(builder));
		note_looked(builder);
		working = due_ns < now + CLOCK_SECOND;
		if (!working)
			building_rest(builder->building);
		tidy(builder, clock_boot_ns());
		if (!working || clock_boot_ns() - builder->past_ns > PAST_LATE_NS) /* what is to air comes first */
			collapse_past(builder, clock_boot_ns());
		rest(builder, due_ns);
	}
	return NULL;
}

struct builder *builder_start(struct server *server)
{
	struct builder *builder = calloc(1, sizeof(*builder));

	if (!builder)
		abort();
	builder->server = server;
	builder->building = building_new(server);
	builder->tidy_ns = clock_boot_ns() + TIDY_NS;
	builder->past_ns = clock_boot_ns();
	pthread_mutex_init(&builder->lock, NULL);
	waker_init(&builder->waker);
	waker_start(&builder->waker, "builder", run, builder);
	return builder;
}

void builder_stop(struct builder *builder)
{
	if (!builder)
		return;
	waker_stop(&builder->waker);
	waker_free(&builder->waker);
	pthread_mutex_destroy(&builder->lock);
	building_free(builder->building);
	free(builder->changed);
	free(builder);
}

void builder_changed(struct builder *builder, int64_t channel_id)
{
	pthread_mutex_lock(&builder->lock);
	if (!channel_id || builder->changed_count == CHANGED_MAX)
		builder->all = true;
	else if (builder->changed_count == 0 || builder->changed[builder->changed_count - 1] != channel_id) {
		if (builder->changed_count == builder->changed_size) {
			builder->changed_size = builder->changed_size ? builder->changed_size * 2 : 16;
			builder->changed = realloc(builder->changed, builder->changed_size * sizeof(*builder->changed));
			if (!builder->changed)
				abort();
		}
		builder->changed[builder->changed_count++] = channel_id;
	}
	builder->changed_ns = clock_boot_ns();
	pthread_mutex_unlock(&builder->lock);
	waker_poke(&builder->waker);
}

size_t builder_due(const struct builder *builder)
{
	return builder ? builder->due : 0;
}

void builder_library_changed(struct builder *builder)
{
	int64_t due_ns;
	bool sooner;

	pthread_mutex_lock(&builder->lock);
	due_ns = library_pace_due(&builder->library);
	library_pace_note(&builder->library);
	sooner = library_pace_due(&builder->library) != due_ns;
	pthread_mutex_unlock(&builder->lock);
	if (sooner) /* a scan tells of every file */
		waker_poke(&builder->waker);
}

void builder_wake(struct builder *builder)
{
	if (!builder)
		return;
	pthread_mutex_lock(&builder->lock);
	builder->woken = true;
	pthread_mutex_unlock(&builder->lock);
	waker_poke(&builder->waker);
}
