/* watch_table.c - see watch_table.h. A hash of chains; descriptors are small numbers that only grow. */
#include "library/watch_table.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 32768

struct watch_table {
	struct watch_entry *buckets[BUCKETS];
};

static struct watch_entry **find(struct watch_table *table, int wd)
{
	struct watch_entry **at = &table->buckets[(unsigned)wd % BUCKETS];

	while (*at && (*at)->wd != wd)
		at = &(*at)->next;
	return at;
}

static void drop(struct watch_entry **at)
{
	struct watch_entry *entry = *at;

	*at = entry->next;
	free(entry->path);
	free(entry);
}

struct watch_table *watch_table_new(void)
{
	struct watch_table *table = calloc(1, sizeof(*table));

	if (!table)
		abort();
	return table;
}

void watch_table_free(struct watch_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (table->buckets[i])
			drop(&table->buckets[i]);
	free(table);
}

void watch_table_put(struct watch_table *table, int wd, int64_t root_id, const char *path)
{
	struct watch_entry **at = find(table, wd);

	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			abort();
		(*at)->wd = wd;
	}
	free((*at)->path);
	(*at)->path = strdup(path);
	(*at)->root_id = root_id;
	if (!(*at)->path)
		abort();
}

const struct watch_entry *watch_table_get(const struct watch_table *table, int wd)
{
	return *find((struct watch_table *)table, wd);
}

void watch_table_remove(struct watch_table *table, int wd)
{
	struct watch_entry **at = find(table, wd);

	if (*at)
		drop(at);
}

size_t watch_table_count(const struct watch_table *table, int64_t root_id)
{
	size_t n = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		for (const struct watch_entry *e = table->buckets[i]; e; e = e->next)
			n += e->root_id == root_id;
	return n;
}

int watch_table_take_below(struct watch_table *table, int64_t root_id, const char *folder)
{
	size_t len = strlen(folder);

	for (size_t i = 0; i < BUCKETS; i++)
		for (struct watch_entry **at = &table->buckets[i]; *at; at = &(*at)->next) {
			const char *path = (*at)->path;
			int wd = (*at)->wd;

			if ((*at)->root_id != root_id || strncmp(path, folder, len) != 0 ||
			    (len && path[len] && path[len] != '/'))
				continue;
			drop(at);
			return wd;
		}
	return -1;
}
