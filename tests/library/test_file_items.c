/* Filing: what root, folders and names make of a file; parts, versions, renames; chapters; titles. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "library/chapters.h"
#include "library/folder_kind.h"
#include "library/media_type.h"
#include "library/title.h"

static const struct row {
	const char *root, *path, *wanted; /* kind|title|year|season|episode|last|date|episode title|hidden */
} rows[] = {
	{ "auto", "The Wire/Season 2/The.Wire.S02E05.Undertow.720p.mkv", "episode|The Wire||2|5|||Undertow|0" },
	{ "auto", "the wire/the.wire.1x02.mkv", "episode|The Wire||1|2||||0" },
	{ "auto", "Show/Show S01E01E02.mkv", "episode|Show||1|1|2|||0" },
	{ "auto", "daily.show.2011.04.12.mkv", "episode|Daily Show|2011||||2011-04-12||0" },
	{ "auto", "Heat (1995).mkv", "movie|Heat|1995||||||0" },
	{ "auto", "Ads/acme_cola.mp4", "commercial|Acme Cola|||||||0" },
	{ "auto", "tv/COMMERCIALS/Cola S01E01.mp4", "commercial|Cola S01E01|||||||0" },
	{ "auto", "Bumpers/night.mkv", "bumper|Night|||||||0" },
	{ "auto", "Station IDs/one.mkv", "ident|One|||||||0" },
	{ "auto", "Promos/soon.mkv", "promo|Soon|||||||0" },
	{ "auto", "filler/fish.mkv", "filler|Fish|||||||0" },
	{ "auto", "Album/03 Song.flac", "track|03 Song|||||||0" },
	{ "auto", "Heat (1995)/Trailers/One.mkv", "other|One|||||||1" },
	{ "auto", "Heat (1995)/Heat-trailer.mkv", "other|Heat-trailer|||||||1" },
	{ "auto", "Heat (1995)/sample.mkv", "other|Sample|||||||1" },
	{ "auto", "The Interview (2014).mkv", "movie|The Interview|2014||||||0" },
	{ "auto", "Shorts/Luxo.mkv", "movie|Luxo|||||||0" },
	{ "auto", "Deleted/Luxo.mkv", "movie|Luxo|||||||0" },
	{ "auto", "Sample/Luxo (1999).mkv", "movie|Luxo|1999||||||0" },
	{ "auto", "Extras/Season 1/Extras S01E02.mkv", "episode|Extras||1|2||||0" },
	{ "auto", "Extras/Luxo.mkv", "movie|Luxo|||||||0" },
	{ "auto", "Heat (1995)/Extras/One.mkv", "other|One|||||||1" },
	{ "auto", "Heat (1995)/sample-heat.1995.mkv", "other|Sample-heat 1995|||||||1" },
	{ "movies", "Cube 2.mkv", "movie|Cube 2|||||||0" },
	{ "shows", "Planet Earth (2006)/Pole to Pole.mkv", "episode|Planet Earth||||||Pole to Pole|0" },
	{ "shows", "Naruto/Naruto 045.mkv", "episode|Naruto|||45||||0" },
	{ "shows", "Copper Valley/[Ember] Copper Valley - OVA 02 [720p].mkv", "episode|Copper Valley||0||||OVA 02|0" },
	{ "shows", "Copper Valley/[Ember] Copper Valley - 12.5 [720p].mkv", "episode|Copper Valley||0||||12.5|0" },
	{ "auto", "Heat (1995)/VIDEO_TS/VTS_01_1.VOB", "movie|Heat|1995||||||0" },
	{ "commercials", "1980s/sample.mkv", "commercial|Sample|||||||0" },
	{ "music", "Live/Concert (2001).mkv", "track|Concert (2001)|||||||0" },
};

