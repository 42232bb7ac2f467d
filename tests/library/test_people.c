/* Who took part: from the tags of files to items, filters and search; what a person set stays. */
#include "lib/scan_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "library/editing.h"

#define BAKER "{\"name\":\"Mary Baker\",\"role\":\"director\"}"
#define POOLE "{\"name\":\"Tom Poole\",\"role\":\"actor\"}"
#define BOTH "ok people [" BAKER "," POOLE "]"

static void is_text(struct fixture *f, const char *sql, const char *wanted)
{
	CLEANUP(cleanup_free) char *text = ask_text(f, sql);

	assert_string_equal(text, wanted);
}

#define PEOPLE "SELECT group_concat(role || ' ' || name, ', ') FROM (SELECT * FROM item_people ORDER BY name)"

static void set_people(struct fixture *f, const char *list)
{
	CLEANUP(json_cleanup) json_t *changes = json_object();
	struct err err = { 0 };
	bool changed;

	json_object_set_new(changes, "people", json_loads(list, 0, NULL));
	test_ok(metadata_apply(f->db, ask(f, "SELECT id FROM items"), changes,
			       &(struct metadata_author) { "command", "edit", 0 }, &changed, &err),
		&err);
	assert_true(changed);
}

static void files_say_who_took_part(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	put_file(f, "media/Heat (1995).mkv", BOTH);
	scan(f);
	is_text(f, PEOPLE, "director Mary Baker, actor Tom Poole");
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search WHERE item_search MATCH '\"Mary Baker\"'"),
			 1);
	put_file(f, "media/Heat (1995).mkv", "ok people [" POOLE "]    "); /* tagged anew */
	scan(f);
	is_text(f, PEOPLE, "actor Tom Poole");
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search WHERE item_search MATCH '\"Mary Baker\"'"),
			 0);
	fixture_free(f);
}

/* Versions together; a file that becomes another film takes its people along. */
static void they_follow_the_file(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	put_file(f, "media/Heat (1995).mkv", "ok people [" BAKER "]");
	put_file(f, "media/Heat (1995) 720p.mkv", "ok people [" POOLE "] ");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 1);
	is_text(f, PEOPLE, "director Mary Baker, actor Tom Poole");
	move_file(f, "media/Heat (1995) 720p.mkv", "media/Ronin (1998).mkv");
	scan(f);
	is_text(f,
		"SELECT group_concat(i.title || ' ' || p.name, ', ') FROM items i JOIN item_people p ON "
		"p.item_id = i.id "
		"ORDER BY i.title",
		"Heat Mary Baker, Ronin Tom Poole");
	fixture_free(f);
}

static void what_a_person_set_stays(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	put_file(f, "media/Heat (1995).mkv", BOTH);
	scan(f);
	set_people(f, "[\"Ann Lee\"]");
	is_text(f, PEOPLE, " Ann Lee");
	f->full = true;
	scan(f);
	is_text(f, PEOPLE, " Ann Lee");
	set_people(f, "[]"); /* nobody at all */
	scan(f);
	is_text(f, PEOPLE, "");
	fixture_free(f);
}

/* What a worker answers is not believed. */
static void odd_answers_are_left_out(void **state)
{
	static const char *const odd[] = {
		"[1, null, [], {}]",
		"[{\"name\": 5, \"role\": \"actor\"}, {\"name\": \"\", \"role\": \"actor\"}]",
		"[{\"name\": \"x\"}, {\"role\": \"actor\"}, {\"name\": \"x\", \"role\": \"\"}]",
		"[{\"name\": {\"a\": 1}, \"role\": [\"actor\"]}]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		struct fixture *f = fixture_new("movies");
		char content[300];

		snprintf(content, sizeof(content), "ok people %s", odd[i]);
		put_file(f, "media/Heat (1995).mkv", content);
		scan(f);
		assert_int_equal(ask(f, "SELECT count(*) FROM items"), 1);
		assert_int_equal(ask(f, "SELECT count(*) FROM item_people"), 0);
		fixture_free(f);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_say_who_took_part),
		cmocka_unit_test(they_follow_the_file),
		cmocka_unit_test(what_a_person_set_stays),
		cmocka_unit_test(odd_answers_are_left_out),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
