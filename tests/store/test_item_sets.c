/* Lists from columns in memory are those that SQL gives, for every field and order, also right after a change; and
 * they do come from memory. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "store/item_sets.h"

static const char *const filters[] = {
	"", "kind:episode", "kind:movie", "kind:season", "kind:show,movie", "-kind:episode", "year:1978..1983",
	"year:1979 OR year:1995", "year:none", "year:any", "-year:1979", "season:1", "episode:>1", "id:3..9", "id:none",
	"title:heat", "title:=heat", "title:\"HEAT\"", "title:H*", "title:*at", "title:\"\"", "title:%", "title:_", "title:100%",
	"show:gunsmoke", "show:smoke", "show:\"smoke\"", "show:Gun*", "show:none", "episode_title:hot",
	"daypart:evening", "daypart:EVENING", "daypart:none", "daypart:evening,morning", "daypart:eve*", "-daypart:evening",
	"air_season:any", "rating:R", "rating:<=PG", "rating:>=R", "-rating:R", "rating:none", "company:acme", "company:none",
	"category:food", "audience:any", "warnings:language", "notes:any", "expires:any", "expires:<1d", "tag:western",
	"tag:\"old west\"", "tag:old*", "-tag:any", "tag:none", "person:scott", "person:any", "source:file", "source:manual",
	"added:<1d", "added:>1d", "changed:>=2020", "checked:any", "checked:none", "duration:30m", "duration:<30m", "size:<1MB",
	"size:none", "height:>=720", "height:1080", "height:none", "width:any", "fps:25", "bitrate:any", "channels:2", "codec:h264",
	"codec:aac", "codec:h264,hevc", "-codec:h264", "video:h264", "audio:any", "container:any", "container:none", "lang:de",
	"lang:ger", "lang:any", "lang:none", "lang:e*", "subtitles:en", "subtitles:any", "root:spots", "root:1", "root:any",
	"path:Copy", "path:copy", "path:*.mkv", "path:none", "aired:1999-05", "aired:<1999-05", "aired:any", "is:missing",
	"is:unknown", "is:duplicate", "-is:duplicate", "is:hidden", "is:hidden kind:commercial", "is:unprobed", "is:failed",
	"is:invalid", "is:unchecked", "is:expired", "-is:expired", "is:interlaced", "is:manual", "is:playable", "has:chapters",
	"has:breaks", "has:files", "-has:files", "has:tag", "has:codec", "has:year",
	"kind:movie year:1970..1999 height:>=720 codec:h264 -tag:western", "(kind:movie OR kind:show) -(year:1979 codec:h264)",
	"(daypart:evening OR tag:any) -rating:R", "-(-kind:movie)", "is:hidden soap", "(heat OR is:duplicate) kind:movie",
	"collection:night", "collection:smart", "-collection:smart kind:movie", "collection:none", "collection:any", "has:collection",
	"collection:soaps", "-collection:soaps", "soap collection:soaps", "collection:soaps OR alien", "collection:soaps is:hidden", "is:hidden collection:smart",
	"collection:seasons", "kind:season collection:smart", "collection:outer", "collection:outer -soap", "acme collection:outer", "is:hidden OR western",
	"collection:n*", "collection:night OR year:1995", "NOT heat kind:movie", "(bypass OR \"hot spell\") kind:episode",
};
static const char *const sorts[] = { "title", "added", "year", "duration", "modified", "aired" };

static void put_library(struct fixture *f)
{
	put_file(f, "media/Gunsmoke/Gunsmoke S01E01 Matt Gets It.mkv", "ok 1");
	put_file(f, "media/Gunsmoke/Gunsmoke S01E02 Hot Spell.mkv", "ok 2");
	put_file(f, "media/Dallas (1978)/Dallas S02E05 Bypass.mkv", "ok 3");
	put_file(f, "media/Heat (1995).mkv", "ok 4");
	put_file(f, "media/Alien (1979).mkv", "ok 5");
	put_file(f, "media/Broken (2000).mkv", "no media");
	put_file(f, "media/100% Wolf (2020).mkv", "chapters");
	put_file(f, "media/Copy/Alien again (1979).mkv", "ok 5");
	put_file(f, "spots/Acme Soap.mkv", "ok 9");
	scan(f);
	ask(f, "UPDATE items SET daypart = 'evening', rating = 'TV-PG' WHERE kind = 'show' AND title = 'Gunsmoke'");
	ask(f, "UPDATE items SET daypart = 'morning', rating = '' WHERE episode_title = 'Hot Spell'");
	ask(f, "UPDATE items SET rating = 'R', expires_ms = 1000, air_season = 'summer' WHERE title = 'Heat'");
	ask(f, "UPDATE items SET company = 'Acme', category = 'food', warnings = 'language', notes = '' WHERE id % 2");
	ask(f, "INSERT INTO item_tags SELECT id, 'Western' FROM items WHERE kind = 'show' AND title = 'Gunsmoke'");
	ask(f, "INSERT INTO item_tags SELECT id, 'old west' FROM items WHERE title = 'Heat'");
	ask(f, "INSERT INTO item_people SELECT id, 'Ridley Scott', 'director' FROM items WHERE title = 'Alien'");
	ask(f, "UPDATE probes SET height = 1080, streams = '[{\"type\":\"audio\",\"language\":\"ger\"},{\"type\":\"audio\"},"
	       "{\"type\":\"subtitle\",\"language\":\"eng\"}]' WHERE file_id IN (SELECT x.file_id FROM item_files x JOIN items i ON "
	       "i.id = x.item_id WHERE i.title = 'Alien')");
	ask(f, "UPDATE probes SET streams = '[{\"type\":\"subtitle\"}]', interlaced = 1, video_codec = 'hevc' WHERE file_id = 1");
	ask(f, "UPDATE files SET sample_hash = CASE WHEN instr(path, CAST('Alien' AS BLOB)) THEN 'alien' ELSE 'of ' || id END");
	ask(f, "UPDATE items SET hidden = 1 WHERE title = 'Acme Soap'");
	ask(f, "UPDATE items SET air_date = '1999-05-31', source = 'manual' WHERE title = 'Heat'");
	ask(f, "INSERT INTO validations SELECT x.file_id, 'failed', '[]', 1, 1, 1 FROM item_files x JOIN items i "
	       "ON i.id = x.item_id WHERE i.title = 'Heat'");
	ask(f, "INSERT INTO markers (item_id, start_ms) SELECT id, 1000 FROM items WHERE title = 'Alien'");
	ask(f, "INSERT INTO collections (id, name, filter, created_ms, changed_ms) VALUES (1, 'Night', NULL, 1, 1), "
	       "(2, 'Smart', 'year:1979 OR (daypart:evening kind:episode) OR wolf', 1, 1), (3, 'Soaps', 'is:hidden soap', 1, 1), "
	       "(4, 'Seasons', 'kind:season', 1, 1), (5, 'Outer', 'collection:soaps OR wolf OR collection:seasons', 1, 1)");
	ask(f, "INSERT INTO collection_items SELECT 1, id, id FROM items WHERE title IN ('Heat', 'Gunsmoke')");
	ask(f, "INSERT INTO channels (id, number, name, generation, epoch_ns, created_ms) VALUES (1, 1, 'One', 1, 0, 0)");
	ask(f, "INSERT INTO airings (channel_id, start_flicks, end_flicks, item_id, kind, title, cursor) "
	       "SELECT 1, id * 705600, id * 705600 + 1, id, 'programme', '', '' FROM items WHERE kind = 'movie'");
}

static struct fixture *library(void)
{
	struct fixture *f = fixture_new("auto");

	fixture_add_root(f, "spots", "commercials");
	put_library(f);
	return f;
}

static struct db *reader(struct fixture *f)
{
	struct err err = { 0 };
	struct db *db = store_reader(f->store, &err);

	if (!db)
		fail_msg("%s", err.text);
	return db;
}

static json_t *list(struct db *db, const struct item_query *query)
{
	struct err err = { 0 };
	json_t *json = items_list_json(db, query, &err);

	if (!json)
		fail_msg("%s: %s", query->search, err.text);
	return json;
}

static const char *ids_of(json_t *list, struct arena *arena)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(list, "items"), i, item)
		buf_addf(&text, " %lld", (long long)json_int(item, "id", 0));
	return arena_strdup(arena, buf_text(&text));
}

/* What SQL says, and what the reader does: it need not look into memory, but what it says is the same. */
static void same(struct fixture *f, const struct item_query *query)
{
	CLEANUP(json_cleanup) json_t *wanted = list(f->db, query), *got = list(reader(f), query);

	CLEANUP(arena_free) struct arena arena = { 0 };

	if (!json_equal(wanted, got))
		fail_msg("'%s' by %s, from %lld:%s of %lld instead of%s of %lld", query->search, query->sort,
			 (long long)query->offset, ids_of(got, &arena), (long long)json_int(got, "total", 0),
			 ids_of(wanted, &arena), (long long)json_int(wanted, "total", 0));
}

