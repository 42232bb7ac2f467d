/* on_air.c - see on_air.h.
 *
 * A row airs the segments k0 .. k0 + n of its clip. The first frame of segment k0 is the row's start; from there on
 * everything is the clip's plan. The stamp moves the clip's clock so that this frame lands on the row's start: one
 * rounding to ticks a row, the same for all its segments.
 *
 * The playlist holds the segments whose end lies in (now - 36 s, now]: both ends move with `now` alone, so the first
 * number never goes back, and segments under 3 s make it at least 30 s and 11 of them. Where pictures are copied, segments
 * have up to 12 s and the window 84; every row's beginning is a discontinuity there, and every border of what stands over it
 * (station/discontinuity.h). */
#include "station/on_air.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/discontinuity.h"
#include "station/on_air_private.h"
#include "station/position.h"
#include "store/overrides.h"
#include "store/past.h"
#include "stream/copy_plan.h"
#include "stream/hls.h"

#define WINDOW_SECONDS 36
#define COPY_WINDOW_SECONDS 84
#define MAX_ROWS 128 /* of 1 s at least: more than any playlist touches */
#define MAX_SEGMENTS 128
#define STAMP_MASK ((UINT64_C(1) << 33) - 1)

/* The oldest come first: too few would cut off the newest, and the playlist would stand still. */
_Static_assert(MAX_ROWS > COPY_WINDOW_SECONDS + 2 * COPY_PLAN_LONGEST && MAX_ROWS > WINDOW_SECONDS + 2 * PLAN_TARGET_SECONDS,
	       "a window of rows of 1 s is read whole");
_Static_assert(MAX_SEGMENTS > COPY_WINDOW_SECONDS + COPY_PLAN_LONGEST && MAX_SEGMENTS > WINDOW_SECONDS + PLAN_TARGET_SECONDS,
	       "a window of segments of 1 s is listed whole");

int64_t on_air_longest(const struct channel *channel)
{
	return (on_air_copies(channel) ? COPY_PLAN_LONGEST : PLAN_TARGET_SECONDS) * PLAN_FLICKS;
}

static int64_t window_of(const struct channel *channel)
{
	return (on_air_copies(channel) ? COPY_WINDOW_SECONDS : WINDOW_SECONDS) * PLAN_FLICKS;
}

bool on_air_copies(const struct channel *channel)
{
	return profile_copies(channel->profile);
}

struct span { /* a row with what is needed to walk its segments */
	const struct timeline_row *row;
	struct plan_rate rate;
	int64_t frame_flicks;
	int64_t first_frame; /* of segment k0, in the clip */
	struct clip clip;    /* as much of it as says where its segments lie */
};

static int span_of(const struct timeline_row *row, struct span *ret, struct err *err)
{
	struct span span = { .row = row, .rate = { row->clip.fps_num, row->clip.fps_den } };

	if (row->clip.fps_num <= 0 || row->clip.fps_den <= 0 || row->clip.frames <= 0 || row->k0 < 0)
		return err_set(err, ERR_STORE, "the log has a row that no clip can be");
	span.frame_flicks = plan_frame_flicks(span.rate);
	span.clip.frames = row->clip.frames;
	span.clip.lengths = row->clip.lengths;
	span.clip.profile.fps_num = row->clip.fps_num;
	span.clip.profile.fps_den = row->clip.fps_den;
	if (row->k0 + row->segments > clip_segments(&span.clip))
		return err_set(err, ERR_STORE, "the log has a row that is longer than its clip");
	span.first_frame = clip_segment(&span.clip, row->k0).first_frame;
	*ret = span;
	return 0;
}

/* Start of the row's segment i (0 is k0); its end for i + 1. */
static int64_t segment_start(const struct span *s, int64_t i)
{
	int64_t frame;

	if (i >= s->row->segments)
		frame = s->first_frame + s->row->frames;
	else
		frame = clip_segment(&s->clip, s->row->k0 + i).first_frame;
	return s->row->start_flicks + (frame - s->first_frame) * s->frame_flicks;
}

/* The row's segment that is on at a position; clamped to the row. */
static int64_t segment_at(const struct span *s, int64_t flicks)
{
	int64_t into_clip = s->first_frame * s->frame_flicks + (flicks - s->row->start_flicks);
	int64_t frame = position_floor_div(into_clip, s->frame_flicks);
	int64_t i = position_floor_div(frame * s->frame_flicks, PLAN_SEGMENT) - s->row->k0;

	if (clip_is_copy(&s->clip))
		for (i = 0; i + 1 < s->row->segments && segment_start(s, i + 1) <= flicks;)
			i++;
	return i < 0 ? 0 : i >= s->row->segments ? s->row->segments - 1 : i;
}

