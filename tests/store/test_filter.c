/* The language of filters: what it reads, what it says of what it cannot read, and what the store finds by
 * it. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "store/filter.h"
#include "store/items.h"
#include "store/rating.h"

#define NOW INT64_C(1764000000000)

/* Text and the tree as text; NULL: the same text. */
static const struct {
	const char *text, *tree;
} trees[] = {
	{ "", "" },
	{ "   ", "" },
	{ "wire", "\"wire\"" },
	{ "the wire", "\"the\" \"wire\"" },
	{ "\"the wire\"", NULL },
	{ "\"the \\\"wire\\\"\"", NULL },
	{ "\"still typ", "\"still typ\"" },
	{ "Mission: Impossible", "\"Mission:\" \"Impossible\"" },
	{ "truth or dare", "\"truth\" \"or\" \"dare\"" },
	{ "truth OR dare", "(\"truth\" OR \"dare\")" },
	{ "a | b", "(\"a\" OR \"b\")" },
	{ "kind:movie or kind:show", "(kind:\"movie\" OR kind:\"show\")" },
	{ "or", "\"or\"" },
	{ "Spider-Man", "\"Spider-Man\"" },
	{ "-wire", "NOT \"wire\"" },
	{ "NOT wire", "NOT \"wire\"" },
	{ "--wire", "NOT NOT \"wire\"" },
	{ "- wire", "\"-\" \"wire\"" },
	{ "-(a b)", "NOT (\"a\" \"b\")" },
	{ "a AND b", "\"a\" \"b\"" },
	{ "kind:episodes", "kind:\"episode\"" },
	{ "KIND:Movie", "kind:\"movie\"" },
	{ "kind:movie,show", "(kind:\"movie\" OR kind:\"show\")" },
	{ "tag:\"old west\"", NULL },
	{ "tag:=western", "tag:\"western\"" },
	{ "title:wire", NULL },
	{ "title:\"The Wire\"", NULL },
	{ "title:the*", NULL },
	{ "daypart:none", NULL },
	{ "daypart:any", NULL },
	{ "year:1978..1983", "year:#1978..1983" },
	{ "year:1978..", "year:#1978..9223372036854775807" },
	{ "year:..1983", "year:#-9223372036854775808..1983" },
	{ "year:1978", "year:#1978..1978" },
	{ "height:>=720", "height:#720..9223372036854775807" },
	{ "height:<720p", "height:#-9223372036854775808..719" },
	{ "height:4k", "height:#2160..2160" },
	{ "size:>2GB", "size:#3000000000..9223372036854775807" },
	{ "size:700M..1.5G", "size:#700000000..1599999999" },
	{ "duration:<30m", "duration:#-9223372036854775808..1799999" },
	{ "duration:1:30:00", "duration:#5400000..5400999" },
	{ "duration:30", "duration:#30000..30999" },
	{ "fps:23.976..25", "fps:#23976..25999" },
	{ "rating:<=PG-13", "rating:#-9223372036854775808..13" },
	{ "rating:R", "rating:\"R\"" },
	{ "codec:x265", "codec:\"hevc\"" },
	{ "added:<7d", "added:#1763395200000..9223372036854775807" },
	{ "added:>1w", "added:#-9223372036854775808..1763395200000" },
	{ "added:7d", "added:#1763395200000..9223372036854775807" },
	{ "expires:<7d", "expires:#-9223372036854775808..1764604800000" },
	{ "added:2024", "added:#1704067200000..1735689599999" },
	{ "added:2024-02", "added:#1706745600000..1709251199999" },
	{ "aired:1999-12-31", "aired:#946598400000..946684799999" },
	{ "added:2024-01-01..2024-01-31", "added:#1704067200000..1706745599999" },
	{ "is:duplicate -is:missing", "is:duplicate NOT is:missing" },
	{ "has:chapters has:rating", NULL },
	{ "(kind:movie year:1999) wire", "(kind:\"movie\" year:#1999..1999) \"wire\"" },
	{ "kind:episode year:1978..1983 tag:western daypart:evening height:>=720 -rating:R \"exact words\" "
	  "words",
	  "kind:\"episode\" year:#1978..1983 tag:\"western\" daypart:\"evening\" "
	  "height:#720..9223372036854775807 "
	  "NOT rating:\"R\" \"exact words\" \"words\"" },
};

