/* A thread that rests: poked, in time, told to end. */
#include "lib/testlib.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "base/clock.h"
#include "base/waker.h"

struct worker {
	struct waker waker;
	int64_t ns;
	atomic_int rounds;
	atomic_bool ended;
};

static void *run(void *context)
{
	struct worker *w = context;

	while (waker_rest(&w->waker, w->ns))
		atomic_fetch_add(&w->rounds, 1);
	atomic_store(&w->ended, true);
	return NULL;
}

static void start(struct worker *w, int64_t ns)
{
	*w = (struct worker){ .ns = ns };
	waker_init(&w->waker);
	waker_start(&w->waker, "test", run, w);
}

static void end(struct worker *w)
{
	waker_stop(&w->waker);
	assert_true(atomic_load(&w->ended));
	waker_stop(&w->waker); /* twice does no harm */
	waker_free(&w->waker);
}

static void wait_for(struct worker *w, int rounds)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	for (int i = 0; i < 30000 && atomic_load(&w->rounds) < rounds; i++)
		nanosleep(&pause, NULL);
	assert_true(atomic_load(&w->rounds) >= rounds);
}

static void its_time_comes(void **state)
{
	struct worker w;

	(void)state;
	start(&w, CLOCK_MS);
	wait_for(&w, 5);
	end(&w);
}

static void it_is_poked(void **state)
{
	struct worker w;

	(void)state;
	start(&w, -1); /* for ever */
	for (int i = 1; i <= 5; i++) {
		assert_int_equal(atomic_load(&w.rounds), i - 1);
		waker_poke(&w.waker);
		wait_for(&w, i);
	}
	end(&w);
	start(&w, INT64_MAX); /* the same */
	waker_poke(&w.waker);
	wait_for(&w, 1);
	assert_false(waker_ends(&w.waker));
	waker_end(&w.waker);
	assert_true(waker_ends(&w.waker));
	end(&w);
}

static void a_poke_is_not_lost(void **state)
{
	struct waker waker;

	(void)state;
	waker_init(&waker);
	waker_poke(&waker);
	waker_poke(&waker);
	assert_true(waker_rest(&waker, -1)); /* at once */
	assert_true(waker_rest(&waker, 0));
	waker_stop(&waker); /* never started */
	assert_false(waker_rest(&waker, -1));
	waker_free(&waker);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(its_time_comes), cmocka_unit_test(it_is_poked),
					    cmocka_unit_test(a_poke_is_not_lost) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
