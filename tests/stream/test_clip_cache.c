/* The cache: what is written is found, what is damaged is not, what is needed stays, foreign files are left
 * alone. */
#include "lib/testlib.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <dirent.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "stream/clip_cache_private.h"

#define A "aa112233445566778899aabbccddeeff"
#define B "bb112233445566778899aabbccddeeff"
#define C "cc112233445566778899aabbccddeeff"

static void close_cache(struct clip_cache **cache)
{
	clip_cache_close(*cache);
}

static struct clip_cache *opened(const char *dir, int64_t limit)
{
	struct err err = { 0 };
	struct clip_cache *cache = clip_cache_open(dir, limit, &err);

	if (!cache)
		fail_msg("%s", err.text);
	return cache;
}

static void put(const char *dir, const char *key, int64_t k, char fill, size_t len)
{
	CLEANUP(cleanup_free) char *data = malloc(len);
	struct err err = { 0 };

	memset(data, fill, len);
	test_ok(clip_cache_write(dir, key, k, data, len, &err), &err);
}

/* The first byte of the segment, or -1 when it is absent. */
static int first_byte(struct clip_cache *cache, const char *key, int64_t k)
{
	struct err err = { 0 };
	int64_t len = -1;
	CLEANUP(cleanup_fd) int fd = clip_cache_get(cache, key, k, &len, &err);
	unsigned char c;

	assert_int_equal(err.code, ERR_OK);
	if (fd < 0) {
		assert_int_equal(fd, -ERR_NOT_FOUND);
		assert_int_equal(len, -1);
		fd = -1;
		return -1;
	}
	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(lseek(fd, 0, SEEK_END), len);
	return c;
}

/* The name of the only file in a clip's folder, whole path; free it. */
static char *file_of(const char *dir, const char *key)
{
	char folder[512];
	char *path = NULL;
	struct dirent *d;
	DIR *open;

	snprintf(folder, sizeof(folder), "%s/%.2s/%s", dir, key, key);
	open = opendir(folder);
	assert_non_null(open);
	while ((d = readdir(open)))
		if (d->d_name[0] != '.') {
			assert_null(path);
			path = fs_join(folder, d->d_name);
		}
	closedir(open);
	return path;
}

static void written_and_found(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *sub = fs_join(dir, "new/cache");
	CLEANUP(close_cache) struct clip_cache *cache = opened(sub, 0);
	CLEANUP(cleanup_free) char *path = NULL;

	(void)state;
	assert_int_equal(clip_cache_totals(cache).limit, INT64_C(20000000000));
	assert_string_equal(clip_cache_dir(cache), sub);
	assert_false(clip_cache_has(cache, A, 0));
	assert_int_equal(first_byte(cache, A, 0), -1);
	put(sub, A, 0, 'x', 5000);
	path = file_of(sub, A);
	assert_non_null(strstr(path, "/aa/" A "/0-5000-"));
	assert_string_equal(path + strlen(path) - 3, ".ts");
	clip_cache_note(cache, A, 0);
	assert_true(clip_cache_has(cache, A, 0));
	assert_false(clip_cache_has(cache, A, 1));
	assert_int_equal(first_byte(cache, A, 0), 'x');
	put(sub, A, 7, 'y', 100);
	clip_cache_note(cache, A, 7);
	assert_int_equal(first_byte(cache, A, 7), 'y');
	assert_int_equal(first_byte(cache, A, 0), 'x');
	assert_int_equal(clip_cache_totals(cache).bytes, 5100);
	assert_int_equal(clip_cache_totals(cache).segments, 2);
	assert_int_equal(clip_cache_totals(cache).hits, 3);
	assert_int_equal(clip_cache_totals(cache).misses, 1);
}

