/* Renames where the file system has no rename that does not replace (NFS): by a second name, and never left
 * with two. */
#include "lib/testlib.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/spot.h"

#define ARG(n) ((unsigned)offsetof(struct seccomp_data, args[n]))
#define FAIL_WITH(number) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (number))

/* From here on this process has no renameat2, and cannot remove names in one folder. */
static bool refuse(unsigned folder_fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_renameat2, 0, 1),
		FAIL_WITH(EINVAL),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_unlinkat, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ARG(0)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, folder_fd, 0, 1),
		FAIL_WITH(EACCES),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ARRAY_LEN(code), code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* In a child: 0 as it should be, 77 when filters are refused, else where it is wrong. */
static int rename_in(const char *base, bool refused)
{
	struct spot from = { .dir_fd = -1 }, to = { .dir_fd = -1 };
	struct err err = { 0 };
	struct stat a, b;
	bool across;
	int rc;

	if (spot_open(&from, base, "old/a", NULL, &err) < 0 || spot_open(&to, base, "new/b", NULL, &err) < 0)
		return 1;
	if (!refuse(refused ? (unsigned)from.dir_fd : 1u << 30))
		return 77;
	rc = spot_rename(&from, &to, &across, &err);
	if (fstatat(from.dir_fd, "a", &a, 0) < 0)
		a.st_nlink = 0;
	if (fstatat(to.dir_fd, "b", &b, 0) < 0)
		b.st_nlink = 0;
	if (refused)
		return rc != -ERR_DENIED ? 2 : a.st_nlink != 1 || b.st_nlink ? 3 : 0;
	return rc != 0 ? 4 : b.st_nlink != 1 || a.st_nlink ? 5 : 0;
}

static void put(const char *base, const char *folder, const char *name)
{
	CLEANUP(cleanup_free) char *whole = fs_join(base, folder);
	CLEANUP(cleanup_free) char *path = fs_join(whole, name ? name : "");
	FILE *file;

	assert_int_equal(mkdir(whole, 0700), 0);
	if (!name)
		return;
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
}

static void a_rename_by_a_second_name(void **state)
{
	(void)state;
	for (int refused = 0; refused < 2; refused++) {
		CLEANUP(cleanup_free) char *base = test_dir();
		int status;
		pid_t pid;

		put(base, "old", "a");
		put(base, "new", NULL);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(rename_in(base, refused));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 77)
			skip();
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rename_by_a_second_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
