/* held_roots.c - see held_roots.h. */
#include "server/held_roots.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "store/files.h"

struct held_roots {
	pthread_mutex_t lock;
	int64_t *ids;
	size_t count;
};

struct held_roots *held_roots_new(void)
{
	struct held_roots *held = calloc(1, sizeof(*held));

	if (!held)
		abort();
	pthread_mutex_init(&held->lock, NULL);
	return held;
}

void held_roots_free(struct held_roots *held)
{
	if (!held)
		return;
	pthread_mutex_destroy(&held->lock);
	free(held->ids);
	free(held);
}

void held_roots_set(struct held_roots *held, const int64_t *ids, size_t count)
{
	pthread_mutex_lock(&held->lock);
	free(held->ids);
	held->ids = calloc(count + 1, sizeof(*held->ids));
	if (!held->ids)
		abort();
	if (count)
		memcpy(held->ids, ids, count * sizeof(*ids));
	held->count = count;
	pthread_mutex_unlock(&held->lock);
}

bool held_roots_clear(struct held_roots *held)
{
	bool some;

	pthread_mutex_lock(&held->lock);
	some = held->count > 0;
	held->count = 0;
	pthread_mutex_unlock(&held->lock);
	return some;
}

/* Leaves those of the list that are held. */
static size_t find_held(struct held_roots *held, struct root_list *roots)
{
	size_t count = 0;

	pthread_mutex_lock(&held->lock);
	for (size_t i = 0; i < roots->count; i++)
		for (size_t k = 0; k < held->count; k++)
			if (held->ids[k] == roots->roots[i].id) {
				roots->roots[count++] = roots->roots[i];
				break;
			}
	pthread_mutex_unlock(&held->lock);
	return count;
}

static bool lies_in(const char *path, const char *folder)
{
	size_t len = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

	return strncmp(path, folder, len) == 0 && (!path[len] || path[len] == '/');
}

static const char *const *without(const char *const *paths, const struct root_list *held, size_t count,
				  struct arena *arena)
{
	const char **rest = NULL;
	size_t have = 0, cap = 0;

	for (; *paths; paths++) {
		bool in = false;

		for (size_t i = 0; i < count; i++)
			in |= lies_in(*paths, held->roots[i].path);
		ARENA_GROW(arena, rest, have, cap);
		if (!in)
			rest[have++] = *paths;
	}
	ARENA_GROW(arena, rest, have, cap);
	rest[have] = NULL;
	return rest;
}

const char *const *held_roots_without(struct held_roots *held, struct db *reader, char **folders,
				      struct arena *arena)
{
	struct root_list roots = { 0 };
	const char **all;
	size_t count;

	if (!reader || roots_list(reader, arena, &roots, NULL) < 0)
		return (const char *const *)folders;
	all = arena_alloc(arena, (roots.count + 1) * sizeof(*all));
	for (size_t i = 0; i < roots.count; i++)
		all[i] = roots.roots[i].path;
	all[roots.count] = NULL;
	count = find_held(held, &roots);
	if (!count)
		return (const char *const *)folders;
	return without(folders ? (const char *const *)folders : all, &roots, count, arena);
}
