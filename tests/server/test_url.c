/* Request targets: what is decoded and what is refused; parameters; who may change something. */
#include "lib/testlib.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "server/origin.h"
#include "server/url.h"

static const struct {
	const char *target, *path, *query; /* path NULL: refused */
} targets[] = {
	{ "/", "/", "" },
	{ "/channel/1.m3u8", "/channel/1.m3u8", "" },
	{ "/a%20b/c", "/a b/c", "" },
	{ "/a+b", "/a+b", "" },
	{ "/caf%C3%A9", "/caf\xC3\xA9", "" },
	{ "/x?a=1&b=2", "/x", "a=1&b=2" },
	{ "/x?", "/x", "" },
	{ "/x#y?z", "/x", "" },
	{ "/x?q#y", "/x", "q" },
	{ "http://host:80/x?y", "/x", "y" },
	{ "HTTP://host", "/", "" },
	{ "http://host?y", "/", "y" },
	{ "/a//b", "/a//b", "" },
	{ "/...", "/...", "" },
	{ "/a/..b", "/a/..b", "" },
	{ "", "/", "" },
	{ "*", NULL, NULL },
	{ "x", NULL, NULL },
	{ "/..", NULL, NULL },
	{ "/../etc/passwd", NULL, NULL },
	{ "/a/./b", NULL, NULL },
	{ "/a/%2e%2e/b", NULL, NULL },
	{ "/media/..%2f..%2fetc", NULL, NULL },
	{ "/a%2Fb", NULL, NULL },
	{ "/a%00b", NULL, NULL },
	{ "/a%0ab", NULL, NULL },
	{ "/a%7f", NULL, NULL },
	{ "/a%", NULL, NULL },
	{ "/a%4", NULL, NULL },
	{ "/a%zz", NULL, NULL },
	{ "/caf%E9", NULL, NULL },
	{ "/\xff", NULL, NULL },
	{ "/x?a=%00", NULL, NULL },
	{ "/x?from=%ff%fe&to=%00", NULL, NULL },
	{ "/x?a=1&b=%zz", NULL, NULL },
	{ "/x?a=%4", NULL, NULL },
	{ "/x?\xff", NULL, NULL },
	{ "/x?a=%e2%82%ac+%25&b#%zz", "/x", "a=%e2%82%ac+%25&b" },
};

static void targets_are_taken_apart(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		const char *path = NULL, *query = NULL;
		struct err err = { 0 };
		int rc = url_parse(targets[i].target, &arena, &path, &query, &err);

		if (!targets[i].path) {
			if (rc != -ERR_USAGE)
				fail_msg("'%s' is taken for '%s'", targets[i].target, path ? path : "");
			continue;
		}
		if (rc < 0)
			fail_msg("'%s': %s", targets[i].target, err.text);
		assert_string_equal(path, targets[i].path);
		assert_string_equal(query, targets[i].query);
	}
}

static void a_long_target_is_too_large(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const char *path, *query;
	char target[URL_MAX + 2];

	(void)state;
	memset(target, 'a', sizeof(target));
	target[0] = '/';
	target[URL_MAX + 1] = '\0';
	assert_int_equal(url_parse(target, &arena, &path, &query, NULL), -ERR_TOO_LARGE);
	target[URL_MAX] = '\0';
	assert_int_equal(url_parse(target, &arena, &path, &query, NULL), 0);
}

static void parameters(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	const char *query = "a=1&b=x+y%26z&=v&c&bad=%zz&nul=%00&a=2&long=%2f..";

	(void)state;
	assert_string_equal(url_query(query, "a", &arena), "1");
	assert_string_equal(url_query(query, "b", &arena), "x y&z");
	assert_string_equal(url_query(query, "c", &arena), "");
	assert_string_equal(url_query(query, "long", &arena), "/..");
	assert_null(url_query(query, "bad", &arena));
	assert_null(url_query(query, "nul", &arena));
	assert_null(url_query(query, "d", &arena));
	assert_null(url_query("", "a", &arena));
}

static const struct {
	const char *host;
	bool ok;
} hosts[] = {
	{ "127.0.0.1", true },
	{ "127.0.0.1:8080", true },
	{ "192.168.1.2:1", true },
	{ "[::1]:8080", true },
	{ "[::1]", true },
	{ "localhost", true },
	{ "LOCALHOST:80", true },
	{ "tower", true },
	{ "Tower.local:80", true },
	{ NULL, false },
	{ "", false },
	{ "evil.example", false },
	{ "localhost.evil.example", false },
	{ "tower.evil", false },
	{ "towers", false },
	{ "[::1", false },
	{ "[::1]x", false },
	{ ":80", false },
	{ "127.0.0.1.evil", false },
};

static void hosts_that_are_ours(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (origin_host_ok(hosts[i].host, "tower") != hosts[i].ok)
			fail_msg("host '%s'", hosts[i].host ? hosts[i].host : "(none)");
	assert_false(origin_host_ok("evil", ""));
	assert_false(origin_host_ok(".local", ""));
}

static void origins_that_are_ours(void **state)
{
	(void)state;
	assert_true(origin_same(NULL, NULL, "h:1"));
	assert_true(origin_same("http://h:1", "same-origin", "h:1"));
	assert_true(origin_same("https://H", NULL, "h"));
	assert_true(origin_same(NULL, "none", "h"));
	assert_false(origin_same("http://evil", NULL, "h:1"));
	assert_false(origin_same("http://h", NULL, "h:1"));
	assert_false(origin_same("null", NULL, "h"));
	assert_false(origin_same("", NULL, "h"));
	assert_false(origin_same("http://h", "cross-site", "h"));
	assert_false(origin_same("http://h", "same-site", "h"));
	assert_false(origin_same("http://h", NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_taken_apart),
		cmocka_unit_test(a_long_target_is_too_large),
		cmocka_unit_test(parameters),
		cmocka_unit_test(hosts_that_are_ours),
		cmocka_unit_test(origins_that_are_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
