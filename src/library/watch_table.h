/* watch_table.h - which folder an inotify descriptor stands for. Private to watch*.c; no locks: one thread's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch_table;

struct watch_entry {
	int wd;
	int64_t root_id;
	char *path;		  /* relative to the root; "": the root */
	struct watch_entry *next; /* the table's own */
};

struct watch_table *watch_table_new(void);
void watch_table_free(struct watch_table *table);
/* The same folder met twice (a bind mount, a rename) has one descriptor: the newer path counts. */
void watch_table_put(struct watch_table *table, int wd, int64_t root_id, const char *path);
const struct watch_entry *watch_table_get(const struct watch_table *table, int wd); /* NULL: unknown */
void watch_table_remove(struct watch_table *table, int wd);
size_t watch_table_count(struct watch_table *table, int64_t root_id);
/* Takes all entries at or below the folder out of the table and tells of each. */
void watch_table_remove_below(struct watch_table *table, int64_t root_id, const char *folder,
			      void (*removed)(void *context, int wd), void *context);
