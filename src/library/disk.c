/* disk.c - see disk.h. A partition has no queue of its own: its disk's is one folder up. */
#include "library/disk.h"

#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/types.h>

static int read_flag(const char *path)
{
	FILE *file = fopen(path, "re");
	int c = file ? fgetc(file) : EOF;

	if (file)
		fclose(file);
	return c;
}

bool disk_turns(int64_t dev)
{
	static const char *const places[] = { "queue", "../queue" };
	char path[128];

	for (int i = 0; i < 2; i++) {
		int flag;

		snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s/rotational", major((dev_t)dev),
			 minor((dev_t)dev), places[i]);
		flag = read_flag(path);
		if (flag != EOF)
			return flag == '1';
	}
	return false;
}
