/* Items changed by people: fields, history, many at once and back again, made by hand, what folders say. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "library/editing.h"
#include "library/folder_hints.h"

static json_t *parse(const char *text)
{
	struct err err = { 0 };
	json_t *json = json_parse(text, strlen(text), &err);

	if (!json)
		fail_msg("%s: %s", text, err.text);
	return json;
}

static bool change(struct fixture *f, int64_t id, const char *changes)
{
	CLEANUP(json_cleanup) json_t *json = parse(changes);
	struct err err = { 0 };
	bool changed;

	test_ok(editing_change(f->db, id, json, "test", &changed, &err), &err);
	return changed;
}

static void is_refused(struct fixture *f, int64_t id, const char *changes, enum err_code code,
		       const char *part)
{
	CLEANUP(json_cleanup) json_t *json = parse(changes);
	struct err err = { 0 };
	bool changed;

	assert_true(editing_change(f->db, id, json, "test", &changed, &err) < 0);
	assert_int_equal(err.code, code);
	if (!strstr(err.text, part))
		fail_msg("'%s' does not say '%s'", err.text, part);
	assert_false(changed);
}

static struct fixture *library(void)
{
	struct fixture *f = fixture_new("auto");

	put_file(f, "media/Gunsmoke/Gunsmoke S01E01 Matt Gets It.mkv", "ok 1");
	put_file(f, "media/Gunsmoke/Gunsmoke S01E02 Hot Spell.mkv", "ok 2");
	put_file(f, "media/Heat (1995).mkv", "ok 3");
	put_file(f, "media/Alien (1979).mkv", "ok 4");
	scan(f);
	return f;
}

static int64_t id_of(struct fixture *f, const char *title)
{
	char sql[200];

	snprintf(sql, sizeof(sql),
		 "SELECT id FROM items WHERE ifnull(episode_title, title) = '%s' AND kind <> 'season'",
		 title);
	return ask(f, sql);
}

static void is_text(struct fixture *f, const char *sql, const char *wanted)
{
	CLEANUP(cleanup_free) char *text = ask_text(f, sql);

	assert_string_equal(text, wanted);
}

static void a_shows_new_title_is_its_episodes(void **state)
{
	struct fixture *f = library();
	int64_t show = ask(f, "SELECT id FROM items WHERE kind = 'show'");

	(void)state;
	assert_true(change(f, id_of(f, "Hot Spell"), "{\"title\": \"A Special\"}"));
	assert_true(change(f, show, "{\"title\": \"The Marshal\"}"));
	is_text(f, "SELECT group_concat(title || '/' || sort_title, ' ') FROM (SELECT * FROM items WHERE kind = 'episode' ORDER BY episode)",
		"The Marshal/marshal A Special/special");
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search WHERE item_search MATCH '\"The Marshal S01E01\"'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search WHERE item_search MATCH '\"Gunsmoke\"'"), 0);
	fixture_free(f);
}

static void one_item_is_changed_and_it_is_noted(void **state)
{
	struct fixture *f = library();
	int64_t heat = id_of(f, "Heat");
	struct err err = { 0 };
	CLEANUP(json_cleanup) json_t *history = NULL, *item = NULL;
	const json_t *last;

	(void)state;
	assert_true(change(f, heat,
			   "{\"daypart\":\"Evening\",\"rating\":\"R\",\"tags\":[\"crime\",\"Pacino\"],"
			   "\"expires\":\"2030-01-01T00:00:00Z\",\"notes\":\"long\\nnote\",\"people\":["
			   "\"Michael Mann\"]}"));
	assert_false(change(
		f, heat, "{\"daypart\":\"evening\",\"tags\":[\"pacino\",\"crime\"]}")); /* it is so already */
	assert_true(change(f, heat, "{\"add_tags\":[\"1995\"],\"remove_tags\":[\"CRIME\"],\"rating\":null}"));
	is_text(f, "SELECT daypart FROM items WHERE title = 'Heat'", "evening"); /* the usual spelling */
	is_text(f, "SELECT group_concat(tag) FROM item_tags", "1995,Pacino");
	assert_int_equal(ask(f, "SELECT expires_ms FROM items WHERE title = 'Heat'"), INT64_C(1893456000000));
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE rating IS NOT NULL"), 0);
	is_text(f, "SELECT source FROM items WHERE title = 'Heat'",
		"file"); /* the name still says what it is */
	history = metadata_history_json(f->db, heat, 10, 0, &err);
	assert_int_equal(json_int(history, "total", 0), 2);
	last = json_array_get(json_object_get(history, "items"), 0);
	assert_string_equal(json_text(json_object_get(last, "before"), "rating", ""), "R");
	assert_true(json_is_null(json_object_get(json_object_get(last, "after"), "rating")));
	assert_null(json_object_get(json_object_get(last, "after"), "daypart"));
	item = items_json(f->db, heat, &err);
	assert_string_equal(json_text(item, "expires", ""), "2030-01-01T00:00:00.000Z");
	assert_string_equal(json_text(item, "notes", ""), "long\nnote");
	assert_string_equal(json_string_value(json_array_get(json_object_get(item, "people"), 0)),
			    "Michael Mann");
	fixture_free(f);
}

