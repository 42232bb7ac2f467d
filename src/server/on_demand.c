/* on_demand.c - see on_demand.h. One thread looks once a second, or at once when it is poked. */
#include "server/on_demand.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/waker.h"
#include "server/events.h"
#include "server/parts.h"
#include "server/segment_memory.h"
#include "server/segment_source.h"
#include "station/on_air.h"
#include "store/as_run.h"

#define WATCHED_NS (30 * CLOCK_SECOND) /* since the last request */
#define VIEWER_NS (15 * CLOCK_SECOND)  /* a player asks every few seconds */
#define AHEAD_NS (30 * CLOCK_SECOND)
#define BEHIND_NS (90 * CLOCK_SECOND) /* a late viewer's wishes reach back so far */
#define ROW_NS (60 * CLOCK_SECOND)
#define CLIENTS_MAX 4096
#define SHELVES 4096 /* watches by channel: a request finds its own at once */
#define NOTHING_MISSED INT64_MAX

struct client {
	uint64_t hash;
	int64_t seen_ns;
};

struct watch {
	struct watch *next, *below; /* of all; of the same shelf */
	int64_t channel_id;
	int64_t asked_ns, row_ns; /* boot clock; row_ns 0: the thread has not seen it yet */
	int64_t past_ns;	  /* when a viewer of the past last asked */
	int64_t past_row_ns;	  /* when it was last written that one watches, while nobody watches live; 0: never */
	bool cold, write_row;	  /* in the thread's copy */
	bool past_only;		  /* likewise */
	int64_t missed_seq;	  /* lowest since the last look */
	int64_t late, late_seq;	  /* segments since the last look; the highest ever */
	int64_t noted_seq;	  /* the thread's: first number of the row it has written to as_run */
	struct watch *origin;	  /* in the thread's copy */
	struct client *clients;
	size_t count, size;
};

struct on_demand {
	struct server *server;
	pthread_mutex_t lock; /* for what follows */
	struct watch *watches, *shelves[SHELVES];
	int viewers_told;
	struct waker waker;
};

/* ---- asked by the HTTP threads ---- */

static void note_client(struct watch *watch, uint64_t hash, int64_t now)
{
	size_t i;

	for (i = 0; i < watch->count; i++)
		if (watch->clients[i].hash == hash || now - watch->clients[i].seen_ns > VIEWER_NS)
			break;
	if (i == watch->count) {
		if (watch->count == CLIENTS_MAX)
			return;
		if (watch->count == watch->size) {
			watch->size = watch->size ? watch->size * 2 : 4;
			watch->clients = realloc(watch->clients, watch->size * sizeof(*watch->clients));
			if (!watch->clients)
				abort();
		}
		watch->count++;
	} else if (watch->clients[i].hash != hash) {
		/* A place of one who left; the same client may have another place behind it. */
		for (size_t j = i + 1; j < watch->count; j++)
			if (watch->clients[j].hash == hash)
				i = j;
	}
	watch->clients[i] = (struct client) { hash, now };
}

/* Where a channel's watch hangs, or would. */
static struct watch **place_of(struct on_demand *on_demand, int64_t channel_id)
{
	struct watch **place = &on_demand->shelves[(uint64_t)channel_id % SHELVES];

	while (*place && (*place)->channel_id != channel_id)
		place = &(*place)->below;
	return place;
}

static struct watch *watch_of(struct on_demand *on_demand, int64_t channel_id)
{
	struct watch **place = place_of(on_demand, channel_id), *watch = *place;

	if (watch)
		return watch;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		abort();
	watch->channel_id = channel_id;
	watch->missed_seq = NOTHING_MISSED;
	watch->next = on_demand->watches;
	on_demand->watches = watch;
	*place = watch;
	return watch;
}

