/* Overrides that show another clip: one for one, frame for frame, with the stamps of what they replace. */
#include "lib/station_fixture.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "station/as_run.h"
#include "station/fault.h"
#include "station/on_air.h"
#include "station/override.h"
#include "station/position.h"
#include "store/timeline.h"

#define HOUR (INT64_C(3600) * CLOCK_SECOND)
#define START_MS INT64_C(1793480400567)

struct house {
	struct station_fixture f;
	struct arena arena;
	struct channel channel;
	struct timeline_row row; /* the one that is on */
	struct clip clip;	 /* of it */
	int64_t first;		 /* that may still change */
};

static void open_house(struct house *h, int num, int den)
{
	struct timeline_rows rows = { 0 };
	struct err err = { 0 };
	int64_t id, at;

	*h = (struct house){ 0 };
	station_fixture_open(&h->f, START_MS);
	for (int i = 0; i < 4; i++)
		station_fixture_item(&h->f, &(struct fixture_item){ .kind = "movie", .title = "x", .fps_num = num, .fps_den = den,
								    .flicks = (331100 + i * 4237) * INT64_C(705600) + 99 });
	id = station_fixture_channel(&h->f, 3, "Three", "{\"order\": \"shuffle\"}", 5);
	station_fixture_build(&h->f, id, station_now_ns(h->f.time) + 2 * HOUR);
	test_ok(channels_get(h->f.db, id, &h->arena, &h->channel, &err), &err);
	at = position_flicks(h->channel.epoch_ns, station_now_ns(h->f.time));
	test_ok(timeline_window(h->f.db, id, at, at + 1, 1, &h->arena, &rows, &err), &err);
	h->row = rows.rows[0];
	test_ok(on_air_clip(&h->row.clip, &h->clip, &err), &err);
	test_ok(override_first(h->f.db, &h->channel, station_now_ns(h->f.time), &h->first, &err), &err);
	assert_true(h->first < h->row.first_seq + h->row.segments - 20);
}

static void close_house(struct house *h)
{
	arena_free(&h->arena);
	station_fixture_close(&h->f);
}

static struct on_air_segment segment(struct house *h, int64_t seq)
{
	struct on_air_segment s;
	struct err err = { 0 };

	test_ok(on_air_segment(h->f.db, &h->channel, seq, &h->arena, &s, &err), &err);
	return s;
}

static bool none(void *context, const char *key, int64_t k)
{
	(void)context;
	(void)key;
	(void)k;
	return false;
}

static struct profile other_profile(const struct house *h, const char *name)
{
	struct profile p;
	struct err err = { 0 };

	test_ok(profile_get(name, h->clip.profile.fps_num, h->clip.profile.fps_den, &p, &err), &err);
	return p;
}

static int fall_back(struct house *h, const struct profile *to)
{
	struct err err = { 0 };
	int rc = fault_fall_back(h->f.db, h->f.time, &h->clip, to, "the encoder failed", none, NULL, &err);

	test_ok(rc, &err);
	return rc;
}

static void the_same_frames_in_another_profile(void **state)
{
	static const int rates[][2] = { { 25, 1 }, { 30000, 1001 } };

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
		struct house h;
		struct profile to;
		int64_t end;

		open_house(&h, rates[r][0], rates[r][1]);
		to = other_profile(&h, "480p");
		end = h.row.first_seq + h.row.segments;
		struct on_air_segment before[400];
		for (int64_t seq = h.row.first_seq; seq <= end; seq++)
			before[seq - h.row.first_seq] = segment(&h, seq);
		assert_int_equal(fall_back(&h, &to), 1);
		assert_int_equal(fall_back(&h, &to), 0); /* known */
		for (int64_t seq = h.row.first_seq; seq <= end; seq++) {
			struct on_air_segment *a = &before[seq - h.row.first_seq], b = segment(&h, seq);
			bool over = seq >= h.first && seq < end;

			assert_int_equal(b.overridden, over);
			assert_false(b.slate);
			assert_int_equal(strcmp(a->clip.key, b.clip.key) != 0, over);
			assert_string_equal(b.clip.profile.name, over ? "480p" : "720p");
			assert_string_equal(a->clip.path, b.clip.path);
			assert_int_equal(a->k, b.k);
			assert_int_equal(a->stamp, b.stamp);
			assert_memory_equal(&a->plan, &b.plan, sizeof(a->plan));
			assert_int_equal(a->start_flicks, b.start_flicks);
			assert_int_equal(a->duration_flicks, b.duration_flicks);
		}
		close_house(&h);
	}
}

/* Its key is the one that the builder would give the same stretch in that profile: what is in the cache is found. */
static void the_key_is_the_profiles_own(void **state)
{
	struct house h;
	struct profile to;
	struct clip same;
	struct err err = { 0 };

	(void)state;
	open_house(&h, 25, 1);
	to = other_profile(&h, "480p");
	fall_back(&h, &to);
	same = segment(&h, h.first).clip;
	test_ok(fault_fall_back(h.f.db, h.f.time, &same, &h.clip.profile, "back", none, NULL, &err), &err);
	assert_string_equal(segment(&h, h.first).clip.key, h.clip.key);
	close_house(&h);
}

