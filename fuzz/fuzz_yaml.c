/* fuzz_yaml.c - the YAML reader on any bytes: a sentence or a value, and what was written reads as the same
 * value. */
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(json_cleanup) json_t *first = NULL;
	CLEANUP(json_cleanup) json_t *second = NULL;
	struct err err = { 0 };

	first = yaml_parse((const char *)data, size, &err);
	if (!first) {
		if (err.code == ERR_OK)
			abort();
		return 0;
	}
	yaml_write(&text, first);
	second = yaml_parse(buf_text(&text), text.len, &err);
	if (!second || !json_equal(first, second))
		abort();
	return 0;
}
