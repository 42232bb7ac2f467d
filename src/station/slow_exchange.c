/* slow_exchange.c - something else in the place of an airing that is too slow to be encoded while it is on; declared in slow.h.
 *
 * An airing is looked at whole when it comes to the lock: a film of three hours is replaced when its last minute is not there.
 * What takes the place may be too slow as well, then the next is tried. Invariant: nothing within the lock changes. */
#include "station/slow.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/lineup.h"
#include "station/position.h"
#include "station/schedule.h"
#include "station/timeline_builder.h"
#include "store/items.h"
#include "store/timeline.h"

#define LOOK_NS (150 * CLOCK_SECOND) /* beyond the lock; longer than between two looks */
#define AVOIDED_MAX 64
#define TRIES 256 /* in one channel and look */
#define AIRINGS 16

struct look {
	struct db *writer, *reader;
	const struct station_time *time;
	fault_has *has;
	slow_said *said;
	void *context;
	struct channel channel;
	int64_t avoided[AVOIDED_MAX];
	size_t avoided_count;
	struct arena arena;
};

static void look_end(struct look *look)
{
	arena_free(&look->arena);
}

static bool is_there(const struct look *look, const struct timeline_row *row)
{
	for (int64_t k = row->k0; k < row->k0 + row->segments; k++)
		if (!look->has(look->context, row->clip.key, k))
			return false;
	return true;
}

/* False when too many are avoided already. */
static bool avoid(struct look *look, int64_t item_id)
{
	for (size_t i = 0; i < look->avoided_count; i++)
		if (look->avoided[i] == item_id)
			return true;
	if (look->avoided_count == AVOIDED_MAX)
		return false;
	look->avoided[look->avoided_count++] = item_id;
	return true;
}

/* 1 when something of the airing is too slow and not there: it is avoided from now on; *ret_first is the first row of it. */
static int judge(struct look *look, const struct airing *airing, struct timeline_row *ret_first, struct err *err)
{
	struct timeline_rows rows = { 0 };
	bool found = false;
	int rc = timeline_slow(look->reader, airing, SLOW_DECODE, &look->arena, &rows, err);

	for (size_t i = 0; rc >= 0 && i < rows.count; i++) {
		if (is_there(look, &rows.rows[i]))
			continue;
		if (!found)
			*ret_first = rows.rows[i];
		found = true;
		if (!avoid(look, rows.rows[i].item_id))
			return 0;
	}
	return rc < 0 ? rc : found;
}

/* The first airing of the channel that must be exchanged; 0 when there is none. */
static int find(struct look *look, struct airing *ret, struct timeline_row *ret_row, struct err *err)
{
	int64_t lock_ns = station_now_ns(look->time) + TIMELINE_LOCK_NS + CLOCK_SECOND;
	struct airing_list list = { 0 };
	int rc = airings_slow(look->reader, SLOW_DECODE, lock_ns, lock_ns + LOOK_NS, &look->arena, &list, err);

	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		if (list.airings[i].channel_id != look->channel.id)
			continue;
		rc = judge(look, &list.airings[i], ret_row, err);
		if (rc != 0) {
			*ret = list.airings[i];
			return rc;
		}
	}
	return rc < 0 ? rc : 0;
}

static const char *title_of(struct look *look, const struct timeline_row *row)
{
	struct item item;

	return items_get(look->reader, row->item_id, &look->arena, &item, NULL) < 0 ? row->title : item.title;
}

static void say(struct look *look, const struct timeline_row *slow, int64_t start_flicks)
{
	static const char why[] = "whose file is decoded too slowly to be shown live and was not prepared in time";
	int64_t ms = station_to_wall_ms(look->time, position_ns(look->channel.epoch_ns, start_flicks));
	int number = look->channel.number;
	struct timeline_rows now = { 0 };
	struct arena *arena = &look->arena;
	const char *text;
	char at[40];

	timeline_window(look->writer, look->channel.id, start_flicks, start_flicks + 1, 1, arena, &now, NULL);
	clock_format(at, sizeof(at), ms);
	if (strcmp(slow->kind, "programme") != 0)
		text = arena_printf(arena, "channel %d: the %s '%s' is left out of what begins at %s, %s", number, slow->kind,
				    title_of(look, slow), at, why);
	else if (now.count && now.rows[0].item_id)
		text = arena_printf(arena, "channel %d: at %s '%s' airs in the place of '%s', %s; its turn is kept", number, at,
				    title_of(look, &now.rows[0]), title_of(look, slow), why);
	else
		text = arena_printf(arena, "channel %d: at %s slate airs in the place of '%s', %s, and nothing else fits", number,
				    at, title_of(look, slow), why);
	look->said(look->context, look->channel.id, text);
}

