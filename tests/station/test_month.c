/* A month of twenty channels, hour after hour as the server builds it, under a clock that a test turns: edits, a library
 * that comes and goes, reboots, days without power, a wall clock that is set, summer time that ends or begins.
 *
 * Numbers and positions only grow, what was sent is never rewritten, a playlist never goes back or changes what a number
 * means, and every programme of a grid starts within one frame of its minute. */
#include "lib/station_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/lineup.h"
#include "station/on_air.h"
#include "station/position.h"
#include "station/timeline_builder.h"
#include "store/channels.h"
#include "store/timeline.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define CHANNELS 20
#define STEP_HOURS 6

static const struct kind_of_channel {
	int grid;
	const char *rest;
} kinds[CHANNELS] = {
	{ 30, "\"order\": \"shuffle\"" },
	{ 60, "\"order\": \"order\", \"query\": {\"kind\": \"episode\"}" },
	{ 15, "\"order\": \"shuffle\", \"query\": {\"kind\": \"episode\"}" },
	{ 0, "\"order\": \"loop\", \"query\": {\"kind\": \"movie\"}" },
	{ 0, "\"order\": \"shuffle\", \"break_every\": 600" },
	{ 120, "\"order\": \"shuffle\", \"query\": {\"kind\": \"movie\"}" },
	{ 7, "\"order\": \"order\", \"query\": {\"kind\": \"episode\"}" },
	{ 5, "\"order\": \"shuffle\", \"spots\": false" },
	{ 90, "\"order\": \"order\", \"bumpers\": false" },
	{ 0, "\"order\": \"order\", \"spots\": false" },
	{ 20, "\"order\": \"shuffle\", \"break_every\": 420, \"break_length\": 90" },
	{ 30, "\"order\": \"order\", \"query\": {\"show\": \"First\"}" },
	{ 30, "\"order\": \"shuffle\", \"query\": {\"show\": \"Second\"}" },
	{ 0, "\"order\": \"shuffle\", \"query\": {\"kind\": \"commercial\"}" },
	{ 45, "\"order\": \"shuffle\", \"query\": {\"kind\": \"movie\"}" },
	{ 60, "\"order\": \"shuffle\", \"spots\": false, \"bumpers\": false" },
	{ 10, "\"order\": \"order\", \"query\": {\"kind\": \"episode\"}, \"break_every\": 300" },
	{ 0, "\"order\": \"loop\", \"query\": {\"search\": \"item 3\"}" },
	{ 360, "\"order\": \"shuffle\", \"query\": {\"kind\": \"movie\"}" },
	{ 1440, "\"order\": \"order\", \"query\": {\"kind\": \"movie\"}" },
};

struct watched { /* what somebody has seen of a channel */
	int64_t id, number_from, position, seq; /* of the newest row that has ended: its end and the number after it */
	uint64_t history;			/* over all rows that have ended */
	int64_t first, last;			/* numbers of the newest playlist */
	int64_t loose_ns;			/* a grid begins behind it */
};

struct month {
	struct station_fixture f;
	struct watched watched[CHANNELS];
	int64_t items[64];
	size_t item_count;
	int64_t airings, rows, on_grid;
	int boots;
};

static uint64_t rng;

static int64_t draw(int64_t n)
{
	rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)((rng >> 33) % (uint64_t)n);
}

static int64_t add_item(struct month *m, const char *kind, int64_t least_s, int64_t most_s, const char *show)
{
	static const int rates[][2] = { { 25, 1 }, { 24000, 1001 }, { 30000, 1001 }, { 50, 1 }, { 60000, 1001 } };
	const int *rate = rates[draw(5)];
	char title[32];
	struct fixture_item item = { .kind = kind, .title = title, .show = show, .fps_num = rate[0], .fps_den = rate[1] };
	int64_t id;

	snprintf(title, sizeof(title), "Item %zu", m->item_count);
	item.flicks = least_s * PLAN_FLICKS + draw((most_s - least_s) * 1000) * (PLAN_FLICKS / 1000) + draw(705600);
	if (show) {
		item.season = 1 + (int)draw(3);
		item.episode = 1 + (int)draw(500);
	}
	id = station_fixture_item(&m->f, &item);
	for (int64_t n = least_s >= 600 ? draw(5) : 0; n > 0; n--) {
		int64_t at = draw(item.flicks / 705600);

		station_fixture_break(&m->f, id, at, draw(3) ? 0 : at + 1 + draw(60000));
	}
	if (m->item_count < 64)
		m->items[m->item_count++] = id;
	return id;
}

