/* What is sent at an instant: playlists that only move forward, segments that join to the tick, the same for
 * all. */
#include "lib/station_fixture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/lineup.h"
#include "station/on_air.h"
#include "station/position.h"
#include "station/timeline_builder.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define START_MS INT64_C(1793480400567)

static int64_t add_item(struct station_fixture *f, const char *kind, const char *title, int64_t ms, int num,
			int den)
{
	return station_fixture_item(f, &(struct fixture_item) { .kind = kind,
								.title = title,
								.flicks = ms * 705600 + 12345,
								.fps_num = num,
								.fps_den = den });
}

/* Crooked lengths, so that tails of every kind join: under 1 s, just over it, whole segments. */
static int64_t some_channel(struct station_fixture *f, int num, int den)
{
	int64_t id, first = 0;

	for (int i = 0; i < 23; i++) {
		int64_t item = add_item(f, i % 4 == 3 ? "commercial" : "movie", "x",
					1100 + i * 1237 % 9000 + i * 4001, num, den);

		first = first ? first : item;
	}
	station_fixture_break(f, first + 20, 30000, 0);
	id = station_fixture_channel(f, 3, "Three", "{\"order\": \"shuffle\"}", 5);
	station_fixture_build(f, id, station_now_ns(f->time) + 8 * HOUR);
	station_fixture_check(f, id);
	return id;
}

struct parsed {
	int64_t sequence, target, count, first_wall_ms, generation;
	double duration, longest;
	char uri[100][64];
};

static struct parsed parse(const char *text)
{
	struct parsed p = { 0 };
	const char *line = text, *end;

	assert_memory_equal(text, "#EXTM3U\n", 8);
	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		if (strncmp(line, "#EXT-X-MEDIA-SEQUENCE:", 22) == 0)
			p.sequence = atoll(line + 22);
		else if (strncmp(line, "#EXT-X-TARGETDURATION:", 22) == 0)
			p.target = atoll(line + 22);
		else if (strncmp(line, "#EXT-X-PROGRAM-DATE-TIME:", 25) == 0 && !p.first_wall_ms) {
			char time[40];
			struct err err = { 0 };

			snprintf(time, sizeof(time), "%.*s", (int)(end - line - 25), line + 25);
			test_ok(clock_parse(time, &p.first_wall_ms, &err), &err);
		} else if (strncmp(line, "#EXTINF:", 8) == 0) {
			double d = atof(line + 8);

			assert_true(lround(d) <= 3);
			assert_true(d >= 0.99);
			p.duration += d;
			p.longest = d > p.longest ? d : p.longest;
		} else if (*line != '#') {
			assert_true(p.count < 100);
			snprintf(p.uri[p.count++], 64, "%.*s", (int)(end - line), line);
		}
	}
	return p;
}

static void a_playlist_only_moves_forward(void **state)
{
	static const int rates[][2] = { { 25, 1 }, { 24000, 1001 }, { 60000, 1001 } };

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
		struct station_fixture f;
		CLEANUP(arena_free) struct arena channel_arena = { 0 };
		CLEANUP(buf_free) struct buf text = { 0 };
		struct channel channel;
		struct err err = { 0 };
		int64_t id, last_sequence = 0, last_edge = 0;

		station_fixture_open(&f, START_MS);
		id = some_channel(&f, rates[r][0], rates[r][1]);
		test_ok(channels_get(f.db, id, &channel_arena, &channel, &err), &err);
		assert_int_equal(channel.fps_num, rates[r][0]);
		for (int64_t s = 0; s < 7 * 3600; s++) {
			CLEANUP(arena_free) struct arena arena = { 0 };
			int64_t now = station_now_ns(f.time), edge;
			struct parsed p;
			char expected[64];

			buf_reset(&text);
			test_ok(on_air_playlist(f.db, &channel, f.time, now, &arena, &text, &err), &err);
			p = parse(buf_text(&text));
			assert_int_equal(p.target, 3);
			assert_true(p.count >= 6);
			assert_true(p.duration >= 29.999);
			assert_true(p.sequence >= last_sequence);
			for (int64_t i = 0; i < p.count; i++) {
				snprintf(expected, sizeof(expected), "/channel/3/s/%lld/%lld.ts",
					 (long long)channel.generation, (long long)(p.sequence + i));
				assert_string_equal(p.uri[i], expected);
			}
			test_ok(on_air_edge(f.db, &channel, now, &arena, &edge, &err), &err);
			assert_int_equal(edge, p.sequence + p.count - 1);
			assert_true(s == 0 || (edge >= last_edge && edge <= last_edge + 1));
			/* All of it has passed; the newest not long ago. */
			assert_true((double)p.first_wall_ms + p.duration * 1000 <= (double)now / 1e6 + 1);
			assert_true((double)p.first_wall_ms + p.duration * 1000 >= (double)now / 1e6 - 3001);
			last_sequence = p.sequence;
			last_edge = edge;
			station_fixture_pass(&f, CLOCK_SECOND);
		}
		station_fixture_close(&f);
	}
}

