/* spot.c - see spot.h. renameat2(2) with RENAME_NOREPLACE; where a file system has none (NFS), link and unlink, which do
 * not replace either. */
#include "library/spot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/spot_folders.h"

#define CASE_NAME ".matinee-case-" /* and the inode: between two halves of a rename */

/* EINVAL: a file system that has nothing to sync there. */
static int sync_folder(int fd)
{
	return fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
}

static int open_folder(int base_fd, const char *folder)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, base_fd, *folder ? folder : ".", &how, sizeof(how));
}

static int fail_folder(struct err *err, const char *base, const char *folder)
{
	if (errno == ELOOP || errno == EXDEV)
		return err_set(err, ERR_DENIED, "folder '%s/%s': a part of it is a symlink or leads out of it", base,
			       folder);
	return err_errno(err, "folder '%s/%s'", base, folder);
}

/* ---- opening ---- */

static bool is_on(int fd, int64_t dev)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (int64_t)st.st_dev == dev;
}

/* The last part of a path, on that disk; it is on the disk, or will be with `later`. */
static int make_folder(int base_fd, const char *base, const char *path, const struct spot_make *make, struct err *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char above[PATH_MAX];
	CLEANUP(cleanup_fd) int up = -1;
	int rc;

	snprintf(above, sizeof(above), "%.*s", slash ? (int)(slash - path) : 0, path);
	up = open_folder(base_fd, above);
	if (up >= 0 && !is_on(up, make->dev))
		return err_set(err, ERR_NOT_FOUND, "the disk at '%s' is not there any more; is it mounted?", base);
	rc = up < 0 ? -1 : mkdirat(up, name, 0777);
	if (rc == 0 || (up >= 0 && errno == EEXIST))
		rc = make->later ? spot_folders_add(make->later, up, NULL) : sync_folder(up);
	if (rc < 0) {
		err_errno(err, "make folder '%s/%s'", base, path);
		return -(int)(err ? err->code : ERR_IO);
	}
	return 0;
}

/* Makes what is missing of `folder`, part by part, each opened through no symlink. The descriptor of the last. */
static int make_folders(int base_fd, const char *base, const char *folder, const struct spot_make *make,
			struct err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(folder);
	int rc;

	if (len >= sizeof(part))
		return err_set(err, ERR_TOO_LARGE, "the path is longer than %d bytes", PATH_MAX);
	for (size_t at = 0; at <= len; at++) {
		CLEANUP(cleanup_fd) int fd = -1;

		if (folder[at] && folder[at] != '/')
			continue;
		memcpy(part, folder, at);
		part[at] = '\0';
		if (!at)
			continue;
		fd = open_folder(base_fd, part);
		if (fd >= 0)
			continue;
		if (errno != ENOENT)
			return fail_folder(err, base, part);
		if (make->made && make->made(make->context, part, err) < 0)
			return -(int)(err ? err->code : ERR_STORE);
		if ((rc = make_folder(base_fd, base, part, make, err)) < 0)
			return rc;
	}
	return open_folder(base_fd, folder);
}

int spot_open(struct spot *ret, const char *base, const char *path, const struct spot_make *make, struct err *err)
{
	CLEANUP(cleanup_fd) int base_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	int fd;

	*ret = (struct spot){ -1, slash ? slash + 1 : path, path, make ? make->later : NULL };
	if (base_fd < 0)
		return err_errno(err, "folder '%s'", base);
	if (!*ret->name || strcmp(ret->name, ".") == 0 || strcmp(ret->name, "..") == 0)
		return err_set(err, ERR_INVALID, "'%s' is no name of a file", path);
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 0, path);
	fd = open_folder(base_fd, folder);
	if (fd < 0 && errno == ENOENT && make) {
		fd = make_folders(base_fd, base, folder, make, err);
		if (fd < -1)
			return fd;
	}
	if (fd < 0)
		return fail_folder(err, base, folder);
	ret->dir_fd = fd;
	return 0;
}

