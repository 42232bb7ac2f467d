/* Collections by hand and smart: what is in them, how filters ask for them, and what cannot be. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/collections.h"
#include "store/items.h"

static struct fixture *library(void)
{
	struct fixture *f = fixture_new("auto");

	put_file(f, "media/Gunsmoke/Gunsmoke S01E01 Matt Gets It.mkv", "ok 1");
	put_file(f, "media/Gunsmoke/Gunsmoke S01E02 Hot Spell.mkv", "ok 2");
	put_file(f, "media/Heat (1995).mkv", "ok 4");
	put_file(f, "media/Alien (1979).mkv", "ok 5");
	put_file(f, "media/Zardoz (1974).mkv", "ok 6");
	scan(f);
	return f;
}

static int64_t id_of(struct fixture *f, const char *title)
{
	struct err err = { 0 };
	int64_t id;

	test_ok(db_int(f->db, &id, 0, &err,
		       "SELECT id FROM items WHERE ifnull(episode_title, title) = ? AND hidden = 0 ORDER BY "
		       "id",
		       "t", title),
		&err);
	assert_true(id);
	return id;
}

static int64_t make(struct fixture *f, const char *name, const char *filter)
{
	struct collection c = { .name = name, .filter = filter, .notes = "" };
	struct err err = { 0 };

	test_ok(collections_set(f->db, &c, &err), &err);
	assert_true(c.id);
	return c.id;
}

static void put(struct fixture *f, int64_t id, const char *const *titles, size_t count)
{
	struct err err = { 0 };
	int64_t ids[10], added;

	for (size_t i = 0; i < count; i++)
		ids[i] = id_of(f, titles[i]);
	test_ok(collections_put(f->db, id, ids, count, &added, &err), &err);
	assert_int_equal(added, count);
}

static void titles_of(json_t *list, struct buf *to)
{
	json_t *item;
	size_t i;

	assert_non_null(list);
	json_array_foreach(json_object_get(list, "items"), i, item)
	{
		const char *title = json_text(item, "episode_title", "");

		buf_addf(to, "%s%s", i ? ", " : "", *title ? title : json_text(item, "title", "?"));
	}
}

static void assert_list(struct fixture *f, const char *search, const char *wanted)
{
	CLEANUP(buf_free) struct buf got = { 0 };
	struct err err = { 0 };
	CLEANUP(json_cleanup)
	json_t *list =
		items_list_json(f->db, &(struct item_query) { .search = search, .sort = "title" }, &err);

	if (!list)
		fail_msg("%s: %s", search, err.text);
	titles_of(list, &got);
	if (strcmp(buf_text(&got), wanted) != 0)
		fail_msg("%s: %s, not %s", search, buf_text(&got), wanted);
}

static void assert_items(struct fixture *f, int64_t id, const char *wanted)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	CLEANUP(buf_free) struct buf got = { 0 };
	CLEANUP(json_cleanup) json_t *list = NULL;
	struct err err = { 0 };
	struct collection c;

	test_ok(collections_get(f->db, id, &arena, &c, &err), &err);
	list = collection_items_json(f->db, &c, 0, 0, &err);
	titles_of(list, &got);
	assert_string_equal(buf_text(&got), wanted);
}

static void filters_ask_for_them(void **state)
{
	struct fixture *f = library();
	int64_t id = make(f, "Late Night", NULL);

	(void)state;
	put(f, id, (const char *const[]) { "Zardoz", "Gunsmoke" }, 2);
	make(f, "Seventies", "year:1970..1979");
	make(f, "Both", "collection:seventies OR collection:\"late night\"");
	assert_list(f, "collection:\"late night\" kind:episode,movie", "Matt Gets It, Hot Spell, Zardoz");
	assert_list(f, "collection:Seventies", "Alien, Zardoz");
	assert_list(f, "collection:both kind:movie", "Alien, Zardoz");
	assert_list(f, "kind:movie -collection:both", "Heat");
	assert_list(f, "kind:movie collection:none", "Heat");
	assert_list(f, "kind:movie collection:any", "Alien, Zardoz");
	assert_list(f, "kind:movie has:collection", "Alien, Zardoz");
	assert_list(f, "kind:movie collection:s*", "Alien, Zardoz");
	assert_list(f, "collection:nowhere", "");
	assert_list(f, "zardoz collection:both", "Zardoz");
	fixture_free(f);
}

/* What a collection has is the same wherever it is asked for: hidden items and seasons, or none of them. */
static void one_filter_does_not_change_another(void **state)
{
	static const struct {
		const char *search, *wanted;
	} rows[] = {
		{ "collection:extras", "Alien" },
		{ "collection:extras OR collection:late", "Alien, Zardoz" },
		{ "collection:extras OR heat", "Alien, Heat" },
		{ "collection:extras OR year:1970..1999", "Alien, Heat, Zardoz" },
		{ "kind:movie", "Heat, Zardoz" },
		{ "kind:movie -collection:extras", "Heat, Zardoz" },
		{ "kind:movie -collection:late", "Heat" },
		{ "alien collection:extras", "Alien" },
		{ "zardoz OR alien", "Zardoz" },
		{ "collection:late year:1974", "Zardoz" },
		{ "is:hidden collection:late", "" },
		{ "is:hidden collection:extras", "Alien" },
		{ "collection:outer", "Alien, Zardoz" },
		{ "collection:outer year:1979", "Alien" },
		{ "collection:outer OR year:1970..1999", "Alien, Heat, Zardoz" },
		{ "collection:parts", "Season 1" },
		{ "collection:parts OR heat", "Heat, Season 1" },
		{ "kind:season collection:late", "" },
		{ "collection:parts OR kind:season", "Season 1" },
		{ "collection:parts collection:extras", "" },
	};
	struct fixture *f = library();

	(void)state;
	ask(f, "UPDATE items SET hidden = 1 WHERE title = 'Alien' RETURNING id");
	make(f, "Extras", "is:hidden");
	make(f, "Late", "year:1970..1979");
	make(f, "Outer", "collection:extras OR collection:late");
	make(f, "Parts", "kind:season");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_list(f, rows[i].search, rows[i].wanted);
	fixture_free(f);
}

