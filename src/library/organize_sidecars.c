/* organize_sidecars.c - what goes along with a file: everything beside it that has its name ("film.en.srt", "film.nfo",
 * "film-poster.jpg"), and what lies in a folder of its own (poster.jpg, Subs/, Extras/).
 *
 * A folder's things follow only when every film or episode in it goes to one new folder. Nothing is left out because of
 * its kind that has the file's name; of a folder's other things only what belongs to media goes. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/organize_parts.h"
#include "library/sidecar.h"

#define MAX_NAMES 100000 /* of a folder */
#define MAX_DEPTH 3	 /* of Extras/ and the like */

struct names {
	const char **names;
	size_t count, cap;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names in a folder, without those that begin with a dot; sorted. */
static void read_names(struct planning *p, const char *root, const char *folder, struct names *ret)
{
	CLEANUP(cleanup_free) char *path = fs_join(root, folder);
	const struct dirent *entry;
	DIR *dir = opendir(path);

	*ret = (struct names){ 0 };
	while (dir && ret->count < MAX_NAMES && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		ARENA_GROW(p->arena, ret->names, ret->count, ret->cap);
		ret->names[ret->count++] = arena_strdup(p->arena, entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (ret->count)
		qsort(ret->names, ret->count, sizeof(*ret->names), by_text);
}

static bool has_name(const struct names *names, const char *name)
{
	return names->count && bsearch(&name, names->names, names->count, sizeof(name), by_text);
}

static const char *join(struct arena *arena, const char *folder, const char *name)
{
	return *folder ? arena_printf(arena, "%s/%s", folder, name) : name;
}

/* The name as the target's file system takes it, with its extension. */
static const char *fitting(struct planning *p, const struct organize_file *file, const char *name)
{
	const char *dot = strrchr(name, '.');

	return safe_name(name, dot && dot > name ? strlen(dot) : 0, file->rules, SAFE_NAME_MAX, p->arena);
}

static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? arena_strndup(arena, path, (size_t)(slash - path)) : "";
}

static const char *stem_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	return arena_strndup(arena, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

/* A regular file becomes a sidecar. `row` NULL: it has none. */
static void add(struct planning *p, struct organize_file *file, const char *from, const char *to,
		const struct organize_row *row)
{
	CLEANUP(cleanup_free) char *path = fs_join(file->row->root_path, from);
	struct organize_sidecar *sidecar;
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	for (size_t i = 0; i < file->sidecar_count; i++)
		if (strcmp(file->sidecars[i].from, from) == 0)
			return;
	ARENA_GROW(p->arena, file->sidecars, file->sidecar_count, file->sidecar_cap);
	sidecar = &file->sidecars[file->sidecar_count++];
	*sidecar = (struct organize_sidecar){
		.from = arena_strdup(p->arena, from),
		.to = arena_strdup(p->arena, to),
		.identity = { (int64_t)st.st_dev, (int64_t)st.st_ino, (int64_t)st.st_size,
			      fs_mtime_ns(&st) },
		.file_id = row ? row->file_id : 0,
	};
}

/* The row of exactly this path, or NULL. */
static const struct organize_row *row_at(const struct planning *p, int64_t root_id, const char *path)
{
	size_t low = 0, high = p->all.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct organize_row *row = &p->all.rows[middle];
		int order = row->root_id != root_id ? (row->root_id < root_id ? -1 : 1) : strcmp(row->path, path);

		if (order == 0)
			return row;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- by name ---- */

struct folder { /* the one that is looked at */
	int64_t root_id;
	const char *path;
	struct names names;
	struct names stems; /* of the films and episodes in it */
};

static void read_folder(struct planning *p, const struct organize_row *row, const char *path, struct folder *ret)
{
	size_t first, end, skip = *path ? strlen(path) + 1 : 0;

	*ret = (struct folder){ .root_id = row->root_id, .path = path };
	read_names(p, row->root_path, path, &ret->names);
	organize_rows_below(p, row->root_id, path, &first, &end);
	for (size_t i = first; i < end; i++) {
		const struct organize_row *other = &p->all.rows[i];

		if (other->hidden || strchr(other->path + skip, '/'))
			continue;
		ARENA_GROW(p->arena, ret->stems.names, ret->stems.count, ret->stems.cap);
		ret->stems.names[ret->stems.count++] = stem_of(p->arena, other->path);
	}
	if (ret->stems.count)
		qsort(ret->stems.names, ret->stems.count, sizeof(*ret->stems.names), by_text);
}

/* Another film's longer name fits, too: "film.2.srt" is of "film.2.mkv" and not of "film.mkv". */
static bool is_anothers(struct planning *p, const struct folder *folder, const char *name, size_t stem_len)
{
	for (size_t i = stem_len + 1; name[i]; i++)
		if (strchr(".-_", name[i]) && has_name(&folder->stems, arena_strndup(p->arena, name, i)))
			return true;
	return false;
}

static size_t first_with(const struct names *names, const char *prefix)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names->names[middle], prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void add_named(struct planning *p, struct organize_file *file, const struct folder *folder)
{
	const char *stem = stem_of(p->arena, file->row->path), *to_stem = stem_of(p->arena, file->to);
	const char *to_folder = folder_of(p->arena, file->to);
	size_t len = strlen(stem);

	for (size_t i = first_with(&folder->names, stem); i < folder->names.count; i++) {
		const char *name = folder->names.names[i], *suffix = name + len;
		const char *from = join(p->arena, folder->path, name);
		const struct organize_row *row;
		const char *to;

		if (strncmp(name, stem, len) != 0)
			break;
		if (!*suffix || !strchr(".-_", *suffix) || strcmp(from, file->row->path) == 0 ||
		    is_anothers(p, folder, name, len))
			continue;
		row = row_at(p, file->row->root_id, from);
		if (row && !row->hidden)
			continue;
		to = safe_name(arena_printf(p->arena, "%s%s", to_stem, suffix), strlen(suffix), file->rules, SAFE_NAME_MAX,
			       p->arena);
		add(p, file, from, join(p->arena, to_folder, to), row);
	}
}

void organize_sidecars(struct planning *p)
{
	struct folder folder = { .root_id = -1 };

	for (size_t i = 0; i < p->plan->count; i++) {
		struct organize_file *file = &p->plan->files[i];
		const char *path;

		if (file->state != ORGANIZE_OK)
			continue;
		path = folder_of(p->arena, file->row->path);
		if (folder.root_id != file->row->root_id || strcmp(folder.path, path) != 0)
			read_folder(p, file->row, path, &folder);
		add_named(p, file, &folder);
	}
}

/* ---- by folder ---- */

static bool is_extras_folder(const char *name)
{
	static const char *const names[] = { "subs",	 "subtitles", "extras", "extra",      "featurettes",
					     "trailers", "behind the scenes",	"deleted scenes", "interviews",
					     "scenes",	 "shorts",    "other",	"sample",     "samples", "artwork", "extrafanart" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* `path` without its last `levels` parts; NULL when there are not so many. */
static const char *up(struct arena *arena, const char *path, int levels)
{
	const char *at = path;

	for (; levels > 0; levels--) {
		if (!*at)
			return NULL;
		at = folder_of(arena, at);
	}
	return at;
}

static int depth_below(const char *path, const char *folder)
{
	int depth = 0;

	for (path += strlen(folder) + 1; *path; path++)
		depth += *path == '/';
	return depth;
}

/* One new folder for all films and episodes in this one: above them as far as it is above them now, or else theirs.
 * *ret_first is one of them. NULL: there is none. */
static const char *new_folder(struct planning *p, int64_t root_id, const char *folder, int strip,
			      struct organize_file **ret_first)
{
	const char *common = NULL;
	size_t first, end;

	*ret_first = NULL;
	organize_rows_below(p, root_id, folder, &first, &end);
	for (size_t i = first; i < end; i++) {
		struct organize_file *file = p->of_row[i];
		const char *to;

		if (p->all.rows[i].hidden)
			continue;
		if (!file || file->state != ORGANIZE_OK)
			return NULL;
		to = up(p->arena, folder_of(p->arena, file->to), strip ? depth_below(file->row->path, folder) : 0);
		if (!to || !*to || (common && (strcmp(common, to) != 0 || strcmp((*ret_first)->base, file->base) != 0)))
			return NULL;
		common = to;
		if (!*ret_first)
			*ret_first = file;
	}
	return common;
}

static bool lies_in(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (!path[len] || path[len] == '/');
}

static void add_tree(struct planning *p, struct organize_file *file, const char *from, const char *to, int depth)
{
	struct names names;

	read_names(p, file->row->root_path, from, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *path = join(p->arena, from, names.names[i]);
		const struct organize_row *row = row_at(p, file->row->root_id, path);
		const char *name = fitting(p, file, names.names[i]);

		if (row && !row->hidden)
			continue;
		add(p, file, path, join(p->arena, to, name), row);
		if (depth < MAX_DEPTH)
			add_tree(p, file, path, join(p->arena, to, name), depth + 1);
	}
}

static bool is_taken(const struct planning *p, int64_t root_id, const char *folder, const char *path)
{
	size_t first, end;

	organize_rows_below(p, root_id, folder, &first, &end);
	for (size_t i = first; i < end; i++)
		for (size_t k = 0; p->of_row[i] && k < p->of_row[i]->sidecar_count; k++)
			if (strcmp(p->of_row[i]->sidecars[k].from, path) == 0)
				return true;
	return false;
}

static void move_folder(struct planning *p, const struct organize_row *of, const char *folder)
{
	struct organize_file *file;
	const char *to = new_folder(p, of->root_id, folder, 1, &file);
	struct names names;

	if (!to)
		to = new_folder(p, of->root_id, folder, 0, &file);
	if (!to || (strcmp(file->base, of->root_path) == 0 && lies_in(to, folder)))
		return;
	read_names(p, of->root_path, folder, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.names[i], *path = join(p->arena, folder, name);
		const struct organize_row *row = row_at(p, of->root_id, path);
		const char *new_path = join(p->arena, to, fitting(p, file, name));

		if ((row && !row->hidden) || is_taken(p, of->root_id, folder, path))
			continue;
		if (is_extras_folder(name))
			add_tree(p, file, path, new_path, 1);
		else if (row || sidecar_is(name))
			add(p, file, path, new_path, row);
	}
}

/* Every folder with a file that moves, and the one above it, once; never a root itself. */
void organize_leftovers(struct planning *p)
{
	const char *last = NULL, *last_above = NULL;
	int64_t last_root = -1;

	for (size_t i = 0; i < p->plan->count; i++) {
		const struct organize_file *file = &p->plan->files[i];
		const char *folder, *above;

		if (file->state != ORGANIZE_OK)
			continue;
		folder = folder_of(p->arena, file->row->path);
		if (last_root != file->row->root_id)
			last = last_above = NULL;
		last_root = file->row->root_id;
		if (*folder && (!last || strcmp(last, folder) != 0))
			move_folder(p, file->row, folder);
		last = folder;
		above = *folder ? folder_of(p->arena, folder) : "";
		if (*above && (!last_above || strcmp(last_above, above) != 0))
			move_folder(p, file->row, above);
		last_above = above;
	}
}
