/* fuzz_name.c - any bytes are a name: the parser must end, stay inside its input and write valid JSON. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "media/name.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct arena arena = { 0 };
	struct buf out = BUF_MAX((size_t)16 << 20);
	struct err err = { 0 };
	struct name name;
	char *path;
	json_t *json;

	if (!size)
		return 0;
	path = malloc(size);
	memcpy(path, data + 1, size - 1);
	path[size - 1] = '\0';
	name_parse(path, (enum name_hint)(data[0] % 3), &arena, &name);
	for (size_t i = 0; i < name.value_count; i++)
		assert((size_t)name.values[i].at + name.values[i].len <= strlen(name.input));
	assert(name.steps < 4000 + 200 * (size < NAME_MAX_BYTES ? size : NAME_MAX_BYTES));
	name_write_json(&out, &name);
	json = json_parse(out.data, out.len, &err);
	assert(json);
	json_decref(json);
	name_write_explain(&out, &name);
	buf_free(&out);
	arena_free(&arena);
	free(path);
	return 0;
}
