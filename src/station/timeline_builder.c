/* timeline_builder.c - see timeline_builder.h.
 *
 * The library's lists are read once, then rows go out in transactions of at most CHUNK_NS and CHUNK_ROWS, or one airing.
 * Every transaction begins by reading where the log ends and whether the rules are still the same: another
 * thread may have cut or built in between. What is written follows from that row, from the cursor in the last
 * airing and from the lists.
 *
 * Invariant: row.start + row.frames == next.start, row.first_seq + row.segments == next.first_seq, an airing
 * begins and ends where its first row begins and its last one ends, no row is under 1 s. Not here: which item
 * is next (schedule.c), how it is cut and what fills the breaks (timeline_plan.c). */
#include "station/timeline_builder.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/copy_cuts.h"
#include "station/discontinuity.h"
#include "station/lineup.h"
#include "station/position.h"
#include "station/schedule_lists.h"
#include "station/timeline_plan.h"
#include "station/timeline_rows.h"
#include "store/channels.h"
#include "store/loudness.h"
#include "store/settings.h"
#include "store/timeline.h"
#include "stream/clip.h"

#define CHUNK_ROWS 4000
#define CHUNK_NS (20 * CLOCK_MS)
#define BEGIN_EARLIER_NS (60 * CLOCK_SECOND)
#define UNHEARD_AIRINGS 12 /* looked at, of a log that is not built yet */

static int add_filler(struct build *b, const struct timeline_planner *planner, struct err *err)
{
	struct timeline_pieces pieces = { 0 };

	if (schedule_load_fillers(b->db, &b->schedule, err) < 0)
		return -(int)ERR_STORE;
	timeline_plan_filler(planner, b->instead, &b->cursor, &pieces);
	return timeline_rows_add(b, "slate", b->channel.name, 0, &pieces, err);
}

static int add_programme(struct build *b, struct err *err)
{
	struct timeline_planner planner = { &b->schedule, b->time, b->channel.epoch_ns, b->grid, b->arena, b->cuts,
					    plan_frame_flicks(b->rate) };
	const struct schedule_item *item;
	struct timeline_pieces pieces = { 0 };
	struct marker_list markers = { 0 };

	b->schedule.air->wall_ms = station_to_wall_ms(
		b->time, position_ns(b->channel.epoch_ns, b->at * frame_flicks(b)));
	item = schedule_next(&b->schedule, &b->cursor);
	if (b->instead)
		schedule_mark_put_off(&b->cursor, b->schedule.air);
	if (!item && b->instead)
		return add_filler(b, &planner, err);
	if (!item && b->schedule.air->avoid_count) { /* rather than nothing for days */
		b->schedule.air->avoid_count = 0;
		item = schedule_next(&b->schedule, &b->cursor);
	}
	if (!item)
		return timeline_rows_add_slate(b, "slate", b->channel.name,
				 plan_frames(TIMELINE_SLATE_SECONDS * PLAN_FLICKS, b->grid), err);
	if (markers_list(b->db, item->item_id, b->arena, &markers, err) < 0)
		return -(int)ERR_STORE;
	timeline_plan_item(&planner, item, &markers, b->at, &b->cursor, &pieces);
	return timeline_rows_add(b, "programme", *item->show ? item->show : item->title, item->item_id, &pieces,
			  err);
}

/* ---- where building goes on ---- */

static int first_cursor(struct build *b, const char **ret, struct err *err)
{
	char name[64];

	snprintf(name, sizeof(name), CHANNELS_CURSOR, (long long)b->channel.id);
	return settings_get(b->db, name, b->arena, ret, err);
}

/* at, seq and cursor from the end of the log; *ret_empty when there is none yet. */
static int resume(struct build *b, bool *ret_empty, struct err *err)
{
	struct timeline_row last;
	struct airing airing;
	const char *cursor = NULL;
	int rc = timeline_last(b->db, b->channel.id, b->arena, &last, NULL);

	*ret_empty = rc == -(int)ERR_NOT_FOUND;
	if (rc < 0 && !*ret_empty)
		return err_set(err, ERR_STORE, "the end of the channel's log cannot be read");
	if (*ret_empty) {
		b->at = 0;
		b->seq = b->channel.generation;
		b->discontinuity = 0;
		if (first_cursor(b, &cursor, err) < 0)
			return -(int)ERR_STORE;
	} else {
		b->at = timeline_row_end(&last) / frame_flicks(b);
		b->seq = last.first_seq + last.segments;
		b->discontinuity = 0;
		if (b->cuts && discontinuity_behind(b->db, &last, &b->discontinuity, err) < 0)
			return -(int)ERR_STORE;
		if (airings_last(b->db, b->channel.id, b->arena, &airing, err) < 0)
			return -(int)ERR_STORE;
		cursor = airing.cursor;
	}
	/* Its key must outlive this transaction's arena only until the airing is written. */
	b->cursor = schedule_cursor_parse(cursor, b->arena);
	return 0;
}

