/* builder.c - see builder.h. Channels are built in turns of a few airings, so that a thousand of them all
 * have their next hours before any has its third day. */
#include "server/builder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "server/events.h"
#include "server/hearing.h"
#include "server/library_thread.h"
#include "server/measurer.h"
#include "server/parts.h"
#include "server/preparer.h"
#include "server/segment_source.h"
#include "station/alert.h"
#include "station/past.h"
#include "station/slow.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/items.h"
#include "store/loudness.h"
#include "store/timeline.h"

#define AIRINGS_A_TURN 8 /* a turn is a transaction, on the disk before the next one begins */
#define AIRINGS_A_LONG_TURN 96
#define TICK_NS (5 * CLOCK_SECOND)
#define PREPARE_NS (30 * CLOCK_SECOND)
#define PREPARE_SOON_NS (5 * CLOCK_SECOND)
#define PREPARED_NS (120 * CLOCK_SECOND) /* when nothing was missing */
#define TIDY_NS (60 * CLOCK_SECOND)
#define PAST_NS (300 * CLOCK_SECOND) /* between two looks at what is too old */
#define PAST_TURNS 64		     /* transactions of a channel in one look */
#define REACH_NS (INT64_C(3600) * CLOCK_SECOND) /* a channel is extended once an hour */
#define SOON_NS (2 * REACH_NS)			/* a channel that has so much takes long turns */
#define CHANGED_MAX 64
#define HEAR_NS (6 * CLOCK_SECOND)	   /* a channel waits at most so long for how loud its first programmes are */
#define HEAR_MAX 8 /* channels that wait for it at a time */

/* What the thread remembers of a channel. */
struct site {
	int64_t channel_id, generation;
	int64_t due_ns; /* boot clock: when it is built on */
	int64_t hear_ns; /* boot clock: until when it waits for how loud files are; 0 it has not waited */
	bool hears;	 /* it does */
	bool seen;	/* in this round's list */
	bool failed;	/* said so already */
};

struct builder {
	struct server *server;
	pthread_mutex_t lock;
	pthread_cond_t poke;
	bool stopping, all, woken;
	size_t hearing; /* sites that wait; the thread's own */
	int64_t changed[CHANGED_MAX];
	size_t changed_count;
	struct site *sites; /* the thread's own */
	size_t site_count, site_size;
	int64_t tick_ns, prepare_ns, tidy_ns, past_ns; /* boot clock: when it is due */
	pthread_t thread;
};

static bool stopping(struct builder *builder)
{
	bool yes;

	pthread_mutex_lock(&builder->lock);
	yes = builder->stopping;
	pthread_mutex_unlock(&builder->lock);
	return yes;
}

static void tell(struct builder *builder, int64_t channel_id)
{
	events_publish(builder->server->events, "channel", json_pack("{s:I}", "id", (json_int_t)channel_id));
}

/* ---- the clock, the store, the cache ---- */

static int64_t next_need(void *context, const char *key)
{
	struct server *server = context;
	struct db *db = store_reader(server->store, NULL);
	int64_t need_ms = INT64_MAX, now_ns = station_now_ns(server->time);

	if (!db || clips_next_need_ms(db, key, now_ns, &need_ms, NULL) < 0)
		return INT64_MAX;
	return need_ms;
}

static void keep_time(struct builder *builder, int64_t now)
{
	struct err err = { 0 };
	int rc;

	if (now < builder->tick_ns)
		return;
	builder->tick_ns = now + TICK_NS;
	rc = station_time_tick(builder->server->time, store_writer(builder->server->store), &err);
	if (rc < 0)
		log_error("station", "keep the clock: %s", err.text);
	if (rc > 0) {
		log_warning("station",
			    "the clock of this machine has jumped; what lies ahead is built again");
		builder_changed(builder, 0);
	}
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
			more = preparer_tick(reader, server->time, server->producer, server->cache, &err);
		if (more < 0)
			log_warning("station", "prepare ahead: %s", err.text);
		builder->prepare_ns = now + (more > 0 ? PREPARE_NS : PREPARED_NS);
	}
	if (now >= builder->tidy_ns) {
		builder->tidy_ns = now + TIDY_NS;
		replace_slow(server);
		db_checkpoint(store_writer(server->store));
		clip_cache_trim(server->cache, next_need, server);
		memory_settle();
	}
}