static void fill_library(struct month *m)
{
	for (int i = 0; i < 8; i++)
		add_item(m, "episode", 1200, 1700, "First");
	for (int i = 0; i < 8; i++)
		add_item(m, "episode", 240, 2700, "Second");
	for (int i = 0; i < 9; i++)
		add_item(m, "movie", 4000, 9000, NULL);
	for (int i = 0; i < 9; i++)
		add_item(m, i < 6 ? "commercial" : i < 8 ? "bumper" : "filler", 15, 60, NULL);
}

static void open_month(struct month *m, const char *zone, const char *begins)
{
	struct err err = { 0 };
	int64_t ms;

	setenv("TZ", zone, 1);
	tzset();
	test_ok(clock_parse(begins, &ms, &err), &err);
	station_fixture_open(&m->f, ms + 789);
	fill_library(m);
	for (int i = 0; i < CHANNELS; i++) {
		char name[16], rules[256];

		snprintf(name, sizeof(name), "Channel %d", i + 1);
		snprintf(rules, sizeof(rules), "{\"grid\": %d, %s}", kinds[i].grid, kinds[i].rest);
		m->watched[i] = (struct watched){ .id = station_fixture_channel(&m->f, i + 1, name, rules, draw(1000000)) };
		m->watched[i].number_from = m->watched[i].seq = -1;
		/* A new channel begins at once, and what has begun may end past a mark. */
		m->watched[i].loose_ns = station_now_ns(m->f.time) + 3 * HOUR;
	}
}

/* ---- what was sent ---- */

static uint64_t add_to_history(uint64_t history, const struct timeline_row *row)
{
	int64_t facts[] = { row->start_flicks, row->frames, row->first_seq, row->segments, row->item_id };

	return XXH3_64bits_withSeed(row->clip.key, strlen(row->clip.key), XXH3_64bits_withSeed(facts, sizeof(facts), history));
}

/* Takes in what has ended since the last look; each row follows on the one before it. */
static void look_at_rows(struct month *m, struct watched *w, const struct channel *channel, int64_t now)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct timeline_rows list;
	struct err err = { 0 };

	test_ok(timeline_window(m->f.db, w->id, w->position, now, SIZE_MAX, &arena, &list, &err), &err);
	for (size_t i = 0; i < list.count && timeline_row_end(&list.rows[i]) <= now; i++) {
		const struct timeline_row *row = &list.rows[i];

		assert_int_equal(row->start_flicks, w->position);
		assert_int_equal(row->first_seq, w->seq < 0 ? channel->generation : w->seq);
		assert_true(row->frames >= plan_min_frames((struct plan_rate){ channel->fps_num, channel->fps_den }));
		assert_true(row->segments > 0);
		w->position = timeline_row_end(row);
		w->seq = row->first_seq + row->segments;
		w->history = add_to_history(w->history, row);
		m->rows++;
	}
}

/* Stamps of a stretch: each segment's first frame lies where the last one's ended, to a tick. */
static void look_at_stamps(struct month *m, const struct channel *channel, int64_t from_ns)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct on_air_segments list;
	struct err err = { 0 };

	test_ok(on_air_window(m->f.db, channel, from_ns, from_ns + 3 * 60 * CLOCK_SECOND, &arena, &list, &err), &err);
	assert_true(list.count > 60);
	for (size_t i = 0; i < list.count; i++) {
		const struct on_air_segment *s = &list.segments[i];
		struct plan_rate rate = clip_rate(&s->clip);
		int64_t first = (int64_t)s->stamp + plan_frame_ticks(s->plan.first_frame, rate);
		int64_t wanted = plan_flicks_ticks(s->start_flicks) + ON_AIR_PTS_BASE;
		int64_t off = (first - wanted) % (INT64_C(1) << 33);

		assert_true((off >= -1 && off <= 1) || off == -(INT64_C(1) << 33) + 1 || off == (INT64_C(1) << 33) - 1);
		assert_int_equal(s->plan.frames * plan_frame_flicks(rate), s->duration_flicks);
		assert_true(s->duration_flicks <= PLAN_TARGET_SECONDS * PLAN_FLICKS);
		if (i) {
			assert_int_equal(s->seq, list.segments[i - 1].seq + 1);
			assert_int_equal(s->start_flicks,
					 list.segments[i - 1].start_flicks + list.segments[i - 1].duration_flicks);
		}
	}
}