void on_demand_past(struct on_demand *on_demand, const struct channel *channel, uint64_t client)
{
	int64_t now = clock_boot_ns();
	struct watch *watch;
	bool at_once;

	pthread_mutex_lock(&on_demand->lock);
	watch = watch_of(on_demand, channel->id);
	at_once = !watch->past_row_ns;
	watch->past_ns = now;
	note_client(watch, client, now);
	pthread_mutex_unlock(&on_demand->lock);
	if (at_once)
		waker_poke(&on_demand->waker);
}

void on_demand_asked(struct on_demand *on_demand, const struct channel *channel, uint64_t client, int64_t seq,
		     bool missed)
{
	int64_t now = clock_boot_ns();
	struct watch *watch;
	bool at_once;

	pthread_mutex_lock(&on_demand->lock);
	watch = watch_of(on_demand, channel->id);
	at_once = now - watch->asked_ns > WATCHED_NS || !watch->asked_ns || missed;
	if (missed && seq >= 0 && seq < watch->missed_seq)
		watch->missed_seq = seq;
	watch->asked_ns = now;
	note_client(watch, client, now);
	pthread_mutex_unlock(&on_demand->lock);
	if (at_once)
		waker_poke(&on_demand->waker);
}

void on_demand_late(struct on_demand *on_demand, int64_t channel_id, int64_t seq)
{
	struct watch *watch;

	pthread_mutex_lock(&on_demand->lock);
	watch = watch_of(on_demand, channel_id);
	if (seq > watch->late_seq) { /* once, however many get it */
		watch->late_seq = seq;
		watch->late++;
	}
	pthread_mutex_unlock(&on_demand->lock);
}

bool on_demand_was_late(struct on_demand *on_demand, int64_t channel_id, int64_t seq)
{
	bool late = false;

	pthread_mutex_lock(&on_demand->lock);
	for (struct watch *watch = on_demand->watches; watch; watch = watch->next)
		late |= watch->channel_id == channel_id && watch->late_seq < seq && seq - watch->late_seq <= 2;
	pthread_mutex_unlock(&on_demand->lock);
	return late;
}

static int viewers_of(const struct watch *watch, int64_t now)
{
	int viewers = 0;

	for (size_t i = 0; i < watch->count; i++)
		viewers += now - watch->clients[i].seen_ns <= VIEWER_NS;
	return viewers;
}

int on_demand_viewers(struct on_demand *on_demand, int64_t channel_id)
{
	const struct watch *one;
	int64_t now = clock_boot_ns();
	int viewers = 0;

	pthread_mutex_lock(&on_demand->lock);
	one = channel_id ? *place_of(on_demand, channel_id) : NULL;
	if (one)
		viewers = viewers_of(one, now);
	for (struct watch *watch = channel_id ? NULL : on_demand->watches; watch; watch = watch->next)
		viewers += viewers_of(watch, now);
	pthread_mutex_unlock(&on_demand->lock);
	return viewers;
}

int on_demand_channels(struct on_demand *on_demand)
{
	int64_t now = clock_boot_ns();
	int channels = 0;

	pthread_mutex_lock(&on_demand->lock);
	for (struct watch *watch = on_demand->watches; watch; watch = watch->next)
		channels += watch->asked_ns && now - watch->asked_ns <= WATCHED_NS;
	pthread_mutex_unlock(&on_demand->lock);
	return channels;
}

/* ---- the thread ---- */

/* Neighbours in the same clip are one wish. What stands over a clip's segments is none: behind it the clip is wished for
 * from where it goes on. */
void on_demand_want(struct server *server, const struct on_air_segments *list, enum producer_rank rank, int64_t in_ns)
{
	int64_t due_ms = (clock_boot_ns() + in_ns) / CLOCK_MS;
	size_t i = 0;

	while (i < list->count) {
		const struct on_air_segment *first = &list->segments[i];
		int64_t k = first->k;

		do {
			k++;
			i++;
		} while (!first->slate && i < list->count && list->segments[i].k == k && !list->segments[i].slate &&
			 strcmp(list->segments[i].clip.key, first->clip.key) == 0);
		if (!first->slate)
			producer_want_by(server->producer, &first->clip, first->k, k, rank,
					 due_ms + (first->start_flicks - list->segments[0].start_flicks) /
							  (PLAN_FLICKS / 1000));
		else if (first->card) {
			struct profile profile = profile_stand_in(&first->clip.profile);

			producer_card_want(server->producer, &profile, first->card);
		}
	}
}

