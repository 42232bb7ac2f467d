/* junk.c - see junk.h. Every root is walked by a worker of its own (junk_job.c), all of them at once: a disk that does not
 * answer costs its own root, and the others no time but that. */
#include "library/junk.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/by_id.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "library/junk_job.h"
#include "library/trash.h"
#include "store/files.h"

#define SILENT_MS 10000
#define BEHIND_OTHERS 5 /* nice */
#define MAX_FOUND 5000000

/* One root and what its worker said. */
struct survey {
	const struct root *root;
	struct junk_list junk, unknown; /* reports may be mixed with those of others */
	bool nonsense;
};

struct looking {
	const struct junk_request *request;
	const struct root_list *roots;
	struct arena *arena;
	struct survey *surveys;
	size_t count, next;
	struct junk *to;
};

/* ---- what a worker says ---- */

static int64_t id_of(int64_t root_id, const char *path)
{
	/* 53 bits: a number that JSON carries whole */
	return (int64_t)(XXH3_64bits_withSeed(path, strlen(path), (XXH64_hash_t)root_id) >> 11);
}

/* A path below the root, and nothing that leads out of it. */
static bool is_below(const char *path)
{
	if (!*path || strlen(path) >= PATH_MAX)
		return false;
	while (*path) {
		size_t len = strcspn(path, "/");

		if (!len || (len == 1 && path[0] == '.') || (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += len + (path[len] == '/');
	}
	return true;
}

static void take_entry(struct looking *l, struct survey *s, const json_t *one)
{
	CLEANUP(cleanup_free) char *path = json_path(one, "path"), *reason = json_path(one, "reason");
	struct junk_list *list = json_flag(one, "unknown", false) ? &s->unknown : &s->junk;
	struct junk_entry *entry;

	if (!path || !reason || !is_below(path) || strlen(reason) >= JUNK_REASON_MAX || list->count >= MAX_FOUND) {
		s->nonsense = true;
		return;
	}
	ARENA_GROW(l->arena, list->entries, list->count, list->cap);
	entry = &list->entries[list->count++];
	*entry = (struct junk_entry){ .id = id_of(s->root->id, path),
				      .root_id = s->root->id,
				      .root_path = s->root->path,
				      .path = arena_strdup(l->arena, path),
				      .identity = { json_int(one, "dev", 0), json_int(one, "inode", 0), json_int(one, "size", 0),
						    json_int(one, "mtime_ns", 0) },
				      .folder = json_flag(one, "folder", false),
				      .reason = arena_strdup(l->arena, reason) };
}

static void hear(void *context, void *tag, const json_t *report)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(report, "found"), i, one)
		take_entry(context, tag, one);
}

static void add_unread(struct looking *l, const struct survey *s, const char *why)
{
	struct junk *to = l->to;

	ARENA_GROW(l->arena, to->unread, to->unread_count, to->unread_cap);
	to->unread[to->unread_count++] = (struct junk_unread){ s->root->id, s->root->path, arena_strdup(l->arena, why) };
}

/* Of a root that could not be read to its end nothing is said: a folder that seems empty may not be. */
static void ended(void *context, void *tag, const json_t *done, const struct err *err)
{
	struct survey *s = tag;

	(void)done;
	if (!err && !s->nonsense)
		return;
	s->junk.count = s->unknown.count = 0;
	if (err && err->code == ERR_TIMEOUT)
		add_unread(context, s, "its disk does not answer");
	else
		add_unread(context, s, err ? err->text : "what the worker said of it makes no sense");
}

/* ---- the workers ---- */

static json_t *other_roots(const struct looking *l, const struct root *root)
{
	size_t len = strcmp(root->path, "/") == 0 ? 0 : strlen(root->path);
	json_t *skip = json_array();

	for (size_t i = 0; i < l->roots->count; i++) {
		const char *other = l->roots->roots[i].path;

		if (strncmp(other, root->path, len) == 0 && other[len] == '/' && other[len + 1])
			json_array_append_new(skip, json_from_path(other + len + 1));
	}
	return skip;
}

static json_t *next(void *context, void **ret_tag)
{
	struct looking *l = context;
	const struct junk_request *request = l->request;
	struct survey *s;

	if (l->next == l->count)
		return NULL;
	s = &l->surveys[l->next++];
	*ret_tag = s;
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:I}", "job", "junk", "root", json_from_path(s->root->path), "skip",
			 other_roots(l, s->root), "globs",
			 json_from_path(arena_printf(l->arena, "%s %s", JUNK_GLOBS, request->globs)), "never",
			 json_from_path(request->never), "settle_ms", (json_int_t)request->settle_ms);
}