static void a_fallback_that_fails_is_slate(void **state)
{
	struct house h;
	struct profile to;
	struct clip fallback;
	struct err err = { 0 };
	json_t *list;
	int64_t now;

	(void)state;
	open_house(&h, 25, 1);
	to = other_profile(&h, "480p");
	fall_back(&h, &to);
	station_fixture_pass(&h.f, 10 * CLOCK_SECOND);
	now = station_now_ns(h.f.time);
	list = as_run_json(h.f.db, h.f.time, h.channel.id, now, now + 1, &err);
	assert_string_equal(json_text(json_array_get(json_object_get(list, "items"), 0), "status", ""), "fallback");
	json_decref(list);
	fallback = segment(&h, h.first + 6).clip;
	assert_int_equal(fault_put(h.f.db, h.f.time, &fallback, 0, "it is broken", none, NULL, &err), 1);
	assert_false(segment(&h, h.first + 1).slate); /* published */
	assert_true(segment(&h, h.first + 10).slate);
	assert_true(segment(&h, h.row.first_seq + h.row.segments - 1).slate);
	assert_false(segment(&h, h.row.first_seq + h.row.segments).slate);
	close_house(&h);
}

/* Another file lies in the place of the film's: it is shown from where the film would be, under a key of its own. */
static void what_lies_there_now(void **state)
{
	static const char hash[] = "00112233445566778899aabbccddeeff";
	struct clip expected;
	struct house h;
	struct err err = { 0 };

	(void)state;
	open_house(&h, 25, 1);
	expected = h.clip;
	clip_set_key_of_file(&expected, hash);
	assert_int_equal(fault_exchange(h.f.db, h.f.time, &h.clip, hash, "another file", none, NULL, &err), 1);
	assert_int_equal(fault_exchange(h.f.db, h.f.time, &h.clip, hash, "another file", none, NULL, &err), 0);
	for (int64_t seq = h.first; seq < h.row.first_seq + h.row.segments; seq++) {
		struct on_air_segment s = segment(&h, seq);

		assert_true(s.overridden);
		assert_false(s.slate);
		assert_string_equal(s.clip.key, expected.key);
		assert_int_equal(s.k, h.row.k0 + seq - h.row.first_seq);
	}
	assert_string_equal(segment(&h, h.first - 1).clip.key, h.clip.key);
	close_house(&h);
}

/* Moved bounds do not move what is shown at a number; segments of another length become slate. */
static void k0_goes_with_the_bounds(void **state)
{
	struct house h;
	struct override o = { .kind = "fallback", .reason = "x" }, there;
	struct clip_row row;
	struct clip clip;
	struct err err = { 0 };
	int64_t end;

	(void)state;
	open_house(&h, 25, 1);
	end = h.row.first_seq + h.row.segments;
	clip = h.clip;
	clip.frames = 500 + 20; /* 10 segments, the last of 70 frames */
	clip_set_key(&clip, "another");
	row = h.row.clip;
	row.key = clip.key;
	row.frames = clip.frames;
	test_ok(clips_put(h.f.db, &row, &o.clip.id, &err), &err);
	o.seq_from = h.first - 2; /* two are published: begins with the third of the clip */
	o.seq_to = h.first + 14;
	test_ok(override_set(h.f.db, &h.channel, station_now_ns(h.f.time), &o, &err), &err);
	assert_true(h.first + 14 < end);
	for (int64_t i = 0; i < 14; i++) {
		struct on_air_segment s = segment(&h, h.first + i);

		assert_int_equal(s.slate, i + 2 >= 9);
		if (!s.slate)
			assert_int_equal(s.k, i + 2);
		if (!s.slate) /* its first frame lies where the other's would */
			assert_int_equal((s.stamp + (uint64_t)plan_frame_ticks(s.plan.first_frame, clip_rate(&clip))) %
						 (UINT64_C(1) << 33),
					 (uint64_t)(plan_flicks_ticks(s.start_flicks) + ON_AIR_PTS_BASE) % (UINT64_C(1) << 33));
	}
	o.seq_from = h.first + 3;
	test_ok(override_set(h.f.db, &h.channel, station_now_ns(h.f.time), &o, &err), &err);
	assert_false(segment(&h, h.first).overridden);
	assert_int_equal(segment(&h, h.first + 4).k, 6);
	test_ok(overrides_at(h.f.db, h.channel.id, h.first + 4, &h.arena, &there, &err), &err);
	assert_int_equal(there.k0, 5);
	close_house(&h);
}

static void another_rate_is_refused(void **state)
{
	struct house h;
	struct profile to;
	struct err err = { 0 };

	(void)state;
	open_house(&h, 25, 1);
	test_ok(profile_get("480p", 50, 1, &to, &err), &err);
	assert_int_equal(fault_fall_back(h.f.db, h.f.time, &h.clip, &to, "x", none, NULL, &err), -(int)ERR_INVALID);
	assert_int_equal(fault_fall_back(h.f.db, h.f.time, &h.clip, &h.clip.profile, "x", none, NULL, NULL), 0);
	close_house(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_frames_in_another_profile),
		cmocka_unit_test(the_key_is_the_profiles_own),
		cmocka_unit_test(a_fallback_that_fails_is_slate), cmocka_unit_test(what_lies_there_now),
		cmocka_unit_test(k0_goes_with_the_bounds),
		cmocka_unit_test(another_rate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
