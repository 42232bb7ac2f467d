/* Search as people type it: what comes first, for typos, initials, swapped words; and that it follows the
 * store. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "store/filing.h"
#include "store/items.h"
#include "store/search_fold.h"

static const struct {
	const char *kind, *title;
	int year;
} library[] = {
	{ "show", "The West Wing", 1999 },
	{ "show", "Game of Thrones", 2011 },
	{ "show", "The Wire", 2002 },
	{ "movie", "The Wizard of Oz", 1939 },
	{ "movie", "Gotham Nights", 1990 },
	{ "movie", "Forgotten", 2004 },
	{ "movie", "Schindler's List", 1993 },
	{ "movie", "Spider-Man: Homecoming", 2017 },
	{ "movie", "Spider-Man", 2002 },
	{ "movie", "The Amazing Spider-Man", 2012 },
	{ "movie", "Star Wars", 1977 },
	{ "movie", "Star Trek", 1979 },
	{ "movie", "Batman Begins", 2005 },
	{ "movie", "Am\xc3\xa9lie", 2001 },
	{ "movie", "Das Boot", 1981 },
	{ "movie", "M*A*S*H", 1970 },
	{ "movie", "The Lord of the Rings: The Two Towers", 2002 },
	{ "movie", "2001: A Space Odyssey", 1968 },
	{ "show", "Breaking Bad", 2008 },
	{ "movie", "Bad Boys", 1995 },
	{ "movie", "Heat", 1995 },
	{ "movie", "White Heat", 1949 },
	{ "movie", "The Heat of the Night in the City", 1967 },
	{ "show", "S.W.A.T.", 1975 },
	{ "movie", "Der Untergang", 2004 },
	{ "movie", "Singin' in the Rain", 1952 },
	{ "movie", "Casablanca", 1942 },
};

static const struct {
	const char *search, *first;
	bool fuzzy;
} asks[] = {
	{ "tww", "The West Wing", false },   /* initials */
	{ "got", "Game of Thrones", false }, /* before Gotham and Forgotten */
	{ "lotr", "The Lord of the Rings: The Two Towers", false },
	{ "bb", "Breaking Bad", false },
	{ "mash", "M*A*S*H", false },
	{ "swat", "S.W.A.T.", false },
	{ "wing west", "The West Wing", false }, /* swapped */
	{ "bad breaking", "Breaking Bad", false },
	{ "odyssey 2001", "2001: A Space Odyssey", false },
	{ "west wign", "The West Wing", true }, /* typos */
	{ "breking bad", "Breaking Bad", true },
	{ "game of thornes", "Game of Thrones", true },
	{ "casblanca", "Casablanca", true },
	{ "cassablanka", "Casablanca", true },
	{ "shindlers list", "Schindler's List", true },
	{ "teh wire", "The Wire", true },
	{ "wizzard oz", "The Wizard of Oz", true },
	{ "amelie", "Am\xc3\xa9lie", false }, /* accents, apostrophes, hyphens */
	{ "AM\xc3\x89LIE", "Am\xc3\xa9lie", false },
	{ "schindlers", "Schindler's List", false },
	{ "singin in the rain", "Singin' in the Rain", false },
	{ "spiderman", "Spider-Man", false },
	{ "spider man", "Spider-Man", false },
	{ "starwars", "Star Wars", true }, /* together and apart */
	{ "bat man", "Batman Begins", false },
	{ "heat", "Heat", false },	 /* the very title first */
	{ "the wi", "The Wire", false }, /* not finished yet */
	{ "star t", "Star Trek", false },
	{ "casab", "Casablanca", false },
	{ "heat 1949", "White Heat", false },
	{ "\"white heat\"", "White Heat", false },
	{ "spider kind:movie year:>2010", "Spider-Man: Homecoming", false },
	{ "wign kind:show", "The West Wing", true },
};

static int64_t put_item(struct fixture *f, const char *kind, const char *title, int year)
{
	struct item item = { .kind = kind,
			     .title = title,
			     .sort_title = title,
			     .year = year,
			     .season = -1,
			     .episode = -1,
			     .episode_last = -1,
			     .absolute_episode = -1,
			     .part = -1 };
	struct err err = { 0 };
	int64_t id;

	test_ok(filing_add(f->db, &item, &id, &err), &err);
	return id;
}

static json_t *find(struct fixture *f, const struct item_query *query)
{
	struct err err = { 0 };
	struct db *reader = store_reader(f->store, &err);
	json_t *list = reader ? items_list_json(reader, query, &err) : NULL;

	if (!list)
		fail_msg("%s: %s", query->search, err.text);
	return list;
}

static const char *title_at(const json_t *list, size_t at)
{
	return json_text(json_array_get(json_object_get(list, "items"), at), "title", "nothing");
}

static void the_best_comes_first(void **state)
{
	struct fixture *f = fixture_new("auto");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(library); i++)
		put_item(f, library[i].kind, library[i].title, library[i].year);
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		CLEANUP(json_cleanup)
		json_t *list = find(f, &(struct item_query) { .search = asks[i].search, .limit = 5 });

		if (strcmp(title_at(list, 0), asks[i].first) != 0 ||
		    json_flag(list, "fuzzy", false) != asks[i].fuzzy)
			fail_msg("'%s' brings '%s'%s, not '%s'", asks[i].search, title_at(list, 0),
				 json_flag(list, "fuzzy", false) ? " (alike)" : "", asks[i].first);
	}
	fixture_free(f);
}

