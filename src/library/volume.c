/* volume.c - see volume.h. The UUID of a file system is a symlink in /dev/disk/by-uuid; where there is none
 * (network, containers) the id is statfs's, which most file systems take from their UUID. */
#include "library/volume.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include "base/cleanup.h"
#include "base/fs.h"

struct mount {
	char *point, *type, *source; /* in the line */
};

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* "\040" and the like, in place. */
static char *unescape(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++) {
		if (at[0] == '\\' && is_octal(at[1]) && is_octal(at[2]) && is_octal(at[3])) {
			*to++ = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			at += 3;
		} else {
			*to++ = *at;
		}
	}
	*to = '\0';
	return text;
}

/* A line of mountinfo: "36 35 98:0 /root /mnt opts optional.. - ext4 /dev/sdb1 opts". */
static bool parse_mount(char *line, struct mount *ret)
{
	char *rest = strstr(line, " - "), *save = NULL, *point = NULL;

	if (!rest)
		return false;
	*rest = '\0';
	point = strtok_r(line, " ", &save);
	for (int i = 0; i < 4 && point; i++)
		point = strtok_r(NULL, " ", &save);
	*ret = (struct mount) { .point = point, .type = strtok_r(rest + 3, " ", &save) };
	ret->source = strtok_r(NULL, " \n", &save);
	if (!ret->point || !ret->type || !ret->source)
		return false;
	unescape(ret->point);
	unescape(ret->source);
	return true;
}

static const char *below(const char *path, const char *folder)
{
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(path, folder, len) == 0 && (!path[len] || path[len] == '/') ? path + len : NULL;
}

static void find_mount(const char *folder, char type[32], struct volume *v)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	size_t best = 0, cap = 0;
	CLEANUP(cleanup_free) char *line = NULL;

	while (file && getline(&line, &cap, file) > 0) {
		struct mount m;

		/* the later of two on one place covers the other */
		if (!parse_mount(line, &m) || !below(folder, m.point) || strlen(m.point) < best)
			continue;
		best = strlen(m.point);
		snprintf(type, 32, "%s", m.type);
		snprintf(v->source, sizeof(v->source), "%s", m.source);
		snprintf(v->mount_point, sizeof(v->mount_point), "%s", m.point);
	}
	if (file)
		fclose(file);
}

static bool find_uuid(dev_t dev, char ret[100])
{
	DIR *dir = opendir("/dev/disk/by-uuid");
	bool found = false;

	for (struct dirent *e; dir && !found && (e = readdir(dir));) {
		struct stat st;

		if (e->d_name[0] == '.' || fstatat(dirfd(dir), e->d_name, &st, 0) < 0 || st.st_rdev != dev)
			continue;
		snprintf(ret, 100, "%.99s", e->d_name);
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

int volume_of(const char *folder, struct volume *ret, struct err *err)
{
	struct volume v = { 0 };
	char type[32] = "", uuid[100];
	struct statfs fs;
	struct stat st;
	uint64_t fsid = 0;

	if (stat(folder, &st) < 0 || statfs(folder, &fs) < 0)
		return err_errno(err, "open '%s'", folder);
	v.dev = (int64_t)st.st_dev;
	v.inode = (int64_t)st.st_ino;
	v.network = fs_is_network(folder);
	find_mount(folder, type, &v);
	memcpy(&fsid, &fs.f_fsid, sizeof(fsid) < sizeof(fs.f_fsid) ? sizeof(fsid) : sizeof(fs.f_fsid));
	if (find_uuid(st.st_dev, uuid))
		snprintf(v.id, sizeof(v.id), "%s uuid:%s", type, uuid);
	else if (v.network)
		snprintf(v.id, sizeof(v.id), "%s %.120s", type,
			 v.source); /* their fsid changes with each mount */
	else if (fsid)
		snprintf(v.id, sizeof(v.id), "%s fsid:%016llx", type, (unsigned long long)fsid);
	*ret = v;
	return 0;
}

bool volume_elsewhere(const char *id, const char *old_mount_point, const char *old_path, int64_t inode,
		      char ret[PATH_MAX])
{
	const char *rest = below(old_path, old_mount_point);
	FILE *file = *id && inode && rest ? fopen("/proc/self/mountinfo", "re") : NULL;
	CLEANUP(cleanup_free) char *line = NULL;
	bool found = false;
	size_t cap = 0;

	while (file && !found && getline(&line, &cap, file) > 0) {
		struct volume v;
		struct mount m;

		/* no mount of another kind is touched: it may hang */
		if (!parse_mount(line, &m) || strncmp(id, m.type, strlen(m.type)) != 0 ||
		    strcmp(m.point, old_mount_point) == 0 ||
		    snprintf(ret, PATH_MAX, "%s%s", strcmp(m.point, "/") == 0 ? "" : m.point, rest) >=
			    PATH_MAX)
			continue;
		found = *ret && strcmp(ret, old_path) != 0 && volume_of(ret, &v, NULL) == 0 &&
			v.inode == inode && strcmp(v.id, id) == 0;
	}
	if (file)
		fclose(file);
	return found;
}

bool volume_is_network_type(const char *type)
{
	static const char *const types[] = { "nfs", "cifs", "smb", "smbfs", "9p", "fuse.", "fuse", "ceph", "afs", "coda" };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		size_t len = strlen(types[i]);

		if (strncmp(type, types[i], len) == 0 && (types[i][len - 1] == '.' || !isalpha((unsigned char)type[len])))
			return true;
	}
	return false;
}

/* `network_below` NULL: all; else those of the network at or below that folder. */
static void read_mounts(const char *network_below, struct arena *arena, struct volume_mounts *ret)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	CLEANUP(cleanup_free) char *line = NULL;
	size_t cap = 0, room = 0;

	*ret = (struct volume_mounts){ 0 };
	while (file && getline(&line, &cap, file) > 0) {
		struct mount m;

		if (!parse_mount(line, &m) ||
		    (network_below && (!volume_is_network_type(m.type) || !below(m.point, network_below))))
			continue;
		ARENA_GROW(arena, ret->points, ret->count, room);
		ret->points[ret->count++] = arena_strdup(arena, m.point);
	}
	if (file)
		fclose(file);
}

void volume_mounts_read(struct arena *arena, struct volume_mounts *ret)
{
	read_mounts(NULL, arena, ret);
}

void volume_network_mounts(const char *folder, struct arena *arena, struct volume_mounts *ret)
{
	read_mounts(folder, arena, ret);
}

bool volume_mounted_at(const struct volume_mounts *mounts, const char *path)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (strcmp(mounts->points[i], path) == 0)
			return true;
	return false;
}
