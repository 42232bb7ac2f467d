/* fuzz_filter.c - any text is a filter or an error with a place; a tree as text is the same tree again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/filter.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct arena arena = { 0 };
	struct filter filter, again;
	struct err err = { 0 };
	char *text = malloc(size + 1);
	const char *tree;

	memcpy(text, data, size);
	text[size] = '\0';
	if (filter_parse(text, 1764000000000, &arena, &filter, &err) == 0) {
		tree = filter_format(&filter, &arena);
		if (filter_parse(tree, 1764000000000, &arena, &again, &err) == 0)
			assert(strcmp(filter_format(&again, &arena), tree) == 0);
		else /* a tree as text may be longer and deeper than what may be typed */
			assert(err.code == ERR_TOO_LARGE || strstr(err.text, "more than"));
	} else {
		assert(err.text[0]);
	}
	arena_free(&arena);
	free(text);
	return 0;
}