/* What stands in for a segment that is late must be there before it is needed. */
static void want_slate(struct server *server, const struct channel *channel)
{
	struct profile profile;

	if (channel->fps_num &&
	    profile_get(channel->profile, channel->fps_num, channel->fps_den, &profile, NULL) >= 0)
		producer_card_want(server->producer, &profile, NULL);
	if (on_air_copies(channel) && profile_get(channel->profile, PROFILE_COPY_RATE, 1, &profile, NULL) >= 0) {
		profile = profile_stand_in(&profile);
		producer_card_want(server->producer, &profile, NULL);
	}
}

static void keep_ready(struct server *server, struct db *db, const struct channel *channel,
		       int64_t missed_seq, bool cold, struct arena *arena)
{
	int64_t now = station_now_ns(server->time), edge, from_ns = now;
	struct on_air_segment segment;
	struct on_air_segments list;

	if (on_air_edge(db, channel, now, arena, &edge, NULL) < 0)
		return;
	if (cold && missed_seq == NOTHING_MISSED)
		return; /* the first segment that is asked for tells where to begin; a guess would only take its time */
	if (missed_seq > edge)
		missed_seq = edge;
	if (on_air_segment(db, channel, missed_seq, arena, &segment, NULL) >= 0)
		from_ns = segment_station_ns(channel, segment.start_flicks);
	if (now - from_ns > BEHIND_NS)
		from_ns = now - BEHIND_NS;
	if (on_air_window(db, channel, from_ns, now + AHEAD_NS, arena, &list, NULL) >= 0 && list.count)
		on_demand_want(server, &list, PRODUCER_EDGE, /* when it has been on the air it is listed */
			       segment_station_ns(channel, list.segments[0].start_flicks +
								   list.segments[0].duration_flicks) -
				       now);
}

/* Once a row of the log, and whenever something was late. */
static void note_row(struct server *server, struct db *db, const struct channel *channel, const struct watch *watch,
		     struct arena *arena)
{
	struct db *writer = store_writer(server->store);
	struct timeline_row row, late = { 0 };
	struct err err = { 0 };
	int64_t edge;
	int rc = 0;

	if (on_air_edge(db, channel, station_now_ns(server->time), arena, &edge, NULL) < 0 ||
	    timeline_by_seq(db, channel->id, edge, arena, &row, NULL) < 0)
		return;
	if (watch->late && timeline_by_seq(db, channel->id, watch->late_seq, arena, &late, NULL) < 0)
		late = row;
	if (row.first_seq == watch->noted_seq && !watch->late)
		return;
	db_lock(writer);
	if (row.first_seq != watch->noted_seq)
		rc = as_run_watched(writer, channel->id, row.first_seq, clock_wall_ms(), &err);
	if (rc == 0 && watch->late)
		rc = as_run_late(writer, channel->id, late.first_seq, watch->late, clock_wall_ms(), &err);
	db_unlock(writer);
	if (rc < 0)
		log_warning("server", "channel %d: keep what was sent: %s", channel->number, err.text);
	watch->origin->noted_seq = row.first_seq;
}

static void look_after(struct on_demand *on_demand, const struct watch *watch)
{
	struct server *server = on_demand->server;
	struct db *db = store_reader(server->store, NULL);
	struct arena arena = { 0 };
	struct channel channel;

	if (db && channels_get(db, watch->channel_id, &arena, &channel, NULL) >= 0 && channel.enabled) {
		if (!watch->past_only) {
			want_slate(server, &channel);
			keep_ready(server, db, &channel, watch->missed_seq, watch->cold, &arena);
			note_row(server, db, &channel, watch, &arena);
		}
		if (watch->write_row) {
			struct err err = { 0 };
			struct db *writer = store_writer(server->store);

			db_lock(writer);
			if (channels_watched(writer, channel.id, clock_wall_ms(), &err) < 0)
				log_warning("server", "channel %d: %s", channel.number, err.text);
			db_unlock(writer);
		}
	}
	arena_free(&arena);
}