static void a_title_that_people_gave_stays(void **state)
{
	struct fixture *f = library();

	(void)state;
	assert_true(change(f, id_of(f, "Heat"), "{\"title\":\"The Heat of L.A.\",\"year\":1996}"));
	is_text(f, "SELECT source || ' ' || sort_title FROM items WHERE year = 1996", "manual heat of l.a.");
	move_file(f, "media/Heat (1995).mkv", "media/Heat 2 (1995).mkv");
	f->full = true;
	scan(f);
	assert_int_equal(
		ask(f, "SELECT count(*) FROM items WHERE title = 'The Heat of L.A.' AND year = 1996"), 1);
	fixture_free(f);
}

static void what_cannot_be_is_refused(void **state)
{
	struct fixture *f = library();
	int64_t heat = id_of(f, "Heat");

	(void)state;
	is_refused(f, heat, "{\"colour\":\"red\"}", ERR_INVALID, "no field 'colour'");
	is_refused(f, heat, "{\"year\":\"1995\"}", ERR_INVALID, "'year' takes a whole number");
	is_refused(f, heat, "{\"expires\":\"soon\"}", ERR_INVALID, "'expires' takes a time");
	is_refused(f, heat, "{\"tags\":\"crime\"}", ERR_INVALID, "'tags' takes a list");
	is_refused(f, heat, "{\"tags\":[\"\"]}", ERR_INVALID, "'tags' takes texts");
	is_refused(f, heat, "{\"company\":\"a\\u001bb\"}", ERR_INVALID, "'company' takes a text");
	is_refused(f, heat, "{\"title\":null}", ERR_INVALID, "'title'");
	is_refused(f, heat, "{\"kind\":\"opera\"}", ERR_INVALID, "'kind' takes");
	is_refused(f, heat, "[]", ERR_USAGE, "object");
	is_refused(f, 4711, "{\"daypart\":\"evening\"}", ERR_NOT_FOUND, "no item 4711");
	assert_int_equal(ask(f, "SELECT count(*) FROM item_history"), 0);
	fixture_free(f);
}

static void many_are_changed_and_back(void **state)
{
	struct fixture *f = library();
	CLEANUP(json_cleanup)
	json_t *changes = parse("{\"set\":{\"daypart\":\"evening\"},\"add_tags\":[\"old\"]}"),
	       *edits = NULL;
	struct editing_result result;
	struct err err = { 0 };

	(void)state;
	change(f, id_of(f, "Heat"), "{\"daypart\":\"morning\",\"tags\":[\"crime\"]}");
	test_ok(editing_bulk(f->db, f->db, "kind:movie,episode", NULL, changes, "test", true, NULL, &result,
			     &err),
		&err);
	assert_int_equal(result.matched, 4);
	assert_int_equal(result.changed, 4);
	assert_int_equal(result.edit_id, 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE daypart = 'evening'"),
			 0); /* it was a rehearsal */
	assert_int_equal(ask(f, "SELECT count(*) FROM edits"), 0);
	test_ok(editing_bulk(f->db, f->db, "kind:movie,episode", NULL, changes, "test", false, NULL, &result,
			     &err),
		&err);
	assert_int_equal(result.changed, 4);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE daypart = 'evening'"), 4);
	change(f, id_of(f, "Alien"), "{\"daypart\":\"late_night\"}"); /* somebody went on */
	edits = edits_json(f->db, 10, 0, &err);
	assert_int_equal(json_int(json_array_get(json_object_get(edits, "items"), 0), "changed", 0), 4);
	test_ok(editing_undo(f->db, result.edit_id, "test", &result, &err), &err);
	assert_int_equal(result.matched, 4);
	is_text(f, "SELECT daypart FROM items WHERE title = 'Heat'", "morning");
	is_text(f, "SELECT daypart FROM items WHERE title = 'Alien'", "late_night"); /* theirs stays */
	is_text(f, "SELECT group_concat(tag) FROM item_tags", "crime");
	assert_true(editing_undo(f->db, result.edit_id, "test", &result, &err) < 0);
	assert_int_equal(err.code, ERR_CONFLICT);
	err_clear(&err);
	assert_true(editing_bulk(f->db, f->db, "yaer:1", NULL, changes, "test", false, NULL, &result, &err) <
		    0);
	assert_int_equal(err.code, ERR_USAGE);
	fixture_free(f);
}