static void counted_at_the_next_start(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct clip_cache *cache;

	(void)state;
	for (int k = 0; k < 40; k++) {
		put(dir, A, 39 - k, 'a', 10);
		put(dir, B, k, 'b', 20);
	}
	cache = opened(dir, 0);
	assert_int_equal(clip_cache_totals(cache).bytes, 1200);
	assert_int_equal(clip_cache_totals(cache).segments, 80);
	for (int k = 0; k < 40; k++)
		assert_int_equal(first_byte(cache, A, k), 'a');
	assert_false(clip_cache_has(cache, A, 40));
	assert_int_equal(clip_cache_totals(cache).bytes, 1200);
	assert_int_equal(clip_cache_totals(cache).segments, 80);
	clip_cache_close(cache);
}

static void damaged_ones_are_removed(void **state)
{
	static const char *const damage[] = { "", "xxxxxxxxxy", "xxxxxxxxx", "xxxxxxxxxxx" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(damage); i++) {
		CLEANUP(cleanup_free) char *dir = test_dir();
		CLEANUP(close_cache) struct clip_cache *cache = NULL;
		CLEANUP(cleanup_free) char *path = NULL;
		FILE *file;

		put(dir, A, 3, 'x', 10);
		path = file_of(dir, A);
		file = fopen(path, "w");
		fputs(damage[i], file);
		fclose(file);
		cache = opened(dir, 0);
		assert_true(clip_cache_has(cache, A, 3));
		assert_int_equal(first_byte(cache, A, 3), -1);
		assert_false(clip_cache_has(cache, A, 3));
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(clip_cache_totals(cache).bytes, 0);
		assert_int_equal(clip_cache_totals(cache).segments, 0);
		put(dir, A, 3, 'z', 10);
		clip_cache_note(cache, A, 3);
		assert_int_equal(first_byte(cache, A, 3), 'z');
	}
}

static void one_that_vanishes_is_absent(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;
	CLEANUP(cleanup_free) char *path = NULL;

	(void)state;
	put(dir, A, 0, 'x', 10);
	path = file_of(dir, A);
	cache = opened(dir, 0);
	assert_int_equal(first_byte(cache, A, 0), 'x');
	unlink(path);
	assert_int_equal(first_byte(cache, A, 0), -1);
	assert_false(clip_cache_has(cache, A, 0));
	assert_int_equal(clip_cache_totals(cache).bytes, 0);
}

/* Verified once, and yet: it counts as absent, and can be made anew. */
static void one_that_cannot_be_read_any_more_is_absent(void **state)
{
	(void)state;
	for (int how = 0; how < 4; how++) {
		CLEANUP(cleanup_free) char *dir = test_dir();
		CLEANUP(close_cache) struct clip_cache *cache = opened(dir, 0);
		CLEANUP(cleanup_free) char *path = NULL;

		put(dir, A, 0, 'x', 10);
		clip_cache_note(cache, A, 0);
		assert_int_equal(first_byte(cache, A, 0), 'x');
		path = file_of(dir, A);
		if (how == 0)
			assert_int_equal(truncate(path, 4), 0);
		if (how == 1)
			assert_true(unlink(path) == 0 && symlink("/etc/hostname", path) == 0);
		if (how == 2)
			assert_true(unlink(path) == 0 && mkdir(path, 0700) == 0);
		if (how == 3)
			clip_cache_spoilt(cache, A, 0); /* a reader says so */
		assert_int_equal(first_byte(cache, A, 0), -1);
		assert_false(clip_cache_has(cache, A, 0));
		assert_false(clip_cache_touch(cache, A, 0));
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(clip_cache_totals(cache).bytes, 0);
		assert_false(clip_cache_has_spoilt(cache, A));
		put(dir, A, 0, 'x', 10);
		clip_cache_note(cache, A, 0);
		assert_int_equal(first_byte(cache, A, 0), 'x');
	}
}