static void texts_have_their_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		struct arena arena = { 0 };
		struct filter filter, again;
		struct err err = { 0 };
		const char *tree;

		if (filter_parse(trees[i].text, NOW, &arena, &filter, &err) < 0)
			fail_msg("%s: %s", trees[i].text, err.text);
		tree = filter_format(&filter, &arena);
		if (strcmp(tree, trees[i].tree ? trees[i].tree : trees[i].text) != 0)
			fail_msg("%s: %s", trees[i].text, tree);
		if (filter_parse(tree, NOW, &arena, &again, &err) < 0)
			fail_msg("%s: %s", tree, err.text);
		assert_string_equal(filter_format(&again, &arena), tree);
		arena_free(&arena);
	}
}

static const struct {
	const char *text, *sentence;
} faults[] = {
	{ "yaer:1978", "search, at character 1: there is no field 'yaer'; did you mean 'year:'?" },
	{ "\xc3\xa4 CSI:Miami",
	  "search, at character 3: there is no field 'CSI'; put the words in quotes to look for them" },
	{ "kind:movie year:abc", "search, at character 17: 'year:' takes a number, not 'abc'" },
	{ "year:1983..1978", "search, at character 6: the range '1983..1978' ends before it begins" },
	{ "year:..", "search, at character 6: 'year:' takes a number, not '..'" },
	{ "size:>2XB", "search, at character 6: 'size:' takes a size as 700M or 2GB, not '2XB'" },
	{ "duration:soon",
	  "search, at character 10: 'duration:' takes a length as 90s, 30m, 1:30:00 or 2h, not 'soon'" },
	{ "added:2024-13",
	  "search, at character 7: 'added:' takes a date as 2024, 2024-05-31, today or 7d, not '2024-13'" },
	{ "rating:>Z", "search, at character 8: 'rating:' takes a rating as PG-13 or TV-14, not 'Z'" },
	{ "kind:movie,", "search, at character 12: a value is wanted after 'kind:'" },
	{ "(a b", "search, at character 1: this parenthesis is not closed" },
	{ "a) b", "search, at character 2: there is no parenthesis that this one closes" },
	{ "a OR", "search, at character 5: something is wanted before and after 'OR'" },
	{ "OR a", "search, at character 1: something is wanted before and after 'OR'" },
	{ "a NOT", "search, at character 3: something is wanted after this" },
	{ "((((((((((((((((((((((((((a))))))))))))))))))))))))))",
	  "search, at character 26: more than 24 levels of parentheses and negations" },
};

static void faults_name_the_place(void **state)
{
	struct arena arena = { 0 };
	struct filter filter;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		err_clear(&err);
		if (filter_parse(faults[i].text, NOW, &arena, &filter, &err) == 0)
			fail_msg("%s is fine", faults[i].text);
		assert_string_equal(err.text, faults[i].sentence);
		assert_int_equal(err.code, ERR_USAGE);
	}
	err_clear(&err);
	assert_true(filter_parse("is:nothing", NOW, &arena, &filter, &err) < 0);
	assert_non_null(strstr(err.text, "missing, unknown, duplicate"));
	arena_free(&arena);
}

static void ratings_have_an_order(void **state)
{
	(void)state;
	assert_true(rating_age("pg 13") == rating_age("PG-13"));
	assert_int_equal(rating_age("unheard of"), -1);
	assert_int_equal(rating_age(NULL), -1);
	for (size_t i = 0; rating_names[i + 1]; i++)
		assert_true(rating_age(rating_names[i]) <= rating_age(rating_names[i + 1]));
}

/* ---- in the store ---- */

