/* spot_folders.c - see spot_folders.h. A sync is waiting, most of all: several at a time, a disk that takes more than one
 * order does them together, and one flush of its cache is for all. */
#include "library/spot_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FEW 4	   /* they are not worth a thread */
#define THREADS 8  /* this one among them */
#define STACK ((size_t)64 << 10)

/* Not in linux/magic.h of every system. */
#define MAGIC_BCACHEFS 0xCA451A4E
#define MAGIC_F2FS 0xF2F52010
#define MAGIC_JFS 0x3153464A
#define MAGIC_XFS 0x58465342
#define MAGIC_ZFS 0x2FC12FC1

/* EINVAL: a file system that has nothing to sync there. */
static int sync_folder(int fd)
{
	return fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
}

static int fail_add(struct spot_folders *folders, struct err *err)
{
	folders->failed = errno;
	return err_errno(err, "sync what was changed");
}

int spot_folders_add(struct spot_folders *folders, int dir_fd, struct err *err)
{
	struct stat st;
	int fd;

	if (fstat(dir_fd, &st) < 0)
		return fail_add(folders, err);
	for (size_t i = 0; i < folders->count; i++)
		if (folders->list[i].dev == (int64_t)st.st_dev && folders->list[i].inode == (int64_t)st.st_ino)
			return 0;
	fd = folders->count < SPOT_FOLDERS_MAX ? fcntl(dir_fd, F_DUPFD_CLOEXEC, 3) : -1;
	if (fd < 0)
		return sync_folder(dir_fd) < 0 ? fail_add(folders, err) : 0;
	folders->list[folders->count++] = (struct spot_folder){ fd, (int64_t)st.st_dev, (int64_t)st.st_ino };
	return 0;
}

struct syncing {
	const struct spot_folders *folders;
	atomic_size_t next;
	atomic_int failed; /* errno of one of them */
};

/* One that was removed meanwhile has nothing to keep; the folder above it is in the list. */
static void *sync_some(void *pointer)
{
	struct syncing *all = pointer;
	size_t i;

	while ((i = atomic_fetch_add(&all->next, 1)) < all->folders->count) {
		int fd = all->folders->list[i].fd;
		struct stat st;
		bool removed = fstat(fd, &st) == 0 && st.st_nlink == 0;

		if (!removed && sync_folder(fd) < 0)
			atomic_store(&all->failed, errno);
	}
	return NULL;
}

/* Signals are for the threads that were there before. */
static size_t start_threads(pthread_t *threads, size_t count, struct syncing *all)
{
	pthread_attr_t attr;
	sigset_t every, before;
	size_t started = 0;

	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	while (started < count && pthread_create(&threads[started], &attr, sync_some, all) == 0)
		started++;
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}

int spot_folders_sync(struct spot_folders *folders, struct err *err)
{
	struct syncing all = { .folders = folders, .failed = folders->failed };
	pthread_t threads[THREADS - 1];
	size_t started = 0;

	if (folders->count > FEW)
		started = start_threads(threads, folders->count < THREADS ? folders->count - 1 : THREADS - 1, &all);
	sync_some(&all);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < folders->count; i++)
		close(folders->list[i].fd);
	folders->count = 0;
	folders->failed = 0;
	errno = atomic_load(&all.failed);
	return errno ? err_errno(err, "sync what was changed") : 0;
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
