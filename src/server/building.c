/* building.c - see building.h. A scan over all sites finds the next: some µs for a thousand channels, beside a turn of
 * some ms.
 *
 * Invariant: sites are sorted by channel, one for each that is on. */
#include "server/building.h"

#include <stdlib.h>
#include <string.h>

#include "base/by_id.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "server/events.h"
#include "server/hearing.h"
#include "server/library_thread.h"
#include "server/measurer.h"
#include "server/on_demand.h"
#include "server/parts.h"
#include "server/segment_source.h"
#include "station/alert.h"
#include "station/schedule_lists.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/items.h"
#include "store/loudness.h"
#include "store/timeline.h"

#define AIRINGS_A_TURN 8
#define AIRINGS_A_SECOND_TURN 128
#define AIRINGS_A_LONG_TURN 1500
#define REACH_NS (INT64_C(3600) * CLOCK_SECOND) /* a channel is extended once an hour */
#define SOON_NS (2 * REACH_NS)
#define AGAIN_NS (60 * CLOCK_SECOND) /* after an error */
#define EARLY_NS (1 * CLOCK_SECOND)
#define LISTED_NS (300 * CLOCK_SECOND) /* until the channels are listed anew, in case one was missed */
#define LISTS_NS (30 * CLOCK_SECOND)   /* old lists are read anew, whatever was said */
#define FIRST_NS (10 * CLOCK_SECOND)   /* after a channel's first rows: what is found out about its files comes before the rest */
#define HEAR_NS (6 * CLOCK_SECOND) /* a channel waits at most so long for how loud its first programmes are */
#define HEAR_MAX 8		   /* channels that wait for it at a time */
#define NEVER INT64_MAX

struct site {
	int64_t channel_id; /* first: by_id.h */
	int64_t generation;
	int64_t due_ns;	  /* boot clock: when it is looked at again */
	int64_t end_ns;	  /* boot clock: where its log ends; 0 unknown */
	int64_t ahead_ns; /* how far the log is to reach; 0 unknown */
	int64_t hear_ns;  /* boot clock: until when it waits for how loud files are; 0 it has not waited */
	uint64_t digest;  /* what the rows beyond the lock were built from; 0 unknown */
	bool cut;	  /* what lies beyond the lock is to be dropped */
	bool check;	  /* the lists may be others now */
	bool tell;	  /* the page does not know of the edit yet */
	bool failed;	  /* said so already */
	bool hears;	  /* it waits for how loud files are */
	bool seen;
};

struct building {
	struct server *server;
	struct schedule_lists *lists;
	int64_t lists_ns, listed_ns; /* boot clock: when they were begun; when the channels were listed, 0 not yet */
	struct site *sites;
	size_t count, size;
	size_t hearing;	  /* sites that wait */
	size_t due;	  /* sites, at the last look */
	size_t unlooked;  /* of those: cut or check */
	int64_t first_ns; /* boot clock: when a channel had its first rows; 0 none yet */
};

static void tell(struct building *b, int64_t channel_id)
{
	events_publish(b->server->events, "channel", json_pack("{s:I}", "id", (json_int_t)channel_id));
}

/* ---- sites ---- */

static size_t place_of(const struct building *b, int64_t channel_id)
{
	return by_id_place(b->sites, b->count, sizeof(*b->sites), channel_id);
}

static struct site *site_of(struct building *b, int64_t channel_id)
{
	size_t at = place_of(b, channel_id);

	if (at < b->count && b->sites[at].channel_id == channel_id)
		return &b->sites[at];
	if (b->count == b->size) {
		b->size = b->size ? b->size * 2 : 16;
		b->sites = realloc(b->sites, b->size * sizeof(*b->sites));
		if (!b->sites)
			abort();
	}
	memmove(&b->sites[at + 1], &b->sites[at], (b->count++ - at) * sizeof(*b->sites));
	b->sites[at] = (struct site) { .channel_id = channel_id };
	return &b->sites[at];
}

static void forget(struct building *b, int64_t channel_id)
{
	size_t at = place_of(b, channel_id);

	if (at == b->count || b->sites[at].channel_id != channel_id)
		return;
	b->hearing -= b->sites[at].hears;
	memmove(&b->sites[at], &b->sites[at + 1], (--b->count - at) * sizeof(*b->sites));
}

static void list_channels(struct building *b, int64_t now)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct err err = { 0 };
	struct db *db = store_reader(b->server->store, &err);
	struct channel_list list;
	size_t kept = 0;

	b->listed_ns = now;
	if (!db || channels_list(db, &arena, &list, &err) < 0) {
		log_error("station", "%s", err.text);
		return;
	}
	for (size_t i = 0; i < b->count; i++)
		b->sites[i].seen = false;
	for (size_t i = 0; i < list.count; i++)
		if (list.channels[i].enabled)
			site_of(b, list.channels[i].id)->seen = true;
	for (size_t i = 0; i < b->count; i++)
		if (b->sites[i].seen)
			b->sites[kept++] = b->sites[i];
		else
			b->hearing -= b->sites[i].hears;
	b->count = kept;
}

