/* known_disk.c - see known_disk.h. */
#include "library/known_disk.h"

#include <string.h>
#include <sys/stat.h>

#include "library/spot.h"
#include "library/volume.h"
#include "store/files.h"

struct known_disk {
	const char *base;
	int64_t dev; /* of the base's folder; -1: it is not there */
	bool asked;  /* what follows is known */
	bool agrees; /* the volume is that of the root which holds the base */
	bool is_root;
};

void known_disks_free(struct known_disks *disks)
{
	arena_free(&disks->arena);
	*disks = (struct known_disks) { 0 };
}

static bool holds(const char *root, const char *base)
{
	size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

	return strncmp(root, base, len) == 0 && (!base[len] || base[len] == '/');
}

static void ask_volume(struct known_disks *disks, struct known_disk *disk)
{
	struct arena arena = { 0 };
	const struct root *root = NULL;
	struct root_list roots = { 0 };
	struct volume volume;

	disk->asked = true;
	db_lock(disks->db);
	if (roots_list(disks->db, &arena, &roots, NULL) < 0)
		roots.count = 0;
	db_unlock(disks->db);
	for (size_t i = 0; i < roots.count; i++)
		if (holds(roots.roots[i].path, disk->base) &&
		    (!root || strlen(roots.roots[i].path) > strlen(root->path)))
			root = &roots.roots[i];
	if (root && *root->volume && volume_of(disk->base, &volume, NULL) == 0) {
		disk->agrees = strcmp(volume.id, root->volume) == 0 && volume.dev == disk->dev;
		disk->is_root = strcmp(root->path, disk->base) == 0;
	}
	arena_free(&arena);
}

static struct known_disk *look(struct known_disks *disks, const char *base)
{
	struct known_disk *disk;
	struct stat st;

	for (size_t i = 0; i < disks->count; i++)
		if (strcmp(disks->list[i].base, base) == 0)
			return &disks->list[i];
	ARENA_GROW(&disks->arena, disks->list, disks->count, disks->cap);
	disk = &disks->list[disks->count++];
	*disk = (struct known_disk) { .base = arena_strdup(&disks->arena, base),
				      .dev = stat(base, &st) == 0 ? (int64_t)st.st_dev : -1 };
	return disk;
}

static struct known_disk *look_again(struct known_disks *disks, const char *base, int64_t was)
{
	struct known_disk *disk = look(disks, base);

	if (disk->dev == was || disk->dev < 0)
		return disk;
	if (!disk->asked)
		ask_volume(disks, disk);
	return disk;
}

int64_t known_disk_now(struct known_disks *disks, const char *base, const char *path, int64_t was)
{
	const struct known_disk *disk = look_again(disks, base, was);
	int64_t now;

	if (disk->dev == was || !disk->agrees || spot_device(base, path, &now, NULL) < 0 || now != disk->dev)
		return was;
	return now;
}

bool known_disk_is_root(struct known_disks *disks, const char *base, int64_t was, int64_t *ret_now)
{
	const struct known_disk *disk = look_again(disks, base, was);

	*ret_now = disk->dev;
	return disk->dev == was || (disk->agrees && disk->is_root);
}

/* Its row knows what a title that was set made of size and time. */
static void expect_row(struct known_disks *disks, struct move *m)
{
	struct arena arena = { 0 };
	struct file row;

	m->strict = true;
	db_lock(disks->db);
	if (m->file_id && files_get(disks->db, m->file_id, &arena, &row, NULL) == 0 &&
	    row.inode == m->inode) {
		m->size = row.size;
		m->mtime_ns = row.mtime_ns;
	}
	db_unlock(disks->db);
	arena_free(&arena);
}

void known_disks_adopt(struct known_disks *disks, struct move *m, bool settling)
{
	int64_t dev = known_disk_now(disks, m->from_base, m->from_path, m->dev);

	if (dev != m->dev)
		expect_row(disks, m);
	m->dev = dev;
	if (settling && *m->to_base)
		m->to_dev = known_disk_now(disks, m->to_base, m->to_path, m->to_dev);
}
