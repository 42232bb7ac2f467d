/* The muxer on made-up frames, judged by a validator of its own: every rate, size and length; joins of
 * anything with anything; what it must refuse. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "lib/ts_check.h"
#include "lib/ts_made.h"
#include "stream/ts_stamp.h"
#include "stream/tsmux.h"

static const struct plan_rate rates[] = {
	{ 24000, 1001 }, { 25, 1 }, { 30000, 1001 }, { 50, 1 }, { 60000, 1001 }
};

static const struct {
	size_t key, picture, audio, spread;
} sizes[] = {
	{ 40000, 9000, 420, 60 },    /* 720p in full motion */
	{ 150000, 42000, 500, 40 },  /* 1080p at its peak: PES too long for a length */
	{ 3000, 60, 6, 3 },	     /* a slate and silence */
	{ 900, 1, 1, 0 },	     /* the least there can be */
	{ 20000, 3000, 180, 400 },   /* wildly uneven sound */
	{ 30000, 4000, 1500, 6000 }, /* AAC frames as large as ADTS allows */
};

static struct ts_made_kind kind_of(size_t rate, size_t size)
{
	return (struct ts_made_kind) { rates[rate], sizes[size].key, sizes[size].picture, sizes[size].audio,
				       sizes[size].spread };
}

static void same_streams(const struct ts_check *c, const struct ts_made *m)
{
	assert_int_equal(c->video_len, m->video_len);
	assert_memory_equal(c->video, m->video, m->video_len);
	assert_int_equal(c->audio_len, m->audio_len);
	assert_memory_equal(c->audio, m->audio, m->audio_len);
	assert_int_equal(c->picture_count, m->segment.video_count);
	assert_int_equal(c->frame_count, m->segment.audio_count);
	for (size_t i = 0; i < c->picture_count; i++) {
		/* The validator knows clocks modulo 2^33 only. */
		assert_int_equal((c->pictures[i].dts - m->segment.video[i].dts) & 0x1FFFFFFFF, 0);
		assert_int_equal((c->pictures[i].pts - m->segment.video[i].pts) & 0x1FFFFFFFF, 0);
		assert_int_equal(c->pictures[i].len, m->segment.video[i].len);
		assert_int_equal(c->pictures[i].random_access, m->segment.video[i].key);
	}
	for (size_t i = 0; i < c->frame_count; i++) {
		assert_int_equal((c->frames[i].pts - m->segment.audio[i].pts) & 0x1FFFFFFFF, 0);
		assert_int_equal(c->frames[i].len, m->segment.audio[i].len);
	}
}

static void one(const struct ts_made_kind *kind, int64_t frames, int64_t k, uint32_t seed)
{
	CLEANUP(ts_made_free) struct ts_made m = { 0 };
	CLEANUP(ts_check_free) struct ts_check c = { 0 };
	CLEANUP(buf_free) struct buf ts = { 0 };
	struct err err = { 0 };

	ts_made_segment(&m, kind, frames, k, seed);
	test_ok(tsmux_write(&ts, &m.segment, &err), &err);
	if (ts_check(&c, (const uint8_t *)ts.data, ts.len, true) < 0)
		fail_msg("%d/%d, picture %zu: segment %lld of %lld frames: %s", kind->rate.num,
			 kind->rate.den, kind->picture_size, (long long)k, (long long)frames, c.error);
	same_streams(&c, &m);
	assert_int_equal(c.pat, 16);
	assert_int_equal(c.pmt, 16);
	if (kind->audio_size < 1000)
		assert_true(c.audio_buffer <= 3584);
}

static void every_rate_and_size(void **state)
{
	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
		for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
			struct ts_made_kind kind = kind_of(r, s);
			int64_t min = plan_min_frames(kind.rate);

			for (int64_t frames = min; frames < 3 * min; frames += 1 + frames / 9)
				one(&kind, frames, 0, (uint32_t)frames);
			one(&kind, 100000, 777, 5);
			one(&kind, 100000, plan_segments(100000, kind.rate) - 1, 6);
		}
	}
}

