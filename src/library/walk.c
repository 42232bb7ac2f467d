/* walk.c - see walk.h. getdents64 and fstatat by folder; folders to come are a stack of strings, so depth costs no
 * descriptors. Each folder is opened from the root's descriptor without passing a symlink (openat2). */
#include "library/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "library/media_type.h"

#define READ_BYTES ((size_t)64 << 10)

struct entry { /* struct linux_dirent64 */
	uint64_t inode;
	int64_t offset;
	unsigned short size;
	unsigned char type;
	char name[];
};

struct state {
	const struct walk *walk;
	struct buf folders; /* stack of paths, each with its NUL */
	int64_t entries;
	char path[PATH_MAX]; /* of the entry at hand */
	size_t dir_len;	     /* bytes of its folder, '/' included */
	_Alignas(struct entry) char entry_bytes[READ_BYTES];
};

bool walk_leaves_out(const char *name)
{
	static const char *const names[] = { "@eaDir", "lost+found", "#recycle", "$RECYCLE.BIN",
					     "System Volume Information", "@Recycle", "#snapshot" };

	if (name[0] == '.')
		return true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

static int open_beneath(int root_fd, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | resolve };
	int fd;

	do
		fd = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || errno == EAGAIN));
	return fd;
}

static void push(struct state *s, const char *path)
{
	buf_add(&s->folders, path, strlen(path) + 1);
}

/* Moves the newest folder into s->path; its length. */
static size_t pop(struct state *s)
{
	size_t end = s->folders.len - 1, from = end;

	while (from > 0 && s->folders.data[from - 1])
		from--;
	memcpy(s->path, s->folders.data + from, end - from + 1);
	s->folders.len = from;
	return end - from;
}

static void tell(struct state *s, size_t len, const struct stat *st)
{
	struct file_identity identity = {
		.dev = (int64_t)st->st_dev,
		.inode = (int64_t)st->st_ino,
		.size = st->st_size,
		.mtime_ns = fs_mtime_ns(st),
	};

	s->walk->file(s->walk->context, s->path, len, &identity, (int64_t)st->st_nlink);
}

/* A symlink counts when it leads to a regular file and stays inside the root. */
static void take_link(struct state *s, size_t len)
{
	int fd = open_beneath(s->walk->root_fd, s->path, O_PATH, 0);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		tell(s, len, &st);
	close(fd);
}

static void take_folder(struct state *s)
{
	if (!s->walk->skip || !s->walk->skip(s->walk->context, s->path))
		push(s, s->path);
}

static void take(struct state *s, int fd, const struct entry *entry)
{
	size_t name_len = strlen(entry->name), len = s->dir_len + name_len;
	bool media = media_type_of(entry->name, name_len) != MEDIA_NONE;
	unsigned char type = entry->type;
	struct stat st;

	if (type != DT_DIR && type != DT_UNKNOWN && !media)
		return;
	if (walk_leaves_out(entry->name) || name_len > NAME_MAX)
		return;
	memcpy(s->path + s->dir_len, entry->name, name_len + 1);
	if (type == DT_DIR) {
		take_folder(s);
		return;
	}
	if (type == DT_LNK) {
		take_link(s, len);
		return;
	}
	if (type != DT_REG && type != DT_UNKNOWN)
		return;
	if (fstatat(fd, entry->name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			s->walk->blind(s->walk->context, s->path, errno);
		return;
	}
	if (S_ISDIR(st.st_mode))
		take_folder(s);
	else if (S_ISREG(st.st_mode) && media)
		tell(s, len, &st);
	else if (S_ISLNK(st.st_mode) && media)
		take_link(s, len);
}

static void read_entries(struct state *s, int fd)
{
	size_t folder_len = s->dir_len ? s->dir_len - 1 : 0;

	for (;;) {
		ssize_t n = syscall(SYS_getdents64, fd, s->entry_bytes, sizeof(s->entry_bytes));

		if (n == 0 || (n < 0 && errno == ENOENT)) /* removed while it was read */
			return;
		if (n < 0) {
			int number = errno;

			s->path[folder_len] = '\0';
			s->walk->blind(s->walk->context, s->path, number);
			return;
		}
		for (ssize_t at = 0; at < n;) {
			const struct entry *entry = (const struct entry *)(s->entry_bytes + at);

			at += entry->size;
			if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
				continue;
			s->entries++;
			take(s, fd, entry);
		}
	}
}

static void read_folder(struct state *s)
{
	size_t len = pop(s);
	CLEANUP(cleanup_fd) int fd = -1;
	struct stat st;

	if (len + 1 + NAME_MAX >= sizeof(s->path)) {
		s->walk->blind(s->walk->context, s->path, ENAMETOOLONG);
		return;
	}
	fd = open_beneath(s->walk->root_fd, len ? s->path : ".", O_RDONLY | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	if (fd < 0 || fstat(fd, &st) < 0) {
		if (errno != ENOENT)
			s->walk->blind(s->walk->context, s->path, errno);
		return;
	}
	s->walk->device(s->walk->context, (int64_t)st.st_dev);
	if (len)
		s->path[len++] = '/';
	s->dir_len = len;
	read_entries(s, fd);
}

int walk_run(const struct walk *walk, int64_t *ret_entries, struct err *err)
{
	struct state *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (!s)
		abort();
	s->walk = walk;
	if (strlen(walk->under) < sizeof(s->path))
		push(s, walk->under);
	while (s->folders.len) {
		if (walk->cancelled && *walk->cancelled) {
			rc = err_set(err, ERR_BUSY, "the walk was stopped");
			break;
		}
		read_folder(s);
	}
	*ret_entries = s->entries;
	buf_free(&s->folders);
	free(s);
	return rc;
}