static void warm(struct fixture *f)
{
	struct err err = { 0 };

	test_ok(store_warm(f->store, &err), &err);
}

static void all_same(struct fixture *f)
{
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		same(f, &(struct item_query) { .search = filters[i], .sort = sorts[i % ARRAY_LEN(sorts)], .limit = 4,
					       .offset = i % 3 ? 0 : 2 });
}

static void memory_says_what_sql_says(void **state)
{
	struct fixture *f = library();

	(void)state;
	db_set_search(reader(f), NULL); /* words by SQL, there too */
	all_same(f);
	warm(f);
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		for (size_t j = 0; j < ARRAY_LEN(sorts); j++)
			same(f, &(struct item_query) { .search = filters[i], .sort = sorts[j] });
	all_same(f);
	same(f, &(struct item_query) { .show = "gunsmoke", .sort = "title" });
	same(f, &(struct item_query) { .kind = "movie", .root_id = 1, .search = "year:any", .sort = "year" });
	same(f, &(struct item_query) { .kind = "season", .sort = "title" });
	fixture_free(f);
}

/* Each of these is there for the very next list, and for those after it is in memory again. */
static void what_is_written_is_seen(void **state)
{
	static const char *const changes[] = {
		"UPDATE items SET year = 1980 WHERE title = 'Heat'",
		"UPDATE items SET daypart = 'evening' WHERE title = 'Dallas'",
		"INSERT INTO item_tags SELECT id, 'western' FROM items WHERE title = 'Dallas'",
		"DELETE FROM item_tags WHERE tag = 'western' AND item_id IN (SELECT id FROM items WHERE title = 'Dallas')",
		"UPDATE probes SET height = 2160 WHERE file_id = 2",
		"UPDATE files SET state = 'missing' WHERE id = 3",
		"DELETE FROM files WHERE id IN (SELECT file_id FROM item_files x JOIN items i ON i.id = x.item_id "
		"WHERE i.title = 'Alien again')",
		"DELETE FROM probes WHERE file_id = 1",
		"INSERT INTO items (kind, title, sort_title, year, source, added_ms, changed_ms) VALUES ('movie', 'Aaa', 'aaa', 1979, "
		"'manual', 5, 6)",
		"DELETE FROM items WHERE kind = 'show' AND title = 'Gunsmoke'",
		"UPDATE items SET hidden = 1 WHERE title = '100% Wolf'",
		"INSERT INTO collection_items SELECT 1, id, id FROM items WHERE title = 'Alien'",
		"UPDATE collections SET name = 'Nights' WHERE id = 1",
		"UPDATE collections SET filter = 'year:1995' WHERE id = 2",
		"DELETE FROM roots WHERE id = 1",
	};
	struct fixture *f = library();

	(void)state;
	db_set_search(reader(f), NULL);
	all_same(f);
	warm(f);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		ask(f, changes[i]);
		all_same(f);
		warm(f);
		all_same(f);
	}
	fixture_free(f);
}