static void look_at_playlist(struct month *m, struct watched *w, const struct channel *channel, int64_t now_ns)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf text = { 0 };
	struct err err = { 0 };
	int64_t first, count = 0, edge;
	double seconds = 0;
	const char *at;

	test_ok(on_air_playlist(m->f.db, channel, m->f.time, now_ns, &arena, &text, &err), &err);
	at = strstr(buf_text(&text), "#EXT-X-MEDIA-SEQUENCE:");
	assert_non_null(at);
	assert_non_null(strstr(buf_text(&text), "#EXT-X-TARGETDURATION:3\n"));
	first = strtoll(at + 22, NULL, 10);
	for (at = strstr(at, "#EXTINF:"); at; at = strstr(at + 1, "#EXTINF:"), count++) {
		double length = strtod(at + 8, NULL);

		assert_true(length >= 0.99 && length <= 3.0);
		seconds += length;
	}
	assert_true(first >= w->first && first + count >= w->last);
	assert_true(count >= 6 && seconds >= 30);
	test_ok(on_air_edge(m->f.db, channel, now_ns, &arena, &edge, &err), &err);
	assert_int_equal(edge, first + count - 1);
	w->first = first;
	w->last = first + count;
}

/* Every programme that has begun since the last look. */
static void look_at_grid(struct month *m, struct watched *w, const struct channel *channel, int grid, int64_t from_ns,
			 int64_t to_ns)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	int64_t from = position_flicks(channel->epoch_ns, from_ns), to = position_flicks(channel->epoch_ns, to_ns);
	int64_t frame_ms = plan_frame_flicks((struct plan_rate){ channel->fps_num, channel->fps_den }) / 705600;
	struct airing_list list;
	struct err err = { 0 };

	test_ok(airings_window(m->f.db, w->id, from, to, &arena, &list, &err), &err);
	for (size_t i = 0; i < list.count; i++) {
		int64_t start_ns = position_ns(channel->epoch_ns, list.airings[i].start_flicks), ms;
		time_t minute;
		struct tm tm;

		if (list.airings[i].start_flicks < from)
			continue;
		m->airings++;
		if (!grid || strcmp(list.airings[i].kind, "programme") != 0 || start_ns < w->loose_ns)
			continue;
		/* The mapping loses up to a ms. */
		ms = station_to_wall_ms(m->f.time, start_ns) + 1;
		minute = (time_t)(ms / 60000 * 60);
		localtime_r(&minute, &tm);
		if ((tm.tm_hour * 60 + tm.tm_min) % grid != 0 || ms % 60000 > frame_ms + 2)
			fail_msg("channel %d, grid %d: a programme starts at %02d:%02d and %lld ms", channel->number, grid,
				 tm.tm_hour, tm.tm_min, (long long)(ms % 60000));
		m->on_grid++;
	}
}

static void look(struct month *m, int64_t from_ns)
{
	int64_t now_ns = station_now_ns(m->f.time);

	for (int i = 0; i < CHANNELS; i++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct watched *w = &m->watched[i];
		struct channel channel;
		struct err err = { 0 };

		test_ok(channels_get(m->f.db, w->id, &arena, &channel, &err), &err);
		if (w->number_from < 0)
			w->number_from = channel.generation;
		assert_int_equal(channel.generation, w->number_from); /* no viewer's numbers began anew */
		look_at_rows(m, w, &channel, position_flicks(channel.epoch_ns, now_ns));
		look_at_playlist(m, w, &channel, now_ns);
		look_at_grid(m, w, &channel, kinds[i].grid, from_ns, now_ns);
		if (draw(4) == 0)
			look_at_stamps(m, &channel, now_ns - HOUR);
	}
}

/* ---- what happens ---- */

static void build(struct month *m)
{
	struct err err = { 0 };
	int more;

	do { /* in turns, as the server's builder */
		more = 0;
		for (int i = 0; i < CHANNELS; i++) {
			int rc = timeline_build(m->f.db, m->f.time, m->watched[i].id,
						station_now_ns(m->f.time) + TIMELINE_AHEAD_NS, 50, &err);

			test_ok(rc, &err);
			more |= rc;
		}
	} while (more);
}

static void rebuild(struct month *m)
{
	struct err err = { 0 };

	for (int i = 0; i < CHANNELS; i++)
		test_ok(timeline_rebuild(m->f.db, m->f.time, m->watched[i].id, &err), &err);
}

/* Grids hold again behind what was locked, the longest that may have begun in it, and what fills the time to the next mark. */
static void loosen(struct month *m)
{
	for (int i = 0; i < CHANNELS; i++)
		m->watched[i].loose_ns = station_now_ns(m->f.time) + 4 * HOUR + kinds[i].grid * HOUR / 60;
}

