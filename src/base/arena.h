/* arena.h - memory that lives as long as one request. Nothing in it is freed alone. */
#pragma once

#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *block; /* newest; zeroed struct is an empty arena */
};

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned to 16; aborts when memory is short */
char *arena_strdup(struct arena *arena, const char *text); /* NULL stays NULL */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *arena); /* all of it; the arena is empty and usable again */

/* A growing array in an arena: ARENA_GROW(a, array, count, cap) makes room for one more element. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *cap, size_t element);
#define ARENA_GROW(a, array, count, cap)                                                          \
	((array) = arena_grow((a), (array), (count), &(cap), sizeof(*(array))))
