/* watch_table.c - see watch_table.h. A hash of chains; descriptors are small numbers that only grow. */
#include "library/watch_table.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 32768

struct root_count {
	int64_t root_id;
	size_t entries;
};

struct watch_table {
	struct watch_entry *buckets[BUCKETS];
	struct root_count *roots; /* few */
	size_t root_count, root_cap;
};

/* The entries of a root; it is noted when it is new. */
static size_t *entries_of(struct watch_table *table, int64_t root_id)
{
	for (size_t i = 0; i < table->root_count; i++)
		if (table->roots[i].root_id == root_id)
			return &table->roots[i].entries;
	if (table->root_count == table->root_cap) {
		table->root_cap = table->root_cap * 2 + 8;
		table->roots = realloc(table->roots, table->root_cap * sizeof(*table->roots));
		if (!table->roots)
			abort();
	}
	table->roots[table->root_count] = (struct root_count){ .root_id = root_id };
	return &table->roots[table->root_count++].entries;
}

static struct watch_entry **find(struct watch_table *table, int wd)
{
	struct watch_entry **at = &table->buckets[(unsigned)wd % BUCKETS];

	while (*at && (*at)->wd != wd)
		at = &(*at)->next;
	return at;
}

static void drop(struct watch_table *table, struct watch_entry **at)
{
	struct watch_entry *entry = *at;

	--*entries_of(table, entry->root_id);

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
			drop(table, &table->buckets[i]);
	free(table->roots);
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
	} else {
		--*entries_of(table, (*at)->root_id);
	}
	++*entries_of(table, root_id);
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
		drop(table, at);
}

size_t watch_table_count(struct watch_table *table, int64_t root_id)
{
	return *entries_of(table, root_id);
}

void watch_table_remove_below(struct watch_table *table, int64_t root_id, const char *folder,
			      void (*removed)(void *context, int wd), void *context)
{
	size_t len = strlen(folder);

	for (size_t i = 0; i < BUCKETS; i++)
		for (struct watch_entry **at = &table->buckets[i]; *at;) {
			const char *path = (*at)->path;
			int wd = (*at)->wd;

			if ((*at)->root_id != root_id || strncmp(path, folder, len) != 0 ||
			    (len && path[len] && path[len] != '/')) {
				at = &(*at)->next;
				continue;
			}
			drop(table, at);
			removed(context, wd);
		}
}
