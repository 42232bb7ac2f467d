/* on_air_past.c - catch-up playlists (on_air.h): what was on from an instant on, as far as it can still be shown.
 *
 * What is left out leaves a discontinuity: the stamps jump there. A file that goes while somebody watches takes its segments out
 * of a list that only grew so far; players that number segments by their place may skip or repeat some once. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/on_air_private.h"
#include "station/position.h"
#include "stream/hls.h"

/* Leaves out what can no longer be made; the segment behind it is told by `cut`. Returns how many are left. */
static size_t keep_what_can_be_made(struct on_air_segments *list, on_air_has *has, void *context, bool *cut)
{
	size_t kept = 0;
	bool dropped = false;

	for (size_t i = 0; i < list->count; i++) {
		const struct on_air_segment *s = &list->segments[i];

		if (s->away && !has(context, s->clip.key, s->k)) {
			dropped = true;
			continue;
		}
		cut[kept] = kept > 0 && (dropped || s->discontinuity != list->segments[kept - 1].discontinuity);
		dropped = false;
		list->segments[kept++] = *s;
	}
	return kept;
}

static bool can_be_made(const struct timeline_row *row, on_air_has *has, void *context)
{
	for (int64_t k = row->k0; row->clip.away && k < row->k0 + row->segments; k++)
		if (has(context, row->clip.key, k))
			return true;
	return !row->clip.away;
}

/* ERR_GONE when nothing is left of the programme that is on at `from`; what stands in its breaks is not asked for. */
static int check_made(struct db *db, const struct channel *channel, int64_t from, on_air_has *has, void *context, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct airing_list airings = { 0 };
	struct timeline_rows rows = { 0 };
	bool some = false, any = false;
	int rc = airings_window(db, channel->id, from, from + 1, &arena, &airings, err);

	if (rc == 0 && airings.count)
		rc = timeline_window(db, channel->id, from, airings.airings[0].end_flicks, SIZE_MAX, &arena, &rows, err);
	for (size_t i = 0; rc == 0 && i < rows.count && !any; i++) {
		if (strcmp(rows.rows[i].kind, "programme") != 0)
			continue;
		some = true;
		any = can_be_made(&rows.rows[i], has, context);
	}
	if (rc < 0 || any || !some)
		return rc;
	return err_set(err, ERR_GONE, "'%s' cannot be shown any more on channel %d: its file has gone, and nothing of it is kept",
		       airings.airings[0].title, channel->number);
}

static void write_past(const struct on_air_segments *list, const bool *cut, const struct channel *channel,
		       const struct station_time *time, bool ended, struct arena *arena, struct buf *to)
{
	struct hls_segment *segments = arena_alloc(arena, (list->count + 1) * sizeof(*segments));
	struct hls_playlist playlist = { .ended = ended, .growing = true, .target = (int)(on_air_longest(channel) / PLAN_FLICKS),
					 .leaning = profile_leans(channel->profile) };
	char base[64];

	for (size_t i = 0; i < list->count; i++)
		segments[i] = (struct hls_segment){
			.sequence = list->segments[i].seq,
			.duration_flicks = list->segments[i].duration_flicks,
			.wall_ms = station_to_wall_ms(time, position_ns(channel->epoch_ns, list->segments[i].start_flicks)),
			.discontinuity = cut[i],
		};
	playlist.discontinuity_sequence = list->segments[0].discontinuity;
	snprintf(base, sizeof(base), "/channel/%d/s/%lld/", channel->number, (long long)channel->generation);
	playlist.base = base;
	hls_write(to, &playlist, segments, list->count);
}

int on_air_past(struct db *db, const struct channel *channel, const struct station_time *time, int64_t from_ns,
		int64_t until_ns, int64_t now_ns, on_air_has *has, void *context, struct arena *arena, struct buf *to,
		struct err *err)
{
	int64_t end_ns = from_ns > INT64_MAX - ON_AIR_PAST_NS ? INT64_MAX : from_ns + ON_AIR_PAST_NS, from, now;
	struct on_air_segments list = { 0 };
	struct err local = { 0 };
	bool *cut;
	int rc;

	if (until_ns < end_ns)
		end_ns = until_ns;
	if (end_ns <= from_ns)
		return err_set(err, ERR_USAGE, "a time to watch must end after it begins");
	if (from_ns > now_ns)
		return err_set(err, ERR_NOT_FOUND, "channel %d has not come to that time yet", channel->number);
	if (end_ns <= channel->epoch_ns)
		return err_set(err, ERR_NOT_FOUND, "channel %d was not on the air at that time", channel->number);
	if (from_ns < channel->epoch_ns)
		from_ns = channel->epoch_ns;
	from = position_flicks(channel->epoch_ns, from_ns);
	now = position_flicks(channel->epoch_ns, now_ns);
	rc = on_air_check_kept(db, channel, time, from, err ? err : &local);
	if (rc == 0)
		rc = on_air_window(db, channel, from_ns, end_ns < now_ns ? end_ns : now_ns, arena, &list, err);
	if (rc < 0)
		return rc;
	while (list.count && list.segments[list.count - 1].start_flicks + list.segments[list.count - 1].duration_flicks > now)
		list.count--;
	if (!list.count)
		return err_set(err, ERR_NOT_FOUND, "channel %d has nothing from that time yet", channel->number);
	cut = arena_alloc(arena, list.count * sizeof(*cut));
	rc = check_made(db, channel, from, has, context, err);
	if (rc < 0)
		return rc;
	list.count = keep_what_can_be_made(&list, has, context, cut);
	if (!list.count) /* a time that no airing knows */
		return err_set(err, ERR_GONE, "channel %d cannot show that time any more", channel->number);
	write_past(&list, cut, channel, time, end_ns <= now_ns, arena, to);
	return 0;
}
