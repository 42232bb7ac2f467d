/* worker_name.c - see worker_name.h. A name alone says nothing, anybody may take it: the program must be ours, too. */
#include "jobs/worker_name.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

void worker_name_set(const char *name)
{
	prctl(PR_SET_NAME, name);
}

static bool is_called(pid_t pid, const char *name)
{
	char path[64], have[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	file = fopen(path, "re");
	if (file && !fgets(have, sizeof(have), file))
		have[0] = '\0';
	if (file)
		fclose(file);
	have[strcspn(have, "\n")] = '\0';
	return strcmp(have, name) == 0;
}

bool worker_only_looks(pid_t pid)
{
	char path[64];
	struct stat ours, theirs;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return is_called(pid, WORKER_NAME_LOOKS) && stat("/proc/self/exe", &ours) == 0 && stat(path, &theirs) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}