/* A stretch for which nothing was built gets one row. It ends a minute ago, so that whoever tunes in at once
 * finds programme; a log that is less than a minute behind goes on where it ends. */
static int bridge_gap(struct build *b, bool empty, struct err *err)
{
	int64_t from_ns = station_now_ns(b->time) - BEGIN_EARLIER_NS;
	int64_t from = plan_frames_up(position_flicks(b->channel.epoch_ns, from_ns), b->grid);
	int64_t minute = plan_frames(BEGIN_EARLIER_NS / CLOCK_SECOND * PLAN_FLICKS, b->grid);

	if (from <= b->at || (empty && from < minute))
		return 0;
	return timeline_rows_add_slate(b, "offair", b->channel.name, from - b->at, err);
}

static int same_rules(struct build *b, bool *ret, struct err *err)
{
	const char *rules = NULL;
	struct channel now;
	int64_t seed = 0;

	if (channels_get(b->db, b->channel.id, b->arena, &now, err) < 0)
		return -(int)ERR_NOT_FOUND;
	if (schedules_get(b->db, b->channel.id, b->arena, &rules, &seed, NULL) == -(int)ERR_STORE)
		return err_set(err, ERR_STORE, "the channel's schedule cannot be read");
	*ret = now.generation == b->channel.generation && (uint64_t)seed == b->schedule.seed &&
	       strcmp(rules ? rules : "", b->rules) == 0;
	return 0;
}

static void know_nothing(struct build *b)
{
	b->known = arena_alloc(b->arena, KNOWN_SLOTS * sizeof(*b->known));
	b->known_count = 0;
}

/* One transaction. *airings counts down. 1 more to do, 0 when `until` is reached, 2 when the rules have
 * changed. */
static int build_chunk(struct build *b, int64_t until, int *airings, struct err *err)
{
	int64_t end_ns = clock_boot_ns() + CHUNK_NS;
	bool empty = false, same = false;

	know_nothing(b);
	if (same_rules(b, &same, err) < 0)
		return -(int)ERR_STORE;
	if (!same)
		return 2;
	if (resume(b, &empty, err) < 0 || bridge_gap(b, empty, err) < 0)
		return -(int)ERR_STORE;
	for (b->rows = 0; b->at < until && *airings > 0 && b->rows < CHUNK_ROWS; --*airings) {
		if (add_programme(b, err) < 0)
			return -(int)ERR_STORE;
		if (clock_boot_ns() > end_ns) {
			--*airings;
			break;
		}
	}
	return b->at < until;
}

/* In the transaction that is not kept: the first file of its rows of which no loudness is known. */
static int look_for_unheard(struct build *b, struct err *err)
{
	int64_t now = position_flicks(b->channel.epoch_ns, station_now_ns(b->time) - BEGIN_EARLIER_NS);

	return loudness_of_channel(b->db, b->channel.id, now, INT64_MAX, b->heard_arena, b->unheard, err);
}

static int commit_chunk(struct build *b, int64_t until, int *airings, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int rc, committed;

	db_give_way(b->db);
	rc = db_begin(b->db, err);
	if (rc < 0)
		return rc;
	b->arena = &arena;
	rc = build_chunk(b, until, airings, err);
	b->arena = NULL;
	b->known = NULL;
	b->cursor = (struct schedule_cursor) { 0 };
	if (rc >= 0 && b->unheard)
		rc = look_for_unheard(b, err);
	if (rc < 0 || b->unheard) {
		db_rollback(b->db);
		return rc;
	}
	committed = db_commit(b->db, err);
	return committed < 0 ? committed : rc;
}

/* ---- the channel ---- */

/* The rate is decided by the sources, once. A channel that had none so far, and showed nothing but slate,
 * begins anew with the first: no one waits for the lock to pass, and the rate is theirs. */