/* It cannot be removed either: it lies there and does not count, until it is written after all. */
static void one_that_stays_in_the_way_does_not_count(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = opened(dir, 0);
	CLEANUP(cleanup_free) char *path = NULL, *within = NULL;

	(void)state;
	put(dir, A, 0, 'x', 10);
	path = file_of(dir, A);
	put(dir, A, 1, 'y', 10);
	clip_cache_note(cache, A, 1);
	assert_int_equal(first_byte(cache, A, 0), 'x');
	within = fs_join(path, "foreign");
	assert_true(unlink(path) == 0 && fs_mkdirs(within, NULL) == 0);
	assert_int_equal(first_byte(cache, A, 0), -1);
	assert_false(clip_cache_has(cache, A, 0));
	assert_true(clip_cache_has_spoilt(cache, A));
	put(dir, A, 2, 'z', 10);
	clip_cache_note(cache, A, 2); /* reads the folder again */
	assert_false(clip_cache_has(cache, A, 0));
	assert_int_equal(clip_cache_totals(cache).segments, 2);
	assert_int_equal(clip_cache_write(dir, A, 0, "xxxxxxxxxx", 10, NULL) < 0, 1);
	assert_true(rmdir(within) == 0 && rmdir(path) == 0);
	put(dir, A, 0, 'x', 10);
	clip_cache_note(cache, A, 0);
	assert_int_equal(first_byte(cache, A, 0), 'x');
	assert_false(clip_cache_has_spoilt(cache, A));
}

static void without_descriptors_nothing_is_lost(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = opened(dir, 0);
	struct rlimit limit, none;
	int64_t len;
	int rc;

	(void)state;
	put(dir, A, 0, 'x', 10);
	clip_cache_note(cache, A, 0);
	assert_true(clip_cache_has(cache, A, 0));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit) { 3, limit.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	rc = clip_cache_get(cache, A, 0, &len, NULL);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(rc, -ERR_BUSY);
	assert_true(clip_cache_has(cache, A, 0));
	assert_int_equal(first_byte(cache, A, 0), 'x');
}

static void two_files_for_one_segment(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = opened(dir, 0);

	(void)state;
	put(dir, A, 0, 'x', 10);
	clip_cache_note(cache, A, 0);
	assert_int_equal(first_byte(cache, A, 0), 'x');
	put(dir, A, 0, 'y', 10);
	put(dir, A, 1, 'z', 5);
	clip_cache_note(cache, A, 1); /* reads the folder again */
	assert_int_equal(first_byte(cache, A, 0), 'x');
	assert_int_equal(clip_cache_totals(cache).bytes, 15);
	assert_int_equal(clip_cache_totals(cache).segments, 2);
}

static void foreign_files_are_left_alone(void **state)
{
	static const char *const names[] = {
		"readme.txt",
		"0-10-00112233445566778.ts",
		"0-10-0011223344556677.mp4",
		"00-10-0011223344556677.ts",
		"-1-10-0011223344556677.ts",
		"0-0-0011223344556677.ts",
		"0-10-001122334455667G.ts",
		"0-10-0011223344556677.ts2",
		"99999999999999999999-10-0011223344556677.ts",
		"0-99999999999-0011223344556677.ts",
		"\xff\n-rf",
	};
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;
	char folder[512], path[1024];

	(void)state;
	put(dir, A, 5, 'x', 10);
	snprintf(folder, sizeof(folder), "%s/aa/" A, dir);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		assert_int_equal(fs_write_atomic(path, "0123456789", 10, NULL), 0);
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(fs_write_atomic(path, "0123456789", 10, NULL), 0);
	}
	snprintf(path, sizeof(path), "%s/slate", dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/bb/" A, dir); /* in the wrong place */
	assert_int_equal(fs_mkdirs(path, NULL), 0);
	cache = opened(dir, 1);
	assert_int_equal(clip_cache_totals(cache).segments, 1);
	assert_false(clip_cache_has(cache, A, 0));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		assert_int_equal(access(path, F_OK), 0);
	}
}

static void a_fifo_with_our_name_hangs_nobody(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;
	CLEANUP(cleanup_free) char *path = NULL;

	(void)state;
	put(dir, A, 0, 'x', 10);
	path = file_of(dir, A);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	cache = opened(dir, 0);
	assert_int_equal(first_byte(cache, A, 0), -1);
}