/* What ended longer ago than is kept; a channel that has much of it goes on at the next look. */
static void collapse_past(struct builder *builder, int64_t now)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct server *server = builder->server;
	struct db *writer = store_writer(server->store), *db = store_reader(server->store, NULL);
	struct channel_list list;
	struct err err = { 0 };
	int more = 1;

	if (now < builder->past_ns || !db || channels_list(db, &arena, &list, &err) < 0)
		return;
	builder->past_ns = now + PAST_NS;
	for (size_t i = 0; i < list.count && more >= 0 && !stopping(builder); i++) {
		keep_time(builder, clock_boot_ns());
		more = 1;
		for (int turn = 0; turn < PAST_TURNS && more > 0 && !stopping(builder); turn++)
			more = past_collapse(writer, server->time, &list.channels[i], server->catchup_ns, &err);
	}
	if (more < 0 || past_trim(writer, server->time, &err) < 0)
		log_error("station", "%s", err.text);
}

/* ---- timelines ---- */

static struct site *site_of(struct builder *builder, const struct channel *channel)
{
	for (size_t i = 0; i < builder->site_count; i++) {
		if (builder->sites[i].channel_id != channel->id)
			continue;
		if (builder->sites[i].generation != channel->generation)
			builder->sites[i].due_ns = 0;
		builder->sites[i].generation = channel->generation;
		return &builder->sites[i];
	}
	if (builder->site_count == builder->site_size) {
		builder->site_size = builder->site_size ? builder->site_size * 2 : 16;
		builder->sites = realloc(builder->sites, builder->site_size * sizeof(*builder->sites));
		if (!builder->sites)
			abort();
	}
	builder->sites[builder->site_count] =
		(struct site) { .channel_id = channel->id, .generation = channel->generation };
	return &builder->sites[builder->site_count++];
}

static void forget_unseen(struct builder *builder)
{
	size_t kept = 0;

	for (size_t i = 0; i < builder->site_count; i++)
		if (builder->sites[i].seen)
			builder->sites[kept++] = builder->sites[i];
		else
			builder->hearing -= builder->sites[i].hears;
	builder->site_count = kept;
}

/* An empty library that is being read for the first time: slate now would stand for as long as the lock. */
static bool too_early(struct builder *builder, struct db *db)
{
	CLEANUP(json_cleanup) json_t *counts = NULL;

	if (!builder->server->library || library_thread_rested(builder->server->library))
		return false;
	counts = items_counts_json(db, NULL);
	return counts && json_int(counts, "items", 1) == 0;
}

/* How far the rows that there are reach from now; INT64_MIN when there are none. */
static int64_t reach(struct builder *builder, struct db *db, const struct channel *channel)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct timeline_row last;

	if (timeline_last(db, channel->id, &arena, &last, NULL) < 0)
		return INT64_MIN;
	return segment_station_ns(channel, timeline_row_end(&last)) - station_now_ns(builder->server->time);
}

/* Alerts that run go on over a log that is new. With 0 on all channels. */
static void apply_alerts(struct builder *builder, int64_t channel_id)
{
	struct server *server = builder->server;
	struct err err = { 0 };

	if (alert_apply(store_writer(server->store), server->time, channel_id, &err) < 0)
		log_error("station", "%s", err.text);
}

/* Rows that begin within the lock keep the gain they are built with: they wait a moment until it is known. A log that has
 * little left goes on at once. */
