/* folders.c - see folders.h. */
#include "library/folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/media_type.h"
#include "library/roots.h"
#include "library/volume.h"
#include "library/walk.h"

struct listing {
	const struct folders_request *request;
	struct arena *arena;
	struct folder_list *list;
	const struct volume_mounts *mounts;
	int fd;
	size_t cap;
};

/* What a machine keeps there about itself. */
static bool of_the_system(const char *folder, const char *name)
{
	static const char *const names[] = { "proc", "sys", "dev", "run" };

	for (size_t i = 0; strcmp(folder, "/") == 0 && i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Says what it is without waking a disk that sleeps or asking a server for news. */
static mode_t type_of(int fd, const char *name, bool follow)
{
	struct statx st;
	int flags = AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC | (follow ? 0 : AT_SYMLINK_NOFOLLOW);

	return statx(fd, name, flags, STATX_TYPE, &st) == 0 ? (mode_t)(st.stx_mode & S_IFMT) : 0;
}

static void count_file(struct folder_list *list, const char *name)
{
	switch (media_type_of(name, strlen(name))) {
	case MEDIA_VIDEO:
		list->videos++;
		break;
	case MEDIA_AUDIO:
		list->sounds++;
		break;
	case MEDIA_NONE:
		break;
	}
}

static char *joined(struct arena *arena, const char *folder, const char *name)
{
	return arena_printf(arena, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
}

static void add(struct listing *l, const char *name, bool link)
{
	struct folder_list *list = l->list;
	struct folder folder = { .link = link, .hidden = walk_leaves_out(name) || of_the_system(list->path, name) };

	if (strncasecmp(name, l->request->start, strlen(l->request->start)) != 0)
		return;
	if (folder.hidden && !l->request->hidden) {
		list->hidden++;
		return;
	}
	folder.name = arena_strdup(l->arena, name);
	folder.path = joined(l->arena, list->path, name);
	folder.mounted = volume_mounted_at(l->mounts, folder.path);
	folder.closed = !folder.mounted && !link && faccessat(l->fd, name, R_OK | X_OK, AT_EACCESS) < 0;
	ARENA_GROW(l->arena, list->folders, list->count, l->cap);
	list->folders[list->count++] = folder;
}

static void look_at(struct listing *l, const struct dirent *entry)
{
	mode_t type = DTTOIF(entry->d_type);
	bool link;

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return;
	if (!type) /* this file system does not tell */
		type = volume_mounted_at(l->mounts, joined(l->arena, l->list->path, entry->d_name)) ?
			       S_IFDIR :
			       type_of(l->fd, entry->d_name, false);
	link = type == S_IFLNK;
	if (link)
		type = type_of(l->fd, entry->d_name, true);
	if (type == S_IFDIR)
		add(l, entry->d_name, link);
	else if (type == S_IFREG && !walk_leaves_out(entry->d_name))
		count_file(l->list, entry->d_name);
}

static int by_name(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;
	int order = strcasecmp(x->name, y->name);

	return order ? order : strcmp(x->name, y->name);
}

static int closed(const char *path, struct err *err)
{
	return err_set(err, ERR_DENIED,
		       "look into '%s': the account that runs matinee may not read it; give it the right to, or choose another folder",
		       path);
}

static int cannot(const char *path, struct err *err)
{
	return errno == EACCES || errno == EPERM ? closed(path, err) : err_errno(err, "look into '%s'", path);
}

static int read_names(struct listing *l, DIR *dir, struct err *err)
{
	size_t seen = 0;

	for (struct dirent *entry; errno = 0, (entry = readdir(dir)); look_at(l, entry))
		if (++seen > FOLDERS_READ_MAX) {
			l->list->more = true;
			return 0;
		}
	return errno ? cannot(l->list->path, err) : 0;
}

int folders_list(const struct folders_request *request, struct arena *arena, struct folder_list *ret, struct err *err)
{
	CLEANUP(cleanup_free) char *real = NULL;
	CLEANUP(arena_free) struct arena ours = { 0 };
	struct folder_list list = { 0 };
	struct err why = { 0 };
	struct volume_mounts mounts;
	struct listing l = { .request = request, .arena = arena, .list = &list, .mounts = &mounts };
	DIR *dir;
	int rc;

	if (*request->path != '/')
		return err_set(err, ERR_INVALID, "'%s' must begin with '/': a whole path is needed", request->path);
	real = root_real_folder(request->path, "look into", &why);
	if (!real)
		return why.code == ERR_DENIED ? closed(request->path, err) : err_set(err, why.code, "%s", why.text);
	list.path = arena_strdup(arena, real);
	if (real[1])
		list.parent = strrchr(real, '/') == real ? "/" : arena_strndup(arena, real, (size_t)(strrchr(real, '/') - real));
	dir = opendir(real);
	if (!dir)
		return cannot(real, err);
	l.fd = dirfd(dir);
	volume_mounts_read(&ours, &mounts);
	rc = read_names(&l, dir, err);
	closedir(dir);
	if (rc < 0)
		return rc;
	if (list.count)
		qsort(list.folders, list.count, sizeof(*list.folders), by_name);
	list.total = list.count;
	if (list.count > FOLDERS_MAX)
		list.count = FOLDERS_MAX;
	*ret = list;
	return 0;
}

size_t folders_places(const char *home, const struct root_list *roots, struct arena *arena, struct folder_place **ret)
{
	const struct folder_place known[] = { { "home", home }, { "disks", "/media" }, { "disks", "/run/media" },
					      { "disks", "/mnt" }, { "disks", "/srv" } };
	struct folder_place *places = arena_alloc(arena, (ARRAY_LEN(known) + roots->count + 1) * sizeof(*places));
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].path && *known[i].path == '/' && type_of(AT_FDCWD, known[i].path, true) == S_IFDIR)
			places[count++] = known[i];
	for (size_t i = 0; i < roots->count; i++)
		places[count++] = (struct folder_place){ "root", roots->roots[i].path };
	if (!count)
		places[count++] = (struct folder_place){ "disks", "/" };
	*ret = places;
	return count;
}