static void one_by_hand_has_an_order(void **state)
{
	struct fixture *f = library();
	int64_t id = make(f, "Night", NULL), taken, gone = id_of(f, "Heat");
	struct err err = { 0 };

	(void)state;
	put(f, id, (const char *const[]) { "Zardoz", "Heat", "Alien" }, 3);
	assert_items(f, id, "Zardoz, Heat, Alien");
	test_ok(collections_place(f->db, id, id_of(f, "Alien"), 1, &err), &err);
	assert_items(f, id, "Alien, Zardoz, Heat");
	test_ok(collections_place(f->db, id, id_of(f, "Alien"), 2, &err), &err);
	assert_items(f, id, "Zardoz, Alien, Heat");
	test_ok(collections_place(f->db, id, id_of(f, "Zardoz"), 99999999, &err), &err);
	assert_items(f, id, "Alien, Heat, Zardoz");
	test_ok(collections_take(f->db, id, &gone, 1, &taken, &err), &err);
	assert_int_equal(taken, 1);
	test_ok(collections_take(f->db, id, &gone, 1, &taken, &err), &err);
	assert_int_equal(taken, 0);
	assert_items(f, id, "Alien, Zardoz");
	fixture_free(f);
}

/* A channel that airs one by hand, in order, has that order; a show's episodes stand in the show's place. */
static void the_air_has_its_order(void **state)
{
	CLEANUP(arena_free) struct arena arena = { 0 };
	static const char *const wanted[] = { "Zardoz", "Matt Gets It", "Hot Spell", "Alien" };
	struct fixture *f = library();
	struct playable_list list;
	struct err err = { 0 };

	(void)state;
	put(f, make(f, "Night", NULL), (const char *const[]) { "Zardoz", "Gunsmoke", "Alien" }, 3);
	ask(f, "UPDATE probes SET duration_ms = 60000");
	test_ok(items_playable(f->db, &(struct item_query) { .search = "collection:night" }, &arena, &list,
			       &err),
		&err);
	assert_int_equal(list.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_string_equal(*list.items[i].episode_title ? list.items[i].episode_title
								 : list.items[i].title,
				    wanted[i]);
	test_ok(items_playable(f->db, &(struct item_query) { .search = "collection:night kind:movie" },
			       &arena, &list, &err),
		&err);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[0].title, "Alien");
	fixture_free(f);
}

static void refused(struct fixture *f, struct collection c, enum err_code code, const char *words)
{
	struct err err = { 0 };

	if (!c.notes)
		c.notes = "";
	assert_int_equal(collections_set(f->db, &c, &err), -(int)code);
	if (!strstr(err.text, words))
		fail_msg("'%s' does not say '%s'", err.text, words);
}