static void unfinished_files_go_when_old(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;
	CLEANUP(cleanup_free) char *path = NULL;
	struct timespec old[2] = { { .tv_sec = time(NULL) - 7200 }, { .tv_sec = time(NULL) - 7200 } };
	char young_path[1024], old_path[1024];

	(void)state;
	put(dir, A, 0, 'x', 10);
	path = file_of(dir, A);
	snprintf(young_path, sizeof(young_path), "%s.AbCdEf", path);
	snprintf(old_path, sizeof(old_path), "%s.GhIjKl", path);
	assert_int_equal(rename(path, young_path), 0);
	put(dir, A, 0, 'x', 10);
	assert_int_equal(rename(path, old_path), 0);
	assert_int_equal(utimensat(AT_FDCWD, old_path, old, 0), 0);
	cache = opened(dir, 0);
	assert_int_equal(access(young_path, F_OK), 0);
	assert_int_equal(access(old_path, F_OK), -1);
	assert_int_equal(clip_cache_totals(cache).segments, 0);
}

static int64_t need(void *context, const char *key)
{
	struct clip_cache *cache = context;

	clip_cache_totals(cache); /* the lock is free */
	return key[0] == 'a' ? 1000 : key[0] == 'b' ? INT64_MAX : 50000;
}

static void the_least_needed_go_first(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;

	(void)state;
	for (int k = 0; k < 30; k++) {
		put(dir, A, k, 'a', 100);
		put(dir, B, k, 'b', 100);
		put(dir, C, k, 'c', 100);
	}
	cache = opened(dir, 5000);
	clip_cache_trim(cache, need, cache);
	assert_int_equal(clip_cache_totals(cache).bytes, 4700); /* a twentieth less, so that it need not be done at once again */
	for (int k = 0; k < 30; k++) {
		assert_true(clip_cache_has(cache, A, k));
		assert_false(clip_cache_has(cache, B, k));
		assert_int_equal(clip_cache_has(cache, C, k), k < 17); /* the end is needed last */
	}
	clip_cache_trim(cache, need, cache);
	assert_int_equal(clip_cache_totals(cache).bytes, 4700);
	assert_int_equal(clip_cache_totals(cache).segments, 47);
	clip_cache_close(TAKE(cache));
	cache = opened(dir, 5000); /* the folder says the same */
	assert_int_equal(clip_cache_totals(cache).bytes, 4700);
}

/* Room up to nine tenths, made of what is needed later than what it is for, and no more of it than that takes. */
static void room_is_made_of_what_is_needed_later(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;

	(void)state;
	for (int k = 0; k < 10; k++) {
		put(dir, A, k, 'a', 100);
		put(dir, B, k, 'b', 100);
		put(dir, C, k, 'c', 100);
	}
	cache = opened(dir, 4000);
	assert_int_equal(clip_cache_make_room(cache, 600, 0, need, cache), 600);
	assert_int_equal(clip_cache_totals(cache).evicted, 0);
	assert_int_equal(clip_cache_make_room(cache, 900, 900000, need, cache), 900);
	assert_int_equal(clip_cache_totals(cache).evicted, 3);
	assert_true(clip_cache_has(cache, B, 6) && !clip_cache_has(cache, B, 7)); /* nobody needs it */
	assert_int_equal(clip_cache_totals(cache).short_bytes, 0);
	/* All that is left beside B is needed sooner. */
	assert_int_equal(clip_cache_make_room(cache, 2000, 900000, need, cache), 1600);
	assert_int_equal(clip_cache_totals(cache).segments, 20);
	assert_int_equal(clip_cache_totals(cache).short_bytes, 400);
	assert_true(clip_cache_has_all(cache, A, 0, 10) && clip_cache_has_all(cache, C, 0, 10));
	assert_int_equal(clip_cache_make_room(cache, 0, 0, need, cache), 0);
	assert_int_equal(clip_cache_totals(cache).short_bytes, 0);
	/* For what is needed long before, what is needed in 50 s is no more than something else. */
	assert_int_equal(clip_cache_make_room(cache, 2000, -700000, need, cache), 2000);
	assert_int_equal(clip_cache_totals(cache).segments, 16);
	/* What was read stays all the same. */
	for (int k = 0; k < 10; k++)
		assert_int_equal(first_byte(cache, A, k), 'a');
	assert_int_equal(clip_cache_make_room(cache, 4000, -700000, need, cache), 2600);
}

