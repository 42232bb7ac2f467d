/* What the cache holds besides whole files on the disk: segments that the disk would not take, in memory, and such as were
 * made with less effort. */
#include "lib/testlib.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "stream/clip_cache.h"
#include "stream/clip_file.h"
#include "stream/clip_memory.h"

#define A "aa112233445566778899aabbccddeeff"
#define B "bb112233445566778899aabbccddeeff"

static struct clip_cache *opened(const char *dir, int64_t limit)
{
	struct err err = { 0 };
	struct clip_cache *cache = clip_cache_open(dir, limit, &err);

	test_ok(cache ? 0 : -1, &err);
	return cache;
}

static void expect(struct clip_cache *cache, const char *key, int64_t k, const char *text)
{
	char read[64] = "";
	int64_t len = 0;
	int fd = clip_cache_get(cache, key, k, &len, NULL);

	assert_true(fd >= 0);
	assert_int_equal(len, strlen(text));
	assert_int_equal(pread(fd, read, sizeof(read) - 1, 0), len);
	assert_string_equal(read, text);
	close(fd);
}

static int sealed(const char *text)
{
	struct err err = { 0 };
	int fd = clip_memory_make(text, strlen(text), &err);

	test_ok(fd, &err);
	return fd;
}

static void what_the_disk_does_not_take_is_found(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct clip_cache *cache = opened(dir, 0);
	struct clip_cache_totals t;
	struct err err = { 0 };
	char why[CLIP_CACHE_WHY_SIZE];
	int64_t len;

	(void)state;
	assert_false(clip_cache_has(cache, A, 7));
	clip_cache_refused(cache, "it is full");
	test_ok(clip_cache_hold(cache, A, 7, sealed("seven"), 5, 1, &err), &err);
	assert_true(clip_cache_has(cache, A, 7));
	assert_false(clip_cache_has(cache, A, 8));
	assert_false(clip_cache_has(cache, B, 7));
	expect(cache, A, 7, "seven");
	expect(cache, A, 7, "seven");
	assert_int_equal(clip_cache_effort(cache, A, 7), 1);
	test_ok(clip_cache_write(dir, B, 2, "two", 3, &err), &err);
	assert_true(clip_cache_refuses(cache, NULL));
	clip_cache_note(cache, B, 2); /* it can be written again; that it could not, is still known */
	assert_false(clip_cache_refuses(cache, NULL));
	assert_int_equal(clip_cache_refusals(cache, why), 1);
	assert_string_equal(why, "it is full");
	t = clip_cache_totals(cache);
	assert_int_equal(t.write_errors, 1);
	assert_int_equal(t.memory_bytes, 5);
	assert_int_equal(t.bytes, 3);
	assert_int_equal(t.hits, 2);
	/* Again: the newer one, and no more room. */
	test_ok(clip_cache_hold(cache, A, 7, sealed("other"), 5, 0, &err), &err);
	expect(cache, A, 7, "other");
	assert_int_equal(clip_cache_totals(cache).memory_bytes, 5);
	/* What is on the disk goes first. */
	test_ok(clip_cache_write(dir, A, 7, "disk", 4, &err), &err);
	clip_cache_note(cache, A, 7);
	expect(cache, A, 7, "disk");
	assert_int_equal(clip_cache_get(cache, B, 1, &len, NULL), -(int)ERR_NOT_FOUND);
	clip_cache_close(cache);
}

/* Only memory that nobody can change any more: the worker may have been taken over by what it reads. */
static void what_could_change_is_refused(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct clip_cache *cache = opened(dir, 0);
	struct err err = { 0 };
	int open_memory = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING), null = open("/dev/null", O_RDONLY), fd;

	(void)state;
	assert_int_equal(write(open_memory, "hello", 5), 5);
	assert_int_equal(clip_cache_hold(cache, A, 1, open_memory, 5, 0, &err), -(int)ERR_INVALID);
	assert_int_equal(clip_cache_hold(cache, A, 1, null, 5, 0, NULL), -(int)ERR_INVALID);
	assert_int_equal(clip_cache_hold(cache, A, 1, sealed("hello"), 6, 0, NULL), -(int)ERR_INVALID);
	assert_int_equal(clip_cache_hold(cache, "no key", 1, sealed("hello"), 5, 0, NULL), -(int)ERR_INVALID);
	assert_int_equal(fcntl(open_memory, F_GETFD), -1); /* it was taken, and closed */
	assert_false(clip_cache_has(cache, A, 1));
	/* A sealed one cannot be written any more. */
	fd = sealed("hello");
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(ftruncate(fd, 1), -1);
	close(fd);
	clip_cache_close(cache);
}

