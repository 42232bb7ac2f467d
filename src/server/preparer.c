/* preparer.c - see preparer.h. Stateless: each round looks at the rows again. */
#include "server/preparer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/lineup.h"
#include "station/on_air.h"
#include "store/channels.h"

#define AHEAD_NS (INT64_C(2) * 3600 * CLOCK_SECOND)
#define START_NS (30 * CLOCK_SECOND) /* nearer than this is the edge's business */
#define ROWS_A_CHANNEL 64
#define WISHES 12

struct candidate {
	int64_t air_ns;
	struct clip clip;
	int64_t from, to;
};

struct round {
	struct db *reader;
	const struct station_time *time;
	struct clip_cache *cache;
	struct arena arena;
	struct candidate *found;
	size_t count, cap;
};

static bool complete(struct clip_cache *cache, const char *key, int64_t from, int64_t to)
{
	return clip_cache_has_all(cache, key, from, to);
}

static int look_at(struct round *round, const struct channel *channel, struct err *err)
{
	const int64_t ns_flicks_num = PLAN_FLICKS / 100, ns_flicks_den = CLOCK_SECOND / 100;
	int64_t now_ns = station_now_ns(round->time) - channel->epoch_ns;
	int64_t from = (now_ns + START_NS) / ns_flicks_den * ns_flicks_num;
	int64_t to = (now_ns + AHEAD_NS) / ns_flicks_den * ns_flicks_num;
	struct timeline_rows rows;

	if (timeline_window(round->reader, channel->id, from, to, ROWS_A_CHANNEL, &round->arena, &rows, err) < 0)
		return -(int)err->code;
	for (size_t i = 0; i < rows.count; i++) {
		const struct timeline_row *row = &rows.rows[i];
		struct candidate *c;

		if (!row->clip.file_id || !row->clip.path ||
		    complete(round->cache, row->clip.key, row->k0, row->k0 + row->segments))
			continue;
		ARENA_GROW(&round->arena, round->found, round->count, round->cap);
		c = &round->found[round->count];
		if (on_air_clip(&row->clip, &c->clip, NULL) < 0)
			continue;
		c->air_ns = channel->epoch_ns + row->start_flicks / ns_flicks_num * ns_flicks_den;
		c->from = row->k0;
		c->to = row->k0 + row->segments;
		round->count++;
	}
	return 0;
}

static int by_air(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	return x->air_ns < y->air_ns ? -1 : x->air_ns > y->air_ns;
}

int preparer_tick(struct db *reader, const struct station_time *time, struct producer *producer,
		  struct clip_cache *cache, struct err *err)
{
	struct round round = { .reader = reader, .time = time, .cache = cache };
	struct clip_cache_totals totals = clip_cache_totals(cache);
	struct channel_list list;
	int rc = 0;

	/* A cache that is nearly full would lose what is needed sooner. */
	if (totals.limit && totals.bytes > totals.limit / 10 * 9)
		return 0;
	rc = channels_list(reader, &round.arena, &list, err);
	for (size_t i = 0; rc >= 0 && i < list.count; i++)
		if (lineup_is_prepared(&list.channels[i], clock_wall_ms()))
			rc = look_at(&round, &list.channels[i], err);
	if (rc >= 0 && round.count) {
		qsort(round.found, round.count, sizeof(*round.found), by_air);
		for (size_t i = 0; i < round.count && i < WISHES; i++)
			producer_want(producer, &round.found[i].clip, round.found[i].from, round.found[i].to,
				      PRODUCER_PREPARE);
	}
	arena_free(&round.arena);
	return rc < 0 ? rc : round.count > 0;
}