int on_air_clip(const struct clip_row *row, struct clip *ret, struct err *err)
{
	struct clip clip = {
		.id = row->id,
		.path = row->path,
		.file_id = row->file_id,
		.in_flicks = row->in_flicks,
		.frames = row->frames,
		.gain_mb = row->gain_mb,
		.lengths = row->lengths,
	};

	if (strlen(row->key) != CLIP_KEY_SIZE - 1)
		return err_set(err, ERR_STORE, "a clip's key is damaged");
	memcpy(clip.key, row->key, CLIP_KEY_SIZE);
	clip.known.size = row->size;
	clip.known.mtime_ns = row->mtime_ns;
	if (row->sample_hash && strlen(row->sample_hash) == sizeof(clip.known.sample_hash) - 1)
		memcpy(clip.known.sample_hash, row->sample_hash, sizeof(clip.known.sample_hash));
	if (profile_get(row->profile, row->fps_num, row->fps_den, &clip.profile, err) < 0)
		return -(int)ERR_NOT_FOUND;
	*ret = clip;
	return 0;
}

static int fill_segment(const struct span *s, int64_t i, struct on_air_segment *ret, struct err *err)
{
	const struct timeline_row *row = s->row;
	struct on_air_segment segment = {
		.seq = row->first_seq + i,
		.start_flicks = segment_start(s, i),
		.k = row->k0 + i,
		.plan = clip_segment(&s->clip, row->k0 + i),
		.discontinuity = row->discontinuity,
	};
	int64_t stamp = plan_flicks_ticks(row->start_flicks) + ON_AIR_PTS_BASE -
			plan_frame_ticks(s->first_frame, s->rate);

	if (on_air_clip(&row->clip, &segment.clip, err) < 0)
		return -(int)err->code;
	segment.duration_flicks = segment_start(s, i + 1) - segment.start_flicks;
	segment.stamp = (uint64_t)stamp & STAMP_MASK;
	/* A file that has gone from the store leaves its rows: they air as slate, but for what is cached. */
	segment.slate = !row->clip.path;
	segment.away = row->clip.away && strcmp(row->kind, "slate") != 0 && strcmp(row->kind, "offair") != 0;
	*ret = segment;
	return 0;
}

/* The clip's segment instead, its first frame where the other's would be. False when it has not as many frames. */
static bool show_clip(const struct override *override, struct on_air_segment *segment)
{
	int64_t k = override->k0 + segment->seq - override->seq_from, stamp;
	struct plan_segment plan;
	struct plan_rate rate;
	struct clip clip;

	if (on_air_clip(&override->clip, &clip, NULL) < 0)
		return false;
	rate = clip_rate(&clip);
	if (rate.num != segment->clip.profile.fps_num || rate.den != segment->clip.profile.fps_den || k < 0 ||
	    k >= clip_segments(&clip))
		return false;
	plan = clip_segment(&clip, k);
	if (plan.frames != segment->plan.frames)
		return false;
	stamp = (int64_t)segment->stamp + plan_frame_ticks(segment->plan.first_frame, rate) -
		plan_frame_ticks(plan.first_frame, rate);
	segment->stamp = (uint64_t)stamp & STAMP_MASK;
	segment->clip = clip;
	segment->k = k;
	segment->plan = plan;
	segment->slate = !clip.path;
	segment->away = override->clip.away;
	return true;
}

static void stand_over(const struct override *override, struct on_air_segment *segment)
{
	segment->overridden = true;
	if (override->clip.id && show_clip(override, segment))
		return;
	segment->slate = true;
	segment->away = false;
	segment->card = override->card;
}

/* The sentence for a time or a number that lies before the first row that is kept. */
static int gone(const struct channel *channel, const struct station_time *time, const struct timeline_begin *begin,
		struct err *err)
{
	int64_t ns = position_ns(channel->epoch_ns, begin->start_flicks);
	char text[40];

	err_clear(err);
	if (!time)
		return err_set(err, ERR_GONE, "channel %d keeps its log from segment %lld on", channel->number,
			       (long long)begin->first_seq);
	return err_set(err, ERR_GONE,
		       "channel %d keeps what it aired since %s; what came before cannot be shown any more "
		       "(station.catchup_hours says how long that is)",
		       channel->number, clock_format(text, sizeof(text), station_to_wall_ms(time, ns)));
}

int on_air_check_kept(struct db *db, const struct channel *channel, const struct station_time *time, int64_t from,
		      struct err *err)
{
	struct timeline_begin begin;
	int rc = timeline_begin_get(db, channel->id, &begin, err);

	return rc < 0 ? rc : begin.first_seq >= 0 && from < begin.start_flicks ? gone(channel, time, &begin, err) : 0;
}

