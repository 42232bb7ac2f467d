/* preparer.c - see preparer.h. Stateless: each round looks at the rows again. */
#include "server/preparer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/lineup.h"
#include "server/room.h"
#include "station/on_air.h"
#include "station/position.h"
#include "store/channels.h"

#define AHEAD_NS (INT64_C(2) * 3600 * CLOCK_SECOND)
#define START_NS (30 * CLOCK_SECOND) /* nearer than this is the edge's business */
#define ROWS_A_CHANNEL 64
#define WISHES 12

struct candidate {
	int64_t air_ns; /* station time of segment `from` */
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

/* How many of a row's segments have aired at a position; of copied ones, whose lengths differ, none. */
static int64_t aired(const struct timeline_row *row, int64_t at)
{
	int64_t n = row->clip.lengths.count || at <= row->start_flicks ? 0 : (at - row->start_flicks) / PLAN_SEGMENT;

	return n < row->segments ? n : row->segments;
}

static int look_at(struct round *round, const struct channel *channel, struct err *err)
{
	int64_t now_ns = station_now_ns(round->time);
	int64_t from = position_flicks(channel->epoch_ns, now_ns + START_NS);
	int64_t to = position_flicks(channel->epoch_ns, now_ns + AHEAD_NS);
	struct timeline_rows rows;

	if (timeline_window(round->reader, channel->id, from, to, ROWS_A_CHANNEL, &round->arena, &rows, err) < 0)
		return -(int)err->code;
	for (size_t i = 0; i < rows.count; i++) {
		const struct timeline_row *row = &rows.rows[i];
		int64_t past = aired(row, from);
		struct candidate *c;

		if (!row->clip.file_id || !row->clip.path ||
		    clip_cache_has_all(round->cache, row->clip.key, row->k0 + past, row->k0 + row->segments))
			continue;
		ARENA_GROW(&round->arena, round->found, round->count, round->cap);
		c = &round->found[round->count];
		if (on_air_clip(&row->clip, &c->clip, NULL) < 0)
			continue;
		c->air_ns = position_ns(channel->epoch_ns, row->start_flicks + past * PLAN_SEGMENT);
		c->from = row->k0 + past;
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

/* In the order of air time, as far as there is room: what does not fit must not take the place of what airs before it. */
static void wish_all(const struct round *round, struct producer *producer, struct past_watch *past)
{
	struct room room = { .reader = round->reader, .time = round->time, .cache = round->cache, .past = past };
	int64_t now_ns = station_now_ns(round->time), now_ms = clock_boot_ns() / CLOCK_MS;
	bool fits = true;

	room_open(&room);
	if (!round->count)
		clip_cache_make_room(round->cache, 0, 0, room_need_ms, &room); /* it is not short of any */
	for (size_t i = 0; fits && i < round->count && i < WISHES; i++) {
		const struct candidate *c = &round->found[i];
		int64_t to = room_for(&room, &c->clip, c->from, c->to, c->air_ns / CLOCK_MS);

		fits = to == c->to;
		producer_want_by(producer, &c->clip, c->from, to, PRODUCER_PREPARE,
				 now_ms + (c->air_ns - now_ns) / CLOCK_MS);
	}
	room_close(&room);
}

int preparer_tick(struct db *reader, const struct station_time *time, struct producer *producer,
		  struct clip_cache *cache, struct past_watch *past, struct err *err)
{
	struct round round = { .reader = reader, .time = time, .cache = cache };
	struct channel_list list;
	int rc = channels_list(reader, &round.arena, &list, err);
	for (size_t i = 0; rc >= 0 && i < list.count; i++)
		if (lineup_is_prepared(&list.channels[i], clock_wall_ms()))
			rc = look_at(&round, &list.channels[i], err);
	if (rc >= 0 && round.count)
		qsort(round.found, round.count, sizeof(*round.found), by_air);
	if (rc >= 0)
		wish_all(&round, producer, past);
	arena_free(&round.arena);
	return rc < 0 ? rc : round.count > 0;
}
