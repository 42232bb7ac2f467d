/* Every row of the router is whole, and paths find their rows. */
#include "lib/testlib.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "server/router.h"

static void every_row_is_whole(void **state)
{
	static const char *const methods[] = { "GET", "POST", "PATCH", "DELETE", "PUT" };

	(void)state;
	for (const struct route *route = routes; route->method; route++) {
		size_t m = 0, len = strlen(route->help);

		while (m < ARRAY_LEN(methods) && strcmp(methods[m], route->method) != 0)
			m++;
		assert_true(m < ARRAY_LEN(methods));
		assert_int_equal(route->pattern[0], '/');
		assert_non_null(route->run);
		assert_true(len > 10 && route->help[len - 1] == '.' &&
			    isupper((unsigned char)route->help[0]));
		/* What changes something is never a GET, and everything else is; but the scan of the HDHomeRun, which
		 * changes nothing, is asked for by POST and under any name of this machine. */
		if (strcmp(route->pattern, "/lineup.post") != 0)
			assert_int_equal(strcmp(route->method, "GET") != 0, (route->flags & ROUTE_CHANGES) != 0);
		assert_false((route->flags & ROUTE_INLINE) && (route->flags & (ROUTE_FILES | ROUTE_CHANGES)));
		for (const char *at = strchr(route->pattern, '{'); at; at = strchr(at + 1, '{'))
			assert_non_null(strchr(at, '}'));
		for (const char *at = route->query; *at; at += strspn(at, " ")) {
			at += strcspn(at, ":");
			assert_int_equal(*at, ':');
			at += strcspn(at, " ");
		}
		for (const struct route *other = route + 1; other->method; other++)
			assert_false(strcmp(route->method, other->method) == 0 &&
				     strcmp(route->pattern, other->pattern) == 0);
	}
}

static const struct {
	const char *method, *path, *pattern, *allow; /* pattern NULL: nothing */
	int64_t params[3];
} requests[] = {
	{ "GET", "/channel/1.m3u8", "/channel/{number}.m3u8", "", { 1 } },
	{ "HEAD", "/channel/1.m3u8", "/channel/{number}.m3u8", "", { 1 } },
	{ "GET",
	  "/channel/12/s/189302400/5.ts",
	  "/channel/{number}/s/{generation}/{sequence}.ts",
	  "",
	  { 12, 189302400, 5 } },
	{ "GET", "/channel/12.ts", "/channel/{number}.ts", "", { 12 } },
	{ "GET", "/channel/999999999999999999.ts", "/channel/{number}.ts", "", { 999999999999999999 } },
	{ "GET", "/channel/9999999999999999999.ts", NULL, "", { 0 } },
	{ "GET", "/channel/-1.ts", NULL, "", { 0 } },
	{ "GET", "/channel/+1.ts", NULL, "", { 0 } },
	{ "GET", "/channel/.ts", NULL, "", { 0 } },
	{ "GET", "/channel/1.ts/", NULL, "", { 0 } },
	{ "GET", "/channel/1", NULL, "", { 0 } },
	{ "GET", "/channel/1 .ts", NULL, "", { 0 } },
	{ "POST", "/channel/1.ts", NULL, "GET, HEAD", { 0 } },
	{ "PUT", "/api/channels", NULL, "GET, HEAD, POST", { 0 } },
	{ "DELETE", "/api/channels/7", "/api/channels/{id}", "", { 7 } },
	{ "GET", "/api/nothing", NULL, "", { 0 } },
	{ "GET", "/guide", "/*", "", { 0 } },
	{ "GET", "/", "/*", "", { 0 } },
	{ "POST", "/", NULL, "GET, HEAD", { 0 } },
	{ "GET", "/xmltv.xml", "/xmltv.xml", "", { 0 } },
};

static void paths_find_their_rows(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		int64_t params[HTTP_PARAMS] = { 0 };
		const char *allow;
		const struct route *route =
			route_find(requests[i].method, requests[i].path, params, &arena, &allow);

		if (!route != !requests[i].pattern ||
		    (route && strcmp(route->pattern, requests[i].pattern) != 0))
			fail_msg("%s %s: %s", requests[i].method, requests[i].path,
				 route ? route->pattern : "nothing");
		if (!route)
			assert_string_equal(allow, requests[i].allow);
		for (int k = 0; route && k < 3; k++)
			assert_int_equal(params[k], requests[i].params[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(paths_find_their_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
