/* The cache's lock is never held while its disk is asked: what is known of other clips, and what is in memory, is there meanwhile. */
#include "lib/disk_probe.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "stream/clip_cache.h"

#define A "aa112233445566778899aabbccddeeff"
#define B "bb112233445566778899aabbccddeeff"

static void close_cache(struct clip_cache **cache)
{
	clip_cache_close(*cache);
}

static void take_cache(void *cache)
{
	clip_cache_totals(cache);
}

static void put(const char *dir, const char *key, int64_t k, int effort)
{
	static const char data[100] = "a segment";
	struct err err = { 0 };

	test_ok(clip_cache_write_less(dir, key, k, data, sizeof(data), effort, &err), &err);
}

static int64_t needed_alike(void *context, const char *key)
{
	(void)context;
	(void)key;
	return 1;
}

static void nothing_is_asked_under_the_lock(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;
	struct err err = { 0 };
	int64_t len;

	(void)state;
	for (int k = 0; k < 40; k++) {
		put(dir, A, k, 0);
		put(dir, B, k, k % 2);
	}
	put(dir, B, 1, 0); /* two for one segment */
	cache = clip_cache_open(dir, 5000, &err);
	assert_non_null(cache);
	probe_begins(dir, take_cache, cache);
	assert_true(clip_cache_has(cache, A, 39));
	assert_true(clip_cache_has_all(cache, B, 0, 40));
	assert_int_equal(clip_cache_effort(cache, B, 1), 0);
	put(dir, A, 40, 0);
	clip_cache_note(cache, A, 40);
	close(clip_cache_get(cache, A, 40, &len, &err));
	clip_cache_trim(cache, needed_alike, NULL);
	assert_in_range(clip_cache_totals(cache).bytes, 4000, 5000);
	assert_true(clip_cache_has(cache, A, 40)); /* it was read just now */
	probe_ends(40);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_asked_under_the_lock) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
