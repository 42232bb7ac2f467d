/* junk.c - see junk.h. */
#include "library/junk.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "library/media_type.h"
#include "library/sidecar.h"
#include "library/trash.h"
#include "media/name.h"
#include "store/files.h"

#define MAX_DEPTH 64
#define MAX_ENTRIES 5000000
#define SAMPLE_MAX ((int64_t)200 << 20) /* a sample is short */

struct survey {
	struct db *db;
	const struct junk_request *request;
	struct arena *arena;
	struct junk *to;
	const struct root *root;
	const struct root_list *roots;
	const char **globs;
	size_t glob_count, glob_cap;
	int64_t entries, now_ns;
};

/* ---- rules ---- */

static void add_globs(struct survey *s, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " ,\t");

		if (len) {
			ARENA_GROW(s->arena, s->globs, s->glob_count, s->glob_cap);
			s->globs[s->glob_count++] = arena_strndup(s->arena, text, len);
		}
		text += len + (text[len] != '\0');
	}
}

static bool is_word_of(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = words; *at; at += strspn(at, " ,\t.")) {
		size_t n = strcspn(at, " ,\t");

		if (n == len && strncasecmp(at, word, len) == 0)
			return true;
		at += n;
	}
	return false;
}

static bool is_never(const struct survey *s, const char *name)
{
	const char *dot = strrchr(name, '.');

	/* "._film.mkv" is what macOS leaves, and no film */
	if (strncmp(name, "._", 2) == 0)
		return false;
	return media_type_of(name, strlen(name)) != MEDIA_NONE || sidecar_is(name) ||
	       (dot && is_word_of(s->request->never, dot + 1));
}

static const char *matching_glob(const struct survey *s, const char *name)
{
	for (size_t i = 0; i < s->glob_count; i++)
		if (fnmatch(s->globs[i], name, FNM_CASEFOLD) == 0)
			return s->globs[i];
	return NULL;
}

static bool is_sample(const char *path, const char *name, int64_t size)
{
	struct arena arena = { 0 };
	struct name said;
	bool sample = false;

	if (media_type_of(name, strlen(name)) != MEDIA_VIDEO || size > SAMPLE_MAX)
		return false;
	name_parse(path, NAME_AUTO, &arena, &said);
	sample = said.is_sample;
	arena_free(&arena);
	return sample;
}

/* ---- entries ---- */

static int64_t id_of(int64_t root_id, const char *path)
{
	/* 53 bits: a number that JSON carries whole */
	return (int64_t)(XXH3_64bits_withSeed(path, strlen(path), (XXH64_hash_t)root_id) >> 11);
}

