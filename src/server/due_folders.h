/* due_folders.h - folders that are to be scanned, each once it is due. Thread-safe by its owner's lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DUE_FOLDERS_MANY 500 /* no more than these: then all is better scanned */

struct due_folder {
	char *path;
	int64_t due_ms;
};
struct due_folders {
	struct due_folder *folders;
	size_t count, cap;
};

/* The earlier time counts when it waits already. False when there are too many. */
bool due_folders_add(struct due_folders *due, const char *path, int64_t due_ms);
int64_t due_folders_next(const struct due_folders *due, int64_t fallback_ms);
/* Those that are due (or all), NULL at the end; due_folders_free_list(). */
char **due_folders_take(struct due_folders *due, int64_t now_ms, bool all);
void due_folders_free_list(char **list); /* NULL is fine */
void due_folders_free(struct due_folders *due);