/* A change that nobody counted is not seen: so it is memory that answers. One that is rolled back changes nothing. */
static void it_is_memory_that_answers(void **state)
{
	struct fixture *f = library();
	CLEANUP(cleanup_free) char *path = NULL;
	const struct item_query query = { .search = "year:1979 kind:movie" };
	struct err err = { 0 };
	sqlite3 *other;

	(void)state;
	json_decref(list(reader(f), &query));
	warm(f);
	assert_true(asprintf(&path, "%s/matinee.db", store_dir(f->store)) > 0);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "UPDATE items SET year = 1981 WHERE title = 'Alien'", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	for (int i = 0; i < 3; i++) {
		CLEANUP(json_cleanup) json_t *json = list(reader(f), &query);

		assert_int_equal(json_int(json, "total", 0), i < 2 ? 2 : 1);
		test_ok(db_begin(f->db, &err), &err);
		ask(f, "UPDATE items SET year = 1982 WHERE title = 'Heat'");
		if (i == 0)
			db_rollback(f->db);
		else
			test_ok(db_commit(f->db, &err), &err);
		if (i == 0)
			warm(f);
	}
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_says_what_sql_says),
		cmocka_unit_test(what_is_written_is_seen),
		cmocka_unit_test(it_is_memory_that_answers),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