static void add(struct survey *s, struct junk_list *list, const char *path, const struct stat *st, const char *reason)
{
	struct junk_entry *entry;

	ARENA_GROW(s->arena, list->entries, list->count, list->cap);
	entry = &list->entries[list->count++];
	*entry = (struct junk_entry){ .id = id_of(s->root->id, path),
				      .root_id = s->root->id,
				      .root_path = s->root->path,
				      .path = arena_strdup(s->arena, path),
				      .identity = { (int64_t)st->st_dev, (int64_t)st->st_ino,
						    S_ISDIR(st->st_mode) ? 0 : (int64_t)st->st_size,
						    (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec },
				      .folder = S_ISDIR(st->st_mode),
				      .reason = reason };
	list->bytes += entry->identity.size;
}

static bool is_fresh(const struct survey *s, const struct stat *st)
{
	int64_t age = s->now_ns - ((int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec);

	return age >= 0 && age < s->request->settle_ms * 1000000;
}

static void judge_file(struct survey *s, const char *path, const char *name, const struct stat *st)
{
	const char *glob;

	if (is_fresh(s, st))
		return;
	if (is_sample(path, name, (int64_t)st->st_size)) {
		add(s, &s->to->junk, path, st, "sample");
		return;
	}
	if (is_never(s, name))
		return;
	glob = matching_glob(s, name);
	if (glob)
		add(s, &s->to->junk, path, st, arena_printf(s->arena, "name like %s", glob));
	else if (name[0] != '.')
		add(s, &s->to->unknown, path, st, "no rule knows it");
}

/* Files are known below: an empty folder there is a disk that is not mounted, and no junk. */
static bool has_rows(struct survey *s, const char *path)
{
	struct arena arena = { 0 };
	struct known_list list = { 0 };
	int rc;

	db_lock(s->db);
	rc = scan_rows_known(s->db, s->root->id, path, &arena, &list, NULL);
	db_unlock(s->db);
	arena_free(&arena);
	return rc < 0 || list.count > 0;
}

/* ---- the walk ---- */

static bool is_other_root(const struct survey *s, const char *path)
{
	for (size_t i = 0; i < s->roots->count; i++) {
		const char *other = s->roots->roots[i].path;
		size_t len = strlen(s->root->path);

		if (strncmp(other, s->root->path, len) == 0 && other[len] == '/' && strcmp(other + len + 1, path) == 0)
			return true;
	}
	return false;
}

static bool is_system_folder(const char *name)
{
	static const char *const names[] = { "@eaDir", "lost+found", "#recycle", "$RECYCLE.BIN",
					     "System Volume Information" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return name[0] == '.';
}

static bool walk(struct survey *s, int fd, const char *path, int depth);

static bool cancelled(const struct survey *s)
{
	return s->request->cancelled && *s->request->cancelled;
}

/* True when nothing is left of it once its empty folders are gone. */
static bool walk_folder(struct survey *s, int dir_fd, const char *path, const char *name, const struct stat *st,
			int depth)
{
	int fd;

	if (is_system_folder(name) || is_other_root(s, path) || depth >= MAX_DEPTH)
		return false;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !walk(s, fd, path, depth + 1))
		return false;
	if (is_fresh(s, st) || has_rows(s, path))
		return false;
	add(s, &s->to->junk, path, st, "empty folder");
	return true;
}

/* Takes fd. */
static bool walk(struct survey *s, int fd, const char *path, int depth)
{
	const struct dirent *entry;
	DIR *dir = fdopendir(fd);
	bool empty = true;

	if (!dir) {
		close(fd);
		return false;
	}
	while (!cancelled(s) && s->entries < MAX_ENTRIES && (entry = readdir(dir))) {
		const char *name = entry->d_name;
		char whole[PATH_MAX];
		struct stat st;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		s->entries++;
		if (snprintf(whole, sizeof(whole), "%s%s%s", path, *path ? "/" : "", name) >= (int)sizeof(whole) ||
		    fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			empty = false;
			continue;
		}
		if (S_ISREG(st.st_mode))
			judge_file(s, whole, name, &st);
		if (!S_ISDIR(st.st_mode) || !walk_folder(s, dirfd(dir), whole, name, &st, depth))
			empty = false;
	}
	closedir(dir);
	return empty && !cancelled(s);
}

/* ---- rows of junk that is known: samples ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct known_file *)a)->path, ((const struct known_file *)b)->path);
}

static int find_rows(struct survey *s, size_t from, struct err *err)
{
	struct known_list known;
	int rc;

	db_lock(s->db);
	rc = scan_rows_known(s->db, s->root->id, "", s->arena, &known, err);
	db_unlock(s->db);
	if (rc < 0)
		return rc;
	if (known.count)
		qsort(known.files, known.count, sizeof(*known.files), by_path);
	for (size_t i = from; i < s->to->junk.count; i++) {
		struct known_file key = { .path = s->to->junk.entries[i].path };
		const struct known_file *row =
			known.count ? bsearch(&key, known.files, known.count, sizeof(key), by_path) : NULL;

		if (row)
			s->to->junk.entries[i].file_id = row->id;
	}
	return 0;
}

int junk_find(struct db *db, const struct junk_request *request, struct arena *arena, struct junk *ret, struct err *err)
{
	struct survey s = { .db = db, .request = request, .arena = arena, .to = ret, .now_ns = clock_wall_ns() };
	struct root_list roots;
	int rc;

	*ret = (struct junk){ 0 };
	db_lock(db);
	rc = roots_list(db, arena, &roots, err);
	db_unlock(db);
	add_globs(&s, JUNK_GLOBS);
	add_globs(&s, request->globs);
	s.roots = &roots;
	for (size_t i = 0; rc == 0 && i < roots.count; i++) {
		size_t from = ret->junk.count;
		int fd;

		s.root = &roots.roots[i];
		if (request->root_id && s.root->id != request->root_id)
			continue;
		fd = open(s.root->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue; /* it is away: nothing is known of it */
		walk(&s, fd, "", 0);
		rc = find_rows(&s, from, err);
	}
	if (rc == 0 && cancelled(&s))
		return err_set(err, ERR_BUSY, "it was stopped");
	return rc;
}

