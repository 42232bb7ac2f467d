/* An alert that resumes: not a frame of the programme is lost, none comes twice, and what follows is moved to the frame. */
#include "lib/station_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/alert.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "station/timeline_builder.h"

#define MINUTE (INT64_C(60) * CLOCK_SECOND)
#define HOUR (60 * MINUTE)
#define START_MS INT64_C(1793480400567)

struct house {
	struct station_fixture f;
	struct arena arena;
	struct channel channel;
	struct timeline_row row; /* the one that is on */
	struct airing airing;
};

static void open_house(struct house *h, int num, int den, int minutes)
{
	struct timeline_rows rows;
	struct airing_list airings;
	struct err err = { 0 };
	int64_t id, at;

	*h = (struct house){ 0 };
	station_fixture_open(&h->f, START_MS);
	for (int i = 0; i < 4; i++)
		station_fixture_item(&h->f, &(struct fixture_item){ .kind = "movie", .title = "x", .fps_num = num, .fps_den = den,
								    .flicks = (minutes * 60000 + i * 4237) * INT64_C(705600) + 99 });
	station_fixture_item(&h->f, &(struct fixture_item){ .kind = "commercial", .title = "c", .fps_num = num, .fps_den = den,
							    .flicks = 31000 * INT64_C(705600) });
	id = station_fixture_channel(&h->f, 3, "Three", "{\"order\": \"order\", \"break_every\": 1300}", 5);
	station_fixture_build(&h->f, id, station_now_ns(h->f.time) + 4 * HOUR);
	station_fixture_pass(&h->f, MINUTE);
	test_ok(channels_get(h->f.db, id, &h->arena, &h->channel, &err), &err);
	at = position_flicks(h->channel.epoch_ns, station_now_ns(h->f.time));
	test_ok(timeline_window(h->f.db, id, at, at + 1, 1, &h->arena, &rows, &err), &err);
	h->row = rows.rows[0];
	test_ok(airings_window(h->f.db, id, at, at + 1, &h->arena, &airings, &err), &err);
	h->airing = airings.airings[0];
}

static void close_house(struct house *h)
{
	arena_free(&h->arena);
	station_fixture_close(&h->f);
}

static int64_t raise_alert(struct house *h, int64_t seconds)
{
	struct alert_request request = { .text = "Fire", .priority = 50, .for_ms = seconds * 1000, .resume = true };
	struct err err = { 0 };
	int64_t id;

	test_ok(alert_start(h->f.db, h->f.time, &request, &id, &err), &err);
	return id;
}

static struct on_air_segment segment(struct house *h, int64_t seq)
{
	struct on_air_segment s;
	struct err err = { 0 };

	test_ok(on_air_segment(h->f.db, &h->channel, seq, &h->arena, &s, &err), &err);
	return s;
}

/* Position in the file of a segment's first frame. */
static int64_t source(const struct on_air_segment *s)
{
	return s->clip.in_flicks + s->plan.first_frame * plan_frame_flicks(clip_rate(&s->clip));
}

static int64_t frames_of(const struct on_air_segment *s)
{
	return s->plan.frames * plan_frame_flicks(clip_rate(&s->clip));
}

/* Walks from the row's first segment to the end of its part; how far the alert reached in *ret_cards. */
static int64_t walk(struct house *h, int64_t *ret_cards, int64_t *ret_end)
{
	int64_t next = h->row.clip.in_flicks, seq = h->row.first_seq, at = h->row.start_flicks;

	*ret_cards = 0;
	for (;; seq++) {
		struct on_air_segment s = segment(h, seq);

		assert_int_equal(s.start_flicks, at);
		at += s.duration_flicks;
		if (s.card) {
			*ret_cards += s.plan.frames;
			continue;
		}
		if (s.slate || s.clip.file_id != h->row.clip.file_id)
			break;
		if (source(&s) != next)
			break;
		next += frames_of(&s);
	}
	*ret_end = seq;
	return next;
}

static void nothing_is_lost(void **state)
{
	static const int rates[][2] = { { 25, 1 }, { 24000, 1001 }, { 60000, 1001 } };

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
		struct house h;
		struct timeline_rows before, after;
		struct err err = { 0 };
		int64_t end, cards, seq, row_end, ff;

		open_house(&h, rates[r][0], rates[r][1], 45);
		row_end = timeline_row_end(&h.row);
		ff = plan_frame_flicks((struct plan_rate){ rates[r][0], rates[r][1] });
		assert_true(h.row.clip.in_flicks == 0 && row_end < h.airing.end_flicks);
		test_ok(timeline_window(h.f.db, h.channel.id, row_end, h.airing.end_flicks, 99, &h.arena, &before, &err), &err);
		end = walk(&h, &cards, &seq);
		assert_int_equal(end, h.row.frames * ff);
		raise_alert(&h, 40);
		assert_int_equal(walk(&h, &cards, &seq), end); /* the same last frame, with no hole before it */
		assert_true(cards * ff >= 40 * PLAN_FLICKS - ff && cards * ff <= 43 * PLAN_FLICKS);
		assert_int_equal(segment(&h, seq).start_flicks, row_end + cards * ff);
		/* The rest of the airing, moved. */
		test_ok(timeline_window(h.f.db, h.channel.id, row_end + cards * ff, INT64_MAX / 4, 99, &h.arena, &after, &err), &err);
		assert_int_equal(after.count, before.count);
		for (size_t i = 0; i < before.count; i++) {
			assert_string_equal(before.rows[i].clip.key, after.rows[i].clip.key);
			assert_int_equal(before.rows[i].start_flicks + cards * ff, after.rows[i].start_flicks);
			assert_int_equal(before.rows[i].frames, after.rows[i].frames);
		}
		/* Building goes on. */
		test_ok(timeline_rebuild(h.f.db, h.f.time, h.channel.id, &err), &err);
		test_ok(alert_apply(h.f.db, h.f.time, 0, &err), &err);
		assert_int_equal(walk(&h, &cards, &seq), end);
		station_fixture_check(&h.f, h.channel.id);
		close_house(&h);
	}
}

