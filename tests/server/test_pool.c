/* Jobs that hang hold up no other, as long as there are threads to be had; and what is queued is done to its end. */
#include "lib/testlib.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "server/pool.h"

struct disk {
	pthread_mutex_t lock; /* held: it hangs */
	_Atomic int hanging, answered, quick;
};

static void hang(void *context)
{
	struct disk *disk = context;

	disk->hanging++;
	pthread_mutex_lock(&disk->lock);
	pthread_mutex_unlock(&disk->lock);
	disk->answered++;
}

static void be_quick(void *context)
{
	((struct disk *)context)->quick++;
}

/* Until `*count` is so many, for 20 s at most. */
static bool reaches(_Atomic int *count, int wanted)
{
	for (int i = 0; i < 2000 && *count < wanted; i++)
		usleep(10000);
	return *count >= wanted;
}

static void jobs_that_hang_hold_up_no_other(void **state)
{
	struct disk disk = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct pool *pool = pool_start("test", 2, 8, 100);

	(void)state;
	pthread_mutex_lock(&disk.lock);
	for (int i = 0; i < 7; i++)
		assert_true(pool_submit(pool, hang, &disk));
	for (int i = 0; i < 50; i++)
		assert_true(pool_submit(pool, be_quick, &disk));
	assert_true(reaches(&disk.quick, 50));
	assert_true(reaches(&disk.hanging, 7));
	assert_int_equal(disk.answered, 0);
	pthread_mutex_unlock(&disk.lock);
	pool_stop(pool);
	assert_int_equal(disk.answered, 7);
}

static void no_more_threads_than_it_may_have(void **state)
{
	struct disk disk = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct pool *pool = pool_start("test", 2, 2, 3);

	(void)state;
	pthread_mutex_lock(&disk.lock);
	for (int i = 0; i < 2; i++) {
		assert_true(pool_submit(pool, hang, &disk));
		assert_true(reaches(&disk.hanging, i + 1));
	}
	for (int i = 0; i < 3; i++)
		assert_true(pool_submit(pool, be_quick, &disk));
	assert_false(pool_submit(pool, be_quick, &disk)); /* that many may wait */
	usleep(50000);
	assert_int_equal(disk.quick, 0);
	pthread_mutex_unlock(&disk.lock);
	pool_stop(pool);
	assert_int_equal(disk.quick, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_that_hang_hold_up_no_other),
		cmocka_unit_test(no_more_threads_than_it_may_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