static void items_are_made_by_hand(void **state)
{
	struct fixture *f = library();
	CLEANUP(json_cleanup)
	json_t *film = parse(
		       "{\"title\":\"The Lost Reel\",\"year\":1921,\"rating\":\"g\",\"tags\":[\"silent\"]}"),
	       *episode = parse("{\"kind\":\"episode\",\"show\":\"Gunsmoke\",\"season\":1,\"episode\":9,"
				"\"episode_title\":\"Found\"}"),
	       *bad = parse("{\"year\":1921}");
	struct err err = { 0 };
	int64_t id;

	(void)state;
	test_ok(editing_add(f->db, film, "test", &id, &err), &err);
	is_text(f, "SELECT kind || source || rating || sort_title FROM items WHERE year = 1921",
		"moviemanualGlost reel");
	test_ok(editing_add(f->db, episode, "test", &id, &err), &err);
	is_text(f,
		"SELECT i.title || ' ' || s.kind || ' ' || h.title FROM items i JOIN items s ON s.id = "
		"i.parent_id "
		"JOIN items h ON h.id = s.parent_id WHERE i.episode_title = 'Found'",
		"Gunsmoke season Gunsmoke");
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'show'"), 1);
	assert_true(editing_add(f->db, bad, "test", &id, &err) < 0);
	assert_int_equal(err.code, ERR_INVALID);
	fixture_free(f);
}

static void values_are_the_usual_ones_and_those_in_use(void **state)
{
	struct fixture *f = library();
	struct err err = { 0 };
	CLEANUP(json_cleanup) json_t *values = NULL;
	const json_t *dayparts;

	(void)state;
	change(f, id_of(f, "Heat"), "{\"daypart\":\"prime time\",\"company\":\"Acme\"}");
	test_ok(metadata_value_add(f->db, "daypart", "breakfast", &err), &err);
	assert_true(metadata_value_add(f->db, "title", "x", &err) < 0);
	values = editing_values(f->db, &err);
	dayparts = json_object_get(values, "daypart");
	assert_int_equal(json_array_size(dayparts), 6);
	assert_string_equal(json_string_value(json_array_get(dayparts, 0)), "morning");
	assert_string_equal(json_string_value(json_array_get(json_object_get(values, "company"), 0)), "Acme");
	fixture_free(f);
}

static const struct {
	const char *root_kind, *path, *said; /* company|category|daypart|air_season|rating|tag */
} folders[] = {
	{ "auto", "Library/Commercials/Acme/30s/Soap.mkv", "Acme|-|-|-|-|30s" },
	{ "auto", "Library/Commercials/Acme Foods Ltd/Food/:15/Soap.mkv", "Acme Foods Ltd|food|-|-|-|15s" },
	{ "auto", "Library/Commercials/60 sec/Acme/Soap.mkv", "Acme|-|-|-|-|60s" },
	{ "auto", "Library/Commercials/Soap.mkv", NULL },
	{ "commercials", "Spots/Acme/Soap.mkv", "Acme|-|-|-|-|-" },
	{ "auto", "Library/Dayparts/Late Night/Talk.mkv", "-|-|late_night|-|-|-" },
	{ "auto", "Library/Dayparts/Morning/Commercials/Acme/Soap.mkv", "Acme|-|morning|-|-|-" },
	{ "auto", "Library/Seasonal/Holiday/Film (1999).mkv", "-|-|-|holiday|-|-" },
	{ "auto", "Library/Ratings/PG-13/Film (1999).mkv", "-|-|-|-|PG-13|-" },
	{ "auto", "Library/Bumpers/Acme/In.mkv", NULL },
	{ "auto", "Library/Shows/30 Rock/Season 1/30 Rock S01E01.mkv", NULL },
	{ "auto", "Library/Dayparts/Talk.mkv", NULL },
};

static const char *or_dash(const char *text)
{
	return text ? text : "-";
}

static void folders_say(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		struct arena arena = { 0 };
		struct metadata_hints h;
		char said[200];

		if (folder_hints_of(folders[i].root_kind, folders[i].path, &arena, &h) !=
		    (folders[i].said != NULL))
			fail_msg("%s: company %s, tag %s", folders[i].path, or_dash(h.company),
				 or_dash(h.tag));
		snprintf(said, sizeof(said), "%s|%s|%s|%s|%s|%s", or_dash(h.company), or_dash(h.category),
			 or_dash(h.daypart), or_dash(h.air_season), or_dash(h.rating), or_dash(h.tag));
		assert_string_equal(said, folders[i].said ? folders[i].said : "-|-|-|-|-|-");
		arena_free(&arena);
	}
	put_file(f, "media/Commercials/Acme/30s/Soap.mkv", "ok 1");
	scan(f);
	is_text(f, "SELECT kind || ' ' || company FROM items", "commercial Acme");
	is_text(f, "SELECT tag FROM item_tags", "30s");
	change(f, ask(f, "SELECT id FROM items"), "{\"company\":\"Acme Inc\"}");
	f->full = true;
	scan(f);
	is_text(f, "SELECT company FROM items", "Acme Inc"); /* what people say stays */
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_shows_new_title_is_its_episodes),
		cmocka_unit_test(one_item_is_changed_and_it_is_noted),
		cmocka_unit_test(a_title_that_people_gave_stays),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(many_are_changed_and_back),
		cmocka_unit_test(items_are_made_by_hand),
		cmocka_unit_test(values_are_the_usual_ones_and_those_in_use),
		cmocka_unit_test(folders_say),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