static bool hears_first(struct builder *builder, const struct channel *channel, struct site *site, int64_t ahead_ns)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct server *server = builder->server;
	struct loudness_wanted wanted;
	int64_t now = clock_boot_ns();
	struct err err = { 0 };
	int rc;

	if (!server->hearing || ahead_ns >= TIMELINE_LOCK_NS || (ahead_ns > -HEAR_NS && ahead_ns < 10 * HEAR_NS) ||
	    (site->hear_ns && now >= site->hear_ns) || builder->hearing >= HEAR_MAX)
		return false;
	rc = timeline_unheard(store_writer(server->store), server->time, channel->id, &arena, &wanted, &err);
	if (rc < 0 || !hearing_want(server->hearing, &wanted))
		return false;
	site->hear_ns = site->hear_ns ? site->hear_ns : now + HEAR_NS;
	site->due_ns = site->hear_ns; /* or when the builder is woken */
	return true;
}

/* One turn of one channel; true when it wants another soon. */
static bool build_one(struct builder *builder, struct db *db, const struct channel *channel,
		      struct site *site)
{
	struct server *server = builder->server;
	int64_t now = clock_boot_ns();
	struct err err = { 0 };
	int64_t ahead_ns = reach(builder, db, channel);
	bool was_empty = ahead_ns == INT64_MIN;
	int rc;

	if (ahead_ns >= TIMELINE_AHEAD_NS - REACH_NS) {
		site->due_ns = now + REACH_NS / 4;
		return false;
	}
	if (was_empty && too_early(builder, db))
		return false;
	builder->hearing -= site->hears;
	site->hears = hears_first(builder, channel, site, ahead_ns);
	builder->hearing += site->hears;
	if (site->hears)
		return false;
	rc = timeline_build(store_writer(server->store), server->time, channel->id,
			    station_now_ns(server->time) + TIMELINE_AHEAD_NS,
			    ahead_ns >= SOON_NS ? AIRINGS_A_LONG_TURN : AIRINGS_A_TURN, &err);
	if (rc < 0) {
		if (!site->failed)
			log_error("station", "%s", err.text);
		site->failed = true;
		site->due_ns = now + 60 * CLOCK_SECOND;
		return false;
	}
	site->failed = false;
	apply_alerts(builder, channel->id);
	if (was_empty || rc == 0) {
		tell(builder, channel->id);
		measurer_poke(server->measurer);
		if (builder->prepare_ns > now + PREPARE_SOON_NS)
			builder->prepare_ns = now + PREPARE_SOON_NS; /* there is more to look at */
	}
	if (rc == 0)
		site->due_ns = now + REACH_NS / 4;
	return rc > 0;
}

/* A turn for each channel that is due; true when some want another. */
static bool build_all(struct builder *builder)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct db *db = store_reader(builder->server->store, &err);
	struct channel_list list;
	bool more = false;

	if (!db || channels_list(db, &arena, &list, &err) < 0) {
		log_error("station", "%s", err.text);
		return false;
	}
	for (size_t i = 0; i < builder->site_count; i++)
		builder->sites[i].seen = false;
	for (size_t i = 0; i < list.count && !stopping(builder); i++) {
		struct site *site = site_of(builder, &list.channels[i]);

		site->seen = true;
		keep_time(builder, clock_boot_ns());
		if (list.channels[i].enabled && clock_boot_ns() >= site->due_ns)
			more = build_one(builder, db, &list.channels[i], site) || more;
	}
	if (!stopping(builder))
		forget_unseen(builder);
	return more;
}

static bool has_rows(struct builder *builder, int64_t channel_id)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(builder->server->store, NULL);
	struct timeline_row last;

	return db && timeline_last(db, channel_id, &arena, &last, NULL) >= 0;
}

/* What has no rows yet is left to build_all(): it takes turns, and knows when it is too early. */
static void rebuild(struct builder *builder, int64_t channel_id)
{
	struct server *server = builder->server;
	struct err err = { 0 };

	if (has_rows(builder, channel_id) &&
	    timeline_rebuild(store_writer(server->store), server->time, channel_id, &err) < 0 &&
	    err.code != ERR_NOT_FOUND)
		log_error("station", "%s", err.text);
	apply_alerts(builder, channel_id);
	for (size_t i = 0; i < builder->site_count; i++)
		if (builder->sites[i].channel_id == channel_id)
			builder->sites[i].due_ns = 0;
	tell(builder, channel_id);
}