void building_changed(struct building *b, int64_t channel_id)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(b->server->store, NULL);
	struct channel channel;
	struct site *site;

	for (size_t i = 0; !channel_id && i < b->count; i++) {
		b->sites[i].cut = b->sites[i].tell = true;
		b->sites[i].due_ns = 0;
	}
	if (!channel_id) {
		b->listed_ns = 0;
		schedule_lists_drop(b->lists);
		return;
	}
	if (!db || channels_get(db, channel_id, &arena, &channel, NULL) < 0 || !channel.enabled) {
		forget(b, channel_id);
		tell(b, channel_id);
		return;
	}
	site = site_of(b, channel_id);
	site->cut = site->tell = true;
	site->due_ns = 0;
}

void building_library_changed(struct building *b)
{
	schedule_lists_drop(b->lists);
	for (size_t i = 0; i < b->count; i++) {
		b->sites[i].check = true;
		b->sites[i].due_ns = 0;
	}
}

void building_wake(struct building *b)
{
	for (size_t i = 0; b->hearing && i < b->count; i++)
		if (b->sites[i].hears)
			b->sites[i].due_ns = 0;
}

/* ---- one turn ---- */

/* An empty library that is being read for the first time: slate now would stand for as long as the lock. */
static bool too_early(struct building *b, struct db *db)
{
	CLEANUP(json_cleanup) json_t *counts = NULL;

	if (!b->server->library || library_thread_rested(b->server->library))
		return false;
	counts = items_counts_json(db, NULL);
	return counts && json_int(counts, "items", 1) == 0;
}

/* How far the rows that there are reach from now; INT64_MIN when there are none. */
static int64_t reach(struct building *b, struct db *db, const struct channel *channel)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct timeline_row last;

	if (timeline_last(db, channel->id, &arena, &last, NULL) < 0)
		return INT64_MIN;
	return segment_station_ns(channel, timeline_row_end(&last)) - station_now_ns(b->server->time);
}

/* Alerts that run go on over a log that is new. */
static void apply_alerts(struct building *b, int64_t channel_id)
{
	struct server *server = b->server;
	struct err err = { 0 };

	if (alert_apply(store_writer(server->store), server->time, channel_id, &err) < 0)
		log_error("station", "%s", err.text);
}

/* Rows that begin within the lock keep the gain they are built with: they wait a moment until it is known. A log that has
 * little left goes on at once. */
static bool hears_first(struct building *b, const struct channel *channel, struct site *site, int64_t ahead_ns)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct server *server = b->server;
	struct loudness_wanted wanted;
	int64_t now = clock_boot_ns();
	struct err err = { 0 };
	int rc;

	if (!server->hearing || ahead_ns >= TIMELINE_LOCK_NS || (ahead_ns > -HEAR_NS && ahead_ns < 10 * HEAR_NS) ||
	    (site->hear_ns && now >= site->hear_ns) || b->hearing >= HEAR_MAX)
		return false;
	rc = timeline_unheard(store_writer(server->store), server->time, b->lists, channel->id, &arena, &wanted, &err);
	if (rc < 0 || !hearing_want(server->hearing, &wanted))
		return false;
	site->hear_ns = site->hear_ns ? site->hear_ns : now + HEAR_NS;
	site->due_ns = site->hear_ns; /* or when the builder is woken */
	return true;
}

static void failed(struct site *site, const struct err *err)
{
	if (!site->failed)
		log_error("station", "%s", err->text);
	site->failed = true;
	site->due_ns = clock_boot_ns() + AGAIN_NS;
}

/* Where its log ends by now, and when it is to be extended: not all of them in the same minute. */
static void settle(struct building *b, struct db *db, const struct channel *channel, struct site *site)
{
	int64_t now = clock_boot_ns(), ahead_ns = reach(b, db, channel), spare;

	site->end_ns = ahead_ns == INT64_MIN ? 0 : now + ahead_ns;
	site->due_ns = now;
	if (ahead_ns == INT64_MIN || !site->ahead_ns || site->check || site->cut)
		return;
	spare = ahead_ns - (site->ahead_ns - REACH_NS + site->channel_id * 7919 % 1800 * CLOCK_SECOND);
	if (spare > 0)
		site->due_ns = now + spare;
}

/* Builds on, or only looks how far that should go. */
static int build(struct building *b, const struct channel *channel, struct site *site, int airings, struct err *err)
{
	struct server *server = b->server;
	struct timeline_turn turn = { .max_airings = airings, .lists = b->lists, .digest = site->digest };
	struct timeline_built built;
	int rc;

	if (clock_boot_ns() - b->lists_ns > LISTS_NS)
		building_rest(b);
	rc = timeline_build_turn(store_writer(server->store), server->time, channel->id, &turn, &built, err);
	if (rc < 0)
		return rc;
	if (rc == 2)
		site->cut = true;
	else
		site->digest = built.digest;
	site->ahead_ns = built.ahead_ns;
	site->check = false;
	site->failed = false;
	return rc;
}

