/* past_watch.c - see past_watch.h. A few places, looked through one by one. */
#include "server/past_watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "station/position.h"
#include "store/channels.h"
#include "store/timeline.h"

#define PLACES 128
#define GONE_NS (300 * CLOCK_SECOND) /* a player holds this much, and somebody may have paused */
#define ROWS_MAX 512

struct viewer {
	int64_t channel_id; /* 0: a free place */
	uint64_t client;
	int64_t station_ns, seen_ns; /* what he asked for last, and when (station time both) */
};

struct past_watch {
	pthread_mutex_t lock;
	struct viewer viewers[PLACES];
};

struct past_watch *past_watch_new(void)
{
	struct past_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		abort();
	pthread_mutex_init(&watch->lock, NULL);
	return watch;
}

void past_watch_free(struct past_watch *watch)
{
	if (!watch)
		return;
	pthread_mutex_destroy(&watch->lock);
	free(watch);
}

void past_watch_note(struct past_watch *watch, int64_t channel_id, uint64_t client, int64_t station_ns, int64_t now_ns)
{
	struct viewer *place;

	pthread_mutex_lock(&watch->lock);
	place = &watch->viewers[0];
	for (size_t i = 0; i < PLACES; i++) {
		struct viewer *v = &watch->viewers[i];

		if (v->channel_id == channel_id && v->client == client) {
			place = v;
			break;
		}
		if (!v->channel_id ? place->channel_id != 0 : place->channel_id && v->seen_ns < place->seen_ns)
			place = v;
	}
	*place = (struct viewer) { channel_id, client, station_ns, now_ns };
	pthread_mutex_unlock(&watch->lock);
}

static int add_viewer(const struct viewer *v, struct db *reader, struct arena *arena, struct past_needs *to, size_t *cap,
		      struct err *err)
{
	struct timeline_rows rows;
	struct channel channel;
	int rc = channels_get(reader, v->channel_id, arena, &channel, err);

	if (rc == 0)
		rc = timeline_window(reader, v->channel_id, position_flicks(channel.epoch_ns, v->station_ns),
				     position_flicks(channel.epoch_ns, v->station_ns + PAST_WATCH_AHEAD_NS), ROWS_MAX, arena,
				     &rows, err);
	for (size_t i = 0; rc == 0 && i < rows.count; i++) {
		const struct timeline_row *row = &rows.rows[i];
		int64_t in_ns = position_ns(channel.epoch_ns, row->start_flicks) - v->station_ns;

		if (!row->clip.file_id)
			continue;
		ARENA_GROW(arena, to->list, to->count, *cap);
		to->list[to->count++] = (struct past_need) { row->clip.key, (v->seen_ns + (in_ns > 0 ? in_ns : 0)) / CLOCK_MS };
	}
	return rc == -(int)ERR_NOT_FOUND ? 0 : rc; /* a channel that is gone */
}

static int by_key(const void *a, const void *b)
{
	const struct past_need *x = a, *y = b;
	int keys = strcmp(x->key, y->key);

	return keys ? keys : (x->need_ms > y->need_ms) - (x->need_ms < y->need_ms);
}

int past_watch_needs(struct past_watch *watch, struct db *reader, int64_t now_ns, struct arena *arena,
		     struct past_needs *ret, struct err *err)
{
	struct viewer viewers[PLACES] = { 0 };
	struct past_needs needs = { 0 };
	size_t cap = 0;
	int rc = 0;

	if (watch) {
		pthread_mutex_lock(&watch->lock);
		memcpy(viewers, watch->viewers, sizeof(viewers));
		pthread_mutex_unlock(&watch->lock);
	}
	for (size_t i = 0; rc == 0 && i < PLACES; i++) {
		struct err cause = { 0 };

		if (!viewers[i].channel_id || now_ns - viewers[i].seen_ns > GONE_NS)
			continue;
		rc = add_viewer(&viewers[i], reader, arena, &needs, &cap, &cause);
		if (rc < 0)
			err_set(err, cause.code, "%s", cause.text);
	}
	if (rc < 0)
		return rc;
	if (needs.count)
		qsort(needs.list, needs.count, sizeof(*needs.list), by_key);
	*ret = needs;
	return 0;
}