static int no_segment(struct db *db, const struct channel *channel, int64_t seq, int rc, struct err *err)
{
	struct timeline_begin begin;

	if (rc == -(int)ERR_NOT_FOUND && timeline_begin_get(db, channel->id, &begin, NULL) == 0 &&
	    seq >= channel->generation && seq < begin.first_seq)
		return gone(channel, NULL, &begin, err);
	return rc;
}

/* What stands over the rows from the first on, up to a number; nothing where no discontinuity is counted. */
static int overrides_of(struct db *db, const struct channel *channel, const struct timeline_row *first, int64_t seq,
			struct arena *arena, struct override_list *ret, struct err *err)
{
	*ret = (struct override_list){ 0 };
	return on_air_copies(channel) ? overrides_window(db, channel->id, first->first_seq, seq + 1, arena, ret, err) : 0;
}

static int number(struct db *db, const struct channel *channel, const struct timeline_row *row,
		  struct on_air_segment *segment, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct override_list list;
	int rc = overrides_of(db, channel, row, segment->seq, &arena, &list, err);

	if (rc == 0 && on_air_copies(channel))
		segment->discontinuity = discontinuity_at(row, &list, segment->seq);
	return rc;
}

int on_air_segment(struct db *db, const struct channel *channel, int64_t seq, struct arena *arena,
		   struct on_air_segment *ret, struct err *err)
{
	struct err local = { 0 };
	struct on_air_segment segment;
	struct override override;
	struct timeline_row row;
	struct span span;
	int rc = timeline_by_seq(db, channel->id, seq, arena, &row, err);

	if (rc < 0)
		return no_segment(db, channel, seq, rc, err);
	rc = span_of(&row, &span, err);
	if (rc == 0)
		rc = fill_segment(&span, seq - row.first_seq, &segment, err ? err : &local);
	if (rc == 0)
		rc = overrides_at(db, channel->id, seq, arena, &override, err);
	if (rc < 0)
		return rc;
	if (override.id)
		stand_over(&override, &segment);
	rc = number(db, channel, &row, &segment, err);
	if (rc == 0)
		*ret = segment;
	return rc;
}

/* The strongest come first: the first that holds a segment's number is in force. */
static int override_all(struct db *db, const struct channel *channel, const struct timeline_rows *rows,
			struct on_air_segments *list, struct arena *arena, struct err *err)
{
	struct override_list overrides = { 0 };
	size_t r = 0;
	int rc;

	if (!list->count)
		return 0;
	rc = overrides_window(db, channel->id, rows->rows[0].first_seq, list->segments[list->count - 1].seq + 1, arena,
			      &overrides, err);
	for (size_t i = 0; rc == 0 && i < list->count && overrides.count; i++) {
		struct on_air_segment *segment = &list->segments[i];

		for (size_t o = 0; o < overrides.count && !segment->overridden; o++)
			if (overrides.overrides[o].seq_from <= segment->seq && segment->seq < overrides.overrides[o].seq_to)
				stand_over(&overrides.overrides[o], segment);
		while (r + 1 < rows->count && rows->rows[r + 1].first_seq <= segment->seq)
			r++;
		if (on_air_copies(channel))
			segment->discontinuity = discontinuity_at(&rows->rows[r], &overrides, segment->seq);
	}
	return rc;
}

int on_air_window(struct db *db, const struct channel *channel, int64_t from_ns, int64_t to_ns, struct arena *arena,
		  struct on_air_segments *ret, struct err *err)
{
	int64_t from = position_flicks(channel->epoch_ns, from_ns), to = position_flicks(channel->epoch_ns, to_ns);
	struct on_air_segments list = { 0 };
	struct err local = { 0 };
	struct timeline_rows rows = { 0 };
	size_t cap = 0;
	int rc = timeline_window(db, channel->id, from, to, SIZE_MAX, arena, &rows, err);

	for (size_t r = 0; rc == 0 && r < rows.count; r++) {
		struct span span = { 0 };

		rc = span_of(&rows.rows[r], &span, err);
		for (int64_t i = rc < 0 ? 0 : segment_at(&span, from);
		     rc == 0 && i < span.row->segments && segment_start(&span, i) < to; i++) {
			ARENA_GROW(arena, list.segments, list.count, cap);
			rc = fill_segment(&span, i, &list.segments[list.count++], err ? err : &local);
		}
	}
	if (rc == 0)
		rc = override_all(db, channel, &rows, &list, arena, err);
	if (rc == 0)
		*ret = list;
	return rc;
}

