/* prepare.c - see prepare.h. Wishes for a few stretches at a time, in the order of air time, at the lowest rank: whoever
 * watches goes first. What nobody has heard yet is heard before: the figures change which clips the rows play. */
#include "server/prepare.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "server/asker.h"
#include "server/hearing.h"
#include "server/room.h"
#include "station/gain.h"
#include "station/on_air.h"
#include "station/position.h"
#include "store/channels.h"
#include "store/loudness.h"

#define WISHES 8
#define LOOK_MS 250
#define TELL_MS 1000
#define ROWS_MAX ((size_t)200000)
#define EARLIER_NS (3600 * CLOCK_SECOND) /* the row that is on began so long ago at most, mostly */

struct stretch { /* of a clip; each once, however often it airs */
	int64_t air_flicks;
	struct clip clip;
	int64_t from, to;
	bool failed;
};

struct work {
	const struct prepare *prepare;
	struct arena arena;
	struct stretch *stretches;
	size_t count, cap;
	struct prepare_totals totals;
	int64_t listed_ns, listed_ms; /* station time and boot clock of air_flicks 0 */
	bool full;		      /* there is no room for the next of them */
};

static void add(struct work *work, const struct timeline_row *row, int64_t now)
{
	struct stretch s = { .air_flicks = row->start_flicks - now, .from = row->k0, .to = row->k0 + row->segments };

	if (!row->clip.file_id || !row->clip.path || on_air_clip(&row->clip, &s.clip, NULL) < 0)
		return;
	ARENA_GROW(&work->arena, work->stretches, work->count, work->cap);
	work->stretches[work->count++] = s;
}

static int add_channel(struct work *work, const struct channel *channel, struct err *err)
{
	const struct prepare *p = work->prepare;
	int64_t now_ns = work->listed_ns, now = position_flicks(channel->epoch_ns, now_ns);
	struct timeline_rows rows;
	int rc = timeline_window(p->reader, channel->id, now,
				 position_flicks(channel->epoch_ns, now_ns + p->hours * 3600 * CLOCK_SECOND), ROWS_MAX,
				 &work->arena, &rows, err);

	for (size_t i = 0; rc == 0 && i < rows.count; i++)
		add(work, &rows.rows[i], now);
	return rc;
}

static int by_clip(const void *a, const void *b)
{
	const struct stretch *x = a, *y = b;
	int keys = strcmp(x->clip.key, y->clip.key);

	return keys ? keys : x->from < y->from ? -1 : x->from > y->from;
}

static int by_air(const void *a, const void *b)
{
	const struct stretch *x = a, *y = b;

	return x->air_flicks < y->air_flicks ? -1 : x->air_flicks > y->air_flicks;
}

/* Reruns become one stretch, needed when the first of them airs. */
static void join_same(struct work *work)
{
	size_t kept = 0;

	qsort(work->stretches, work->count, sizeof(*work->stretches), by_clip);
	for (size_t i = 0; i < work->count; i++) {
		struct stretch *s = &work->stretches[i], *last = kept ? &work->stretches[kept - 1] : NULL;

		if (!last || strcmp(last->clip.key, s->clip.key) != 0 || s->from > last->to) {
			work->stretches[kept++] = *s;
			continue;
		}
		last->to = s->to > last->to ? s->to : last->to;
		last->air_flicks = s->air_flicks < last->air_flicks ? s->air_flicks : last->air_flicks;
	}
	work->count = kept;
	if (kept)
		qsort(work->stretches, kept, sizeof(*work->stretches), by_air);
}

static bool cancelled(const struct work *work)
{
	return work->prepare->cancelled && *work->prepare->cancelled;
}

/* Ten windows of each file that the channel airs in that time and of which nothing is known; what cannot be heard stays as it is. */
static int hear(struct work *work, struct asker *asker, const struct channel *channel, struct err *err)
{
	const struct prepare *p = work->prepare;
	const struct hearing_house house = { p->writer, p->time, p->producer };
	int64_t now_ns = station_now_ns(p->time), at = position_flicks(channel->epoch_ns, now_ns - EARLIER_NS),
		to = position_flicks(channel->epoch_ns, now_ns + p->hours * 3600 * CLOCK_SECOND);
	int rc = 0;

	while (rc == 0 && !cancelled(work)) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct loudness_wanted wanted;

		rc = loudness_of_channel(p->reader, channel->id, at, to, &arena, &wanted, err);
		if (rc < 0)
			break;
		hearing_measure(&house, asker, &wanted, false, true);
		at = wanted.start_flicks + 1;
		work->totals.heard++;
		if (p->progress)
			p->progress(p->context, &work->totals);
	}
	return rc == -(int)ERR_NOT_FOUND ? 0 : rc;
}

static int hear_all(struct work *work, const struct channel_list *list, struct err *err)
{
	struct asker *asker = asker_new();
	bool on = true;
	int rc = gain_is_on(work->prepare->reader, &on, err);

	for (size_t i = 0; on && rc == 0 && i < list->count; i++)
		if (list->channels[i].enabled)
			rc = hear(work, asker, &list->channels[i], err);
	asker_free(asker); /* each answer was waited for */
	return rc;
}