static int decide_rate(struct build *b, struct err *err)
{
	struct plan_rate rate = schedule_rate(&b->schedule);
	const char *encoder = NULL;
	bool aired = false;
	int rc = 0;

	if (b->schedule.programmes.count && b->channel.fps_num) {
		if (airings_has(b->db, b->channel.id, "programme", &aired, err) < 0)
			return -(int)ERR_STORE;
	}
	if (b->schedule.programmes.count && b->channel.fps_num && !aired) {
		b->channel.fps_num = rate.num;
		b->channel.fps_den = rate.den;
		rc = lineup_restart(b->db, b->time, &b->channel, err);
	} else if (!b->channel.fps_num) {
		b->channel.fps_num = rate.num;
		b->channel.fps_den = rate.den;
		rc = channels_set(b->db, &b->channel, err);
	}
	if (rc < 0)
		return rc;
	b->rate = b->grid = (struct plan_rate) { b->channel.fps_num, b->channel.fps_den };
	if (profile_copies(b->channel.profile)) {
		b->grid = (struct plan_rate) { PLAN_FLICKS, 1 };
		b->cuts = copy_cuts_new(b->db, b->channel.profile, b->lists);
	}
	rc = profile_get(b->channel.profile, b->rate.num, b->rate.den, &b->profile, err);
	if (rc >= 0)
		rc = settings_get(b->db, TIMELINE_ENCODER_SETTING, b->lists, &encoder, err);
	if (rc >= 0)
		b->profile = profile_encoded_by(&b->profile, profile_encoder_named(encoder));
	return rc;
}

static int load(struct build *b, struct schedule_lists *lists, int64_t channel_id, struct err *err)
{
	const char *rules = NULL;
	int64_t seed;
	int rc = channels_get(b->db, channel_id, b->lists, &b->channel, err);

	if (rc < 0)
		return rc;
	schedules_get(b->db, channel_id, b->lists, &rules, &seed, NULL);
	b->rules = rules ? rules : "";
	return schedule_load_from(b->db, lists, channel_id, b->lists, &b->schedule, err);
}

/* A day has far more of what is short: what nobody will read in a guide is not built three days ahead. */
static int64_t ahead_of(const struct schedule *schedule)
{
	const struct schedule_items *list = &schedule->programmes;
	int64_t mean = 0, grid = schedule->rules.grid_minutes * INT64_C(60) * PLAN_FLICKS, ahead_ns;

	for (size_t i = 0; i < list->count; i++)
		mean += list->items[i].flicks / (int64_t)list->count;
	mean = mean > grid ? mean : grid;
	if (!list->count || mean > TIMELINE_AHEAD_NS / CLOCK_SECOND * PLAN_FLICKS / TIMELINE_PROGRAMMES)
		return TIMELINE_AHEAD_NS;
	ahead_ns = mean * TIMELINE_PROGRAMMES / PLAN_FLICKS * CLOCK_SECOND;
	return ahead_ns > TIMELINE_LEAST_NS ? ahead_ns : TIMELINE_LEAST_NS;
}

static int load_locked(struct build *b, int64_t channel_id, const struct timeline_turn *turn, struct err *err)
{
	int rc;

	db_lock(b->db);
	rc = load(b, turn->lists, channel_id, err);
	if (rc >= 0 && turn->digest && turn->digest != b->schedule.digest)
		rc = 2;
	else if (rc >= 0 && turn->max_airings)
		rc = decide_rate(b, err);
	db_unlock(b->db);
	return rc;
}

static int build_channel(struct build *b, int64_t channel_id, const struct timeline_turn *turn,
			 struct timeline_built *ret, struct err *err)
{
	int airings = turn->max_airings, rc;
	int64_t until_ns = turn->until_ns, until;

	tzset(); /* localtime_r() need not */
	rc = load_locked(b, channel_id, turn, err);
	if (rc < 0)
		return rc;
	*ret = (struct timeline_built){ .ahead_ns = ahead_of(&b->schedule), .digest = b->schedule.digest };
	if (rc > 0 || !airings || !b->channel.enabled)
		return rc;
	if (!until_ns)
		until_ns = station_now_ns(b->time) + ret->ahead_ns;
	until = plan_frames_up(position_flicks(b->channel.epoch_ns, until_ns), b->grid);
	do
		rc = commit_chunk(b, until, &airings, err);
	while (rc == 1 && airings > 0);
	return rc == 2 ? 1 : rc;
}

int timeline_build_turn(struct db *writer, const struct station_time *time, int64_t channel_id,
			const struct timeline_turn *turn, struct timeline_built *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena lists = { 0 };
	struct build build = { .db = writer, .time = time, .lists = &lists };
	int rc = build_channel(&build, channel_id, turn, ret, err);

	if (rc < 0)
		return err_under(err, "build channel %lld", (long long)channel_id);
	return rc;
}

