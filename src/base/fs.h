/* fs.h - files and folders: what must be safe against crashes and hostile names. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"

/* When it was last written to, ns since 1970. */
static inline int64_t fs_mtime_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* mkdir -p, mode 0755. */
int fs_mkdirs(const char *path, struct err *err);

/* All of it, also when the kernel takes it in parts; <0 with errno. */
int fs_write_all(int fd, const char *data, size_t len);

/* Writes `path` by temporary file, fsync, rename, fsync of the folder: afterwards it is old or new, never half. */
int fs_write_atomic(const char *path, const void *data, size_t len, struct err *err);

/* Takes an exclusive flock on `path` (created if missing). The descriptor to keep, or ERR_BUSY when another
 * process holds it. */
int fs_lock(const char *path, struct err *err);

/* The path lies on NFS, CIFS, 9p, FUSE-network or the like (statfs): SQLite must not live there. */
bool fs_is_network(const char *path);

/* Free bytes for us on the file system of path; -1 when unknown. */
int64_t fs_free_bytes(const char *path);

/* "dir/name" in a new string; free it. */
char *fs_join(const char *dir, const char *name);

/* This program's own path, resolved once ("/proc/self/exe"); at least PATH_MAX bytes. */
int fs_self(char *to, size_t size, struct err *err);

/* Opens `relative` below the folder `root_fd` for reading; never leaves it by "..", absolute names or symlinks
 * that point out (openat2 RESOLVE_BENEATH). ERR_DENIED when it tries. A regular file only. */
int fs_open_beneath(int root_fd, const char *relative, struct err *err);