static int list_work(struct work *work, struct err *err)
{
	const struct prepare *p = work->prepare;
	struct channel_list list = { 0 };
	struct channel one;
	int rc;

	if (p->channel_id) {
		rc = channels_get(p->reader, p->channel_id, &work->arena, &one, err);
		list = (struct channel_list){ &one, 1 };
	} else {
		rc = channels_list(p->reader, &work->arena, &list, err);
	}
	if (rc == 0)
		rc = hear_all(work, &list, err);
	work->listed_ns = station_now_ns(p->time);
	work->listed_ms = clock_boot_ns() / CLOCK_MS;
	for (size_t i = 0; rc == 0 && i < list.count; i++)
		if (list.channels[i].enabled)
			rc = add_channel(work, &list.channels[i], err);
	if (rc == 0 && work->count)
		join_same(work);
	return rc;
}

/* As far as there is room for it; tight: that is not all of it. */
static bool wish(struct work *work, struct room *room, const struct stretch *s, bool *tight)
{
	int64_t in_ms = s->air_flicks / (PLAN_FLICKS / 1000);
	int64_t to = room_for(room, &s->clip, s->from, s->to, work->listed_ns / CLOCK_MS + in_ms);

	*tight = to < s->to;
	producer_want_by(work->prepare->producer, &s->clip, s->from, to, PRODUCER_PREPARE, work->listed_ms + in_ms);
	return to == s->to || !clip_cache_has_all(work->prepare->cache, s->clip.key, s->from, to);
}

/* Counts what is there, and asks for the first few stretches that are not. How many are open. */
static size_t look(struct work *work)
{
	const struct prepare *p = work->prepare;
	struct room room = { .reader = p->reader, .time = p->time, .cache = p->cache, .past = p->past };
	struct prepare_totals *t = &work->totals;
	size_t open = 0;
	bool tight = false;

	room_open(&room);

	*t = (struct prepare_totals){ .heard = t->heard, .speed = producer_speed(p->producer) };
	for (size_t i = 0; i < work->count; i++) {
		struct stretch *s = &work->stretches[i];
		int64_t there = 0;

		for (int64_t k = s->from; k < s->to; k++)
			there += clip_cache_has(p->cache, s->clip.key, k);
		t->segments += s->to - s->from;
		t->done += there;
		s->failed = s->failed || (there < s->to - s->from && producer_gave_up(p->producer, s->clip.key));
		if (s->failed)
			t->failed += s->to - s->from - there;
		if (s->failed || there == s->to - s->from)
			continue;
		if (open == 0)
			work->full = !wish(work, &room, s, &tight);
		else if (open < WISHES && !work->full && !tight)
			wish(work, &room, s, &tight);
		open++;
	}
	room_close(&room);
	return open;
}

static int check_room(const struct work *work, const struct clip_cache_totals *before, struct err *err)
{
	struct clip_cache_totals now = clip_cache_totals(work->prepare->cache);
	char why[CLIP_CACHE_WHY_SIZE];

	if (now.write_errors > before->write_errors && clip_cache_refuses(work->prepare->cache, why))
		return err_set(err, ERR_CACHE, "%lld of %lld segments are prepared, the cache cannot be written: %s",
			       (long long)work->totals.done, (long long)work->totals.segments, why);
	if (work->full)
		return err_set(err, ERR_NO_SPACE,
			       "the cache is full of what airs sooner: %lld of %lld segments are prepared; cache.size says how large it may be",
			       (long long)work->totals.done, (long long)work->totals.segments);
	return 0;
}

static int until_done(struct work *work, struct err *err)
{
	const struct prepare *p = work->prepare;
	const struct timespec pause = { .tv_nsec = LOOK_MS * CLOCK_MS };
	struct clip_cache_totals before = clip_cache_totals(p->cache);
	int64_t told_ms = 0;

	while (look(work)) {
		int64_t now_ms = clock_boot_ns() / CLOCK_MS;

		if (cancelled(work))
			return err_set(err, ERR_BUSY, "stopped: %lld of %lld segments are prepared",
				       (long long)work->totals.done, (long long)work->totals.segments);
		if (check_room(work, &before, err) < 0)
			return -(int)err->code;
		if (p->progress && now_ms - told_ms >= TELL_MS) {
			told_ms = now_ms;
			p->progress(p->context, &work->totals);
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

int prepare_run(const struct prepare *prepare, struct prepare_totals *ret, struct err *err)
{
	struct work work = { .prepare = prepare };
	int rc = list_work(&work, err);

	if (rc == 0)
		rc = until_done(&work, err);
	*ret = work.totals;
	arena_free(&work.arena);
	return rc;
}

json_t *prepare_json(const struct prepare_totals *t)
{
	return json_pack("{s:I, s:I, s:I, s:f}", "segments", (json_int_t)t->segments, "done", (json_int_t)t->done,
			 "failed", (json_int_t)t->failed, "speed", t->speed);
}