static void put_library(struct fixture *f)
{
	put_file(f, "media/Gunsmoke/Gunsmoke S01E01 Matt Gets It.mkv", "ok 1");
	put_file(f, "media/Gunsmoke/Gunsmoke S01E02 Hot Spell.mkv", "ok 2");
	put_file(f, "media/Dallas (1978)/Dallas S02E05 Bypass.mkv", "ok 3");
	put_file(f, "media/Heat (1995).mkv", "ok 4");
	put_file(f, "media/Alien (1979).mkv", "ok 5");
	put_file(f, "media/Broken (2000).mkv", "no media");
	put_file(f, "media/Copy/Alien again (1979).mkv", "ok 5");
	put_file(f, "spots/Acme Soap.mkv", "ok 9");
	scan(f);
	ask(f, "UPDATE items SET daypart = 'evening', rating = 'TV-PG' WHERE kind = 'show' AND title = "
	       "'Gunsmoke'");
	ask(f, "UPDATE items SET daypart = 'morning' WHERE episode_title = 'Hot Spell'");
	ask(f, "UPDATE items SET rating = 'R', expires_ms = 1000 WHERE title = 'Heat'");
	ask(f, "INSERT INTO item_tags SELECT id, 'Western' FROM items WHERE kind = 'show' AND title = "
	       "'Gunsmoke'");
	ask(f, "INSERT INTO item_tags SELECT id, 'old west' FROM items WHERE title = 'Heat'");
	ask(f,
	    "INSERT INTO item_people SELECT id, 'Ridley Scott', 'director' FROM items WHERE title = 'Alien'");
	ask(f,
	    "UPDATE probes SET height = 1080, streams = '[{\"type\":\"audio\",\"language\":\"ger\"}]' WHERE "
	    "file_id = "
	    "(SELECT x.file_id FROM item_files x JOIN items i ON i.id = x.item_id WHERE i.title = 'Alien')");
	ask(f, "UPDATE files SET sample_hash = CASE WHEN instr(path, CAST('Alien' AS BLOB)) THEN 'alien' "
	       "ELSE 'of ' || id END");
	ask(f, "UPDATE items SET hidden = 1 WHERE title = 'Acme Soap'");
	ask(f, "INSERT INTO validations SELECT x.file_id, 'failed', '[]', 1, 1, 1 FROM item_files x JOIN "
	       "items i "
	       "ON i.id = x.item_id WHERE i.title = 'Heat'");
	ask(f, "UPDATE items SET air_date = '1999-05-31' WHERE title = 'Heat'");
}

