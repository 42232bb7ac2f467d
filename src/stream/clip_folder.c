/* clip_folder.c - what lies in the folders of the cache. A folder is read while nobody holds the lock, for its disk may be slow;
 * what was read counts when nothing went from the clip meanwhile, else it is read again. */
#include "stream/clip_cache_private.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LOAD_TRIES 4 /* then what was read counts all the same: what is not there is found missing when it is opened */

struct listing {
	struct clip_file *files;
	size_t count, room;
};

static void free_listing(struct listing *list)
{
	free(list->files);
}

static void add_file(struct listing *to, const struct clip_file *file)
{
	if (to->count == to->room) {
		to->room = to->room ? to->room * 2 : 16;
		to->files = realloc(to->files, to->room * sizeof(*to->files));
		if (!to->files)
			abort();
	}
	to->files[to->count++] = *file;
}

bool cache_remove_file(const struct clip_cache *c, const char *key, const struct clip_file *file)
{
	char name[CLIP_FILE_NAME_SIZE], path[PATH_MAX];

	clip_file_format(name, file);
	return clip_file_path(path, c->dir, key, name, NULL) == 0 &&
	       (unlink(path) == 0 || errno == ENOENT || rmdir(path) == 0);
}

/* ---- one clip ---- */

static void read_folder(const struct clip_cache *c, const char *key, struct listing *to)
{
	char path[PATH_MAX];
	struct clip_file file;
	struct dirent *d;
	DIR *folder = NULL;

	if (clip_file_path(path, c->dir, key, NULL, NULL) == 0)
		folder = opendir(path);
	while (folder && (d = readdir(folder))) {
		const char *rest = clip_file_parse(d->d_name, &file);

		if (rest && !*rest)
			add_file(to, &file);
	}
	if (folder)
		closedir(folder);
}

static bool better(const struct segment *a, const struct segment *b)
{
	return a->file.effort != b->file.effort ? a->file.effort < b->file.effort : a->verified && !b->verified;
}

/* Of two files for one k the one that was made with more effort is known, the other is to go; they hold the same frames. */
static void merge_file(struct clip_cache *c, struct entry *e, const struct entry *old, const struct clip_file *file,
		       struct listing *stale)
{
	struct segment s = { .file = *file }, *known, *twin;

	if (cache_is_spoilt(c, e->key, file))
		return;
	known = cache_find_segment(old, file->k);
	if (known && clip_file_same(&known->file, file))
		s = *known;
	twin = cache_find_segment(e, file->k);
	if (!twin) {
		cache_insert(c, e, &s);
	} else if (better(&s, twin)) {
		add_file(stale, &twin->file);
		cache_forget(c, e, twin);
		cache_insert(c, e, &s);
	} else if (!clip_file_same(&twin->file, file)) {
		add_file(stale, file);
	}
}

/* The clip's index from what lies in its folder; what is known of segments that are still there is kept. */
static void merge(struct clip_cache *c, struct entry *e, const struct listing *seen, struct listing *stale)
{
	struct entry old = *e;

	if (!old.loaded)
		old.count = 0; /* only numbers so far */
	cache_count(c, e, -e->bytes, -(int)e->count);
	e->segments = NULL;
	e->room = 0;
	e->loaded = true;
	for (size_t i = 0; i < seen->count; i++)
		merge_file(c, e, &old, &seen->files[i], stale);
	free(old.segments);
}

void cache_load(struct clip_cache *c, struct entry *e)
{
	CLEANUP(free_listing) struct listing stale = { 0 };
	bool read = false;

	e->busy++;
	for (int tries = 1; !read; tries++) {
		CLEANUP(free_listing) struct listing seen = { 0 };
		uint64_t begun = ++c->ticket;

		pthread_mutex_unlock(&c->lock);
		read_folder(c, e->key, &seen);
		pthread_mutex_lock(&c->lock);
		read = e->changed < begun || tries == LOAD_TRIES;
		if (read)
			merge(c, e, &seen, &stale);
	}
	e->changed = ++c->ticket;
	if (stale.count) {
		pthread_mutex_unlock(&c->lock);
		for (size_t i = 0; i < stale.count; i++)
			cache_remove_file(c, e->key, &stale.files[i]);
		pthread_mutex_lock(&c->lock);
	}
	e->busy--;
}

/* Loaded; NULL when the key is none. A clip without a folder is not remembered. */
struct entry *cache_entry(struct clip_cache *c, const char *key)
{
	struct entry *e = cache_find_entry(c, key, false);

	if (e && !e->loaded)
		cache_load(c, e);
	return e;
}

/* ---- all of them, at the start ---- */

/* Adds up a clip's folder without keeping its names. */
static void count_folder(struct clip_cache *c, const char *path, const char *key)
{
	struct entry *e = NULL;
	struct clip_file file;
	struct dirent *d;
	DIR *folder = opendir(path);

	while (folder && (d = readdir(folder))) {
		const char *rest = clip_file_parse(d->d_name, &file);
		char name[PATH_MAX];

		if (!rest)
			continue;
		if (!e)
			e = cache_find_entry(c, key, true);
		if (!*rest)
			cache_count(c, e, file.len, 1);
		else if (*rest == '.' && strlen(rest) == 7 &&
			 snprintf(name, sizeof(name), "%s/%s", path, d->d_name) < (int)sizeof(name) &&
			 clip_file_is_leftover(name))
			unlink(name);
	}
	if (folder)
		closedir(folder);
}

int cache_walk(struct clip_cache *c, struct err *err)
{
	char path[PATH_MAX], prefix[3];
	DIR *top = opendir(c->dir), *middle;
	struct dirent *d;

	if (!top)
		return err_errno(err, "open the clip cache '%s'", c->dir);
	while ((d = readdir(top))) {
		if (strlen(d->d_name) != 2 || strspn(d->d_name, "0123456789abcdef") != 2)
			continue;
		memcpy(prefix, d->d_name, 3);
		if (snprintf(path, sizeof(path), "%s/%s", c->dir, prefix) >= (int)sizeof(path))
			continue;
		middle = opendir(path);
		while (middle && (d = readdir(middle)))
			if (clip_file_is_key(d->d_name) && memcmp(d->d_name, prefix, 2) == 0 &&
			    clip_file_path(path, c->dir, d->d_name, NULL, NULL) == 0)
				count_folder(c, path, d->d_name);
		if (middle)
			closedir(middle);
	}
	closedir(top);
	return 0;
}
