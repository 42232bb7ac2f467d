/* downtime.c - see downtime.h.
 *
 * A viewer plays on from his buffer for some ten seconds, and a machine that stands still as long is not told
 * of either. The mark is up to ten seconds old, so what is told of begins with twenty.
 *
 * Station time that was skipped is known; how long the house was down is another matter when a machine
 * without a battery begins in 1970: station time then goes on at its high-water mark, within a minute of the
 * last mark. The sentence says that it is not known, and is written anew when the clock has been set. A
 * server that never lives for ten seconds leaves no mark: each start makes the one row longer. */
#include "station/downtime.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/house_events.h"
#include "store/settings.h"

#define SETTING "station.served_ns"
#define ENDED " ended" /* after the number: it was told to end */
#define TOLD_NS (10 * CLOCK_SECOND + DOWNTIME_MARK_NS)
#define CLOCK_IS_SET_NS (600 * CLOCK_SECOND) /* after a boot: by then the network has told the time */

static char *wall(char *to, size_t size, const struct station_time *time, int64_t station_ns)
{
	return clock_format(to, size, station_to_wall_ms(time, station_ns));
}

static const char *state_of(const struct downtime *down)
{
	return down->on_purpose ? "stopped on purpose" : "down";
}

/* Up to `to_ms` by a wall clock that may be another than the one of `from_ns`. */
static void say_known(struct downtime *down, const char *from, int64_t from_ms, int64_t to_ms)
{
	char by[32], to[40];

	snprintf(down->reason, sizeof(down->reason), "the house was %s for %s, from %s to %s", state_of(down), clock_format_duration(by, sizeof(by), to_ms - from_ms), from,
		 clock_format(to, sizeof(to), to_ms));
}

static void say(struct downtime *down, const struct station_time *time)
{
	int64_t lifted_ns = station_time_lifted_ns(time);
	char from[40], to[40], clock[40];

	wall(from, sizeof(from), time, down->from_ns);
	if (down->to_ns - lifted_ns >= down->from_ns)
		say_known(down, from, station_to_wall_ms(time, down->from_ns),
			  station_to_wall_ms(time, down->to_ns));
	else
		snprintf(down->reason, sizeof(down->reason),
			 "the house was %s from %s, for how long is not known: the clock of this machine "
			 "began at %s; the "
			 "station goes on at %s",
			 state_of(down), from, wall(clock, sizeof(clock), time, down->to_ns - lifted_ns),
			 wall(to, sizeof(to), time, down->to_ns));
}

static int note(struct db *writer, const struct downtime *down, struct err *err)
{
	const struct house_event event = {
		down->on_purpose ? "stopped" : "down", down->from_ns, down->to_ns, clock_wall_ms(), down->reason,
	};

	return house_events_add(writer, &event, err);
}

static int write_mark(struct db *writer, int64_t served_ns, const char *how, struct err *err)
{
	char text[64];
	int rc;

	snprintf(text, sizeof(text), "%" PRId64 "%s", served_ns, how);
	db_lock(writer);
	rc = settings_set(writer, SETTING, text, err);
	db_unlock(writer);
	return rc;
}

int downtime_begin(struct db *writer, const struct station_time *time, struct downtime *ret, struct err *err)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const char *text = NULL;
	char *rest;
	int rc;

	*ret = (struct downtime) { .to_ns = station_now_ns(time), .rebooted = station_time_rebooted(time) };
	db_lock(writer);
	rc = settings_get(writer, SETTING, &arena, &text, err);
	db_unlock(writer);
	if (rc < 0 || !text)
		return rc;
	ret->from_ns = strtoll(text, &rest, 10);
	ret->on_purpose = strcmp(rest, ENDED) == 0;
	if (ret->on_purpose) /* this server may be killed before it leaves a mark of its own */
		rc = write_mark(writer, ret->from_ns, "", err);
	if (rc < 0)
		return rc;
	if (ret->from_ns <= 0 || ret->to_ns - ret->from_ns < TOLD_NS) {
		ret->from_ns = 0;
		return 0;
	}
	say(ret, time);
	return note(writer, ret, err);
}

int downtime_mark(struct db *writer, const struct station_time *time, bool ends, struct err *err)
{
	return write_mark(writer, station_now_ns(time), ends ? ENDED : "", err);
}

bool downtime_clock_set(struct db *writer, const struct station_time *time, struct downtime *down,
			struct err *err)
{
	int64_t now_ns = station_now_ns(time), began_ms, from_ms;
	char from[40];

	if (!down->from_ns || !down->rebooted || now_ns - down->to_ns > CLOCK_IS_SET_NS)
		return false;
	down->rebooted = false;
	from_ms = station_to_wall_ms(time, down->from_ns);
	began_ms = station_to_wall_ms(time, now_ns) - (now_ns - down->to_ns) / CLOCK_MS;
	if (began_ms < from_ms) /* set back: what was said is as good as it gets */
		return false;
	say_known(down, clock_format(from, sizeof(from), from_ms), from_ms, began_ms);
	note(writer, down, err);
	return true;
}