int on_air_next(struct db *db, const struct channel *channel, int64_t flicks, struct arena *arena, int64_t *ret_seq,
		struct err *err)
{
	int64_t at = flicks > 0 ? flicks : 0, i = 0;
	struct timeline_rows rows = { 0 };
	struct timeline_row last;
	struct span span;
	int rc = timeline_window(db, channel->id, at, at + 1, 1, arena, &rows, err);

	if (rc < 0)
		return rc;
	if (!rows.count) { /* the log ends before */
		rc = timeline_last(db, channel->id, arena, &last, err);
		if (rc == 0)
			*ret_seq = last.first_seq + last.segments;
		return rc;
	}
	rc = span_of(&rows.rows[0], &span, err);
	if (rc < 0)
		return rc;
	for (i = segment_at(&span, at); i < span.row->segments && segment_start(&span, i) < at;)
		i++;
	*ret_seq = span.row->first_seq + i;
	return 0;
}

struct listed {
	struct hls_segment segments[MAX_SEGMENTS];
	size_t count;
	struct override_list overrides; /* where discontinuities are counted */
	int64_t first, last;		/* discontinuity numbers of the first and of the latest segment */
};

/* The row's segments whose end lies in (from, now], added to the list. */
static void ended_segments(const struct span *s, const struct channel *channel, const struct station_time *time, int64_t from,
			   int64_t now, struct listed *to)
{
	for (int64_t i = segment_at(s, from - on_air_longest(channel)); i < s->row->segments && to->count < MAX_SEGMENTS; i++) {
		int64_t start = segment_start(s, i), end = segment_start(s, i + 1), number = 0;

		if (end > now)
			break;
		if (end <= from)
			continue;
		if (on_air_copies(channel))
			number = discontinuity_at(s->row, &to->overrides, s->row->first_seq + i);
		if (!to->count)
			to->first = to->last = number;
		to->segments[to->count++] = (struct hls_segment){
			.sequence = s->row->first_seq + i,
			.duration_flicks = end - start,
			.wall_ms = station_to_wall_ms(time, position_ns(channel->epoch_ns, start)),
			.discontinuity = number != to->last,
		};
		to->last = number;
	}
}

int on_air_playlist(struct db *db, const struct channel *channel, const struct station_time *time, int64_t now_ns,
		    struct arena *arena, struct buf *to, struct err *err)
{
	int64_t now = position_flicks(channel->epoch_ns, now_ns), from = now - window_of(channel);
	struct listed list = { 0 };
	struct hls_playlist playlist = { .target = (int)(on_air_longest(channel) / PLAN_FLICKS),
					 .leaning = profile_leans(channel->profile) };
	struct timeline_rows rows = { 0 };
	char base[64];
	int rc = timeline_window(db, channel->id, from - on_air_longest(channel), now, MAX_ROWS, arena, &rows, err);

	if (rc == 0 && rows.count)
		rc = overrides_of(db, channel, &rows.rows[0], INT64_MAX - 1, arena, &list.overrides, err);
	for (size_t r = 0; rc == 0 && r < rows.count; r++) {
		struct span span;

		rc = span_of(&rows.rows[r], &span, err);
		if (rc == 0)
			ended_segments(&span, channel, time, from, now, &list);
	}
	if (rc < 0)
		return rc;
	if (list.count == 0 && (rc = on_air_check_kept(db, channel, time, from, err)) < 0)
		return rc;
	if (list.count == 0)
		return err_set(err, ERR_NOT_FOUND, "channel %d is not on the air yet", channel->number);
	snprintf(base, sizeof(base), "/channel/%d/s/%lld/", channel->number, (long long)channel->generation);
	playlist.base = base;
	playlist.discontinuity_sequence = list.first;
	hls_write(to, &playlist, list.segments, list.count);
	return 0;
}

int on_air_edge(struct db *db, const struct channel *channel, int64_t now_ns, struct arena *arena, int64_t *ret_seq,
		struct err *err)
{
	int64_t now = position_flicks(channel->epoch_ns, now_ns), seq = -1;
	struct timeline_rows rows = { 0 };
	int rc = timeline_window(db, channel->id, now - 2 * on_air_longest(channel), now, MAX_ROWS, arena, &rows, err);

	for (size_t r = rows.count; rc == 0 && r-- > 0 && seq < 0;) {
		struct span span;

		rc = span_of(&rows.rows[r], &span, err);
		if (rc < 0)
			break;
		for (int64_t i = segment_at(&span, now); i >= 0 && seq < 0; i--)
			if (segment_start(&span, i + 1) <= now)
				seq = rows.rows[r].first_seq + i;
	}
	if (rc < 0)
		return rc;
	if (seq < 0)
		return err_set(err, ERR_NOT_FOUND, "channel %d is not on the air yet", channel->number);
	*ret_seq = seq;
	return 0;
}
