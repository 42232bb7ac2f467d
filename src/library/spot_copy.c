/* spot_copy.c - see spot_copy.h. */
#include "library/spot_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/safe_name.h"
#include "library/spot_folders.h"

#define BLOCK ((size_t)1 << 20)
#define SPARE ((int64_t)16 << 20) /* bytes that a copy leaves free */

static void partial_name(char *to, size_t size, const char *name, int64_t id)
{
	char tail[40];
	int tail_len = snprintf(tail, sizeof(tail), ".partial-%lld", (long long)id);
	int room = SAFE_NAME_MAX - tail_len - 1, len = (int)strlen(name);

	if (len > room)
		len = room;
	while (len && len < (int)strlen(name) && ((unsigned char)name[len] & 0xC0) == 0x80)
		len--;
	snprintf(to, size, ".%.*s%s", len, name, tail);
}

void spot_copy_discard(const struct spot *to, int64_t id)
{
	char name[SAFE_NAME_MAX + 1];

	partial_name(name, sizeof(name), to->name, id);
	unlinkat(to->dir_fd, name, 0);
}

static int enough_room(const struct spot *to, int64_t size, struct err *err)
{
	struct statvfs st;

	if (fstatvfs(to->dir_fd, &st) == 0 && st.f_blocks && (int64_t)st.f_bavail * (int64_t)st.f_frsize < size + SPARE)
		return err_set(err, ERR_NO_SPACE, "copy '%s': %lld MB are needed and %lld MB are free", to->path,
			       (long long)((size + SPARE) >> 20),
			       (long long)(((int64_t)st.f_bavail * (int64_t)st.f_frsize) >> 20));
	return 0;
}

static ssize_t read_block(int fd, void *to, size_t size)
{
	ssize_t n;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Copies to the end and says what was read. */
static int copy_bytes(const struct spot_copy *copy, int in, int out, const char *path, XXH128_hash_t *ret,
		      struct err *err)
{
	CLEANUP(cleanup_free) char *block = malloc(BLOCK);
	XXH3_state_t *state = XXH3_createState();
	int rc = 0;

	if (!block || !state)
		abort();
	XXH3_128bits_reset(state);
	while (rc == 0) {
		ssize_t n = read_block(in, block, BLOCK);

		if (n < 0)
			rc = err_errno(err, "read '%s'", path);
		if (n <= 0)
			break;
		XXH3_128bits_update(state, block, (size_t)n);
		if (fs_write_all(out, block, (size_t)n) < 0)
			rc = err_errno(err, "copy '%s'", path);
		if (rc == 0 && copy->progress)
			copy->progress(copy->context, n);
		if (rc == 0 && copy->cancelled && *copy->cancelled)
			rc = err_set(err, ERR_BUSY, "it was stopped");
	}
	*ret = XXH3_128bits_digest(state);
	XXH3_freeState(state);
	return rc;
}

/* Reads the copy back, from the disk where the system lets it, and compares. */
static int verify(int fd, XXH128_hash_t want, int64_t size, const char *path, struct err *err)
{
	CLEANUP(cleanup_free) char *block = malloc(BLOCK);
	XXH3_state_t *state = XXH3_createState();
	int64_t len = 0;
	ssize_t n;
	XXH128_hash_t have;

	if (!block || !state)
		abort();
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	XXH3_128bits_reset(state);
	lseek(fd, 0, SEEK_SET);
	while ((n = read_block(fd, block, BLOCK)) > 0) {
		XXH3_128bits_update(state, block, (size_t)n);
		len += n;
	}
	have = XXH3_128bits_digest(state);
	XXH3_freeState(state);
	if (n < 0)
		return err_errno(err, "read the copy '%s' back", path);
	if (len != size || !XXH128_isEqual(have, want))
		return err_set(err, ERR_IO, "the copy '%s' is not what was written; the disk or its cable is at fault",
			       path);
	return 0;
}

static int take_attributes(int out, const struct stat *st)
{
	const struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchown(out, st->st_uid, st->st_gid) < 0 && errno != EPERM && errno != EINVAL && errno != ENOSYS)
		return -1;
	if (fchmod(out, st->st_mode & 07777) < 0 && errno != EPERM && errno != ENOSYS)
		return -1;
	return futimens(out, times) < 0 && errno != EPERM ? -1 : 0;
}