#define DESCRIBED \
	"SELECT i.kind || '|' || i.title || '|' || ifnull(i.year, '') || '|' || ifnull(i.season, '') || '|' || " \
	"ifnull(i.episode, '') || '|' || ifnull(i.episode_last, '') || '|' || ifnull(i.air_date, '') || '|' || " \
	"ifnull(i.episode_title, '') || '|' || i.hidden FROM items i JOIN item_files x ON x.item_id = i.id"

static void rows_are_filed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture *f = fixture_new(rows[i].root);
		CLEANUP(cleanup_free) char *text = NULL;
		char path[300];

		snprintf(path, sizeof(path), "media/%s", rows[i].path);
		put_file(f, path, "ok");
		scan(f);
		text = ask_text(f, DESCRIBED);
		if (strcmp(text, rows[i].wanted) != 0)
			fail_msg("%s: %s instead of %s", rows[i].path, text, rows[i].wanted);
		fixture_free(f);
	}
}

static void a_roots_name_hides_nothing(void **state)
{
	static const char *const names[] = { "deleted", "sample", "extras", "trailers", "other" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct fixture *f = fixture_new("auto");
		char path[100];

		snprintf(path, sizeof(path), "media/%s/Luxo (1999).mkv", names[i]);
		put_file(f, path, "ok");
		test_ok(db_run(f->db, NULL, "UPDATE roots SET path = CAST(CAST(path AS TEXT) || '/' || ? AS BLOB)", "t", names[i]), NULL);
		scan(f);
		assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'movie' AND hidden = 0 AND year = 1999"), 1);
		fixture_free(f);
	}
}

/* A root called "films" may have a folder of shows, and one called "tv" a folder of films. */
static void folders_say_more_than_the_roots_name(void **state)
{
	static const struct {
		const char *root, *path, *kind;
	} roots[] = {
		{ "films", "Shows/Saw Mill/Saw Mill S01E02.mkv", "episode" },
		{ "films", "Saw Mill S01E02.mkv", "movie" },
		{ "tv", "Movies/Saw 3x01 (2004).mkv", "movie" },
		{ "tv", "Shows/Films/Saw Mill S01E02.mkv", "episode" },
	};
	const char *item_kind;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
		struct fixture *f = fixture_new("auto");
		char path[100], count[120];

		snprintf(path, sizeof(path), "media/%s/%s", roots[i].root, roots[i].path);
		put_file(f, path, "ok");
		test_ok(db_run(f->db, NULL, "UPDATE roots SET path = CAST(CAST(path AS TEXT) || '/' || ? AS BLOB)", "t", roots[i].root), NULL);
		scan(f);
		snprintf(count, sizeof(count), "SELECT count(*) FROM items i JOIN item_files x ON x.item_id = i.id WHERE kind = '%s'",
			 roots[i].kind);
		if (ask(f, count) != 1)
			fail_msg("%s is no %s", path, roots[i].kind);
		fixture_free(f);
	}
	assert_int_equal(folder_kind_of("auto", "films/x.mkv", &item_kind), FOLDER_MOVIES);
}

static void shows_and_seasons_are_parents(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/The Office (2005)/Season 1/the office s01e01.mkv", "ok");
	put_file(f, "media/The Office (2005)/Season 1/The.Office.S01E02.mkv", "ok");
	put_file(f, "media/The Office (2005)/Season 2/THE OFFICE S02E01.mkv", "ok");
	put_file(f, "media/The Office (2001)/The Office S01E01.mkv", "ok");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'show'"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'season'"), 3);
	assert_int_equal(ask(f, "SELECT count(*) FROM items e JOIN items s ON s.id = e.parent_id JOIN items w ON "
				"w.id = s.parent_id WHERE e.kind = 'episode' AND s.kind = 'season' AND "
				"s.season = e.season AND w.kind = 'show' AND w.year = 2005"),
			 3);
	fixture_free(f);
}

