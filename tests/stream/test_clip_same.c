/* test_clip_same.c - what lies at a clip's path is its file, was touched, was exchanged, or is written to. */
#include "lib/testlib.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "media/hash.h"
#include "stream/clip_same.h"

static char *dir;

static void write_file(const char *path, char fill, size_t size)
{
	CLEANUP(cleanup_free) char *data = malloc(size);

	memset(data, fill, size);
	assert_int_equal(fs_write_atomic(path, data, size, NULL), 0);
}

static void hash_of(const char *path, char ret[HASH_TEXT_SIZE])
{
	CLEANUP(cleanup_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(hash_sample(fd, st.st_size, ret, NULL), 0);
}

static void touch(const char *path)
{
	struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* A clip of the file as it is, as the server would send it. */
static struct clip clip_of(const char *path, bool copied)
{
	static const int32_t length = 180000;
	struct clip clip = { .path = path, .file_id = 7, .frames = 180000 };
	struct stat st;

	if (copied)
		clip.lengths = (struct lengths){ &length, 1 };
	assert_int_equal(stat(path, &st), 0);
	clip.known.size = st.st_size;
	clip.known.mtime_ns = (int64_t)st.st_mtim.tv_sec * CLOCK_SECOND + st.st_mtim.tv_nsec;
	hash_of(path, clip.known.sample_hash);
	clip_set_key_of_file(&clip, clip.known.sample_hash);
	return clip;
}

static int look(const struct clip *clip, struct clip_same *same, struct err *err)
{
	err_clear(err);
	test_ok(clip_same_open(clip, same, err), err);
	return clip_same_check(clip, same, err);
}

static void what_is_there(void **state)
{
	CLEANUP(cleanup_free) char *path = fs_join(dir, "film");
	CLEANUP(clip_same_close) struct clip_same same = CLIP_SAME_NONE;
	struct err err = { 0 };

	(void)state;
	for (int copied = 0; copied < 2; copied++) {
		char hash[HASH_TEXT_SIZE];
		struct clip clip, unhashed, unknown;

		write_file(path, 'a', 300000);
		clip = unhashed = unknown = clip_of(path, copied);
		unknown.known.size = 0;
		clip_set_key_of_file(&unhashed, NULL);
		*unhashed.known.sample_hash = '\0';
		assert_int_equal(look(&clip, &same, &err), 0);
		assert_int_equal(look(&unhashed, &same, &err), 0);
		touch(path);
		assert_int_equal(look(&clip, &same, &err), copied ? -(int)ERR_CONFLICT : 0);
		assert_string_equal(same.found, "");
		write_file(path, 'b', 200000);
		assert_int_equal(look(&clip, &same, &err), -(int)ERR_CONFLICT);
		hash_of(path, hash);
		assert_string_equal(same.found, hash);
		assert_non_null(strstr(err.text, "another file"));
		assert_int_equal(look(&unhashed, &same, &err), copied ? -(int)ERR_CONFLICT : 0); /* nobody knows what it was */
		assert_int_equal(look(&unknown, &same, &err), 0);
		/* The library has looked at it again; the row in the log is still of what was there. */
		memcpy(clip.known.sample_hash, hash, sizeof(hash));
		clip.known = clip_of(path, copied).known;
		assert_int_equal(look(&clip, &same, &err), -(int)ERR_CONFLICT);
		assert_string_equal(same.found, hash);
	}
}

/* Its samples are the same, and between them it may be anything: the plan is not of it. */
static void changed_since_its_plan(void **state)
{
	CLEANUP(cleanup_free) char *path = fs_join(dir, "planned");
	CLEANUP(clip_same_close) struct clip_same same = CLIP_SAME_NONE;
	struct clip clip;
	struct err err = { 0 };

	(void)state;
	write_file(path, 'a', 300000);
	clip = clip_of(path, true);
	clip.known.size = -1;
	assert_int_equal(look(&clip, &same, &err), -(int)ERR_CONFLICT);
	assert_non_null(strstr(err.text, "changed since its copy plan"));
}

static void exchanged_as_it_is_opened(void **state)
{
	CLEANUP(cleanup_free) char *path = fs_join(dir, "exchanged");
	CLEANUP(clip_same_close) struct clip_same same = CLIP_SAME_NONE;
	char hash[HASH_TEXT_SIZE];
	struct clip clip;
	struct err err = { 0 };

	(void)state;
	write_file(path, 'a', 300000);
	clip = clip_of(path, false);
	test_ok(clip_same_open(&clip, &same, &err), &err);
	write_file(path, 'b', 300000);
	assert_int_equal(clip_same_check(&clip, &same, &err), -(int)ERR_CONFLICT);
	hash_of(path, hash);
	assert_string_equal(same.found, hash);
	err_clear(&err);
	test_ok(clip_same_open(&clip, &same, &err), &err);
	unlink(path);
	assert_int_equal(clip_same_check(&clip, &same, &err), -(int)ERR_NOT_FOUND);
}

static void written_to_while_it_is_read(void **state)
{
	CLEANUP(cleanup_free) char *path = fs_join(dir, "written");
	CLEANUP(clip_same_close) struct clip_same same = CLIP_SAME_NONE;
	struct clip clip;
	struct err err = { 0 };

	(void)state;
	write_file(path, 'a', 300000);
	touch(path);
	clip = clip_of(path, true);
	assert_int_equal(look(&clip, &same, &err), 0);
	test_ok(clip_same_still(&same, &err), &err);
	chmod(path, 0400);
	unlink(path); /* who has it open reads on */
	test_ok(clip_same_still(&same, &err), &err);
	write_file(path, 'a', 300000);
	touch(path);
	assert_int_equal(look(&clip, &same, &err), 0);
	{
		CLEANUP(cleanup_fd) int fd = open(path, O_WRONLY | O_CLOEXEC);

		assert_int_equal(pwrite(fd, "x", 1, 1000), 1);
	}
	assert_int_equal(clip_same_still(&same, &err), -(int)ERR_CONFLICT);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_there), cmocka_unit_test(changed_since_its_plan),
					    cmocka_unit_test(exchanged_as_it_is_opened),
					    cmocka_unit_test(written_to_while_it_is_read) };

	dir = test_dir();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