static void rebuild_all(struct builder *builder)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(builder->server->store, NULL);
	struct channel_list list;

	if (!db || channels_list(db, &arena, &list, NULL) < 0)
		return;
	for (size_t i = 0; i < list.count && !stopping(builder); i++) {
		keep_time(builder, clock_boot_ns());
		if (list.channels[i].enabled)
			rebuild(builder, list.channels[i].id);
	}
}

/* ---- the thread ---- */

static void do_changed(struct builder *builder)
{
	int64_t changed[CHANGED_MAX];
	size_t count;
	bool all, woken;

	pthread_mutex_lock(&builder->lock);
	woken = builder->woken;
	builder->woken = false;
	all = atomic_exchange(&builder->server->files_changed, false) || builder->all;
	count = builder->changed_count;
	memcpy(changed, builder->changed, sizeof(changed));
	builder->all = false;
	builder->changed_count = 0;
	pthread_mutex_unlock(&builder->lock);
	for (size_t i = 0; woken && i < builder->site_count; i++)
		if (builder->sites[i].hears)
			builder->sites[i].due_ns = 0;
	if (all)
		rebuild_all(builder);
	for (size_t i = 0; i < count && !stopping(builder); i++)
		rebuild(builder, changed[i]);
}

static void rest(struct builder *builder, bool more)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += more ? 0 : builder->hearing ? 1 : 5;
	pthread_mutex_lock(&builder->lock);
	while (!builder->stopping && !builder->all && !builder->changed_count && !builder->woken && !more)
		if (pthread_cond_timedwait(&builder->poke, &builder->lock, &until) != 0)
			break;
	pthread_mutex_unlock(&builder->lock);
}

static void *run(void *context)
{
	struct builder *builder = context;
	bool more;

	apply_alerts(builder, 0); /* what a crash may have left half done */
	while (!stopping(builder)) {
		keep_time(builder, clock_boot_ns());
		do_changed(builder);
		more = build_all(builder);
		tidy(builder, clock_boot_ns());
		collapse_past(builder, clock_boot_ns());
		rest(builder, more);
	}
	return NULL;
}

struct builder *builder_start(struct server *server)
{
	struct builder *builder = calloc(1, sizeof(*builder));
	pthread_condattr_t attr;

	if (!builder)
		abort();
	builder->server = server;
	builder->tidy_ns = clock_boot_ns() + TIDY_NS;
	pthread_mutex_init(&builder->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&builder->poke, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&builder->thread, NULL, run, builder) != 0)
		abort();
	pthread_setname_np(builder->thread, "builder");
	return builder;
}

void builder_stop(struct builder *builder)
{
	if (!builder)
		return;
	pthread_mutex_lock(&builder->lock);
	builder->stopping = true;
	pthread_cond_signal(&builder->poke);
	pthread_mutex_unlock(&builder->lock);
	pthread_join(builder->thread, NULL);
	pthread_cond_destroy(&builder->poke);
	pthread_mutex_destroy(&builder->lock);
	free(builder->sites);
	free(builder);
}

void builder_changed(struct builder *builder, int64_t channel_id)
{
	size_t i = 0;

	pthread_mutex_lock(&builder->lock);
	while (i < builder->changed_count && builder->changed[i] != channel_id)
		i++;
	if (!channel_id || (i == builder->changed_count && i == CHANGED_MAX))
		builder->all = true;
	else if (i == builder->changed_count)
		builder->changed[builder->changed_count++] = channel_id;
	pthread_cond_signal(&builder->poke);
	pthread_mutex_unlock(&builder->lock);
}

void builder_wake(struct builder *builder)
{
	if (!builder)
		return;
	pthread_mutex_lock(&builder->lock);
	builder->woken = true;
	pthread_cond_signal(&builder->poke);
	pthread_mutex_unlock(&builder->lock);
}
