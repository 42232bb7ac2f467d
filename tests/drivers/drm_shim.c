/* drm_shim.c - preloaded (LD_PRELOAD): this machine has a render node, /dev/dri/renderD128, whose kernel driver is called
 * "i915": libva then loads iHD_drv_video.so from LIBVA_DRIVERS_PATH, and libavcodec asks for it for Quick Sync. Everything else
 * is opened as ever. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "drivers/chip.h"

#define NODE "/dev/dri/renderD128"
#define RENDER 2 /* DRM_NODE_RENDER */

/* As in xf86drm.h, which is in a package of its own. */
struct version {
	int major, minor, patch, name_len;
	char *name;
	int date_len;
	char *date;
	int desc_len;
	char *desc;
};

int open64(const char *path, int flags, ...);
int drmGetNodeTypeFromFd(int fd);
struct version *drmGetVersion(int fd);
void drmFreeVersion(struct version *version);

int open64(const char *path, int flags, ...)
{
	int (*next)(const char *path, int flags, ...) = NULL;
	void *found = dlsym(RTLD_NEXT, "open64");
	mode_t mode = 0;

	memcpy(&next, &found, sizeof(next));
	if (flags & (O_CREAT | O_TMPFILE)) {
		va_list more;

		va_start(more, flags);
		mode = va_arg(more, mode_t);
		va_end(more);
	}
	if (strncmp(path, "/dev/dri/", 9) != 0)
		return next(path, flags, mode);
	if (strcmp(path, NODE) != 0 || chip_told("absent", NULL)) {
		errno = ENOENT;
		return -1;
	}
	if (chip_told("forbidden", NULL)) {
		errno = EACCES;
		return -1;
	}
	return next("/dev/null", flags, mode);
}

int drmGetNodeTypeFromFd(int fd)
{
	(void)fd;
	return RENDER;
}

struct version *drmGetVersion(int fd)
{
	static char name[] = "i915";
	struct version *v = calloc(1, sizeof(*v));

	(void)fd;
	if (v) {
		v->name = name;
		v->name_len = sizeof(name) - 1;
	}
	return v;
}

void drmFreeVersion(struct version *version)
{
	free(version);
}