void spot_close(struct spot *spot)
{
	if (spot->name && spot->dir_fd >= 0)
		close(spot->dir_fd);
	*spot = (struct spot){ .dir_fd = -1 };
}

int spot_device(const char *base, const char *path, int64_t *ret_dev, struct err *err)
{
	char at[PATH_MAX];
	struct stat st;

	if (snprintf(at, sizeof(at), "%s/%s", base, path) >= (int)sizeof(at))
		return err_set(err, ERR_TOO_LARGE, "the path is longer than %d bytes", PATH_MAX);
	while (strlen(at) >= strlen(base)) {
		char *slash;

		if (lstat(at, &st) == 0) {
			*ret_dev = (int64_t)st.st_dev;
			return 0;
		}
		if (errno != ENOENT && errno != ENOTDIR)
			break;
		slash = strrchr(at, '/');
		if (!slash || slash == at)
			break;
		*slash = '\0';
	}
	return err_errno(err, "folder '%s'", base);
}

/* ---- looking ---- */

static int stat_name(int dir_fd, const char *name, struct stat *st)
{
	return fstatat(dir_fd, name, st, AT_SYMLINK_NOFOLLOW);
}

static struct file_identity identity_of(const struct stat *st)
{
	return (struct file_identity){ (int64_t)st->st_dev, (int64_t)st->st_ino, (int64_t)st->st_size,
				       fs_mtime_ns(st) };
}

int spot_stat(const struct spot *spot, struct file_identity *ret, int64_t *ret_links, struct err *err)
{
	struct stat st;

	if (stat_name(spot->dir_fd, spot->name, &st) < 0)
		return err_errno(err, "'%s'", spot->path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INVALID, "'%s' is no regular file", spot->path);
	*ret = identity_of(&st);
	if (ret_links)
		*ret_links = (int64_t)st.st_nlink;
	return 0;
}

bool spot_same(const struct file_identity *a, const struct file_identity *b, bool strict)
{
	return a->dev == b->dev && a->inode == b->inode &&
	       (!strict || (a->size == b->size && a->mtime_ns == b->mtime_ns));
}

/* ---- doing ---- */

int spot_sync(const struct spot *spot, struct err *err)
{
	if (spot->later)
		return spot_folders_add(spot->later, spot->dir_fd, err);
	if (sync_folder(spot->dir_fd) < 0)
		return err_errno(err, "sync the folder of '%s'", spot->path);
	return 0;
}

/* Two names of the file are none of its places: when the old one cannot go, the new one goes again. */
static int link_and_unlink(int from_fd, const char *from, int to_fd, const char *to)
{
	int number;

	if (linkat(from_fd, from, to_fd, to, 0) < 0)
		return -1;
	if (unlinkat(from_fd, from, 0) == 0)
		return 0;
	number = errno;
	unlinkat(to_fd, to, 0);
	errno = number;
	return -1;
}

/* Never replaces. Where the name cannot be had in one step, by a second name of the file. */
static int rename_no_replace(int from_fd, const char *from, int to_fd, const char *to)
{
	if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return -1;
	return link_and_unlink(from_fd, from, to_fd, to);
}