static void parts_and_versions_share_an_item(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/Heat (1995)/Heat.1995.cd1.avi", "chapters 1");
	put_file(f, "media/Heat (1995)/Heat.1995.cd2.avi", "chapters 2");
	put_file(f, "media/Show/Show S01E01.mkv", "ok");
	put_file(f, "media/Show/Show S01E01 1080p.mkv", "ok!");
	put_file(f, "media/a/Untitled Film cd1.avi", "ok a1");
	put_file(f, "media/a/Untitled Film cd2.avi", "ok a2");
	put_file(f, "media/b/Untitled Film cd1.avi", "ok b1");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'movie'"), 3);
	assert_int_equal(ask(f, "SELECT sum(item_files.part) FROM item_files JOIN items ON id = item_id WHERE title = 'Heat'"), 3);
	assert_int_equal(ask(f, "SELECT duration_ms FROM items WHERE title = 'Heat'"), 3600000);
	assert_int_equal(ask(f, "SELECT duration_ms FROM items WHERE kind = 'episode'"), 1800000);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'episode'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM markers"), 0);
	fixture_free(f);
}

static void a_renamed_show_leaves_no_empty_one(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/Wrong/Wrong S01E01.mkv", "ok");
	scan(f);
	move_file(f, "media/Wrong/Wrong S01E01.mkv", "media/Right/Right S01E01.mkv");
	scan(f);
	assert_int_equal(f->totals.moved, 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE title = 'Wrong'"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'show'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'season'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search WHERE text LIKE '%Wrong%'"), 0);
	fixture_free(f);
}

static void a_version_that_is_renamed_leaves_the_item(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_file(f, "media/Heat (1995).mkv", "ok 1");
	put_file(f, "media/Heat (1995) 720p.mkv", "ok 22");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 1);
	move_file(f, "media/Heat (1995) 720p.mkv", "media/Ronin (1998).mkv");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 2);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_files"), 2);
	fixture_free(f);
}

/* A special has an episode's number, and is no version of it. */
static void specials_are_no_versions(void **state)
{
	struct fixture *f = fixture_new("shows");

	(void)state;
	put_file(f, "media/Copper Valley/[Ember] Copper Valley - 12 [720p].mkv", "ok 1");
	put_file(f, "media/Copper Valley/[Ember] Copper Valley - 12.5 [720p].mkv", "ok 22");
	put_file(f, "media/Copper Valley/[Ember] Copper Valley - OVA 12 [720p].mkv", "ok 333");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'episode'"), 3);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'episode' AND episode = 12"), 1);
	assert_int_equal(ask(f, "SELECT count(DISTINCT item_id) FROM item_files"), 3);
	fixture_free(f);
}

static void what_people_edited_stays(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *title = NULL;

	(void)state;
	put_file(f, "media/Heat (1995).mkv", "ok");
	scan(f);
	ask(f, "UPDATE items SET title = 'My film', source = 'manual'");
	move_file(f, "media/Heat (1995).mkv", "media/Other (1990).mkv");
	scan(f);
	title = ask_text(f, "SELECT title FROM items");
	assert_string_equal(title, "My film");
	fixture_free(f);
}

static void chapters_become_markers(void **state)
{
	struct fixture *f = fixture_new("auto");
	CLEANUP(cleanup_free) char *chapters = NULL, *breaks = NULL;

	(void)state;
	put_file(f, "media/a.mkv", "chapters");
	scan(f);
	chapters = ask_text(f, "SELECT group_concat(start_ms || title) FROM (SELECT * FROM markers WHERE "
			       "kind = 'chapter' ORDER BY start_ms)");
	breaks = ask_text(f, "SELECT group_concat(start_ms) FROM (SELECT * FROM markers WHERE kind = 'break' AND "
			     "source = 'chapter' ORDER BY start_ms)");
	assert_string_equal(chapters, "0One,300000Two,400000Three,900000,1750000Credits");
	assert_string_equal(breaks, "300000,900000");
	f->full = true;
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM markers"), 7);
	fixture_free(f);
}

