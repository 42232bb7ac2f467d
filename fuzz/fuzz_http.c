/* Request targets, parameters, ranges, hosts and patterns from anybody. First byte chooses. */
#include <stdlib.h>
#include <string.h>

#include "server/origin.h"
#include "server/range.h"
#include "server/router.h"
#include "server/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void targets(const char *text)
{
	struct arena arena = { 0 };
	int64_t params[HTTP_PARAMS];
	const char *path, *query, *allow;

	if (url_parse(text, &arena, &path, &query, NULL) >= 0) {
		const char *value = url_query(query, "q", &arena);

		if (strstr(path, "/../") || (value && strlen(value) > strlen(query)))
			abort();
		route_find("GET", path, params, &arena, &allow);
	}
	arena_free(&arena);
}

static void ranges(const char *text, int64_t size)
{
	struct range range = range_parse(text, size);

	if (range.first < 0 || range.length < 0 || range.first > size || range.length > size - range.first)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	switch (data[0] % 3) {
	case 0:
		targets(text);
		break;
	case 1:
		ranges(text, 1000);
		ranges(text, 0);
		ranges(text, INT64_MAX);
		break;
	default:
		origin_host_ok(text, "machine");
		origin_same(text, NULL, "127.0.0.1:8080");
	}
	free(text);
	return 0;
}
