/* Items in the store: what can be aired and in which order, search, JSON, counts, forgetting a root. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/filing.h"
#include "store/probes.h"

static struct playable_list playable(struct fixture *f, const struct item_query *query, struct arena *arena)
{
	struct playable_list list;
	struct err err = { 0 };

	test_ok(items_playable(f->db, query, arena, &list, &err), &err);
	return list;
}

static void put_library(struct fixture *f)
{
	put_file(f, "media/Wire/The Wire S02E10 Storm.mkv", "ok 1");
	put_file(f, "media/Wire/The Wire S02E09 Stray.mkv", "ok 2");
	put_file(f, "media/Wire/The Wire S01E13 Sentencing.mkv", "ok 3");
	put_file(f, "media/A Team/A Team S01E01.mkv", "ok 4");
	put_file(f, "media/Heat (1995)/Heat.1995.cd2.mkv", "ok 5");
	put_file(f, "media/Heat (1995)/Heat.1995.cd1.mkv", "ok 6");
	put_file(f, "media/Heat (1995)/Heat-trailer.mkv", "ok 7");
	put_file(f, "media/Broken (2000).mkv", "no media");
	put_file(f, "media/100% Wolf (2020).mkv", "ok 8");
	put_file(f, "spots/Acme.mkv", "ok 9");
	scan(f);
}

static struct fixture *library(void)
{
	struct fixture *f = fixture_new("auto");

	fixture_add_root(f, "spots", "commercials");
	put_library(f);
	return f;
}

static void playable_in_order(void **state)
{
	static const char *const wanted[] = { "100% Wolf 1", "Acme 1",	"Heat 1",	"Heat 2",
					      "A Team 1",      "The Wire 1", "The Wire 2", "The Wire 2" };
	struct fixture *f = library();
	struct arena arena = { 0 };
	struct playable_list list = playable(f, &(struct item_query){ 0 }, &arena);

	(void)state;
	assert_int_equal(list.count, ARRAY_LEN(wanted));
	for (size_t i = 0; i < list.count; i++) {
		const struct playable *p = &list.items[i];
		char text[100];

		snprintf(text, sizeof(text), "%s %d", p->title,
			 strcmp(p->kind, "episode") == 0 ? p->season : p->part);
		assert_string_equal(text, wanted[i]);
		assert_int_equal(p->duration_flicks, INT64_C(1800000) * 705600);
		assert_int_equal(p->fps_num, 25);
		assert_true(strlen(p->sample_hash) == 32);
	}
	assert_int_equal(list.items[6].episode, 9);
	assert_int_equal(list.items[7].episode, 10);
	assert_string_equal(list.items[7].show, "The Wire");
	assert_string_equal(list.items[7].episode_title, "Storm");
	assert_true(list.items[7].show_id > 0);
	assert_int_equal(list.items[0].show_id, 0);
	arena_free(&arena);
	fixture_free(f);
}

static void playable_filters(void **state)
{
	struct fixture *f = library();
	CLEANUP(cleanup_free) char *spots = ask_text(f, "SELECT CAST(path AS TEXT) FROM roots WHERE id = 2");
	struct arena arena = { 0 };

	(void)state;
	assert_int_equal(playable(f, &(struct item_query){ .kind = "episode" }, &arena).count, 4);
	assert_int_equal(playable(f, &(struct item_query){ .show = "the wire" }, &arena).count, 3);
	assert_int_equal(playable(f, &(struct item_query){ .search = "STORM wire" }, &arena).count, 1);
	assert_int_equal(playable(f, &(struct item_query){ .search = "s02e09" }, &arena).count, 1);
	assert_int_equal(playable(f, &(struct item_query){ .root_id = 2 }, &arena).count, 1);
	assert_int_equal(playable(f, &(struct item_query){ .root_path = spots }, &arena).count, 1);
	assert_int_equal(playable(f, &(struct item_query){ .root_path = "/none" }, &arena).count, 0);
	assert_int_equal(playable(f, &(struct item_query){ .kind = "commercial", .root_id = 1 }, &arena).count, 0);
	ask(f, "UPDATE files SET state = 'missing' WHERE root_id = 2");
	assert_int_equal(playable(f, &(struct item_query){ .root_id = 2 }, &arena).count, 0);
	arena_free(&arena);
	fixture_free(f);
}

static void the_better_version_is_aired_for_its_true_length(void **state)
{
	struct fixture *f = fixture_new("auto");
	struct arena arena = { 0 };
	struct playable_list list;
	struct err err = { 0 };

	(void)state;
	put_file(f, "media/Heat (1995) a.mkv", "ok");
	put_file(f, "media/Heat (1995) 1080p.mkv", "ok!");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 1);
	ask(f, "UPDATE probes SET height = 1080 WHERE file_id = 2");
	test_ok(probes_set_true_duration(f->db, 2, 705600000, &err), &err);
	list = playable(f, &(struct item_query){ 0 }, &arena);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.items[0].file_id, 2);
	assert_int_equal(list.items[0].duration_flicks, 705600000);
	test_ok(probes_set_true_duration(f->db, 2, 705599999, &err), &err); /* under a second: not it */
	list = playable(f, &(struct item_query){ 0 }, &arena);
	assert_int_equal(list.items[0].file_id, 1);
	arena_free(&arena);
	fixture_free(f);
}

