/* spot_folders.c - see spot_folders.h. */
#include "library/spot_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Not in linux/magic.h of every system. */
#define MAGIC_BCACHEFS 0xCA451A4E
#define MAGIC_F2FS 0xF2F52010
#define MAGIC_JFS 0x3153464A
#define MAGIC_XFS 0x58465342
#define MAGIC_ZFS 0x2FC12FC1

static int sync_folder(int fd, struct err *err)
{
	/* EINVAL: a file system that has nothing to sync there */
	if (fsync(fd) < 0 && errno != EINVAL)
		return err_errno(err, "sync a folder");
	return 0;
}

int spot_folders_add(struct spot_folders *folders, int dir_fd, struct err *err)
{
	struct stat st;
	int fd;

	if (fstat(dir_fd, &st) < 0)
		return err_errno(err, "look at a folder");
	for (size_t i = 0; i < folders->count; i++)
		if (folders->list[i].dev == (int64_t)st.st_dev && folders->list[i].inode == (int64_t)st.st_ino)
			return 0;
	fd = folders->count < SPOT_FOLDERS_MAX ? fcntl(dir_fd, F_DUPFD_CLOEXEC, 3) : -1;
	if (fd < 0)
		return sync_folder(dir_fd, err);
	folders->list[folders->count++] = (struct spot_folder){ fd, (int64_t)st.st_dev, (int64_t)st.st_ino };
	return 0;
}

/* One that was removed meanwhile has nothing to keep; the folder above it is in the list. */
int spot_folders_sync(struct spot_folders *folders, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < folders->count; i++) {
		struct stat st;
		bool removed = fstat(folders->list[i].fd, &st) == 0 && st.st_nlink == 0;
		int one = removed ? 0 : sync_folder(folders->list[i].fd, rc == 0 ? err : NULL);

		rc = rc == 0 ? one : rc;
		close(folders->list[i].fd);
	}
	folders->count = 0;
	return rc;
}

bool spot_folders_whole(const char *path)
{
	static const unsigned long known[] = {
		EXT4_SUPER_MAGIC, MAGIC_XFS,	  BTRFS_SUPER_MAGIC,	 MAGIC_F2FS,	  MAGIC_ZFS,	   MAGIC_BCACHEFS,
		MAGIC_JFS,	  TMPFS_MAGIC,	  OVERLAYFS_SUPER_MAGIC, NFS_SUPER_MAGIC,
	};
	struct statfs st;

	if (statfs(path, &st) < 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if ((unsigned long)st.f_type == known[i])
			return true;
	return false;
}