static void what_was_read_stays(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;

	(void)state;
	for (int k = 0; k < 20; k++)
		put(dir, B, k, 'b', 100);
	cache = opened(dir, 1);
	assert_int_equal(first_byte(cache, B, 19), 'b');
	assert_int_equal(first_byte(cache, B, 3), 'b');
	clip_cache_trim(cache, need, cache);
	assert_int_equal(clip_cache_totals(cache).segments, 2);
	assert_int_equal(first_byte(cache, B, 19), 'b');
	assert_int_equal(first_byte(cache, B, 3), 'b');
}

/* As if all that was read had been read so long ago. */
static void age(struct clip_cache *cache, const char *key, int64_t seconds)
{
	struct entry *entry;

	pthread_mutex_lock(&cache->lock);
	entry = cache_entry(cache, key);
	for (uint32_t i = 0; i < entry->count; i++)
		if (entry->segments[i].read_ns)
			entry->segments[i].read_ns -= seconds * CLOCK_SECOND;
	pthread_mutex_unlock(&cache->lock);
}

/* A player that paused, or that has a long buffer, comes back for what it was told of: ten minutes, and no longer. */
static void what_was_read_stays_for_ten_minutes(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = NULL;

	(void)state;
	for (int k = 0; k < 5; k++)
		put(dir, B, k, 'b', 100);
	cache = opened(dir, 1);
	assert_int_equal(first_byte(cache, B, 2), 'b');
	age(cache, B, 590);
	clip_cache_trim(cache, need, cache);
	assert_int_equal(clip_cache_totals(cache).segments, 1);
	assert_true(clip_cache_has(cache, B, 2));
	age(cache, B, 12);
	clip_cache_trim(cache, need, cache);
	assert_int_equal(clip_cache_totals(cache).segments, 0);
}

static void hostile_keys(void **state)
{
	static const char *const keys[] = { "", "../../../../../../../../etc/pass",
					    "AA112233445566778899AABBCCDDEEFF", "aa11", A "0" };
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = opened(dir, 0);
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		assert_int_equal(clip_cache_write(dir, keys[i], 0, "x", 1, NULL), -ERR_INVALID);
		assert_false(clip_cache_has(cache, keys[i], 0));
		assert_int_equal(first_byte(cache, keys[i], 0), -1);
		clip_cache_note(cache, keys[i], 0);
	}
	assert_int_equal(clip_cache_write(dir, A, -1, "x", 1, &err), -ERR_INVALID);
	assert_int_equal(clip_cache_write(dir, A, INT64_MAX, "x", 1, NULL), -ERR_INVALID);
	assert_int_equal(clip_cache_write(dir, A, 0, "x", 0, NULL), -ERR_INVALID);
	assert_int_equal(first_byte(cache, A, -1), -1);
	assert_null(clip_cache_open("/proc/none", 0, NULL));
}

struct party {
	struct clip_cache *cache;
	const char *dir;
	int number, wrong;
};

