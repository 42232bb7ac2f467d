/* timeline_plan.c - see timeline_plan.h.
 *
 * A break is made only where something can fill it: without spots a marker is passed over and the parts stay
 * one clip. A stretch that a break replaces is left out in any case. What would leave a piece under 1 s is
 * not cut.
 *
 * With a grid, less than 1 s of overrun is trimmed and less than 1 s of gap is bridged by the last picture,
 * held; a longer gap gets spots and filler that fit whole, then slate. */
#include "station/timeline_plan.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "station/copy_cuts.h"
#include "station/position.h"

#define MAX_USED 256			  /* pieces of one break */
#define BUMPER_FLICKS (120 * PLAN_FLICKS) /* a longer one is no bumper */

static int64_t min_frames(const struct timeline_planner *p)
{
	return plan_min_frames(p->rate);
}

static int64_t flicks(const struct timeline_planner *p, int64_t frames)
{
	return frames * plan_frame_flicks(p->rate);
}

static int64_t round_up(int64_t value, int64_t step)
{
	return (value + step - 1) / step * step;
}

/* The nearest place where a file may be cut. */
static int64_t snap(const struct timeline_planner *p, const struct playable *media, int64_t frames)
{
	const struct copy_cut *cut;

	if (!p->cuts)
		return frames;
	cut = copy_cuts_find(p->cuts, media->file_id);
	return cut ? cut->at[copy_cut_nearest(cut, frames)] : frames / p->picture * p->picture;
}

/* How long a file airs. */
static int64_t media_frames(const struct timeline_planner *p, const struct playable *media)
{
	const struct copy_cut *cut = p->cuts ? copy_cuts_find(p->cuts, media->file_id) : NULL;

	return cut ? cut->at[cut->lengths.count] : snap(p, media, plan_frames(media->duration_flicks, p->rate));
}

static void add(const struct timeline_planner *p, struct timeline_pieces *to, struct timeline_piece piece)
{
	ARENA_GROW(p->arena, to->pieces, to->count, to->cap);
	to->pieces[to->count++] = piece;
	to->frames += piece.frames;
}

/* ---- time ---- */

static int minute_of_day(time_t t)
{
	struct tm tm;

	return localtime_r(&t, &tm) ? tm.tm_hour * 60 + tm.tm_min : 0;
}

/* In steps that end at quarters of an hour, where clocks are put forward and back. */
static time_t next_on_grid(time_t t, int minutes)
{
	int m;

	t = (time_t)(position_floor_div(t + 59, 60) * 60);
	for (int i = 0; i < 3 * 24 * 4 && (m = minute_of_day(t)) % minutes != 0; i++) {
		int to_grid = minutes - m % minutes, to_quarter = 15 - m % 15;

		t += 60 * (to_grid < to_quarter ? to_grid : to_quarter);
	}
	return t;
}

int64_t timeline_plan_grid(const struct timeline_planner *p, int64_t at, int minutes)
{
	int64_t ns = position_ns(p->epoch_ns, flicks(p, at));
	int64_t s = position_floor_div(station_to_wall_ms(p->time, ns), 1000);
	int64_t frame = at;

	/* Rounding to ms can put the mark just before `at`; then it is the one after it. */
	for (int tries = 0; tries < 3; tries++) {
		s = next_on_grid((time_t)s, minutes);
		frame = plan_frames_up(position_flicks(p->epoch_ns, station_from_wall_ms(p->time, s * 1000)),
				       p->rate);
		if (frame >= at)
			return frame;
		s++;
	}
	return frame > at ? frame : at;
}

/* ---- pieces ---- */

void timeline_plan_slate(const struct timeline_planner *p, int64_t frames, struct timeline_pieces *to)
{
	int64_t most = plan_frames(TIMELINE_SLATE_SECONDS * PLAN_FLICKS, p->rate);

	while (frames > 0) {
		int64_t n = frames < most ? frames : most;

		if (frames > n && frames - n < min_frames(p))
			n -= min_frames(p);
		if (p->cuts)
			n = round_up(n > min_frames(p) ? n : min_frames(p), p->picture);
		add(p, to, (struct timeline_piece) { .kind = "slate", .title = "", .frames = n });
		frames -= n;
	}
}

