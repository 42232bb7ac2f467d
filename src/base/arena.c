/* arena.c - see arena.h. Blocks double from 4 KiB; a large piece gets a block of its own. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
	struct arena_block *older;
	size_t used, size;
	_Alignas(16) unsigned char data[];
};

#define FIRST_BLOCK ((size_t)4096)
#define LARGEST_BLOCK ((size_t)1 << 20)

static struct arena_block *block_new(struct arena *arena, size_t at_least)
{
	size_t size = arena->block ? arena->block->size * 2 : FIRST_BLOCK;
	struct arena_block *block;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < at_least)
		size = at_least;
	block = size > SIZE_MAX - sizeof(*block) ? NULL : malloc(sizeof(*block) + size);
	if (!block)
		abort();
	*block = (struct arena_block){ .older = arena->block, .size = size };
	arena->block = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->block;
	void *p;

	if (size > SIZE_MAX - 15)
		abort();
	size = (size + 15) & ~(size_t)15;
	if (!block || block->size - block->used < size)
		block = block_new(arena, size);
	p = block->data + block->used;
	block->used += size;
	return memset(p, 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;
	int len;
	char *text;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = arena_alloc(arena, (size_t)(len < 0 ? 0 : len) + 1);
	if (len > 0)
		vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

void arena_free(struct arena *arena)
{
	while (arena->block) {
		struct arena_block *block = arena->block;

		arena->block = block->older;
		free(block);
	}
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *cap, size_t element)
{
	void *larger;

	if (count < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 8;
	if (*cap > SIZE_MAX / element)
		abort();
	larger = arena_alloc(arena, *cap * element);
	if (count)
		memcpy(larger, array, count * element);
	return larger;
}