static void bad_chapters_are_harmless(void **state)
{
	static const char *const texts[] = { "", "{}", "[1,2]", "[{\"start_ms\":-5}]", "[{\"start_ms\":99999999999}]",
					     "[{\"start_ms\":\"x\"}", "[{\"start_ms\":5,\"end_ms\":2},{\"start_ms\":5}]" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct probe probe = { .duration_ms = 1000000, .chapters = texts[i] };
		struct arena arena = { 0 };
		struct marker_list list;

		chapters_to_markers(&probe, &arena, &list);
		assert_true(list.count <= 1);
		arena_free(&arena);
	}
}

static void titles_sort(void **state)
{
	static const struct {
		const char *title, *sort;
	} titles[] = {
		{ "The Wire", "wire" },	     { "A Team", "team" },     { "An", "an" },
		{ "The", "the" },	     { "Die Hard 2", "hard 000002" },
		{ "Élite", "elite" },	     { "Los Ángeles 1999", "los angeles 001999" },
		{ "Les Misérables", "miserables" }, { "ÇA", "ca" }, { "ЖИЗНЬ", "жизнь" }, { "Škoda", "skoda" },
		{ "1234567", "1234567" },    { "Theatre", "theatre" },
	};
	struct arena arena = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(titles); i++)
		assert_string_equal(title_sort(titles[i].title, &arena), titles[i].sort);
	assert_string_equal(title_clean(" a\n\xff  b ", NULL, &arena), "a \xEF\xBF\xBD b");
	assert_string_equal(title_clean("\n\t", "", &arena), "Untitled");
	assert_string_equal(title_from_path("x/.mkv", &arena), "mkv");
	assert_string_equal(title_pretty("the wire", NULL, &arena), "The Wire");
	assert_string_equal(title_pretty("iCarly", NULL, &arena), "iCarly");
	arena_free(&arena);
}

static void extensions_are_known(void **state)
{
	static const struct {
		const char *name;
		enum media_type type;
	} names[] = {
		{ "a.mkv", MEDIA_VIDEO },   { "a.MKV", MEDIA_VIDEO }, { "a.3g2", MEDIA_VIDEO }, { "a.wv", MEDIA_AUDIO },
		{ "a.m2ts", MEDIA_VIDEO },  { "a.rmvb", MEDIA_VIDEO }, { "a.ts", MEDIA_VIDEO }, { "a.opus", MEDIA_AUDIO },
		{ "a.webm", MEDIA_VIDEO },  { "a.wtv", MEDIA_VIDEO }, { "a.txt", MEDIA_NONE },  { "mkv", MEDIA_NONE },
		{ "a.", MEDIA_NONE },	    { "", MEDIA_NONE },	      { "a.mkv.partial", MEDIA_NONE },
		{ "a.mkvmkvmkv", MEDIA_NONE }, { "a.mk", MEDIA_NONE }, { "a.mpe", MEDIA_VIDEO }, { ".mkv", MEDIA_VIDEO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (media_type_of(names[i].name, strlen(names[i].name)) != names[i].type)
			fail_msg("%s", names[i].name);
}

/* A film with all that people can set, whose name becomes that of another: the film that stays has it. */
static void what_people_set_survives_a_merge(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	put_file(f, "media/heat.1995.mkv", "ok 1");
	put_file(f, "media/heet.1995.mkv", "ok 2");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 2);
	ask(f, "UPDATE items SET daypart = 'late', notes = 'cut' WHERE title = 'Heet' RETURNING id");
	ask(f, "UPDATE items SET notes = 'long', rating = 'R' WHERE title = 'Heat' RETURNING id");
	ask(f, "INSERT INTO item_tags SELECT id, 'heist' FROM items WHERE title = 'Heet' RETURNING 1");
	ask(f, "INSERT INTO markers (item_id, start_ms) SELECT id, 60000 FROM items WHERE title = 'Heet' RETURNING 1");
	ask(f, "INSERT INTO collections (name, created_ms, changed_ms) VALUES ('Mann', 1, 1) RETURNING id");
	ask(f, "INSERT INTO collection_items SELECT 1, id, 1 FROM items WHERE title = 'Heet' RETURNING 1");
	ask(f, "INSERT INTO item_history (item_id, at_ms, who, what, before, after) SELECT id, 1, 'api', 'edit', '{}', '{}' FROM "
	       "items WHERE title = 'Heet' RETURNING 1");
	move_file(f, "media/heet.1995.mkv", "media/heat.1995.2160p.mkv");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE daypart = 'late' AND rating = 'R' AND notes = 'long' || char(10) || 'cut'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_tags WHERE tag = 'heist'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM markers WHERE start_ms = 60000 AND source = 'manual'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM collection_items"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_history"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search WHERE text LIKE '%heist%'"), 1);
	fixture_free(f);
}

static void what_is_set_on_a_show_survives_its_folders_name(void **state)
{
	struct fixture *f = fixture_new("shows");

	(void)state;
	put_file(f, "media/The Wyre/The Wyre S01E01.mkv", "ok 1");
	put_file(f, "media/The Wyre/The Wyre S01E02.mkv", "ok 2");
	scan(f);
	ask(f, "INSERT INTO item_tags SELECT id, 'drama' FROM items WHERE kind = 'show' RETURNING 1");
	ask(f, "UPDATE items SET daypart = 'late' WHERE kind = 'season' RETURNING id");
	move_file(f, "media/The Wyre/The Wyre S01E01.mkv", "media/The Wire/The Wire S01E01.mkv");
	move_file(f, "media/The Wyre/The Wyre S01E02.mkv", "media/The Wire/The Wire S01E02.mkv");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'show'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_tags t JOIN items i ON i.id = t.item_id WHERE i.title = 'The Wire' AND tag = 'drama'"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM items WHERE kind = 'season' AND daypart = 'late'"), 1);
	fixture_free(f);
}