/* All of it but the sync: what it is, too, so that one sync is for both. */
static int fill(const struct spot_copy *copy, struct spot_copying *c, struct err *err)
{
	struct stat st;
	int rc;

	if (copy->reflink && ioctl(c->out, FICLONE, c->in) < 0)
		return err_set(err, ERR_UNSUPPORTED,
			       "'%s': this file system cannot share blocks (%s); use --action copy or hardlink",
			       c->to->path, strerror(errno));
	if (!copy->reflink && (rc = copy_bytes(copy, c->in, c->out, c->to->path, &c->hash, err)) < 0)
		return rc;
	if (fstat(c->in, &st) < 0 || take_attributes(c->out, &st) < 0)
		return err_errno(err, "finish the copy '%s'", c->to->path);
	return 0;
}

static int still_same(const struct spot *from, const struct file_identity *identity, struct err *err)
{
	struct file_identity now;

	if (spot_stat(from, &now, NULL, err) < 0)
		return -(int)(err ? err->code : ERR_IO);
	if (!spot_same(&now, identity, true))
		return err_set(err, ERR_CONFLICT, "'%s' was changed while it was copied", from->path);
	return 0;
}

static int begin(const struct spot_copy *copy, struct spot_copying *c, struct err *err)
{
	struct stat st;
	int rc;

	c->in = openat(c->from->dir_fd, c->from->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (c->in < 0)
		return err_errno(err, "open '%s'", c->from->path);
	if (fstatat(c->to->dir_fd, c->to->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return err_set(err, ERR_EXISTS, "'%s' is there already", c->to->path);
	if (!copy->reflink && (rc = enough_room(c->to, c->identity.size, err)) < 0)
		return rc;
	partial_name(c->partial, sizeof(c->partial), c->to->name, copy->id);
	unlinkat(c->to->dir_fd, c->partial, 0); /* of an earlier try with this very move */
	c->out = openat(c->to->dir_fd, c->partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (c->out < 0)
		return err_errno(err, "create the copy '%s'", c->to->path);
	if (fstat(c->out, &st) < 0)
		return err_errno(err, "copy '%s'", c->to->path);
	c->dev = (int64_t)st.st_dev;
	c->inode = (int64_t)st.st_ino;
	if (copy->begun && (rc = copy->begun(copy->context, c->dev, c->inode, err)) < 0)
		return rc;
	return fill(copy, c, err);
}

int spot_copy_begin(const struct spot_copy *copy, const struct spot *from, const struct spot *to,
		    const struct file_identity *identity, struct spot_copying *ret, struct err *err)
{
	int rc;

	*ret = (struct spot_copying){ .in = -1, .out = -1, .from = from, .to = to, .identity = *identity, .reflink = copy->reflink };
	rc = begin(copy, ret, err);
	if (rc < 0)
		spot_copy_end(ret);
	return rc;
}

int spot_copy_sync(const struct spot_copying *c, struct err *err)
{
	return fsync(c->out) < 0 ? err_errno(err, "copy '%s'", c->to->path) : 0;
}

int spot_copy_check(const struct spot_copying *c, struct err *err)
{
	int rc = c->reflink ? 0 : verify(c->out, c->hash, c->identity.size, c->to->path, err);

	return rc < 0 ? rc : still_same(c->from, &c->identity, err);
}

int spot_copy_name(struct spot_copying *c, struct spot_folders *later, struct err *err)
{
	const struct spot half = { c->to->dir_fd, c->partial, c->to->path, later };
	const struct spot whole = { c->to->dir_fd, c->to->name, c->to->path, later };
	bool across;
	int rc = spot_rename(&half, &whole, &across, err);

	if (rc == 0)
		c->partial[0] = '\0';
	return rc;
}

void spot_copy_end(struct spot_copying *c)
{
	if (c->out >= 0 && c->partial[0])
		unlinkat(c->to->dir_fd, c->partial, 0);
	cleanup_fd(&c->in);
	cleanup_fd(&c->out);
	c->partial[0] = '\0';
}

int spot_copy(const struct spot_copy *copy, const struct spot *from, const struct spot *to,
	      const struct file_identity *identity, struct err *err)
{
	struct spot_folders synced = { 0 };
	struct spot_copying c;
	int rc = spot_copy_begin(copy, from, to, identity, &c, err);

	if (rc < 0)
		return rc;
	if ((rc = spot_copy_sync(&c, err)) == 0 && (rc = spot_copy_check(&c, err)) == 0 &&
	    (rc = spot_copy_name(&c, &synced, err)) == 0) {
		/* its name must be on the disk: who moves removes the source after this */
		if ((rc = spot_folders_sync(&synced, err)) < 0)
			unlinkat(to->dir_fd, to->name, 0);
	}
	spot_copy_end(&c);
	return rc;
}