static const char *row_kind(const char *item_kind)
{
	static const char *const same[] = { "commercial", "bumper", "ident", "promo" };

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(item_kind, same[i]) == 0)
			return same[i];
	return "filler";
}

static int64_t whole_frames(const struct timeline_planner *p, const struct schedule_item *item)
{
	int64_t frames = 0;

	for (size_t i = 0; i < item->part_count; i++)
		frames += media_frames(p, item->parts[i]);
	return frames;
}

static void add_whole(const struct timeline_planner *p, const struct schedule_item *item,
		      struct timeline_pieces *to)
{
	for (size_t i = 0; i < item->part_count; i++)
		add(p, to,
		    (struct timeline_piece) {
			    .kind = row_kind(item->kind),
			    .title = item->title,
			    .item_id = item->item_id,
			    .media = item->parts[i],
			    .frames = media_frames(p, item->parts[i]),
		    });
}

/* ---- breaks ---- */

struct filling {
	const struct timeline_planner *p;
	struct timeline_pieces *to;
	int64_t left;		/* frames; INT64_MAX when nothing must be met exactly */
	int64_t used[MAX_USED]; /* items of this break */
	size_t used_count;
};

static const struct schedule_item *pick(struct filling *f, const struct schedule_items *items,
					struct schedule_round *round, int64_t max_frames)
{
	/* A part of a frame more than the frames: what is trimmed to whole frames fits. */
	int64_t most = INT64_MAX / plan_frame_flicks(f->p->rate) / 2;
	int64_t max = max_frames >= most ? INT64_MAX : flicks(f->p, max_frames + 1) - 1;

	return schedule_round_next(items, round, max, f->used, f->used_count);
}

/* Adds the next of a round that fits and leaves nothing, or at least 1 s. Its frames; 0 when there is none.
 */
static int64_t fill_one(struct filling *f, const struct schedule_items *items, struct schedule_round *round,
			int64_t max_frames)
{
	struct schedule_round trial = *round;
	int64_t most = max_frames < f->left ? max_frames : f->left, frames;
	const struct schedule_item *item;

	if (items->count == 0 || f->used_count == MAX_USED || most <= 0)
		return 0;
	item = pick(f, items, &trial, most);
	if (item && f->left != whole_frames(f->p, item) &&
	    f->left - whole_frames(f->p, item) < min_frames(f->p)) {
		trial = *round;
		most = f->left - min_frames(f->p);
		item = most > 0 ? pick(f, items, &trial, most) : NULL;
	}
	if (!item)
		return 0;
	frames = whole_frames(f->p, item);
	if (frames > f->left) /* several parts, each rounded */
		return 0;
	*round = trial;
	add_whole(f->p, item, f->to);
	f->used[f->used_count++] = item->item_id;
	if (f->left < INT64_MAX)
		f->left -= frames;
	return frames;
}

static int64_t fill_bumper(struct filling *f, struct schedule_cursor *cursor)
{
	const struct schedule_items *bumpers = &f->p->schedule->bumpers;
	size_t used = f->used_count;
	int64_t frames;

	if (bumpers->count == 1) /* the only one may open and close a break */
		f->used_count = 0;
	frames = fill_one(f, bumpers, &cursor->bumpers, plan_frames(BUMPER_FLICKS, f->p->rate));
	if (bumpers->count == 1)
		f->used_count = used;
	return frames;
}

/* Spots between bumpers; nothing at all when there is no spot. */
static void fill_break(const struct timeline_planner *p, int64_t length, struct schedule_cursor *cursor,
		       struct timeline_pieces *to)
{
	struct filling spots = { .p = p, .to = &(struct timeline_pieces) { 0 }, .left = INT64_MAX };
	struct filling around = { .p = p, .to = to, .left = INT64_MAX };
	int64_t first_most = plan_frames(180 * PLAN_FLICKS, p->rate), total;