/* Copied away, tagged where it is now, and only then is the old one removed: the tag stays. */
static void what_is_set_on_a_copy_survives_the_return(void **state)
{
	struct fixture *f = fixture_new("movies");

	(void)state;
	put_file(f, "media/heat.1995.mkv", "ok, a film of its own");
	scan(f);
	ask(f, "UPDATE files SET added_ms = added_ms - 7200000 RETURNING id"); /* it has been there for long */
	put_file(f, "media/x/other.mkv", "ok, a film of its own");
	scan(f);
	ask(f, "INSERT INTO item_tags SELECT id, 'heist' FROM items WHERE title = 'Other' RETURNING 1");
	remove_file(f, "media/heat.1995.mkv");
	scan(f);
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_tags t JOIN item_files x ON x.item_id = t.item_id JOIN files f ON "
				"f.id = x.file_id WHERE tag = 'heist' AND state = 'present'"),
			 1);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_filed), cmocka_unit_test(a_roots_name_hides_nothing),
		cmocka_unit_test(folders_say_more_than_the_roots_name),
		cmocka_unit_test(shows_and_seasons_are_parents),
		cmocka_unit_test(parts_and_versions_share_an_item),
		cmocka_unit_test(a_renamed_show_leaves_no_empty_one),
		cmocka_unit_test(a_version_that_is_renamed_leaves_the_item),
		cmocka_unit_test(specials_are_no_versions),
		cmocka_unit_test(what_people_edited_stays),
		cmocka_unit_test(chapters_become_markers),
		cmocka_unit_test(bad_chapters_are_harmless),
		cmocka_unit_test(titles_sort),
		cmocka_unit_test(extensions_are_known),
		cmocka_unit_test(what_people_set_survives_a_merge),
		cmocka_unit_test(what_is_set_on_a_show_survives_its_folders_name),
		cmocka_unit_test(what_is_set_on_a_copy_survives_the_return),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