static void what_cannot_be_is_refused(void **state)
{
	struct fixture *f = library();
	int64_t a = make(f, "A", "year:1979"), b = make(f, "B", "collection:A"), hand = make(f, "Hand", NULL),
		n = 0;
	int64_t nobody = 4711, ids[COLLECTION_ITEMS_MAX + 1] = { 0 };
	char name[300];
	struct err err = { 0 };

	(void)state;
	memset(name, 'x', sizeof(name));
	name[299] = '\0';
	put(f, hand, (const char *const[]) { "Heat" }, 1);
	refused(f, (struct collection) { .name = "a" }, ERR_EXISTS, "already");
	refused(f, (struct collection) { .name = "" }, ERR_INVALID, "1 to 200");
	refused(f, (struct collection) { .name = name }, ERR_INVALID, "1 to 200");
	refused(f, (struct collection) { .name = "two\nlines" }, ERR_INVALID, "one line");
	refused(f, (struct collection) { .name = " space" }, ERR_INVALID, "no space");
	refused(f, (struct collection) { .name = "None" }, ERR_INVALID, "another name");
	refused(f, (struct collection) { .name = "\xff" }, ERR_INVALID, "UTF-8");
	refused(f, (struct collection) { .name = "C", .filter = " " }, ERR_INVALID, "whole library");
	refused(f, (struct collection) { .name = "C", .filter = "year:soon" }, ERR_USAGE, "year");
	refused(f, (struct collection) { .name = "C", .filter = "heat OR collection:c" }, ERR_CONFLICT,
		"asks for itself");
	refused(f, (struct collection) { .id = a, .name = "A", .filter = "collection:b" }, ERR_CONFLICT,
		"asks for itself");
	refused(f, (struct collection) { .id = a, .name = "A", .filter = "collection:any" }, ERR_CONFLICT,
		"asks for itself");
	refused(f, (struct collection) { .id = hand, .name = "Hand", .filter = "year:1979" }, ERR_CONFLICT,
		"by hand");
	refused(f, (struct collection) { .id = 4711, .name = "D" }, ERR_NOT_FOUND, "no collection");
	assert_int_equal(collections_put(f->db, b, &nobody, 1, &n, &err), -(int)ERR_CONFLICT);
	err = (struct err) { 0 };
	assert_int_equal(collections_put(f->db, hand, &nobody, 1, &n, &err), -(int)ERR_NOT_FOUND);
	err = (struct err) { 0 };
	assert_int_equal(collections_put(f->db, hand, ids, ARRAY_LEN(ids), &n, &err), -(int)ERR_TOO_LARGE);
	err = (struct err) { 0 };
	assert_int_equal(collections_place(f->db, hand, id_of(f, "Alien"), 1, &err), -(int)ERR_NOT_FOUND);
	assert_items(f, hand, "Heat");
	assert_list(f, "collection:b", "Alien");
	fixture_free(f);
}

static void items_and_collections_go(void **state)
{
	struct fixture *f = library();
	int64_t id = make(f, "Night", NULL), number = id_of(f, "Alien");
	struct err err = { 0 };
	CLEANUP(json_cleanup) json_t *item = NULL;
	CLEANUP(arena_free) struct arena arena = { 0 };
	struct collection c;

	(void)state;
	put(f, id, (const char *const[]) { "Zardoz", "Heat", "Alien" }, 3);
	ask(f, "DELETE FROM items WHERE title = 'Zardoz'");
	assert_items(f, id, "Heat, Alien");
	item = items_json(f->db, number, &err);
	assert_string_equal(json_text(json_array_get(json_object_get(item, "collections"), 0), "name", ""),
			    "Night");
	test_ok(collections_find(f->db, "night", &arena, &c, &err), &err);
	assert_int_equal(c.id, id);
	test_ok(collections_remove(f->db, id, &err), &err);
	assert_int_equal(collections_remove(f->db, id, &err), -(int)ERR_NOT_FOUND);
	assert_list(f, "collection:night", "");
	assert_list(f, "alien", "Alien");
	fixture_free(f);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_ask_for_them),	    cmocka_unit_test(one_by_hand_has_an_order),
		cmocka_unit_test(one_filter_does_not_change_another),
		cmocka_unit_test(the_air_has_its_order),    cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(items_and_collections_go),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
