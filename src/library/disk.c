/* disk.c - see disk.h. A partition has no queue of its own: its disk's is one folder up. */
#include "library/disk.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/cleanup.h"

static int read_flag(const char *path)
{
	FILE *file = fopen(path, "re");
	int c = file ? fgetc(file) : EOF;

	if (file)
		fclose(file);
	return c;
}

/* virtio_blk leaves the flag at the kernel's default: it knows nothing of the disk behind it. */
static bool flag_is_default(const char *folder)
{
	char path[160], driver[256];
	ssize_t n;
	const char *name;

	snprintf(path, sizeof(path), "%s/device/driver", folder);
	n = readlink(path, driver, sizeof(driver) - 1);
	if (n < 0)
		return false;
	driver[n] = '\0';
	name = strrchr(driver, '/');
	return strcmp(name ? name + 1 : driver, "virtio_blk") == 0;
}

bool disk_turns(int64_t dev)
{
	static const char *const places[] = { "", "/.." };
	char folder[96], path[128];

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		int flag;

		snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u%s", major((dev_t)dev), minor((dev_t)dev), places[i]);
		snprintf(path, sizeof(path), "%s/queue/rotational", folder);
		flag = read_flag(path);
		if (flag != EOF)
			return flag == '1' && !flag_is_default(folder);
	}
	return false;
}