static void what_is_not_there_is_not_found(void **state)
{
	static const char *const texts[] = { "zzzzqqq", "heat 1950", "xylophone wire",
					     "s09e99",	"1",	     "\"heat white\"" };
	struct fixture *f = fixture_new("auto");

	(void)state;
	put_item(f, "movie", "White Heat", 1949);
	put_item(f, "show", "The Wire", 2002);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(json_cleanup) json_t *list = find(f, &(struct item_query) { .search = texts[i] });

		if (json_int(list, "total", -1) != (strcmp(texts[i], "1") == 0))
			fail_msg("'%s' finds %s", texts[i], title_at(list, 0));
	}
	fixture_free(f);
}

static int64_t total(struct fixture *f, const char *search)
{
	CLEANUP(json_cleanup) json_t *list = find(f, &(struct item_query) { .search = search });

	return json_int(list, "total", -1);
}

static void the_search_follows_the_store(void **state)
{
	struct fixture *f = fixture_new("auto");
	struct item item = { 0 };
	struct arena arena = { 0 };
	struct err err = { 0 };
	int64_t heat = put_item(f, "movie", "Heat", 1995), id;

	(void)state;
	assert_int_equal(total(f, "heat"), 1);
	id = put_item(f, "movie", "White Heat", 1949);
	assert_int_equal(total(f, "heat"), 2);
	test_ok(items_get(f->db, id, &arena, &item, &err), &err);
	item.title = item.sort_title = "Cold";
	test_ok(filing_set(f->db, &item, &err), &err);
	assert_int_equal(total(f, "heat"), 1);
	assert_int_equal(total(f, "cold"), 1);
	ask(f, "INSERT INTO item_tags SELECT id, 'Pacino' FROM items WHERE title = 'Heat'");
	test_ok(search_update(f->db, heat, &err), &err);
	assert_int_equal(total(f, "pacino"), 1);
	test_ok(filing_prune(f->db, heat, &err), &err);
	assert_int_equal(total(f, "heat"), 0);
	test_ok(db_begin(f->db, &err), &err);
	put_item(f, "movie", "Taken back", 2000);
	db_rollback(f->db);
	assert_int_equal(total(f, "taken back"), 0);
	put_item(f, "movie", "Given", 2000);
	assert_int_equal(total(f, "given"), 1);
	arena_free(&arena);
	fixture_free(f);
}

static void pages_are_parts_of_one_list(void **state)
{
	struct fixture *f = fixture_new("auto");
	char seen[60] = { 0 };

	(void)state;
	for (int i = 0; i < 50; i++) {
		char title[40];

		snprintf(title, sizeof(title), "Station %02d", i * 7 % 50);
		put_item(f, i % 2 ? "movie" : "show", title, 1950 + i);
	}
	for (int offset = 0; offset < 50; offset += 8) {
		CLEANUP(json_cleanup)
		json_t *list =
			find(f, &(struct item_query) { .search = "station", .limit = 8, .offset = offset });

		assert_int_equal(json_int(list, "total", 0), 50);
		for (size_t i = 0; i < json_array_size(json_object_get(list, "items")); i++) {
			int n = 0;

			assert_int_equal(sscanf(title_at(list, i), "Station %d", &n), 1);
			assert_int_equal(seen[n]++, 0);
		}
	}
	for (int i = 0; i < 50; i++)
		assert_int_equal(seen[i], 1);
	for (size_t i = 0; i < 3; i++) {
		static const struct {
			const char *sort, *kind, *first;
		} orders[] = { { "title", NULL, "Station 00" },
			       { "year", NULL, "Station 43" },
			       { "title", "movie", "Station 01" } };
		CLEANUP(json_cleanup)
		json_t *list = find(f, &(struct item_query) { .search = "station",
							      .sort = orders[i].sort,
							      .kind = orders[i].kind,
							      .limit = 3 });

		assert_string_equal(title_at(list, 0), orders[i].first);
	}
	fixture_free(f);
}

static void words_are_folded(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "" },
		{ " - ", "" },
		{ "Spider-Man 2", "spider man +spiderman 2" },
		{ "M*A*S*H", "m a s h +mash" },
		{ "L'Avventura", "lavventura" },
		{ "\xc3\x84rger & \xc5\x81\xc3\xb3"
		  "d\xc5\xba \xc3\x9f",
		  "arger lodz ss" },
		{ "\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0",
		  "\xd0\xbc\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0" },
		{ "\xe4\xb8\x83\xe4\xba\xba\xe3\x81\xae\xe4\xbe\x8d",
		  "\xe4\xb8\x83\xe4\xba\xba\xe3\x81\xae\xe4\xbe\x8d" },
		{ "\xff\xfe", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct search_word words[8];
		size_t count = search_fold(rows[i].text, true, words, 8);
		CLEANUP(buf_free) struct buf text = { 0 };

		for (size_t j = 0; j < count; j++)
			buf_addf(&text, "%s%s%s", j ? " " : "", words[j].joined ? "+" : "", words[j].text);
		assert_string_equal(buf_text(&text), rows[i].words);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_comes_first),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(the_search_follows_the_store),
		cmocka_unit_test(pages_are_parts_of_one_list),
		cmocka_unit_test(words_are_folded),
	};

	return fixture_main(argc, argv, tests, ARRAY_LEN(tests));
}