static void the_first_clock_is_before_zero(void **state)
{
	CLEANUP(ts_made_free) struct ts_made m = { 0 };
	CLEANUP(ts_check_free) struct ts_check c = { 0 };
	CLEANUP(buf_free) struct buf ts = { 0 };
	struct ts_made_kind kind = kind_of(1, 0);

	(void)state;
	ts_made_segment(&m, &kind, 500, 0, 1);
	assert_int_equal(tsmux_write(&ts, &m.segment, NULL), 0);
	assert_int_equal(ts_check(&c, (const uint8_t *)ts.data, ts.len, true), 0);
	assert_int_equal(c.pictures[0].dts, (INT64_C(1) << 33) - 3600);
	assert_int_equal(c.pictures[0].pts, INT64_C(1) << 33);
	assert_int_equal(c.frames[0].pts, INT64_C(1) << 33);
	assert_true(c.first_pcr < c.pictures[0].dts);
}

/* A channel: segments of any clips, each moved to where the row puts it. */
struct channel {
	struct buf ts;
	int64_t at; /* flicks */
	uint32_t random;
	size_t video_len;
};

static void air(struct channel *ch, size_t rate)
{
	CLEANUP(ts_made_free) struct ts_made m = { 0 };
	uint32_t n = ch->random = ch->random * 1664525 + 1013904223;
	struct ts_made_kind kind = kind_of(rate, (n >> 8) % ARRAY_LEN(sizes));
	int64_t frames = plan_min_frames(kind.rate) + (n >> 12) % 900;
	int64_t k = (n >> 20) % plan_segments(frames, kind.rate);
	struct plan_segment plan = plan_segment(frames, kind.rate, k);
	int64_t flicks = plan_frame_flicks(kind.rate);
	size_t before = ch->ts.len;
	struct err err = { 0 };

	ts_made_segment(&m, &kind, frames, k, n);
	test_ok(tsmux_write(&ch->ts, &m.segment, &err), &err);
	ts_stamp((uint8_t *)ch->ts.data + before, ch->ts.len - before,
		 (uint64_t)plan_flicks_ticks(ch->at - plan.first_frame * flicks));
	ch->at += plan.frames * flicks;
	ch->video_len += m.video_len;
}

static void anything_follows_anything(void **state)
{
	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
		struct channel ch = { .at = 0, .random = (uint32_t)r + 7 };
		CLEANUP(ts_check_free) struct ts_check c = { 0 };
		int64_t from = (INT64_C(1) << 33) - 60 * 90000; /* a minute before the wrap */

		ch.at = from * PLAN_TICK / plan_frame_flicks(rates[r]) * plan_frame_flicks(rates[r]);
		for (int i = 0; i < 60; i++)
			air(&ch, r);
		if (ts_check(&c, (const uint8_t *)ch.ts.data, ch.ts.len, false) < 0)
			fail_msg("%d/%d: %s", rates[r].num, rates[r].den, c.error);
		assert_true(c.frames[c.frame_count - 1].pts > INT64_C(1) << 33);
		assert_int_equal(c.video_len, ch.video_len);
		for (int i = 0; i < 4; i++)
			assert_int_equal(c.counters[i], 15);
		buf_free(&ch.ts);
	}
}

static void slow_pictures_get_clocks_between(void **state)
{
	static const uint8_t picture[] = {
		0, 0, 0, 1, 9, 0xF0, 0, 0, 1, 0x65, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
	};
	struct tsmux_frame video[4], audio[400];
	struct tsmux_segment s = { .video = video, .video_count = 4, .audio = audio, .audio_count = 400, .end_pts = 400 * 1920 };
	CLEANUP(ts_check_free) struct ts_check c = { 0 };
	CLEANUP(buf_free) struct buf ts = { 0 };
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 4; i++)
		video[i] = (struct tsmux_frame) { picture, sizeof(picture), i * 100 * 1920, i * 100 * 1920,
						  i == 0 };
	for (int i = 0; i < 400; i++)
		audio[i] = (struct tsmux_frame) { picture, sizeof(picture), i * 1920, i * 1920, false };
	test_ok(tsmux_write(&ts, &s, &err), &err);
	if (ts_check(&c, (const uint8_t *)ts.data, ts.len, true) < 0)
		fail_msg("%s", c.error);
	assert_true(c.pcr_only > 100);
	assert_int_equal(c.pat, 48); /* 8.5 s need more than 32 */
}