/* Builds on; no further than what is looked at, or with 0 as far as the log reaches. */
static int build_on(struct look *look, int64_t until_ns, int airings, struct err *err)
{
	struct timeline_turn turn = { .until_ns = until_ns, .max_airings = airings };
	struct timeline_built built;

	return timeline_build_turn(look->writer, look->time, look->channel.id, &turn, &built, err);
}

static int exchange_in(struct look *look, struct err *err)
{
	int64_t now_ns = station_now_ns(look->time);
	bool kept = lineup_is_prepared(&look->channel, clock_wall_ms()), changed = false;
	struct timeline_avoid without = { .items = look->avoided, .on = !kept };
	struct timeline_row slow = { 0 };
	struct airing airing;
	int rc = 1;

	for (int i = 0; i < TRIES && rc > 0; i++) {
		rc = find(look, &airing, &slow, err);
		if (rc <= 0)
			break;
		without.count = look->avoided_count;
		rc = timeline_exchange(look->writer, look->time, &airing, &without, err);
		if (rc <= 0)
			break;
		changed = true;
		say(look, &slow, airing.start_flicks);
		if (build_on(look, now_ns + TIMELINE_LOCK_NS + LOOK_NS, AIRINGS, err) < 0)
			return -(int)err->code;
	}
	while (rc >= 0 && changed && (rc = build_on(look, 0, 1000, err)) > 0)
		;
	return rc;
}

static int exchange_on(struct look *with, int64_t channel_id, struct err *err)
{
	CLEANUP(look_end) struct look look = *with;
	int rc = channels_get(look.reader, channel_id, &look.arena, &look.channel, err);

	return rc < 0 ? rc : exchange_in(&look, err);
}

int slow_exchange(struct db *writer, struct db *reader, const struct station_time *time, fault_has *has, slow_said *said,
		  void *context, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t lock_ns = station_now_ns(time) + TIMELINE_LOCK_NS, last = 0;
	struct look look = { .writer = writer, .reader = reader, .time = time, .has = has, .said = said, .context = context };
	struct airing_list list = { 0 };
	int rc = airings_slow(reader, SLOW_DECODE, lock_ns, lock_ns + LOOK_NS, &arena, &list, err);

	for (size_t i = 0; rc >= 0 && i < list.count; i++) {
		if (list.airings[i].channel_id == last)
			continue;
		last = list.airings[i].channel_id;
		rc = exchange_on(&look, last, err);
	}
	return rc < 0 ? err_under(err, "put something else in the place of what is too slow") : 0;
}

int slow_why(struct db *db, int64_t airing_id, struct arena *arena, const char **ret, struct err *err)
{
	const char *text = NULL, *titles = "";
	struct schedule_cursor cursor;
	int rc = airings_put_off(db, airing_id, arena, &text, err);

	*ret = "";
	if (rc < 0 || !text)
		return rc;
	cursor = schedule_cursor_parse(text, arena);
	for (size_t i = cursor.put_off_count - cursor.put_off_now; i < cursor.put_off_count; i++) {
		struct item item;

		if (items_get(db, cursor.put_off[i], arena, &item, NULL) < 0)
			continue;
		titles = arena_printf(arena, "%s%s'%s'", titles, *titles ? ", " : "", item.title);
	}
	*ret = arena_printf(arena, "in the place of %s: decoded too slowly to be shown live, and not prepared in time",
			    *titles ? titles : "what is gone");
	return 0;
}
