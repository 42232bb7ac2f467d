/* Changes of the library: at once, together, never while nothing else gets its turn. */
#include "lib/testlib.h"

#include "base/clock.h"
#include "server/library_pace.h"

#define AT(seconds) ((int64_t)((seconds) * (double)CLOCK_SECOND))

static void the_first_is_taken_up_at_once(void **state)
{
	struct library_pace pace = { 0 };

	(void)state;
	assert_false(library_pace_take(&pace, AT(1000)));
	assert_true(library_pace_due(&pace) == INT64_MAX);
	library_pace_note(&pace);
	assert_true(library_pace_take(&pace, AT(1000)));
	assert_false(library_pace_take(&pace, AT(1000)));
	library_pace_done(&pace, AT(1000.01));
	/* Long after it. */
	library_pace_note(&pace);
	assert_true(library_pace_take(&pace, AT(2000)));
}

static void what_comes_meanwhile_follows_together(void **state)
{
	struct library_pace pace = { 0 };

	(void)state;
	library_pace_note(&pace);
	assert_true(library_pace_take(&pace, AT(10)));
	for (int i = 1; i < 10; i++) {
		library_pace_note(&pace);
		assert_false(library_pace_take(&pace, AT(10 + i * 0.1)));
	}
	library_pace_done(&pace, AT(11));
	assert_false(library_pace_take(&pace, AT(11))); /* others have as much time as it took */
	assert_int_equal(library_pace_due(&pace), AT(12));
	assert_true(library_pace_take(&pace, AT(12)));
	library_pace_done(&pace, AT(12.5));
	assert_false(library_pace_take(&pace, AT(20))); /* it was one */
}

static void work_without_end_is_no_reason_to_wait_for_ever(void **state)
{
	struct library_pace pace = { 0 };

	(void)state;
	library_pace_note(&pace);
	assert_true(library_pace_take(&pace, AT(10)));
	library_pace_note(&pace);
	assert_false(library_pace_take(&pace, AT(69)));
	assert_true(library_pace_take(&pace, AT(70)));
	/* And one that took so long is followed after a minute at most. */
	library_pace_note(&pace);
	library_pace_done(&pace, AT(200));
	assert_int_equal(library_pace_due(&pace), AT(260));
}

static void a_work_that_ends_twice_ended_once(void **state)
{
	struct library_pace pace = { 0 };

	(void)state;
	library_pace_note(&pace);
	assert_true(library_pace_take(&pace, AT(10)));
	library_pace_done(&pace, AT(11));
	library_pace_done(&pace, AT(500));
	library_pace_note(&pace);
	assert_true(library_pace_take(&pace, AT(500)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_taken_up_at_once),
		cmocka_unit_test(what_comes_meanwhile_follows_together),
		cmocka_unit_test(work_without_end_is_no_reason_to_wait_for_ever),
		cmocka_unit_test(a_work_that_ends_twice_ended_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