static void *take_part(void *context)
{
	struct party *p = context;
	char key[CLIP_KEY_SIZE];

	for (int i = 0; i < 150; i++) {
		int64_t k = i % 7, len;
		int fd;

		snprintf(key, sizeof(key), "%032x", (unsigned)(i % 11));
		if (p->number % 2) {
			char data[400];

			memset(data, 'a' + (int)k, sizeof(data));
			p->wrong += clip_cache_write(p->dir, key, k, data, sizeof(data), NULL) < 0;
			clip_cache_note(p->cache, key, k);
		} else {
			char c = 0;

			fd = clip_cache_get(p->cache, key, k, &len, NULL);
			if (fd >= 0) {
				p->wrong += read(fd, &c, 1) != 1 || c != 'a' + (char)k || len != 400;
				close(fd);
			}
			clip_cache_has(p->cache, key, k + 1);
			if (i % 50 == 0)
				clip_cache_trim(p->cache, need, p->cache);
		}
	}
	return NULL;
}

static void many_threads(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = opened(dir, 8000);
	struct party parties[4];
	pthread_t threads[4];

	(void)state;
	for (int i = 0; i < 4; i++) {
		parties[i] = (struct party) { cache, dir, i, 0 };
		assert_int_equal(pthread_create(&threads[i], NULL, take_part, &parties[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(parties[i].wrong, 0);
	}
	assert_int_equal(clip_cache_totals(cache).bytes, 400 * clip_cache_totals(cache).segments);
}

static void many_clips(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(close_cache) struct clip_cache *cache = opened(dir, 0);
	char key[CLIP_KEY_SIZE];

	(void)state;
	for (unsigned i = 0; i < 3000; i++) { /* asked for and not there: nothing grows */
		snprintf(key, sizeof(key), "%032x", i);
		clip_cache_note(cache, key, 0);
		assert_false(clip_cache_has(cache, key, 0));
	}
	assert_int_equal(clip_cache_totals(cache).segments, 0);
}

/* In a child, on a file system of its own of 64 KiB. Exit status 77: that is not allowed here. */
static int on_a_full_disk(const char *dir)
{
	static char data[100000];
	struct err err = { 0 };
	char path[512];

	if ((geteuid() != 0 ? unshare(CLONE_NEWUSER | CLONE_NEWNS) : unshare(CLONE_NEWNS)) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", dir, "tmpfs", 0, "size=64k") < 0)
		return 77;
	if (clip_cache_write(dir, A, 0, data, 10000, NULL) < 0)
		return 1;
	if (clip_cache_write(dir, A, 1, data, sizeof(data), &err) != -ERR_NO_SPACE ||
	    err.code != ERR_NO_SPACE)
		return 2;
	if (clip_cache_write(dir, A, 1, data, sizeof(data), NULL) != -ERR_NO_SPACE)
		return 3;
	snprintf(path, sizeof(path), "%s/aa/" A, dir);
	int files = 0;
	DIR *folder = opendir(path);
	for (struct dirent *d; (d = readdir(folder));)
		files += d->d_name[0] != '.';
	closedir(folder);
	return files == 1 ? 0 : 4;
}

static void a_full_disk_leaves_no_half(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	int status = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(on_a_full_disk(dir));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("mounting is not allowed here: skipped\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_found),
		cmocka_unit_test(counted_at_the_next_start),
		cmocka_unit_test(damaged_ones_are_removed),
		cmocka_unit_test(one_that_vanishes_is_absent),
		cmocka_unit_test(one_that_cannot_be_read_any_more_is_absent),
		cmocka_unit_test(one_that_stays_in_the_way_does_not_count),
		cmocka_unit_test(without_descriptors_nothing_is_lost),
		cmocka_unit_test(two_files_for_one_segment),
		cmocka_unit_test(foreign_files_are_left_alone),
		cmocka_unit_test(a_fifo_with_our_name_hangs_nobody),
		cmocka_unit_test(unfinished_files_go_when_old),
		cmocka_unit_test(the_least_needed_go_first),
		cmocka_unit_test(room_is_made_of_what_is_needed_later),
		cmocka_unit_test(what_was_read_stays),
		cmocka_unit_test(what_was_read_stays_for_ten_minutes),
		cmocka_unit_test(hostile_keys),
		cmocka_unit_test(many_threads),
		cmocka_unit_test(many_clips),
		cmocka_unit_test(a_full_disk_leaves_no_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