	if (p->schedule->spots.count == 0)
		return;
	total = fill_one(&spots, &p->schedule->spots, &cursor->spots,
			 length > first_most ? length : first_most);
	if (total == 0)
		return;
	for (int64_t n = 1; n > 0 && total < length; total += n)
		n = fill_one(&spots, &p->schedule->spots, &cursor->spots, length - total);
	fill_bumper(&around, cursor);
	for (size_t i = 0; i < spots.to->count; i++)
		add(p, to, spots.to->pieces[i]);
	fill_bumper(&around, cursor);
}

static void fill_gap(const struct timeline_planner *p, int64_t gap, struct schedule_cursor *cursor,
		     struct timeline_pieces *to)
{
	const struct schedule *s = p->schedule;
	struct filling f = { .p = p, .to = to, .left = gap };

	fill_bumper(&f, cursor);
	while (fill_one(&f, &s->spots, &cursor->spots, INT64_MAX))
		;
	while (fill_one(&f, &s->fillers, &cursor->fillers, INT64_MAX))
		;
	if (f.used_count > 1)
		fill_bumper(&f, cursor);
	timeline_plan_slate(p, f.left, to);
}

void timeline_plan_filler(const struct timeline_planner *p, int64_t frames, struct schedule_cursor *cursor,
			  struct timeline_pieces *to)
{
	const struct schedule_items *fillers = &p->schedule->fillers;
	struct filling f = { .p = p, .to = to, .left = frames };

	for (int pieces = 0; pieces < MAX_USED; pieces++) {
		if (fill_one(&f, fillers, &cursor->fillers, INT64_MAX))
			continue;
		if (!f.used_count)
			break;
		/* All have been on: once more, but for the last. */
		f.used[0] = f.used[f.used_count - 1];
		f.used_count = fillers->count > 1;
		if (!fill_one(&f, fillers, &cursor->fillers, INT64_MAX))
			break;
	}
	timeline_plan_slate(p, f.left, to);
}

/* ---- parts ---- */

struct cutting {
	const struct timeline_planner *p;
	const struct schedule_item *item;
	struct schedule_cursor *cursor;
	struct timeline_pieces *to;
	int64_t break_frames; /* how long a break may last */
	int64_t every;	      /* frames between two breaks at least; 0: any */
	int64_t since_break;  /* frames */
	/* Of the file at hand. */
	const struct playable *media;
	int64_t pos, total;
};

static void add_part(struct cutting *c, int64_t to_frame)
{
	const struct schedule_item *item = c->item;

	add(c->p, c->to,
	    (struct timeline_piece) {
		    .kind = "programme",
		    .title = *item->show ? item->show : item->title,
		    .item_id = item->item_id,
		    .media = c->media,
		    .in_frames = c->pos,
		    .frames = to_frame - c->pos,
	    });
	c->since_break += to_frame - c->pos;
	c->pos = to_frame;
}

/* A break at `from`; programme goes on at `to`. */
static void cut(struct cutting *c, int64_t from, int64_t to)
{
	struct timeline_pieces pause = { 0 };
	int64_t min = min_frames(c->p);

	from = snap(c->p, c->media, from);
	to = snap(c->p, c->media, to);
	if (from < c->pos)
		from = c->pos;
	if (to <= c->pos || from > c->total)
		return;
	if (from - c->pos < min) { /* a stub: gone with the stretch, or no place for a break */
		if (to > from)
			c->pos = to;
		return;
	}
	if (to == from && (c->total - to < min || c->since_break + from - c->pos < c->every))
		return;
	if (c->total - to >= min)
		fill_break(c->p, c->break_frames, c->cursor, &pause);
	if (to == from && pause.count == 0)
		return;
	add_part(c, from);
	c->pos = to;
	for (size_t i = 0; i < pause.count; i++)
		add(c->p, c->to, pause.pieces[i]);
	if (pause.count)
		c->since_break = 0;
}

static int64_t ms_frames(const struct cutting *c, int64_t ms)
{
	int64_t limit = 14 * 24 * 3600 * INT64_C(1000);

	ms = ms < 0 ? 0 : ms > limit ? limit : ms;
	return plan_frames_up(ms * (PLAN_FLICKS / 1000), c->p->rate);
}

