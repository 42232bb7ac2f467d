/* disk.c - see disk.h. A partition has no queue of its own: its disk's is one folder up. */
#include "library/disk.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"

#define MAX_LAYERS 8

/* "8:17" in a file of sysfs. */
static bool read_dev(const char *path, int64_t *ret)
{
	FILE *file = fopen(path, "re");
	unsigned major_no, minor_no;
	bool ok = file && fscanf(file, "%u:%u", &major_no, &minor_no) == 2;

	if (file)
		fclose(file);
	if (ok)
		*ret = (int64_t)makedev(major_no, minor_no);
	return ok;
}

static void folder_of(const char *sys, int64_t dev, char to[PATH_MAX])
{
	snprintf(to, PATH_MAX, "%s/dev/block/%u:%u", sys, major((dev_t)dev), minor((dev_t)dev));
}

static bool first_slave(const char *folder, int64_t *ret)
{
	char path[PATH_MAX];
	bool found = false;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s/slaves", folder) >= (int)sizeof(path))
		return false;
	dir = opendir(path);
	for (struct dirent *e; dir && !found && (e = readdir(dir));)
		if (e->d_name[0] != '.' &&
		    snprintf(path, sizeof(path), "%s/slaves/%s/dev", folder, e->d_name) < (int)sizeof(path))
			found = read_dev(path, ret);
	if (dir)
		closedir(dir);
	return found;
}

/* What lies below this one, when something does. */
static bool one_down(const char *sys, int64_t *dev)
{
	char folder[PATH_MAX], path[PATH_MAX];

	folder_of(sys, *dev, folder);
	if (snprintf(path, sizeof(path), "%s/partition", folder) < (int)sizeof(path) && access(path, F_OK) == 0)
		return snprintf(path, sizeof(path), "%s/../dev", folder) < (int)sizeof(path) && read_dev(path, dev);
	return first_slave(folder, dev);
}

/* The block device that was mounted, of a file system with a number of its own. */
static bool source_of(const char *sys, const char *mountinfo, int64_t dev, int64_t *ret)
{
	CLEANUP(cleanup_free) char *line = NULL;
	FILE *file = fopen(mountinfo, "re");
	bool found = false;
	size_t cap = 0;

	while (file && !found && getline(&line, &cap, file) > 0) {
		unsigned major_no, minor_no;
		char source[PATH_MAX], path[PATH_MAX];
		const char *rest = strstr(line, " - "), *name;
		struct stat st;

		if (!rest || sscanf(line, "%*d %*d %u:%u", &major_no, &minor_no) != 2 ||
		    makedev(major_no, minor_no) != (dev_t)dev || sscanf(rest, " - %*s %4095s", source) != 1 || *source != '/')
			continue;
		name = strrchr(source, '/') + 1;
		found = snprintf(path, sizeof(path), "%s/class/block/%s/dev", sys, name) < (int)sizeof(path) && read_dev(path, ret);
		if (!found && stat(source, &st) == 0 && S_ISBLK(st.st_mode)) {
			*ret = (int64_t)st.st_rdev;
			found = true;
		}
	}
	if (file)
		fclose(file);
	return found;
}

int64_t disk_of_in(const char *sys, const char *mountinfo, int64_t dev)
{
	if (major((dev_t)dev) == 0 && !source_of(sys, mountinfo, dev, &dev))
		return dev;
	for (int i = 0; i < MAX_LAYERS && one_down(sys, &dev); i++)
		;
	return dev;
}

/* virtio_blk leaves the flag at the kernel's default: it knows nothing of the disk behind it. */
static bool flag_is_default(const char *folder)
{
	char path[PATH_MAX], driver[256];
	const char *name;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s/device/driver", folder) >= (int)sizeof(path))
		return false;
	n = readlink(path, driver, sizeof(driver) - 1);
	if (n < 0)
		return false;
	driver[n] = '\0';
	name = strrchr(driver, '/');
	return strcmp(name ? name + 1 : driver, "virtio_blk") == 0;
}

bool disk_turns_in(const char *sys, const char *mountinfo, int64_t dev)
{
	char folder[PATH_MAX], path[PATH_MAX];
	FILE *file;
	int flag;

	folder_of(sys, disk_of_in(sys, mountinfo, dev), folder);
	if (snprintf(path, sizeof(path), "%s/queue/rotational", folder) >= (int)sizeof(path))
		return false;
	file = fopen(path, "re");
	flag = file ? fgetc(file) : EOF;
	if (file)
		fclose(file);
	return flag == '1' && !flag_is_default(folder);
}

int64_t disk_of(int64_t dev)
{
	return disk_of_in("/sys", "/proc/self/mountinfo", dev);
}

bool disk_turns(int64_t dev)
{
	return disk_turns_in("/sys", "/proc/self/mountinfo", dev);
}