/* Titles of what is found, episodes by theirs; in order of title. */
static const struct {
	const char *filter, *found;
} finds[] = {
	{ "kind:episode", "Bypass, Matt Gets It, Hot Spell" },
	{ "kind:movie year:1970..1999 -heat", "Alien, Alien again" },
	{ "daypart:evening kind:episode", "Matt Gets It" },
	{ "daypart:morning", "Hot Spell" },
	{ "daypart:none kind:movie height:1080", "Alien" },
	{ "tag:western kind:episode", "Matt Gets It, Hot Spell" },
	{ "tag:\"old west\"", "Heat" },
	{ "tag:old*", "Heat" },
	{ "-tag:any kind:movie", "Alien, Alien again, Broken" },
	{ "show:gunsmoke", "Matt Gets It, Hot Spell" },
	{ "show:smoke", "Matt Gets It, Hot Spell" },
	{ "show:\"smoke\"", "" },
	{ "show:Gun*", "Matt Gets It, Hot Spell" },
	{ "year:1978", "Bypass, Dallas" },
	{ "rating:<=PG kind:episode", "Matt Gets It, Hot Spell" },
	{ "rating:>=R", "Heat" },
	{ "kind:movie -rating:R", "Alien, Alien again, Broken" },
	{ "height:>=720", "Alien" },
	{ "lang:de", "Alien" },
	{ "lang:ger", "Alien" },
	{ "lang:any", "Alien" },
	{ "person:scott", "Alien" },
	{ "is:failed", "Broken" },
	{ "is:duplicate", "Alien, Alien again" },
	{ "is:hidden", "Acme Soap" },
	{ "is:hidden soap", "Acme Soap" },
	{ "is:hidden -soap", "" },
	{ "is:invalid", "Heat" },
	{ "is:expired", "Heat" },
	{ "is:missing", "" },
	{ "is:playable kind:movie", "Alien, Alien again, Heat" },
	{ "has:tag kind:movie", "Heat" },
	{ "-has:files", "Dallas, Gunsmoke" },
	{ "codec:h264 kind:movie", "Alien, Alien again, Heat" },
	{ "duration:30m kind:movie", "Alien, Alien again, Heat" },
	{ "duration:<30m", "" },
	{ "size:<1MB kind:movie heat", "Heat" },
	{ "aired:1999-05", "Heat" },
	{ "aired:<1999-05", "" },
	{ "aired:>=1999-05-31", "Heat" },
	{ "added:<1d kind:movie heat", "Heat" },
	{ "added:>1d", "" },
	{ "path:Copy", "Alien again" },
	{ "root:spots is:hidden", "Acme Soap" },
	{ "root:1 heat", "Heat" },
	{ "(heat OR alien) -again", "Alien, Heat" },
	{ "heat | bypass", "Bypass, Heat" },
	{ "\"matt gets\"", "Matt Gets It" },
	{ "\"gets matt\"", "" },
	{ "gets matt", "Matt Gets It" },
	{ "western kind:show", "" },
	{ "title:heat,broken", "Broken, Heat" },
	{ "id:none", "" },
	{ "100% _ \\", "" },
};

static void found(struct fixture *f, const char *search, const char *wanted)
{
	struct err err = { 0 };
	CLEANUP(json_cleanup)
	json_t *list =
		items_list_json(f->db, &(struct item_query) { .search = search, .sort = "title" }, &err);
	CLEANUP(buf_free) struct buf text = { 0 };
	const json_t *items = json_object_get(list, "items");

	if (!list)
		fail_msg("%s: %s", search, err.text);
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);

		buf_addf(&text, "%s%s", i ? ", " : "",
			 json_text(item, "episode_title", json_text(item, "title", "")));
	}
	if (strcmp(buf_text(&text), wanted) != 0)
		fail_msg("%s finds '%s', not '%s'", search, buf_text(&text), wanted);
	assert_int_equal(json_int(list, "total", -1), json_array_size(items));
}

static void the_store_finds(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	fixture_add_root(f, "spots", "commercials");
	put_library(f);
	for (size_t i = 0; i < ARRAY_LEN(finds); i++)
		found(f, finds[i].filter, finds[i].found);
	ask(f, "UPDATE files SET state = 'missing'");
	found(f, "is:missing kind:movie heat", "Heat");
	fixture_free(f);
}

static void channels_take_filters(void **state)
{
	struct fixture *f = fixture_new("auto");
	struct arena arena = { 0 };
	struct playable_list list;
	struct err err = { 0 };

	(void)state;
	fixture_add_root(f, "spots", "commercials");
	put_library(f);
	test_ok(items_playable(f->db, &(struct item_query) { .search = "daypart:evening,morning" }, &arena,
			       &list, &err),
		&err);
	assert_int_equal(list.count, 2);
	test_ok(items_playable(f->db, &(struct item_query) { .search = "year:1979 OR heat" }, &arena, &list,
			       &err),
		&err);
	assert_int_equal(list.count, 3);
	assert_true(items_playable(f->db, &(struct item_query) { .search = "year:x" }, &arena, &list, &err) <
		    0);
	assert_int_equal(err.code, ERR_USAGE);
	arena_free(&arena);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_have_their_trees), cmocka_unit_test(faults_name_the_place),
		cmocka_unit_test(ratings_have_an_order),  cmocka_unit_test(the_store_finds),
		cmocka_unit_test(channels_take_filters),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