static bool has_breaks(const struct marker_list *markers)
{
	for (size_t i = 0; i < markers->count; i++)
		if (strcmp(markers->markers[i].kind, "break") == 0)
			return true;
	return false;
}

static void cut_file(struct cutting *c, const struct marker_list *markers, int64_t offset_ms)
{
	size_t before = c->to->count;

	for (size_t i = 0; i < markers->count; i++) {
		const struct marker *m = &markers->markers[i];
		int64_t from = m->start_ms - offset_ms,
			to = (m->end_ms ? m->end_ms : m->start_ms) - offset_ms;

		if (strcmp(m->kind, "break") == 0 && to >= 0 && m->start_ms >= 0)
			cut(c, ms_frames(c, from), ms_frames(c, to > from ? to : from));
	}
	if (!has_breaks(markers) && c->every > 0) {
		int64_t n = (c->total - 1) / c->every;

		c->since_break = c->every; /* evenly, hence a little early */
		for (int64_t i = 1; i <= n; i++, c->since_break = c->every)
			cut(c, c->total * i / (n + 1), c->total * i / (n + 1));
	}
	if (c->pos > c->total)
		c->pos = c->total;
	if (c->to->count == before)
		c->pos = c->total - c->pos >= min_frames(c->p) ? c->pos : 0;
	if (c->total - c->pos >= min_frames(c->p))
		add_part(c, c->total);
}

static void cut_item(struct cutting *c, const struct marker_list *markers)
{
	static const struct marker_list none = { 0 };
	int64_t offset = 0; /* flicks */

	for (size_t i = 0; i < c->item->part_count; i++) {
		c->media = c->item->parts[i];
		c->pos = 0;
		c->total = media_frames(c->p, c->media);
		cut_file(c, markers ? markers : &none, offset / (PLAN_FLICKS / 1000));
		offset += c->media->duration_flicks;
	}
}

/* From the end of the content to the next mark of the grid. */
static void meet_grid(const struct timeline_planner *p, int64_t at, int minutes,
		      struct schedule_cursor *cursor, struct timeline_pieces *to)
{
	int64_t end = at + to->frames, min = min_frames(p);
	struct timeline_piece *last = &to->pieces[to->count - 1];
	int64_t mark = timeline_plan_grid(p, end - min + 1, minutes);

	if (p->cuts) { /* nothing can be trimmed or held: up to 1 s late */
		if (mark > end)
			fill_gap(p, mark - end > min ? mark - end : min, cursor, to);
		return;
	}
	if (mark <= end && last->frames - (end - mark) >= min) {
		last->frames -= end - mark;
		to->frames -= end - mark;
		return;
	}
	mark = timeline_plan_grid(p, end, minutes);
	if (mark - end >= min) {
		fill_gap(p, mark - end, cursor, to);
		return;
	}
	last->frames += mark - end;
	to->frames += mark - end;
}

void timeline_plan_item(const struct timeline_planner *p, const struct schedule_item *item,
			const struct marker_list *markers, int64_t at, struct schedule_cursor *cursor,
			struct timeline_pieces *to)
{
	const struct schedule_rules *rules = &p->schedule->rules;
	struct cutting c = { .p = p, .item = item, .cursor = cursor, .to = to };
	int64_t tenth = item->flicks / 10, least = 30 * PLAN_FLICKS, most = 180 * PLAN_FLICKS;
	int64_t length = rules->break_length_s ? rules->break_length_s * PLAN_FLICKS
			 : tenth < least       ? least
			 : tenth > most	       ? most
					       : tenth;

	c.break_frames = plan_frames(length, p->rate);
	c.every = plan_frames(rules->break_every_s * PLAN_FLICKS, p->rate);
	if (rules->order == SCHEDULE_LOOP) { /* the classic loop: whole, back to back */
		c.every = 0;
		cut_item(&c, NULL);
		return;
	}
	cut_item(&c, markers);
	if (rules->grid_minutes) {
		meet_grid(p, at, rules->grid_minutes, cursor, to);
		return;
	}
	if (p->schedule->spots.count)
		fill_break(p, c.break_frames, cursor, to);
	else
		fill_bumper(&(struct filling) { .p = p, .to = to, .left = INT64_MAX }, cursor);
}