static json_t *list_of(struct fixture *f, const struct item_query *query)
{
	struct err err = { 0 };
	json_t *list = items_list_json(f->db, query, &err);

	if (!list)
		fail_msg("%s", err.text);
	return list;
}

static int64_t total_of(struct fixture *f, const char *search)
{
	CLEANUP(json_cleanup) json_t *list = list_of(f, &(struct item_query){ .search = search });

	assert_int_equal(json_int(list, "total", -1), json_array_size(json_object_get(list, "items")));
	return json_int(list, "total", -1);
}

static void search_takes_any_text(void **state)
{
	struct fixture *f = library();
	CLEANUP(cleanup_free) char *long_text = malloc(100001);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(total_of(f, "wire"), 4); /* the show, too */
	assert_int_equal(total_of(f, "wi"), 4);
	assert_int_equal(total_of(f, "e"), 9);
	assert_int_equal(total_of(f, "wir st"), 2);
	assert_int_equal(total_of(f, "1995"), 1);
	assert_int_equal(total_of(f, "%"), 1);
	assert_int_equal(total_of(f, "_x"), 0);
	assert_int_equal(total_of(f, "\\"), 0);
	assert_int_equal(total_of(f, "trailer"), 0);
	assert_int_equal(total_of(f, "Season"), 0);
	assert_int_equal(total_of(f, "\"wire\""), 4);
	assert_int_equal(total_of(f, "wire OR heat"), 5);
	assert_int_equal(total_of(f, "wire* NEAR( ) ^ : -"), 0);
	assert_int_equal(total_of(f, "\xff\xfe\xfd"), 0);
	assert_int_equal(total_of(f, "a b c d e f g h i j k l m n o p q r s t u v w x y z"), 0);
	assert_int_equal(total_of(f, "   "), 10);
	memset(long_text, 'a', 100000);
	long_text[4000] = '\0';
	assert_int_equal(total_of(f, long_text), 0);
	long_text[4000] = 'a';
	long_text[100000] = '\0';
	assert_null(items_list_json(f->db, &(struct item_query){ .search = long_text }, &err));
	assert_int_equal(err.code, ERR_TOO_LARGE);
	fixture_free(f);
}

static void lists_have_pages_and_orders(void **state)
{
	struct fixture *f = library();
	struct err err = { 0 };

	(void)state;
	for (int offset = 0; offset < 12; offset += 4) {
		CLEANUP(json_cleanup)
		json_t *list = list_of(f, &(struct item_query){ .limit = 4, .offset = offset });

		assert_int_equal(json_int(list, "total", 0), 10);
		assert_int_equal(json_array_size(json_object_get(list, "items")), offset == 8 ? 2 : 4);
	}
	assert_null(items_list_json(f->db, &(struct item_query){ .sort = "title; DROP" }, &err));
	assert_int_equal(err.code, ERR_USAGE);
	for (size_t i = 0; i < 6; i++) {
		static const char *const sorts[] = { "title", "added", "year", "duration", "modified", "aired" };
		CLEANUP(json_cleanup) json_t *list = list_of(f, &(struct item_query){ .sort = sorts[i] });

		assert_int_equal(json_array_size(json_object_get(list, "items")), 10);
	}
	fixture_free(f);
}

