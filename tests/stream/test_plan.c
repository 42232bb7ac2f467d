/* The plan: every frame and audio frame in exactly one segment, at every rate and length. */
#include "lib/testlib.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "stream/plan.h"

static const struct plan_rate rates[] = {
	{ 24000, 1001 }, { 25, 1 }, { 30000, 1001 }, { 50, 1 }, { 60000, 1001 }
};

static void flicks_divide_whole(void **state)
{
	static const int64_t expected[] = { 29429400, 28224000, 23543520, 14112000, 11771760 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		assert_int_equal(plan_frame_flicks(rates[i]), expected[i]);
		assert_int_equal(PLAN_FLICKS * rates[i].den % rates[i].num, 0);
	}
	assert_int_equal(PLAN_FLICKS, PLAN_TICK * 90000);
	assert_int_equal(PLAN_FLICKS, PLAN_SAMPLE * 48000);
	assert_int_equal(1024 * PLAN_SAMPLE, PLAN_AUDIO_TICKS * PLAN_TICK);
}

static void check_segment(int64_t frames, struct plan_rate rate, int64_t k, int64_t n)
{
	struct plan_segment s = plan_segment(frames, rate, k);
	int64_t flicks = plan_frame_flicks(rate);

	assert_true(s.frames > 0);
	assert_true(s.first_frame * flicks >= k * PLAN_SEGMENT);
	assert_true((s.first_frame - 1) * flicks < k * PLAN_SEGMENT);
	if (n > 1)
		assert_true(s.frames >= plan_min_frames(rate));
	assert_true(s.frames * flicks < PLAN_TARGET_SECONDS * PLAN_FLICKS);
	assert_true(s.first_audio * 1024 * PLAN_SAMPLE >= s.first_frame * flicks);
	assert_true((s.first_audio + s.audio_frames - 1) * 1024 * PLAN_SAMPLE <
		    (s.first_frame + s.frames) * flicks);
}

static void segments_cover_a_clip(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		for (int64_t frames = 1; frames < 700; frames++) {
			int64_t n = plan_segments(frames, rates[i]), frame = 0, audio = 0;

			assert_true(n > 0);
			for (int64_t k = 0; k < n; k++) {
				struct plan_segment s = plan_segment(frames, rates[i], k);

				assert_int_equal(s.first_frame, frame);
				assert_int_equal(s.first_audio, audio);
				check_segment(frames, rates[i], k, n);
				frame += s.frames;
				audio += s.audio_frames;
			}
			assert_int_equal(frame, frames);
			assert_true(audio * 1024 * PLAN_SAMPLE >= frames * plan_frame_flicks(rates[i]));
			assert_true((audio - 1) * 1024 * PLAN_SAMPLE < frames * plan_frame_flicks(rates[i]));
		}
	}
}

static void a_short_tail_joins(void **state)
{
	(void)state;
	assert_int_equal(plan_segments(0, rates[1]), 0);
	assert_int_equal(plan_segments(-3, rates[1]), 0);
	assert_int_equal(plan_segments(1, rates[1]), 1);
	assert_int_equal(plan_segments(50, rates[1]), 1);
	assert_int_equal(plan_segments(74, rates[1]), 1);
	assert_int_equal(plan_segment(74, rates[1], 0).frames, 74);
	assert_int_equal(plan_segments(75, rates[1]), 2);
	assert_int_equal(plan_segment(75, rates[1], 1).frames, 25);
	assert_int_equal(plan_segments(48 + 23, rates[0]), 1);
	assert_int_equal(plan_segments(48 + 24, rates[0]), 2);
	assert_int_equal(plan_min_frames(rates[0]), 24);
	assert_int_equal(plan_min_frames(rates[1]), 25);
	assert_int_equal(plan_min_frames(rates[4]), 60);
}

static void ticks_round_from_flicks(void **state)
{
	static const int64_t at_23976[] = { 0, 3754, 7508, 11261, 15015 };

	(void)state;
	for (int64_t i = 0; i < 5; i++)
		assert_int_equal(plan_frame_ticks(i, rates[0]), at_23976[i]);
	assert_int_equal(plan_frame_ticks(-1, rates[0]), -3754);
	assert_int_equal(plan_frame_ticks(24000, rates[0]), INT64_C(1001) * 90000); /* no drift */
	assert_int_equal(plan_frame_ticks(-1, rates[1]), -3600);
	assert_int_equal(plan_flicks_ticks(PLAN_TICK / 2), 1);
	assert_int_equal(plan_flicks_ticks(PLAN_TICK / 2 - 1), 0);
	assert_int_equal(plan_flicks_ticks(-PLAN_TICK / 2), 0);
	assert_int_equal(plan_flicks_ticks(-PLAN_TICK / 2 - 1), -1);
}

static void stretches_round_as_named(void **state)
{
	(void)state;
	assert_int_equal(plan_frames(PLAN_FLICKS, rates[0]), 23);
	assert_int_equal(plan_frames_up(PLAN_FLICKS, rates[0]), 24);
	assert_int_equal(plan_frames(PLAN_FLICKS, rates[1]), 25);
	assert_int_equal(plan_frames_up(PLAN_FLICKS, rates[1]), 25);
	assert_int_equal(plan_frames(-1, rates[1]), -1);
	assert_int_equal(plan_frames_up(-1, rates[1]), 0);
}

static void long_clips_do_not_overflow(void **state)
{
	int64_t frames = INT64_C(60) * 3600 * 24 * 31;
	int64_t n = plan_segments(frames, rates[4]);
	struct plan_segment last = plan_segment(frames, rates[4], n - 1);

	(void)state;
	assert_int_equal(last.first_frame + last.frames, frames);
	assert_true(n > 1300000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flicks_divide_whole),	    cmocka_unit_test(segments_cover_a_clip),
		cmocka_unit_test(a_short_tail_joins),	    cmocka_unit_test(ticks_round_from_flicks),
		cmocka_unit_test(stretches_round_as_named), cmocka_unit_test(long_clips_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