/* What is published stays, whatever the alert is. */
static void the_published_stays(void **state)
{
	struct on_air_segment before[8], after;
	struct house h;
	struct err err = { 0 };
	int64_t first;

	(void)state;
	open_house(&h, 25, 1, 45);
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &first, &err), &err);
	for (int i = 0; i < 8; i++)
		before[i] = segment(&h, first - 8 + i);
	raise_alert(&h, 20);
	for (int i = 0; i < 8; i++) {
		after = segment(&h, first - 8 + i);
		assert_string_equal(before[i].clip.key, after.clip.key);
		assert_int_equal(before[i].stamp, after.stamp);
		assert_false(after.overridden);
	}
	assert_non_null(segment(&h, first).card);
	close_house(&h);
}

/* A row that ends within the lock cannot be moved: join in progress, as if it had not been asked for. */
static void what_ends_soon_is_joined(void **state)
{
	CLEANUP(cleanup_free) char *before = NULL, *after = NULL;
	struct house h;
	int64_t cards, seq;

	(void)state;
	open_house(&h, 25, 1, 8);
	before = station_fixture_dump(&h.f, h.channel.id, 0, INT64_MAX);
	raise_alert(&h, 20);
	after = station_fixture_dump(&h.f, h.channel.id, 0, INT64_MAX);
	assert_string_equal(before, after);
	walk(&h, &cards, &seq);
	assert_true(cards > 0 && seq < h.row.first_seq + h.row.segments); /* a hole: it went on meanwhile */
	close_house(&h);
}

/* Cancelled: it goes back to where it would have been, so that nothing is lost and only some is seen twice. */
static void a_cancelled_one_loses_nothing(void **state)
{
	struct house h;
	struct on_air_segment s;
	struct err err = { 0 };
	int64_t id, first, end;

	(void)state;
	open_house(&h, 25, 1, 45);
	end = h.row.first_seq + h.row.segments;
	station_fixture_pass(&h.f, 2 * MINUTE);
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &first, &err), &err);
	id = raise_alert(&h, 60);
	station_fixture_pass(&h.f, 20 * CLOCK_SECOND);
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &end, &err), &err);
	test_ok(alert_cancel(h.f.db, h.f.time, id, &err), &err);
	s = segment(&h, end);
	assert_null(s.card);
	assert_true(source(&s) <= (first - h.row.first_seq) * PLAN_SEGMENT);
	assert_true(source(&s) >= (first - h.row.first_seq - 31) * PLAN_SEGMENT);
	for (int64_t seq = end; seq < h.row.first_seq + h.row.segments; seq++) {
		struct on_air_segment next = segment(&h, seq + 1);

		s = segment(&h, seq);
		assert_false(s.slate);
		assert_int_equal(source(&next), source(&s) + frames_of(&s)); /* and over into the rest */
	}
	close_house(&h);
}

/* 7 s into a film, 60 s that end after some 20: 35 s of what was before the film are not there, so it begins anew a little later,
 * and until then there is slate, never a picture that stands still. */
static void a_cancelled_one_near_the_beginning_shows_what_there_is(void **state)
{
	struct house h;
	struct err err = { 0 };
	struct on_air_segment s;
	int64_t id, first, slates = 0, expected = 0;

	(void)state;
	open_house(&h, 25, 1, 45);
	while (h.row.clip.in_flicks > 0 || !h.row.clip.path || strcmp(h.row.kind, "programme") != 0 ||
	       position_flicks(h.channel.epoch_ns, station_now_ns(h.f.time)) - h.row.start_flicks > 7 * PLAN_FLICKS) {
		struct timeline_rows rows;
		int64_t at;

		station_fixture_pass(&h.f, 5 * CLOCK_SECOND);
		at = position_flicks(h.channel.epoch_ns, station_now_ns(h.f.time));
		test_ok(timeline_window(h.f.db, h.channel.id, at, at + 1, 1, &h.arena, &rows, &err), &err);
		assert_int_equal(rows.count, 1);
		h.row = rows.rows[0];
	}
	id = raise_alert(&h, 60);
	station_fixture_pass(&h.f, 20 * CLOCK_SECOND);
	test_ok(override_first(h.f.db, &h.channel, station_now_ns(h.f.time), &first, &err), &err);
	test_ok(alert_cancel(h.f.db, h.f.time, id, &err), &err);
	for (int64_t seq = first; seq < h.row.first_seq + h.row.segments; seq++) {
		s = segment(&h, seq);
		assert_null(s.card);
		if (s.slate) {
			assert_int_equal(seq - first, slates); /* before all else */
			slates++;
			continue;
		}
		assert_true(source(&s) >= 0);
		if (seq - first == slates)
			assert_true(source(&s) < 4 * PLAN_FLICKS);
		else
			assert_int_equal(source(&s), expected);
		expected = source(&s) + frames_of(&s);
	}
	assert_in_range(slates, 3, 20);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(the_published_stays),
		cmocka_unit_test(what_ends_soon_is_joined),
		cmocka_unit_test(a_cancelled_one_loses_nothing),
		cmocka_unit_test(a_cancelled_one_near_the_beginning_shows_what_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