static void the_last_aired_and_the_last_changed_come_first(void **state)
{
	struct fixture *f = library();
	CLEANUP(json_cleanup) json_t *aired = NULL, *changed = NULL;

	(void)state;
	ask(f, "INSERT INTO channels (id, number, name, generation, epoch_ns, created_ms) VALUES (1, 1, 'One', 1, 1000000000, 1)");
	ask(f, "INSERT INTO airings (channel_id, start_flicks, end_flicks, item_id, kind, title, cursor) SELECT 1, id * 705600000, "
	       "id * 705600000 + 1, id, 'programme', title, '{}' FROM items WHERE title IN ('Heat', '100% Wolf')");
	/* One that is still to come does not count. */
	ask(f, "INSERT INTO airings (channel_id, start_flicks, end_flicks, item_id, kind, title, cursor) SELECT 1, "
	       "705600000 * 4000000000, 705600000 * 4000000001, id, 'programme', title, '{}' FROM items WHERE title = 'Acme'");
	ask(f, "UPDATE items SET changed_ms = changed_ms + 1000000 WHERE title = 'Broken'");
	aired = list_of(f, &(struct item_query){ .sort = "aired" });
	changed = list_of(f, &(struct item_query){ .sort = "modified" });
	for (size_t i = 0; i < 2; i++) {
		const char *title = json_text(json_array_get(json_object_get(aired, "items"), i), "title", "");

		assert_true(strcmp(title, "Heat") == 0 || strcmp(title, "100% Wolf") == 0);
	}
	assert_string_equal(json_text(json_array_get(json_object_get(changed, "items"), 0), "title", ""), "Broken");
	fixture_free(f);
}

static void items_have_the_keys_of_the_api(void **state)
{
	static const char *const keys[] = { "id",	     "kind",	    "title",  "sort_title",  "year",
					    "show",	     "season",	    "episode", "episode_title", "duration_ms",
					    "width",	     "height",	    "video_codec", "audio_codec", "size",
					    "state",	     "thumbnail",  "files",  "markers" };
	struct fixture *f = library();
	struct err err = { 0 };
	CLEANUP(json_cleanup) json_t *broken = NULL, *show = NULL, *list = NULL;
	const json_t *file;

	(void)state;
	broken = items_json(f->db, ask(f, "SELECT id FROM items WHERE title = 'Broken'"), &err);
	assert_non_null(broken);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!json_object_get(broken, keys[i]))
			fail_msg("no %s", keys[i]);
	assert_string_equal(json_text(broken, "state", ""), "failed");
	file = json_array_get(json_object_get(broken, "files"), 0);
	assert_string_equal(json_text(file, "error", ""), "it is not media");
	assert_true(json_text(file, "mtime", "")[10] == 'T');
	show = items_json(f->db, ask(f, "SELECT id FROM items WHERE kind = 'show' AND title = 'The Wire'"), &err);
	assert_int_equal(json_array_size(json_object_get(show, "episodes")), 3);
	assert_int_equal(json_int(json_array_get(json_object_get(show, "episodes"), 2), "episode", 0), 10);
	list = list_of(f, &(struct item_query){ .kind = "season" });
	assert_int_equal(json_int(list, "total", 0), 3); /* when asked for by name */
	assert_null(items_json(f->db, 4711, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	fixture_free(f);
}

static void counts_add_up(void **state)
{
	struct fixture *f = library();
	struct err err = { 0 };
	CLEANUP(json_cleanup) json_t *counts = NULL;

	(void)state;
	ask(f, "UPDATE files SET state = 'missing' WHERE root_id = 2");
	counts = items_counts_json(f->db, &err);
	assert_non_null(counts);
	assert_int_equal(json_int(counts, "items", 0), 8);
	assert_int_equal(json_int(counts, "files", 0), 10);
	assert_int_equal(json_int(counts, "missing", 0), 1);
	assert_int_equal(json_int(counts, "failed", 0), 1);
	assert_int_equal(json_int(counts, "unprobed", -1), 0);
	assert_int_equal(json_int(counts, "roots", 0), 2);
	assert_int_equal(json_int(json_object_get(counts, "kinds"), "episode", 0), 4);
	fixture_free(f);
}

static void a_root_is_forgotten_with_what_was_only_there(void **state)
{
	struct fixture *f = library();
	struct err err = { 0 };
	int64_t id;

	(void)state;
	assert_true(roots_add(f->db, f->media, "auto", &id, &err) < 0);
	assert_int_equal(err.code, ERR_EXISTS);
	err_clear(&err);
	test_ok(roots_remove(f->db, f->root_id, &err), &err);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search"), 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), 1);
	assert_true(roots_remove(f->db, f->root_id, &err) < 0);
	assert_int_equal(err.code, ERR_NOT_FOUND);
	fixture_free(f);
}

static void markers_are_checked(void **state)
{
	struct fixture *f = library();
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct marker_list list;
	int64_t id;

	(void)state;
	test_ok(markers_add(f->db, 1, &(struct marker){ .start_ms = 5000, .kind = "break" }, &id, &err), &err);
	test_ok(markers_add(f->db, 1, &(struct marker){ .start_ms = 4000, .end_ms = 4500 }, &id, &err), &err);
	assert_int_equal(markers_add(f->db, 1, &(struct marker){ .start_ms = 5000 }, &id, &err), -ERR_EXISTS);
	err_clear(&err);
	assert_int_equal(markers_add(f->db, 1, &(struct marker){ .start_ms = -1 }, &id, &err), -ERR_INVALID);
	err_clear(&err);
	assert_int_equal(markers_add(f->db, 4711, &(struct marker){ .start_ms = 1 }, &id, &err), -ERR_CONFLICT);
	err_clear(&err);
	test_ok(markers_list(f->db, 1, &arena, &list, &err), &err);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.markers[0].end_ms, 4500);
	assert_string_equal(list.markers[1].source, "manual");
	arena_free(&arena);
	fixture_free(f);
}