static void refused(struct tsmux_segment s, const char *why)
{
	CLEANUP(buf_free) struct buf ts = { 0 };
	struct err err = { 0 };

	buf_adds(&ts, "before");
	if (tsmux_write(&ts, &s, &err) != -ERR_INVALID)
		fail_msg("accepted: %s", why);
	assert_true(err.text[0]);
	assert_string_equal(buf_text(&ts), "before");
}

static void bad_frames_are_refused(void **state)
{
	struct ts_made_kind kind = kind_of(1, 0);
	CLEANUP(ts_made_free) struct ts_made m = { 0 };
	struct tsmux_frame *video, *audio, keep;
	struct tsmux_segment s;

	(void)state;
	ts_made_segment(&m, &kind, 50, 0, 1);
	s = m.segment;
	video = (struct tsmux_frame *)s.video;
	audio = (struct tsmux_frame *)s.audio;
#define BAD(frame, change, why) \
	do { \
		keep = frame; \
		frame.change; \
		refused(s, why); \
		frame = keep; \
	} while (0)
	BAD(video[0], key = false, "begins without a key picture");
	BAD(video[5], dts = video[4].dts, "DTS twice");
	BAD(video[5], pts = video[5].dts - 1, "PTS before DTS");
	BAD(video[5], len = 0, "an empty picture");
	BAD(video[5], len = (size_t)1 << 40, "a huge picture");
	BAD(video[5], data += 2, "no delimiter");
	BAD(video[5], data = NULL, "no data");
	BAD(video[0], dts = INT64_MIN, "far before");
	BAD(video[49], pts = INT64_MAX, "far after");
	BAD(audio[5], pts = audio[4].pts, "sound twice");
	BAD(audio[5], len = 0, "empty sound");
	BAD(audio[5], len = 8185, "sound that ADTS cannot carry");
	BAD(audio[0], pts = -7200, "sound before the segment");
	BAD(audio[s.audio_count - 1], pts = s.end_pts + 1, "sound past the segment");
#undef BAD
	s.end_pts = video[49].pts - 5;
	refused(s, "an end before the last picture");
	s.end_pts = INT64_MAX;
	refused(s, "an end at infinity");
	s = m.segment;
	s.video_count = 0;
	refused(s, "no pictures");
	s = m.segment;
	s.audio_count = 0;
	refused(s, "no sound");
	s.audio_count = 1;
	s.audio = &(struct tsmux_frame) { (const uint8_t *)"123", 3, 0, 0, false };
	refused(s, "three bytes for sixteen packets");
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
	struct ts_made_kind kind = kind_of(1, 0);
	CLEANUP(ts_made_free) struct ts_made m = { 0 };
	CLEANUP(buf_free) struct buf ts = BUF_MAX(100000);
	struct err err = { 0 };

	(void)state;
	buf_adds(&ts, "before");
	ts_made_segment(&m, &kind, 50, 0, 1);
	assert_int_equal(tsmux_write(&ts, &m.segment, &err), -ERR_TOO_LARGE);
	assert_string_equal(buf_text(&ts), "before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rate_and_size),
		cmocka_unit_test(the_first_clock_is_before_zero),
		cmocka_unit_test(anything_follows_anything),
		cmocka_unit_test(slow_pictures_get_clocks_between),
		cmocka_unit_test(bad_frames_are_refused),
		cmocka_unit_test(a_full_buffer_is_left_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