static bool same_folder(const struct spot *a, const struct spot *b)
{
	struct stat x, y;

	return fstat(a->dir_fd, &x) == 0 && fstat(b->dir_fd, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The name that is taken is this very file's own, in other capitals. */
static bool is_case_only(const struct spot *from, const struct spot *to)
{
	struct stat x, y;

	return strcasecmp(from->name, to->name) == 0 && strcmp(from->name, to->name) != 0 && same_folder(from, to) &&
	       stat_name(from->dir_fd, from->name, &x) == 0 && stat_name(to->dir_fd, to->name, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino && x.st_nlink == 1;
}

static void case_name(char *to, size_t size, int64_t inode)
{
	snprintf(to, size, CASE_NAME "%lld", (long long)inode);
}

static int rename_case(const struct spot *from, const struct spot *to)
{
	char between[64];
	struct stat st;

	if (stat_name(from->dir_fd, from->name, &st) < 0)
		return -1;
	case_name(between, sizeof(between), (int64_t)st.st_ino);
	if (rename_no_replace(from->dir_fd, from->name, from->dir_fd, between) < 0)
		return -1;
	if (rename_no_replace(from->dir_fd, between, to->dir_fd, to->name) == 0)
		return 0;
	{
		int number = errno;

		rename_no_replace(from->dir_fd, between, from->dir_fd, from->name);
		errno = number;
	}
	return -1;
}

void spot_repair_case(const struct spot *from, const struct file_identity *identity)
{
	char between[64];
	struct stat st;

	case_name(between, sizeof(between), identity->inode);
	if (stat_name(from->dir_fd, between, &st) == 0 && (int64_t)st.st_ino == identity->inode &&
	    (int64_t)st.st_dev == identity->dev)
		rename_no_replace(from->dir_fd, between, from->dir_fd, from->name);
}

int spot_rename(const struct spot *from, const struct spot *to, bool *ret_across, struct err *err)
{
	*ret_across = false;
	if (rename_no_replace(from->dir_fd, from->name, to->dir_fd, to->name) < 0) {
		if (errno == EXDEV) {
			*ret_across = true;
			return 0;
		}
		if (errno != EEXIST)
			return err_errno(err, "move '%s' to '%s'", from->path, to->path);
		if (!is_case_only(from, to))
			return err_set(err, ERR_EXISTS, "'%s' is there already", to->path);
		if (rename_case(from, to) < 0)
			return err_errno(err, "move '%s' to '%s'", from->path, to->path);
	}
	/* what is done is done: a folder that cannot be synced is no reason to call it undone */
	(void)spot_sync(to, NULL);
	(void)spot_sync(from, NULL);
	return 0;
}

int spot_hardlink(const struct spot *from, const struct spot *to, struct err *err)
{
	if (linkat(from->dir_fd, from->name, to->dir_fd, to->name, 0) < 0) {
		if (errno == EEXIST)
			return err_set(err, ERR_EXISTS, "'%s' is there already", to->path);
		if (errno == EXDEV)
			return err_set(err, ERR_UNSUPPORTED,
				       "a hard link cannot lead to another file system; use --action copy");
		return err_errno(err, "link '%s' to '%s'", from->path, to->path);
	}
	return spot_sync(to, err);
}

int spot_unlink(const struct spot *spot, const struct file_identity *identity, bool strict, struct err *err)
{
	struct file_identity now;

	if (spot_stat(spot, &now, NULL, err) < 0)
		return -(int)(err ? err->code : ERR_IO);
	if (!spot_same(&now, identity, strict))
		return err_set(err, ERR_CONFLICT, "'%s' has changed meanwhile; it stays", spot->path);
	if (unlinkat(spot->dir_fd, spot->name, 0) < 0)
		return err_errno(err, "remove '%s'", spot->path);
	(void)spot_sync(spot, NULL);
	return 0;
}

int spot_set_mtime(const struct spot *spot, int64_t mtime_ns, struct err *err)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
					   { .tv_sec = mtime_ns / 1000000000, .tv_nsec = mtime_ns % 1000000000 } };

	if (utimensat(spot->dir_fd, spot->name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, "set the time of '%s'", spot->path);
	return 0;
}

bool spot_rmdir(const char *base, const char *path, struct spot_folders *later)
{
	struct spot spot = { .dir_fd = -1 };
	bool gone;

	if (!*path || spot_open(&spot, base, path, NULL, NULL) < 0)
		return false;
	spot.later = later;
	gone = unlinkat(spot.dir_fd, spot.name, AT_REMOVEDIR) == 0; /* ENOTEMPTY: that is what is wanted */
	if (gone)
		(void)spot_sync(&spot, NULL);
	spot_close(&spot);
	return gone;
}
