/* organize_conflicts.c - what speaks against a move: the file is in use or not what it was, the name is taken, two files
 * want one name. A name that another file of the plan leaves is free: that one goes first. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/busy_files.h"
#include "library/organize_parts.h"
#include "library/spot.h"

#define MAX_CHAIN 1000 /* files that take each other's places */

/* ---- the file itself ---- */

static void check_source(struct planning *p, struct organize_file *file, struct busy_files *busy)
{
	const struct organize_row *row = file->row;
	struct spot spot = { .dir_fd = -1 };
	struct file_identity now;
	struct err why = { 0 };
	int64_t links = 1;
	const char *used;

	if (spot_open(&spot, row->root_path, row->path, NULL, &why) < 0 || spot_stat(&spot, &now, &links, &why) < 0)
		organize_conflict(file, arena_strdup(p->arena, why.text));
	else if (!spot_same(&now, &row->identity, true))
		organize_conflict(file, "it has changed since it was scanned; scan it again");
	else if (p->now_ns - now.mtime_ns < p->request->settle_ms * 1000000 && p->now_ns >= now.mtime_ns)
		organize_conflict(file, "it changed a moment ago and may still be written");
	spot_close(&spot);
	if (links > 1 && file->new_title) {
		file->new_title = NULL;
		file->why = "its title is left: it has other names (hard links)";
	}
	if (file->state != ORGANIZE_OK)
		return;
	used = busy_files_why(busy, row->root_path, row->path, row->file_id, false);
	if (used)
		organize_conflict(file, arena_strdup(p->arena, used));
}

/* ---- names that are wanted twice ---- */

struct wish {
	const char *base, *to;
	struct organize_file *file;
	bool sidecar;
};

static int by_target(const void *a, const void *b)
{
	const struct wish *x = a, *y = b;
	int order = strcmp(x->base, y->base);

	return order ? order : strcasecmp(x->to, y->to);
}

static bool same_target(const struct wish *a, const struct wish *b)
{
	return strcmp(a->base, b->base) == 0 && safe_name_same(a->to, b->to, a->file->rules);
}

static void check_doubles(struct planning *p)
{
	size_t count = 0, n = 0;
	struct wish *wishes;

	for (size_t i = 0; i < p->plan->count; i++)
		n += 1 + p->plan->files[i].sidecar_count;
	wishes = arena_alloc(p->arena, (n + 1) * sizeof(*wishes));
	for (size_t i = 0; i < p->plan->count; i++) {
		struct organize_file *file = &p->plan->files[i];

		if (!file->to)
			continue;
		wishes[count++] = (struct wish){ file->base, file->to, file, false };
		for (size_t k = 0; file->state == ORGANIZE_OK && k < file->sidecar_count; k++)
			wishes[count++] = (struct wish){ file->base, file->sidecars[k].to, file, true };
	}
	if (count)
		qsort(wishes, count, sizeof(*wishes), by_target);
	/* names that differ in capitals only are neighbours, but not always next to each other */
	for (size_t i = 0; i < count; i++)
		for (size_t k = i + 1; k < count && by_target(&wishes[i], &wishes[k]) == 0; k++) {
			if (!same_target(&wishes[i], &wishes[k]))
				continue;
			if (wishes[i].file->state == ORGANIZE_OK)
				organize_conflict(wishes[i].file, "another file would get the same name");
			if (wishes[k].file->state == ORGANIZE_OK)
				organize_conflict(wishes[k].file, "another file would get the same name");
		}
}

/* ---- names that are taken ---- */

struct place { /* of a file in the plan that leaves it */
	int64_t dev, inode;
	struct organize_file *file;
};

static int by_inode(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return (x->inode > y->inode) - (x->inode < y->inode);
}

static bool is_itself(const struct stat *st, const struct file_identity *identity)
{
	return (int64_t)st->st_ino == identity->inode && (int64_t)st->st_dev == identity->dev;
}

/* The file whose place it is and that leaves it; NULL: nobody leaves. */
static struct organize_file *leaver(const struct place *places, size_t count, const struct stat *st,
				    const char *base, const char *to)
{
	const struct place key = { (int64_t)st->st_dev, (int64_t)st->st_ino, NULL };
	const struct place *place = count ? bsearch(&key, places, count, sizeof(key), by_inode) : NULL;

	if (!place || strcmp(place->file->row->root_path, base) != 0 || strcmp(place->file->row->path, to) != 0)
		return NULL;
	return place->file;
}