static void probes_come_back_as_they_were(void **state)
{
	struct fixture *f = library();
	struct arena arena = { 0 };
	struct err err = { 0 };
	struct probe probe;

	(void)state;
	test_ok(probes_get(f->db, 1, &arena, &probe, &err), &err);
	assert_string_equal(probe.video_codec, "h264");
	assert_int_equal(probe.width, 640);
	assert_int_equal(probe.sar_den, 1);
	assert_string_equal(probe.pixel_format, "yuv420p");
	assert_int_equal(probe.audio_rate, 48000);
	assert_int_equal(probe.audio_tracks, 1);
	test_ok(probes_set_true_duration(f->db, 1, 4242, &err), &err);
	test_ok(probes_set(f->db, 1, &probe, &err), &err); /* same content: what was measured stays */
	assert_int_equal(ask(f, "SELECT true_duration_flicks FROM probes WHERE file_id = 1"), 4242);
	probe.sample_hash = "ffffffffffffffffffffffffffffffff";
	test_ok(probes_set(f->db, 1, &probe, &err), &err);
	assert_int_equal(ask(f, "SELECT ifnull(true_duration_flicks, 0) FROM probes WHERE file_id = 1"), 0);
	assert_true(probes_set(f->db, 4711, &probe, &err) < 0);
	err_clear(&err);
	assert_int_equal(probes_get(f->db, 4711, &arena, &probe, &err), -ERR_NOT_FOUND);
	arena_free(&arena);
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(playable_in_order),
		cmocka_unit_test(playable_filters),
		cmocka_unit_test(the_better_version_is_aired_for_its_true_length),
		cmocka_unit_test(search_takes_any_text),
		cmocka_unit_test(lists_have_pages_and_orders),
		cmocka_unit_test(the_last_aired_and_the_last_changed_come_first),
		cmocka_unit_test(items_have_the_keys_of_the_api),
		cmocka_unit_test(counts_add_up),
		cmocka_unit_test(a_root_is_forgotten_with_what_was_only_there),
		cmocka_unit_test(markers_are_checked),
		cmocka_unit_test(probes_come_back_as_they_were),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
