/* backup.c - see backup.h. One backup at a time to a place: its .part is held by flock; one that a killed process left is begun
 * anew. */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* Empty, and ours alone until it is closed. */
static int open_part(const char *part, int *ret_fd, struct err *err)
{
	int fd = open(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, "write the backup '%s'", part);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		close(fd);
		return err_set(err, ERR_BUSY, "another backup is being written to '%s'; wait until it has ended", part);
	}
	if (ftruncate(fd, 0) < 0) {
		err_errno(err, "write the backup '%s'", part);
		close(fd);
		return -(int)err->code;
	}
	*ret_fd = fd;
	return 0;
}

/* On the disk, under its own name. */
static int put_in_place(int fd, const char *part, const char *path, bool replace, struct err *err)
{
	CLEANUP(cleanup_free) char *folder = strdup(path);
	CLEANUP(cleanup_fd) int dir = -1;
	char *slash = strrchr(folder, '/');

	if (fsync(fd) < 0)
		return err_errno(err, "write the backup '%s'", path);
	if (!replace && renameat2(AT_FDCWD, part, AT_FDCWD, path, RENAME_NOREPLACE) < 0) {
		if (errno == EEXIST)
			return err_set(err, ERR_EXISTS, "'%s' is there already; --force writes over it", path);
		if (errno != EINVAL) /* a file system that does not know it: it was looked at before */
			return err_errno(err, "put the backup in its place, '%s'", path);
		replace = true;
	}
	if (replace && access(part, F_OK) == 0 && rename(part, path) < 0)
		return err_errno(err, "put the backup in its place, '%s'", path);
	if (slash)
		slash[slash == folder] = '\0';
	dir = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || (fsync(dir) < 0 && errno != EINVAL))
		return err_errno(err, "write the folder of the backup '%s'", path);
	return 0;
}

int backup_write(struct db *db, const char *path, bool replace, const struct db_backup_watch *watch, int64_t *ret_bytes,
		 struct err *err)
{
	CLEANUP(cleanup_free) char *part = NULL;
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st = { 0 };
	int rc;

	if (asprintf(&part, "%s.part", path) < 0)
		abort();
	if (!replace && lstat(path, &st) == 0)
		return err_set(err, ERR_EXISTS, "'%s' is there already; --force writes over it", path);
	if ((rc = open_part(part, &fd, err)) < 0)
		return rc;
	rc = db_backup(db, part, watch, err);
	if (rc == 0 && fstat(fd, &st) < 0)
		rc = err_errno(err, "read the backup '%s'", part);
	if (rc == 0)
		rc = put_in_place(fd, part, path, replace, err);
	if (rc < 0) {
		unlink(part);
		err_under(err, "back up to '%s'", path);
	}
	*ret_bytes = st.st_size;
	return rc;
}
