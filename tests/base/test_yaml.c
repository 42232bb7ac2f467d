/* test_yaml.c - values out of YAML and JSON, what is refused, and that what is written reads the same. */
#include "lib/testlib.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/yaml.h"

static const struct row {
	const char *yaml, *json;
} rows[] = {
	{ "a: 1", "{\"a\":1}" },
	{ "a: -1.5e2", "{\"a\":-150.0}" },
	{ "a: null\nb: ~\nc:\n", "{\"a\":null,\"b\":null,\"c\":null}" },
	{ "a: true\nb: False", "{\"a\":true,\"b\":false}" },
	{ "a: yes", "{\"a\":\"yes\"}" },
	{ "a: \"1\"\nb: '~'", "{\"a\":\"1\",\"b\":\"~\"}" },
	{ "a: 20:30\nb: 2026-01-02\nc: 1.2.3\nd: .\ne: 1e",
	  "{\"a\":\"20:30\",\"b\":\"2026-01-02\",\"c\":\"1.2.3\",\"d\":\".\",\"e\":\"1e\"}" },
	{ "- x\n- [1, {k: v}]\n", "[\"x\",[1,{\"k\":\"v\"}]]" },
	{ "a: |\n  one\n  two\n", "{\"a\":\"one\\ntwo\\n\"}" },
	{ "---\na: é # word\n...\n", "{\"a\":\"é\"}" },
	{ "{\"a\":\t\"\\ud83d\\ude00\"}", "{\"a\":\"😀\"}" },
	{ "plain", "\"plain\"" },
};

static const struct refused {
	const char *yaml, *why;
} refusals[] = {
	{ "", "nothing" },
	{ "# only this\n", "nothing" },
	{ "a: &x 1\nb: *x\n", "anchors" },
	{ "a: !!str 1\n", "tags" },
	{ "a: 1\na: 2\n", "twice" },
	{ "a: 1\n---\nb: 2\n", "second document" },
	{ "[a]: 1\n", "name" },
	{ "a: [1\n", "line" },
	{ "a: 99999999999999999999\n", "too large" },
	{ "a: 1e999\n", "too large" },
	{ "a: \"\\0\"\n", "NUL" },
};

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_free) struct buf got = { 0 }, again = { 0 };
		CLEANUP(json_cleanup) json_t *json = NULL;
		CLEANUP(json_cleanup) json_t *back = NULL;
		struct err err = { 0 };

		json = yaml_parse(rows[i].yaml, strlen(rows[i].yaml), &err);
		assert_string_equal(err.text, "");
		json_write(&got, json);
		assert_string_equal(buf_text(&got), rows[i].json);
		yaml_write(&again, json);
		back = yaml_parse(buf_text(&again), again.len, &err);
		assert_string_equal(err.text, "");
		assert_true(json_equal(json, back));
	}
}

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct err err = { 0 };

		assert_null(yaml_parse(refusals[i].yaml, strlen(refusals[i].yaml), &err));
		assert_int_equal(err.code, ERR_USAGE);
		if (!strstr(err.text, refusals[i].why))
			fail_msg("'%s' does not say '%s'", err.text, refusals[i].why);
	}
}

/* Texts that would be read as something else are quoted. */
static void texts(void **state)
{
	static const char *const tricky[] = { "",	 "1",	  "-2.5",
					      "true",	 "null",  "~",
					      "yes",	 "a: b",  "# no",
					      "- x",	 "a\nb",  " lead",
					      "trail ",	 "*x",	  "&x",
					      "!t",	 "{",	  "\"",
					      "'",	 "a # b", "%",
					      "@at",	 "`",	  "\x7f",
					      "tab\tin", "é😀\n",  "kind:episode year:1978..1983" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tricky); i++) {
		CLEANUP(buf_free) struct buf text = { 0 };
		CLEANUP(json_cleanup)
		json_t *json = json_pack("{s:s,s:[s]}", tricky[i], tricky[i], "list", tricky[i]);
		CLEANUP(json_cleanup) json_t *back = NULL;
		struct err err = { 0 };

		yaml_write(&text, json);
		back = yaml_parse(buf_text(&text), text.len, &err);
		assert_string_equal(err.text, "");
		assert_true(json_equal(json, back));
	}
}

static void bounds(void **state)
{
	CLEANUP(buf_free) struct buf deep = { 0 }, many = { 0 };
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 40; i++)
		buf_adds(&deep, "- ");
	buf_adds(&deep, "x\n");
	assert_null(yaml_parse(buf_text(&deep), deep.len, &err));
	assert_non_null(strstr(err.text, "deeper"));
	err_clear(&err);
	for (int i = 0; i < 100001; i++)
		buf_adds(&many, "- a\n");
	assert_null(yaml_parse(buf_text(&many), many.len, &err));
	assert_non_null(strstr(err.text, "more values"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(refused),
		cmocka_unit_test(texts),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