static int walk_all(struct looking *l, struct err *err)
{
	const struct worker_batch batch = { .count = (unsigned)l->count,
					    .timeout_ms = l->request->silent_ms ? l->request->silent_ms : SILENT_MS,
					    .limits = { .nice = BEHIND_OTHERS },
					    .context = l,
					    .next = next,
					    .result = ended,
					    .report = hear,
					    .cancelled = l->request->cancelled };
	int rc = l->count ? worker_batch_run(&batch, err) : 0;

	if (rc == 0 && l->request->cancelled && *l->request->cancelled)
		return err_set(err, ERR_BUSY, "it was stopped");
	return rc;
}

/* ---- what the library knows of it ---- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct known_file *)a)->path, ((const struct known_file *)b)->path);
}

static const struct known_file *find_row(const struct known_list *known, const char *path)
{
	const struct known_file key = { .path = path };

	return known->count ? bsearch(&key, known->files, known->count, sizeof(key), by_path) : NULL;
}

/* Files are known below: an empty folder there is a disk that is not mounted, and no junk. */
static bool has_rows(const struct known_list *known, const char *folder)
{
	size_t low = 0, high = known->count, len = strlen(folder);

	while (low < high) { /* the first that begins with "folder/", or is behind where it would be */
		size_t middle = low + (high - low) / 2;
		const char *path = known->files[middle].path;
		int order = strncmp(path, folder, len);

		if (order < 0 || (order == 0 && (unsigned char)path[len] < '/'))
			low = middle + 1;
		else
			high = middle;
	}
	return low < known->count && strncmp(known->files[low].path, folder, len) == 0 && known->files[low].path[len] == '/';
}

static void append(struct looking *l, struct junk_list *to, const struct junk_list *from, const struct known_list *known)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct junk_entry *entry = &from->entries[i];
		const struct known_file *row = find_row(known, entry->path);

		if (entry->folder && has_rows(known, entry->path))
			continue;
		ARENA_GROW(l->arena, to->entries, to->count, to->cap);
		to->entries[to->count] = *entry;
		to->entries[to->count++].file_id = row ? row->id : 0;
		to->bytes += entry->identity.size;
	}
}

static int take_survey(struct looking *l, struct db *db, const struct survey *s, struct err *err)
{
	struct arena arena = { 0 };
	struct known_list known = { 0 };
	int rc;

	if (!s->junk.count && !s->unknown.count)
		return 0;
	db_lock(db);
	rc = scan_rows_known(db, s->root->id, "", &arena, &known, err);
	db_unlock(db);
	if (rc == 0 && known.count)
		qsort(known.files, known.count, sizeof(*known.files), by_path);
	if (rc == 0) {
		append(l, &l->to->junk, &s->junk, &known);
		append(l, &l->to->unknown, &s->unknown, &known);
	}
	arena_free(&arena);
	return rc;
}

int junk_find(struct db *db, const struct junk_request *request, struct arena *arena, struct junk *ret, struct err *err)
{
	struct root_list roots = { 0 };
	struct looking l = { .request = request, .roots = &roots, .arena = arena, .to = ret };
	int rc;

	*ret = (struct junk){ 0 };
	db_lock(db);
	rc = roots_list(db, arena, &roots, err);
	db_unlock(db);
	l.surveys = arena_alloc(arena, (roots.count + 1) * sizeof(*l.surveys));
	for (size_t i = 0; i < roots.count; i++)
		if (!request->root_id || roots.roots[i].id == request->root_id)
			l.surveys[l.count++] = (struct survey){ .root = &roots.roots[i] };
	if (rc == 0)
		rc = walk_all(&l, err);
	for (size_t i = 0; rc == 0 && i < l.count; i++)
		rc = take_survey(&l, db, &l.surveys[i], err);
	return rc;
}

/* ---- steps and JSON ---- */

int junk_moves(const struct junk *junk, const int64_t *ids, size_t id_count, struct arena *arena, struct move **ret,
	       size_t *ret_count, struct err *err)
{
	int64_t *sorted = arena_alloc(arena, (id_count + 1) * sizeof(*sorted));
	size_t cap = 0;

	*ret = NULL;
	*ret_count = 0;
	if (id_count) {
		memcpy(sorted, ids, id_count * sizeof(*sorted));
		qsort(sorted, id_count, sizeof(*sorted), by_id_compare);
	}
	for (size_t i = 0; i < junk->junk.count; i++) {
		const struct junk_entry *entry = &junk->junk.entries[i];
		bool asked = !ids;
		struct move *move;

		asked = asked || (id_count && bsearch(&entry->id, sorted, id_count, sizeof(*sorted), by_id_compare));
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

json_t *junk_unread_json(const struct junk *junk)
{
	json_t *list = json_array();
	char clean[PATH_MAX * 3];

	for (size_t i = 0; i < junk->unread_count; i++) {
		const struct junk_unread *one = &junk->unread[i];
		json_t *why = json_string(utf8_clean(clean, sizeof(clean), one->why));

		json_array_append_new(list, json_pack("{s:I, s:o, s:o}", "root", (json_int_t)one->root_id, "path",
						      json_from_path(one->root_path), "why", why));
	}
	return list;
}