static struct watch *copy_of(struct watch *watch, struct watch *next)
{
	struct watch *copy = malloc(sizeof(*copy));

	if (!copy)
		abort();
	*copy = *watch;
	copy->next = next;
	copy->origin = watch; /* only this thread frees it */
	return copy;
}

/* Copies what is to be done out of the lock; forgets channels that nobody watches any more. */
static struct watch *take_work(struct on_demand *on_demand, int64_t now)
{
	struct watch *work = NULL, **slot = &on_demand->watches, *watch;

	while ((watch = *slot)) {
		struct watch *copy;

		if (now - watch->asked_ns > WATCHED_NS || !watch->asked_ns) {
			if (now - watch->past_ns <= WATCHED_NS && watch->past_ns) {
				if (!watch->past_row_ns || now - watch->past_row_ns > ROW_NS) {
					work = copy_of(watch, work);
					work->past_only = work->write_row = true;
					watch->past_row_ns = now;
				}
				slot = &watch->next;
				continue;
			}
			*slot = watch->next;
			*place_of(on_demand, watch->channel_id) = watch->below;
			free(watch->clients);
			free(watch);
			continue;
		}
		work = copy = copy_of(watch, work);
		watch->late = 0;
		copy->cold = !watch->row_ns;
		copy->write_row = copy->cold || now - watch->row_ns > ROW_NS;
		if (copy->write_row)
			watch->row_ns = now;
		watch->missed_seq = NOTHING_MISSED;
		slot = &watch->next;
	}
	return work;
}

/* A second; until somebody watches when nobody does. False at the end. */
static bool rest(struct on_demand *on_demand)
{
	bool watched;

	pthread_mutex_lock(&on_demand->lock);
	watched = on_demand->watches != NULL;
	pthread_mutex_unlock(&on_demand->lock);
	return waker_rest(&on_demand->waker, watched ? CLOCK_SECOND : -1);
}

static void tell_viewers(struct on_demand *on_demand)
{
	int viewers = on_demand_viewers(on_demand, 0);

	if (viewers == on_demand->viewers_told)
		return;
	on_demand->viewers_told = viewers;
	events_publish(on_demand->server->events, "status", json_pack("{s:i}", "viewers", viewers));
}

static void *run(void *context)
{
	struct on_demand *on_demand = context;

	while (rest(on_demand)) {
		struct watch *work, *next;

		pthread_mutex_lock(&on_demand->lock);
		work = take_work(on_demand, clock_boot_ns());
		pthread_mutex_unlock(&on_demand->lock);
		for (; work; work = next) {
			next = work->next;
			if (!waker_ends(&on_demand->waker))
				look_after(on_demand, work);
			free(work);
		}
		segment_memory_tidy(on_demand->server->memory);
		tell_viewers(on_demand);
	}
	return NULL;
}

struct on_demand *on_demand_start(struct server *server)
{
	struct on_demand *on_demand = calloc(1, sizeof(*on_demand));

	if (!on_demand)
		abort();
	on_demand->server = server;
	pthread_mutex_init(&on_demand->lock, NULL);
	waker_init(&on_demand->waker);
	waker_start(&on_demand->waker, "on demand", run, on_demand);
	return on_demand;
}

void on_demand_stop(struct on_demand *on_demand)
{
	struct watch *watch, *next;

	if (!on_demand)
		return;
	waker_stop(&on_demand->waker);
	waker_free(&on_demand->waker);
	for (watch = on_demand->watches; watch; watch = next) {
		next = watch->next;
		free(watch->clients);
		free(watch);
	}
	pthread_mutex_destroy(&on_demand->lock);
	free(on_demand);
}
