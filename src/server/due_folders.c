/* due_folders.c - see due_folders.h. */
#include "server/due_folders.h"

#include <stdlib.h>
#include <string.h>

bool due_folders_add(struct due_folders *due, const char *path, int64_t due_ms)
{
	for (size_t i = 0; i < due->count; i++)
		if (strcmp(due->folders[i].path, path) == 0) {
			if (due_ms < due->folders[i].due_ms)
				due->folders[i].due_ms = due_ms;
			return true;
		}
	if (due->count >= DUE_FOLDERS_MANY)
		return false;
	if (due->count == due->cap) {
		due->cap = due->cap ? due->cap * 2 : 16;
		due->folders = realloc(due->folders, due->cap * sizeof(*due->folders));
		if (!due->folders)
			abort();
	}
	due->folders[due->count] = (struct due_folder) { strdup(path), due_ms };
	if (!due->folders[due->count++].path)
		abort();
	return true;
}

int64_t due_folders_next(const struct due_folders *due, int64_t fallback_ms)
{
	for (size_t i = 0; i < due->count; i++)
		if (due->folders[i].due_ms < fallback_ms)
			fallback_ms = due->folders[i].due_ms;
	return fallback_ms;
}

char **due_folders_take(struct due_folders *due, int64_t now_ms, bool all)
{
	char **list = calloc(due->count + 1, sizeof(*list));
	size_t count = 0, kept = 0;

	if (!list)
		abort();
	for (size_t i = 0; i < due->count; i++)
		if (all || due->folders[i].due_ms <= now_ms)
			list[count++] = due->folders[i].path;
		else
			due->folders[kept++] = due->folders[i];
	due->count = kept;
	return list;
}

void due_folders_free_list(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

void due_folders_free(struct due_folders *due)
{
	for (size_t i = 0; i < due->count; i++)
		free(due->folders[i].path);
	free(due->folders);
	*due = (struct due_folders) { 0 };
}