static void check_sidecars(struct planning *p, struct organize_file *file)
{
	for (size_t i = 0; i < file->sidecar_count && file->state == ORGANIZE_OK; i++) {
		CLEANUP(cleanup_free) char *path = fs_join(file->base, file->sidecars[i].to);
		struct stat st;

		if (lstat(path, &st) == 0 &&
		    !(is_itself(&st, &file->sidecars[i].identity) && strcasecmp(file->sidecars[i].from, file->sidecars[i].to) == 0))
			organize_conflict(file, arena_printf(p->arena, "its sidecar's new name is taken: '%s'",
							     file->sidecars[i].to));
	}
}

static int check_target(struct planning *p, struct organize_file *file, const struct place *places, size_t count,
			struct organize_file **ret_waits_for, struct err *err)
{
	CLEANUP(cleanup_free) char *path = fs_join(file->base, file->to);
	bool moves = strcmp(p->request->action, "move") == 0;
	struct stat st;
	int64_t root;
	bool kept;

	*ret_waits_for = NULL;
	if (moves_root_of(p->db, file->base, &root, err) < 0 ||
	    (root && moves_path_is_kept(p->db, root, file->to, file->row->item_id, &kept, err) < 0))
		return -(int)ERR_STORE;
	if (root && kept)
		organize_conflict(file, "a file that is missing now is known by that name");
	if (lstat(path, &st) == 0 && !(moves && is_itself(&st, &file->row->identity) && st.st_nlink == 1)) {
		*ret_waits_for = moves ? leaver(places, count, &st, file->base, file->to) : NULL;
		if (!*ret_waits_for)
			organize_conflict(file, "a file with that name is there already");
	}
	check_sidecars(p, file);
	return 0;
}

/* ---- the order ---- */

/* Files whose place another takes go before it; those that wait for each other in a ring cannot. */
static void find_order(struct planning *p, struct organize_file **waits_for)
{
	size_t count = p->plan->count;

	for (size_t round = 0, changed = 1; changed && round <= MAX_CHAIN; round++) {
		changed = 0;
		for (size_t i = 0; i < count; i++) {
			struct organize_file *file = &p->plan->files[i], *other = waits_for[i];

			if (file->state != ORGANIZE_OK || !other)
				continue;
			if (other->state != ORGANIZE_OK) {
				organize_conflict(file, "a file with that name is there already, and it stays");
				changed = 1;
			} else if (file->order <= other->order) {
				file->order = other->order + 1;
				changed = 1;
			}
			if (file->order > MAX_CHAIN)
				organize_conflict(file, "it and another file would swap names; rename one of them first");
		}
	}
}

int organize_conflicts(struct planning *p, struct err *err)
{
	struct busy_files *busy = busy_files_new(p->db, p->request->station_now_ns);
	size_t count = p->plan->count, leaving = 0;
	struct place *places = arena_alloc(p->arena, (count + 1) * sizeof(*places));
	struct organize_file **waits_for = arena_alloc(p->arena, (count + 1) * sizeof(struct organize_file *));
	int rc = 0;

	for (size_t i = 0; i < count; i++)
		if (p->plan->files[i].state == ORGANIZE_OK)
			check_source(p, &p->plan->files[i], busy);
	busy_files_free(busy);
	check_doubles(p);
	for (size_t i = 0; i < count; i++)
		if (p->plan->files[i].state == ORGANIZE_OK)
			places[leaving++] = (struct place){ p->plan->files[i].row->identity.dev,
							    p->plan->files[i].row->identity.inode, &p->plan->files[i] };
	if (leaving)
		qsort(places, leaving, sizeof(*places), by_inode);
	for (size_t i = 0; i < count && rc == 0; i++)
		if (p->plan->files[i].state == ORGANIZE_OK)
			rc = check_target(p, &p->plan->files[i], places, leaving, &waits_for[i], err);
	if (rc == 0)
		find_order(p, waits_for);
	return rc;
}
