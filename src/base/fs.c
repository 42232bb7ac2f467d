/* fs.c - see fs.h. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int fs_mkdirs(const char *path, struct err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(part))
		return err_set(err, ERR_TOO_LARGE, "create folder: the path is longer than %d bytes",
			       PATH_MAX);
	memcpy(part, path, len + 1);
	for (char *slash = part + 1; *slash; slash++) {
		if (*slash != '/')
			continue;
		*slash = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return err_errno(err, "create folder '%s'", part);
		*slash = '/';
	}
	if (mkdir(part, 0755) < 0 && errno != EEXIST)
		return err_errno(err, "create folder '%s'", part);
	return 0;
}

int fs_write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static void sync_folder_of(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash)
		snprintf(dir, sizeof(dir), ".");
	else if (slash == dir)
		dir[1] = '\0';
	else
		*slash = '\0';
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int fs_write_atomic(const char *path, const void *data, size_t len, struct err *err)
{
	char temporary[PATH_MAX];
	int fd;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return err_set(err, ERR_TOO_LARGE, "write: the path is longer than %d bytes", PATH_MAX);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "create '%s'", temporary);
	if (fs_write_all(fd, data, len) < 0 || fchmod(fd, 0644) < 0 || fsync(fd) < 0) {
		err_errno(err, "write '%s'", path);
		close(fd);
		unlink(temporary);
		return err ? -(int)err->code : -ERR_IO;
	}
	close(fd);
	if (rename(temporary, path) < 0) {
		err_errno(err, "rename '%s' to '%s'", temporary, path);
		unlink(temporary);
		return err ? -(int)err->code : -ERR_IO;
	}
	sync_folder_of(path);
	return 0;
}

int fs_lock(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_errno(err, "open lock file '%s'", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int number = errno;

		close(fd);
		errno = number;
		if (number == EWOULDBLOCK)
			return err_set(err, ERR_BUSY, "'%s' is held by another matinee", path);
		return err_errno(err, "lock '%s'", path);
	}
	return fd;
}

bool fs_is_network(const char *path)
{
	struct statfs st;

	if (statfs(path, &st) < 0)
		return false;
	switch ((unsigned long)st.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case AFS_SUPER_MAGIC:
	case V9FS_MAGIC:
	case CEPH_SUPER_MAGIC:
	case FUSE_SUPER_MAGIC: /* sshfs and friends; no way to tell, locks are unsure in all of them */
		return true;
	default:
		return false;
	}
}

int64_t fs_free_bytes(const char *path)
{
	struct statvfs st;

	if (statvfs(path, &st) < 0)
		return -1;
	return (int64_t)st.f_bavail * (int64_t)st.f_frsize;
}

char *fs_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);
	char *path;

	if (asprintf(&path, "%s%s%s", dir, n && dir[n - 1] == '/' ? "" : "/", name) < 0)
		abort();
	return path;
}

int fs_self(char *to, size_t size, struct err *err)
{
	ssize_t n = readlink("/proc/self/exe", to, size - 1);

	if (n < 0)
		return err_errno(err, "find this program's own path");
	to[n] = '\0';
	return 0;
}

int fs_open_beneath(int root_fd, const char *relative, struct err *err)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root_fd, relative, &how, sizeof(how));
	struct stat st;

	if (fd < 0 && errno == EXDEV)
		return err_set(err, ERR_DENIED, "open '%s': it leads out of its folder", relative);
	if (fd < 0)
		return err_errno(err, "open '%s'", relative);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(err, ERR_INVALID, "open '%s': not a regular file", relative);
	}
	return fd;
}