int timeline_build(struct db *writer, const struct station_time *time, int64_t channel_id, int64_t until_ns,
		   int max_airings, struct err *err)
{
	struct timeline_turn turn = { .until_ns = until_ns, .max_airings = max_airings };
	struct timeline_built built;

	return timeline_build_turn(writer, time, channel_id, &turn, &built, err);
}

int timeline_unheard(struct db *writer, const struct station_time *time, struct schedule_lists *kept, int64_t channel_id,
		     struct arena *arena, struct loudness_wanted *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena lists = { 0 };
	struct build build = { .db = writer, .time = time, .lists = &lists, .unheard = ret, .heard_arena = arena };
	struct timeline_turn turn = { .until_ns = station_now_ns(time) + TIMELINE_LOCK_NS,
				      .max_airings = UNHEARD_AIRINGS,
				      .lists = kept };
	struct timeline_built built;
	int rc = build_channel(&build, channel_id, &turn, &built, err);

	if (rc < 0 && rc != -(int)ERR_NOT_FOUND)
		return err_under(err, "look ahead in channel %lld", (long long)channel_id);
	return rc;
}

/* ---- another thing in the place of one ---- */

static int64_t lock_of(const struct build *b)
{
	return position_flicks(b->channel.epoch_ns, station_now_ns(b->time) + TIMELINE_LOCK_NS);
}

/* In one transaction. 0 when it has come too near, or the log or the rules are not what they were. */
static int exchange(struct build *b, const struct airing *airing, struct err *err)
{
	bool empty = false, same = false;
	struct airing_list there;
	struct airing first;

	know_nothing(b);
	if (same_rules(b, &same, err) < 0 ||
	    airings_window(b->db, b->channel.id, airing->start_flicks, airing->start_flicks + 1, b->arena, &there, err) < 0)
		return -(int)ERR_STORE;
	if (!same || airing->start_flicks < lock_of(b) || there.count != 1 || there.airings[0].id != airing->id)
		return 0;
	if (airings_cut(b->db, b->channel.id, airing->start_flicks, b->arena, &first, err) < 0 ||
	    resume(b, &empty, err) < 0)
		return -(int)ERR_STORE;
	b->instead = (airing->end_flicks - airing->start_flicks) / frame_flicks(b);
	return add_programme(b, err) < 0 ? -(int)ERR_STORE : 1;
}

static int commit_exchange(struct build *b, const struct airing *airing, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int rc = db_begin(b->db, err), committed;

	if (rc < 0)
		return rc;
	b->arena = &arena;
	rc = exchange(b, airing, err);
	b->arena = NULL;
	b->known = NULL;
	b->instead = 0;
	if (rc <= 0) {
		db_rollback(b->db);
		return rc;
	}
	committed = db_commit(b->db, err);
	return committed < 0 ? committed : rc;
}

/* What follows it goes first, in steps. */
static int exchange_in(struct build *b, const struct airing *airing, const struct timeline_avoid *avoid, struct err *err)
{
	struct timeline_turn turn = { .max_airings = INT_MAX };
	int rc = load_locked(b, airing->channel_id, &turn, err), more = 1;
	int64_t until;

	if (rc < 0)
		return rc;
	if (airing->start_flicks < lock_of(b))
		return 0;
	rc = timeline_cut_from(b->db, airing->channel_id, airing->end_flicks, err);
	if (rc < 0)
		return rc;
	b->schedule.air->avoid = avoid->items;
	b->schedule.air->avoid_count = avoid->count;
	rc = commit_exchange(b, airing, err);
	until = position_flicks(b->channel.epoch_ns, station_now_ns(b->time) + ahead_of(&b->schedule));
	while (rc > 0 && avoid->on && more == 1)
		more = commit_chunk(b, plan_frames_up(until, b->grid), &turn.max_airings, err);
	return more < 0 ? more : rc;
}

int timeline_exchange(struct db *writer, const struct station_time *time, const struct airing *airing,
		      const struct timeline_avoid *avoid, struct err *err)
{
	CLEANUP(arena_free) struct arena lists = { 0 };
	struct build build = { .db = writer, .time = time, .lists = &lists };
	int rc;

	tzset();
	rc = exchange_in(&build, airing, avoid, err);
	return rc < 0 ? err_under(err, "put something else in the place of an airing") : rc;
}