/* A new channel has something at once, and its next hours before others have their third day. */
static int airings(int64_t ahead_ns)
{
	return ahead_ns < 0 ? AIRINGS_A_TURN : ahead_ns < SOON_NS ? AIRINGS_A_SECOND_TURN : AIRINGS_A_LONG_TURN;
}

static void turn(struct building *b, struct db *db, const struct channel *channel, struct site *site)
{
	struct server *server = b->server;
	struct err err = { 0 };
	int64_t ahead_ns = reach(b, db, channel);
	bool was_empty = ahead_ns == INT64_MIN, look;
	int rc = 0;

	if (site->generation != channel->generation)
		site->digest = 0; /* it begins anew */
	site->generation = channel->generation;
	if (was_empty && too_early(b, db)) {
		site->due_ns = clock_boot_ns() + EARLY_NS;
		return;
	}
	b->hearing -= site->hears;
	site->hears = hears_first(b, channel, site, ahead_ns);
	b->hearing += site->hears;
	if (site->hears)
		return;
	if (site->check && !site->digest && !was_empty)
		site->cut = true; /* nobody knows what it was built from */
	look = !was_empty && !site->cut && (!site->ahead_ns || site->check);
	if (site->cut) {
		rc = was_empty ? 0 : timeline_cut_beyond_lock(store_writer(server->store), server->time, channel->id, &err);
		site->cut = false;
		site->digest = 0;
		ahead_ns = reach(b, db, channel);
	}
	if (rc >= 0)
		rc = build(b, channel, site, look ? 0 : airings(ahead_ns), &err);
	if (rc < 0) {
		failed(site, &err);
		return;
	}
	settle(b, db, channel, site);
	if (look)
		return;
	apply_alerts(b, channel->id);
	if (was_empty)
		b->first_ns = clock_boot_ns();
	if (was_empty || rc == 0)
		measurer_poke(server->measurer);
	if (was_empty || rc == 0 || site->tell)
		tell(b, channel->id);
	site->tell = false;
}

/* ---- which one ---- */

enum { URGENT, CHANGED, PATIENT };

/* Lower comes first: two for each, the watched ones before the others. */
static int rank_of(const struct building *b, const struct site *site, int64_t now, bool watching)
{
	bool watched = watching && on_demand_viewers(b->server->on_demand, site->channel_id) > 0;
	int rank = PATIENT;

	if (site->end_ns < now + SOON_NS)
		rank = URGENT;
	else if (site->cut || site->check || !site->ahead_ns)
		rank = CHANGED;
	return rank * 2 + !watched;
}

static struct site *next_site(struct building *b, int64_t now, int *ret_rank, int64_t *ret_due)
{
	bool watching = on_demand_channels(b->server->on_demand) > 0;
	struct site *next = NULL;

	*ret_due = NEVER;
	b->due = b->unlooked = 0;
	for (size_t i = 0; i < b->count; i++) {
		struct site *site = &b->sites[i];
		int rank;

		if (site->due_ns > now) {
			*ret_due = site->due_ns < *ret_due ? site->due_ns : *ret_due;
			continue;
		}
		b->due++;
		b->unlooked += site->cut || site->check;
		rank = rank_of(b, site, now, watching);
		if (next && (rank > *ret_rank || (rank == *ret_rank && site->end_ns >= next->end_ns)))
			continue;
		next = site;
		*ret_rank = rank;
	}
	return next;
}

int64_t building_turn(struct building *b, bool patient)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct db *db = store_reader(b->server->store, NULL);
	int64_t now = clock_boot_ns(), due = NEVER;
	struct channel channel;
	struct site *site;
	int rank = 0;

	if (!db)
		return now + AGAIN_NS;
	if (!b->listed_ns || now - b->listed_ns > LISTED_NS)
		list_channels(b, now);
	site = next_site(b, now, &rank, &due);
	if (!site)
		return due;
	if (b->first_ns && now - b->first_ns < FIRST_NS)
		patient = true;
	if (patient && rank / 2 == PATIENT)
		return now + CLOCK_SECOND / 4;
	if (channels_get(db, site->channel_id, &arena, &channel, NULL) < 0 || !channel.enabled)
		forget(b, site->channel_id);
	else
		turn(b, db, &channel, site);
	return now;
}

size_t building_due(const struct building *b)
{
	return b->due;
}

size_t building_unlooked(const struct building *b)
{
	return b->unlooked;
}

void building_rest(struct building *b)
{
	schedule_lists_drop(b->lists);
	b->lists_ns = clock_boot_ns();
}

struct building *building_new(struct server *server)
{
	struct building *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	b->server = server;
	b->lists = schedule_lists_new();
	return b;
}

void building_free(struct building *b)
{
	if (!b)
		return;
	schedule_lists_free(b->lists);
	free(b->sites);
	free(b);
}
