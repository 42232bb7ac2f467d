/* Which disk a device lies on, in a made-up /sys: partitions, mapped devices, btrfs; and which disks turn. */
#include "lib/testlib.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fs.h"
#include "library/disk.h"

static char sys[100], mounts[120];

static void put(const char *text, const char *path, ...)
{
	char whole[400], part[300];
	struct err err = { 0 };
	va_list args;
	FILE *file;

	va_start(args, path);
	vsnprintf(part, sizeof(part), path, args);
	va_end(args);
	snprintf(whole, sizeof(whole), "%s/%s", sys, part);
	*strrchr(whole, '/') = '\0';
	test_ok(fs_mkdirs(whole, &err), &err);
	snprintf(whole, sizeof(whole), "%s/%s", sys, part);
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void link_to(const char *target, const char *name)
{
	char path[300];

	snprintf(path, sizeof(path), "%s/%s", sys, name);
	assert_int_equal(symlink(target, path), 0);
}

/* sda turns and has two partitions; nvme0n1 does not; dm-0 lies on sda2; vda says that it turns, but is virtio's. */
static int make_sys(void **state)
{
	(void)state;
	snprintf(sys, sizeof(sys), "/tmp/matinee-disk.XXXXXX");
	assert_non_null(mkdtemp(sys));
	put("8:0\n", "devices/sda/dev");
	put("1\n", "devices/sda/queue/rotational");
	for (int i = 1; i <= 2; i++) {
		put("1\n", "devices/sda/sda%d/partition", i);
		put(i == 1 ? "8:1\n" : "8:2\n", "devices/sda/sda%d/dev", i);
	}
	put("259:0\n", "devices/nvme0n1/dev");
	put("0\n", "devices/nvme0n1/queue/rotational");
	put("253:0\n", "devices/dm-0/dev");
	put("0\n", "devices/dm-0/queue/rotational");
	put("8:2\n", "devices/dm-0/slaves/sda2/dev");
	put("254:0\n", "devices/vda/dev");
	put("1\n", "devices/vda/queue/rotational");
	put("", "devices/vda/device/x");
	link_to("../../drivers/virtio_blk", "devices/vda/device/driver");
	put("8:1\n", "class/block/sda1/dev");
	put("", "dev/block/x");
	link_to("../../devices/sda", "dev/block/8:0");
	link_to("../../devices/sda/sda1", "dev/block/8:1");
	link_to("../../devices/sda/sda2", "dev/block/8:2");
	link_to("../../devices/nvme0n1", "dev/block/259:0");
	link_to("../../devices/dm-0", "dev/block/253:0");
	link_to("../../devices/vda", "dev/block/254:0");
	put("30 1 0:40 / /films rw - btrfs /dev/sda1 rw\n31 1 0:41 / /share rw - nfs nas:/films rw\nnonsense\n", "mounts");
	snprintf(mounts, sizeof(mounts), "%s/mounts", sys);
	return 0;
}

static int remove_sys(void **state)
{
	(void)state;
	char command[200];

	snprintf(command, sizeof(command), "rm -rf '%s'", sys);
	return system(command);
}

static int64_t whole(unsigned major_no, unsigned minor_no)
{
	return disk_of_in(sys, mounts, (int64_t)makedev(major_no, minor_no));
}

static bool turns(unsigned major_no, unsigned minor_no)
{
	return disk_turns_in(sys, mounts, (int64_t)makedev(major_no, minor_no));
}

static void all_of_one_disk_is_one_disk(void **state)
{
	const int64_t sda = (int64_t)makedev(8, 0);

	(void)state;
	assert_int_equal(whole(8, 0), sda);
	assert_int_equal(whole(8, 1), sda);
	assert_int_equal(whole(8, 2), sda);
	assert_int_equal(whole(253, 0), sda);
	assert_int_equal(whole(0, 40), sda);
	assert_int_equal(whole(259, 0), (int64_t)makedev(259, 0));
	assert_int_equal(whole(0, 41), (int64_t)makedev(0, 41));
	assert_int_equal(whole(7, 7), (int64_t)makedev(7, 7));
}

static void what_turns_is_known(void **state)
{
	(void)state;
	assert_true(turns(8, 0));
	assert_true(turns(8, 2));
	assert_true(turns(253, 0));
	assert_true(turns(0, 40));
	assert_false(turns(259, 0));
	assert_false(turns(254, 0));
	assert_false(turns(0, 41));
	assert_false(turns(7, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_one_disk_is_one_disk),
		cmocka_unit_test(what_turns_is_known),
	};

	return cmocka_run_group_tests(tests, make_sys, remove_sys);
}