static void memory_has_an_end(void **state)
{
	struct clip_memory *memory = clip_memory_new();
	CLEANUP(cleanup_free) char *big = calloc(1, 4 << 20);
	struct err err = { 0 };

	(void)state;
	for (int64_t k = 0; k < 40; k++)
		test_ok(clip_memory_add(memory, A, k, clip_memory_make(big, 4 << 20, &err), 4 << 20, 0, &err), &err);
	assert_int_equal(clip_memory_bytes(memory), INT64_C(128) << 20);
	assert_false(clip_memory_has(memory, A, 7)); /* the oldest went */
	assert_true(clip_memory_has(memory, A, 8));
	assert_true(clip_memory_has(memory, A, 39));
	clip_memory_free(memory);
}

static size_t files_of(const char *dir, const char *key)
{
	char folder[600];
	const struct dirent *entry;
	size_t count = 0;
	DIR *d;

	snprintf(folder, sizeof(folder), "%s/%.2s/%s", dir, key, key);
	d = opendir(folder);
	while (d && (entry = readdir(d)))
		count += entry->d_name[0] != '.';
	if (d)
		closedir(d);
	return count;
}

/* One that was made with more effort takes the place of the other, never the other way. */
static void the_better_one_stays(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct clip_cache *cache = opened(dir, 0);
	struct err err = { 0 };

	(void)state;
	test_ok(clip_cache_write_less(dir, A, 3, "poor", 4, 2, &err), &err);
	clip_cache_note(cache, A, 3);
	expect(cache, A, 3, "poor");
	assert_int_equal(clip_cache_effort(cache, A, 3), 2);
	test_ok(clip_cache_write(dir, A, 3, "good", 4, &err), &err);
	clip_cache_note(cache, A, 3);
	expect(cache, A, 3, "good");
	assert_int_equal(clip_cache_effort(cache, A, 3), 0);
	assert_int_equal(files_of(dir, A), 1);
	test_ok(clip_cache_write_less(dir, A, 3, "poor", 4, 1, &err), &err);
	clip_cache_note(cache, A, 3);
	expect(cache, A, 3, "good");
	clip_cache_close(cache);
	cache = opened(dir, 0);
	expect(cache, A, 3, "good");
	assert_int_equal(files_of(dir, A), 1);
	clip_cache_close(cache);
}

static void names(void **state)
{
	static const struct row {
		const char *name;
		int effort; /* -1: not ours */
	} rows[] = {
		{ "3-4-0123456789abcdef.ts", 0 },    { "3-4-0123456789abcdef-1.ts", 1 },  { "3-4-0123456789abcdef-2.ts", 2 },
		{ "3-4-0123456789abcdef-3.ts", -1 }, { "3-4-0123456789abcdef-.ts", -1 }, { "3-4-0123456789abcdef-12.ts", -1 },
		{ "3-4-0123456789abcdef-0.ts", -1 }, { "3-4-0123456789abcdef1.ts", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char name[CLIP_FILE_NAME_SIZE];
		struct clip_file file = { 0 };
		const char *rest = clip_file_parse(rows[i].name, &file);

		assert_int_equal(rest != NULL, rows[i].effort >= 0);
		if (!rest)
			continue;
		assert_string_equal(rest, "");
		assert_int_equal(file.effort, rows[i].effort);
		clip_file_format(name, &file);
		assert_string_equal(name, rows[i].name);
	}
}

static int64_t never(void *context, const char *key)
{
	(void)context;
	(void)key;
	return INT64_MAX;
}

/* What was just made is wanted by somebody, though nobody has read it yet; and a full disk makes room below the limit. */
static void the_fresh_stays_and_a_full_disk_makes_room(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct clip_cache *cache;
	struct err err = { 0 };
	char byte[1000];

	(void)state;
	memset(byte, 'x', sizeof(byte));
	for (int64_t k = 0; k < 20; k++)
		test_ok(clip_cache_write(dir, A, k, byte, sizeof(byte), &err), &err);
	cache = opened(dir, 10000);
	for (int64_t k = 0; k < 5; k++) {
		test_ok(clip_cache_write(dir, B, k, byte, sizeof(byte), &err), &err);
		clip_cache_note(cache, B, k);
	}
	clip_cache_trim(cache, never, NULL);
	for (int64_t k = 0; k < 5; k++)
		assert_true(clip_cache_has(cache, B, k));
	assert_int_equal(clip_cache_totals(cache).bytes, 9000);
	assert_int_equal(clip_cache_totals(cache).evicted, 16);
	clip_cache_refused(cache, "it is full");
	clip_cache_trim(cache, never, NULL);
	assert_int_equal(clip_cache_totals(cache).bytes, 8000);
	clip_cache_trim(cache, never, NULL);
	assert_int_equal(clip_cache_totals(cache).bytes, 8000);
	clip_cache_close(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_disk_does_not_take_is_found),
		cmocka_unit_test(what_could_change_is_refused),
		cmocka_unit_test(memory_has_an_end),
		cmocka_unit_test(the_better_one_stays),
		cmocka_unit_test(names),
		cmocka_unit_test(the_fresh_stays_and_a_full_disk_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