/* ---- steps and JSON ---- */

static int compare_ids(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int junk_moves(const struct junk *junk, const int64_t *ids, size_t id_count, struct arena *arena, struct move **ret,
	       size_t *ret_count, struct err *err)
{
	int64_t *sorted = arena_alloc(arena, (id_count + 1) * sizeof(*sorted));
	size_t cap = 0;

	*ret = NULL;
	*ret_count = 0;
	if (id_count) {
		memcpy(sorted, ids, id_count * sizeof(*sorted));
		qsort(sorted, id_count, sizeof(*sorted), compare_ids);
	}
	for (size_t i = 0; i < junk->junk.count; i++) {
		const struct junk_entry *entry = &junk->junk.entries[i];
		bool asked = !ids;
		struct move *move;

		asked = asked || (id_count && bsearch(&entry->id, sorted, id_count, sizeof(*sorted), compare_ids));
		if (!asked)
			continue;
		ARENA_GROW(arena, *ret, *ret_count, cap);
		move = &(*ret)[(*ret_count)++];
		*move = (struct move){ .file_id = entry->file_id,
				       .action = entry->folder ? "rmdir" : "trash",
				       .from_base = entry->root_path,
				       .from_path = entry->path,
				       .dev = entry->identity.dev,
				       .inode = entry->identity.inode,
				       .size = entry->identity.size,
				       .mtime_ns = entry->identity.mtime_ns,
				       .strict = true };
		if (!entry->folder && trash_place(move, arena, err) < 0)
			return -(int)(err ? err->code : ERR_IO);
	}
	return 0;
}

static void add_suggestion(json_t *all, const struct junk_entry *entry)
{
	json_t *found = NULL;

	for (size_t k = 0; k < json_array_size(all) && !found; k++)
		if (strcmp(json_text(json_array_get(all, k), "reason", ""), entry->reason) == 0)
			found = json_array_get(all, k);
	if (!found) {
		json_array_append_new(all, json_pack("{s:s, s:i, s:i}", "reason", entry->reason, "count", 0, "bytes", 0));
		found = json_array_get(all, json_array_size(all) - 1);
	}
	json_object_set_new(found, "count", json_integer(json_int(found, "count", 0) + 1));
	json_object_set_new(found, "bytes", json_integer(json_int(found, "bytes", 0) + entry->identity.size));
}

static json_t *entry_json(const struct junk_entry *entry)
{
	char whole[PATH_MAX * 2], clean[PATH_MAX * 6];

	snprintf(whole, sizeof(whole), "%s/%s", strcmp(entry->root_path, "/") == 0 ? "" : entry->root_path, entry->path);
	return json_pack("{s:I, s:o, s:s, s:I, s:b, s:s}", "id", (json_int_t)entry->id, "file_id",
			 entry->file_id ? json_integer(entry->file_id) : json_null(), "path",
			 utf8_clean(clean, sizeof(clean), whole), "size", (json_int_t)entry->identity.size, "folder",
			 entry->folder, "reason", entry->reason);
}

json_t *junk_json(const struct junk_list *list, int64_t root_id, size_t limit, size_t offset)
{
	json_t *items = json_array(), *suggestions = json_array();
	size_t total = 0;
	int64_t bytes = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct junk_entry *entry = &list->entries[i];

		if (root_id && entry->root_id != root_id)
			continue;
		if (total >= offset && (!limit || total < offset + limit))
			json_array_append_new(items, entry_json(entry));
		add_suggestion(suggestions, entry);
		total++;
		bytes += entry->identity.size;
	}
	return json_pack("{s:I, s:I, s:o, s:o}", "total", (json_int_t)total, "bytes", (json_int_t)bytes, "suggestions",
			 suggestions, "items", items);
}
