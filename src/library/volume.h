/* volume.h - which volume a folder lies on, so that another disk in its place is not taken for it and the
 * same disk elsewhere is recognised. Asks the disk: worker only, except volume_elsewhere(), which is for a
 * disk that answers, and volume_mounts_read(). */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct volume {
	char id[160];	  /* "ext4 uuid:6f1c..", "xfs fsid:..": of the file system; "" unknown */
	char source[256]; /* "/dev/sdb1", "nas:/films" */
	char mount_point[PATH_MAX];
	int64_t dev, inode; /* of the folder itself: the sentinel */
	bool network;	    /* changes made by other machines are not told here */
};

int volume_of(const char *folder, struct volume *ret, struct err *err);

/* A folder of this inode on the volume `id` where it is mounted now: mount point + what followed the old
 * mount point. False when there is none. */
bool volume_elsewhere(const char *id, const char *old_mount_point, const char *old_path, int64_t inode,
		      char ret[PATH_MAX]);

/* A type of file system that lies on another machine, or with a program: changes made elsewhere are not told, and it may
 * hang. */
bool volume_is_network_type(const char *type);

/* Where volumes are mounted now, as the kernel lists them: asks no disk. In the arena. */
struct volume_mounts {
	const char **points;
	size_t count;
};
void volume_mounts_read(struct arena *arena, struct volume_mounts *ret);
void volume_network_mounts(const char *folder, struct arena *arena, struct volume_mounts *ret); /* at or below it */
bool volume_mounted_at(const struct volume_mounts *mounts, const char *path);
