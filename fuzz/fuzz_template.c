/* fuzz_template.c - any bytes are a template and values: what comes out is a path of safe names, or a sentence. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "library/template.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void check(const char *path, enum name_rules rules)
{
	assert(*path && utf8_valid(path, strlen(path)));
	while (path) {
		size_t len = strcspn(path, "/");

		assert(len > 0 && len <= SAFE_NAME_MAX);
		assert(*path != '.' && *path != '-');
		for (size_t i = 0; i < len; i++) {
			assert((unsigned char)path[i] >= 0x20 && path[i] != 0x7F);
			assert(rules == NAME_RULES_POSIX || !strchr("<>:\"\\|?*", path[i]));
		}
		assert(rules == NAME_RULES_POSIX || (path[len - 1] != '.' && path[len - 1] != ' '));
		path = path[len] ? path + len + 1 : NULL;
	}
}

/* The template up to the first NUL, the value of every text up to the next, the rest the extension. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct template_values values;
	struct arena arena = { 0 };
	struct err err = { 0 };
	const struct template *t;
	struct template_limits limits;
	const char *path, *value;
	char *text;

	if (size < 2)
		return 0;
	limits = (struct template_limits){ data[0] & 1 ? NAME_RULES_DOS : NAME_RULES_POSIX, data[1] % 100 };
	text = arena_strndup(&arena, (const char *)data + 2, size - 2);
	value = text + strlen(text) + ((size_t)(strlen(text) + 2) < size);
	value = arena_strdup(&arena, value);
	template_values_init(&values);
	for (int i = 0; i < TEMPLATE_FIELD_COUNT; i++) {
		values.text[i] = value;
		values.number[i] = data[1] - 3;
	}
	values.text[TEMPLATE_EXT] = data[0] & 2 ? value : ".mkv";
	t = template_parse(text, &arena, &err);
	if (t && template_render(t, &values, &limits, &arena, &path, &err) == 0)
		check(path, limits.rules);
	else
		assert(err.code == ERR_USAGE || err.code == ERR_INVALID || err.code == ERR_TOO_LARGE);
	arena_free(&arena);
	return 0;
}