static void segments_join_to_the_tick(void **state)
{
	static const int rates[][2] = { { 25, 1 }, { 24000, 1001 }, { 30000, 1001 } };

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
		struct station_fixture f;
		CLEANUP(arena_free) struct arena arena = { 0 };
		struct on_air_segments window;
		struct channel channel;
		struct err err = { 0 };
		int64_t id, now, frame;

		station_fixture_open(&f, START_MS);
		id = some_channel(&f, rates[r][0], rates[r][1]);
		test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
		now = station_now_ns(f.time);
		frame = plan_frame_flicks((struct plan_rate) { rates[r][0], rates[r][1] });
		test_ok(on_air_window(f.db, &channel, now, now + 6 * HOUR, &arena, &window, &err), &err);
		assert_true(window.count > 5000);
		for (size_t i = 0; i < window.count; i++) {
			struct on_air_segment *s = &window.segments[i], one;
			int64_t start = (int64_t)s->stamp +
					plan_frame_ticks(s->plan.first_frame, clip_rate(&s->clip));

			/* The first picture's PTS is the position, to the rounding of two ticks. */
			assert_true(llabs(start - ON_AIR_PTS_BASE - plan_flicks_ticks(s->start_flicks)) <= 1);
			assert_int_equal(s->duration_flicks, s->plan.frames * frame);
			assert_false(s->slate);
			assert_string_not_equal(s->clip.path, "");
			if (i) {
				assert_int_equal(s->seq, window.segments[i - 1].seq + 1);
				assert_int_equal(s->start_flicks,
						 window.segments[i - 1].start_flicks +
							 window.segments[i - 1].duration_flicks);
			}
			if (i % 50 == 0) {
				test_ok(on_air_segment(f.db, &channel, s->seq, &arena, &one, &err), &err);
				assert_int_equal(one.stamp, s->stamp);
				assert_int_equal(one.k, s->k);
				assert_int_equal(one.start_flicks, s->start_flicks);
				assert_string_equal(one.clip.key, s->clip.key);
				assert_int_equal(one.clip.profile.hash, s->clip.profile.hash);
			}
		}
		/* It overlaps what was asked for and no more. */
		assert_true(position_ns(channel.epoch_ns, window.segments[0].start_flicks) <= now);
		assert_true(position_ns(channel.epoch_ns, window.segments[0].start_flicks +
								  window.segments[0].duration_flicks) > now);
		station_fixture_close(&f);
	}
}

/* A row that begins in the middle of a clip, as the end of an override does. */
static void a_row_may_begin_at_any_segment_of_its_clip(void **state)
{
	struct station_fixture f;
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct on_air_segments all;
	struct channel channel;
	struct timeline_row row;
	struct err err = { 0 };
	struct on_air_segment s;
	int64_t id, begin, seq;

	(void)state;
	station_fixture_open(&f, START_MS);
	add_item(&f, "movie", "a", 60300, 24, 1);
	id = station_fixture_channel(&f, 3, "Three", "{}", 5);
	station_fixture_build(&f, id, station_now_ns(f.time) + HOUR);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	test_ok(timeline_last(f.db, id, &arena, &row, &err), &err);
	row.k0 = 5;
	begin = plan_segment(row.clip.frames, (struct plan_rate) { 24000, 1001 }, 5).first_frame;
	row.start_flicks = timeline_row_end(&row);
	row.first_seq += row.segments;
	row.segments -= 5;
	row.frames -= begin;
	seq = row.first_seq;
	test_ok(timeline_add(f.db, &row, &err), &err);
	test_ok(on_air_segment(f.db, &channel, seq, &arena, &s, &err), &err);
	assert_int_equal(s.k, 5);
	assert_int_equal(s.start_flicks, row.start_flicks);
	assert_true(llabs((int64_t)s.stamp + plan_frame_ticks(begin, (struct plan_rate) { 24000, 1001 }) -
			  ON_AIR_PTS_BASE - plan_flicks_ticks(row.start_flicks)) <= 1);
	test_ok(on_air_window(f.db, &channel, position_ns(channel.epoch_ns, row.start_flicks) + 1,
			      position_ns(channel.epoch_ns, row.start_flicks) + 500 * CLOCK_SECOND, &arena,
			      &all, &err),
		&err);
	assert_int_equal(all.count, row.segments);
	assert_int_equal(all.segments[0].seq, seq);
	s = all.segments[all.count - 1];
	assert_int_equal(s.start_flicks + s.duration_flicks,
			 row.start_flicks + row.frames * plan_frame_flicks(clip_rate(&s.clip)));
	station_fixture_close(&f);
}

