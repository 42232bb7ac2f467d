/* The sample hash: reads three parts, knows the size, and a fixed value so that it never changes by accident.
 */
#include "lib/testlib.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "media/hash.h"

#define PART (64 * 1024)

static void hash_of(const char *data, size_t len, char ret[HASH_TEXT_SIZE])
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *path = fs_join(dir, "f");
	CLEANUP(cleanup_fd) int fd = -1;
	struct err err = { 0 };

	test_ok(fs_write_atomic(path, data, len, &err), &err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	test_ok(hash_sample(fd, (int64_t)len, ret, &err), &err);
	assert_int_equal(strlen(ret), 32);
	assert_int_equal(strspn(ret, "0123456789abcdef"), 32);
}

static void known_values(void **state)
{
	char text[HASH_TEXT_SIZE];

	(void)state;
	hash_text("", 0, text);
	assert_string_equal(text, "99aa06d3014798d86001c324468d497f"); /* as xxh128sum prints for nothing */
	hash_of("matinee", 7, text);
	assert_string_equal(text, "8f1715cb39b7c267dcca65501965414f");
}

static void which_bytes_count(void **state)
{
	const size_t len = 5 * PART;
	const struct {
		size_t at;
		int counts;
	} rows[] = {
		{ 0, 1 },	 { PART - 1, 1 },     { PART, 0 },     { 2 * PART - 1, 0 },
		{ 2 * PART, 1 }, { 3 * PART - 1, 1 }, { 3 * PART, 0 }, { 4 * PART - 1, 0 },
		{ 4 * PART, 1 }, { len - 1, 1 },
	};
	CLEANUP(cleanup_free) char *data = calloc(1, len + 1);
	char before[HASH_TEXT_SIZE], after[HASH_TEXT_SIZE];

	(void)state;
	hash_of(data, len, before);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		data[rows[i].at] = 'x';
		hash_of(data, len, after);
		data[rows[i].at] = 0;
		assert_int_equal(strcmp(before, after) != 0, rows[i].counts);
	}
	hash_of(data, len + 1, after);
	assert_string_not_equal(before, after); /* zeros either way: the size tells */
}

static void short_files_are_read_whole(void **state)
{
	CLEANUP(cleanup_free) char *data = calloc(1, 3 * PART);
	char before[HASH_TEXT_SIZE], after[HASH_TEXT_SIZE];

	(void)state;
	hash_of(data, 3 * PART - 1, before);
	for (size_t at = 0; at < 3 * PART - 1; at += PART / 2) {
		data[at] = 'x';
		hash_of(data, 3 * PART - 1, after);
		data[at] = 0;
		assert_string_not_equal(before, after);
	}
	hash_of(data, 0, after);
	assert_string_not_equal(before, after);
}

static void a_file_that_shrank(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *path = fs_join(dir, "f");
	CLEANUP(cleanup_fd) int fd = -1;
	char text[HASH_TEXT_SIZE] = "untouched";
	struct err err = { 0 };

	(void)state;
	test_ok(fs_write_atomic(path, "short", 5, &err), &err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(hash_sample(fd, 6, text, &err), -ERR_IO);
	assert_int_equal(hash_sample(fd, INT64_MAX, text, NULL), -ERR_IO);
	assert_int_equal(hash_sample(fd, -1, text, NULL), -ERR_INVALID);
	assert_true(hash_sample(-1, 5, text, NULL) < 0);
	assert_string_equal(text, "untouched");
}

struct asked {
	int64_t done;
	int left; /* times to say yes */
};

static bool go_on(void *context, int64_t done, int64_t total)
{
	struct asked *asked = context;

	assert_true(done > asked->done && done <= total);
	asked->done = done;
	return asked->left-- > 0;
}

static void full_counts_every_byte(void **state)
{
	const size_t len = 3 * 1024 * 1024 + 5;
	CLEANUP(cleanup_free) char *dir = test_dir();
	CLEANUP(cleanup_free) char *path = fs_join(dir, "f");
	CLEANUP(cleanup_free) char *data = calloc(1, len + 1);
	CLEANUP(cleanup_fd) int fd = -1;
	char wanted[HASH_TEXT_SIZE], text[HASH_TEXT_SIZE];
	struct asked asked = { .left = 99 };
	const struct hash_watch watch = { &asked, go_on };
	struct err err = { 0 };

	(void)state;
	data[len / 2 + 77777] = 'x';
	test_ok(fs_write_atomic(path, data, len, &err), &err);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	hash_text(data, len, wanted);
	test_ok(hash_full(fd, (int64_t)len, &watch, text, &err), &err);
	assert_string_equal(text, wanted);
	assert_int_equal(asked.done, len);
	assert_int_equal(hash_full(fd, (int64_t)len - 1, NULL, text, &err), -ERR_CONFLICT); /* it grew */
	err_clear(&err);
	assert_int_equal(hash_full(fd, (int64_t)len + 1, NULL, text, &err), -ERR_CONFLICT);
	err_clear(&err);
	asked = (struct asked) { .left = 1 };
	assert_int_equal(hash_full(fd, (int64_t)len, &watch, text, &err), -ERR_BUSY);
	assert_true(asked.done < (int64_t)len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_values),
		cmocka_unit_test(which_bytes_count),
		cmocka_unit_test(short_files_are_read_whole),
		cmocka_unit_test(a_file_that_shrank),
		cmocka_unit_test(full_counts_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
