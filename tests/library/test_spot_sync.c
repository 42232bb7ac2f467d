/* A disk that cannot keep what was changed: it is said, and nothing is removed that has no other place yet. */
#include "lib/testlib.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "library/spot.h"
#include "library/spot_folders.h"

static bool fails; /* every sync, from now on */

/* The program's calls come here, before the C library. */
int fsync(int fd)
{
	static int (*real)(int);

	if (!real)
		real = (int (*)(int))(uintptr_t)dlsym(RTLD_NEXT, "fsync");
	if (!fails)
		return real(fd);
	errno = EIO;
	return -1;
}

static int64_t device_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (int64_t)st.st_dev;
}

static void a_new_folder_that_is_not_kept(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct spot_make make = { .dev = device_of(dir) };
	struct spot_folders later = { 0 };
	struct err err = { 0 };
	struct spot spot;

	(void)state;
	fails = true;
	assert_int_equal(spot_open(&spot, dir, "new/film.mkv", &make, &err), -(int)ERR_IO);
	assert_non_null(strstr(err.text, "make folder"));
	fails = false;
	make.later = &later;
	test_ok(spot_open(&spot, dir, "other/film.mkv", &make, &err), &err);
	spot_close(&spot);
	fails = true;
	err_clear(&err);
	assert_int_equal(spot_folders_sync(&later, &err), -(int)ERR_IO);
	fails = false;
	test_ok(spot_folders_sync(&later, &err), &err); /* it was told */
}

/* One too many is synced at once; that it failed is told with the rest. */
static void one_too_many_that_is_not_kept(void **state)
{
	CLEANUP(cleanup_free) char *dir = test_dir();
	struct spot_folders folders = { 0 };
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i <= SPOT_FOLDERS_MAX; i++) {
		CLEANUP(cleanup_fd) int fd = -1;
		char path[300];

		snprintf(path, sizeof(path), "%s/%d", dir, i);
		assert_int_equal(mkdir(path, 0755), 0);
		fd = open(path, O_RDONLY | O_DIRECTORY);
		fails = i == SPOT_FOLDERS_MAX;
		assert_int_equal(spot_folders_add(&folders, fd, NULL) < 0, fails);
	}
	fails = false;
	assert_int_equal(spot_folders_sync(&folders, &err), -(int)ERR_IO);
	assert_int_equal(folders.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_new_folder_that_is_not_kept),
					    cmocka_unit_test(one_too_many_that_is_not_kept) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
