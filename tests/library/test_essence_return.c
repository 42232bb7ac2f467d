/* A film that was copied elsewhere and got other tags on the way: no byte says which it was, but its essence does. What it is
 * must follow, and what two files are that only look so must not be mixed. */
#include "lib/scan_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "library/essence_return.h"

#define DAY "86400000"

/* Two roots, and a film with an essence, a break point and a tag that somebody set. */
static struct fixture *one_film(void)
{
	struct fixture *f = fixture_new("movies");

	fixture_add_root(f, "second", "movies");
	put_file(f, "media/Heat (1995).mkv", "ok, heat");
	put_file(f, "media/Ronin (1998).mkv", "ok, ronin");
	put_file(f, "second/Other (1990).mkv", "ok, other");
	scan(f);
	ask(f, "UPDATE files SET essence_hash = 'heat' WHERE path = CAST('Heat (1995).mkv' AS BLOB) RETURNING id");
	ask(f, "INSERT INTO markers (item_id, start_ms) SELECT id, 600000 FROM items WHERE title = 'Heat' RETURNING id");
	ask(f, "INSERT INTO item_tags (item_id, tag) SELECT id, 'crime' FROM items WHERE title = 'Heat' RETURNING item_id");
	ask(f, "UPDATE items SET daypart = 'night' WHERE title = 'Heat' RETURNING id");
	return f;
}

static int64_t item_of(struct fixture *f, const char *path)
{
	char sql[200];

	snprintf(sql, sizeof(sql), "SELECT x.item_id FROM item_files x JOIN files f ON f.id = x.file_id WHERE f.path = CAST('%s' AS BLOB)", path);
	return ask(f, sql);
}

static int64_t heard(struct fixture *f, const char *path)
{
	struct err err = { 0 };
	char sql[200];
	int64_t count;

	snprintf(sql, sizeof(sql), "UPDATE files SET essence_hash = 'heat' WHERE path = CAST('%s' AS BLOB) RETURNING id", path);
	ask(f, sql);
	test_ok(essence_return_run(f->db, &count, &err), &err);
	return count;
}

static void expect_kept(struct fixture *f, int64_t item, const char *path)
{
	assert_int_equal(item_of(f, path), item);
	assert_int_equal(ask(f, "SELECT count(*) FROM items i JOIN markers m ON m.item_id = i.id JOIN item_tags t ON t.item_id = i.id "
				"WHERE i.daypart = 'night' AND m.start_ms = 600000 AND t.tag = 'crime'"),
			 1);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 3);
	assert_int_equal(ask(f, "SELECT count(*) FROM files"), 3);
	assert_int_equal(ask(f, "SELECT count(*) FROM item_search"), 3);
	scan(f);
	assert_int_equal(f->totals.added + f->totals.moved + f->totals.missing + f->totals.changed, 0);
}

static void it_follows_when_its_essence_comes(void **state)
{
	struct fixture *f = one_film();
	int64_t item = item_of(f, "Heat (1995).mkv");

	(void)state;
	ask(f, "INSERT INTO clips (key, file_id, in_flicks, frames, profile, fps_num, fps_den) "
	       "SELECT 'k', id, 0, 1, '720p', 25, 1 FROM files WHERE essence_hash = 'heat' RETURNING id");
	put_file(f, "second/Warmth (1996).mkv", "ok, heat, and other tags");
	remove_file(f, "media/Heat (1995).mkv");
	scan(f);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 4);
	assert_int_equal(heard(f, "Warmth (1996).mkv"), 1);
	assert_int_equal(ask(f, "SELECT file_id FROM clips"), ask(f, "SELECT id FROM files WHERE essence_hash = 'heat'"));
	expect_kept(f, item, "Warmth (1996).mkv");
	fixture_free(f);
}