static void two_stores_answer_the_same_bytes(void **state)
{
	struct station_fixture f, g;
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf a = { 0 }, b = { 0 };
	CLEANUP(cleanup_free) char *path = NULL;
	struct station_time *other;
	struct channel channel;
	struct err err = { 0 };
	struct db *reader;
	int64_t id;

	(void)state;
	station_fixture_open(&f, START_MS);
	station_fixture_open(&g, START_MS);
	id = some_channel(&f, 30000, 1001);
	assert_int_equal(asprintf(&path, "%s/matinee.db", g.dir) > 0, 1);
	station_time_free(g.time);
	g.time = NULL;
	store_close(g.store);
	test_ok(db_backup(f.db, path, NULL, &err), &err);
	g.store = store_open(g.dir, false, &err);
	reader = store_reader(g.store, &err);
	assert_non_null(reader);
	other = station_time_read_with(reader, &f.clocks, &err);
	test_ok(channels_get(reader, id, &arena, &channel, &err), &err);
	for (int i = 0; i < 500; i++) {
		station_fixture_pass(&f, 7 * CLOCK_SECOND + 1000 * i);
		buf_reset(&a);
		buf_reset(&b);
		test_ok(on_air_playlist(f.db, &channel, f.time, station_now_ns(f.time), &arena, &a, &err),
			&err);
		test_ok(on_air_playlist(reader, &channel, other, station_now_ns(other), &arena, &b, &err),
			&err);
		assert_string_equal(buf_text(&a), buf_text(&b));
	}
	station_time_free(other);
	station_fixture_close(&g);
	station_fixture_close(&f);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct station_fixture f;
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf text = { 0 };
	struct on_air_segments window;
	struct on_air_segment segment;
	struct channel channel;
	struct err err = { 0 };
	int64_t id, seq;
	static const int64_t numbers[] = { 0, -1, INT64_MIN, INT64_MAX };

	(void)state;
	station_fixture_open(&f, START_MS);
	id = station_fixture_channel(&f, 3, "Three", "{}", 5);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	assert_int_equal(on_air_playlist(f.db, &channel, f.time, station_now_ns(f.time), &arena, &text, &err),
			 -(int)ERR_NOT_FOUND);
	assert_true(on_air_edge(f.db, &channel, station_now_ns(f.time), &arena, &seq, NULL) < 0);
	station_fixture_build(&f, id, station_now_ns(f.time) + HOUR);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		assert_int_equal(on_air_segment(f.db, &channel, numbers[i], &arena, &segment, NULL),
				 -(int)ERR_NOT_FOUND);
	/* Past the end of the log, and before its beginning. */
	assert_true(on_air_playlist(f.db, &channel, f.time, station_now_ns(f.time) + 90 * HOUR, &arena, &text,
				    NULL) < 0);
	assert_true(on_air_playlist(f.db, &channel, f.time, 0, &arena, &text, NULL) < 0);
	test_ok(on_air_window(f.db, &channel, 0, 1, &arena, &window, &err), &err);
	assert_int_equal(window.count, 0);
	/* Slate says that it is slate. */
	test_ok(on_air_segment(f.db, &channel, channel.generation, &arena, &segment, &err), &err);
	assert_true(segment.slate);
	station_fixture_close(&f);
}

static void the_stamp_wraps_at_33_bits(void **state)
{
	struct station_fixture f;
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct on_air_segments window;
	struct channel channel;
	struct err err = { 0 };
	int64_t id, from;
	int wraps = 0;

	(void)state;
	station_fixture_open(&f, START_MS);
	add_item(&f, "movie", "a", 601000, 25, 1);
	id = station_fixture_channel(&f, 3, "Three", "{}", 5);
	station_fixture_build(&f, id, station_now_ns(f.time) + 28 * HOUR);
	test_ok(channels_get(f.db, id, &arena, &channel, &err), &err);
	from = station_now_ns(f.time) + 26 * HOUR;
	test_ok(on_air_window(f.db, &channel, from, from + HOUR, &arena, &window, &err), &err);
	for (size_t i = 1; i < window.count; i++) {
		struct on_air_segment *s = &window.segments[i];

		assert_true(s->stamp < UINT64_C(1) << 33);
		wraps += s->stamp < window.segments[i - 1].stamp;
	}
	assert_int_equal(wraps, 1);
	station_fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_playlist_only_moves_forward),
		cmocka_unit_test(segments_join_to_the_tick),
		cmocka_unit_test(a_row_may_begin_at_any_segment_of_its_clip),
		cmocka_unit_test(two_stores_answer_the_same_bytes),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(the_stamp_wraps_at_33_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