/* A wall clock that differs is believed after a minute; 1 when it was. */
static int settle(struct month *m)
{
	struct err err = { 0 };
	int jumped;

	test_ok(station_time_tick(m->f.time, m->f.db, &err), &err);
	station_fixture_pass(&m->f, 61 * CLOCK_SECOND);
	jumped = station_time_tick(m->f.time, m->f.db, &err);
	test_ok(jumped, &err);
	if (jumped) {
		rebuild(m);
		loosen(m);
	}
	return jumped;
}

static void reboot(struct month *m)
{
	struct err err = { 0 };
	int64_t before = station_now_ns(m->f.time);

	station_time_free(m->f.time);
	snprintf(m->f.boot, sizeof(m->f.boot), "boot-%d", ++m->boots + 1);
	m->f.boot_ns = 20 * CLOCK_SECOND;
	m->f.time = station_time_open_with(m->f.db, &m->f.clocks, &err);
	assert_non_null(m->f.time);
	assert_true(station_now_ns(m->f.time) >= before);
	/* Station time may have gone on at the mark that is kept ahead: up to a minute. That is a jump to the wall. */
	settle(m);
}

static void set_wall(struct month *m, int64_t ns)
{
	m->f.wall_ns += ns;
	assert_int_equal(settle(m), 1);
}

static void change_library(struct month *m)
{
	station_fixture_remove_item(&m->f, m->items[draw((int64_t)m->item_count)]);
	add_item(m, draw(2) ? "episode" : "movie", 1200, 5000, draw(2) ? "First" : NULL);
	rebuild(m);
}

static void happen(struct month *m, int step)
{
	struct err err = { 0 };

	test_ok(station_time_tick(m->f.time, m->f.db, &err), &err);
	switch (step) {
	case 20:
		reboot(m);
		break;
	case 31:
		set_wall(m, 37 * 60 * CLOCK_SECOND);
		break;
	case 48:
		set_wall(m, -24 * HOUR - 37 * 60 * CLOCK_SECOND);
		break;
	case 60:
		set_wall(m, 24 * HOUR);
		break;
	case 70: /* four days without power: more than was built */
		station_fixture_pass(&m->f, 100 * HOUR);
		reboot(m);
		loosen(m);
		break;
	default:
		if (step % 9 == 4)
			change_library(m);
	}
}

static void history_stands(struct month *m)
{
	for (int i = 0; i < CHANNELS; i++) {
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct watched *w = &m->watched[i];
		struct timeline_rows list;
		struct err err = { 0 };
		uint64_t history = 0;

		test_ok(timeline_window(m->f.db, w->id, 0, w->position, SIZE_MAX, &arena, &list, &err), &err);
		for (size_t r = 0; r < list.count; r++)
			history = add_to_history(history, &list.rows[r]);
		assert_true(history == w->history);
		station_fixture_check(&m->f, w->id);
	}
}

static void live(const char *zone, const char *begins, int days, bool eventful)
{
	struct month m = { 0 };

	rng = (uint64_t)days;
	open_month(&m, zone, begins);
	build(&m);
	for (int step = 0; step < days * 24 / STEP_HOURS; step++) {
		int64_t from_ns = station_now_ns(m.f.time);

		station_fixture_pass(&m.f, STEP_HOURS * HOUR + draw(CLOCK_SECOND));
		if (eventful)
			happen(&m, step);
		build(&m);
		look(&m, from_ns);
	}
	history_stands(&m);
	print_message("%s, %d days: %lld programmes, %lld on their minute, %lld rows\n", zone, days, (long long)m.airings,
		      (long long)m.on_grid, (long long)m.rows);
	assert_true(m.on_grid > days * 100);
	station_fixture_close(&m.f);
	setenv("TZ", "UTC", 1);
	tzset();
}

static void a_month_in_which_everything_happens(void **state)
{
	(void)state;
	live("Europe/Berlin", "2026-10-08T10:00:00Z", 31, true); /* summer time ends on the 25th */
}

static void summer_time_begins(void **state)
{
	(void)state;
	live("Europe/Berlin", "2027-03-27T10:00:00Z", 2, false);
	live("America/New_York", "2027-03-13T10:00:00Z", 2, false);
	live("Australia/Lord_Howe", "2027-04-02T20:00:00Z", 2, false); /* ends, by half an hour */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_month_in_which_everything_happens),
		cmocka_unit_test(summer_time_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