/* The copy is made, looked at and heard; days later the old one goes. */
static void it_follows_when_the_old_one_goes(void **state)
{
	struct fixture *f = one_film();
	int64_t item = item_of(f, "Heat (1995).mkv");

	(void)state;
	ask(f, "UPDATE files SET added_ms = added_ms - 5 * " DAY " RETURNING id");
	put_file(f, "second/Warmth (1996).mkv", "ok, heat, and other tags");
	scan(f);
	assert_int_equal(heard(f, "Warmth (1996).mkv"), 0);
	remove_file(f, "media/Heat (1995).mkv");
	scan(f);
	expect_kept(f, item, "Warmth (1996).mkv");
	fixture_free(f);
}

/* Both were there from the first day; what one deletes by hand is not what became of the other. */
static void two_copies_are_two(void **state)
{
	struct fixture *f = one_film();

	(void)state;
	ask(f, "UPDATE files SET essence_hash = 'heat' WHERE path = CAST('Other (1990).mkv' AS BLOB) RETURNING id");
	remove_file(f, "media/Heat (1995).mkv");
	scan(f);
	assert_int_equal(heard(f, "Other (1990).mkv"), 0);
	assert_int_equal(ask(f, "SELECT count(*) FROM items"), 3);
	fixture_free(f);
}

/* Which of two it is cannot be known. */
static void of_two_new_ones_none(void **state)
{
	struct fixture *f = one_film();

	(void)state;
	put_file(f, "second/Warmth (1996).mkv", "ok, heat, and other tags");
	put_file(f, "second/Chill (1996).mkv", "ok, heat, and more other tags");
	remove_file(f, "media/Heat (1995).mkv");
	scan(f);
	ask(f, "UPDATE files SET essence_hash = 'heat' WHERE path = CAST('Chill (1996).mkv' AS BLOB) RETURNING id");
	assert_int_equal(heard(f, "Warmth (1996).mkv"), 0);
	fixture_free(f);
}

static void what_forbids_it(void **state)
{
	static const char *const sql[] = {
		"UPDATE items SET notes = 'mine' WHERE title = 'Warmth' RETURNING id",
		"UPDATE items SET source = 'manual' WHERE title = 'Warmth' RETURNING id",
		"INSERT INTO item_tags (item_id, tag) SELECT id, 'mine' FROM items WHERE title = 'Warmth' RETURNING item_id",
		"INSERT INTO markers (item_id, start_ms) SELECT id, 1 FROM items WHERE title = 'Warmth' RETURNING id",
		"INSERT INTO item_history (item_id, at_ms, who, what, before, after) SELECT id, 1, 'api', 'edit', '{}', '{}' FROM items WHERE "
		"title = 'Warmth' RETURNING id",
		"UPDATE roots SET state = 'missing' WHERE id = 1 RETURNING id",
		"UPDATE roots SET stalled_ms = 1 WHERE id = 1 RETURNING id",
		"INSERT INTO item_files (item_id, file_id, part) SELECT (SELECT id FROM items WHERE title = 'Heat'), id, 1 FROM files WHERE "
		"path = CAST('Ronin (1998).mkv' AS BLOB) RETURNING item_id",
		"UPDATE files SET essence_hash = 'heat' WHERE path = CAST('Ronin (1998).mkv' AS BLOB) RETURNING id",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sql) / sizeof(*sql); i++) {
		struct fixture *f = one_film();

		put_file(f, "second/Warmth (1996).mkv", "ok, heat, and other tags");
		remove_file(f, "media/Heat (1995).mkv");
		scan(f);
		assert_true(ask(f, sql[i]) > 0);
		if (heard(f, "Warmth (1996).mkv") != 0)
			fail_msg("they were mixed in spite of: %s", sql[i]);
		assert_int_equal(ask(f, "SELECT count(*) FROM items"), 4);
		fixture_free(f);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_follows_when_its_essence_comes), cmocka_unit_test(it_follows_when_the_old_one_goes),
		cmocka_unit_test(two_copies_are_two),		     cmocka_unit_test(of_two_new_ones_none),
		cmocka_unit_test(what_forbids_it),
	};

	return fixture_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
