/* Which places become breaks: the better one first, apart from each other, from the edges and from what
 * people set. */
#include "lib/testlib.h"

#include "base/cleanup.h"
#include "library/break_points.h"

#define MINUTE INT64_C(60000)

static struct frames_place place(int64_t at_ms, int64_t black_ms, int64_t silence_ms, double level)
{
	return (struct frames_place) {
		.at_ms = at_ms, .black_ms = black_ms, .luma = 16, .silence_ms = silence_ms, .level_db = level
	};
}

static void chosen_are(const struct break_points *points, const char *wanted)
{
	for (size_t i = 0; i < points->count; i++) {
		if (points->points[i].chosen != (wanted[i] == 'x'))
			fail_msg("place %zu: chosen %d, score %f, %s", i, points->points[i].chosen,
				 points->points[i].score, points->points[i].why);
		assert_true(points->points[i].chosen == !*points->points[i].why);
	}
}

static void the_better_place_is_taken(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct frames_place list[] = {
		place(1 * MINUTE, 1000, 1000, -90), /* too early */
		place(10 * MINUTE, 400, 0, 0),	    /* only black, beside a better one */
		place(12 * MINUTE, 1000, 1000, -90), place(20 * MINUTE, 0, 2000, -90), /* only silent */
		place(25 * MINUTE, 300, 0, 0),					       /* only black, alone */
		place(40 * MINUTE, 800, 700, -70),   place(59 * MINUTE, 1000, 1000, -90), /* too late */
	};
	struct frames_places places = { list, 7, 60 * MINUTE };
	struct break_points points;
	int64_t kept = 41 * MINUTE;

	(void)state;
	break_points_choose(&places, NULL, 0, &arena, &points);
	chosen_are(&points, "..x.xx.");
	assert_true(points.points[2].score > points.points[5].score &&
		    points.points[5].score > points.points[4].score);
	break_points_choose(&places, &kept, 1, &arena, &points);
	chosen_are(&points, "..x.x..");
}

static void a_short_film_has_its_own_distances(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct frames_place list[] = { place(30000, 500, 500, -90), place(60000, 500, 500, -90),
				       place(65000, 900, 500, -90) };
	struct frames_places places = { list, 3, 2 * MINUTE };
	struct break_points points;

	(void)state;
	break_points_choose(&places, NULL, 0, &arena, &points);
	chosen_are(&points, "x.x");
	places.count = 0;
	break_points_choose(&places, NULL, 0, &arena, &points);
	assert_int_equal(points.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_better_place_is_taken),
		cmocka_unit_test(a_short_film_has_its_own_distances),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
