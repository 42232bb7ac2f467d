/* Playlists: byte for byte, dates against gmtime, limits. */
#include "lib/testlib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "stream/hls.h"
#include "stream/plan.h"

static void a_live_playlist(void **state)
{
	static const struct hls_segment rows[] = {
		{ 189302400, 2 * PLAN_FLICKS, INT64_C(1795293005123), false },
		{ 189302401, 71 * INT64_C(29429400), INT64_C(1795293007123), true },
	};
	const struct hls_playlist p = { .base = "/channel/1/s/7/", .discontinuity_sequence = 3, .ended = false };
	CLEANUP(buf_free) struct buf b = { 0 };

	(void)state;
	hls_write(&b, &p, rows, 2);
	assert_string_equal(buf_text(&b), "#EXTM3U\n"
					  "#EXT-X-VERSION:6\n"
					  "#EXT-X-TARGETDURATION:3\n"
					  "#EXT-X-MEDIA-SEQUENCE:189302400\n"
					  "#EXT-X-DISCONTINUITY-SEQUENCE:3\n"
					  "#EXT-X-INDEPENDENT-SEGMENTS\n"
					  "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:30:05.123Z\n"
					  "#EXTINF:2.000000,\n"
					  "/channel/1/s/7/189302400.ts\n"
					  "#EXT-X-DISCONTINUITY\n"
					  "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:30:07.123Z\n"
					  "#EXTINF:2.961292,\n"
					  "/channel/1/s/7/189302401.ts\n");
}

/* Segments that need the one before them promise nothing else. */
static void a_leaning_one(void **state)
{
	static const struct hls_segment row = { 7, PLAN_FLICKS, 0, false };
	const struct hls_playlist p = { .target = 12, .leaning = true };
	CLEANUP(buf_free) struct buf b = { 0 };

	(void)state;
	hls_write(&b, &p, &row, 1);
	assert_string_equal(buf_text(&b), "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:12\n#EXT-X-MEDIA-SEQUENCE:7\n"
					  "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z\n#EXTINF:1.000000,\n7.ts\n");
}

static void an_ended_one(void **state)
{
	static const struct hls_segment row = { 0, PLAN_FLICKS, 0, false };
	const struct hls_playlist p = { .base = "", .discontinuity_sequence = 0, .ended = true };
	CLEANUP(buf_free) struct buf b = { 0 };

	(void)state;
	hls_write(&b, &p, &row, 1);
	assert_string_equal(buf_text(&b), "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:3\n"
					  "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
					  "#EXT-X-INDEPENDENT-SEGMENTS\n"
					  "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:00.000Z\n"
					  "#EXTINF:1.000000,\n0.ts\n#EXT-X-ENDLIST\n");
	buf_reset(&b);
	hls_write(&b, &p, NULL, 0);
	assert_non_null(strstr(buf_text(&b), "#EXT-X-MEDIA-SEQUENCE:0\n"));
	assert_non_null(strstr(buf_text(&b), "#EXT-X-ENDLIST\n"));
}

static void expect_date(int64_t ms, const char *date)
{
	const struct hls_segment row = { INT64_MAX, INT64_MAX, ms, true };
	const struct hls_playlist p = { .base = "b/", .discontinuity_sequence = INT64_MAX, .ended = false };
	CLEANUP(buf_free) struct buf b = { 0 };
	char want[64];

	hls_write(&b, &p, &row, 1);
	snprintf(want, sizeof(want), "DATE-TIME:%s\n", date);
	if (!strstr(buf_text(&b), want))
		fail_msg("%s is not in %s", want, buf_text(&b));
	assert_non_null(strstr(buf_text(&b), "\nb/9223372036854775807.ts\n"));
}

static void dates_of_all_years(void **state)
{
	(void)state;
	for (int64_t day = -700000; day < 2900000; day += 29) {
		int64_t s = day * 86400 + day % 86400;
		time_t t = (time_t)s;
		struct tm tm;
		char date[64];

		gmtime_r(&t, &tm);
		snprintf(date, sizeof(date), "%04d-%02d-%02dT%02d:%02d:%02d.007Z", tm.tm_year + 1900,
			 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		expect_date(s * 1000 + 7, date);
	}
	expect_date(INT64_C(951782400000), "2000-02-29T00:00:00.000Z");
	expect_date(-1, "1969-12-31T23:59:59.999Z");
	expect_date(INT64_MIN, "0001-01-01T00:00:00.000Z");
	expect_date(INT64_MAX, "9999-12-31T23:59:59.999Z");
}

/* RFC 8216, 4.3.3.1: rounded to the nearest second, no duration is above the target. */
static void no_planned_duration_exceeds_the_target(void **state)
{
	static const struct plan_rate rates[] = {
		{ 24000, 1001 }, { 25, 1 }, { 30000, 1001 }, { 60000, 1001 }
	};

	(void)state;
	for (size_t r = 0; r < ARRAY_LEN(rates); r++) {
		for (int64_t frames = plan_min_frames(rates[r]); frames < 400; frames++) {
			int64_t last = plan_segments(frames, rates[r]) - 1;
			int64_t flicks =
				plan_segment(frames, rates[r], last).frames * plan_frame_flicks(rates[r]);

			assert_true((flicks + PLAN_FLICKS / 2) / PLAN_FLICKS <= PLAN_TARGET_SECONDS);
		}
	}
}

static void a_small_buffer_fails_whole_lines(void **state)
{
	static const struct hls_segment row = { 1, PLAN_FLICKS, 0, false };
	const struct hls_playlist p = { .base = "/", .discontinuity_sequence = 0, .ended = false };
	CLEANUP(buf_free) struct buf b = BUF_MAX(150);

	(void)state;
	hls_write(&b, &p, &row, 1);
	assert_true(b.failed);
}

static void catch_up_grows_until_it_has_passed(void **state)
{
	const struct hls_playlist growing = { .base = "/s/", .growing = true };
	const struct hls_playlist ended = { .base = "/s/", .growing = true, .ended = true };
	const struct hls_segment segment = { .sequence = 7, .duration_flicks = 2 * PLAN_FLICKS };
	struct buf b = { 0 };

	(void)state;
	hls_write(&b, &growing, &segment, 1);
	assert_non_null(strstr(buf_text(&b), "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0"));
	assert_null(strstr(buf_text(&b), "ENDLIST"));
	buf_reset(&b);
	hls_write(&b, &ended, &segment, 1);
	assert_non_null(strstr(buf_text(&b), "#EXT-X-PLAYLIST-TYPE:VOD\n"));
	assert_non_null(strstr(buf_text(&b), "\n#EXT-X-ENDLIST\n"));
	assert_null(strstr(buf_text(&b), "EVENT"));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catch_up_grows_until_it_has_passed),
		cmocka_unit_test(a_live_playlist),
		cmocka_unit_test(a_leaning_one),
		cmocka_unit_test(an_ended_one),
		cmocka_unit_test(dates_of_all_years),
		cmocka_unit_test(no_planned_duration_exceeds_the_target),
		cmocka_unit_test(a_small_buffer_fails_whole_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
